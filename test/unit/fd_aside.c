/* Calls that block on a thread of the pool, and callers that give them up. */
#include "fd_help.h"

#include <hoy/group.h>

#include "base/base.h"
#include "support/threads.h"
#include "task/pool.h"

enum { BLOCKING = HOY__FD_BLOCKING | HOY__FD_SHARED };

static struct hoy__os table;
static size_t done;

static int always_ready(int fd, unsigned ready)
{
	(void)fd;
	(void)ready;
	return 1;
}

/* Every call is tried at once, as if another process had been faster each time, and blocks in the system. */
static void try_at_once(void)
{
	table = hoy__os_linux;
	table.ready = always_ready;
	hoy__os = &table;
}

static void both_at_once(hoy_fn *fn)
{
	try_at_once();
	both(fn);
}

static void blocking_pipe(struct hoy__fd *fd[2], int sys[2])
{
	CHECK_INT(pipe(sys), 0);
	fd[0] = own(sys[0], BLOCKING);
	fd[1] = own(sys[1], BLOCKING);
}

static void until_closed(int sys)
{
	for (int i = 0; i < 5000 && fcntl(sys, F_GETFD) >= 0; i++)
		pause_ms(1);
	CHECK_INT(fcntl(sys, F_GETFD), -1);
}

/* In time: soon after the 50 ms of the test's deadlines. */
static bool in_time(int64_t begin)
{
	int64_t took = hoy__os_monotonic() - begin;

	return took >= 50 * HOY_MILLISECOND && took < HOY_SECOND * t_scale();
}

static int given_up_reads(void *unused)
{
	char untouched[8] = "-------", buf[8] = "";
	struct iovec pieces[] = { { buf, 1 }, { buf + 1, 0 }, { buf + 1, 6 } };
	struct hoy__fd *fd[2];
	int64_t begin = hoy__os_monotonic();
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, begin + 50 * HOY_MILLISECOND), 0);
		CHECK_INT(fd_read(fd[0], untouched, sizeof untouched), HOY_ETIMEOUT);
		CHECK(in_time(begin));
	}
	CHECK_INT(write(sys[1], "abcdef", 6), 6);
	pause_ms(10);
	CHECK_STR(untouched, "-------", "the buffer that the caller has back");
	CHECK_INT(fd_read(fd[0], buf, 1), HOY_ETIMEOUT);	/* past is past, although there is something */
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, HOY__NEVER), 0);
	CHECK_INT(fd_read(fd[0], buf, 2), 2);
	CHECK_INT(fd_readv(fd[0], pieces, 3), 4);
	CHECK_STR(buf, "cdef", "what the calls brought that were given up");
	CHECK_INT(write(sys[1], "x", 1), 1);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), 1);
	hoy__fd_free(fd[1]);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), 0);
	hoy__fd_free(fd[0]);
	return 0;
}

TEST(a_read_given_up_leaves_its_bytes_to_the_next) { both_at_once(given_up_reads); }

static atomic_int result;

static int read_it(void *fd)
{
	char buf[8];

	result = (int)fd_read(fd, buf, sizeof buf);
	return 0;
}

static int closed_under_a_read(void *unused)
{
	struct hoy__fd *fd[2];
	int sys[2];

	(void)unused;
	released = 0;
	blocking_pipe(fd, sys);
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, in_ms(60000)), 0);	/* also a thread goes by the pool */
	start(read_it, fd[0]);
	until_inside(fd[0], 2);
	pause_ms(5);
	hoy__fd_free(fd[0]);
	join();
	CHECK_INT(result, HOY_ECLOSED);
	CHECK(fcntl(sys[0], F_GETFD) >= 0);	/* the call is still in it */
	CHECK_INT(released, 0);
	CHECK_INT(write(sys[1], "x", 1), 1);
	until_closed(sys[0]);
	while (released < 1)
		pause_ms(1);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(a_number_stays_while_a_call_is_in_it) { both_at_once(closed_under_a_read); }

