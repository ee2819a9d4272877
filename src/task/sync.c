/*
 * A mutex and a wait group. Their queues hold records on the waiters' stacks; a plain thread waits like a task.
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
#include "task/waiters.h"

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

int hoy_mutex_try_lock(hoy_mutex *m)
{
	uint32_t s = 0;

	do {
		if (atomic_compare_exchange_strong_explicit(word(&m->state), &s, s | LOCKED, memory_order_acquire,
							    memory_order_relaxed))
			return 1;
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
		atomic_store(&me->waiter.granted, 0);
		(woken ? hoy__waiters_prepend : hoy__waiters_append)(&m->head, &m->tail, &me->waiter);
	}
	hoy__spin_unlock(guard_of(&m->guard));
	return !(s & LOCKED);
}

void hoy_mutex_lock(hoy_mutex *m)
{
	struct locker me = { .handed = false };

	if (hoy_mutex_try_lock(m))
		return;
	/* without memory for a poller a thread can only try again */
	while (!(me.waiter.task = hoy__self()))
		if (hoy_mutex_try_lock(m))
			return;
	me.since = hoy__os_monotonic();
	for (bool woken = false; !take_or_queue(m, &me, woken); woken = true) {
		hoy__waiter_wait(&me.waiter, HOY__WHY_MUTEX, m);
		if (me.handed)
			return;
	}
}

/* The mutex is not touched after the last unlocking, since its next owner may free it. */
void hoy_mutex_unlock(hoy_mutex *m)
{
	uint32_t s = LOCKED;
	struct locker *first;

	do {
		if (atomic_compare_exchange_strong_explicit(word(&m->state), &s, s & ~(uint32_t)LOCKED, memory_order_release,
							    memory_order_relaxed))
			return;
		assert(s & LOCKED);
	} while (!(s & QUEUED) || s & WOKEN);
	hoy__spin_lock(guard_of(&m->guard));
	first = container_of(hoy__waiters_first(&m->head, &m->tail), struct locker, waiter);
	first->handed = hoy__os_monotonic() - first->since >= FAIR_AFTER;
	atomic_store(word(&m->state), (m->head ? QUEUED : 0) | (first->handed ? LOCKED : WOKEN));
	hoy__spin_unlock(guard_of(&m->guard));
	hoy__waiter_grant(&first->waiter);
}

static _Atomic int64_t *count_of(hoy_wait_group *g)
{
	return (_Atomic int64_t *)&g->count;
}

/*
 * The last one out may find the group gone right after it let the waiters see 0: so the
 * count falls to 0, and the queue is taken, under the guard, and nothing is touched after.
 */
void hoy_wait_group_add(hoy_wait_group *g, int n)
{
	struct hoy__waiter *w = NULL, *next;
	int64_t left;

	hoy__spin_lock(guard_of(&g->guard));
	left = atomic_load_explicit(count_of(g), memory_order_relaxed) + n;
	assert(left >= 0);
	atomic_store_explicit(count_of(g), left, memory_order_relaxed);
	if (left == 0) {
		w = g->head;
		g->head = g->tail = NULL;
	}
	hoy__spin_unlock(guard_of(&g->guard));
	for (; w; w = next) {
		next = w->next;
		hoy__waiter_grant(w);
	}
}

void hoy_wait_group_done(hoy_wait_group *g)
{
	hoy_wait_group_add(g, -1);
}

void hoy_wait_group_wait(hoy_wait_group *g)
{
	struct hoy__waiter me = { .granted = 0 };
	bool none;

	while (!(me.task = hoy__self()))
		sched_yield();
	hoy__spin_lock(guard_of(&g->guard));
	none = atomic_load_explicit(count_of(g), memory_order_relaxed) == 0;
	if (!none)
		hoy__waiters_append(&g->head, &g->tail, &me);
	hoy__spin_unlock(guard_of(&g->guard));
	if (!none)
		hoy__waiter_wait(&me, HOY__WHY_WAIT_GROUP, g);
}
