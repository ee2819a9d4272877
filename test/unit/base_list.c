/* The list: first in, first out, and out of the middle. */
#include "base/list.h"

#include "base/base.h"
#include "../t.h"

struct thing {
	int id;
	struct hoy__link link;
};

/* The ids in order, as text. */
static const char *ids(const struct hoy__link *list, char buf[32])
{
	size_t n = 0;

	for (struct hoy__link *l = list->next; l != list; l = l->next)
		buf[n++] = (char)('0' + container_of(l, struct thing, link)->id);
	buf[n] = 0;
	return buf;
}

TEST(queue_and_middle)
{
	struct thing things[6];
	struct hoy__link list;
	char buf[32];

	hoy__list_init(&list);
	CHECK(hoy__list_empty(&list));
	CHECK(hoy__list_pop(&list) == NULL);
	for (int i = 0; i < 6; i++) {
		things[i] = (struct thing){ .id = i };
		CHECK(!hoy__list_holds(&things[i].link));
		hoy__list_push(&list, &things[i].link);
		CHECK(hoy__list_holds(&things[i].link));
	}
	CHECK_STR(ids(&list, buf), "012345", "pushed");
	hoy__list_remove(&things[3].link);
	hoy__list_remove(&things[3].link);	/* nothing the second time */
	CHECK(!hoy__list_holds(&things[3].link));
	CHECK_STR(ids(&list, buf), "01245", "middle removed");
	CHECK(hoy__list_pop(&list) == &things[0].link);
	hoy__list_remove(&things[5].link);
	hoy__list_push_front(&list, &things[3].link);
	hoy__list_insert(&things[2].link, &things[0].link);
	CHECK_STR(ids(&list, buf), "31024", "front and before");
	while (hoy__list_pop(&list))
		continue;
	CHECK(hoy__list_empty(&list));
}
