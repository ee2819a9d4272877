/*
 * A run begins with one worker for each CPU, the caller's thread being the first, and
 * ends in three steps: the first task returns and the root scope is cancelled; the last
 * task ends, which is when as many have ended as were started; the workers stop. Live
 * stacks are never freed: if tasks are left after the grace period, the process ends.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/debug.h>
#include <hoy/err.h>

#include "base/moment.h"
#include "os/cgroup.h"
#include "task/biased.h"
#include "task/dump.h"
#include "task/fork.h"
#include "task/leaks.h"
#include "task/monitor.h"
#include "task/overflow.h"
#include "task/roots.h"
#include "task/pool.h"
#include "task/runtime.h"
#include "task/timer.h"

enum { EXIT_TASKS_LEFT = 70, RING_FIRST = 1024, QUEUE_ROOM = 2 * HOY__TASKS_MOST, RUNS_MOST = UINT32_MAX / HOY__MAX_WORKERS };

struct hoy__runtime *_Atomic hoy__runtime;
static atomic_flag running = ATOMIC_FLAG_INIT;

/*
 * Held until it is known how many threads there are, since no worker may look at the others
 * before; at the end; and by those who look at the workers from outside.
 */
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

/* Watches the end, for as long as grace allows. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over;
} watch = { .lock = PTHREAD_MUTEX_INITIALIZER };

int hoy__worker_count(int asked, const char *root)
{
	const char *text = secure_getenv("HOY_WORKERS");
	int n = asked > 0 ? asked : text ? atoi(text) : 0, limit;

	if (n <= 0) {
		n = hoy__os_cpus_allowed();
		limit = hoy__os_cpu_limit(root);
		if (limit > 0 && limit < n)
			n = limit;
	}
	return n < 1 ? 1 : n > HOY__MAX_WORKERS ? HOY__MAX_WORKERS : n;
}

/* Room for every task there can be, as address space: growing it later cannot fail. */
static int reserve_queues(struct hoy__worker *w)
{
	void *at;
	int code;

	if (w->ready.at && !w->native)
		return 0;
	if ((code = hoy__os_map(QUEUE_ROOM * sizeof *w->ready.at, &at)) < 0)
		return code;
	w->ready.at = at;
	if ((code = hoy__os_map(QUEUE_ROOM * sizeof *w->timers.slots, &at)) < 0) {
		hoy__os_unmap(w->ready.at, QUEUE_ROOM * sizeof *w->ready.at);
		w->ready.at = NULL;
		return code;
	}
	w->timers.slots = at;
	w->timers.room = QUEUE_ROOM;
	return 0;
}

static void unmap_queues(struct hoy__worker *w)
{
	hoy__os_unmap(w->ready.at, QUEUE_ROOM * sizeof *w->ready.at);
	hoy__os_unmap(w->timers.slots, QUEUE_ROOM * sizeof *w->timers.slots);
	w->ready.at = NULL;
	w->timers.slots = NULL;
}

static void end_worker(struct hoy__worker *w)
{
	hoy__worker_close(w);
	unmap_queues(w);
	hoy__worker_put(w);
}

static struct hoy__worker *new_worker(uint32_t run, unsigned index, unsigned of, int *code)
{
	struct hoy__worker *w = hoy__worker_get();

	*code = -ENOMEM;
	if (!w)
		return NULL;
	hoy__worker_reset(w);
	w->index = index;
	w->home = hoy__home(run, index);
	w->next_id = index + 1;
	w->id_step = of;
	if ((*code = reserve_queues(w)) < 0)
		goto fail;
	w->ready.mask = RING_FIRST - 1;
	if ((*code = hoy__worker_open(w)) < 0)
		goto unmap;
	w->random += index * UINT64_C(0x9e3779b97f4a7c15);
	return w;
unmap:
	unmap_queues(w);
fail:
	hoy__worker_put(w);
	return NULL;
}

static void *worker_thread(void *arg)
{
	struct hoy__worker *w = arg;

	pthread_mutex_lock(&changing);
	pthread_mutex_unlock(&changing);
	hoy__this = w;
	hoy__overflow_thread_begin(hoy__reports_stop_threads(&atomic_load(&hoy__runtime)->asked));
	hoy__worker_loop(w);
	hoy__overflow_thread_end();
	hoy__this = NULL;
	return NULL;
}

static uint64_t sum_ended(struct hoy__runtime *rt)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < rt->n; i++)
		sum += atomic_load_explicit(&rt->workers[i]->count.ended, memory_order_acquire);
	return sum;
}

