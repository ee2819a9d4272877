/*
 * Waiting, for everything above: a waiter is a task, or a plain thread that made a
 * blocking call (it gets a stand-in task whose parking polls its own poller).
 *
 *	struct hoy__task *me = hoy__self();
 *	hoy__arm(me);				from here on, a wake-up is not lost
 *	... publish `me` where the waker looks, then look at the condition once more ...
 *	code = hoy__park(HOY__WHY_READ, object, deadline);
 *	... take `me` back from where it was published ...
 *
 * Parking may end early, with 0: the caller asks its own condition again. That is
 * what makes stale wake-ups harmless, and the memory of tasks is never unmapped.
 */
#ifndef HOY_TASK_PARK_H
#define HOY_TASK_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"

enum hoy__why {
	HOY__WHY_NONE, HOY__WHY_READ, HOY__WHY_WRITE, HOY__WHY_ACCEPT, HOY__WHY_CONNECT,
	HOY__WHY_LOCK, HOY__WHY_SLEEP, HOY__WHY_MUTEX, HOY__WHY_WAIT_GROUP, HOY__WHY_OFFLOAD,
	HOY__WHY_SIGNAL, HOY__WHY_PIPE, HOY__WHY_YIELD, HOY__WHY_LOOKUP, HOY__WHY_CLOSE, HOY__WHY_PROXY,
	HOY__WHY_CHAN, HOY__WHY_SELECT, HOY__WHY_COND, HOY__WHY_SEMAPHORE, HOY__WHY_RWLOCK,
	HOY__WHY_GROUP, HOY__WHY_SERVE,
	HOY__WHYS,
	/* or'ed in */
	HOY__WHY_MORTAL = 0x100,	/* cancellation does not end this wait */
	HOY__WHY_EVENT = 0x200,		/* the poller may end it; by task/source.c */
	HOY__WHY_ANY = 0x400		/* of several sources: object is hoy__source_wait_any's `told` */
};

struct hoy__task;

/* The running task, or the thread's stand-in; NULL only for want of memory or descriptors. */
struct hoy__task *hoy__self(void);
/* Why this thread's hoy__self was NULL just now: the code. */
int hoy__self_failure(void);
/* This thread is one of hoy's own: it wakes no task, and is not listed with the user's. 0 or a code. */
int hoy__become_helper(void);
void hoy__arm(struct hoy__task *me);
/* The same under a lock that the waker takes before it wakes me: this needs no fence, and no second look at the condition. */
void hoy__arm_locked(struct hoy__task *me);
/* Undoes arm without parking; false: a wake-up is on its way, park and it ends at once. */
bool hoy__disarm(struct hoy__task *me);
/*
 * 0 when woken, or what hoy__wake was given; HOY_ETIMEOUT past the deadline (monotonic
 * nanoseconds, HOY__NEVER for none), HOY_ECANCELED when the task's scope is cancelled.
 */
int hoy__park(enum hoy__why why, const void *object, int64_t deadline);
/* Ends a park with this code (0 or negative); false when it was not armed. From any thread. */
bool hoy__wake(struct hoy__task *task, int code);

/* The worker's clock: read at each poll, at most about 100 us old. */
int64_t hoy__coarse_now(void);
/* When a limit of d that begins now ends, by the rule of hoy/time.h: never if d is 0, in the past if it is negative. */
int64_t hoy__limit(hoy_duration d);
/* Counts an operation that did not park; every 128th lets others run. */
void hoy__spend(void);
/* How many other tasks of this worker could run now; 0 in a plain thread. */
unsigned hoy__others_ready(void);
/* The running task has just accepted: what it starts before it parks is spread. */
void hoy__note_accept(void);

#endif
