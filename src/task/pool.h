/*
 * Threads for calls that block. An errand waits in its pool's queue until a thread is free; until it
 * starts it can be withdrawn, and once started it cannot be interrupted.
 *
 * Each kind of errand has a pool of its own, so that none holds up another: calls of the user's that
 * never return leave file reads alone, and closes that linger leave both alone.
 */
#ifndef HOY_TASK_POOL_H
#define HOY_TASK_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

enum hoy__pool {
	HOY__POOL_USER,		/* hoy_offload */
	HOY__POOL_IO,		/* reads, writes and accepts of descriptors whose calls block; files of the resolver */
	HOY__POOL_CLOSE,	/* closes that may block */
	HOY__POOLS
};

/* Zero before it is submitted. */
struct hoy__errand {
	struct hoy__link link;			/* in the queue */
	void (*run)(struct hoy__errand *e);	/* on a thread of the pool; may free e */
};

/* Queues e. 0, or a code when the pool has no thread and can have none: e never runs. */
int hoy__pool_submit(enum hoy__pool which, struct hoy__errand *e);
/* True when e was still queued: it never runs. False: it has started, or even ended. */
bool hoy__pool_withdraw(enum hoy__pool which, struct hoy__errand *e);
/*
 * A caller that waits for e looks at its queue now and then: a pool that has not started any errand
 * for a while gets more threads here, since those it has may wait for one that is queued. Sets
 * *again to the moment of the next look, HOY__NEVER once e has started. 0, or -EAGAIN when e is
 * queued, the pool has all the threads it can have, and none of them has come free for ten seconds.
 */
int hoy__pool_look(enum hoy__pool which, struct hoy__errand *e, int64_t *again);

/* How many threads the pool has in the ordinary case, and when it is stuck; 0: the default of either. */
void hoy__pool_set_threads(enum hoy__pool which, int threads, int most);
/* Ends the pool's threads and waits for them until that moment; errands still running then go on by themselves. */
void hoy__pool_stop(enum hoy__pool which, int64_t until);

/* How many threads all pools have, if none of them has anything to do; else -1. */
int hoy__pools_idle(void);

/* Around a fork. The child has neither the threads nor the queues. */
void hoy__pools_lock(void);
void hoy__pools_unlock(void);
void hoy__pools_forget(void);

#endif
