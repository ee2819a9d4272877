/*
 * Starting tasks. What may fail, fails before anything is queued: the slot is reserved,
 * guard and all, by the caller; the stack itself is first touched by the worker that
 * runs the task.
 */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/probe.h"
#include "task/fork.h"
#include "task/lookout.h"
#include "task/overflow.h"
#include "task/runtime.h"
#include "task/scope.h"
#include "task/switch.h"

enum { SLOT_ALIGN = 16 };

static const hoy_go_opts defaults;

struct hoy__slot *hoy__reserve(struct hoy__worker *w, const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site)
{
	int class = hoy__class_for(opts->stack);
	struct hoy__slot *slot = class < 0 ? NULL : hoy__slot_take(w->free, (enum hoy__class)class);

	if (!slot)
		return NULL;
	slot->fn = slot->shown = fn;
	slot->arg = arg;
	slot->copied = 0;
	slot->site = site;
	slot->placed = false;
	atomic_store_explicit(&slot->name, opts->name, memory_order_relaxed);
	return slot;
}

static void queue_on(struct hoy__worker *target, struct hoy__slot *slot)
{
	atomic_store_explicit(&slot->worker, target, memory_order_relaxed);
	atomic_store_explicit(&slot->state, HOY__SLOT_FRESH, memory_order_release);
	hoy__worker_queue(target, slot);
}

/* From now on it is a task. */
static void count_in(struct hoy__worker *w, struct hoy__slot *slot)
{
	hoy__count(&w->count.started);
	atomic_store_explicit(&slot->id, w->next_id, memory_order_relaxed);
	w->next_id += w->id_step;
}

void hoy__launch(struct hoy__worker *w, struct hoy__slot *slot)
{
	count_in(w, slot);
	queue_on(w, slot);
}

/* Either it is counted before the last task ends, or it sees that the run is ending. */
bool hoy__launch_late(struct hoy__worker *w, struct hoy__slot *slot)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	count_in(w, slot);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&rt->canceled)) {
		hoy__count_out(w);
		return false;
	}
	queue_on(w, slot);
	hoy__lookout_call(w);
	return true;
}

void hoy__await(struct hoy__worker *w, struct hoy__slot *slot, struct hoy__source *s, enum hoy__direction d)
{
	count_in(w, slot);
	slot->awaits = s;
	slot->direction = d;
	slot->placed = true;
	atomic_store_explicit(&slot->worker, w, memory_order_relaxed);
	atomic_store_explicit(&slot->state, HOY__SLOT_AWAITING, memory_order_release);
	atomic_fetch_add_explicit(&w->awaiting, 1, memory_order_relaxed);
}

void hoy__awaited(struct hoy__slot *slot)
{
	struct hoy__worker *w = atomic_load_explicit(&slot->worker, memory_order_relaxed);

	atomic_fetch_sub_explicit(&w->awaiting, 1, memory_order_relaxed);
	queue_on(w, slot);
}

static void launch_placed(struct hoy__worker *here, struct hoy__slot *slot, int place)
{
	struct hoy__worker *target = here;

	if (place == HOY_PLACE_AUTO && here->current && here->current->accepted)
		place = HOY_PLACE_SPREAD;
	slot->placed = place != HOY_PLACE_AUTO;
	if (place == HOY_PLACE_SPREAD)
		target = hoy__place(here);
	count_in(here, slot);
	queue_on(target, slot);		/* after this the task may have ended, and the slot be another's */
	if (place == HOY_PLACE_AUTO)
		hoy__lookout_call(here);
}

static int check(const hoy_go_opts *opts)
{
	if (!hoy__this || hoy__this->native)
		return HOY_ENORUNTIME;
	if (hoy__class_for(opts->stack) < 0 || opts->place < HOY_PLACE_AUTO || opts->place > HOY_PLACE_SPREAD)
		return -EINVAL;
	if (hoy__load(hoy__this) >= HOY__TASKS_MOST)
		return -EAGAIN;
	return 0;
}

int hoy__go_prepare(const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site, struct hoy__slot **slot)
{
	int code = check(opts);

	if (code == 0 && !(*slot = hoy__reserve(hoy__this, opts, fn, arg, site)))
		code = -ENOMEM;
	return code;
}

