/* A wait group: a count, and those who wait until it is 0. */
#include <assert.h>
#include <stdatomic.h>

#include <hoy/sync.h>

#include "base/base.h"
#include "base/spin.h"
#include "task/waiters.h"

static atomic_uint *guard_of(uint32_t *plain)
{
	return (atomic_uint *)plain;
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

/* True: the count is 0, or has been since. */
static bool withdraw(hoy_wait_group *g, struct hoy__waiter *me)
{
	bool queued;

	hoy__spin_lock(guard_of(&g->guard));
	queued = hoy__waiters_remove(&g->head, &g->tail, me);
	hoy__spin_unlock(guard_of(&g->guard));
	if (!queued)
		hoy__waiter_wait(me, HOY__WHY_WAIT_GROUP, g);
	return !queued;
}

static int wait_until(hoy_wait_group *g, int why, int64_t until)
{
	struct hoy__waiter me = { .granted = 0 };
	bool none;
	int code = 0;

	while (!(me.task = hoy__self()))
		sched_yield();
	hoy__spin_lock(guard_of(&g->guard));
	none = atomic_load_explicit(count_of(g), memory_order_relaxed) == 0;
	if (!none)
		hoy__waiters_append(&g->head, &g->tail, &me);
	hoy__spin_unlock(guard_of(&g->guard));
	if (!none)
		code = hoy__waiter_wait_until(&me, (enum hoy__why)why, g, until);
	return code < 0 && withdraw(g, &me) ? 0 : code;
}

void hoy_wait_group_wait(hoy_wait_group *g)
{
	wait_until(g, HOY__WHY_WAIT_GROUP | HOY__WHY_MORTAL, HOY__NEVER);
}

int hoy_wait_group_wait_until(hoy_wait_group *g, hoy_time deadline)
{
	return wait_until(g, HOY__WHY_WAIT_GROUP, hoy__deadline_of(deadline));
}
