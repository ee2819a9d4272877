/* Closes that block in the system: by the kind of descriptor, and when memory or threads are missing. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <sys/socket.h>

#include <hoy.h>

#include "base/base.h"
#include "os/os.h"
#include "support/threads.h"
#include "t.h"

static struct hoy__os table;
static atomic_int slow = -1, closed;	/* a descriptor whose close blocks */

static int slow_close(int fd)
{
	if (fd == slow) {
		usleep(300000);
		closed++;
	}
	return hoy__os_linux.close(fd);
}

static void use_slow_close(void)
{
	table = hoy__os_linux;
	table.close = slow_close;
	hoy__os = &table;
}

static atomic_bool stop;
static hoy_duration longest;
static hoy_wait_group sleeping;

static int sleeper(void *unused)
{
	(void)unused;
	for (longest = 0; !stop; ) {
		hoy_time t = hoy_now();
		hoy_duration d;

		hoy_sleep(5 * HOY_MILLISECOND);
		d = hoy_time_sub(hoy_now(), t);
		longest = d > longest ? d : longest;
	}
	hoy_wait_group_done(&sleeping);
	return 0;
}

static int open_file(void)
{
	char name[] = "/tmp/hoy-close-XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	return fd;
}

static int open_device(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int open_terminal(void)
{
	int master, terminal;

	if (openpty(&master, &terminal, NULL, NULL, NULL) < 0)
		return -1;
	close(master);
	return terminal;
}

static const struct {
	const char *what;
	int (*open)(void);
} kinds[] = {
	{ "a file", open_file }, { "a device", open_device }, { "a terminal", open_terminal },
};

/* Its task waits, and no other. */
static int close_each_kind(void *unused)
{
	(void)unused;
	stop = false;
	hoy_wait_group_add(&sleeping, 1);
	CHECK_INT(hoy_go(sleeper, NULL), 0);
	hoy_yield();
	for (size_t i = 0; i < LEN(kinds); i++)
		for (unsigned flags = 0; flags <= HOY_FD_SHARED; flags++) {
			int fd = kinds[i].open(), before = closed;
			hoy_conn *c = hoy_conn_from_fd(fd, flags, NULL);
			hoy_time t = hoy_now();

			if (!CHECK(c))
				continue;
			slow = fd;
			CHECK_INT(hoy_conn_close(c, NULL), 0);
			CHECK_INT(closed, before + 1);
			CHECK(hoy_time_sub(hoy_now(), t) >= 300 * HOY_MILLISECOND);
			hoy_conn_free(c);
			c = hoy_conn_from_fd(kinds[i].open(), flags, NULL);
			slow = fd;	/* the number again, most likely: if not, nothing is slow */
			t = hoy_now();
			hoy_conn_free(c);
			CHECK(hoy_time_sub(hoy_now(), t) < 200 * HOY_MILLISECOND * t_scale());
			while (fcntl(fd, F_GETFD) >= 0)
				hoy_sleep(HOY_MILLISECOND);
			slow = -1;
		}
	stop = true;
	hoy_wait_group_wait(&sleeping);
	CHECK(longest < 200 * HOY_MILLISECOND * t_scale());
	return 0;
}

static const hoy_run_opts one = { .workers = 1 };

TEST(what_is_no_socket)
{
	use_slow_close();
	CHECK_INT(hoy_run_with(&one, close_each_kind, NULL), 0);
}

/* --- what is missing ------------------------------------------------------------------- */

/* A connection with unsent data, and its peer. */
static hoy_conn *lingering(int *peer)
{
	static char block[1 << 20];
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int l = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	hoy_conn *c;

	CHECK_INT(bind(l, (struct sockaddr *)&at, len), 0);
	CHECK_INT(listen(l, 1), 0);
	CHECK_INT(getsockname(l, (struct sockaddr *)&at, &len), 0);
	CHECK_INT(connect(fd, (struct sockaddr *)&at, len), 0);
	*peer = accept(l, NULL, NULL);
	close(l);
	c = hoy_conn_from_fd(fd, 0, NULL);
	CHECK_INT(hoy_tcp_set_linger(c, 5, NULL), 0);
	hoy_conn_set_write_deadline(c, hoy_in(100 * HOY_MILLISECOND), NULL);
	while (hoy_conn_write(c, block, sizeof block, NULL) > 0)
		;
	return c;
}

static void *refuse(void *block, size_t size)
{
	if (!size)
		free(block);
	return NULL;
}

/* The system sends in the background what is left, and nothing waits. */
static int close_without(void *memory)
{
	void *(*before)(void *, size_t) = hoy__realloc_hook;
	static char buf[1 << 16];
	size_t got = 0;
	ssize_t n;
	hoy_time t;
	int peer;
	hoy_conn *c = lingering(&peer);

	if (memory)
		hoy__realloc_hook = refuse;
	t = hoy_now();
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK(hoy_time_sub(hoy_now(), t) < 2 * HOY_SECOND * t_scale());
	hoy__realloc_hook = before;
	hoy_conn_free(c);
	while ((n = read(peer, buf, sizeof buf)) > 0)
		got += (size_t)n;
	CHECK_INT(n, 0);
	CHECK(got > 1 << 16);
	close(peer);
	return 0;
}

TEST(without_memory_nothing_lingers)
{
	CHECK_INT(hoy_run_with(&one, close_without, &closed), 0);
}

TEST(without_threads_nothing_lingers)
{

	if (!refuse_threads())
		SKIP("this C library has no such default for threads' stacks");
	CHECK_INT(hoy_run_with(&one, close_without, NULL), 0);
}
