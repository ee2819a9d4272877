#include "task/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <hoy/sync.h>

#include "os/signal.h"
#include "task/chan.h"
#include "task/mutex.h"
#include "task/runtime.h"
#include "task/unwind.h"

hoy__describe_fn *_Atomic hoy__describe_lookup;
void (*_Atomic hoy__describe_socket)(int sys, char *text, size_t size);

enum {
	TRIES = 3,	/* to see a task between two of its runs */
	THREADS = 256	/* plain ones that are shown */
};

static const char *const reasons[] = {
	[HOY__WHY_NONE] = "nothing", [HOY__WHY_READ] = "read", [HOY__WHY_WRITE] = "write", [HOY__WHY_ACCEPT] = "accept",
	[HOY__WHY_CONNECT] = "connect", [HOY__WHY_LOCK] = "another call", [HOY__WHY_SLEEP] = "sleep", [HOY__WHY_MUTEX] = "mutex",
	[HOY__WHY_WAIT_GROUP] = "wait group", [HOY__WHY_OFFLOAD] = "offloaded call", [HOY__WHY_SIGNAL] = "signal",
	[HOY__WHY_PIPE] = "pipe", [HOY__WHY_YIELD] = "its turn", [HOY__WHY_LOOKUP] = "name server", [HOY__WHY_CLOSE] = "close",
	[HOY__WHY_PROXY] = "proxied data", [HOY__WHY_CHAN] = "channel", [HOY__WHY_SELECT] = "select",
	[HOY__WHY_COND] = "condition", [HOY__WHY_SEMAPHORE] = "semaphore", [HOY__WHY_RWLOCK] = "read-write lock",
	[HOY__WHY_GROUP] = "group", [HOY__WHY_SERVE] = "served connections",
};

const char *hoy__why_name(enum hoy__why why)
{
	return (size_t)why < LEN(reasons) && reasons[why] ? reasons[why] : "?";
}

const char *hoy__state_name(enum hoy__task_state state)
{
	static const char *const names[] = {
		[HOY__TASK_QUEUED] = "not started", [HOY__TASK_AWAITING] = "awaiting data", [HOY__TASK_RUNNING] = "running",
		[HOY__TASK_READY] = "ready", [HOY__TASK_WAITING] = "waiting",
	};

	return names[state];
}

/* ---- objects in words ---- */

/* True: a whole one was read. Of what is gone it may be anything. */
static bool peek(const void *at, void *buf, size_t len)
{
	return at && hoy__os_peek(at, buf, len) == (ssize_t)len;
}

static void describe_descriptor(const struct hoy__source *s, char *text, size_t size)
{
	void (*socket)(int, char *, size_t) = atomic_load(&hoy__describe_socket);
	int sys, n;

	if (!peek(&s->sys, &sys, sizeof sys) || sys < 0)
		return;
	n = snprintf(text, size, "descriptor %d", sys);
	if (socket)
		socket(sys, text + n, size - (size_t)n);
}

/* Senders and receivers never wait for one channel at the same time. */
static void describe_channel(const hoy_chan *c, char *text, size_t size)
{
	hoy_chan copy;

	if (!peek(c, &copy, offsetof(hoy_chan, ring)))
		return;
	snprintf(text, size, "%s %p, which holds %zu of %zu items", copy.receivers.next != &c->receivers ? "receive from" : "send to",
		 (const void *)c, copy.count, copy.capacity);
}

static void describe_wait_group(const hoy_wait_group *g, char *text, size_t size)
{
	hoy_wait_group copy;

	if (peek(g, &copy, sizeof copy))
		snprintf(text, size, "%p, whose count is %lld", (const void *)g, (long long)copy.count);
}

/* Who has locked it: the record of a task, or of a plain thread. */
static void describe_owner(const void *lock, const void *owner, char *text, size_t size)
{
	const struct hoy__slot *slot = hoy__slot_around(owner);
	const char *name;

	if (!slot || hoy__slot_task(slot) != owner) {
		snprintf(text, size, "%p, which a plain thread has locked", lock);
		return;
	}
	name = atomic_load(&slot->name);
	snprintf(text, size, "%p, which task %" PRIu64 " %.64s has locked", lock, atomic_load(&slot->id), name ? name : "-");
}

static void describe_mutex(const hoy_mutex *m, char *text, size_t size)
{
	hoy_mutex copy;

	if (peek(m, &copy, sizeof copy) && hoy__mutex_is_locked(&copy))
		describe_owner(m, copy.owner, text, size);
}

