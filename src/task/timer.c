/*
 * A timer is a task that has a slot and no stack yet, in a heap of its worker. Hence nothing can fail when it fires, and a million of
 * them cost no more than their slots. The number in a slot changes when a timer is set and when it has fired or was stopped, so a
 * hoy_timer that still refers to what has been there before does nothing.
 */
#include <errno.h>
#include <pthread.h>

#include <hoy/err.h>
#include <hoy/timer.h>

#include "base/base.h"
#include "base/spin.h"
#include "task/runtime.h"
#include "task/timer.h"

/* A worker's timers, by its index. They outlive the worker, so who comes late finds no timer rather than no lock. */
static struct schedule {
	_Alignas(64) pthread_mutex_t lock;
	struct hoy__heap heap;		/* of the slots' timers */
} schedules[HOY__MAX_WORKERS] = { [0 ... HOY__MAX_WORKERS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER } };

_Atomic int64_t hoy__timers_first[HOY__MAX_WORKERS];

static struct hoy__slot *slot_of(struct hoy__heap_node *node)
{
	return container_of(node, struct hoy__slot, timer);
}

static struct schedule *lock(unsigned worker)
{
	pthread_mutex_lock(&schedules[worker].lock);
	return &schedules[worker];
}

static void unlock(struct schedule *s)
{
	struct hoy__heap_node *first = hoy__heap_first(&s->heap);

	atomic_store(&hoy__timers_first[s - schedules], first ? first->when : 0);
	pthread_mutex_unlock(&s->lock);
}

/* ---- with the schedule locked ---- */

/* From now on no hoy_timer refers to what was in the slot. */
static uint64_t renumber(struct hoy__slot *slot)
{
	return atomic_fetch_add_explicit(&slot->timer_number, 1, memory_order_relaxed) + 1;
}

static bool is_pending(const hoy_timer *t)
{
	struct hoy__slot *slot = t->slot;

	return slot && atomic_load_explicit(&slot->timer_number, memory_order_relaxed) == t->number;
}

/* The worker may sleep beyond this moment. */
static void set(struct schedule *s, struct hoy__slot *slot, int64_t when)
{
	struct hoy__worker *w = atomic_load_explicit(&slot->worker, memory_order_relaxed);

	slot->timer.when = when;
	hoy__heap_push(&s->heap, &slot->timer);
	if (w == hoy__this || hoy__heap_first(&s->heap) != &slot->timer)
		return;
	atomic_store(&hoy__timers_first[w->index], when);
	hoy__worker_nudge(w);
}

static void take_out(struct schedule *s, struct hoy__slot *slot)
{
	hoy__heap_remove(&s->heap, &slot->timer);
	renumber(slot);
	atomic_store_explicit(&slot->state, HOY__SLOT_FREE, memory_order_release);
}

/* ---- starting ---- */

static int make_room(struct schedule *s, struct hoy__worker *w)
{
	if (s->heap.count + hoy__load(w) >= HOY__TASKS_MOST)
		return -EAGAIN;
	return hoy__heap_reserve(&s->heap, s->heap.count + 1);
}

static int start_on(struct hoy__worker *w, hoy_timer *t, int64_t when)
{
	static const hoy_go_opts defaults;
	struct hoy__slot *slot = hoy__reserve(hoy__this, &defaults, t->fn, t->arg, t->site);
	struct schedule *s;
	int code;

	if (!slot)
		return -ENOMEM;
	s = lock(w->index);
	if ((code = make_room(s, w)) == 0) {
		atomic_store_explicit(&slot->worker, w, memory_order_relaxed);
		atomic_store_explicit(&slot->state, HOY__SLOT_TIMED, memory_order_release);
		t->slot = slot;
		t->worker = w->index;
		t->number = renumber(slot);
		set(s, slot, when);
	}
	unlock(s);
	if (code < 0)
		hoy__slot_give(hoy__this->free, slot);
	return code;
}

/* Of a plain thread: on each worker in turn. */
static int start_in_run(hoy_timer *t, int64_t when)
{
	static atomic_uint turn;
	struct hoy__runtime *rt = hoy__runtime_locked();
	int code = rt ? start_on(rt->workers[turn++ % rt->n], t, when) : HOY_ENORUNTIME;

	hoy__runtime_unlock();
	return code;
}

static int start(hoy_timer *t, int64_t when)
{
	if (!hoy__self())
		return hoy__self_failure();
	return hoy__this->native ? start_in_run(t, when) : start_on(hoy__this, t, when);
}

