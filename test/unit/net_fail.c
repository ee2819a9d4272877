/*
 * What only a system in want says: each call that refuses is named, what cannot be
 * allocated costs nobody a descriptor, and what can be done without is done without.
 */
#include <fcntl.h>
#include <sys/socket.h>

#include <hoy.h>

#include "t.h"
#include "unit/support/fault_os.h"

static hoy_listener *listener;		/* stays, and has connections waiting */
static hoy_conn *one, *other;		/* connected */
static char address[HOY_ADDR_STRLEN];

static void set_scene(void)
{
	hoy_addr addr;

	fault_install();
	listener = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_listener_addr(listener, &addr);
	hoy_addr_string(&addr, address);
	one = hoy_dial("tcp", address, NULL);
	other = hoy_listener_accept(listener, NULL);
	hoy_sleep(HOY_MILLISECOND);		/* the thread has its poller now */
}

static int dial(hoy_err *err)
{
	hoy_conn *c = hoy_dial("tcp", address, err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int dial_from(hoy_err *err)
{
	hoy_addr from = { .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(127, 0, 0, 1) };
	hoy_conn *c = hoy_dialer_dial(&(hoy_dialer){ .local_addr = &from }, "tcp", address, err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int listen_again(hoy_err *err)
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", err);

	hoy_listener_free(l);
	return l ? 0 : err->code;
}

static int accept_one(hoy_err *err)
{
	hoy_conn *c = hoy_listener_accept(listener, err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int duplicate(hoy_err *err)
{
	int fd = hoy_conn_fd(one, err);

	return fd < 0 ? fd : close(fd);
}

static int adopt_pipe(hoy_err *err)
{
	int fd[2];
	hoy_conn *c;

	CHECK_INT(pipe(fd), 0);
	c = hoy_conn_from_fd(fd[0], 0, err);
	if (!c)	/* as it was, and still the caller's */
		CHECK_INT(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
	hoy_conn_free(c);
	if (!c)
		CHECK_INT(close(fd[0]), 0);
	close(fd[1]);
	return c ? 0 : err->code;
}

static int adopt_listener(hoy_err *err)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	hoy_listener *l;

	CHECK_INT(listen(fd, 1), 0);
	l = hoy_listener_from_fd(fd, 0, err);
	hoy_listener_free(l);
	if (!l)
		CHECK_INT(close(fd), 0);
	return l ? 0 : err->code;
}

static int conn_of_ones_own(hoy_err *err)
{
	static const hoy_conn_ops ops = { .network = "mine" };
	hoy_conn *c = hoy_conn_new(&ops, NULL, err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int listener_of_ones_own(hoy_err *err)
{
	static const hoy_listener_ops ops = { .network = "mine" };
	hoy_listener *l = hoy_listener_new(&ops, NULL, err);

	hoy_listener_free(l);
	return l ? 0 : err->code;
}

static int pipe_in_memory(hoy_err *err)
{
	hoy_conn *a, *b;
	int code = hoy_pipe(&a, &b, err);

	if (code == 0) {
		hoy_conn_free(a);
		hoy_conn_free(b);
	}
	return code;
}

static int make_reader(hoy_err *err)
{
	hoy_reader *r = hoy_reader_new(one, 0, err);

	hoy_reader_free(r);
	return r ? 0 : err->code;
}

static int read_to_limit(hoy_err *err)
{
	char *data;

	hoy_conn_write(other, "x", 1, NULL);
	hoy_conn_set_read_deadline(one, hoy_in(5 * HOY_MILLISECOND), NULL);
	return (int)hoy_read_all(one, &data, 0, err);
}

static const struct {
	const char *label;
	int (*run)(hoy_err *err);
	enum fault_entry entry;
	int code;
	const char *want;		/* an end of the sentence */
} refusals[] = {
	{ "dial", dial, FAULT_socket, -EMFILE, ": socket: too many open files" },
	{ "dial", dial, FAULT_connect, -ENETUNREACH, ": connect: network is unreachable" },
	{ "dial from", dial_from, FAULT_bind, -EADDRINUSE, ": bind: address already in use" },
	{ "listen", listen_again, FAULT_socket, -ENFILE, ": socket: too many open files in system" },
	{ "listen", listen_again, FAULT_setsockopt, -ENOPROTOOPT, ": setsockopt: protocol not available" },
	{ "listen", listen_again, FAULT_bind, -EACCES, "listen tcp 127.0.0.1:0: bind: permission denied" },
	{ "listen", listen_again, FAULT_listen, -EADDRINUSE, ": listen: address already in use" },
	{ "accept", accept_one, FAULT_accept, -EMFILE, ": accept4: too many open files" },
	{ "file", duplicate, FAULT_dup, -EMFILE, ": dup: too many open files" },
	{ "adopt", adopt_pipe, FAULT_stat, -EIO, "file file+net: input/output error" },
	{ "adopt", adopt_pipe, FAULT_get_flags, -EPERM, "file file+net: operation not permitted" },
	{ "adopt", adopt_pipe, FAULT_set_flags, -EPERM, "file file+net: operation not permitted" },
};

static void check_end(const hoy_err *err, const char *want, const char *label)
{
	char text[HOY_ERR_STRLEN];
	size_t len = strlen(hoy_err_string(err, text)), end = strlen(want);

	CHECK_STR(len >= end ? text + len - end : text, want, label);
}

TEST(each_call_that_refuses_is_named)
{
	set_scene();
	for (size_t i = 0; i < LEN(refusals); i++) {
		hoy_err err = { 0 };
		int open;

		if (refusals[i].entry == FAULT_accept)	/* only with a client in the queue is it called */
			CHECK_INT(dial(&err), 0);
		open = fault_open_descriptors();
		fault_reset();
		fault_entry_at(refusals[i].entry, 1, refusals[i].code);
		CHECK_INT(refusals[i].run(&err), refusals[i].code);
		check_end(&err, refusals[i].want, refusals[i].label);
		CHECK_INT(fault_open_descriptors(), open);
	}
	fault_reset();
}

/* Every allocation of each is refused in turn: always -ENOMEM, nothing open, nothing kept. */
static const struct {
	const char *label;
	int (*run)(hoy_err *err);
	int want;			/* with nothing refused */
	int client;			/* needs somebody in the listener's queue */
} hungry[] = {
	{ "dial", dial, 0, 0 },
	{ "listen", listen_again, 0, 0 },
	{ "accept", accept_one, 0, 1 },
	{ "adopt a pipe", adopt_pipe, 0, 0 },
	{ "adopt a listener", adopt_listener, 0, 0 },
	{ "pipe", pipe_in_memory, 0, 0 },
	{ "one's own", conn_of_ones_own, 0, 0 },
	{ "a listener of one's own", listener_of_ones_own, 0, 0 },
	{ "reader", make_reader, 0, 0 },
	{ "read all", read_to_limit, HOY_ETIMEOUT, 0 },
};

TEST(each_allocation_that_fails_costs_nothing)
{
	set_scene();
	for (size_t i = 0; i < LEN(hungry); i++) {
		hoy_err err;
		long n = 0, blocks;
		int code, open;

		do {
			if (hungry[i].client)
				dial(&err);
			fault_reset();
			open = fault_open_descriptors();
			blocks = fault_live_blocks();
			fault_alloc_at(++n);
			code = hungry[i].run(&err);
			if (fault_fired())
				CHECK_INT(code, -ENOMEM);
			if (!CHECK_INT(fault_open_descriptors(), open) || !CHECK_INT(fault_live_blocks(), blocks))
				fprintf(stderr, "in %s, allocation %ld\n", hungry[i].label, n);
		} while (fault_fired() && n < 20);
		CHECK(n > 1);
		CHECK_INT(code, hungry[i].want);
	}
}

/* Splicing is a convenience: without a pipe, or between sockets that cannot, bytes are copied. */
TEST(copy_does_without_the_kernel)
{
	static const struct { enum fault_entry entry; int code; } without[] = {
		{ FAULT_pipe, -EMFILE }, { FAULT_splice_in, -EINVAL }
	};

	set_scene();
	for (size_t i = 0; i < LEN(without); i++) {
		char buf[8] = "";
		hoy_conn *sink, *far;

		one = hoy_dial("tcp", address, NULL);
		other = hoy_listener_accept(listener, NULL);
		sink = hoy_dial("tcp", address, NULL);
		far = hoy_listener_accept(listener, NULL);
		CHECK_INT(hoy_conn_write(other, "copied", 6, NULL), 6);
		hoy_conn_close_write(other, NULL);
		fault_reset();
		fault_entry_at(without[i].entry, 1, without[i].code);
		CHECK_INT(hoy_copy(sink, one, NULL), 6);
		CHECK(fault_fired());
		CHECK_INT(hoy_read_full(far, buf, 6, NULL), 6);
		CHECK_STR(buf, "copied", "the other way");
		hoy_conn_free(sink);
		hoy_conn_free(far);
		hoy_conn_free(one);
		hoy_conn_free(other);
	}
}

/* A task that cannot be had is trouble like any other: told, and tried again. */
static atomic_int troubles;

static void note_trouble(const hoy_err *err, hoy_duration pause, void *arg)
{
	(void)arg;
	CHECK_INT(err->code, -ENOMEM);
	CHECK_INT(pause, 5 * HOY_MILLISECOND);
	atomic_fetch_add(&troubles, 1);
}

static void answer(hoy_conn *c, void *arg)
{
	(void)arg;
	hoy_conn_write(c, "!", 1, NULL);
}

static int serve(void *l)
{
	return hoy_serve(l, answer, NULL, &(hoy_serve_opts){ .trouble = note_trouble }, NULL);
}

static int starve_a_server(void *arg)
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	char text[HOY_ADDR_STRLEN], byte;
	hoy_addr addr;
	hoy_conn *c;

	(void)arg;
	hoy_listener_addr(l, &addr);
	hoy_addr_string(&addr, text);
	hoy_go(serve, l);
	hoy_sleep(5 * HOY_MILLISECOND);
	for (int n = 1; n < 5; n++) {
		fault_reset();
		fault_alloc_at(n);
		c = hoy_dial("tcp", text, NULL);
		hoy_sleep(10 * HOY_MILLISECOND);
		hoy_conn_free(c);
	}
	fault_reset();
	CHECK(atomic_load(&troubles) > 0);
	c = hoy_dial("tcp", text, NULL);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	hoy_conn_free(c);
	hoy_listener_close(l, NULL);
	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_listener_free(l);
	return 0;
}

TEST(a_server_without_memory_goes_on)
{
	fault_install();
	CHECK_INT(hoy_run(starve_a_server, NULL), 0);
}
