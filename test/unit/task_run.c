/* The life of a run: tasks start, wait, are cancelled and end. */
#include <errno.h>
#include <stdatomic.h>

#include <hoy.h>

#include "t.h"

static int returns(void *arg)
{
	return *(int *)arg;
}

TEST(run_returns_the_value_of_its_function)
{
	int value = 42;

	CHECK_INT(hoy_run(returns, &value), 42);
	CHECK_INT(hoy_run(returns, &value), 42);
}

static atomic_int ran;

static int count_one(void *arg)
{
	(void)arg;
	atomic_fetch_add(&ran, 1);
	return 0;
}

static int start_many(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		CHECK_INT(hoy_go(count_one, NULL), 0);
	return 0;
}

TEST(every_task_runs_once_even_when_started_last)
{
	int n = 10000;

	ran = 0;
	hoy_run(start_many, &n);
	CHECK_INT(ran, n);
}

static int sleep_long(void *arg)
{
	int code = hoy_sleep(HOY_HOUR);

	(void)arg;
	CHECK_INT(code, HOY_ECANCELED);
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	atomic_fetch_add(&ran, 1);
	return 0;
}

static int leave_sleepers(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++)
		hoy_go(sleep_long, NULL);
	return hoy_sleep(10 * HOY_MILLISECOND);
}

TEST(what_still_waits_at_the_end_is_cancelled)
{
	ran = 0;
	CHECK_INT(hoy_run(leave_sleepers, NULL), 0);
	CHECK_INT(ran, 100);
}

static int measure_sleep(void *arg)
{
	hoy_time before = hoy_now();

	(void)arg;
	CHECK_INT(hoy_sleep(20 * HOY_MILLISECOND), 0);
	CHECK(hoy_time_sub(hoy_now(), before) >= 20 * HOY_MILLISECOND);
	CHECK(hoy_time_sub(hoy_now(), before) < 500 * HOY_MILLISECOND);
	return 0;
}

TEST(a_sleep_is_as_long_as_asked)
{
	hoy_run(measure_sleep, NULL);
	measure_sleep(NULL);		/* and in a plain thread */
}

TEST(go_needs_a_runtime)
{
	CHECK_INT(hoy_go(count_one, NULL), HOY_ENORUNTIME);
}
