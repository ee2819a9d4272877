/* Sleepers: each ends at its time, in order, and no duration is too odd. */
#include <hoy.h>

#include "t.h"
#include "task/park.h"

enum { SLEEPERS = 5000 };

static const hoy_run_opts one = { .workers = 1 };
static atomic_int ended;

static struct {
	hoy_time until;
	int index;
} sleepers[SLEEPERS];
static int ends[SLEEPERS];	/* the sleepers' indices as they ended */

static int sleep_until(void *arg)
{
	int i = *(int *)arg;

	hoy__arm(hoy__self());
	CHECK_INT(hoy__park(HOY__WHY_SLEEP, NULL, sleepers[i].until.ns), HOY_ETIMEOUT);
	hoy_duration late = hoy_time_sub(hoy_now(), sleepers[i].until);
	CHECK(late >= 0 && late < 500 * HOY_MILLISECOND * t_scale());
	ends[ended++] = i;
	return 0;
}

/* Started in an order that is no order, as 1,009 and their number share no factor. */
static int start_sleepers(void *step)
{
	hoy_time base = hoy_in(200 * HOY_MILLISECOND * t_scale());
	int n = SCALED(SLEEPERS);

	for (int i = 0; i < n; i++) {
		int index = i * 1009 % n;

		sleepers[index].index = index;
		sleepers[index].until = hoy_time_add(base, index * *(hoy_duration *)step);
		CHECK_INT(hoy_go(sleep_until, &sleepers[index].index), 0);
	}
	while (ended < n)
		hoy_sleep(5 * HOY_MILLISECOND);
	for (int i = 0; i < n; i++)
		CHECK_INT(ends[i], *(hoy_duration *)step ? i : i * 1009 % n);
	return 0;
}

/* In the order of their moments; those of one moment as they came. */
TEST(thousands_of_sleepers_end_in_order)
{
	hoy_duration steps[] = { 20 * HOY_MICROSECOND, 0 };

	for (size_t i = 0; i < LEN(steps); i++) {
		ended = 0;
		CHECK_INT(hoy_run_with(&one, start_sleepers, &steps[i]), 0);
	}
}

static int sleep_all_kinds(void *arg)
{
	static const hoy_duration at_once[] = { 0, -1, -HOY_SECOND, INT64_MIN, 1, HOY_MICROSECOND };
	hoy_time before = hoy_now();

	for (size_t i = 0; i < LEN(at_once); i++)
		CHECK_INT(hoy_sleep(at_once[i]), 0);
	CHECK(hoy_time_sub(hoy_now(), before) < 200 * HOY_MILLISECOND * t_scale());
	return arg != NULL;
}

TEST(what_is_not_in_the_future_is_over_at_once)
{
	CHECK_INT(hoy_run_with(&one, sleep_all_kinds, NULL), 0);
	CHECK_INT(sleep_all_kinds(NULL), 0);
}

static int sleep_for_ever(void *d)
{
	CHECK_INT(hoy_sleep(*(hoy_duration *)d), HOY_ECANCELED);
	ended++;
	return 0;
}

static int start_huge(void *arg)
{
	static hoy_duration huge[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 2, 1000000 * HOY_HOUR };

	for (size_t i = 0; i < LEN(huge); i++)
		CHECK_INT(hoy_go(sleep_for_ever, &huge[i]), 0);
	CHECK_INT(hoy_sleep(50 * HOY_MILLISECOND), 0);
	CHECK_INT(ended, 0);
	return arg != NULL;
}

TEST(a_huge_sleep_does_not_wrap_around)
{
	CHECK_INT(hoy_run_with(&one, start_huge, NULL), 0);
	CHECK_INT(ended, 4);
}
