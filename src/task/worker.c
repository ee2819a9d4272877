/*
 * The loop of one worker: run what is ready, look for more, sleep when there is none.
 * I/O and timers are looked at after 61 switches or 100 microseconds, whichever comes
 * first, so that neither busy tasks nor busy descriptors starve the others.
 */
#include <string.h>

#include <hoy/err.h>

#include "base/moment.h"
#include "task/busywait.h"
#include "task/lookout.h"
#include "task/runtime.h"
#include "task/source.h"
#include "task/switch.h"
#include "task/timer.h"

enum {
	SWITCHES = 61,			/* between two polls */
	STALL = 200,			/* slices of 100 us: a task that runs longer held everybody up */
	FEW = 8,			/* short tasks between two looks at the time */
	LEAST = 16			/* events that a poll takes, however many tasks are ready */
};

#define SWEEP_AFTER (1000 * 1000 * INT64_C(1000))
#define SWEEP_AGAIN (5 * 1000 * INT64_C(1000))

_Thread_local struct hoy__worker *hoy__this;

/* Twice the room, in place: what had wrapped around moves behind the old end. */
void hoy__ring_fit(struct hoy__ring *r, uint32_t tasks)
{
	while (tasks > r->mask) {
		uint32_t old = r->mask + 1, head = r->head & r->mask, n = r->tail - r->head;

		if (head + n > old)
			memcpy(&r->at[old], r->at, (head + n - old) * sizeof *r->at);
		r->mask = 2 * old - 1;
		r->head = head;
		r->tail = head + n;
	}
}

bool hoy__worker_nudge(struct hoy__worker *w)
{
	/* pairs with the fence in prepare_sleep: either it sees our work, or we see it asleep */
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&w->asleep, memory_order_relaxed) ||
	    !atomic_exchange_explicit(&w->asleep, false, memory_order_relaxed))
		return false;
	hoy__os_waker_wake(w->waker);
	if (hoy__this)
		hoy__count(&hoy__this->count.wakes);
	return true;
}

void hoy__worker_queue(struct hoy__worker *w, struct hoy__slot *slot)
{
	struct hoy__fresh *fresh = &w->fresh;

	slot->next = NULL;
	hoy__spin_lock(&fresh->lock);
	*fresh->last = slot;
	fresh->last = &slot->next;
	hoy__fresh_add(fresh, 1);
	hoy__spin_unlock(&fresh->lock);
	if (w != hoy__this)
		hoy__worker_nudge(w);
}

static struct hoy__slot *take_fresh(struct hoy__worker *w)
{
	struct hoy__fresh *fresh = &w->fresh;
	struct hoy__slot *slot;

	if (!atomic_load_explicit(&fresh->count, memory_order_relaxed))
		return NULL;
	hoy__spin_lock(&fresh->lock);
	if ((slot = fresh->first)) {
		if (!(fresh->first = slot->next))
			fresh->last = &fresh->first;
		hoy__fresh_add(fresh, -1);
	}
	hoy__spin_unlock(&fresh->lock);
	return slot;
}

/* False: there is nothing to run. */
static bool run_one(struct hoy__worker *w)
{
	struct hoy__slot *slot;

	hoy__go_round(w);
	if (w->fresh_left && (slot = take_fresh(w))) {
		w->fresh_left--;
		hoy__resume(w, hoy__begin(w, slot));
		return true;
	}
	w->fresh_left = 0;		/* stolen meanwhile */
	if (w->ready_left) {
		hoy__resume(w, hoy__next_ready(w));
		return true;
	}
	return !hoy__ring_empty(&w->ready);
}

static void empty_inbox(struct hoy__worker *w)
{
	struct hoy__task *task, *next, *in_order = NULL;

	for (task = atomic_exchange(&w->inbox, NULL); task; task = next) {
		next = task->next;
		task->next = in_order;
		in_order = task;
	}
	for (task = in_order; task; task = next) {
		next = task->next;
		hoy__make_ready(w, task);
	}
}

static inline bool take_inbox(struct hoy__worker *w)
{
	if (!atomic_load_explicit(&w->inbox, memory_order_relaxed))
		return false;
	empty_inbox(w);
	return true;
}

