/* Timers whose start fails: each system call and each allocation once, and the limit. */
#include <hoy.h>

#define TEST_LIMIT 120
#include "t.h"
#include "support/sweep.h"
#include "task/runtime.h"

enum { TIMERS = 40 };

static int count(void *n)
{
	atomic_fetch_add((atomic_int *)n, 1);
	return 0;
}

/* Either it is started, and fires once, or its start has failed, and it never does. */
static int set_many(void *unused)
{
	static hoy_timer t[TIMERS];
	atomic_int fired = 0;
	int code = 0, wanted = 0;

	(void)unused;
	for (int i = 0; i < TIMERS && code == 0; i++) {
		code = hoy_after(i % 3 ? i * 10 * HOY_MICROSECOND : HOY_HOUR, count, &fired, &t[i]);
		wanted += code == 0 && i % 3 != 0;
		if (code == 0 && i % 3 == 0)
			CHECK_INT(hoy_timer_stop(&t[i]), 1);
		if (code == 0 && i % 6 == 0) {
			code = hoy_timer_reset(&t[i], 0);
			wanted += code == 0;
		}
	}
	for (int i = 0; i < 5000 && fired < wanted; i++)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(fired, wanted);
	for (int i = 0; i < 10; i++)		/* a few calls of the poller */
		hoy_sleep(100 * HOY_MICROSECOND);
	return code;
}

TEST(system_calls) { sweep(set_many, 1, 0, false); }
TEST(allocations) { sweep(set_many, -1, 0, false); }

static int at_the_limit(void *unused)
{
	struct hoy__worker *w = hoy__this;
	atomic_int fired = 0;
	hoy_timer t = { 0 };

	(void)unused;
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, NULL), 0);
	atomic_fetch_add(&w->awaiting, HOY__TASKS_MOST - 3);	/* with this one, and the task that runs, there is room for one more */
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, &t), 0);
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, NULL), -EAGAIN);
	CHECK_INT(hoy_timer_reset(&t, HOY_SECOND), 1);		/* it has its place */
	CHECK_INT(hoy_timer_stop(&t), 1);
	CHECK_INT(hoy_timer_reset(&t, HOY_SECOND), 0);
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, NULL), -EAGAIN);
	atomic_fetch_sub(&w->awaiting, HOY__TASKS_MOST - 3);
	return 0;
}

TEST(two_million_and_no_more)
{
	CHECK_INT(run(at_the_limit), 0);
}
