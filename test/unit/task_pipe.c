/* The pipes that a thread keeps. */
#include <fcntl.h>
#include <pthread.h>

#include <hoy.h>

#include "support/fault_os.h"
#include "t.h"
#include "task/park.h"
#include "task/pipe.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* In *arg is put one that is kept. */
static int take_and_give(void *arg)
{
	int pipe[HOY__PIPES + 1][2], *last = pipe[HOY__PIPES], again[2];

	for (int i = 0; i <= HOY__PIPES; i++)
		CHECK_INT(hoy__pipe_take(pipe[i]), 0);
	for (int i = 0; i <= HOY__PIPES; i++)
		hoy__pipe_give(pipe[i]);
	for (int i = 0; i < HOY__PIPES; i++)
		CHECK(is_open(pipe[i][0]) && is_open(pipe[i][1]));
	CHECK(!is_open(last[0]) && !is_open(last[1]));
	CHECK_INT(hoy__pipe_take(again), 0);
	CHECK(again[0] == pipe[HOY__PIPES - 1][0] && again[1] == pipe[HOY__PIPES - 1][1]);
	hoy__pipe_give(again);
	memcpy(arg, again, sizeof again);
	return 0;
}

TEST(a_worker_keeps_a_few)
{
	int kept[2];

	CHECK_INT(hoy_run(take_and_give, kept), 0);
	CHECK(!is_open(kept[0]) && !is_open(kept[1]));	/* the run is over */
}

static void *in_thread(void *kept)
{
	hoy_sleep(1);		/* the thread waits once, so it has a record */
	take_and_give(kept);
	return NULL;
}

TEST(so_does_a_thread_that_waits)
{
	int kept[2];
	pthread_t t;

	CHECK_INT(pthread_create(&t, NULL, in_thread, kept), 0);
	pthread_join(t, NULL);
	CHECK(!is_open(kept[0]) && !is_open(kept[1]));
}

TEST(a_thread_without_a_record_keeps_none)
{
	int pipe[2];

	CHECK_INT(hoy__pipe_take(pipe), 0);
	hoy__pipe_give(pipe);
	CHECK(!is_open(pipe[0]) && !is_open(pipe[1]));
}

TEST(a_child_does_not_share_them)
{
	int pipe[2], status;
	pid_t child;

	hoy_sleep(1);
	CHECK_INT(hoy__pipe_take(pipe), 0);
	hoy__pipe_give(pipe);
	child = fork();
	if (child == 0)
		_exit(is_open(pipe[0]) || is_open(pipe[1]));
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(is_open(pipe[0]) && is_open(pipe[1]));
}

TEST(without_descriptors_there_is_none)
{
	int pipe[2];

	fault_install();
	fault_reset();
	fault_entry_at(FAULT_pipe, 1, -EMFILE);
	CHECK_INT(hoy__pipe_take(pipe), -EMFILE);
	fault_reset();
	fault_entry_at(FAULT_pipe_widen, 1, -EPERM);
	CHECK_INT(hoy__pipe_take(pipe), 0);	/* a pipe of the usual size */
	CHECK(fault_fired());
	hoy__pipe_give(pipe);
}
