/*
 * The life of a descriptor is one word. A call takes its lock and its reference in one
 * exchange and gives them back in one; who finds the lock taken keeps the reference
 * and queues, and the lock is handed to the first in the queue without ever being
 * free in between, so nobody overtakes. Whoever drops the last reference gives the
 * number back: that cannot happen before close, which drops the descriptor's own.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/list.h"
#include "base/spin.h"
#include "fd/aside.h"
#include "fd/closing.h"
#include "fd/fd.h"
#include "fd/slab.h"
#include "os/fork.h"
#include "os/os.h"

static struct hoy__fd_turn *turn_of(struct hoy__link *link)
{
	return container_of(link, struct hoy__fd_turn, link);
}

/*
 * Under the guard. The queue is a ring without a head, so that a descriptor keeps one
 * pointer for it: to the first, and before the first is behind the last.
 */
static void append(struct hoy__link **queue, struct hoy__link *w)
{
	if (*queue)
		hoy__list_push(*queue, w);
	else
		hoy__list_init(*queue = w);
}

static void take_out(struct hoy__fd *fd, enum hoy__direction d, struct hoy__link *w)
{
	struct hoy__link *next = w->next == w ? NULL : w->next;

	if (fd->queue[d] == w)
		fd->queue[d] = next;
	hoy__list_remove(w);
	if (!fd->queue[d])
		atomic_fetch_and_explicit(&fd->state, ~HOY__FD_WAITING(d), memory_order_relaxed);
}

/* Takes the lock if it has become free, else joins the queue: false. */
static bool lock_or_join(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *w)
{
	uint64_t old = atomic_load_explicit(&fd->state, memory_order_relaxed), next;

	hoy__spin_lock(&fd->queue_guard);
	do
		next = old | (old & HOY__FD_LOCK(d) ? HOY__FD_WAITING(d) : HOY__FD_LOCK(d));
	while (!atomic_compare_exchange_weak(&fd->state, &old, next));
	if (old & HOY__FD_LOCK(d))
		append(&fd->queue[d], &w->link);
	hoy__spin_unlock(&fd->queue_guard);
	return !(old & HOY__FD_LOCK(d));
}

/* Out of the queue; true when the lock came first. */
static bool withdraw(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *w)
{
	bool granted;

	hoy__spin_lock(&fd->queue_guard);
	granted = atomic_load_explicit(&w->granted, memory_order_relaxed);
	if (!granted)
		take_out(fd, d, &w->link);
	hoy__spin_unlock(&fd->queue_guard);
	return granted;
}

static int wait_once(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *w)
{
	int64_t deadline = atomic_load_explicit(&fd->deadline[d], memory_order_relaxed);
	int code;

	hoy__arm(w->task);
	code = hoy__fd_check(fd, d);
	if (code < 0 || atomic_load_explicit(&w->granted, memory_order_relaxed)) {
		if (!hoy__disarm(w->task))
			hoy__park(HOY__WHY_LOCK | HOY__WHY_MORTAL, fd, HOY__NEVER);
		return code;
	}
	return hoy__fd_waited(fd, d, deadline, hoy__park(HOY__WHY_LOCK, fd, deadline));
}

/* The caller has its reference, and keeps it whether it gets the lock or not. */
COLD static int wait_for_turn(struct hoy__fd *fd, enum hoy__direction d)
{
	struct hoy__fd_turn me = { .task = hoy__self() };
	int code = 0;

	if (!me.task)
		code = hoy__self_failure();
	else if (lock_or_join(fd, d, &me))
		return 0;
	else {
		while (code == 0 && !atomic_load_explicit(&me.granted, memory_order_relaxed))
			code = wait_once(fd, d, &me);
		if (withdraw(fd, d, &me))
			return 0;
	}
	return code;
}

/* One more call inside, with these locks if they are free. The word before, or a code. */
static inline int come_in(struct hoy__fd *fd, uint64_t lock, uint64_t *before)
{
	uint64_t old = atomic_load_explicit(&fd->state, memory_order_relaxed);

	do {
		if (old & HOY__FD_CLOSED)
			return HOY_ECLOSED;
		if ((old & HOY__FD_REFS) == HOY__FD_REFS)
			return -EUSERS;
	} while (!atomic_compare_exchange_weak(&fd->state, &old, (old + HOY__FD_REF) | lock));
	*before = old;
	return 0;
}

int hoy__fd_begin(struct hoy__fd *fd, enum hoy__direction d)
{
	uint64_t before, lock = d == HOY__NEITHER ? 0 : HOY__FD_LOCK(d);
	int code = come_in(fd, lock, &before);

	return code == 0 && before & lock ? -wait_for_turn(fd, d) : code;
}

