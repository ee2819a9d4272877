/*
 * What is remembered of a descriptor's readiness is a number that every event changes.
 * A call looks at it before it tries, and notes it when there was nothing: as long as the
 * number stays, there is nothing, and an event that comes in between is never lost.
 * Whoever waits publishes itself, looks once more, and parks.
 *
 * A waiter may also be a task that has not started (hoy__source_start_when): such a
 * pointer has its lowest bit set.
 */
#include <errno.h>

#include <hoy/err.h>

#include "task/runtime.h"
#include "task/source.h"

enum { HUNG_UP = 1, NOT_EMPTY = 2, EVENT = 4 };	/* NOT_EMPTY equals no number of events */

static uint64_t key_of(struct hoy__source *s)
{
	return (uint64_t)(uintptr_t)s << 16 | atomic_load_explicit(&s->generation, memory_order_relaxed);
}

static struct hoy__source *source_of(uint64_t key)
{
	return (struct hoy__source *)(uintptr_t)(key >> 16);
}

void hoy__source_open(struct hoy__source *s, int sys)
{
	atomic_fetch_add(&s->generation, 1);
	s->sys = sys;
	atomic_store(&s->home, 0);
	atomic_store(&s->events, EVENT);
	for (int d = HOY__IN; d <= HOY__OUT; d++) {
		atomic_store(&s->waiter[d], NULL);
		atomic_store(&s->empty[d], NOT_EMPTY);
	}
}

/* Does some worker's poller of this run know it? */
static bool is_settled(struct hoy__source *s, const struct hoy__worker *w)
{
	return hoy__home_run(atomic_load_explicit(&s->home, memory_order_relaxed)) == hoy__home_run(w->home);
}

/* The poller of a run that is over knows nothing any more. */
COLD static void leave_poller(struct hoy__source *s)
{
	struct hoy__runtime *rt = hoy__runtime_locked();
	uint32_t home = atomic_load_explicit(&s->home, memory_order_relaxed);

	if (rt && rt->number == hoy__home_run(home))
		hoy__os_poller_remove(rt->workers[hoy__home_index(home)]->poller, s->sys);
	hoy__runtime_unlock();
}

void hoy__source_close(struct hoy__source *s, bool shared)
{
	atomic_fetch_add_explicit(&s->generation, 1, memory_order_relaxed);
	if (shared && atomic_load_explicit(&s->home, memory_order_relaxed))
		leave_poller(s);
}

static bool is_unstarted(struct hoy__task *waiter)
{
	return (uintptr_t)waiter & 1;
}

/* Whoever takes the pointer out starts the task. */
static void start_waiting(struct hoy__source *s, enum hoy__direction d, struct hoy__task *waiter)
{
	if (atomic_compare_exchange_strong_explicit(&s->waiter[d], &waiter, NULL, memory_order_relaxed, memory_order_relaxed))
		hoy__awaited((struct hoy__slot *)((uintptr_t)waiter & ~(uintptr_t)1));
}

void hoy__source_give_up(struct hoy__source *s, enum hoy__direction d, struct hoy__slot *slot)
{
	start_waiting(s, d, (struct hoy__task *)((uintptr_t)slot | 1));
}

static void wake_waiter(struct hoy__source *s, enum hoy__direction d)
{
	struct hoy__task *waiter = atomic_load(&s->waiter[d]);

	if (!waiter)
		return;
	if (is_unstarted(waiter))
		start_waiting(s, d, waiter);
	else
		hoy__wake(waiter, 0);
}

void hoy__source_event(uint64_t key, unsigned ready)
{
	struct hoy__source *s = source_of(key);

	if (!s || key_of(s) != key)
		return;
	if (ready & HOY__HANGUP)
		atomic_fetch_or(&s->events, HUNG_UP);
	atomic_fetch_add(&s->events, EVENT);
	if (ready & HOY__READABLE)
		wake_waiter(s, HOY__IN);
	if (ready & HOY__WRITABLE)
		wake_waiter(s, HOY__OUT);
}

