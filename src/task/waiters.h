/* A queue of waiting tasks and threads; its owner's guard protects it. */
#ifndef HOY_TASK_WAITERS_H
#define HOY_TASK_WAITERS_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/moment.h"
#include "task/park.h"

struct hoy__waiter {		/* on the stack of whoever waits */
	struct hoy__waiter *next;
	struct hoy__task *task;
	_Atomic int granted;
};

static inline void hoy__waiters_append(void **head, void **tail, struct hoy__waiter *w)
{
	w->next = NULL;
	if (*tail)
		((struct hoy__waiter *)*tail)->next = w;
	else
		*head = w;
	*tail = w;
}

static inline void hoy__waiters_prepend(void **head, void **tail, struct hoy__waiter *w)
{
	if (!(w->next = *head))
		*tail = w;
	*head = w;
}

static inline struct hoy__waiter *hoy__waiters_first(void **head, void **tail)
{
	struct hoy__waiter *w = *head;

	if (w && !(*head = w->next))
		*tail = NULL;
	return w;
}

/* After this w may be gone: the task is woken by a pointer read before. */
static inline void hoy__waiter_grant(struct hoy__waiter *w)
{
	struct hoy__task *task = w->task;

	atomic_store(&w->granted, 1);
	hoy__wake(task, 0);
}

/* False: it was not in the queue, so its grant is on its way, and must be waited for before the record goes. */
static inline bool hoy__waiters_remove(void **head, void **tail, struct hoy__waiter *w)
{
	struct hoy__waiter *before = NULL, *at = *head;

	for (; at && at != w; at = at->next)
		before = at;
	if (!at)
		return false;
	if (before)
		before->next = w->next;
	else
		*head = w->next;
	if (*tail == w)
		*tail = before;
	return true;
}

/*
 * Parks until granted: 0; wake-ups may be stale, grants are not. Or why the wait ended without that: the caller takes the
 * waiter out of its queue, and looks whether it was still there.
 */
static inline int hoy__waiter_wait_until(struct hoy__waiter *w, enum hoy__why why, const void *object, int64_t until)
{
	int code = 0;

	while (code == 0 && !atomic_load_explicit(&w->granted, memory_order_relaxed)) {
		hoy__arm(w->task);
		if (atomic_load_explicit(&w->granted, memory_order_acquire) && hoy__disarm(w->task))
			return 0;
		code = hoy__park(why, object, until);
	}
	return atomic_load_explicit(&w->granted, memory_order_acquire) ? 0 : code;
}

/* However long it takes. */
static inline void hoy__waiter_wait(struct hoy__waiter *w, enum hoy__why why, const void *object)
{
	hoy__waiter_wait_until(w, (enum hoy__why)(why | HOY__WHY_MORTAL), object, HOY__NEVER);
}

#endif