int hoy__fd_enter(struct hoy__fd *fd, enum hoy__direction d)
{
	int begun = hoy__fd_begin(fd, d);

	if (begun > 0)
		hoy__fd_drop(fd);
	return hoy__fd_begun(begun);
}

int hoy__fd_enter_now(struct hoy__fd *fd, enum hoy__direction d)
{
	uint64_t before;
	int code = come_in(fd, HOY__FD_LOCK(d), &before);

	if (code < 0 || !(before & HOY__FD_LOCK(d)))
		return code;
	hoy__fd_drop(fd);
	return -EAGAIN;
}

int hoy__fd_hold(struct hoy__fd *fd)
{
	uint64_t before;

	return come_in(fd, 0, &before);
}

int hoy__fd_join(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *t)
{
	uint64_t before;
	int code;

	*t = (struct hoy__fd_turn){ .task = hoy__self() };
	if (!t->task)
		return hoy__self_failure();
	if ((code = come_in(fd, HOY__FD_LOCK(d), &before)) < 0)
		return code;
	if (!(before & HOY__FD_LOCK(d)) || lock_or_join(fd, d, t))
		atomic_store_explicit(&t->granted, true, memory_order_relaxed);
	return 0;
}

void hoy__fd_quit(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *t)
{
	if (withdraw(fd, d, t))
		hoy__fd_leave(fd, d);
	else
		hoy__fd_drop(fd);
}

/* A record that was never used, or whose descriptor is not there yet, has no reference. */
bool hoy__fd_hold_open(struct hoy__fd *fd)
{
	uint64_t old = atomic_load(&fd->state);

	do
		if (!(old & HOY__FD_REFS) || old & HOY__FD_CLOSED || (old & HOY__FD_REFS) == HOY__FD_REFS)
			return false;
	while (!atomic_compare_exchange_weak(&fd->state, &old, old + HOY__FD_REF));
	return true;
}

/* Whichever comes second, the number given back or the owner's free, ends the record. */
static void mark_and_recycle(struct hoy__fd *fd, uint64_t mine, uint64_t other)
{
	if (atomic_fetch_or(&fd->state, mine) & other) {
		void (*released)(void *) = fd->released;
		void *owner = fd->owner;

		hoy__fd_slab_give(fd);
		if (released)
			released(owner);
	}
}

void hoy__fd_expect_others(struct hoy__fd *fd)
{
	atomic_fetch_or_explicit(&fd->state, HOY__FD_EXPORTED, memory_order_relaxed);
}

/* If another process or a duplicate keeps the file open, the poller goes on with its events after our close. */
bool hoy__fd_is_shared(const struct hoy__fd *fd)
{
	return fd->source.kind & HOY__FD_SHARED || atomic_load_explicit(&fd->state, memory_order_relaxed) & HOY__FD_EXPORTED ||
	       fd->forks != hoy__fork_count();
}

/* Of the sockets only TCP connections linger, and not their listeners, whose port should be free at once. */
static bool close_may_block(struct hoy__fd *fd)
{
	unsigned kind = fd->source.kind & (HOY__FD_SOCKET | HOY__FD_STREAM);

	return hoy__fd_expects_slow_close(fd) && kind != HOY__FD_SOCKET;
}

/* What hoy__closing_begin returns. */
COLD static struct hoy__closing *give_number_back(struct hoy__fd *fd, bool wanted)
{
	struct hoy__closing *c = NULL;

	hoy__aside_free(fd);
	if (!(fd->source.kind & HOY__FD_NONE)) {
		int sys = fd->source.sys;

		hoy__source_close(&fd->source, hoy__fd_is_shared(fd));
		c = hoy__closing_begin(sys, fd->source.kind & HOY__FD_SOCKET, close_may_block(fd), wanted);
	}
	mark_and_recycle(fd, HOY__FD_DONE, HOY__FD_FREED);
	return c;
}

static bool drop(struct hoy__fd *fd)
{
	return (atomic_fetch_sub(&fd->state, HOY__FD_REF) & HOY__FD_REFS) == HOY__FD_REF;
}

void hoy__fd_drop(struct hoy__fd *fd)
{
	if (drop(fd))
		give_number_back(fd, false);
}

void hoy__fd_drop_and_wait(struct hoy__fd *fd)
{
	struct hoy__closing *c = drop(fd) ? give_number_back(fd, true) : NULL;

	if (c)
		hoy__closing_wait(c);
}

void hoy__fd_expect_slow_close(struct hoy__fd *fd)
{
	atomic_fetch_or_explicit(&fd->state, HOY__FD_SLOW_CLOSE, memory_order_relaxed);
}

