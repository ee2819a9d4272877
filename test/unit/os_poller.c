/* The poller's edges, its waits, and the waker that is never read. */
#include "os/os.h"

#include <pthread.h>
#include <sys/socket.h>

#include "../t.h"

enum { MS = 1000000 };

static struct hoy__event events[8];

static int poll_now(int poller)
{
	return hoy__os_poller_wait(poller, events, 8, 0);
}

/* A pair of stream sockets, the first registered; its first edge, "writable", is taken. */
static int registered_pair(int end[2])
{
	int poller = hoy__os_poller_open();

	CHECK(poller >= 0);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end), 0);
	CHECK_INT(hoy__os_poller_add(poller, end[0], UINT64_C(0xfedcba9876543210)), 0);
	CHECK_INT(poll_now(poller), 1);
	CHECK(events[0].key == UINT64_C(0xfedcba9876543210));
	CHECK_INT(events[0].ready, HOY__WRITABLE);
	return poller;
}

TEST(an_edge_is_told_once)
{
	char buf[8];
	int end[2], poller = registered_pair(end);

	CHECK_INT(poll_now(poller), 0);
	CHECK_INT(write(end[1], "x", 1), 1);
	CHECK_INT(poll_now(poller), 1);
	CHECK(events[0].ready & HOY__READABLE);
	CHECK(!(events[0].ready & HOY__HANGUP));
	CHECK_INT(poll_now(poller), 0);		/* still unread, but no new edge */
	CHECK_INT(write(end[1], "y", 1), 1);
	CHECK_INT(poll_now(poller), 1);		/* more came: a new edge */
	CHECK_INT(read(end[0], buf, sizeof buf), 2);
	CHECK_INT(poll_now(poller), 0);
}

TEST(for_reading_only)
{
	int end[2], poller = hoy__os_poller_open();

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end), 0);
	CHECK_INT(hoy__os_poller_add_in(poller, end[0], 7), 0);
	CHECK_INT(poll_now(poller), 0);		/* that it can be written to is not told */
	CHECK_INT(write(end[1], "x", 1), 1);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(events[0].ready, HOY__READABLE);
	CHECK(events[0].key == 7);
	CHECK_INT(hoy__os_poller_widen(poller, end[0], 8), 0);
	CHECK_INT(poll_now(poller), 1);		/* from now on it is */
	CHECK_INT(events[0].ready, HOY__READABLE | HOY__WRITABLE);
	CHECK(events[0].key == 8);
	close(end[1]);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(hoy__os_poller_remove(poller, end[0]), 0);
	CHECK_INT(hoy__os_poller_add_in(poller, -1, 7), -EBADF);
	CHECK_INT(hoy__os_poller_widen(poller, end[0], 7), -ENOENT);
}

/* Data and the end may share one edge: without HANGUP the end would be slept through. */
TEST(data_and_end_in_one_edge)
{
	int end[2], poller = registered_pair(end);

	CHECK_INT(write(end[1], "x", 1), 1);
	CHECK_INT(shutdown(end[1], SHUT_WR), 0);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(events[0].ready & (HOY__READABLE | HOY__HANGUP), HOY__READABLE | HOY__HANGUP);
	close(end[1]);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(events[0].ready, HOY__READABLE | HOY__WRITABLE | HOY__HANGUP);
}

/* The write end of a pipe whose reader went away sees only EPOLLERR. */
TEST(an_error_makes_both_ways_ready)
{
	int poller = hoy__os_poller_open(), p[2];

	CHECK_INT(hoy__os_pipe(p), 0);
	CHECK_INT(hoy__os_poller_add(poller, p[1], 1), 0);
	poll_now(poller);
	close(p[0]);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(events[0].ready, HOY__READABLE | HOY__WRITABLE | HOY__HANGUP);
}

TEST(removed_is_silent)
{
	int end[2], poller = registered_pair(end);

	CHECK_INT(hoy__os_poller_remove(poller, end[0]), 0);
	CHECK_INT(write(end[1], "x", 1), 1);
	CHECK_INT(poll_now(poller), 0);
	CHECK_INT(hoy__os_poller_remove(poller, end[0]), -ENOENT);
	CHECK_INT(hoy__os_poller_add(poller, end[0], 2), 0);
	CHECK_INT(poll_now(poller), 1);		/* registering tells what is ready already */
	CHECK(events[0].ready & HOY__READABLE);
}

TEST(failures)
{
	int poller = hoy__os_poller_open(), fd = hoy__os_open("/proc/self/stat", 0);

	CHECK_INT(hoy__os_poller_add(poller, fd, 1), -EPERM);	/* a file cannot be polled */
	CHECK_INT(hoy__os_poller_add(poller, -1, 1), -EBADF);
	CHECK_INT(hoy__os_poller_wait(-1, events, 8, 0), -EBADF);
	CHECK_INT(hoy__os_waker_open(-1, 1), -EBADF);
	CHECK_INT(hoy__os_waker_wake(-1), -EBADF);
	for (int i = 0, n = SCALED(2000); i < n; i++)
		CHECK_INT(hoy__os_waker_open(fd, 1), -EINVAL);	/* and leaves nothing open */
	CHECK(hoy__os_dup(fd) < 20);
}

