/* A semaphore: permits, or else the queue of those who want one. Never both, so a permit is nobody's only for an instant. */
#include <errno.h>

#include <hoy/sync.h>

#include "base/base.h"
#include "base/spin.h"
#include "task/waiters.h"

static atomic_uint *guard_of(hoy_sem *s)
{
	return (atomic_uint *)&s->guard;
}

static bool take(hoy_sem *s)
{
	if (s->permits == 0)
		return false;
	s->permits--;
	return true;
}

int hoy_sem_try_wait(hoy_sem *s)
{
	bool taken;

	hoy__spin_lock(guard_of(s));
	taken = take(s);
	hoy__spin_unlock(guard_of(s));
	return taken ? 0 : -EAGAIN;
}

/* Granted meanwhile: 0, the permit is ours. */
static int give_up(hoy_sem *s, struct hoy__waiter *me, int code)
{
	bool queued;

	hoy__spin_lock(guard_of(s));
	queued = hoy__waiters_remove(&s->head, &s->tail, me);
	hoy__spin_unlock(guard_of(s));
	if (queued)
		return code;
	hoy__waiter_wait(me, HOY__WHY_SEMAPHORE, s);
	return 0;
}

int hoy_sem_wait_until(hoy_sem *s, hoy_time deadline)
{
	struct hoy__waiter me = { .task = hoy__self() };
	bool taken;
	int code;

	if (!me.task)
		return hoy__self_failure();
	hoy__spin_lock(guard_of(s));
	if (!(taken = take(s)))
		hoy__waiters_append(&s->head, &s->tail, &me);
	hoy__spin_unlock(guard_of(s));
	if (taken)
		return 0;
	code = hoy__waiter_wait_until(&me, HOY__WHY_SEMAPHORE, s, hoy__deadline_of(deadline));
	return code < 0 ? give_up(s, &me, code) : 0;
}

int hoy_sem_wait(hoy_sem *s)
{
	return hoy_sem_wait_until(s, (hoy_time){ 0 });
}

void hoy_sem_post(hoy_sem *s)
{
	struct hoy__waiter *first;

	hoy__spin_lock(guard_of(s));
	first = hoy__waiters_first(&s->head, &s->tail);
	s->permits += !first;
	hoy__spin_unlock(guard_of(s));
	if (first)
		hoy__waiter_grant(first);
}