/* What other threads have sent, or send soon, without asking the poller; true: look again. */
static inline bool await_others(struct hoy__worker *w)
{
	return take_inbox(w) || (w->busywait_score >= HOY__BUSYWAIT_PAYS && hoy__busywait(w));
}

/*
 * Fairness needs the time, and the time costs as much as a switch. While tasks are short
 * it is looked at after every few of them; after a long one, after each. Tasks that do
 * nothing but switch are let do so for 10 us: asking the system costs what 20 of them do.
 */
HOT static void run_ready(struct hoy__worker *w)
{
	uint64_t begin = hoy__ticks(), before = begin, tick;
	unsigned ran = 0, few = 1;

	w->round_began = begin;
	for (;; before = tick) {
		for (w->unmeasured = few; w->unmeasured;)
			if (!run_one(w) && !await_others(w))
				return;
		ran += few;
		tick = hoy__ticks();
		if (tick - before > STALL * w->slice)
			hoy__count(&w->count.stalls);
		if (tick - begin > w->slice || (ran >= SWITCHES && tick - begin > w->slice / 10))
			return;
		few = tick - before < w->slice / 8 ? FEW : 1;
	}
}

static void fire_timers(struct hoy__worker *w)
{
	struct hoy__heap_node *node;

	while ((node = hoy__heap_first(&w->timers)) && node->when <= w->now) {
		struct hoy__task *task = container_of(node, struct hoy__task, timer);

		hoy__heap_remove(&w->timers, node);
		if (hoy__deadline(task) == HOY__NEVER)
			continue;
		if (hoy__deadline(task) <= w->now) {
			hoy__wake(task, HOY_ETIMEOUT);
			continue;
		}
		node->when = hoy__deadline(task);
		hoy__heap_push(&w->timers, node);
	}
}

/* Every step misses the cache, so it is taken for all events before the next: the misses overlap. */
static void dispatch(const struct hoy__event *events, int n)
{
	for (int i = 0; i < n; i++)
		hoy__source_prefetch(events[i].key);
	for (int i = 0; i < n; i++)
		hoy__source_touch_waiter(events[i].key);
	for (int i = 0; i < n; i++)
		hoy__source_event(events[i].key, events[i].ready);
}

/* How many ticks are 100 us: measured against the clock, over the longest time so far. */
static void calibrate(struct hoy__worker *w)
{
	int64_t elapsed = w->now - w->calibrated_at;

	if (elapsed > 1000 * 1000)
		w->slice = (uint64_t)((double)(hoy__ticks() - w->calibrated_tick) / (double)elapsed * 100e3);
}

/* The root scope has ended: everything that waits here is told. */
static void cancel_mine(struct hoy__slot *slot, void *arg)
{
	struct hoy__worker *w = arg;
	struct hoy__task *task = hoy__slot_task(slot);

	if (atomic_load(&slot->worker) != w)
		return;
	if (atomic_load(&slot->state) == HOY__SLOT_AWAITING)
		hoy__source_give_up(slot->awaits, slot->direction, slot);
	if (atomic_load(&slot->state) != HOY__SLOT_LIVE)
		return;
	if (!(atomic_load(&task->why) & HOY__WHY_MORTAL))
		hoy__wake(task, task->scoped ? 0 : HOY_ECANCELED);	/* a shield may hold it back */
}

static void heed_cancel(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);

	if (w->native || w->canceled || !rt || !atomic_load(&rt->canceled))
		return;
	w->canceled = true;
	hoy__slot_each(cancel_mine, w);
}

/* Gives back what free stacks hold, a second after they were used; then nothing is left to do. */
static void sweep(struct hoy__worker *w)
{
	if (w->now < w->sweep_at)
		return;
	w->sweep_at = hoy__slot_sweep(w->free) ? hoy__moment_add(w->now, SWEEP_AGAIN) : HOY__NEVER;
}

/* True: another thread has ended our sleep. */
static bool stay_awake(struct hoy__worker *w)
{
	bool nudged = !atomic_exchange_explicit(&w->asleep, false, memory_order_relaxed);

	w->nudged += nudged;
	return nudged;
}

/* The run goes on, and no other worker needs help. */
static bool may_sleep(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);

	return !atomic_load(&rt->done) && atomic_load(&rt->canceled) == w->canceled && !hoy__lookout_steal(w);
}

