/* A queue of waiting tasks and threads; its owner's guard protects it. */
#ifndef HOY_TASK_WAITERS_H
#define HOY_TASK_WAITERS_H

#include <stdatomic.h>
#include <stddef.h>

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

/* Parks until granted; wake-ups may be stale, grants are not. */
static inline void hoy__waiter_wait(struct hoy__waiter *w, enum hoy__why why, const void *object)
{
	while (!atomic_load(&w->granted)) {
		hoy__arm(w->task);
		if (atomic_load(&w->granted) && hoy__disarm(w->task))
			return;
		hoy__park((enum hoy__why)(why | HOY__WHY_MORTAL), object, HOY__NEVER);
	}
}

#endif
