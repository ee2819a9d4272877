/*
 * pour PORT UPSTREAM_PORT PID CONNECTIONS SECONDS: listens at UPSTREAM_PORT, connects to PORT, where the proxy with that PID
 * listens and passes connections on to the former, and sends as much as goes through. Prints one line:
 *
 *	bytes/s  nanoseconds of PID's CPU for each KiB
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "listen.h"

enum { BLOCK = 64 << 10 };

static atomic_llong received;
static int listener, port;

static void *take(void *unused)
{
	char *buf = malloc(4 * BLOCK);
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	(void)unused;
	while (buf && fd >= 0 && (n = recv(fd, buf, 4 * BLOCK, 0)) > 0)
		atomic_fetch_add(&received, n);
	return NULL;
}

static void *give(void *unused)
{
	static char block[BLOCK];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)unused;
	for (int tries = 0; connect(fd, (struct sockaddr *)&to, sizeof to) < 0; tries++) {
		if (tries == 200)
			err(1, "connect");
		usleep(10000);	/* it is still starting */
	}
	while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

/* What all threads of the process have run so far, in nanoseconds. */
static int64_t cpu_of(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
		errx(1, "no CPU clock of process %d", (int)pid);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long long bytes;
	int64_t start, cpu;
	pthread_t thread;

	if (argc != 6)
		errx(2, "usage: pour PORT UPSTREAM_PORT PID CONNECTIONS SECONDS");
	port = atoi(argv[1]);
	char address[16];
	snprintf(address, sizeof address, ":%d", atoi(argv[2]));
	listener = listen_on(address, 0);
	for (int i = atoi(argv[4]); i > 0; i--)
		if (pthread_create(&thread, NULL, take, NULL) || pthread_create(&thread, NULL, give, NULL))
			errx(1, "no thread");
	usleep(300000);		/* until windows have settled */
	start = now();
	cpu = cpu_of(atoi(argv[3]));
	bytes = received;
	usleep((useconds_t)(atof(argv[5]) * 1e6));
	bytes = received - bytes;
	cpu = cpu_of(atoi(argv[3])) - cpu;
	if (!bytes)
		errx(1, "nothing came through");
	printf("%.0f %.1f\n", (double)bytes * 1e9 / (double)(now() - start), (double)cpu * 1024 / (double)bytes);
	_exit(fflush(stdout) ? 1 : 0);
}