/* 10 ms at most, so that a worker whose descriptors were closed does not use a whole CPU. */
TEST(failed_wait_pauses)
{
	static const struct { int64_t wait, least; } cases[] = {
		{ 3 * MS, 3 * MS }, { 1000 * MS, 10 * MS }, { INT64_MAX, 10 * MS },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		int64_t start = hoy__os_monotonic();
		int64_t until = cases[i].wait == INT64_MAX ? INT64_MAX : start + cases[i].wait;

		CHECK_INT(hoy__os_poller_wait(-1, events, 8, until), -EBADF);
		CHECK(hoy__os_monotonic() - start >= cases[i].least - MS);	/* some of it went by before the wait */
		CHECK(hoy__os_monotonic() - start < INT64_C(2000) * MS * t_scale());
	}
}

TEST(waits_until_the_moment_not_less)
{
	static const int64_t waits[] = { 0, 1, 50000, 1500000, 20 * MS };
	int poller = hoy__os_poller_open();

	for (size_t i = 0; i < LEN(waits); i++) {
		int64_t until = hoy__os_monotonic() + waits[i];

		CHECK_INT(hoy__os_poller_wait(poller, events, 8, until), 0);
		CHECK(hoy__os_monotonic() >= until);
		CHECK(hoy__os_monotonic() < until + INT64_C(2000) * MS * t_scale());
	}
	CHECK_INT(hoy__os_poller_wait(poller, events, 8, 1), 0);	/* long past */
	CHECK_INT(hoy__os_poller_wait(poller, events, 8, -5), 0);
}

/* Classic BPF, as the kernel's headers have it; musl-gcc does not find those. */
struct instruction {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t value;
};

/* From here on the kernel has no epoll_pwait2, and says so with this errno; false: no filters here. */
static bool forget_pwait2(unsigned code)
{
	struct instruction filter[] = {
		{ 0x20, 0, 0, 0 },			/* load the number of the system call */
		{ 0x15, 0, 1, 441 },			/* is it this one? */
		{ 0x06, 0, 0, 0x00050000 | code },	/* then it fails */
		{ 0x06, 0, 0, 0x7fff0000 },		/* else it is allowed */
	};
	struct { unsigned short len; struct instruction *filter; } program = { LEN(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
		&& prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, &program) == 0;
}

/* An old kernel, and a sandbox: milliseconds then, never too early. */
static void waits_in_milliseconds(unsigned code)
{
	int poller, waker;

	if (!forget_pwait2(code))
		SKIP("no system call filters here");
	poller = hoy__os_poller_open();
	waker = hoy__os_waker_open(poller, 3);
	for (int64_t wait = 1; wait <= 5 * MS; wait = 3 * wait + 1) {
		int64_t until = hoy__os_monotonic() + wait;

		CHECK_INT(hoy__os_poller_wait(poller, events, 8, until), 0);
		CHECK(hoy__os_monotonic() >= until);
	}
	for (int i = 0; i < 3; i++) {
		static const int64_t ends[] = { INT64_MAX, INT64_MAX - 1, 0 };

		hoy__os_waker_wake(waker);
		CHECK_INT(hoy__os_poller_wait(poller, events, 8, ends[i]), 1);
	}
	CHECK_INT(poll_now(poller), 0);
}

TEST(without_pwait2) { waits_in_milliseconds(ENOSYS); }
TEST(pwait2_forbidden) { waits_in_milliseconds(EPERM); }

TEST(more_events_than_room)
{
	int poller = hoy__os_poller_open(), end[20];
	unsigned seen = 0;

	for (int i = 0; i < 20; i += 2) {
		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, end + i), 0);
		CHECK_INT(hoy__os_poller_add(poller, end[i], (uint64_t)i / 2), 0);
	}
	for (int n; (n = hoy__os_poller_wait(poller, events, 3, 0)) > 0; )
		while (n-- > 0)
			seen |= 1u << events[n].key;
	CHECK_INT(seen, 0x3ff);
}

TEST(each_wake_is_an_event)
{
	int poller = hoy__os_poller_open(), waker = hoy__os_waker_open(poller, 99);

	CHECK(waker >= 0);
	CHECK_INT(poll_now(poller), 0);
	for (int i = 0; i < 1000; i++) {
		CHECK_INT(hoy__os_waker_wake(waker), 0);
		CHECK_INT(hoy__os_poller_wait(poller, events, 8, INT64_MAX), 1);
		CHECK_INT(events[0].key, 99);
		CHECK(events[0].ready & HOY__READABLE);
		CHECK_INT(poll_now(poller), 0);
	}
}

TEST(a_full_waker_still_wakes)
{
	int poller = hoy__os_poller_open(), waker = hoy__os_waker_open(poller, 99);
	uint64_t full = UINT64_MAX - 1;

	CHECK_INT(write(waker, &full, sizeof full), sizeof full);
	poll_now(poller);
	CHECK_INT(hoy__os_waker_wake(waker), 0);
	CHECK_INT(poll_now(poller), 1);
	CHECK_INT(hoy__os_waker_wake(waker), 0);
	CHECK_INT(poll_now(poller), 1);
}

static void *wake_later(void *waker)
{
	usleep(20000);
	hoy__os_waker_wake(*(int *)waker);
	return NULL;
}

TEST(wakes_another_thread)
{
	int poller = hoy__os_poller_open(), waker = hoy__os_waker_open(poller, 99);
	int64_t start = hoy__os_monotonic();
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, wake_later, &waker), 0);
	CHECK_INT(hoy__os_poller_wait(poller, events, 8, INT64_MAX), 1);
	CHECK(hoy__os_monotonic() - start >= 19 * MS);
	pthread_join(thread, NULL);
}
