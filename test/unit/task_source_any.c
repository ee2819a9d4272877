/* Waiting for one of several things. */
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/time.h>

#include "fd/fd.h"
#include "t.h"
#include "unit/support/fd_calls.h"

static struct hoy__fd *end[2];
static int other[2];

static void open_pairs(void)
{
	for (int i = 0; i < 2; i++) {
		int pair[2];

		CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
		end[i] = hoy__fd_new(pair[0], HOY__FD_SOCKET, NULL, NULL);
		other[i] = pair[1];
		hoy__source_drained(&end[i]->source, HOY__IN, hoy__source_look(&end[i]->source));
	}
}

static void close_pairs(void)
{
	for (int i = 0; i < 2; i++) {
		hoy__fd_free(end[i]);
		close(other[i]);
	}
}

static int wait_for(unsigned n, atomic_bool *told, int64_t patience)
{
	struct hoy__interest on[] = { hoy__fd_interest(end[0], HOY__IN), hoy__fd_interest(end[1], HOY__IN) };

	return hoy__source_wait_any(on, n, told, HOY__WHY_LOOKUP, patience ? hoy_now().ns + patience : HOY__NEVER);
}

static bool is_ready(int i)
{
	return hoy__source_maybe(&end[i]->source, HOY__IN, hoy__source_look(&end[i]->source));
}

static void drain_both(void)
{
	for (int i = 0; i < 2; i++)
		hoy__source_drained(&end[i]->source, HOY__IN, hoy__source_look(&end[i]->source));
}

static int each_of_two(void *arg)
{
	atomic_bool told = false;
	char c;

	(void)arg;
	open_pairs();
	CHECK_INT(wait_for(2, &told, HOY_MILLISECOND), HOY_ETIMEOUT);
	for (int i = 0; i < 2; i++) {
		drain_both();
		CHECK_INT(write(other[i], "x", 1), 1);
		while (!is_ready(i)) {
			drain_both();	/* of having been writable at first */
			CHECK_INT(wait_for(2, &told, HOY_SECOND), 0);
		}
		CHECK_INT(wait_for(2, &told, HOY_SECOND), 0);	/* ready is ready */
		CHECK_INT(fd_read(end[i], &c, 1), 1);
		hoy__source_drained(&end[i]->source, HOY__IN, hoy__source_look(&end[i]->source));
	}
	close_pairs();
	return 0;
}

TEST(each_of_two_ends_the_wait)
{
	each_of_two(NULL);
	CHECK_INT(hoy_run(each_of_two, NULL), 0);
}

static int both_directions(void *arg)
{
	atomic_bool told = false;
	struct hoy__interest on[2];

	(void)arg;
	open_pairs();
	for (int d = HOY__IN; d <= HOY__OUT; d++) {
		on[d] = hoy__fd_interest(end[0], (enum hoy__direction)d);
		hoy__source_drained(&end[0]->source, d, hoy__source_look(&end[0]->source));
	}
	CHECK_INT(hoy__source_wait_any(on, 2, &told, HOY__WHY_LOOKUP, HOY__NEVER), 0);
	CHECK(hoy__source_maybe(&end[0]->source, HOY__OUT, hoy__source_look(&end[0]->source)));
	close_pairs();
	return 0;
}

TEST(both_directions_of_one)
{
	both_directions(NULL);
	CHECK_INT(hoy_run(both_directions, NULL), 0);
}

/* Beside a direction of the same source: the data is an event, and after it has been seen only a close is one. */
static int whatever_happens(void *arg)
{
	atomic_bool told = false;
	struct hoy__interest on[2];

	(void)arg;
	open_pairs();
	on[0] = hoy__fd_interest_in_all(end[0], hoy__fd_seen(end[0]));
	on[1] = hoy__fd_interest(end[1], HOY__IN);
	drain_both();
	CHECK_INT(hoy__source_wait_any(on, 2, &told, HOY__WHY_PROXY, hoy_now().ns + 10 * HOY_MILLISECOND), HOY_ETIMEOUT);
	on[0] = hoy__fd_interest_in_all(end[0], hoy__fd_seen(end[0]));	/* a new descriptor is reported once */
	CHECK_INT((int)write(other[0], "x", 1), 1);
	CHECK_INT(hoy__source_wait_any(on, 2, &told, HOY__WHY_PROXY, HOY__NEVER), 0);
	on[0] = hoy__fd_interest_in_all(end[0], hoy__fd_seen(end[0]));
	CHECK_INT(hoy__fd_hold(end[0]), 0);
	hoy__fd_close(end[0]);
	CHECK_INT(hoy__source_wait_any(on, 2, &told, HOY__WHY_PROXY, HOY__NEVER), 0);
	CHECK_INT(hoy__fd_error(end[0]), HOY_ECLOSED);
	hoy__fd_drop(end[0]);
	close_pairs();
	return 0;
}

TEST(whatever_happens_to_one)
{
	whatever_happens(NULL);
	CHECK_INT(hoy_run(whatever_happens, NULL), 0);
}

static struct {
	atomic_bool told, waits;
	struct hoy__task *_Atomic task;
} meeting;

static void *tell(void *arg)
{
	(void)arg;
	while (!atomic_load(&meeting.waits))
		usleep(1000);
	atomic_store(&meeting.told, true);
	hoy__wake(atomic_load(&meeting.task), 0);
	return NULL;
}

static int be_told(void *arg)
{
	unsigned n = *(unsigned *)arg;
	pthread_t thread;

	open_pairs();
	for (int i = 0; i < 20; i++) {
		atomic_store(&meeting.told, false);
		atomic_store(&meeting.task, hoy__self());
		atomic_store(&meeting.waits, true);
		pthread_create(&thread, NULL, tell, NULL);
		while (!atomic_load(&meeting.told))
			CHECK_INT(wait_for(n, &meeting.told, 10 * HOY_SECOND), 0);
		CHECK_INT(wait_for(n, &meeting.told, 10 * HOY_SECOND), 0);	/* told already: no wait */
		pthread_join(thread, NULL);
	}
	close_pairs();
	return 0;
}

TEST(being_told_ends_the_wait)
{
	for (unsigned n = 0; n <= 2; n += 2) {
		be_told(&n);
		CHECK_INT(hoy_run(be_told, &n), 0);
	}
}
