/*
 * A worker: one thread with its own poller, timers and queues. A task runs on one worker
 * for life. What other threads may touch is marked; everything else is the thread's own.
 *
 * A plain thread that makes a blocking call gets a worker too, which has no tasks but a
 * stand-in for the thread: parking it means polling right there.
 */
#ifndef HOY_TASK_WORKER_H
#define HOY_TASK_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/probe.h"
#include "base/spin.h"
#include "os/os.h"
#include "task/exceptions.h"
#include "task/lent.h"
#include "task/park.h"
#include "task/pipe.h"
#include "task/stack.h"
#include "task/switch.h"

enum {
	HOY__EVENTS = 64,		/* of one poll */
	HOY__BUDGET = 128,		/* operations without parking */
	HOY__AHEAD_RECORD = 8, HOY__AHEAD_STACK = 4, HOY__STACK_LINES = 6, HOY__LINE = 64
};

/* Of a task that waits, and who may wake it; else the code it was woken with. */
enum hoy__claim {
	HOY__CLAIM_ARMED = 1,		/* any thread */
	HOY__CLAIM_IDLE = 2,
	HOY__CLAIM_LOCAL = 3		/* its own worker's thread */
};

/*
 * Lives at the top of its own stack, so that a new task touches one page. What a park
 * and a wake-up touch is the first line.
 */
struct hoy__task {
	_Alignas(64) void *sp;		/* while suspended */
	struct hoy__worker *worker;
	struct hoy__task *next;		/* in an inbox */
	_Atomic int64_t deadline;	/* of the park in progress; other threads read it for dumps */
	_Atomic int claim;		/* any thread: who wakes it first */
	int16_t budget;			/* operations left before it must yield */
	bool accepted;			/* has accepted since it last parked */
	bool scoped;			/* a wait checks scope: set with it, or when it is cancelled if tasks share it (scope_joined.c) */
	/* read by dumps */
	_Atomic int why;
	_Atomic uint32_t runs;		/* one more when it gets the thread, and when it gives it back: odd while it runs */
	const void *_Atomic object;
	_Atomic int64_t since;

	struct hoy__heap_node timer;	/* may be armed earlier than needed: it looks at deadline */
	struct hoy__slot *slot;
	struct hoy_scope *scope;	/* the innermost; NULL: only the end of hoy_run cancels it */
	struct hoy_group *groups;	/* that it made and has not freed, newest first; other threads read it under the lock */
	atomic_uint groups_lock;
};

_Static_assert(sizeof(struct hoy__task) == 128, "two lines of every stack");
_Static_assert(offsetof(struct hoy__task, timer) <= 64, "a park touches one of them");

/* Ready tasks in order, as an array that can be looked ahead in. */
struct hoy__ring {
	struct hoy__task **at;
	uint32_t head, tail, mask;	/* head and tail only grow */
};

/* Unstarted tasks, in order; other workers steal from it. */
struct hoy__fresh {
	atomic_uint lock;
	_Atomic unsigned count;
	struct hoy__slot *first, **last;
};

struct hoy__counters {			/* written by the worker, read by anybody */
	_Atomic uint64_t started, ended, switches, steals, polls, sleeps, wakes, stalls;
};

enum hoy__role {
	HOY__PLAIN,		/* the user's thread */
	HOY__HELPER,		/* of hoy itself: it wakes no task */
	HOY__IN_RUN		/* the thread is a worker of a run for the time being, with another record */
};

