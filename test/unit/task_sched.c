/* Who runs when, and where. */
#include <hoy.h>

#include "t.h"
#include "task/park.h"
#include "task/worker.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static char order[16];
static atomic_int on[2], stop;

static int mark(void *c)
{
	order[strlen(order)] = *(char *)c;
	return 0;
}

static int yield_after_starting(void *arg)
{
	static char abc[] = "abc";

	(void)arg;
	for (int i = 0; i < 3; i++)
		hoy_go(mark, &abc[i]);
	hoy_yield();
	order[strlen(order)] = 'm';
	return 0;
}

TEST(a_yielding_task_comes_after_what_it_started)
{
	CHECK_INT(hoy_run_with(&one, yield_after_starting, NULL), 0);
	CHECK_STR(order, "abcm", "order");
}

static int spin(void *arg)
{
	(void)arg;
	while (!stop)
		hoy_yield();
	return 0;
}

static int sleep_beside(void *arg)
{
	hoy_time before = hoy_now();

	hoy_go(spin, arg);
	for (int i = 0; i < 10; i++)
		hoy_sleep(HOY_MILLISECOND);
	stop = 1;
	CHECK(hoy_time_sub(hoy_now(), before) < 200 * HOY_MILLISECOND * t_scale());
	return 0;
}

TEST(a_task_that_only_yields_starves_no_timer)
{
	CHECK_INT(hoy_run_with(&one, sleep_beside, NULL), 0);
}

static int note_stop(void *arg)
{
	(void)arg;
	stop = 1;
	return 0;
}

static int spend_all(void *arg)
{
	int spent = 0;

	hoy_go(note_stop, arg);
	while (!stop && spent < 1000) {
		hoy__spend();
		spent++;
	}
	return spent;
}

TEST(after_128_operations_others_run)
{
	CHECK_INT(hoy_run_with(&one, spend_all, NULL), 128);
}

static int stay(void *arg)
{
	(void)arg;
	on[hoy__this->index]++;
	while (!stop)
		hoy_sleep(5 * HOY_MILLISECOND);
	return 0;
}

/* As after 500 accepts, each followed by a wait for the next. */
static int accept_many(void *arg)
{
	for (int i = 0; i < 500; i++) {
		hoy__note_accept();
		CHECK_INT(hoy_go(stay, arg), 0);
		hoy_yield();
	}
	while (on[0] + on[1] < 500)
		hoy_sleep(HOY_MILLISECOND);
	stop = 1;
	return 0;
}

TEST(accepted_connections_are_spread)
{
	CHECK_INT(hoy_run_with(&two, accept_many, NULL), 0);
	CHECK(on[0] <= 275 && on[1] <= 275);
}

/* Behind a task that never waits: the other worker takes one, and leaves what was placed. */
static int busy(void *arg)
{
	hoy_time limit = hoy_in(5 * HOY_SECOND);
	int here = (int)hoy__this->index;
	hoy_go_opts local = { .place = HOY_PLACE_LOCAL };

	hoy_sleep(5 * HOY_MILLISECOND);		/* the other one sleeps by now */
	if (arg)
		hoy_go_with(&local, note_stop, NULL);
	else
		hoy_go(note_stop, NULL);
	if (arg)
		limit = hoy_in(50 * HOY_MILLISECOND);
	while (!stop && hoy_time_before(hoy_now(), limit))
		;
	CHECK_INT(stop, arg == NULL);
	CHECK_INT((int)hoy__this->index, here);	/* it never moves itself */
	return 0;
}

TEST(a_single_task_behind_a_busy_one_is_taken) { CHECK_INT(hoy_run_with(&two, busy, NULL), 0); }
TEST(a_placed_task_is_not_taken) { CHECK_INT(hoy_run_with(&two, busy, &stop), 0); }

static int stall(void *arg)
{
	struct hoy_stats before, after;

	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_stats(&before);
	for (hoy_time until = hoy_in(30 * HOY_MILLISECOND); hoy_time_before(hoy_now(), until); )
		;
	hoy_sleep(HOY_MILLISECOND);
	hoy_stats(&after);
	CHECK(after.stalls >= before.stalls + 1);
	return arg != NULL;
}

TEST(a_long_task_is_counted_as_a_stall) { CHECK_INT(hoy_run_with(&one, stall, NULL), 0); }

static int refused(void *arg)
{
	static const struct { hoy_go_opts opts; int want; } cases[] = {
		{ { .stack = (8 << 20) + 1 }, -EINVAL }, { { .place = -1 }, -EINVAL },
		{ { .place = HOY_PLACE_SPREAD + 1 }, -EINVAL }, { { .stack = 1 }, 0 },
	};
	char big[20000] = { 0 };

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy_go_with(&cases[i].opts, note_stop, arg), cases[i].want);
	CHECK_INT(hoy_go_copy(note_stop, big, sizeof big), -E2BIG);
	return 0;
}

TEST(options_are_checked) { CHECK_INT(hoy_run_with(&one, refused, NULL), 0); }

static atomic_int intact;

static int check_copy(void *arg)
{
	const unsigned char *bytes = arg;
	int len = bytes[0], bad = 0;

	for (int i = 1; i < len; i++)
		bad += bytes[i] != (unsigned char)(len + i);
	intact += !bad && (uintptr_t)arg % 16 == 0;
	return 0;
}

static int copies(void *arg)
{
	unsigned char bytes[255];

	for (int len = 1; len < 256; len++) {
		bytes[0] = (unsigned char)len;
		for (int i = 1; i < len; i++)
			bytes[i] = (unsigned char)(len + i);
		CHECK_INT(hoy_go_copy(check_copy, bytes, (size_t)len), 0);
	}
	return arg != NULL;
}

/* What had wrapped around follows what stood at the end; head and tail have counted on for long. */
TEST(a_ring_of_tasks_grows_in_order)
{
	static const struct { uint32_t head, n, room; } cases[] = {
		{ 0, 8, 9 }, { 3, 5, 9 }, { 6, 8, 9 }, { 7, 8, 33 }, { 13, 8, 16 }, { UINT32_MAX - 2, 8, 17 }, { 5, 0, 9 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__task tasks[8], *at[64];
		uint32_t head = cases[i].head;
		struct hoy__ring r = { .at = at, .mask = LEN(tasks) - 1, .head = head, .tail = head };

		for (uint32_t t = 0; t < cases[i].n; t++)
			hoy__ring_push(&r, &tasks[t]);
		hoy__ring_fit(&r, cases[i].room);
		CHECK(r.mask >= cases[i].room - 1);
		CHECK_INT(r.tail - r.head, cases[i].n);
		for (uint32_t t = 0; t < cases[i].n; t++)
			CHECK(r.at[(r.head + t) & r.mask] == &tasks[t]);
	}
}

TEST(copied_arguments_arrive_whole)
{
	CHECK_INT(hoy_run_with(&two, copies, NULL), 0);
	CHECK_INT(intact, 255);
}
