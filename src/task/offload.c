/*
 * Calls that block in the C library run on threads of their own, started on demand and
 * kept for a while. The task waits like for anything else; the call itself cannot be
 * interrupted, so neither is the wait.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <hoy/task.h>

#include "task/runtime.h"
#include "task/waiters.h"

enum { THREADS_MOST = 64 };

#define IDLE_FOR (10 * HOY_SECOND)

struct job {
	struct job *next;
	hoy_fn *fn;
	void *arg;
	int result;
	struct hoy__waiter waiter;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct job *first, **last;
	int threads, idle, queued;
	bool stopping;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare_pool(void)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&pool.work, &monotonic);
	pthread_cond_init(&pool.gone, NULL);
	pthread_condattr_destroy(&monotonic);
	pool.last = &pool.first;
}

static void append(struct job *job)
{
	job->next = NULL;
	*pool.last = job;
	pool.last = &job->next;
	pool.queued++;
}

/* The next job, or NULL after being idle for long or told to stop. With the lock held. */
static struct job *next_job(void)
{
	int64_t until = hoy__os_monotonic() + IDLE_FOR;
	struct timespec t = { .tv_sec = until / HOY_SECOND, .tv_nsec = until % HOY_SECOND };
	struct job *job;
	int code = 0;

	pool.idle++;
	while (!pool.first && !pool.stopping && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&pool.work, &pool.lock, &t);
	pool.idle--;
	if (!(job = pool.first))
		return NULL;
	if (!(pool.first = job->next))
		pool.last = &pool.first;
	pool.queued--;
	return job;
}

static void *work(void *unused)
{
	struct job *job;

	pthread_mutex_lock(&pool.lock);
	while ((job = next_job())) {
		pthread_mutex_unlock(&pool.lock);
		job->result = job->fn(job->arg);
		hoy__waiter_grant(&job->waiter);
		pthread_mutex_lock(&pool.lock);
	}
	pool.threads--;
	pthread_cond_signal(&pool.gone);
	pthread_mutex_unlock(&pool.lock);
	return unused;
}

/*
 * With the lock held. An idle thread may be spoken for by a job that it has not fetched
 * yet; jobs may wait for each other, so none waits behind another while threads can be
 * had. A queue that no thread will ever look at is an error.
 */
static int add_thread(void)
{
	pthread_attr_t detached;
	pthread_t thread;
	int code;

	if (pool.idle > pool.queued || pool.threads >= THREADS_MOST)
		return 0;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	code = pthread_create(&thread, &detached, work, NULL);
	pthread_attr_destroy(&detached);
	if (code == 0)
		pool.threads++;
	return pool.threads > 0 ? 0 : -code;
}

int hoy_offload(hoy_fn *fn, void *arg)
{
	struct job job = { .fn = fn, .arg = arg };
	int code;

	pthread_once(&once, prepare_pool);
	if (!(job.waiter.task = hoy__self()))
		return hoy__self_failure();
	if (hoy__this->native)
		return fn(arg);		/* this thread may block: it is its own */
	pthread_mutex_lock(&pool.lock);
	if ((code = add_thread()) == 0) {
		append(&job);
		pthread_cond_signal(&pool.work);
	}
	pthread_mutex_unlock(&pool.lock);
	if (code < 0)
		return code;
	hoy__waiter_wait(&job.waiter, HOY__WHY_OFFLOAD, (const void *)(uintptr_t)fn);
	return job.result;
}

/* No task is left, so no job is: the idle threads go. */
void hoy__offload_stop(void)
{
	pthread_once(&once, prepare_pool);
	pthread_mutex_lock(&pool.lock);
	pool.stopping = true;
	pthread_cond_broadcast(&pool.work);
	while (pool.threads > 0)
		pthread_cond_wait(&pool.gone, &pool.lock);
	pool.stopping = false;
	pthread_mutex_unlock(&pool.lock);
}
