/*
 * Every system call and every allocation of a proxying made to fail one after the other, with large data one way, whose
 * receiver is slow, and an answer the other way. What fails is told as it is; what was counted has arrived; nothing is
 * left open or allocated, and the next run succeeds.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "base/base.h"
#include "support/fault_os.h"
#include "t.h"

enum { LARGE = 400000, SMALL = 6 };

/* Calls whose failure may change nothing, and why that is right. */
static const struct { enum fault_entry entry; const char *reason; } tolerated[] = {
	{ FAULT_close, "the descriptor is gone whatever close says" },
	{ FAULT_pipe, "without a pipe, data is copied" },
	{ FAULT_pipe_widen, "a pipe of the usual size" },
	{ FAULT_splice_in, "EINVAL: a kind of socket that cannot" },
	{ FAULT_shutdown, "a connection without a half-close ends when it is closed" },
	{ FAULT_getsockopt, "no pending error is known then" },
	{ FAULT_poller_wait, "the loop asks again" },
	{ FAULT_poller_remove, "the kernel refuses to remove only what is not there" },
	{ FAULT_unmap, "of hoy_run's end: the memory stays mapped; there is nobody to tell" },
	{ FAULT_discard, "pages that are kept cost memory, no more" },
	{ FAULT_membarrier_register, "channels take their plain lock" },
	{ FAULT_waker_wake, "the sleeper wakes by another event, or at its next timer" },
};

/* One of the two outer ends: sends, and then reads to the end, in a thread without hoy. */
struct outer {
	int fd;
	size_t send, received;
	pthread_t thread;
};

static void *talk(void *at)
{
	struct outer *o = at;
	char buf[4096] = "";
	ssize_t n;

	for (size_t sent = 0; sent < o->send; sent += (size_t)n) {
		n = send(o->fd, buf, o->send - sent < sizeof buf ? o->send - sent : sizeof buf, MSG_NOSIGNAL);
		if (n <= 0)
			break;
	}
	shutdown(o->fd, SHUT_WR);
	while ((n = read(o->fd, buf, sizeof buf)) > 0)
		o->received += (size_t)n;
	return NULL;
}

static hoy_conn *make(struct outer *o, size_t send)
{
	int fd[2], small = 4096;

	if (!CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0))
		_exit(1);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	*o = (struct outer){ .fd = fd[1], .send = send };
	CHECK_INT(pthread_create(&o->thread, NULL, talk, o), 0);
	return hoy_conn_from_fd(fd[0], 0, NULL);
}

static size_t end(struct outer *o)
{
	pthread_join(o->thread, NULL);
	close(o->fd);
	return o->received;
}

/* Which call, or with a negative number which allocation, of the proxying fails; 0: none. */
static long which;
static int with;

static void aim(void)
{
	fault_reset();
	fault_at(which > 0 ? which : 0, with);
	fault_alloc_at(which < 0 ? -which : 0);
}

static int proxy_once(void *arg)
{
	struct outer client, server;
	hoy_conn *a = make(&client, LARGE), *b = make(&server, SMALL);
	hoy_err err = { 0 };
	int64_t to_b, to_a;
	const hoy_proxy_opts opts = { .a_to_b = &to_b, .b_to_a = &to_a };
	char text[HOY_ERR_STRLEN];
	int code;

	(void)arg;
	aim();
	code = hoy_proxy(a, b, &opts, &err);
	hoy_conn_free(a);
	hoy_conn_free(b);
	CHECK_INT((long long)end(&server), to_b);
	CHECK_INT((long long)end(&client), to_a);
	if (code == 0) {
		CHECK_INT(to_b, LARGE);
		CHECK_INT(to_a, SMALL);
	} else {
		CHECK_INT(err.code, code);
		CHECK(strstr(hoy_err_string(&err, text), hoy_strerror(code)) != NULL);
	}
	return code;
}

static bool is_tolerated(enum fault_entry entry)
{
	for (size_t i = 0; i < LEN(tolerated); i++)
		if (tolerated[i].entry == entry)
			return true;
	return false;
}

static void judge(int code)
{
	char story[600];

	if (code == 0 ? is_tolerated(fault_fired_entry()) : code == fault_fired_code())
		return;
	t_fail(__FILE__, __LINE__, "told as it is", "%s failed with %d, told %d: %s", fault_name(fault_fired_entry()),
	       fault_fired_code(), code, fault_story(story, sizeof story));
}

static int run(hoy_fn *fn)
{
	const hoy_run_opts one = { .workers = 1 };

	return hoy_run_with(&one, fn, NULL);
}

/* step 1: system calls; -1: allocations. */
static void sweep(long step, int code)
{
	long blocks;
	int open;

	fault_install();
	which = 0;
	for (int i = 0; i < 2; i++)
		CHECK_INT(run(proxy_once), 0);		/* what is kept for later is there from now on */
	open = fault_open_descriptors();
	blocks = fault_live_blocks();
	with = code;
	for (which = step;; which += step) {
		code = run(proxy_once);
		if (!fault_fired())
			break;
		judge(code);
		CHECK_INT(fault_open_descriptors(), open);
		CHECK_INT(fault_live_blocks(), blocks);
		CHECK_INT(fault_bad_descriptors(), 0);
		if (atomic_load(&t_shared->failures) > 20 || which == 200)
			return;		/* the later calls are those of the middle again */
	}
	CHECK(which * step > (step > 0 ? 10 : 1));
}

TEST(system_calls) { sweep(1, 0); }
TEST(out_of_memory) { sweep(1, -ENOMEM); }
TEST(allocations) { sweep(-1, 0); }
