/* hoy_signal_wait: one signal after the other, also those that arrive between two waits. */
#include "t.h"

#include <hoy.h>

static const int both[] = { SIGUSR1, SIGUSR2 };

static int raise_later(void *number)
{
	hoy_sleep(20 * HOY_MILLISECOND);
	return raise(*(const int *)number);
}

static int wait_again(void *arg)
{
	static int first = SIGUSR2;

	/* the first wait installs the handlers; from then on nothing is lost */
	(void)arg;
	CHECK_INT(hoy_go(raise_later, &first), 0);
	CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR2);
	for (int i = 0; i < 3; i++) {
		raise(SIGUSR1);
		CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR1);
	}
	raise(SIGUSR2);
	raise(SIGUSR1);
	CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR1);
	CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR2);
	return 0;
}

TEST(every_wait_gets_its_signal)
{
	CHECK_INT(hoy_run(wait_again, NULL), 0);
}

static int wait_parked(void *arg)
{
	static int first = SIGUSR2, second = SIGUSR1;

	(void)arg;
	CHECK_INT(hoy_go(raise_later, &first), 0);
	CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR2);
	CHECK_INT(hoy_go(raise_later, &second), 0);
	CHECK_INT(hoy_signal_wait(both, LEN(both)), SIGUSR1);
	return 0;
}

TEST(a_parked_wait_wakes)
{
	CHECK_INT(hoy_run(wait_parked, NULL), 0);
}

static int wait_to_the_end(void *arg)
{
	*(int *)arg = hoy_signal_wait(both, LEN(both));
	return 0;
}

static int leave_a_wait(void *arg)
{
	CHECK_INT(hoy_go(wait_to_the_end, arg), 0);
	return hoy_sleep(20 * HOY_MILLISECOND);
}

TEST(the_end_of_the_run_cancels_a_wait)
{
	int result = 0;

	CHECK_INT(hoy_run(leave_a_wait, &result), 0);
	CHECK_INT(result, HOY_ECANCELED);
}

static int wait_wrongly(void *arg)
{
	static const int wrong[] = { 0, -1, 1000 };

	(void)arg;
	for (size_t i = 0; i < LEN(wrong); i++)
		CHECK_INT(hoy_signal_wait(&wrong[i], 1), -EINVAL);
	CHECK_INT(hoy_signal_wait(both, 0), -EINVAL);
	return 0;
}

TEST(no_signals_and_no_such_signals)
{
	CHECK_INT(hoy_run(wait_wrongly, NULL), 0);
}