/* The room lies at the top of the new stack: it lives exactly as long as the task. */
int hoy__go_prepare_room(const hoy_go_opts *opts, hoy_fn *fn, size_t size, const void *site, struct hoy__slot **slot)
{
	int code = hoy__go_prepare(opts, fn, NULL, site, slot);

	if (code < 0)
		return code;
	(*slot)->copied = (size + SLOT_ALIGN - 1) & ~(size_t)(SLOT_ALIGN - 1);
	(*slot)->arg = (char *)hoy__slot_task(*slot) - (*slot)->copied;
	hoy__note_clean((*slot)->bottom, (*slot)->note.size);
	return 0;
}

void hoy__go_launch(const hoy_go_opts *opts, struct hoy__slot *slot)
{
	launch_placed(hoy__this, slot, opts->place);
}

int hoy__go(const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site)
{
	struct hoy__slot *slot;
	int code;

	if (!opts)
		opts = &defaults;
	code = hoy__go_prepare(opts, fn, arg, site, &slot);
	if (code == 0)
		hoy__go_launch(opts, slot);
	return code;
}

void hoy__go_launch_on(unsigned index, struct hoy__slot *slot)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	slot->placed = true;
	count_in(hoy__this, slot);
	queue_on(rt->workers[index % rt->n], slot);
}

NOTES_CALLER int hoy_go(hoy_fn *fn, void *arg)
{
	return hoy__go(NULL, fn, arg, __builtin_return_address(0));
}

NOTES_CALLER int hoy_go_with(const hoy_go_opts *opts, hoy_fn *fn, void *arg)
{
	return hoy__go(opts, fn, arg, __builtin_return_address(0));
}

NOTES_CALLER int hoy_go_copy(hoy_fn *fn, const void *arg, size_t len)
{
	struct hoy__slot *slot;
	int code = check(&defaults);

	if (code == 0 && len > HOY__COPY_MOST)
		code = -E2BIG;
	if (code == 0)
		code = hoy__go_prepare_room(&defaults, fn, len, __builtin_return_address(0), &slot);
	if (code < 0)
		return code;
	memcpy(slot->arg, arg, len);
	hoy__go_launch(&defaults, slot);
	return 0;
}

/* The first function on every stack. */
static void run_task(void *arg)
{
	struct hoy__task *task = arg;
	struct hoy__slot *slot = task->slot;
	struct hoy__worker *w = task->worker;
	int value;

	hoy__note_arrive(&slot->note, &w->note);
	HOY__PROBE(task_start, slot, slot->fn, slot->site);
	value = hoy__call_user(slot->fn, slot->arg);
	HOY__PROBE(task_end, slot, value);
	hoy__scope_end(task);
	hoy__heap_remove(&w->timers, &task->timer);
	if (!hoy__slot_intact(slot))
		hoy__overflowed(slot);
	w->ended = slot;
	w->left = task;
	hoy__note_leave(&slot->note, &w->note, 1);
	hoy__switch(&task->sp, w->sp);
}

struct hoy__task *hoy__begin(struct hoy__worker *w, struct hoy__slot *slot)
{
	struct hoy__task *task = hoy__slot_task(slot);

	if (!slot->copied)
		hoy__note_clean(slot->bottom, slot->note.size);
	hoy__ring_fit(&w->ready, hoy__live(w, 1));
	slot->dirty = true;
	slot->note.fake = NULL;
	task->worker = w;
	task->slot = slot;
	hoy__set_deadline(task, HOY__NEVER);
	task->timer.pos = 0;
	task->accepted = task->scoped = false;
	task->scope = NULL;
	task->groups = NULL;
	atomic_store_explicit(&task->groups_lock, 0, memory_order_relaxed);
	atomic_store_explicit(&task->claim, HOY__CLAIM_IDLE, memory_order_relaxed);
	atomic_store_explicit(&task->why, HOY__WHY_NONE, memory_order_relaxed);
	atomic_store_explicit(&task->runs, 0, memory_order_relaxed);
	atomic_store_explicit(&task->since, w->now, memory_order_relaxed);
	task->sp = hoy__prepare((char *)task - slot->copied, run_task, task);
	atomic_store_explicit(&slot->worker, w, memory_order_relaxed);
	atomic_store_explicit(&slot->state, HOY__SLOT_LIVE, memory_order_release);
	return task;
}

void hoy_set_name(const char *name)
{
	struct hoy__worker *w = hoy__this;

	if (w && !w->native)
		atomic_store_explicit(&w->current->slot->name, name, memory_order_relaxed);
}
