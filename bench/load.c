/*
 * load PORT|PATH PID CONNECTIONS SECONDS: keeps one 64-byte message on its way on each of many
 * connections, checks every answer, and prints one line:
 *
 *	requests/s  nanoseconds of PID's CPU for each request  p50 us  p99 us
 *
 * Latencies go into buckets of about 3 %, so that no memory is touched that the
 * connections themselves do not need.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, BUCKETS = 1024 };

struct conn {
	int fd;
	unsigned got;			/* bytes of the answer */
	int64_t sent_at;
	uint64_t serial;		/* of the message on its way */
};

static struct conn *conns;
static int n_conns, poller;
static uint64_t requests, histogram[BUCKETS];

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* 32 buckets for each doubling */
static int bucket_of(uint64_t us)
{
	int log = us < 32 ? 0 : 58 - __builtin_clzll(us);
	int bucket = log * 32 + (int)(us >> log);

	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t bucket_us(int bucket)
{
	int log = bucket < 64 ? 0 : bucket / 32 - 1;

	return (uint64_t)(bucket - log * 32) << log;
}

static uint64_t percentile(double p)
{
	uint64_t seen = 0, wanted = (uint64_t)((double)requests * p);
	int i = 0;

	while (i < BUCKETS - 1 && (seen += histogram[i]) <= wanted)
		i++;
	return bucket_us(i);
}

/* Words that differ for each connection and message, so that crossed answers show. */
static void compose(const struct conn *c, uint64_t message[SIZE / 8])
{
	uint64_t x = c->serial * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(c - conns);

	for (int i = 0; i < SIZE / 8; i++)
		message[i] = x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
}

static void ask(struct conn *c)
{
	uint64_t message[SIZE / 8];

	c->serial++;
	c->got = 0;
	compose(c, message);
	c->sent_at = now();
	if (send(c->fd, message, SIZE, MSG_NOSIGNAL) != SIZE)
		err(1, "send");
}

static void take(struct conn *c)
{
	uint64_t want[SIZE / 8];
	char got[SIZE];
	ssize_t n = recv(c->fd, got, SIZE - c->got, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		err(1, "the server closed a connection");
	compose(c, want);
	if (memcmp(got, (char *)want + c->got, n) != 0)
		errx(1, "the answer is not what was asked");
	c->got += n;
	if (c->got == SIZE) {
		requests++;
		histogram[bucket_of((now() - c->sent_at) / 1000)]++;
		ask(c);
	}
}

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

/* Each 20,000 connections from another of our addresses, as ports are fewer than that. */
static union name name_for(const struct conn *c, const char *server)
{
	union name to = { .un.sun_family = AF_UNIX };

	if (strchr(server, '/'))
		strncpy(to.un.sun_path, server, sizeof to.un.sun_path - 1);
	else
		to.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(server)),
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (c - conns) / 20000) };
	return to;
}

static void join(struct conn *c, const char *server)
{
	union name to = name_for(c, server);
	socklen_t len = to.any.sa_family == AF_UNIX ? sizeof to.un : sizeof to.in;
	int one = 1;

	for (int tries = 0;; tries++) {
		c->fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (c->fd < 0)
			err(1, "socket");
		if (connect(c->fd, &to.any, len) == 0)
			break;
		if (tries == 200)
			err(1, "connect");
		close(c->fd);
		usleep(10000);	/* it is still starting */
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){ .events = EPOLLIN, .data.ptr = c });
}

static void work_until(int64_t end)
{
	struct epoll_event events[256];
	int64_t quiet = 0;

	while (now() < end) {
		int n = epoll_wait(poller, events, 256, 100);

		for (int i = 0; i < n; i++)
			take(events[i].data.ptr);
		quiet = n > 0 ? 0 : quiet + 1;
		if (quiet == 50)
			errx(1, "no answer for 5 seconds");
	}
}

/* What all threads of the process have run so far, in nanoseconds. */
static int64_t cpu_of(const char *pid)
{
	char path[600];
	int64_t sum = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%s/task", pid);
	if (!(dir = opendir(path)))
		err(1, "%s", path);
	while ((entry = readdir(dir))) {
		long long ns;
		FILE *f;

		snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, entry->d_name);
		if (entry->d_name[0] == '.' || !(f = fopen(path, "r")))
			continue;
		if (fscanf(f, "%lld", &ns) == 1)
			sum += ns;
		fclose(f);
	}
	closedir(dir);
	return sum;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int64_t start, cpu;
	double seconds;

	if (argc != 5 || (n_conns = atoi(argv[3])) < 1 || (seconds = atof(argv[4])) <= 0)
		errx(2, "usage: load PORT|PATH PID CONNECTIONS SECONDS");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	conns = calloc(n_conns, sizeof *conns);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (!conns || poller < 0)
		err(1, "setting up");
	for (struct conn *c = conns; c < conns + n_conns; c++)
		join(c, argv[1]);
	for (struct conn *c = conns; c < conns + n_conns; c++)
		ask(c);
	work_until(now() + 300000000);	/* until caches and windows have settled */

	requests = 0;
	memset(histogram, 0, sizeof histogram);
	start = now();
	cpu = cpu_of(argv[2]);
	work_until(start + (int64_t)(seconds * 1e9));
	cpu = cpu_of(argv[2]) - cpu;
	if (!requests)
		errx(1, "no answer");
	printf("%.0f %.0f %llu %llu\n", (double)requests * 1e9 / (double)(now() - start),
	       (double)cpu / (double)requests, (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99));
	return 0;
}
