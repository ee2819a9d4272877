/* Descriptors from elsewhere and for elsewhere. */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "pair.h"

static hoy_conn *adopt(int fd, unsigned flags)
{
	hoy_err err;
	hoy_conn *c = hoy_conn_from_fd(fd, flags, &err);

	must(c, "from_fd", &err);
	return c;
}

static bool is_blocking(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

BOTH(socket_pairs)
{
	for (unsigned flags = 0; flags <= HOY_FD_SHARED; flags++) {
		int fd[2];
		hoy_conn *a, *b;
		char buf[8] = "";

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		a = adopt(fd[0], flags);
		b = adopt(fd[1], flags);
		CHECK_INT(is_blocking(fd[0]), flags == HOY_FD_SHARED);
		CHECK_INT(hoy_conn_write(a, "hello", 5, NULL), 5);
		CHECK_INT(hoy_read_full(b, buf, 5, NULL), 5);
		CHECK_STR(buf, "hello", "through a pair");
		CHECK_INT(hoy_conn_set_read_deadline(b, hoy_in(5 * HOY_MILLISECOND), NULL), 0);
		CHECK_INT(hoy_conn_read(b, buf, 1, NULL), HOY_ETIMEOUT);	/* also in blocking mode */
		hoy_conn_set_read_deadline(b, (hoy_time){ 0 }, NULL);
		CHECK_INT(hoy_conn_close_write(a, NULL), 0);
		CHECK_INT(hoy_conn_read(b, buf, 1, NULL), 0);
		CHECK_INT(hoy_tcp_set_no_delay(a, 1, NULL), HOY_EWRONGKIND);
		hoy_conn_free(a);
		hoy_conn_free(b);
		CHECK_INT(fcntl(fd[0], F_GETFL), -1);	/* it was ours */
	}
	return 0;
}

static int write_later(void *at)
{
	hoy_sleep(10 * HOY_MILLISECOND);
	return (int)hoy_conn_write(at, "late", 4, NULL);
}

BOTH(pipes)
{
	for (unsigned flags = 0; flags <= HOY_FD_SHARED; flags++) {
		int fd[2];
		hoy_conn *in, *out;
		struct started s;
		char buf[8] = "";

		CHECK_INT(pipe(fd), 0);
		in = adopt(fd[0], flags);
		out = adopt(fd[1], flags);
		CHECK_INT(is_blocking(fd[0]), flags == HOY_FD_SHARED);
		start(&s, write_later, out);
		CHECK_INT(hoy_conn_read(in, buf, sizeof buf, NULL), 4);
		CHECK_STR(buf, "late", "through a pipe");
		CHECK_INT(finish(&s), 4);
		hoy_conn_free(out);
		CHECK_INT(hoy_conn_read(in, buf, sizeof buf, NULL), 0);
		hoy_conn_free(in);
	}
	return 0;
}

static int read_some(void *at)
{
	char buf[8];

	return (int)hoy_conn_read(at, buf, sizeof buf, NULL);
}

/* In blocking mode, which is not ours to change, and yet nobody is stuck. */
BOTH(a_shared_pipe_is_closed_under_its_reader)
{
	hoy_conn *in, *out;
	struct started s;
	int fd[2];

	CHECK_INT(pipe(fd), 0);
	in = adopt(fd[0], HOY_FD_SHARED);
	out = adopt(fd[1], HOY_FD_SHARED);
	start(&s, read_some, in);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(in, NULL), 0);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	hoy_conn_free(in);
	hoy_conn_free(out);
	return 0;
}

static int result_at_the_end;

static int read_until_the_end(void *at)
{
	result_at_the_end = read_some(at);
	return 0;
}

static int leave_a_reader(void *at)
{
	CHECK_INT(hoy_go(read_until_the_end, at), 0);
	return hoy_sleep(10 * HOY_MILLISECOND);
}

TEST(a_shared_pipe_does_not_hold_up_the_end)
{
	hoy_conn *in;
	int fd[2];

	CHECK_INT(pipe(fd), 0);
	in = adopt(fd[0], HOY_FD_SHARED);
	CHECK_INT(hoy_run(leave_a_reader, in), 0);
	CHECK_INT(result_at_the_end, HOY_ECANCELED);
	hoy_conn_free(in);
	close(fd[1]);
}

BOTH(files)
{
	char name[] = "/tmp/hoy-test-XXXXXX", *data;
	int fd = mkstemp(name);
	hoy_conn *c = adopt(fd, 0);

	CHECK(is_blocking(fd));
	CHECK_INT(hoy_conn_write(c, "on disk", 7, NULL), 7);
	CHECK_INT(lseek(fd, 3, SEEK_SET), 3);
	CHECK_INT(hoy_read_all(c, &data, 0, NULL), 4);
	CHECK_STR(data, "disk", "from the file");
	hoy_free(data);
	hoy_conn_free(c);
	unlink(name);
	return 0;
}

