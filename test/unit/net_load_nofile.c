/*
 * Out of descriptors: a server that may have 48 meets 300 dialers. Those it has it keeps
 * serving, it does not spin on what it cannot accept, and when the crowd has gone it is
 * its old self within two seconds.
 */
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/clients.h"
#include "t.h"

enum { FILES = 48, EARLY = 20, CROWD = 300, SECONDS = 3 };

static int crowd[CROWD], early[EARLY];

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int serve(void *arg)
{
	hoy_listener *l = hoy_listen("tcp4", "127.0.0.1:0", NULL);
	int port = port_of(l);

	if (write(*(int *)arg, &port, sizeof port) != sizeof port)
		return 1;
	return hoy_serve(l, echo, NULL, NULL, NULL);
}

/* A server process; its port comes through a pipe. */
static pid_t start_server(int *port)
{
	struct rlimit files = { FILES, FILES };
	int p[2];
	pid_t pid;

	if (pipe(p) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		close(p[0]);
		setrlimit(RLIMIT_NOFILE, &files);
		_exit(hoy_run(serve, &p[1]) != 0);
	}
	close(p[1]);
	CHECK_INT(read(p[0], port, sizeof *port), sizeof *port);
	close(p[0]);
	return pid;
}

/* Within the time, in seconds: does the echo come? */
static bool echoes(int fd, double limit)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	static unsigned count;
	unsigned out = ++count, in = 0;

	return send(fd, &out, sizeof out, MSG_NOSIGNAL) == sizeof out
		&& poll(&readable, 1, (int)(limit * 1000)) == 1
		&& recv(fd, &in, sizeof in, MSG_WAITALL) == sizeof in && in == out;
}

/* Echoes of the early clients, one after the other, until the time is over. */
static void keep_asking(double until)
{
	int missed = 0;

	for (int i = 0; seconds(CLOCK_MONOTONIC) < until; i = (i + 1) % EARLY) {
		missed += !echoes(early[i], 1.0 * t_scale());
		usleep(2000);
	}
	CHECK_INT(missed, 0);
}

TEST(crowd_at_a_small_door)
{
	clockid_t cpu;
	double start, used, limit = 2.0 * t_scale();
	int port, served = 0, fd;
	pid_t server = start_server(&port);

	if (!CHECK(server > 0) || !CHECK(clock_getcpuclockid(server, &cpu) == 0))
		return;
	for (int i = 0; i < EARLY; i++) {
		early[i] = connect_to(1, port);
		CHECK(echoes(early[i], limit));
	}
	for (int i = 0; i < CROWD; i++) {
		CHECK((crowd[i] = connect_to(1, port)) >= 0);	/* into the listener's queue, at least */
		CHECK_INT(send(crowd[i], "?", 1, MSG_NOSIGNAL), 1);
	}
	used = seconds(cpu);
	start = seconds(CLOCK_MONOTONIC);
	keep_asking(start + SECONDS);
	used = seconds(cpu) - used;
	for (int i = 0; i < CROWD; i++) {
		struct pollfd p = { .fd = crowd[i], .events = POLLIN };

		served += poll(&p, 1, 0) == 1;
	}
	printf("%d of %d in the crowd served, %.1f %% of a core\n", served, CROWD, 100 * used / SECONDS);
	CHECK(served > 0 && served < FILES);		/* the door was small indeed */
	CHECK(used / SECONDS < 0.25);

	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	start = seconds(CLOCK_MONOTONIC);
	fd = connect_to(1, port);
	CHECK(echoes(fd, limit));
	CHECK(seconds(CLOCK_MONOTONIC) - start < limit);
	for (int i = 0; i < EARLY; i++)
		CHECK(echoes(early[i], limit));
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}