static uint64_t sum_started(struct hoy__runtime *rt)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < rt->n; i++)
		sum += atomic_load_explicit(&rt->workers[i]->count.started, memory_order_acquire);
	return sum;
}

static void wake_all(struct hoy__runtime *rt)
{
	for (unsigned i = 0; i < rt->n; i++)
		hoy__worker_nudge(rt->workers[i]);
}

/*
 * Only a task starts tasks, and is counted as started before it ends: when the ended
 * ones, read first, are as many as the started ones, read afterwards, none is left.
 */
void hoy__runtime_ended(struct hoy__runtime *rt)
{
	uint64_t ended;

	/* two workers may bury their last tasks at once: one of them sees both */
	atomic_thread_fence(memory_order_seq_cst);
	ended = sum_ended(rt);
	if (ended != sum_started(rt))
		return;
	atomic_store(&rt->done, true);
	wake_all(rt);
}

/* Grace is watched by a thread of its own: a task that never waits stops every worker. */
static void *watch_end(void *grace)
{
	struct timespec t = hoy__moment_timespec(hoy__moment_add(hoy__os_monotonic(), *(hoy_duration *)grace));
	int code = 0;

	pthread_mutex_lock(&watch.lock);
	while (!watch.over && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&watch.ended, &watch.lock, &t);
	if (!watch.over)
		hoy__tasks_left(EXIT_TASKS_LEFT);
	pthread_mutex_unlock(&watch.lock);
	return NULL;
}

static void watch_begin(struct hoy__runtime *rt)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&watch.ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	watch.over = false;
	rt->watched = pthread_create(&rt->watcher, NULL, watch_end, &rt->grace) == 0;
}

static void watch_stop(struct hoy__runtime *rt)
{
	if (!rt->watched)
		return;
	pthread_mutex_lock(&watch.lock);
	watch.over = true;
	pthread_cond_signal(&watch.ended);
	pthread_mutex_unlock(&watch.lock);
	pthread_join(rt->watcher, NULL);
	pthread_cond_destroy(&watch.ended);
}

static bool are_others_left(struct hoy__runtime *rt)
{
	uint64_t ended = sum_ended(rt);		/* first: then the difference is never too small */

	return sum_started(rt) - ended > 1;
}

/* The first task: when it returns, everything else is asked to. */
static int run_main(void *arg)
{
	struct hoy__runtime *rt = arg;

	rt->result = hoy__call_user(rt->fn, rt->arg);
	if (are_others_left(rt))
		hoy__leaks_report_tasks(rt);
	atomic_store(&rt->canceled, true);
	if (are_others_left(rt))
		watch_begin(rt);
	wake_all(rt);
	return 0;
}

static int open_workers(struct hoy__runtime *rt, int n)
{
	int code;

	if (!(rt->workers = hoy__alloc((size_t)n * sizeof *rt->workers)))
		return -ENOMEM;
	for (rt->n = 0; rt->n < (unsigned)n; rt->n++)
		if (!(rt->workers[rt->n] = new_worker(rt->number, rt->n, (unsigned)n, &code)))
			return code;
	return 0;
}

static void close_workers(struct hoy__runtime *rt)
{
	while (rt->n > 0)
		end_worker(rt->workers[--rt->n]);
	hoy__release(rt->workers);
}

/* Threads for all but the first worker; those that cannot be had are done without. */
static void begin_threads(struct hoy__runtime *rt)
{
	unsigned n = 1;

	pthread_mutex_lock(&changing);
	rt->workers[0]->thread = pthread_self();
	while (n < rt->n && pthread_create(&rt->workers[n]->thread, NULL, worker_thread, rt->workers[n]) == 0)
		n++;
	while (rt->n > n)
		end_worker(rt->workers[--rt->n]);
	atomic_store(&hoy__runtime, rt);
	pthread_mutex_unlock(&changing);
}

static void end_run(struct hoy__runtime *rt)
{
	pthread_mutex_lock(&changing);
	for (unsigned i = 0; i < rt->n; i++)
		hoy__timers_drop(rt->workers[i]);
	atomic_store(&hoy__runtime, NULL);
	pthread_mutex_unlock(&changing);
}

void hoy__runtime_lock(void)
{
	pthread_mutex_lock(&changing);
}

void hoy__runtime_unlock(void)
{
	pthread_mutex_unlock(&changing);
}

struct hoy__runtime *hoy__runtime_locked(void)
{
	hoy__runtime_lock();
	return atomic_load(&hoy__runtime);
}

