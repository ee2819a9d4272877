/*
 * A lock for many readers or one writer, in the order of their coming: once a writer waits, later readers wait behind it.
 * Who unlocks hands the lock to the first in the queue, with all readers up to the next writer.
 */
#include <assert.h>
#include <errno.h>

#include <hoy/sync.h>

#include "base/base.h"
#include "base/spin.h"
#include "task/waiters.h"
#include "task/worker.h"

struct locker {
	struct hoy__waiter waiter;
	bool writes;
};

static atomic_uint *guard_of(hoy_rwlock *l)
{
	return (atomic_uint *)&l->guard;
}

static struct locker *locker_of(struct hoy__waiter *w)
{
	return container_of(w, struct locker, waiter);
}

/* Under the guard: takes the lock if nothing but the queue is in the way. */
static bool take(hoy_rwlock *l, bool writes, struct hoy__task *task)
{
	if (l->writer || (writes && l->readers))
		return false;
	if (writes) {
		l->writer = 1;
		l->owner = task;
	} else {
		l->readers++;
	}
	return true;
}

/* Under the guard: those whose turn it is have the lock from now on, and are to be woken. */
static struct hoy__waiter *take_for_queue(hoy_rwlock *l)
{
	struct hoy__waiter *woken = NULL, **last = &woken;

	while (l->head && take(l, locker_of(l->head)->writes, ((struct hoy__waiter *)l->head)->task)) {
		*last = hoy__waiters_first(&l->head, &l->tail);
		last = &(*last)->next;
	}
	*last = NULL;
	return woken;
}

static void wake(struct hoy__waiter *w)
{
	struct hoy__waiter *next;

	for (; w; w = next) {
		next = w->next;
		hoy__waiter_grant(w);
	}
}

/* Granted meanwhile: 0, the lock is ours. Otherwise those behind may have waited for us only. */
static int give_up(hoy_rwlock *l, struct hoy__waiter *me, int code)
{
	struct hoy__waiter *woken = NULL;
	bool queued;

	hoy__spin_lock(guard_of(l));
	if ((queued = hoy__waiters_remove(&l->head, &l->tail, me)))
		woken = take_for_queue(l);
	hoy__spin_unlock(guard_of(l));
	wake(woken);
	if (queued)
		return code;
	hoy__waiter_wait(me, HOY__WHY_RWLOCK, l);
	return 0;
}

static bool try_lock(hoy_rwlock *l, bool writes)
{
	bool taken;

	hoy__spin_lock(guard_of(l));
	taken = !l->head && take(l, writes, hoy__this ? hoy__this->current : NULL);
	hoy__spin_unlock(guard_of(l));
	return taken;
}

static int lock(hoy_rwlock *l, bool writes, int why, int64_t until)
{
	struct locker me = { .writes = writes };
	bool taken;
	int code;

	while (!(me.waiter.task = hoy__self()))		/* without memory for a poller a thread can only try again */
		if (try_lock(l, writes))
			return 0;
	hoy__spin_lock(guard_of(l));
	if (!(taken = !l->head && take(l, writes, me.waiter.task)))
		hoy__waiters_append(&l->head, &l->tail, &me.waiter);
	hoy__spin_unlock(guard_of(l));
	if (taken)
		return 0;
	code = hoy__waiter_wait_until(&me.waiter, (enum hoy__why)why, l, until);
	return code < 0 ? give_up(l, &me.waiter, code) : 0;
}

void hoy_rwlock_lock(hoy_rwlock *l)
{
	lock(l, true, HOY__WHY_RWLOCK | HOY__WHY_MORTAL, HOY__NEVER);
}

void hoy_rwlock_read_lock(hoy_rwlock *l)
{
	lock(l, false, HOY__WHY_RWLOCK | HOY__WHY_MORTAL, HOY__NEVER);
}

int hoy_rwlock_lock_until(hoy_rwlock *l, hoy_time deadline)
{
	return lock(l, true, HOY__WHY_RWLOCK, hoy__deadline_of(deadline));
}

int hoy_rwlock_read_lock_until(hoy_rwlock *l, hoy_time deadline)
{
	return lock(l, false, HOY__WHY_RWLOCK, hoy__deadline_of(deadline));
}

int hoy_rwlock_try_lock(hoy_rwlock *l)
{
	return try_lock(l, true);
}

int hoy_rwlock_try_read_lock(hoy_rwlock *l)
{
	return try_lock(l, false);
}

static void release(hoy_rwlock *l, bool writes)
{
	struct hoy__waiter *woken;

	hoy__spin_lock(guard_of(l));
	assert(writes ? l->writer : l->readers);
	if (writes)
		l->writer = 0;
	else
		l->readers--;
	woken = take_for_queue(l);
	hoy__spin_unlock(guard_of(l));
	wake(woken);
}

void hoy_rwlock_unlock(hoy_rwlock *l)
{
	release(l, true);
}

void hoy_rwlock_read_unlock(hoy_rwlock *l)
{
	release(l, false);
}
