/*
 * Parking and waking. A task is woken by whoever first changes its claim from "armed";
 * the loser of that race does nothing. The winner hands the task to its own worker,
 * directly or through the inbox, and nobody else ever resumes it.
 */
#include <hoy/err.h>

#include "base/probe.h"
#include "task/native.h"
#include "task/runtime.h"
#include "task/scope.h"

struct hoy__task *hoy__self(void)
{
	struct hoy__worker *w = hoy__this;

	if (w)
		return w->current;
	return hoy__native_task();
}

void hoy__arm_locked(struct hoy__task *me)
{
	/* release: the waker writes me->next, which was read when the task was taken from an inbox */
	atomic_store_explicit(&me->claim, HOY__CLAIM_ARMED, memory_order_release);
}

void hoy__arm(struct hoy__task *me)
{
	hoy__arm_locked(me);
	/* what follows looks at the condition again: neither may overtake the other */
	atomic_thread_fence(memory_order_seq_cst);
}

bool hoy__disarm(struct hoy__task *me)
{
	int armed = HOY__CLAIM_ARMED;

	return atomic_compare_exchange_strong_explicit(&me->claim, &armed, HOY__CLAIM_IDLE, memory_order_relaxed,
						       memory_order_relaxed);
}

static void post(struct hoy__worker *to, struct hoy__task *task)
{
	struct hoy__task *first = atomic_load_explicit(&to->inbox, memory_order_relaxed);

	do
		task->next = first;
	while (!atomic_compare_exchange_weak(&to->inbox, &first, task));
	hoy__worker_nudge(to);
}

/* Armed for its own worker: the end of the run and timers wake it from there, and a lock's new user may share it meanwhile. */
COLD static bool claim_local(struct hoy__task *task, int code)
{
	int local = HOY__CLAIM_LOCAL, armed = HOY__CLAIM_ARMED;

	return task->worker == hoy__this &&
	       (atomic_compare_exchange_strong_explicit(&task->claim, &local, code, memory_order_relaxed, memory_order_relaxed) ||
		atomic_compare_exchange_strong_explicit(&task->claim, &armed, code, memory_order_relaxed, memory_order_relaxed));
}

bool hoy__wake(struct hoy__task *task, int code)
{
	int armed = HOY__CLAIM_ARMED;

	if (!atomic_compare_exchange_strong(&task->claim, &armed, code) &&
	    (armed != HOY__CLAIM_LOCAL || !claim_local(task, code)))
		return false;
	HOY__PROBE(wake, task->slot, code);
	if (task->worker == hoy__this)
		hoy__make_ready(task->worker, task);
	else
		post(task->worker, task);
	return true;
}

/* The timer may be armed already, for an earlier moment; then it looks at the deadline when it fires. */
COLD static void arm_timer(struct hoy__worker *w, struct hoy__task *task, int64_t deadline)
{
	if (hoy__heap_holds(&task->timer)) {
		if (task->timer.when <= deadline)
			return;
		hoy__heap_remove(&w->timers, &task->timer);
	}
	task->timer.when = deadline;
	hoy__heap_push(&w->timers, &task->timer);
}

static void note(struct hoy__task *task, int why, const void *object, int64_t since)
{
	atomic_store_explicit(&task->object, object, memory_order_relaxed);
	atomic_store_explicit(&task->since, since, memory_order_relaxed);
	atomic_store_explicit(&task->why, why, memory_order_relaxed);
}

static int park(struct hoy__worker *w, struct hoy__task *me, int64_t deadline)
{
	int code;

	hoy__set_deadline(me, deadline);
	if (deadline != HOY__NEVER)
		arm_timer(w, me, deadline);
	hoy__suspend(w, me);
	atomic_store_explicit(&me->why, HOY__WHY_NONE, memory_order_relaxed);
	/* what was done before the wake-up is seen since the task was taken from the inbox */
	code = atomic_load_explicit(&me->claim, memory_order_relaxed);
	atomic_store_explicit(&me->claim, HOY__CLAIM_IDLE, memory_order_relaxed);
	return code;
}

/* The armed task has scopes, or the run is ending: its wait ends when one of them is over, if that is before *until. */
static void limit_by_scopes(struct hoy__task *me, int64_t *until)
{
	/* pairs with the fence in hoy__scope_mark: either the check finds the scope cancelled, or the canceller finds the task armed */
	atomic_thread_fence(memory_order_seq_cst);
	if (hoy__scope_check(me, until) < 0)
		hoy__wake(me, HOY_ECANCELED);
}

/* The timer has fired for a scope's deadline, not for the call's own. */
COLD static int scope_expired(struct hoy__task *me)
{
	int64_t until = HOY__NEVER;

	return hoy__scope_check(me, &until);
}

int hoy__park(enum hoy__why why, const void *object, int64_t deadline)
{
	struct hoy__worker *w = hoy__this;
	struct hoy__task *me = w->current;
	int64_t until = deadline;
	int code;

	HOY__PROBE(park, me->slot, why, object, deadline);
	note(me, why, object, w->now);
	me->accepted = false;
	if ((w->canceled || me->scoped) && !(why & HOY__WHY_MORTAL))
		limit_by_scopes(me, &until);
	code = park(w, me, until);
	return code == HOY_ETIMEOUT && until < deadline ? scope_expired(me) : code;
}

int64_t hoy__coarse_now(void)
{
	return hoy__this && !hoy__this->native ? hoy__this->now : hoy__os_monotonic();
}

RETURNS_BY_JUMP void hoy_yield(void)
{
	struct hoy__worker *w = hoy__this;

	if (!w || (w->unusual && w->native)) {
		sched_yield();
		return;
	}
	note(w->current, HOY__WHY_YIELD, NULL, w->now);
	hoy__make_ready(w, w->current);
	hoy__suspend(w, w->current);
	atomic_store_explicit(&w->current->why, HOY__WHY_NONE, memory_order_relaxed);
}

COLD static void yield_seldom(void)
{
	hoy_yield();
}

void hoy__spend(void)
{
	struct hoy__worker *w = hoy__this;

	if (w && hoy__has_spent(w))
		yield_seldom();
}

unsigned hoy__others_ready(void)
{
	struct hoy__worker *w = hoy__this;

	if (!w || w->native)
		return 0;
	return w->ready.tail - w->ready.head + atomic_load_explicit(&w->fresh.count, memory_order_relaxed);
}

void hoy__note_accept(void)
{
	if (hoy__this && hoy__this->current)
		hoy__this->current->accepted = true;
}