bool hoy__fd_expects_slow_close(struct hoy__fd *fd)
{
	return atomic_load_explicit(&fd->state, memory_order_relaxed) & (HOY__FD_SLOW_CLOSE | HOY__FD_EXPORTED);
}

/* The lock goes to the first in the queue. False when the queue has gone meanwhile. */
COLD static bool hand_over(struct hoy__fd *fd, enum hoy__direction d)
{
	struct hoy__task *task = NULL;

	hoy__spin_lock(&fd->queue_guard);
	if (fd->queue[d]) {
		struct hoy__fd_turn *first = turn_of(fd->queue[d]);

		task = first->task;
		take_out(fd, d, &first->link);
		atomic_store(&first->granted, true);	/* and its stack frame may be gone */
	}
	hoy__spin_unlock(&fd->queue_guard);
	if (task)
		hoy__wake(task, 0);
	return task;
}

void hoy__fd_leave(struct hoy__fd *fd, enum hoy__direction d)
{
	uint64_t old = atomic_load_explicit(&fd->state, memory_order_relaxed), next;

	do {
		if (old & HOY__FD_WAITING(d)) {
			if (hand_over(fd, d)) {
				hoy__fd_drop(fd);
				return;
			}
			old = atomic_load_explicit(&fd->state, memory_order_relaxed);
		}
		next = (old - HOY__FD_REF) & ~HOY__FD_LOCK(d);
	} while (old & HOY__FD_WAITING(d) || !atomic_compare_exchange_weak(&fd->state, &old, next));
	if (!(next & HOY__FD_REFS))
		give_number_back(fd, false);
}

void hoy__fd_end(struct hoy__fd *fd, enum hoy__direction d, int begun)
{
	if (begun == 0 && d != HOY__NEITHER)
		hoy__fd_leave(fd, d);
	else if (begun >= 0)
		hoy__fd_drop(fd);
}

/* Whoever waits for readiness or for the lock looks again: closed, or the deadline moved. */
static void poke(struct hoy__fd *fd, enum hoy__direction d)
{
	if (!(fd->source.kind & HOY__FD_NONE))
		hoy__source_kick(&fd->source, d);
	hoy__spin_lock(&fd->queue_guard);
	struct hoy__link *first = fd->queue[d], *w = first;
	if (w)
		do
			hoy__wake(turn_of(w)->task, 0);
		while ((w = w->next) != first);
	hoy__spin_unlock(&fd->queue_guard);
}

int hoy__fd_close(struct hoy__fd *fd)
{
	uint64_t old = atomic_load_explicit(&fd->state, memory_order_relaxed);

	do
		if (old & HOY__FD_CLOSED)
			return HOY_ECLOSED;
	while (!atomic_compare_exchange_weak(&fd->state, &old, old | HOY__FD_CLOSED));
	poke(fd, HOY__IN);
	poke(fd, HOY__OUT);
	hoy__fd_drop(fd);
	return 0;
}

void hoy__fd_free(struct hoy__fd *fd)
{
	hoy__fd_close(fd);
	mark_and_recycle(fd, HOY__FD_FREED, HOY__FD_DONE);
}

int hoy__fd_set_deadline(struct hoy__fd *fd, enum hoy__direction d, int64_t deadline)
{
	int code = hoy__fd_hold(fd);

	if (code < 0)
		return code;
	if (deadline <= hoy__os_monotonic())
		deadline = HOY__PAST;
	atomic_store(&fd->deadline[d], deadline);
	if (atomic_load(&fd->state) & HOY__FD_LOCK(d))
		poke(fd, d);
	hoy__fd_drop(fd);
	return 0;
}

int hoy__fd_export(struct hoy__fd *fd)
{
	int code = hoy__fd_hold(fd), copy;

	if (code < 0)
		return code;
	hoy__fd_expect_others(fd);
	copy = hoy__os_dup(fd->source.sys);
	hoy__fd_drop(fd);
	return copy;
}

struct hoy__fd *hoy__fd_new(int sys, unsigned kind, void (*released)(void *owner), void *owner)
{
	struct hoy__fd *fd = hoy__fd_slab_take();
	uint64_t generation;

	if (!fd)
		return NULL;
	generation = (atomic_load(&fd->state) & ~(HOY__FD_GENERATION - 1)) + HOY__FD_GENERATION;
	atomic_store(&fd->deadline[HOY__IN], HOY__NEVER);
	atomic_store(&fd->deadline[HOY__OUT], HOY__NEVER);
	fd->source.kind = (uint16_t)kind;
	fd->forks = hoy__fork_count();
	fd->released = released;
	fd->owner = owner;
	if (!(kind & HOY__FD_NONE))
		hoy__source_open(&fd->source, sys);
	atomic_store(&fd->state, generation | HOY__FD_REF);
	return fd;
}
