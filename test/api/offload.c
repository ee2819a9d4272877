/* hoy_offload: its threads, their limits, and calls that wait in the queue. */
#include <limits.h>
#include <pthread.h>

#include <hoy.h>

#include "t.h"

static atomic_int arrived, ran, ended;
static atomic_bool open_gate;

static int go(hoy_fn *fn, void *arg)
{
	return CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, fn, arg), 0);
}

/* Takes a thread until the gate opens. */
static int block(void *arg)
{
	(void)arg;
	arrived++;
	for (int i = 0; i < 30000 && !open_gate; i++)
		usleep(1000);
	return 7;
}

static int offload_block(void *arg)
{
	CHECK_INT(hoy_offload(block, arg), 7);
	ended++;
	return 0;
}

static void fill_threads(int n)
{
	arrived = ended = 0;
	open_gate = false;
	for (int i = 0; i < n; i++)
		go(offload_block, NULL);
	while (arrived < n)
		hoy_sleep(HOY_MILLISECOND);
}

static void empty_threads(int n)
{
	open_gate = true;
	while (ended < n)
		hoy_sleep(HOY_MILLISECOND);
}

static int note_run(void *value)
{
	ran++;
	return value ? *(int *)value : 0;
}

/* --- calls that wait for each other ---------------------------------------------------- */

static int meet(void *all)
{
	arrived++;
	for (int i = 0; i < 20000 && arrived < *(int *)all; i++)
		usleep(1000);
	return arrived >= *(int *)all ? 7 : 8;
}

static int offload_meet(void *all)
{
	CHECK_INT(hoy_offload(meet, all), 7);
	ended++;
	return 0;
}

static int meet_all(void *all)
{
	arrived = ended = 0;
	for (int i = 0; i < *(int *)all; i++)
		go(offload_meet, all);
	while (ended < *(int *)all)
		hoy_sleep(HOY_MILLISECOND);
	return 0;
}