static void describe_rwlock(const hoy_rwlock *l, char *text, size_t size)
{
	hoy_rwlock copy;

	if (!peek(l, &copy, sizeof copy))
		return;
	if (copy.writer)
		describe_owner(l, copy.owner, text, size);
	else
		snprintf(text, size, "%p, which %u readers have", (const void *)l, copy.readers);
}

static void describe_lookup(const void *object, char *text, size_t size)
{
	hoy__describe_fn *describe = atomic_load(&hoy__describe_lookup);

	if (describe)
		describe(object, text, size);
}

static bool is_on_source(const struct hoy__task_info *info)
{
	return info->flags & HOY__WHY_EVENT && !(info->flags & HOY__WHY_ANY);
}

static void describe(struct hoy__task_info *info)
{
	char *text = info->detail;
	const void *object = info->object;

	text[0] = '\0';
	if (info->state == HOY__TASK_AWAITING || is_on_source(info))
		describe_descriptor(object, text, HOY__DETAIL);
	else if (info->why == HOY__WHY_LOOKUP)
		describe_lookup(object, text, HOY__DETAIL);
	else if (info->why == HOY__WHY_CHAN)
		describe_channel(object, text, HOY__DETAIL);
	else if (info->why == HOY__WHY_MUTEX)
		describe_mutex(object, text, HOY__DETAIL);
	else if (info->why == HOY__WHY_WAIT_GROUP)
		describe_wait_group(object, text, HOY__DETAIL);
	else if (info->why == HOY__WHY_RWLOCK)
		describe_rwlock(object, text, HOY__DETAIL);
	if (!text[0] && object && !(info->flags & HOY__WHY_ANY))
		snprintf(text, HOY__DETAIL, "%p", object);
}

/* ---- one task ---- */

static struct hoy__stack_bounds bounds_of(const struct hoy__slot *slot)
{
	return (struct hoy__stack_bounds){ (uintptr_t)slot->bottom, (uintptr_t)slot->top };
}

/* While a task runs its place is not known; but the caller's own is. */
static void look_at_own_stack(const struct hoy__slot *slot, struct hoy__task_info *info)
{
	struct hoy__registers here;

	hoy__registers_here(&here);
	info->stack_used = (size_t)((uintptr_t)slot->top - here.at[HOY__STACK_POINTER]);
	info->depth = hoy__unwind(&here, bounds_of(slot), true, info->frame, HOY__FRAMES);
}

static atomic_bool may_stop;

void hoy__inspect_may_stop(bool may)
{
	atomic_store(&may_stop, may);
}

struct stopped {
	const struct hoy__slot *slot;
	struct hoy__task_info *info;
};

/* Its thread is stopped, but may be in the worker's loop by now, or in a handler of the user's on another stack. */
static void look_at_stopped(const struct hoy__registers *r, void *arg)
{
	const struct stopped *s = arg;
	struct hoy__stack_bounds bounds = bounds_of(s->slot);
	uintptr_t sp = r->at[HOY__STACK_POINTER];

	if (sp < bounds.low || sp >= bounds.high)
		return;
	s->info->stack_used = bounds.high - sp;
	s->info->depth = hoy__unwind(r, bounds, true, s->info->frame, HOY__FRAMES);
}

static void stop_and_look(const struct hoy__slot *slot, struct hoy__task_info *info)
{
	struct hoy__worker *w = atomic_load(&slot->worker);

	if (w && w != hoy__this && atomic_load(&may_stop))
		hoy__os_stop(w->thread, look_at_stopped, &(struct stopped){ slot, info });
}

UNWATCHED static void look_at_stack(const struct hoy__slot *slot, const struct hoy__task *task, struct hoy__task_info *info)
{
	struct hoy__stack_bounds bounds = bounds_of(slot);
	const void *sp = *(void *const volatile *)&task->sp;
	struct hoy__registers r;

	if (!hoy__registers_saved(&r, bounds, sp))
		return;
	info->stack_used = bounds.high - (uintptr_t)sp;
	info->depth = hoy__unwind(&r, bounds, false, info->frame, HOY__FRAMES);
}

/* What the task noted before it parked. */
static void look_at_wait(const struct hoy__task *task, struct hoy__task_info *info)
{
	int why = atomic_load_explicit(&task->why, memory_order_relaxed);

	info->why = (enum hoy__why)(why & 0xff);
	info->flags = (unsigned)why & ~0xffu;
	info->object = atomic_load_explicit(&task->object, memory_order_relaxed);
	info->since = atomic_load_explicit(&task->since, memory_order_relaxed);
	info->deadline = atomic_load_explicit(&task->deadline, memory_order_relaxed);
}