/* The run goes on in the parent. Its workers' records stay, for what may point to them. */
void hoy__runtime_forget(void)
{
	struct hoy__runtime *rt = atomic_exchange(&hoy__runtime, NULL);

	for (unsigned i = 0; rt && i < rt->n; i++)
		unmap_queues(rt->workers[i]);
	if (rt)
		hoy__release(rt->workers);
	pthread_mutex_init(&watch.lock, NULL);
	atomic_flag_clear(&running);
	hoy__runtime_unlock();
}

static void run_all(struct hoy__runtime *rt, struct hoy__slot *main_task)
{
	struct hoy__worker *before = hoy__this, *first = rt->workers[0];
	struct hoy__root callers = hoy__root_below(__builtin_frame_address(0));

	hoy__root_add(callers);
	if (before)
		atomic_store(&before->role, HOY__IN_RUN);
	begin_threads(rt);
	hoy__this = first;
	hoy__launch(first, main_task);
	hoy__overflow_thread_begin(hoy__reports_stop_threads(&rt->asked));
	hoy__worker_loop(first);
	hoy__overflow_thread_end();
	hoy__this = before;
	if (before)
		atomic_store(&before->role, HOY__PLAIN);
	for (unsigned i = 1; i < rt->n; i++)
		pthread_join(rt->workers[i]->thread, NULL);
	watch_stop(rt);
	end_run(rt);
	hoy__root_remove(callers);
}

/*
 * No task is left. Calls of the user's have ended with theirs. A read that its task has given up may block for ever,
 * and is left alone; a close is waited for, as it lingers for a time that was asked for.
 */
static void stop_pools(hoy_duration grace)
{
	hoy__pool_stop(HOY__POOL_USER, HOY__NEVER);
	hoy__pool_stop(HOY__POOL_IO, hoy_in(100 * HOY_MILLISECOND).ns);
	hoy__pool_stop(HOY__POOL_CLOSE, hoy_in(grace).ns);
}

/* Everything that may fail, before the first task runs. */
static int run_opened(struct hoy__runtime *rt, const hoy_run_opts *opts, const struct hoy__beside *beside)
{
	static const hoy_go_opts named = { .name = "main" };
	struct hoy__slot *main_task;
	int code = open_workers(rt, hoy__worker_count(opts->workers, ""));

	if (code < 0 || (code = hoy__overflow_begin(opts->report_overflow)) < 0)
		return code;
	hoy__pool_set_threads(HOY__POOL_USER, opts->offload_threads, opts->offload_most);
	main_task = hoy__reserve(rt->workers[0], &named, run_main, rt, rt->site);
	code = main_task ? hoy__monitor_begin(rt, &rt->asked) : -ENOMEM;
	if (code == 0 && (code = beside->begin(opts)) < 0)
		hoy__monitor_end();
	if (code == 0) {
		if (rt->asked.leaks)
			hoy__leaks_begin();
		main_task->shown = rt->fn;
		run_all(rt, main_task);
		beside->end();
		hoy__monitor_end();
		stop_pools(rt->grace);
		hoy__signals_restore();
		hoy__leaks_end();
	} else if (main_task) {
		hoy__slot_give(rt->workers[0]->free, main_task);
	}
	hoy__overflow_end();
	return code;
}

int hoy__run(const hoy_run_opts *opts, hoy_fn *fn, void *arg, const void *site, const struct hoy__beside *beside)
{
	/* Not on the stack: exit() from a task has leaks looked for, but not on the stack it left. */
	static struct hoy__runtime rt;
	static const hoy_run_opts defaults;
	static uint32_t runs;
	int code;

	if (atomic_flag_test_and_set(&running))
		return -EBUSY;
	if (!opts)
		opts = &defaults;
	runs = runs % RUNS_MOST + 1;
	rt = (struct hoy__runtime){ .fn = fn, .arg = arg, .site = site, .number = runs,
				    .asked = hoy__reports_asked(opts), .grace = opts->grace ? opts->grace : 10 * HOY_SECOND };
	hoy__os_trust_sigpipe_ignored(opts->sigpipe_ignored);
	hoy__biased_prepare();
	code = run_opened(&rt, opts, beside);
	close_workers(&rt);
	hoy__os_trust_sigpipe_ignored(0);
	if (code == 0 && opts->result)
		*opts->result = rt.result;
	else if (code == 0)
		code = rt.result;
	atomic_flag_clear(&running);
	return code;
}