BOTH(a_tcp_socket_made_elsewhere)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	hoy_conn *c, *peer;
	hoy_addr addr;
	char text[2][HOY_ADDR_STRLEN];

	hoy_listener_addr(l, &addr);
	sa.sin_port = htons(addr.port);
	CHECK_INT(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	c = adopt(fd, 0);
	hoy_conn_remote_addr(c, &addr);
	CHECK_STR(hoy_addr_string(&addr, text[0]), address_of(l, text[1]), "it knows its ends");
	CHECK_INT(hoy_tcp_set_no_delay(c, 0, NULL), 0);
	peer = hoy_listener_accept(l, NULL);
	CHECK_INT(hoy_conn_write(peer, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read(c, text, 1, NULL), 1);
	hoy_conn_free(c);
	hoy_conn_free(peer);
	hoy_listener_free(l);
	return 0;
}

static int accept_one(void *at)
{
	hoy_conn *c = hoy_listener_accept(at, NULL);

	hoy_conn_free(c);
	return c ? 0 : -1;
}

BOTH(a_listener_made_elsewhere)
{
	for (unsigned flags = 0; flags <= HOY_FD_SHARED; flags++) {
		hoy_listener *first = listen_on("tcp", "127.0.0.1:0"), *l;
		int fd = hoy_listener_fd(first, NULL);
		struct started s;
		hoy_err err;
		hoy_conn *c;
		char text[2][HOY_ADDR_STRLEN];

		CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		address_of(first, text[0]);
		CHECK_INT(fcntl(fd, F_SETFL, 0), 0);
		hoy_listener_free(first);
		l = hoy_listener_from_fd(fd, flags, &err);
		must(l, "listener_from_fd", &err);
		CHECK_STR(address_of(l, text[1]), text[0], "the same place");
		start(&s, accept_one, l);
		hoy_sleep(5 * HOY_MILLISECOND);
		c = dial_to(l);
		CHECK_INT(finish(&s), 0);
		CHECK(!hoy_conn_from_fd(fd, 0, &err));	/* a listener is no connection */
		CHECK_INT(err.code, HOY_EWRONGKIND);
		hoy_conn_free(c);
		hoy_listener_free(l);
	}
	return 0;
}

BOTH(a_duplicate_goes_on_alone)
{
	hoy_conn *a, *b;
	char buf[4];
	int fd;

	make_pair(&a, &b);
	fd = hoy_conn_fd(a, NULL);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	hoy_conn_free(a);
	CHECK_INT(write(fd, "dup", 3), 3);
	CHECK_INT(hoy_read_full(b, buf, 3, NULL), 3);
	close(fd);
	CHECK_INT(hoy_conn_read(b, buf, 1, NULL), 0);
	hoy_conn_free(b);
	return 0;
}

struct when {
	hoy_conn *conn;
	hoy_wait_group done;
	bool started;
	int result;
};

static int ready(void *at)
{
	struct when *w = at;
	char buf[8];

	w->started = true;
	w->result = (int)hoy_conn_read(w->conn, buf, sizeof buf, NULL);
	hoy_wait_group_done(&w->done);
	return 0;
}

/* Data, an end, a close: each starts the task, once, and not before. */
static int when_readable(void *at)
{
	(void)at;
	for (int i = 0; i < 3; i++) {
		struct when w = { 0 };
		hoy_conn *peer;

		make_pair(&w.conn, &peer);
		hoy_wait_group_add(&w.done, 1);
		CHECK_INT(hoy_when_readable(w.conn, ready, &w, NULL), 0);
		hoy_sleep(10 * HOY_MILLISECOND);
		CHECK(!w.started);
		if (i == 0)
			hoy_conn_write(peer, "abc", 3, NULL);
		else
			hoy_conn_close(i == 1 ? peer : w.conn, NULL);
		hoy_wait_group_wait(&w.done);
		CHECK_INT(w.result, i == 0 ? 3 : i == 1 ? 0 : HOY_ECLOSED);
		hoy_conn_free(w.conn);
		hoy_conn_free(peer);
	}
	return 0;
}

TEST(when_readable_starts_a_task)
{
	CHECK_INT(hoy_run(when_readable, NULL), 0);
}

static int when_ready_before(void *at)
{
	struct when w = { 0 };
	hoy_conn *peer;

	(void)at;
	make_pair(&w.conn, &peer);
	hoy_conn_write(peer, "abc", 3, NULL);
	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_wait_group_add(&w.done, 1);
	CHECK_INT(hoy_when_readable(w.conn, ready, &w, NULL), 0);
	hoy_wait_group_wait(&w.done);
	CHECK_INT(w.result, 3);
	hoy_conn_free(w.conn);
	hoy_conn_free(peer);
	return 0;
}

TEST(when_readable_already)
{
	CHECK_INT(hoy_run(when_ready_before, NULL), 0);
}

TEST(when_readable_needs_a_runtime)
{
	hoy_conn *a, *b;

	make_pair(&a, &b);
	CHECK_INT(hoy_when_readable(a, ready, NULL, NULL), HOY_ENORUNTIME);
	hoy_conn_free(a);
	hoy_conn_free(b);
}