/* Between its runs a task waits until another changes its claim, and then for its turn. */
static enum hoy__task_state state_between(const struct hoy__task *task)
{
	return hoy__is_armed(task) ? HOY__TASK_WAITING : HOY__TASK_READY;
}

static bool is_own(const struct hoy__task *task)
{
	return hoy__this && !hoy__this->native && hoy__this->current == task;
}

static void look_at_started(const struct hoy__slot *slot, struct hoy__task_info *info, uint32_t runs)
{
	const struct hoy__task *task = hoy__slot_task(slot);

	info->runs = (runs + 1) / 2;
	info->stack_size = (size_t)(slot->top - slot->bottom);
	info->state = HOY__TASK_RUNNING;
	if (is_own(task))
		look_at_own_stack(slot, info);
	else if (runs % 2)
		stop_and_look(slot, info);
	if (runs % 2)
		return;
	info->state = state_between(task);
	look_at_wait(task, info);
	look_at_stack(slot, task, info);
	if (info->state == HOY__TASK_WAITING)
		describe(info);
}

static uint32_t runs_of(const struct hoy__slot *slot)
{
	return atomic_load_explicit(&hoy__slot_task(slot)->runs, memory_order_acquire);
}

UNWATCHED static void look_at_slot(const struct hoy__slot *slot, struct hoy__task_info *info)
{
	struct hoy__worker *w = atomic_load(&slot->worker);

	*info = (struct hoy__task_info){
		.id = atomic_load(&slot->id), .worker = w ? w->index : 0, .name = atomic_load(&slot->name), .fn = slot->shown,
		.site = slot->site, .deadline = HOY__NEVER, .state = HOY__TASK_QUEUED,
	};
}

/* Of one moment: false if the task has run or ended meanwhile. */
static bool look(const struct hoy__slot *slot, struct hoy__task_info *info)
{
	uint8_t state = atomic_load(&slot->state);
	uint32_t runs = state == HOY__SLOT_LIVE ? runs_of(slot) : 0;

	look_at_slot(slot, info);
	if (state == HOY__SLOT_LIVE)
		look_at_started(slot, info, runs);
	if (state == HOY__SLOT_AWAITING) {
		info->state = HOY__TASK_AWAITING;
		info->object = slot->awaits;
		describe(info);
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&slot->state) == state && atomic_load(&slot->id) == info->id &&
	       (state != HOY__SLOT_LIVE || runs_of(slot) == runs);
}

/* ---- all ---- */

struct visit {
	void (*fn)(const struct hoy__task_info *info, void *arg);
	void *arg;
	unsigned n;
};

static void visit(struct hoy__slot *slot, void *arg)
{
	struct visit *v = arg;
	struct hoy__task_info info;
	bool whole = false;

	for (int tries = 0; !whole && tries < TRIES; tries++) {
		uint8_t state = atomic_load(&slot->state);

		if (state == HOY__SLOT_FREE || state == HOY__SLOT_TIMED)
			return;
		whole = look(slot, &info);
	}
	if (!whole)
		info.depth = 0;
	v->n++;
	v->fn(&info, v->arg);
}

struct search {
	const struct hoy__worker *worker;
	struct hoy__task_info *info;
	bool found;
};

static void visit_if_running(struct hoy__slot *slot, void *arg)
{
	struct search *s = arg;

	if (atomic_load(&slot->worker) == s->worker && atomic_load(&slot->state) == HOY__SLOT_LIVE && runs_of(slot) % 2)
		s->found = look(slot, s->info);
}

bool hoy__inspect_running(const struct hoy__worker *w, struct hoy__task_info *info)
{
	struct search s = { w, info, false };

	hoy__slot_each(visit_if_running, &s);
	return s.found;
}

static void visit_thread(const struct hoy__worker *w, struct visit *v)
{
	struct hoy__task_info info = { .name = "plain thread" };

	look_at_wait(&w->stand_in, &info);
	info.state = state_between(&w->stand_in);
	if (info.why == HOY__WHY_NONE || info.state != HOY__TASK_WAITING)
		return;
	describe(&info);
	v->fn(&info, v->arg);
}

unsigned hoy__inspect(void (*fn)(const struct hoy__task_info *info, void *arg), void *arg)
{
	struct hoy__worker *native[THREADS];
	struct visit v = { fn, arg, 0 };
	unsigned n = hoy__workers_native(native, THREADS, NULL);

	hoy__slot_each(visit, &v);
	for (unsigned i = 0; i < n; i++)
		visit_thread(native[i], &v);
	return v.n;
}
