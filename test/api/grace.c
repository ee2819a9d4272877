/* How a run ends while tasks are still there. */
#include <fcntl.h>

#include <hoy.h>

#include "child.h"

static const hoy_run_opts quick = { .workers = 2, .grace = 200 * HOY_MILLISECOND };
static atomic_bool stop;
static atomic_int ended;

static int never_waits(void *arg)
{
	(void)arg;
	hoy_set_name("spinner");
	while (!stop)
		;
	return 0;
}

/* Deaf to cancellation: it sleeps again and again. */
static int goes_on(void *arg)
{
	(void)arg;
	while (!stop)
		if (hoy_sleep(HOY_MILLISECOND) < 0)
			hoy_yield();
	return 0;
}

static hoy_mutex held;

static int waits_for_mutex(void *arg)
{
	(void)arg;
	hoy_mutex_lock(&held);
	return 0;
}

static hoy_wait_group never;

static int waits_for_group(void *arg)
{
	(void)arg;
	hoy_wait_group_wait(&never);
	return 0;
}

static int block(void *arg)
{
	(void)arg;
	while (!stop)
		usleep(1000);
	return 5;
}

static int offloads(void *arg)
{
	return hoy_offload(block, arg);
}

static hoy_fn *stubborn;

static int leave_it(void *arg)
{
	hoy_go_opts opts = { .name = "left over" };

	(void)arg;
	hoy_mutex_lock(&held);
	hoy_wait_group_add(&never, 1);
	CHECK_INT(hoy_go_with(&opts, stubborn, NULL), 0);
	if (stubborn != never_waits)	/* which would keep this worker, or be kept by it */
		hoy_sleep(10 * HOY_MILLISECOND);
	return 3;
}

static void run_and_leave(void)
{
	hoy_run_with(&quick, leave_it, NULL);
}

TEST(what_does_not_end_is_listed_and_ends_the_process)
{
	static const struct { hoy_fn *fn; const char *name, *what; } cases[] = {
		{ never_waits, "spinner", "running" }, { goes_on, "left over", "function" },
		{ waits_for_mutex, "left over", "for mutex: 0x" }, { waits_for_group, "left over", "for wait group: 0x" },
		{ offloads, "left over", "for offloaded call: " },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct child c = { .status = 0 };
		hoy_time before = hoy_now();
		hoy_duration took;

		stubborn = cases[i].fn;
		child_run(&c, run_and_leave);
		took = hoy_time_sub(hoy_now(), before);
		CHECK_INT(c.status, 70);
		child_said(&c, "have not ended within the grace period", cases[i].name);
		child_said(&c, cases[i].name, cases[i].name);
		child_said(&c, cases[i].what, cases[i].name);
		CHECK(took >= 200 * HOY_MILLISECOND && took < 2 * HOY_SECOND * t_scale());
	}
}

/* Standard error is a full pipe in blocking mode. */
static void leave_with_nobody_listening(void)
{
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], "x", 1) == 1)
		;
	CHECK_INT(fcntl(ends[1], F_SETFL, 0), 0);
	dup2(ends[1], STDERR_FILENO);
	stubborn = goes_on;
	run_and_leave();
}

TEST(the_process_ends_also_when_nobody_reads_the_list)
{
	struct child c = { .status = 0 };
	hoy_time before = hoy_now();

	child_run(&c, leave_with_nobody_listening);
	CHECK_INT(c.status, 70);
	CHECK(hoy_time_sub(hoy_now(), before) < 5 * HOY_SECOND * t_scale());
}

static int ends_in_time(void *arg)
{
	(void)arg;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	for (hoy_time until = hoy_in(50 * HOY_MILLISECOND); hoy_time_before(hoy_now(), until); )
		hoy_yield();
	ended++;
	return 0;
}

static int leave_some(void *arg)
{
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy_go(ends_in_time, arg), 0);
	hoy_sleep(10 * HOY_MILLISECOND);
	return 3;
}

TEST(what_ends_in_time_is_waited_for)
{
	for (int i = 1; i <= 3; i++) {
		CHECK_INT(hoy_run_with(&quick, leave_some, NULL), 3);
		CHECK_INT(ended, 10 * i);
	}
}

static atomic_int canceled;

static int sleeper(void *arg)
{
	(void)arg;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_sleep(0), HOY_ECANCELED);
	canceled++;
	return 0;
}

static int signal_waiter(void *arg)
{
	int signo = SIGUSR1;

	(void)arg;
	CHECK_INT(hoy_signal_wait(&signo, 1), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_signal_wait(&signo, 1), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	canceled++;
	return 0;
}

/* Through a conn's read: the pipe's other end says nothing. */
static int reader(void *c)
{
	char buf[8];

	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), HOY_ECANCELED);
	canceled++;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	canceled++;
	return 0;
}

static int acceptor(void *l)
{
	canceled += hoy_listener_accept(l, NULL) == NULL;
	canceled += hoy_listener_accept(l, NULL) == NULL;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	canceled++;
	return 0;
}

static hoy_listener *listener;
static hoy_conn *conn;

static int block_everywhere(void *arg)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	(void)arg;
	listener = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_listener_addr(listener, &addr);
	conn = hoy_dial("tcp", hoy_addr_string(&addr, text), NULL);
	hoy_conn *other = hoy_listener_accept(listener, NULL);
	if (!CHECK(listener && conn && other))
		return 1;
	hoy_go(sleeper, NULL);
	hoy_go(signal_waiter, NULL);
	hoy_go(reader, conn);
	hoy_go(acceptor, listener);
	hoy_sleep(20 * HOY_MILLISECOND);
	return 0;
}

TEST(cancellation_reaches_every_wait_and_new_ones_fail)
{
	CHECK_INT(hoy_run(block_everywhere, NULL), 0);
	CHECK_INT(canceled, 4 * 3);
	hoy_conn_free(conn);
	hoy_listener_free(listener);
}

static int wait_for_sleeper(void *arg)
{
	hoy_sleep(20 * HOY_MILLISECOND);	/* cancelled at once */
	for (int i = 0; i < 1000; i++)
		hoy_yield();
	ended++;
	hoy_wait_group_done(arg);
	hoy_mutex_unlock(&held);
	return 0;
}

static int waits_like_cleanup(void *arg)
{
	hoy_wait_group_wait(arg);
	hoy_mutex_lock(&held);
	hoy_mutex_unlock(&held);
	ended += 100;
	return 0;
}

static int leave_cleanup(void *arg)
{
	hoy_mutex_lock(&held);
	hoy_wait_group_add(arg, 1);
	hoy_go(waits_like_cleanup, arg);
	hoy_go(wait_for_sleeper, arg);
	return 0;
}

/* Locks and groups are for cleanup: what they wait for comes, and they are not cut short. */
TEST(waits_of_cleanup_are_not_cancelled)
{
	hoy_wait_group group = { 0 };

	CHECK_INT(hoy_run_with(&quick, leave_cleanup, &group), 0);
	CHECK_INT(ended, 101);
}
