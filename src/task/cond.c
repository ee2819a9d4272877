/* A condition: a queue of those who have let a mutex go until something under it has changed. */
#include <hoy/sync.h>

#include "base/base.h"
#include "base/spin.h"
#include "task/waiters.h"

static atomic_uint *guard_of(hoy_cond *c)
{
	return (atomic_uint *)&c->guard;
}

/* Granted meanwhile: 0, and the grant is absorbed. */
static int give_up(hoy_cond *c, struct hoy__waiter *me, int code)
{
	bool queued;

	hoy__spin_lock(guard_of(c));
	queued = hoy__waiters_remove(&c->head, &c->tail, me);
	hoy__spin_unlock(guard_of(c));
	if (queued)
		return code;
	hoy__waiter_wait(me, HOY__WHY_COND, c);
	return 0;
}

int hoy_cond_wait_until(hoy_cond *c, hoy_mutex *m, hoy_time deadline)
{
	struct hoy__waiter me = { .task = hoy__self() };
	int code;

	if (!me.task)
		return hoy__self_failure();
	hoy__spin_lock(guard_of(c));
	hoy__waiters_append(&c->head, &c->tail, &me);
	hoy__spin_unlock(guard_of(c));
	hoy_mutex_unlock(m);
	code = hoy__waiter_wait_until(&me, HOY__WHY_COND, c, hoy__deadline_of(deadline));
	if (code < 0)
		code = give_up(c, &me, code);
	hoy_mutex_lock(m);
	return code;
}

int hoy_cond_wait(hoy_cond *c, hoy_mutex *m)
{
	return hoy_cond_wait_until(c, m, (hoy_time){ 0 });
}

void hoy_cond_signal(hoy_cond *c)
{
	struct hoy__waiter *first;

	hoy__spin_lock(guard_of(c));
	first = hoy__waiters_first(&c->head, &c->tail);
	hoy__spin_unlock(guard_of(c));
	if (first)
		hoy__waiter_grant(first);
}

void hoy_cond_broadcast(hoy_cond *c)
{
	struct hoy__waiter *w, *next;

	hoy__spin_lock(guard_of(c));
	w = c->head;
	c->head = c->tail = NULL;
	hoy__spin_unlock(guard_of(c));
	for (; w; w = next) {
		next = w->next;
		hoy__waiter_grant(w);
	}
}