/* From here on others must wake us; what they sent, or called us for, just before is seen now. */
static bool prepare_sleep(struct hoy__worker *w)
{
	atomic_store_explicit(&w->asleep, true, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (!hoy__worker_has_tasks(w) && (w->native || may_sleep(w)))
		return true;
	stay_awake(w);
	return false;
}

static int64_t next_timer(struct hoy__worker *w)
{
	struct hoy__heap_node *node = hoy__heap_first(&w->timers);
	int64_t first = hoy__earlier(node ? node->when : HOY__NEVER, hoy__timers_next(w));

	return hoy__earlier(first, hoy__earlier(w->sweep_at, w->look_at));
}

/*
 * What waits in the kernel keeps its turn, and a task made ready long before it runs has
 * left the cache again by then: a poll brings about as many as have run since the last.
 */
static int events_wanted(const struct hoy__worker *w)
{
	uint32_t ready = w->ready.tail - w->ready.head;

	return ready < HOY__EVENTS - LEAST ? HOY__EVENTS - (int)ready : LEAST;
}

HOT void hoy__worker_poll(struct hoy__worker *w)
{
	bool sleeps = !hoy__worker_has_tasks(w) && prepare_sleep(w);
	int64_t until = 0;
	int n;

	if (sleeps) {
		hoy__count(&w->count.sleeps);
		until = next_timer(w);
	}
	n = hoy__os_poller_wait(w->poller, w->events, events_wanted(w), until);
	if (sleeps && stay_awake(w))
		hoy__busywait_learn(w, hoy__ticks() - w->round_began);
	hoy__count(&w->count.polls);
	w->now = hoy__os_monotonic();
	calibrate(w);
	dispatch(w->events, n);
	take_inbox(w);
	fire_timers(w);
	if (hoy__timers_next(w) <= w->now)
		hoy__timers_fire(w);
	heed_cancel(w);
	sweep(w);
}

static void run_until_done(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);

	while (!atomic_load_explicit(&rt->done, memory_order_acquire)) {
		if (atomic_load_explicit(&rt->lookout, memory_order_relaxed) == w && hoy__worker_has_tasks(w))
			hoy__lookout_leave(w);
		run_ready(w);
		hoy__worker_poll(w);
	}
}

/* A catch block that calls hoy_run has its exception again afterwards. */
void hoy__worker_loop(struct hoy__worker *w)
{
	struct hoy__exceptions callers;

	w->exceptions = hoy__exceptions_of_thread();
	if (!w->exceptions) {
		run_until_done(w);
		return;
	}
	w->unusual = true;
	callers = hoy__exceptions_take(w->exceptions);
	run_until_done(w);
	*w->exceptions = callers;
}

void hoy__count_out(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	atomic_store_explicit(&w->count.ended, w->count.ended + 1, memory_order_release);
	/* either we see the cancellation, or the canceller sees that this one has ended */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&rt->canceled))
		hoy__runtime_ended(rt);
}

void hoy__bury(struct hoy__worker *w)
{
	struct hoy__slot *slot = w->ended;

	w->ended = NULL;
	hoy__live(w, -1);
	atomic_store_explicit(&slot->state, HOY__SLOT_FREE, memory_order_release);
	hoy__slot_give(w->free, slot);
	if (w->sweep_at == HOY__NEVER)
		w->sweep_at = hoy__moment_add(w->now, SWEEP_AFTER);
	hoy__count_out(w);
}

/* A plain thread has no loop: it polls until its one task is ready again. */
static void suspend_thread(struct hoy__worker *w)
{
	while (hoy__ring_empty(&w->ready))
		if (!await_others(w))
			hoy__worker_poll(w);
	hoy__ring_pop(&w->ready);
}

/* The exceptions of a suspended task lie on its stack; the loop, and a task that begins, have none. */
COLD void hoy__suspend_unusual(struct hoy__worker *w, struct hoy__task *task)
{
	struct hoy__exceptions mine;

	if (w->native) {
		suspend_thread(w);
		return;
	}
	mine = hoy__exceptions_take(w->exceptions);
	hoy__leave_task(w, task);
	*w->exceptions = mine;
}
