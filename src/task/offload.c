/*
 * Functions that block, on threads of a pool. The task waits for a thread as for anything else; a
 * function that has started cannot be interrupted, so from then on neither can the wait.
 */
#include <errno.h>

#include <hoy/err.h>
#include <hoy/task.h>

#include "task/fork.h"
#include "task/offload.h"
#include "task/runtime.h"
#include "task/waiters.h"

struct job {
	struct hoy__errand errand;
	enum hoy__pool pool;
	hoy_fn *fn;
	void *arg;
	int value;
	struct hoy__waiter waiter;
};

static void run(struct hoy__errand *e)
{
	struct job *job = container_of(e, struct job, errand);

	job->value = hoy__call_user(job->fn, job->arg);
	hoy__waiter_grant(&job->waiter);
}

static int park(struct job *job, int why, int64_t until)
{
	struct hoy__task *me = job->waiter.task;
	int code;

	hoy__arm(me);
	if (atomic_load(&job->waiter.granted) && hoy__disarm(me))
		return 0;
	code = hoy__park((enum hoy__why)why, (const void *)(uintptr_t)job->fn, until);
	return code == HOY_ETIMEOUT ? 0 : code;
}

/*
 * 0 when the call has started, or why it never will. A cancellation is heeded only after the first
 * look: a cleanup that finds a thread free still runs.
 */
static int wait_for_thread(struct job *job, int64_t deadline)
{
	int64_t heed = HOY__NEVER;	/* the first look, which a stale wake-up does not bring forward */
	int code = 0;

	while (code == 0) {
		int64_t again;
		bool mortal;

		code = hoy__pool_look(job->pool, &job->errand, &again);
		if (again == HOY__NEVER)
			return 0;
		if (deadline != HOY__NEVER)
			code = deadline <= hoy__coarse_now() ? HOY_ETIMEOUT : 0;
		heed = hoy__earlier(heed, again);
		mortal = hoy__coarse_now() < heed;
		if (code == 0)
			code = park(job, HOY__WHY_OFFLOAD | (mortal ? HOY__WHY_MORTAL : 0),
				    hoy__earlier(deadline, mortal ? heed : again));
	}
	return hoy__pool_withdraw(job->pool, &job->errand) ? code : 0;
}

/* Of a job that is submitted. 0 when it has run, or why it never will. */
static int wait_for(struct job *job, int64_t deadline)
{
	int code = wait_for_thread(job, deadline);

	if (code == 0)
		hoy__waiter_wait(&job->waiter, HOY__WHY_OFFLOAD, (const void *)(uintptr_t)job->fn);
	return code;
}

int hoy__offload(enum hoy__pool pool, hoy_fn *fn, void *arg)
{
	struct job job = { .errand.run = run, .pool = pool, .fn = fn, .arg = arg };
	int code;

	if (!hoy__this || hoy__this->native)
		return fn(arg);
	job.waiter.task = hoy__this->current;
	if (hoy__pool_submit(pool, &job.errand) < 0)
		return fn(arg);
	code = wait_for(&job, HOY__NEVER);
	return code < 0 ? code : job.value;
}

int hoy_offload_with(const hoy_offload_opts *opts, hoy_fn *fn, void *arg)
{
	int64_t deadline = opts ? hoy__deadline_of(opts->deadline) : HOY__NEVER;
	struct job job = { .errand.run = run, .pool = HOY__POOL_USER, .fn = fn, .arg = arg };
	int code = 0;

	if (!(job.waiter.task = hoy__self()))
		return hoy__self_failure();
	if (deadline <= hoy__os_monotonic())
		return HOY_ETIMEOUT;
	if (hoy__this->native)
		job.value = fn(arg);	/* the thread is the caller's own and may block */
	else if ((code = hoy__pool_submit(job.pool, &job.errand)) == 0)
		code = wait_for(&job, deadline);
	if (code < 0 || !opts || !opts->result)
		return code < 0 ? code : job.value;
	*opts->result = job.value;
	return 0;
}

int hoy_offload(hoy_fn *fn, void *arg)
{
	return hoy_offload_with(NULL, fn, arg);
}