void hoy__source_prefetch(uint64_t key)
{
	if (key)
		__builtin_prefetch(source_of(key));
}

/* The load of a claim that nobody looks at: a prefetch would be dropped with a cold page. */
void hoy__source_touch_waiter(uint64_t key)
{
	struct hoy__task *waiter = key ? atomic_load_explicit(&source_of(key)->waiter[HOY__IN], memory_order_acquire) : NULL;

	if (waiter && !is_unstarted(waiter))
		(void)atomic_load_explicit(&waiter->claim, memory_order_relaxed);
}

void hoy__source_kick(struct hoy__source *s, enum hoy__direction d)
{
	atomic_fetch_add(&s->events, EVENT);
	wake_waiter(s, d);
}

static int add_to(int poller, struct hoy__source *s)
{
	if (s->kind & HOY__SOURCE_IN_ONLY)
		return hoy__os_poller_add_in(poller, s->sys, key_of(s));
	return hoy__os_poller_add(poller, s->sys, key_of(s));
}

/* Makes some worker's poller know the descriptor; the first to wait gives it a home. */
COLD static int settle(struct hoy__source *s, struct hoy__worker *w)
{
	uint32_t home = atomic_load_explicit(&s->home, memory_order_relaxed);
	int code;

	if (is_settled(s, w) || !atomic_compare_exchange_strong_explicit(&s->home, &home, w->home, memory_order_relaxed,
							memory_order_relaxed))
		return 0;
	if ((code = add_to(w->poller, s)) == 0)
		return 0;
	atomic_store_explicit(&s->home, 0, memory_order_relaxed);
	/* the other direction may have relied on us */
	hoy__source_kick(s, HOY__IN);
	hoy__source_kick(s, HOY__OUT);
	return code;
}

/* The poller's events say from now on that the source can be written, too. */
COLD static int widen(int poller, struct hoy__source *s)
{
	return hoy__os_poller_widen(poller, s->sys, key_of(s));
}

static bool must_widen(const struct hoy__source *s, enum hoy__direction d)
{
	return d == HOY__OUT && s->kind & HOY__SOURCE_IN_ONLY;
}

static int poller_of(struct hoy__source *s)
{
	return atomic_load(&hoy__runtime)->workers[hoy__home_index(atomic_load_explicit(&s->home, memory_order_relaxed))]->poller;
}

/* Before a task of this worker waits: the poller will report the direction. 0 or a code. */
static inline int prepare(struct hoy__source *s, enum hoy__direction d, struct hoy__worker *w)
{
	int code = is_settled(s, w) ? 0 : settle(s, w);

	return code == 0 && must_widen(s, d) ? widen(poller_of(s), s) : code;
}

/* As others may see it who have just published themselves. */
static bool is_perhaps_ready(struct hoy__source *s, enum hoy__direction d)
{
	return hoy__source_maybe(s, d, atomic_load(&s->events));
}

/*
 * Publishes me, looks once more, parks. What was noted before is forgotten, for a billion
 * events later the numbers come round.
 */
static inline __attribute__((always_inline)) int wait_here(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline)
{
	struct hoy__task *me = hoy__this->current;
	int code = 0;

	atomic_store_explicit(&s->waiter[d], me, memory_order_release);
	hoy__arm(me);
	if (!is_perhaps_ready(s, d) || !hoy__disarm(me))
		code = hoy__park((enum hoy__why)(why | HOY__WHY_EVENT), s, deadline);
	atomic_store_explicit(&s->waiter[d], NULL, memory_order_relaxed);
	hoy__source_drained(s, d, NOT_EMPTY);
	return code;
}

/*
 * A plain thread's poller is asked only while the thread waits, so it may not be
 * anybody's home: the descriptor is put in and taken out again.
 */
COLD static int wait_in_thread(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline)
{
	int code;

	if (!hoy__self())
		return hoy__self_failure();
	if ((code = add_to(hoy__this->poller, s)) < 0)
		return code;
	if (must_widen(s, d))
		code = widen(hoy__this->poller, s);
	if (code == 0)
		code = wait_here(s, d, why, deadline);
	hoy__os_poller_remove(hoy__this->poller, s->sys);
	return code;
}