/* How many bytes that took. */
static size_t fill_pipe(int sys)
{
	static const char zeros[4096];
	size_t filled = 0;
	ssize_t n;

	CHECK_INT(fcntl(sys, F_SETFL, O_NONBLOCK), 0);
	while ((n = write(sys, zeros, sizeof zeros)) > 0)
		filled += (size_t)n;
	CHECK_INT(fcntl(sys, F_SETFL, 0), 0);
	return filled;
}

static int given_up_writes(void *unused)
{
	static char got[1 << 20];
	struct iovec pieces[] = { { (char *)"fi", 2 }, { (char *)"rst", 3 } };
	struct hoy__fd *fd[2];
	size_t filled, len;
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	filled = fill_pipe(sys[1]);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, in_ms(100)), 0);
	CHECK_INT(fd_writev(fd[1], pieces, 2, &done), HOY_ETIMEOUT);
	CHECK_INT(done, 0);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, in_ms(50)), 0);
	CHECK_INT(fd_write(fd[1], "never", 5, &done), HOY_ETIMEOUT);	/* waits for the first */
	CHECK_INT(done, 0);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, HOY__NEVER), 0);
	for (len = 0; len < filled + 5; len += (size_t)read(sys[0], got + len, sizeof got - len))
		;
	CHECK_INT(fd_write(fd[1], "second", 6, NULL), 0);
	len += (size_t)read(sys[0], got + len, sizeof got - len);
	CHECK_INT(len, filled + 11);
	CHECK_STR(got + filled, "firstsecond", "all that was started, in order");
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(a_write_given_up_comes_before_the_next) { both_at_once(given_up_writes); }

static int given_up_and_failed(void *unused)
{
	struct hoy__fd *fd[2];
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	fill_pipe(sys[1]);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, in_ms(100)), 0);
	CHECK_INT(fd_write(fd[1], "first", 5, &done), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, HOY__NEVER), 0);
	hoy__fd_free(fd[0]);
	CHECK_INT(fd_write(fd[1], "second", 6, &done), -EPIPE);
	CHECK_INT(done, 0);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(a_write_given_up_tells_the_next_that_it_failed) { both_at_once(given_up_and_failed); }

static int listen_blocking(struct sockaddr_in *at)
{
	socklen_t len = sizeof *at;
	int sys = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK_INT(bind(sys, (struct sockaddr *)at, sizeof *at), 0);
	CHECK_INT(listen(sys, 5), 0);
	CHECK_INT(getsockname(sys, (struct sockaddr *)at, &len), 0);
	return sys;
}

static int connect_to(const struct sockaddr_in *at)
{
	int sys = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(connect(sys, (const struct sockaddr *)at, sizeof *at), 0);
	return sys;
}

/* The next accept returns the first connection. The second is closed, and its peer sees the end of the stream. */
static int given_up_accepts(void *unused)
{
	struct sockaddr_in at, from = { 0 }, local;
	socklen_t len = sizeof from, local_len = sizeof local;
	int sys = listen_blocking(&at), peer, conn;
	struct hoy__fd *l = own(sys, SOCKET | BLOCKING);
	char byte;

	(void)unused;
	CHECK_INT(hoy__fd_set_deadline(l, HOY__IN, in_ms(50)), 0);
	CHECK_INT(fd_accept(l, NULL, NULL), HOY_ETIMEOUT);
	peer = connect_to(&at);
	CHECK_INT(hoy__fd_set_deadline(l, HOY__IN, HOY__NEVER), 0);
	conn = fd_accept(l, (struct sockaddr *)&from, &len);
	CHECK(conn >= 0);
	CHECK_INT(getsockname(peer, (struct sockaddr *)&local, &local_len), 0);
	CHECK_INT(len, sizeof from);
	CHECK_INT(from.sin_port, local.sin_port);
	close(conn);
	close(peer);
	CHECK_INT(hoy__fd_set_deadline(l, HOY__IN, in_ms(50)), 0);
	CHECK_INT(fd_accept(l, NULL, NULL), HOY_ETIMEOUT);
	hoy__fd_free(l);
	peer = connect_to(&at);
	CHECK_INT(read(peer, &byte, 1), 0);
	close(peer);
	until_closed(sys);
	return 0;
}