struct hoy__worker {
	struct hoy__task *current;
	struct hoy__task *left;		/* while a switch away from it is under way */
	void *sp;			/* of the loop, while a task runs */
	char *lent;			/* lent.h; NULL until a task reads into it */
	struct hoy__ring ready;
	struct hoy__heap timers;
	int64_t now;			/* read at each poll */
	uint64_t slice;			/* ticks in 100 us */
	uint64_t round_began;		/* the tick at which the worker last began to run what was ready */
	struct hoy__slot *ended;	/* to be given back once off its stack */
	struct hoy__slot_list free[HOY__CLASSES];
	struct hoy__stack_note note;	/* of the loop's own stack */
	int poller, waker;
	int pipes[HOY__PIPES][2];	/* pipe.h: the first `spare` */
	unsigned spare;
	int64_t sweep_at;		/* HOY__NEVER: nothing to sweep */
	int64_t look_at, patience;	/* of the lookout; look_at is HOY__NEVER for all others */
	int64_t calibrated_at;
	uint64_t calibrated_tick;
	uint64_t random;
	uint32_t ready_left, fresh_left;	/* of the round in progress */
	uint32_t unmeasured;		/* how many tasks may still run before the loop looks at the time */
	uint64_t nudged;		/* sleeps that others ended: as many writes to the waker */
	bool unusual;			/* suspending takes more than a switch: native, or with C++ exceptions */
	bool native, canceled;
	_Atomic uint8_t role;		/* native: of enum hoy__role */
	int8_t busywait_score;
	pthread_t thread;		/* not of a native one */
	struct hoy__exceptions *exceptions;	/* the thread's; NULL in a program without C++ */
	unsigned index;
	uint32_t home;			/* its name among the workers of all runs; 0 for a native one */
	uint64_t next_id;		/* of the tasks that it starts; they are id_step apart */
	unsigned id_step;

	/* any thread */
	_Alignas(64) struct hoy__task *_Atomic inbox;
	_Atomic bool asleep;
	_Atomic uint32_t live;		/* tasks that have started and not ended here; only the worker writes it */
	_Atomic uint32_t awaiting;	/* tasks that start here when their source says so */
	struct hoy__fresh fresh;
	struct hoy__counters count;
	_Atomic uint64_t switches_seen;	/* by the lookout, at its last look */

	struct hoy__event events[HOY__EVENTS];
	struct hoy__task stand_in;	/* native only */
	struct hoy__task *few[4];	/* native only: its ring */
	struct hoy__heap_slot one[4];	/* … and its timers */
	struct hoy__worker *next_free;	/* in the pool */
	struct hoy__link link;		/* among the open ones of the process */
};

extern _Thread_local struct hoy__worker *hoy__this __attribute__((tls_model("initial-exec")));

/*
 * Records are recycled but never freed: a late event or wake-up may still look at one.
 * NULL for want of memory.
 */
struct hoy__worker *hoy__worker_get(void);
void hoy__worker_put(struct hoy__worker *w);
void hoy__worker_reset(struct hoy__worker *w);
/* Opens poller and waker; 0 or a code. */
int hoy__worker_open(struct hoy__worker *w);
void hoy__worker_close(struct hoy__worker *w);
/*
 * Around a fork. The child closes its copies of all pollers and wakers, whose threads it does not
 * have, and leaves the records alone: what lies in a queue of the parent may still point to them.
 */
void hoy__workers_lock(void);
void hoy__workers_unlock(void);
void hoy__workers_forget(void);
/*
 * The workers of plain threads of the user; helpers are counted in *helpers, unless that is NULL. How many. A thread may end
 * meanwhile; its record stays.
 */
unsigned hoy__workers_native(struct hoy__worker **list, unsigned most, unsigned *helpers);
/* Runs tasks on this thread until the runtime has none left. */
void hoy__worker_loop(struct hoy__worker *w);
/* Takes what others sent, events and timers; sleeps until there are some if nothing is ready. */
void hoy__worker_poll(struct hoy__worker *w);
/* Wakes it if it sleeps; at most one system call a sleep. False: it is awake. From any thread. */
bool hoy__worker_nudge(struct hoy__worker *w);
/* Queues an unstarted task. From any thread. */
void hoy__worker_queue(struct hoy__worker *w, struct hoy__slot *slot);

/* Room for as many tasks as are alive, within what was reserved. */
void hoy__ring_fit(struct hoy__ring *r, uint32_t tasks);

static inline bool hoy__ring_empty(const struct hoy__ring *r)
{
	return r->head == r->tail;
}

static inline void hoy__ring_push(struct hoy__ring *r, struct hoy__task *task)
{
	r->at[r->tail++ & r->mask] = task;
}

static inline struct hoy__task *hoy__ring_pop(struct hoy__ring *r)
{
	return r->at[r->head++ & r->mask];
}

/* Under the lock. */
static inline void hoy__fresh_add(struct hoy__fresh *fresh, int change)
{
	atomic_store_explicit(&fresh->count, atomic_load_explicit(&fresh->count, memory_order_relaxed) + (unsigned)change,
			      memory_order_relaxed);
}

