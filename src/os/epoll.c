/*
 * The poller: a descriptor is registered once, edge-triggered and for both directions,
 * and leaves by being closed. In the steady state the only call is the wait itself.
 */
#include "os/linux.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/moment.h"

enum { BATCH = 512, SECOND = 1000000000, MILLISECOND = 1000000 };

/* Since Linux 5.11; the same number everywhere, and not in every C library. */
enum { SYS_EPOLL_PWAIT2 = 441 };

struct wait_time {	/* the kernel's __kernel_timespec */
	int64_t sec, nsec;
};

static atomic_bool no_pwait2;

int hoy__epoll_open(void)
{
	return (int)result(epoll_create1(EPOLL_CLOEXEC));
}

enum { IN = EPOLLIN | EPOLLPRI | EPOLLRDHUP };

static int control(int poller, int operation, int fd, uint32_t interest, uint64_t key)
{
	struct epoll_event event = { .events = interest | EPOLLET, .data.u64 = key };

	return (int)result(epoll_ctl(poller, operation, fd, &event));
}

int hoy__epoll_add(int poller, int fd, uint64_t key)
{
	return control(poller, EPOLL_CTL_ADD, fd, IN | EPOLLOUT, key);
}

int hoy__epoll_add_in(int poller, int fd, uint64_t key)
{
	return control(poller, EPOLL_CTL_ADD, fd, IN, key);
}

int hoy__epoll_widen(int poller, int fd, uint64_t key)
{
	return control(poller, EPOLL_CTL_MOD, fd, IN | EPOLLOUT, key);
}

int hoy__epoll_remove(int poller, int fd)
{
	struct epoll_event unused = { 0 };

	return (int)result(epoll_ctl(poller, EPOLL_CTL_DEL, fd, &unused));
}

/*
 * A hang-up or an error is found out by reading and by writing, so it makes both ready.
 * Urgent data cuts a read short although more is there, as an end behind the data does.
 */
static unsigned ready(uint32_t events)
{
	unsigned r = 0;

	if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		r |= HOY__READABLE;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		r |= HOY__WRITABLE;
	if (events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		r |= HOY__HANGUP;
	return r;
}

/* Rounded up: waking a little early only to wait again would burn the last millisecond. */
static int milliseconds(int64_t ns)
{
	if (ns < 0)
		return -1;
	if (ns > (int64_t)INT_MAX * MILLISECOND)
		return INT_MAX;
	return (int)(ns / MILLISECOND + (ns % MILLISECOND != 0));
}

/* ns < 0: for ever. Sandboxes that do not know pwait2 refuse it with EPERM, and a call without a time costs less. */
static int wait_events(int poller, struct epoll_event *events, int n, int64_t ns)
{
	if (ns > 0 && !atomic_load_explicit(&no_pwait2, memory_order_relaxed)) {
		struct wait_time t = { ns / SECOND, ns % SECOND };
		long got = syscall(SYS_EPOLL_PWAIT2, poller, events, n, &t, NULL, (size_t)0);

		if (got >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)got;
		atomic_store_explicit(&no_pwait2, true, memory_order_relaxed);
	}
	return epoll_wait(poller, events, n, milliseconds(ns));
}

static int64_t time_left(int64_t until)
{
	if (until == HOY__NEVER)
		return -1;
	if (until <= 0)
		return 0;

	int64_t now = hoy__os_monotonic();
	return until > now ? until - now : 0;
}

/*
 * A poller that fails goes on failing: its descriptor was closed, by a program that closes all it has. Its
 * worker still has timers and calls by other threads, and looks at them every 10 ms instead of all the time.
 */
static int pause_after(int error, int64_t ns)
{
	const int64_t most = 10 * MILLISECOND;
	struct timespec t = { .tv_nsec = ns < 0 || ns > most ? most : ns };

	if (ns)
		nanosleep(&t, NULL);
	return -error;
}

/* A signal ends the wait with no events: the caller works out anew how long to wait. */
int hoy__epoll_wait(int poller, struct hoy__event *events, int n, int64_t until)
{
	struct epoll_event got[BATCH];
	int64_t left = time_left(until);
	int count = wait_events(poller, got, n < BATCH ? n : BATCH, left);

	if (count < 0)
		return errno == EINTR ? 0 : pause_after(errno, left);
	for (int i = 0; i < count; i++)
		events[i] = (struct hoy__event){ got[i].data.u64, ready(got[i].events) };
	return count;
}

int hoy__waker_open(int poller, uint64_t key)
{
	int fd = (int)result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	int code = fd < 0 ? fd : control(poller, EPOLL_CTL_ADD, fd, EPOLLIN, key);

	if (code < 0 && fd >= 0)
		close(fd);
	return code < 0 ? code : fd;
}

/*
 * Every write is a new edge, so nobody needs to read the counter back. Only when it is
 * full, after 2^64 wakes or a debugger's prank, is it emptied to make the write possible.
 */
int hoy__waker_wake(int waker)
{
	uint64_t count = 1;

	for (;;) {
		if (write(waker, &count, sizeof count) >= 0)
			return 0;
		if (errno == EAGAIN) {
			uint64_t emptied;

			if (read(waker, &emptied, sizeof emptied) >= 0 || errno == EAGAIN || errno == EINTR)
				continue;
		}
		if (errno != EINTR)
			return -errno;
	}
}