TEST(calls_that_wait_for_one_in_the_queue)
{
	static const struct { int threads, most, calls; } cases[] = {
		{ 0, 0, 65 }, { 0, 0, 200 }, { 1, 0, 2 }, { 2, 0, 30 }, { 2, 5, 5 }, { 80, 3, 80 }, { -1, -1, 65 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_run_opts opts = { .workers = 2, .offload_threads = cases[i].threads, .offload_most = cases[i].most };
		int calls = cases[i].calls;

		CHECK_INT(hoy_run_with(&opts, meet_all, &calls), 0);
	}
}

/* --- calls in the queue ---------------------------------------------------------------- */

static const hoy_run_opts two_threads = { .workers = 2, .offload_threads = 2, .offload_most = 2 };

static int time_out_in_the_queue(void *unused)
{
	hoy_offload_opts opts = { .deadline = hoy_in(150 * HOY_MILLISECOND) };
	hoy_time begin = hoy_now();
	hoy_duration took;

	(void)unused;
	ran = 0;
	fill_threads(2);
	CHECK_INT(hoy_offload_with(&opts, note_run, NULL), HOY_ETIMEOUT);
	took = hoy_time_sub(hoy_now(), begin);
	CHECK(took >= 150 * HOY_MILLISECOND && took < HOY_SECOND * t_scale());
	opts.deadline = hoy_in(-HOY_SECOND);
	CHECK_INT(hoy_offload_with(&opts, note_run, NULL), HOY_ETIMEOUT);
	empty_threads(2);
	CHECK_INT(hoy_offload(note_run, NULL), 0);
	CHECK_INT(ran, 1);
	return 0;
}

TEST(a_queued_call_obeys_its_deadline)
{
	CHECK_INT(hoy_run_with(&two_threads, time_out_in_the_queue, NULL), 0);
}

static int take_long(void *unused)
{
	(void)unused;
	usleep(300000u * (unsigned)t_scale());
	return 5;
}

static int outlive_the_deadline(void *unused)
{
	hoy_offload_opts opts = { .deadline = hoy_in(150 * HOY_MILLISECOND * t_scale()) };

	(void)unused;
	CHECK_INT(hoy_offload_with(&opts, take_long, NULL), 5);
	return 0;
}

TEST(a_started_call_is_waited_for)
{
	CHECK_INT(hoy_run(outlive_the_deadline, NULL), 0);
}

static atomic_int queued_code;

static int offload_queued(void *arg)
{
	queued_code = hoy_offload(note_run, arg);
	return 0;
}

static int leave_one_queued(void *unused)
{
	(void)unused;
	ran = 0;
	fill_threads(2);
	go(offload_queued, NULL);
	hoy_sleep(20 * HOY_MILLISECOND);
	return 0;
}

static void *open_gate_later(void *unused)
{
	(void)unused;
	while (!queued_code)
		usleep(1000);
	open_gate = true;
	return NULL;
}

/* The two under way are waited for; they end only after the queued one has. */
TEST(a_queued_call_obeys_cancellation)
{
	pthread_t opener;

	queued_code = 0;
	CHECK_INT(pthread_create(&opener, NULL, open_gate_later, NULL), 0);
	CHECK_INT(hoy_run_with(&two_threads, leave_one_queued, NULL), 0);
	CHECK_INT(queued_code, HOY_ECANCELED);
	CHECK_INT(ran, 0);
	queued_code = 1;
	pthread_join(opener, NULL);
}

static int clean_up(void *unused)
{
	(void)unused;
	CHECK_INT(hoy_sleep(HOY_MINUTE), HOY_ECANCELED);
	return CHECK_INT(hoy_offload(note_run, NULL), 0);
}

static int cancel_one(void *unused)
{
	(void)unused;
	go(clean_up, NULL);
	return hoy_sleep(5 * HOY_MILLISECOND);
}

TEST(a_cleanup_in_a_cancelled_scope_still_runs)
{
	ran = 0;
	CHECK_INT(hoy_run(cancel_one, NULL), 0);
	CHECK_INT(ran, 1);
}

static int wait_for_a_deadline(void *deadline)
{
	hoy_offload_opts opts = { .deadline = *(hoy_time *)deadline };

	CHECK_INT(hoy_offload_with(&opts, note_run, NULL), HOY_ETIMEOUT);
	ended++;
	return 0;
}

/* A deadline says how long to queue; without one, ten seconds in which nothing moves are enough. */
static int give_up_the_queue(void *unused)
{
	hoy_time begin = hoy_now(), later = hoy_in(12 * HOY_SECOND);

	(void)unused;
	ran = 0;
	fill_threads(2);
	go(wait_for_a_deadline, &later);
	CHECK_INT(hoy_offload(note_run, NULL), -EAGAIN);
	CHECK(hoy_time_sub(hoy_now(), begin) >= 9 * HOY_SECOND);
	while (ended < 1)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(ran, 0);
	empty_threads(3);
	return 0;
}

TEST(a_queue_that_never_moves_is_an_error)
{
	CHECK_INT(hoy_run_with(&two_threads, give_up_the_queue, NULL), 0);
}

/* --- calls of hoy's own ---------------------------------------------------------------- */

static int read_beside(int fd, unsigned flags)
{
	hoy_conn *c = hoy_conn_from_fd(fd, flags, NULL);
	hoy_time begin = hoy_now();
	char buf[4];
	int n;

	if (!CHECK(c))
		return -1;
	CHECK_INT(hoy_conn_set_deadline(c, hoy_in(5 * HOY_SECOND), NULL), 0);
	n = (int)hoy_conn_read(c, buf, sizeof buf, NULL);
	CHECK(hoy_time_sub(hoy_now(), begin) < 2 * HOY_SECOND);
	hoy_conn_free(c);
	return n;
}

/* Every thread for the user's calls is taken, and as many calls queue. */
static int read_beside_blocked_calls(void *unused)
{
	char name[] = "/tmp/hoy-offload-XXXXXX";
	int file = mkstemp(name), ends[2];

	(void)unused;
	unlink(name);
	CHECK_INT(pwrite(file, "abc", 3, 0), 3);
	fill_threads(2);
	for (int i = 0; i < 100; i++)
		go(offload_block, NULL);
	CHECK_INT(read_beside(file, 0), 3);
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(write(ends[1], "ab", 2), 2);
	CHECK_INT(read_beside(ends[0], HOY_FD_SHARED), 2);
	close(ends[1]);
	empty_threads(102);
	return 0;
}

TEST(the_users_calls_do_not_hold_up_hoys_own)
{
	CHECK_INT(hoy_run_with(&two_threads, read_beside_blocked_calls, NULL), 0);
}

/* --- whose code it is ------------------------------------------------------------------ */

static int tell_values_from_codes(void *unused)
{
	static const int values[] = { 0, 7, -1, -EAGAIN, HOY_ETIMEOUT, HOY_ECANCELED, INT_MAX, INT_MIN };
	int result = 99;
	hoy_offload_opts opts = { .result = &result };

	(void)unused;
	for (size_t i = 0; i < LEN(values); i++) {
		int value = values[i];

		opts.deadline = (hoy_time){ 0 };
		CHECK_INT(hoy_offload(note_run, &value), value);
		CHECK_INT(hoy_offload_with(NULL, note_run, &value), value);
		CHECK_INT(hoy_offload_with(&opts, note_run, &value), 0);
		CHECK_INT(result, value);
		opts.deadline = (hoy_time){ 1 };
		result = 99;
		CHECK_INT(hoy_offload_with(&opts, note_run, &value), HOY_ETIMEOUT);
		CHECK_INT(result, 99);
	}
	return 0;
}

TEST(values_of_fn_are_told_from_codes_of_hoy)
{
	tell_values_from_codes(NULL);
	CHECK_INT(hoy_run(tell_values_from_codes, NULL), 0);
}
