/* The deadlines of reads that wait: on time however they move, and moving them costs no timer. */
#include "fd_help.h"
#include "task/worker.h"

enum { ROUNDS = 10000 };

static const hoy_run_opts one = { .workers = 1 };

/* Milliseconds until a read of nothing gives up; deadlines in milliseconds, 0 for none. */
static int read_until(struct hoy__fd *fd, int deadline)
{
	int64_t before = hoy__os_monotonic();
	char byte;

	CHECK_INT(hoy__fd_set_deadline(fd, HOY__IN, deadline ? before + deadline * HOY_MILLISECOND : HOY__NEVER), 0);
	CHECK_INT(fd_read(fd, &byte, 1), HOY_ETIMEOUT);
	return (int)((hoy__os_monotonic() - before) / HOY_MILLISECOND);
}

static int write_late(void *fd)
{
	hoy_sleep(5 * HOY_MILLISECOND);
	CHECK_INT(fd_write(fd, "x", 1, NULL), 0);
	return 0;
}

/* A read under a deadline that something ends first: its timer stays armed behind it. */
static void leave_timer(struct hoy__fd *pair[2], hoy_duration deadline)
{
	char byte;

	CHECK_INT(hoy__fd_set_deadline(pair[0], HOY__IN, hoy_in(deadline).ns), 0);
	CHECK_INT(hoy_go(write_late, pair[1]), 0);
	CHECK_INT(fd_read(pair[0], &byte, 1), 1);
}

/* Each row: what was left armed, the deadline after it. Neither earlier nor much later. */
static int deadlines_after_others(void *arg)
{
	static const struct { hoy_duration left; int then; } cases[] = {
		{ HOY_HOUR, 30 }, { 60 * HOY_MILLISECOND, 120 }, { 40 * HOY_MILLISECOND, 40 }, { INT64_MAX, 20 },
	};
	struct hoy__fd *pair[2];

	unix_pair(pair, SOCK_STREAM);
	for (size_t i = 0; i < LEN(cases); i++) {
		leave_timer(pair, cases[i].left * (cases[i].left < HOY_HOUR ? t_scale() : 1));
		int took = read_until(pair[0], cases[i].then * t_scale());

		CHECK(took >= cases[i].then * t_scale() && took < (cases[i].then + 200) * t_scale());
	}
	free_pair(pair);
	return arg != NULL;
}

TEST(an_earlier_timer_neither_hides_nor_hastens_a_deadline)
{
	CHECK_INT(hoy_run_with(&one, deadlines_after_others, NULL), 0);
}

static int move_deadline(void *fd)
{
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy__fd_set_deadline(fd, HOY__IN, in_ms(200)), 0);
	return 0;
}

/* Moved under a read that waits: to an earlier moment, from never, to a later one. */
static int deadlines_moved(void *arg)
{
	static const int first[] = { 3600 * 1000, 0, 100 };
	struct hoy__fd *pair[2];

	unix_pair(pair, SOCK_STREAM);
	for (size_t i = 0; i < LEN(first); i++) {
		CHECK_INT(hoy_go(move_deadline, pair[0]), 0);
		int took = read_until(pair[0], first[i] * t_scale());

		CHECK(took >= 200 * t_scale() && took < 600 * t_scale());
	}
	free_pair(pair);
	return arg != NULL;
}

TEST(a_moved_deadline_holds_for_the_read_that_waits)
{
	CHECK_INT(hoy_run_with(&one, deadlines_moved, NULL), 0);
}

static int echo_rounds(void *fd)
{
	char byte;

	while (fd_read(fd, &byte, 1) == 1)
		CHECK_INT(fd_write(fd, &byte, 1, NULL), 0);
	return 0;
}

/* Every read waits and has a deadline of its own, later than the one before. */
static int many_rounds(void *arg)
{
	struct hoy__fd *pair[2];
	uint64_t before = hoy__this->timers.pushed, pushed;
	char byte = 'x';

	unix_pair(pair, SOCK_STREAM);
	CHECK_INT(hoy_go(echo_rounds, pair[1]), 0);
	for (int i = 0; i < SCALED(ROUNDS); i++) {
		CHECK_INT(hoy__fd_set_deadline(pair[0], HOY__IN, hoy_in(HOY_MINUTE).ns), 0);
		CHECK_INT(fd_write(pair[0], &byte, 1, NULL), 0);
		if (!CHECK_INT(fd_read(pair[0], &byte, 1), 1))
			break;
	}
	pushed = hoy__this->timers.pushed - before;
	CHECK(pushed >= 1 && pushed <= 3);
	CHECK(hoy__this->timers.count <= 1);
	hoy__fd_close(pair[0]);
	while (hoy__this->live > 1)
		hoy_yield();
	free_pair(pair);
	return arg != NULL;
}

TEST(moving_deadlines_on_pushes_no_timers) { CHECK_INT(hoy_run_with(&one, many_rounds, NULL), 0); }