TEST(an_accept_given_up_leaves_its_connection_to_the_next) { both_at_once(given_up_accepts); }

/* The one thread is taken, so the second call stays in the queue, and takes nothing out of its pipe. */
static int queued_behind_another(void *unused)
{
	struct hoy__fd *first[2], *second[2];
	int a[2], b[2];
	char buf[4];

	(void)unused;
	hoy__pool_set_threads(HOY__POOL_IO, 1, 1);
	blocking_pipe(first, a);
	blocking_pipe(second, b);
	CHECK_INT(hoy__fd_set_deadline(first[0], HOY__IN, in_ms(20)), 0);
	CHECK_INT(fd_read(first[0], buf, sizeof buf), HOY_ETIMEOUT);
	CHECK_INT(write(b[1], "b", 1), 1);
	CHECK_INT(hoy__fd_set_deadline(second[0], HOY__IN, in_ms(250)), 0);
	CHECK_INT(fd_read(second[0], buf, sizeof buf), HOY_ETIMEOUT);
	hoy__fd_set_deadline(second[0], HOY__IN, in_ms(60000));
	start(read_it, second[0]);
	until_inside(second[0], 2);
	pause_ms(5);
	hoy__fd_close(second[0]);
	join();
	CHECK_INT(result, HOY_ECLOSED);
	until_closed(b[0]);			/* at once: no call is in it */
	hoy__pool_set_threads(HOY__POOL_IO, 2, 2);
	hoy__fd_free(first[0]);
	CHECK_INT(write(a[1], "a", 1), 1);	/* lets the thread go */
	until_closed(a[0]);
	hoy__fd_free(second[0]);
	hoy__fd_free(first[1]);
	hoy__fd_free(second[1]);
	return 0;
}

TEST(a_queued_read_obeys_deadline_and_close) { both_at_once(queued_behind_another); }

/* The parent's thread is not there in the child, whose read makes a call of its own: of another pipe, to tell the two apart. */
TEST(a_child_does_not_wait_for_a_call_of_its_parent)
{
	struct hoy__fd *fd[2];
	int sys[2], other[2], status;
	char buf[8] = "";

	try_at_once();
	blocking_pipe(fd, sys);
	CHECK_INT(pipe(other), 0);
	CHECK_INT(write(other[1], "child", 5), 5);
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, in_ms(50)), 0);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, HOY__NEVER), 0);	/* the child starts no thread, for ThreadSanitizer */
	if (fork() == 0) {
		dup2(other[0], sys[0]);
		CHECK_INT(fd_read(fd[0], buf, sizeof buf), 5);
		CHECK_STR(buf, "child", "the child's own call");
		_exit(0);
	}
	CHECK(wait(&status) > 0 && status == 0);
	CHECK_INT(write(sys[1], "parent", 6), 6);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), 6);
	CHECK_STR(buf, "parent", "what the call brought that was given up");
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
	close(other[0]);
	close(other[1]);
}

static int read_till_the_end(void *fd)
{
	return read_it(fd);
}

static int leave_a_read(void *fd)
{
	CHECK_INT(hoy_go(read_till_the_end, fd), 0);
	return hoy_sleep(20 * HOY_MILLISECOND);
}

