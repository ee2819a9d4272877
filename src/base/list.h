/*
 * A doubly linked list through records. The head is a link of its own, so that adding
 * and removing have no special cases; a link that is in no list points nowhere.
 *
 *	for (struct hoy__link *l = list.next; l != &list; l = l->next)
 *		use(container_of(l, struct thing, link));
 */
#ifndef HOY_BASE_LIST_H
#define HOY_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct hoy__link {
	struct hoy__link *next, *prev;
};

static inline void hoy__list_init(struct hoy__link *list)
{
	list->next = list->prev = list;
}

static inline bool hoy__list_empty(const struct hoy__link *list)
{
	return list->next == list;
}

static inline bool hoy__list_holds(const struct hoy__link *link)
{
	return link->next != NULL;
}

static inline void hoy__list_insert(struct hoy__link *before, struct hoy__link *link)
{
	link->next = before;
	link->prev = before->prev;
	before->prev->next = link;
	before->prev = link;
}

static inline void hoy__list_push(struct hoy__link *list, struct hoy__link *link)
{
	hoy__list_insert(list, link);
}

static inline void hoy__list_push_front(struct hoy__link *list, struct hoy__link *link)
{
	hoy__list_insert(list->next, link);
}

/* Nothing when it is in no list. */
static inline void hoy__list_remove(struct hoy__link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = NULL;
}

/* Takes the oldest out; NULL when there is none. */
static inline struct hoy__link *hoy__list_pop(struct hoy__link *list)
{
	struct hoy__link *first = list->next;

	if (first == list)
		return NULL;
	hoy__list_remove(first);
	return first;
}

#endif