int hoy__source_wait(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline)
{
	struct hoy__worker *w = hoy__this;
	int code;

	if (!w || w->native)
		return wait_in_thread(s, d, why, deadline);
	if ((code = prepare(s, d, w)) < 0)
		return code;
	return wait_here(s, d, why, deadline);
}

int hoy__source_wait_kick(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline)
{
	if (!hoy__self())
		return hoy__self_failure();
	return wait_here(s, d, why, deadline);
}

bool hoy__source_has_happened(const struct hoy__interest *on)
{
	if (on->direction == HOY__NEITHER)
		return atomic_load_explicit(&on->source->events, memory_order_relaxed) != on->seen;
	return is_perhaps_ready(on->source, on->direction);
}

/* Where an event finds the task to wake. An error or hang-up counts as readable, so one that waits for either is found at IN. */
static struct hoy__task *_Atomic *place_of(const struct hoy__interest *on)
{
	return &on->source->waiter[on->direction == HOY__OUT ? HOY__OUT : HOY__IN];
}

/* A thread may have two interests in one source, which is then in its poller already. */
COLD static int prepare_in_thread(const struct hoy__interest *on)
{
	int poller = hoy__this->poller, code = add_to(poller, on->source);

	if (code < 0 && code != -EEXIST)
		return code;
	return must_widen(on->source, on->direction) ? widen(poller, on->source) : 0;
}

int hoy__source_watch(const struct hoy__interest *on)
{
	struct hoy__worker *w = hoy__this;
	int code = w->native ? prepare_in_thread(on) : prepare(on->source, on->direction, w);

	if (code == 0)
		atomic_store_explicit(place_of(on), w->current, memory_order_release);
	return code;
}

void hoy__source_unwatch(const struct hoy__interest *on)
{
	atomic_store_explicit(place_of(on), NULL, memory_order_relaxed);
	if (hoy__this->native)
		hoy__os_poller_remove(hoy__this->poller, on->source->sys);
}

static bool has_any_happened(const struct hoy__interest *on, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (hoy__source_has_happened(&on[i]))
			return true;
	return false;
}

static int park_for_any(const struct hoy__interest *on, unsigned n, const atomic_bool *told, enum hoy__why why,
			int64_t deadline)
{
	struct hoy__task *me = hoy__this->current;

	hoy__arm(me);
	if ((has_any_happened(on, n) || atomic_load_explicit(told, memory_order_acquire)) && hoy__disarm(me))
		return 0;
	return hoy__park((enum hoy__why)(why | HOY__WHY_EVENT | HOY__WHY_ANY), told, deadline);
}

int hoy__source_wait_any(const struct hoy__interest *on, unsigned n, const atomic_bool *told, enum hoy__why why,
			 int64_t deadline)
{
	unsigned watched = 0;
	int code = 0;

	if (!hoy__self())
		return hoy__self_failure();
	while (code == 0 && watched < n)
		code = hoy__source_watch(&on[watched++]);
	if (code == 0)
		code = park_for_any(on, n, told, why, deadline);
	while (watched > 0)
		hoy__source_unwatch(&on[--watched]);
	return code;
}

int hoy__source_start_when(struct hoy__source *s, enum hoy__direction d, hoy_fn *fn, void *arg, const void *site)
{
	static const hoy_go_opts defaults;
	struct hoy__worker *w = hoy__this;
	struct hoy__slot *slot;
	int code;

	if (!w || w->native)
		return HOY_ENORUNTIME;
	if (!(slot = hoy__reserve(w, &defaults, fn, arg, site)))
		return -ENOMEM;
	if ((code = settle(s, w)) < 0) {
		hoy__slot_give(w->free, slot);
		return code;
	}
	hoy__await(w, slot, s, d);
	atomic_store(&s->waiter[d], (struct hoy__task *)((uintptr_t)slot | 1));
	/* after the root was cancelled nobody comes by again */
	if (w->canceled || is_perhaps_ready(s, d))
		wake_waiter(s, d);
	return 0;
}