TEST(cancellation_ends_the_wait_for_a_read)
{
	int64_t begin = hoy__os_monotonic();
	struct hoy__fd *fd[2];
	int sys[2];

	try_at_once();
	blocking_pipe(fd, sys);
	CHECK_INT(hoy_run(leave_a_read, fd[0]), 0);
	CHECK_INT(result, HOY_ECANCELED);
	CHECK(hoy__os_monotonic() - begin < 5 * HOY_SECOND * t_scale());	/* before the grace period ends */
	CHECK_INT(write(sys[1], "abc", 3), 3);
	CHECK_INT(hoy_run(read_it, fd[0]), 0);
	CHECK_INT(result, 3);			/* of another run */
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
}

/* Also that of a plain thread, which otherwise makes such a call itself. */
static int read_in_scope(void *unused)
{
	int64_t begin = hoy__os_monotonic();
	struct hoy__fd *fd[2];
	hoy_scope s;
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	hoy_scope_enter(&s, (hoy_time){ begin + 50 * HOY_MILLISECOND });
	CHECK_INT(read_it(fd[0]), 0);
	CHECK_INT(result, HOY_ECANCELED);
	CHECK(in_time(begin));
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	CHECK_INT(write(sys[1], "abc", 3), 3);
	CHECK_INT(read_it(fd[0]), 0);
	CHECK_INT(result, 3);
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(a_scope_ends_the_wait_for_a_read) { both_at_once(read_in_scope); }

static int write_when_cancelled(void *fd)
{
	CHECK_INT(hoy_sleep(HOY_MINUTE), HOY_ECANCELED);
	return CHECK_INT(fd_write(fd, "goodbye", 7, NULL), 0);
}

static int leave_a_writer(void *fd)
{
	CHECK_INT(hoy_go(write_when_cancelled, fd), 0);
	return hoy_sleep(5 * HOY_MILLISECOND);
}

TEST(a_cleanup_still_writes_its_file)
{
	char name[] = "/tmp/hoy-aside-XXXXXX", buf[16] = "";
	int sys = mkstemp(name);
	struct hoy__fd *fd = own(sys, HOY__FD_BLOCKING);

	unlink(name);
	CHECK_INT(hoy_run(leave_a_writer, fd), 0);
	CHECK_INT(pread(sys, buf, sizeof buf, 0), 7);
	CHECK_STR(buf, "goodbye", "in the file");
	hoy__fd_free(fd);
}

/* --- what is missing ------------------------------------------------------------------- */

static void *refuse(void *block, size_t size)
{
	if (size)
		return NULL;
	free(block);
	return NULL;
}

static int without_memory(void *unused)
{
	void *(*before)(void *, size_t) = hoy__realloc_hook;
	struct hoy__fd *fd[2];
	char buf[4];
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	CHECK_INT(write(sys[1], "ab", 2), 2);
	hoy__realloc_hook = refuse;
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), -ENOMEM);
	CHECK_INT(fd_write(fd[1], "x", 1, NULL), -ENOMEM);
	hoy__realloc_hook = before;
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), 2);
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(without_memory_nothing_is_lost) { both(without_memory); }

static int without_threads(void *unused)
{
	struct hoy__fd *fd[2];
	char buf[4];
	int sys[2];

	(void)unused;
	blocking_pipe(fd, sys);
	CHECK_INT(write(sys[1], "ab", 2), 2);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), -EAGAIN);
	CHECK_INT(hoy_offload(read_it, fd[0]), -EAGAIN);
	CHECK_INT(hoy_offload_with(&(hoy_offload_opts){ .deadline = { INT64_MAX } }, read_it, fd[0]), -EAGAIN);
	CHECK_INT(read(sys[0], buf, sizeof buf), 2);
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(without_threads_it_is_an_error)
{
	static const hoy_run_opts one = { .workers = 1 };

	if (t_under_valgrind())
		SKIP("valgrind refuses such a thread with EINVAL");
	if (!refuse_threads())
		SKIP("this C library has no such default for threads' stacks");
	CHECK_INT(hoy_run_with(&one, without_threads, NULL), 0);
}
