/* Calls that block, on threads of their own; and signals, which come as return values. */
#include <hoy.h>

#include "t.h"

static const hoy_run_opts two = { .workers = 2 };
static atomic_int arrived, done;

static int meet(void *all)
{
	arrived++;
	for (int i = 0; i < 5000 && arrived < *(int *)all; i++)
		usleep(1000);
	return arrived >= *(int *)all ? 7 : 8;
}

static int offload_meet(void *all)
{
	CHECK_INT(hoy_offload(meet, all), 7);
	done++;
	return 0;
}

static int meet_in(void *all)
{
	for (int i = 0; i < *(int *)all; i++)
		CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, offload_meet, all), 0);
	while (done < *(int *)all)
		hoy_sleep(HOY_MILLISECOND);
	arrived = done = 0;
	return 0;
}

/* They wait for each other, so each needs a thread, also when some are idle already. */
TEST(offloaded_calls_run_side_by_side)
{
	int few = 3, more = 64;

	for (int i = 0; i < 20; i++)
		CHECK_INT(hoy_run_with(&two, meet_in, &few), 0);
	CHECK_INT(hoy_run_with(&two, meet_in, &more), 0);
}

static int value(void *arg)
{
	usleep(1000);
	return *(int *)arg;
}

static int offload_value(void *arg)
{
	CHECK_INT(hoy_offload(value, arg), -12);
	done++;
	return 0;
}

static int many(void *arg)
{
	for (int i = 0; i < 300; i++)
		CHECK_INT(hoy_go(offload_value, arg), 0);
	while (done < 300)
		hoy_sleep(HOY_MILLISECOND);
	return hoy_offload(value, arg);
}

TEST(more_calls_than_threads)
{
	int v = -12;

	CHECK_INT(hoy_run_with(&two, many, &v), -12);
	CHECK_INT(hoy_offload(value, &v), -12);		/* a plain thread's own */
}

static void own(int signo) { (void)signo; }

static int wait_signals(void *arg)
{
	int both[] = { SIGUSR1, SIGUSR2 }, bad = 0;

	(void)arg;
	CHECK_INT(hoy_signal_wait(&bad, 1), -EINVAL);
	CHECK_INT(hoy_signal_wait(both, 0), -EINVAL);
	for (int i = 0; i < 3; i++) {
		if (i)			/* between two waits: kept */
			kill(getpid(), both[i % 2]);
		else
			done = 1;	/* during: the helper sends it */
		CHECK_INT(hoy_signal_wait(both, 2), both[i % 2]);
	}
	return 0;
}

static int send_first(void *arg)
{
	while (!done)
		hoy_sleep(HOY_MILLISECOND);
	hoy_sleep(20 * HOY_MILLISECOND);	/* its handler is there by then */
	kill(getpid(), SIGUSR1);
	return arg != NULL;
}

static int exchange_signals(void *arg)
{
	hoy_go(send_first, arg);
	return wait_signals(arg);
}

TEST(signals_come_during_and_between_waits)
{
	struct sigaction now;

	signal(SIGUSR1, own);
	for (int i = 0; i < 2; i++) {
		done = 0;
		CHECK_INT(hoy_run_with(&two, exchange_signals, NULL), 0);
		sigaction(SIGUSR1, NULL, &now);
		CHECK(now.sa_handler == own);		/* as it was before */
		sigaction(SIGUSR2, NULL, &now);
		CHECK(now.sa_handler == SIG_DFL);
	}
}