NOTES_CALLER int hoy_after(hoy_duration d, hoy_fn *fn, void *arg, hoy_timer *t)
{
	hoy_timer made = { .fn = fn, .arg = arg, .site = __builtin_return_address(0) };
	int code = start(&made, hoy_in(d).ns);

	if (code == 0 && t)
		*t = made;
	return code;
}

/* ---- stopping and moving ---- */

static void give_back(struct hoy__slot *slot)
{
	struct hoy__slot_list none[HOY__CLASSES] = { 0 };

	hoy__slot_give(hoy__this ? hoy__this->free : none, slot);
	hoy__slot_give_all(none);
}

static atomic_uint *guard_of(hoy_timer *t)
{
	return (atomic_uint *)&t->guard;
}

/* Another task may be starting it anew. */
static hoy_timer copy_of(hoy_timer *t)
{
	hoy_timer copy;

	hoy__spin_lock(guard_of(t));
	copy = *t;
	hoy__spin_unlock(guard_of(t));
	copy.guard = 0;
	return copy;
}

/* False: another task was faster. */
static bool replace(hoy_timer *t, const hoy_timer *old, const hoy_timer *new)
{
	bool same;

	hoy__spin_lock(guard_of(t));
	if ((same = t->slot == old->slot && t->number == old->number)) {
		t->slot = new->slot;
		t->number = new->number;
		t->worker = new->worker;
	}
	hoy__spin_unlock(guard_of(t));
	return same;
}

int hoy_timer_stop(hoy_timer *t)
{
	hoy_timer copy = copy_of(t);
	struct schedule *s = lock(copy.worker);
	bool pending = is_pending(&copy);

	if (pending)
		take_out(s, copy.slot);
	unlock(s);
	if (pending)
		give_back(copy.slot);
	return pending;
}

static bool move(const hoy_timer *t, int64_t when)
{
	struct schedule *s = lock(t->worker);
	struct hoy__slot *slot = t->slot;
	bool pending = is_pending(t);

	if (pending) {
		hoy__heap_remove(&s->heap, &slot->timer);
		set(s, slot, when);
	}
	unlock(s);
	return pending;
}

int hoy_timer_reset(hoy_timer *t, hoy_duration d)
{
	int64_t when = hoy_in(d).ns;

	for (;;) {
		hoy_timer old = copy_of(t), new = old;
		int code;

		if (!old.fn)
			return -EINVAL;
		if (move(&old, when))
			return 1;
		if ((code = start(&new, when)) < 0)
			return code;
		/* it may even have fired by now: then t rightly refers to the one that another task has started */
		if (replace(t, &old, &new) || !hoy_timer_stop(&new))
			return 0;
	}
}

/* ---- the worker's side ---- */

/* False: the run ends, and the timer stays until it is over. */
static bool fire(struct schedule *s, struct hoy__worker *w, struct hoy__slot *slot)
{
	hoy__heap_remove(&s->heap, &slot->timer);
	renumber(slot);
	if (hoy__launch_late(w, slot))
		return true;
	hoy__heap_push(&s->heap, &slot->timer);
	return false;
}

void hoy__timers_fire(struct hoy__worker *w)
{
	struct schedule *s = lock(w->index);
	struct hoy__heap_node *first;

	while ((first = hoy__heap_first(&s->heap)) && first->when <= w->now && fire(s, w, slot_of(first)))
		;
	unlock(s);
}

void hoy__timers_drop(struct hoy__worker *w)
{
	struct schedule *s = lock(w->index);
	struct hoy__heap_node *first;

	while ((first = hoy__heap_first(&s->heap))) {
		take_out(s, slot_of(first));
		hoy__slot_give(w->free, slot_of(first));
	}
	hoy__heap_release(&s->heap);
	unlock(s);
}

/* ---- around a fork ---- */

static unsigned in_use(void)
{
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);

	return rt ? rt->n : 0;
}

void hoy__timers_lock(void)
{
	for (unsigned i = 0; i < in_use(); i++)
		lock(i);
}

void hoy__timers_unlock(void)
{
	for (unsigned i = 0; i < in_use(); i++)
		unlock(&schedules[i]);
}

void hoy__timers_forget(void)
{
	for (unsigned i = 0; i < in_use(); i++) {
		struct hoy__heap *heap = &schedules[i].heap;

		for (uint32_t n = 0; n < heap->count; n++)
			renumber(slot_of(heap->slots[n].node));
		hoy__heap_release(heap);
		unlock(&schedules[i]);
	}
}
