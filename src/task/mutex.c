/*
 * A mutex, whose queue holds records on the waiters' stacks.
 *
 * An unlocked mutex belongs to the first that comes, which is usually a task that runs: the waiter that was woken for it may
 * need microseconds to get a CPU, and tries again then. Only a waiter that has waited a millisecond is handed the mutex.
 */
#include <assert.h>
#include <stdatomic.h>

#include <hoy/sync.h>

#include "base/base.h"
#include "base/spin.h"
#include "os/os.h"
#include "task/mutex.h"
#include "task/waiters.h"
#include "task/worker.h"

/* The bits of a mutex's state. QUEUED and WOKEN change under the guard. */
enum {
	LOCKED = 1,
	QUEUED = 2,	/* its queue is not empty */
	WOKEN = 4	/* a waiter was woken and has not tried yet, so no other needs to be */
};

#define FAIR_AFTER HOY_MILLISECOND

struct locker {
	struct hoy__waiter waiter;
	int64_t since;		/* when it was queued first */
	bool handed;		/* woken as the owner */
};

static _Atomic uint32_t *word(uint32_t *plain)
{
	return (_Atomic uint32_t *)plain;
}

static atomic_uint *guard_of(uint32_t *plain)
{
	return (atomic_uint *)plain;
}

bool hoy__mutex_is_locked(const hoy_mutex *copy)
{
	return copy->state & LOCKED;
}

/* The mutex is ours. A thread that has never waited has no record, and is not known. */
static void own(hoy_mutex *m)
{
	m->owner = hoy__this ? hoy__this->current : NULL;
}

int hoy_mutex_try_lock(hoy_mutex *m)
{
	uint32_t s = 0;

	do {
		if (atomic_compare_exchange_strong_explicit(word(&m->state), &s, s | LOCKED, memory_order_acquire,
							    memory_order_relaxed)) {
			own(m);
			return 1;
		}
	} while (!(s & LOCKED));
	return 0;
}

/* One step for all bits: an unlock beside it sees either a waiter that will try again or one in the queue. */
static bool take_or_queue(hoy_mutex *m, struct locker *me, bool woken)
{
	uint32_t s, next;

	hoy__spin_lock(guard_of(&m->guard));
	s = atomic_load_explicit(word(&m->state), memory_order_relaxed);
	do
		next = (s | (s & LOCKED ? QUEUED : LOCKED)) & ~(uint32_t)(woken ? WOKEN : 0);
	while (!atomic_compare_exchange_weak_explicit(word(&m->state), &s, next, memory_order_acquire, memory_order_relaxed));
	if (s & LOCKED) {
		atomic_store_explicit(&me->waiter.granted, 0, memory_order_relaxed);
		(woken ? hoy__waiters_prepend : hoy__waiters_append)(&m->head, &m->tail, &me->waiter);
	}
	hoy__spin_unlock(guard_of(&m->guard));
	return !(s & LOCKED);
}

/* False: it was woken meanwhile. */
static bool withdraw(hoy_mutex *m, struct locker *me)
{
	bool queued;

	hoy__spin_lock(guard_of(&m->guard));
	queued = hoy__waiters_remove(&m->head, &m->tail, &me->waiter);
	if (!m->head)
		atomic_fetch_and_explicit(word(&m->state), ~(uint32_t)QUEUED, memory_order_relaxed);
	hoy__spin_unlock(guard_of(&m->guard));
	if (!queued)
		hoy__waiter_wait(&me->waiter, HOY__WHY_MUTEX, m);
	return queued;
}

/* Who was woken tries once more before giving up: nobody else has been woken for the mutex. */
static int lock(hoy_mutex *m, int why, int64_t until)
{
	struct locker me = { .handed = false };

	/* without memory for a poller a thread can only try again */
	while (!(me.waiter.task = hoy__self()))
		if (hoy_mutex_try_lock(m))
			return 0;
	me.since = hoy__os_monotonic();
	for (bool woken = false; !take_or_queue(m, &me, woken); woken = true) {
		int code = hoy__waiter_wait_until(&me.waiter, (enum hoy__why)why, m, until);

		if (code < 0 && withdraw(m, &me))
			return code;
		if (me.handed)
			break;
	}
	own(m);
	return 0;
}

void hoy_mutex_lock(hoy_mutex *m)
{
	if (!hoy_mutex_try_lock(m))
		lock(m, HOY__WHY_MUTEX | HOY__WHY_MORTAL, HOY__NEVER);
}

int hoy_mutex_lock_until(hoy_mutex *m, hoy_time deadline)
{
	return hoy_mutex_try_lock(m) ? 0 : lock(m, HOY__WHY_MUTEX, hoy__deadline_of(deadline));
}

/*
 * The waiter to be woken, with the guard held. NULL, and the guard is not held: the last one has given up since, and an
 * unlocked mutex could be freed under its guard, so unlocking begins anew.
 */
static struct locker *first_in_queue(hoy_mutex *m)
{
	struct hoy__waiter *first;

	hoy__spin_lock(guard_of(&m->guard));
	if ((first = hoy__waiters_first(&m->head, &m->tail)))
		return container_of(first, struct locker, waiter);
	hoy__spin_unlock(guard_of(&m->guard));
	return NULL;
}

/*
 * False: there is a waiter to be woken first. A waiter that has been woken may be ready behind this task on its worker, so
 * unlocking then counts as an operation, after some of which a task gives way.
 */
static bool unlock_at_once(hoy_mutex *m)
{
	uint32_t s = LOCKED;

	do {
		if (atomic_compare_exchange_strong_explicit(word(&m->state), &s, s & ~(uint32_t)LOCKED, memory_order_release,
							    memory_order_relaxed)) {
			if (s & WOKEN)
				hoy__spend();
			return true;
		}
		assert(s & LOCKED);
	} while (!(s & QUEUED) || s & WOKEN);
	return false;
}

/* The mutex is not touched after the last unlocking, since its next owner may free it. */
void hoy_mutex_unlock(hoy_mutex *m)
{
	struct locker *first;

	do
		if (unlock_at_once(m))
			return;
	while (!(first = first_in_queue(m)));
	first->handed = hoy__os_monotonic() - first->since >= FAIR_AFTER;
	atomic_store_explicit(word(&m->state), (m->head ? QUEUED : 0) | (first->handed ? LOCKED : WOKEN), memory_order_release);
	hoy__spin_unlock(guard_of(&m->guard));
	hoy__waiter_grant(&first->waiter);
}
