/* One hoy_run: its workers, and how it ends. */
#ifndef HOY_TASK_RUNTIME_H
#define HOY_TASK_RUNTIME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <hoy/task.h>

#include "task/debug.h"
#include "task/source.h"
#include "task/worker.h"
#include "task/workers.h"

/* A worker's home is its run's number, which is never 0, and its index. */
static inline uint32_t hoy__home(uint32_t run, unsigned index) { return run * HOY__MAX_WORKERS + index; }
static inline uint32_t hoy__home_run(uint32_t home) { return home / HOY__MAX_WORKERS; }
static inline unsigned hoy__home_index(uint32_t home) { return home % HOY__MAX_WORKERS; }

struct hoy__runtime {
	struct hoy__worker **workers;
	unsigned n;
	uint32_t number;		/* of the run */
	hoy_fn *fn;			/* the first task */
	void *arg;
	const void *site;		/* where hoy_run was called */
	int result;
	hoy_duration grace;
	struct hoy__reports asked;
	pthread_t watcher;		/* of the grace period */
	bool watched;
	_Atomic bool canceled;		/* the root scope: fn has returned */
	_Atomic bool done;		/* and the last task has ended */
	struct hoy__worker *_Atomic lookout;	/* NULL: none */
	_Atomic int looks;		/* that are still to be made: see lookout.c */
};

/* What a layer above does while a run lasts. When begin fails, with a code, no task runs, and neither does end. */
struct hoy__beside {
	int (*begin)(const hoy_run_opts *opts);
	void (*end)(void);
};

/* hoy_run_with, told where it was called. */
int hoy__run(const hoy_run_opts *opts, hoy_fn *fn, void *arg, const void *site, const struct hoy__beside *beside);

/* The run in progress, or NULL. For its own tasks and threads, */
extern struct hoy__runtime *_Atomic hoy__runtime;
/* and for any other: its workers stay as they are until it is unlocked. */
struct hoy__runtime *hoy__runtime_locked(void);
void hoy__runtime_lock(void);
void hoy__runtime_unlock(void);

/* A task has ended while the root was cancelled: was it the last? */
void hoy__runtime_ended(struct hoy__runtime *rt);
/* How many workers: as asked, else $HOY_WORKERS, else by affinity and the cgroup quota below root. */
int hoy__worker_count(int asked, const char *root);
/* The less loaded of two workers chosen at random. */
struct hoy__worker *hoy__place(struct hoy__worker *here);

/* hoy_go_with, told where it was called. */
int hoy__go(const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site);
/*
 * In two steps: what may fail, then what may not. The slot is for fn(arg), or with room for an argument of so many bytes, at
 * slot->arg, which is not filled in yet.
 */
enum {
	HOY__COPY_MOST = 16 << 10,
	HOY__TASKS_MOST = 2 << 20	/* on one worker, with its timers; its queues have room for twice as many */
};
int hoy__go_prepare(const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site, struct hoy__slot **slot);
int hoy__go_prepare_room(const hoy_go_opts *opts, hoy_fn *fn, size_t size, const void *site, struct hoy__slot **slot);
void hoy__go_launch(const hoy_go_opts *opts, struct hoy__slot *slot);
void hoy__go_launch_on(unsigned index, struct hoy__slot *slot);
/* Reserves a slot for fn(arg), not yet queued; NULL for want of memory. */
struct hoy__slot *hoy__reserve(struct hoy__worker *w, const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site);
/* Queues a reserved task on this worker: nothing can fail. */
void hoy__launch(struct hoy__worker *w, struct hoy__slot *slot);
/* The same from no task, by the worker itself: false when the run ends, and then it does not start. */
bool hoy__launch_late(struct hoy__worker *w, struct hoy__slot *slot);
/* A task that was counted has ended. */
void hoy__count_out(struct hoy__worker *w);
/* A reserved task starts when its source says so: counted now, queued by hoy__awaited. */
void hoy__await(struct hoy__worker *w, struct hoy__slot *slot, struct hoy__source *s, enum hoy__direction d);
void hoy__awaited(struct hoy__slot *slot);
/* Makes the record of a task that has not run yet, ready to be resumed. */
struct hoy__task *hoy__begin(struct hoy__worker *w, struct hoy__slot *slot);

/* At the end of a run: the handlers of hoy_signal_wait. */
void hoy__signals_restore(void);

/* Around a fork: see fork.c. */
void hoy__runtime_forget(void);
void hoy__signals_lock(void);
void hoy__signals_unlock(void);
void hoy__signals_forget(void);

#endif
