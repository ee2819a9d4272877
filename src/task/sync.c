/*
 * The mutex is one word: 0 free, 1 held, 2 held and somebody queued. Whoever unlocks a
 * contended one hands it to the first in the queue, so nobody starves. The queues hold
 * records on the waiters' stacks; a plain thread waits like a task.
 */
#include <assert.h>
#include <stdatomic.h>

#include <hoy/sync.h>

#include "base/spin.h"
#include "task/waiters.h"

enum { FREE, HELD, CONTENDED };

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
	uint32_t expected = FREE;

	return atomic_compare_exchange_strong_explicit(word(&m->state), &expected, HELD, memory_order_acquire,
						       memory_order_relaxed);
}

void hoy_mutex_lock(hoy_mutex *m)
{
	struct hoy__waiter me = { .granted = 0 };

	if (hoy_mutex_try_lock(m))
		return;
	/* without memory for a poller a thread can only try again */
	while (!(me.task = hoy__self()))
		if (hoy_mutex_try_lock(m))
			return;
	hoy__spin_lock(guard_of(&m->guard));
	if (atomic_exchange(word(&m->state), CONTENDED) == FREE) {
		atomic_store(word(&m->state), m->head ? CONTENDED : HELD);
		hoy__spin_unlock(guard_of(&m->guard));
		return;
	}
	hoy__waiters_append(&m->head, &m->tail, &me);
	hoy__spin_unlock(guard_of(&m->guard));
	hoy__waiter_wait(&me, HOY__WHY_MUTEX, m);
}

void hoy_mutex_unlock(hoy_mutex *m)
{
	uint32_t expected = HELD;
	struct hoy__waiter *first;

	if (atomic_compare_exchange_strong_explicit(word(&m->state), &expected, FREE, memory_order_release,
						    memory_order_relaxed))
		return;
	assert(expected == CONTENDED);
	hoy__spin_lock(guard_of(&m->guard));
	first = hoy__waiters_first(&m->head, &m->tail);
	if (!m->head)
		atomic_store(word(&m->state), first ? HELD : FREE);
	hoy__spin_unlock(guard_of(&m->guard));
	if (first)
		hoy__waiter_grant(first);
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
