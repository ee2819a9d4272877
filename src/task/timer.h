/* The timers of hoy_after, as a worker sees them. Each worker has its own; any thread may start, stop and move one. */
#ifndef HOY_TASK_TIMER_H
#define HOY_TASK_TIMER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/moment.h"
#include "task/worker.h"
#include "task/workers.h"

/* By the worker's index: when its earliest timer fires; 0: it has none. */
extern _Atomic int64_t hoy__timers_first[HOY__MAX_WORKERS];

/* HOY__NEVER also when timers fire no more, since the run ends. */
static inline int64_t hoy__timers_next(const struct hoy__worker *w)
{
	int64_t first = w->native || w->canceled ? 0 : atomic_load_explicit(&hoy__timers_first[w->index], memory_order_relaxed);

	return first ? first : HOY__NEVER;
}

/* Starts the tasks of those that are due. */
void hoy__timers_fire(struct hoy__worker *w);
/* The run is over: forgets the rest. */
void hoy__timers_drop(struct hoy__worker *w);

/* Around a fork: the child has none of them. Within hoy__runtime_lock. */
void hoy__timers_lock(void);
void hoy__timers_unlock(void);
void hoy__timers_forget(void);

#endif