static inline bool hoy__worker_has_tasks(struct hoy__worker *w)
{
	return !hoy__ring_empty(&w->ready) || atomic_load_explicit(&w->inbox, memory_order_relaxed) ||
	       atomic_load_explicit(&w->fresh.count, memory_order_relaxed);
}

/* A counter that only this thread writes. */
static inline void hoy__count(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

static inline int64_t hoy__deadline(struct hoy__task *task)
{
	return atomic_load_explicit(&task->deadline, memory_order_relaxed);
}

static inline void hoy__set_deadline(struct hoy__task *task, int64_t deadline)
{
	atomic_store_explicit(&task->deadline, deadline, memory_order_relaxed);
}

/* One live task more or less; how many there are now. */
static inline uint32_t hoy__live(struct hoy__worker *w, int change)
{
	uint32_t live = atomic_load_explicit(&w->live, memory_order_relaxed) + (uint32_t)change;

	atomic_store_explicit(&w->live, live, memory_order_relaxed);
	return live;
}

/* How many tasks are queued, awaited or alive here, for placement: about right. */
static inline uint32_t hoy__load(struct hoy__worker *w)
{
	return atomic_load_explicit(&w->live, memory_order_relaxed) + atomic_load_explicit(&w->awaiting, memory_order_relaxed) +
	       atomic_load_explicit(&w->fresh.count, memory_order_relaxed);
}

/*
 * At many connections every wake touches cold lines of a cold page: the record and the top of the stack. They are loaded
 * while the tasks before them run, the record by a load whose result is not used: processors drop a prefetch that misses
 * the TLB (measured: see doc/decisions.md).
 */
static inline void hoy__prefetch_ahead(const struct hoy__ring *r)
{
	uint32_t ready = r->tail - r->head;

	if (ready > HOY__AHEAD_RECORD)
		(void)*(void *const volatile *)&r->at[(r->head + HOY__AHEAD_RECORD) & r->mask]->sp;
	if (ready > HOY__AHEAD_STACK) {
		const char *sp = r->at[(r->head + HOY__AHEAD_STACK) & r->mask]->sp;

		for (int i = 0; i < HOY__STACK_LINES; i++)
			__builtin_prefetch(sp + i * HOY__LINE);
	}
}

/* The next ready task of this round, of which there is one. */
static inline struct hoy__task *hoy__next_ready(struct hoy__worker *w)
{
	w->ready_left--;
	hoy__prefetch_ahead(&w->ready);
	return hoy__ring_pop(&w->ready);
}

/*
 * One round is everything unstarted when it began, then everything that was ready: a task that yields comes after what it
 * started, and neither kind waits for ever. When a round is over, the next one begins.
 */
static inline void hoy__go_round(struct hoy__worker *w)
{
	if (w->ready_left || w->fresh_left)
		return;
	w->ready_left = w->ready.tail - w->ready.head;
	w->fresh_left = atomic_load_explicit(&w->fresh.count, memory_order_relaxed);
}

/* What the loop would resume next; NULL: the loop has more to do than that. */
static inline struct hoy__task *hoy__next_direct(struct hoy__worker *w)
{
	hoy__go_round(w);
	return w->unmeasured && w->ready_left && !w->fresh_left ? hoy__next_ready(w) : NULL;
}

static inline void hoy__set_current(struct hoy__worker *w, struct hoy__task *task)
{
	w->current = task;
	task->budget = HOY__BUDGET;
	w->unmeasured--;
	hoy__count(&w->count.switches);
}

/* A sequence lock around the stack of a task that runs, for hoy__inspect: odd from before the switch to it, */
static inline void hoy__begin_run(struct hoy__task *task)
{
	uint32_t runs = atomic_load_explicit(&task->runs, memory_order_relaxed);

	atomic_store_explicit(&task->runs, runs + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

/* and even after the switch away from it, on whatever stack that leads to. */
static inline void hoy__end_run(struct hoy__worker *w)
{
	struct hoy__task *task = w->left;

	if (!task)
		return;
	atomic_store_explicit(&task->runs, atomic_load_explicit(&task->runs, memory_order_relaxed) + 1, memory_order_release);
	w->left = NULL;
}

/* From the running task to another one without the loop between them: half the way. */
static inline void hoy__switch_direct(struct hoy__worker *w, struct hoy__task *from, struct hoy__task *to)
{
	hoy__set_current(w, to);
	if (to == from)
		return;
	w->left = from;
	hoy__begin_run(to);
	hoy__note_leave(&from->slot->note, &to->slot->note, 0);
	hoy__switch(&from->sp, to->sp);
	hoy__end_run(w);
	hoy__note_arrive(&from->slot->note, &w->note);
}

/* From the task to the loop, until it is resumed. */
static inline void hoy__leave_task(struct hoy__worker *w, struct hoy__task *task)
{
	w->left = task;
	hoy__note_leave(&task->slot->note, &w->note, 0);
	hoy__switch(&task->sp, w->sp);
	hoy__end_run(w);
	hoy__note_arrive(&task->slot->note, &w->note);
}

void hoy__suspend_unusual(struct hoy__worker *w, struct hoy__task *task);

/* Suspends the running task; others go on. */
static inline void hoy__suspend(struct hoy__worker *w, struct hoy__task *task)
{
	struct hoy__task *next;

	if (w->lent)
		hoy__note_hide(w->lent, HOY__LENT);
	if (w->unusual)
		hoy__suspend_unusual(w, task);
	else if ((next = hoy__next_direct(w)))
		hoy__switch_direct(w, task, next);
	else
		hoy__leave_task(w, task);
}

/* Off the stack of a task that has ended: only now may somebody else have it. */
void hoy__bury(struct hoy__worker *w);

/*
 * Lets a task run, and those that it switches to, until one ends or leaves to the loop. Inline, since the processor
 * mispredicts every return after a switch, and here is none.
 */
static inline void hoy__resume(struct hoy__worker *w, struct hoy__task *task)
{
	hoy__set_current(w, task);
	hoy__begin_run(task);
	hoy__note_leave(&w->note, &task->slot->note, 0);
	hoy__switch(&w->sp, task->sp);
	hoy__end_run(w);
	hoy__note_arrive(&w->note, NULL);
	w->current = NULL;
	if (w->ended)
		hoy__bury(w);
}

/* May the caller block in a system call? A plain thread may, unless it is in a scope, which would not end that wait. */
static inline bool hoy__may_block(void)
{
	return !hoy__this || (hoy__this->native && !hoy__this->current->scoped);
}

/* A ready task of this very worker. */
static inline void hoy__make_ready(struct hoy__worker *w, struct hoy__task *task)
{
	hoy__ring_push(&w->ready, task);
}

/* It waits, and has not been woken. */
static inline bool hoy__is_armed(const struct hoy__task *task)
{
	int claim = atomic_load(&task->claim);

	return claim == HOY__CLAIM_ARMED || claim == HOY__CLAIM_LOCAL;
}

/* As hoy__arm_locked, where the lock keeps all other threads out. */
static inline void hoy__arm_local(struct hoy__task *me)
{
	atomic_store_explicit(&me->claim, HOY__CLAIM_LOCAL, memory_order_relaxed);
}

/* Under that lock. False: a task of another worker, or woken already. */
static inline bool hoy__is_armed_local(const struct hoy__task *task)
{
	return atomic_load_explicit(&task->claim, memory_order_relaxed) == HOY__CLAIM_LOCAL;
}

static inline void hoy__wake_local(struct hoy__task *task)
{
	atomic_store_explicit(&task->claim, 0, memory_order_relaxed);
	HOY__PROBE(wake, task->slot, 0);
	hoy__make_ready(task->worker, task);
}

/* From another thread, when that has the lock: any thread may wake it now, if it still waits. */
static inline void hoy__share_armed(struct hoy__task *task)
{
	int local = HOY__CLAIM_LOCAL;

	atomic_compare_exchange_strong_explicit(&task->claim, &local, HOY__CLAIM_ARMED, memory_order_relaxed, memory_order_relaxed);
}

/* Counts an operation that did not park. True: it is time to let others run. */
static inline bool hoy__has_spent(struct hoy__worker *w)
{
	return !w->native && --w->current->budget <= 0;
}

/* The record of a task that has started, at the top of its stack. */
static inline struct hoy__task *hoy__slot_task(const struct hoy__slot *slot)
{
	return (struct hoy__task *)slot->top - 1;
}

/* An event of the poller, for its source. */
void hoy__source_event(uint64_t key, unsigned ready);
void hoy__source_prefetch(uint64_t key);
void hoy__source_touch_waiter(uint64_t key);

#endif
