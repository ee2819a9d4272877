/*
 * The system calls of accepting: a connection inherits its options from the listener, and asks for its local address
 * only when somebody wants it. Counted, and right where inheriting is not enough.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hoy.h>

#include "support/fault_os.h"
#include "t.h"

static hoy_listener *listen_here(char address[HOY_ADDR_STRLEN])
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_addr addr;

	if (!l)
		_exit(1);
	hoy_listener_addr(l, &addr);
	hoy_addr_string(&addr, address);
	return l;
}

/* What is set on it: no delay, keep-alive and its three numbers. */
static void check_defaults(hoy_conn *c)
{
	static const struct { int level, name, want; } options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, 15 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 15 }, { IPPROTO_TCP, TCP_KEEPCNT, 9 },
	};
	int fd = hoy_conn_fd(c, NULL);

	for (size_t i = 0; i < LEN(options); i++) {
		int value = -1;
		socklen_t len = sizeof value;

		getsockopt(fd, options[i].level, options[i].name, &value, &len);
		CHECK_INT(value, options[i].want);
	}
	close(fd);
}

/* Accepts one connection; how many calls of the entry that took. */
static long calls_of_accept(hoy_listener *l, const char *address, enum fault_entry entry, hoy_conn **c)
{
	hoy_conn *dialled = hoy_dial("tcp", address, NULL);
	long before = fault_calls(entry), calls;

	*c = hoy_listener_accept(l, NULL);
	calls = fault_calls(entry) - before;
	if (!dialled || !*c)
		_exit(1);
	hoy_conn_free(dialled);
	return calls;
}

TEST(options_are_inherited)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	l = listen_here(address);
	CHECK_INT(calls_of_accept(l, address, FAULT_setsockopt, &c), 0);
	check_defaults(c);
	hoy_conn_free(c);
	hoy_listener_free(l);
}

/* A duplicate of the listener can change its options; connections start with the defaults all the same. */
TEST(options_of_a_duplicated_listener)
{
	char address[HOY_ADDR_STRLEN];
	int fd, off = 0;
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	l = listen_here(address);
	fd = hoy_listener_fd(l, NULL);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &off, sizeof off);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &off, sizeof off);
	CHECK_INT(calls_of_accept(l, address, FAULT_setsockopt, &c), 5);
	check_defaults(c);
	hoy_conn_free(c);
	hoy_listener_free(l);
	close(fd);
}

/* A connection that was queued before the listener was adopted has inherited nothing. */
TEST(options_of_an_adopted_listener)
{
	static const unsigned modes[] = { 0, HOY_FD_SHARED };

	fault_install();
	for (size_t i = 0; i < LEN(modes); i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		char address[HOY_ADDR_STRLEN];
		hoy_conn *c, *dialled;
		hoy_listener *l;
		socklen_t len = sizeof sa;

		CHECK_INT(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
		CHECK_INT(listen(fd, 5), 0);
		getsockname(fd, (struct sockaddr *)&sa, &len);
		snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(sa.sin_port));
		dialled = hoy_dial("tcp", address, NULL);
		l = hoy_listener_from_fd(fd, modes[i], NULL);
		c = hoy_listener_accept(l, NULL);
		check_defaults(c);
		hoy_conn_free(c);
		hoy_conn_free(dialled);
		CHECK(calls_of_accept(l, address, FAULT_setsockopt, &c) > 0);
		check_defaults(c);
		hoy_conn_free(c);
		hoy_listener_free(l);
	}
}

/* A listener that could not be given the options leaves them to each connection. */
TEST(options_that_the_listener_refused)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	for (int n = 2; n <= 6; n++) {	/* the first is SO_REUSEADDR */
		fault_reset();
		fault_entry_at(FAULT_setsockopt, n, 0);
		l = listen_here(address);
		CHECK(fault_fired());
		CHECK_INT(calls_of_accept(l, address, FAULT_setsockopt, &c), 5);
		check_defaults(c);
		hoy_conn_free(c);
		hoy_listener_free(l);
	}
}

enum { IN_A_ROW = 10 };

/* Dials again as soon as the server has closed the connection before. */
static int dial_in_a_row(void *address)
{
	for (int i = 0; i < IN_A_ROW; i++) {
		hoy_conn *c = hoy_dial("tcp", address, NULL);
		char byte;

		CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
		hoy_conn_free(c);
	}
	return 0;
}

static int accept_in_a_row(void *unused)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l = listen_here(address);

	(void)unused;
	CHECK_INT(hoy_go(dial_in_a_row, address), 0);
	for (int i = 0; i < IN_A_ROW; i++)
		hoy_conn_free(hoy_listener_accept(l, NULL));
	hoy_listener_free(l);
	return 0;
}

/* An accept that finds no connection is expensive: the poller or poll says beforehand that there is one. */
TEST(no_accept_finds_the_queue_empty)
{
	fault_install();
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, accept_in_a_row, NULL), 0);
	CHECK_INT(fault_calls(FAULT_accept), IN_A_ROW);
}

/* Where the question itself fails, accept is called all the same. */
TEST(accept_when_poll_fails)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	l = listen_here(address);
	fault_entry_at(FAULT_ready, 1, -ENOMEM);
	CHECK_INT(calls_of_accept(l, address, FAULT_accept, &c), 1);
	CHECK(fault_fired());
	hoy_conn_free(c);
	hoy_listener_free(l);
}

static void check_local(hoy_conn *c, const char *want, const char *when)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_conn_local_addr(c, &addr);
	CHECK_STR(hoy_addr_string(&addr, text), want, when);
}

TEST(local_address_when_wanted)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	l = listen_here(address);
	CHECK_INT(calls_of_accept(l, address, FAULT_getsockname, &c), 0);
	fault_reset();
	check_local(c, address, "asked for");
	CHECK_INT(fault_calls(FAULT_getsockname), 1);
	hoy_conn_free(c);
	CHECK_INT(calls_of_accept(l, address, FAULT_getsockname, &c), 0);
	fault_reset();
	hoy_conn_free(c);
	CHECK_INT(fault_calls(FAULT_getsockname), 0);
	hoy_listener_free(l);
}

TEST(local_address_after_close)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	fault_install();
	l = listen_here(address);
	calls_of_accept(l, address, FAULT_getsockname, &c);
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	check_local(c, address, "closed");
	CHECK_INT(hoy_conn_close(c, NULL), HOY_ECLOSED);
	check_local(c, address, "closed twice");
	hoy_conn_free(c);
	hoy_listener_free(l);
}

/* Closes with a reset. */
static void reset(hoy_conn *c)
{
	hoy_tcp_set_linger(c, 0, NULL);
	hoy_conn_free(c);
}

TEST(local_address_after_a_reset)
{
	char address[HOY_ADDR_STRLEN], byte, text[HOY_ADDR_STRLEN];
	hoy_err err = { 0 };
	hoy_listener *l = listen_here(address);
	hoy_conn *dialled = hoy_dial("tcp", address, NULL), *c = hoy_listener_accept(l, NULL);

	reset(dialled);
	CHECK_INT(hoy_conn_read(c, &byte, 1, &err), -ECONNRESET);
	CHECK_STR(hoy_addr_string(&err.source, text), address, "in the error");
	check_local(c, address, "reset");
	hoy_conn_free(c);
	hoy_listener_free(l);
}

struct reading {
	hoy_conn *c;
	hoy_err err;
	hoy_wait_group done;
};

static int read_one(void *arg)
{
	struct reading *r = arg;
	char byte;

	hoy_conn_read(r->c, &byte, 1, &r->err);
	hoy_wait_group_done(&r->done);
	return 0;
}

/* The call that was inside when the connection was freed still names both ends. */
static int free_while_reading(void *arg)
{
	char address[HOY_ADDR_STRLEN], text[HOY_ADDR_STRLEN];
	hoy_listener *l = listen_here(address);
	hoy_conn *dialled = hoy_dial("tcp", address, NULL);
	struct reading r = { .c = hoy_listener_accept(l, NULL) };

	(void)arg;
	hoy_wait_group_add(&r.done, 1);
	hoy_go(read_one, &r);
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_conn_free(r.c);
	hoy_wait_group_wait(&r.done);
	CHECK_INT(r.err.code, HOY_ECLOSED);
	CHECK_STR(hoy_addr_string(&r.err.source, text), address, "in the error");
	hoy_conn_free(dialled);
	hoy_listener_free(l);
	return 0;
}

TEST(local_address_after_free)
{
	CHECK_INT(hoy_run(free_while_reading, NULL), 0);
}

struct asking {
	hoy_conn *c;
	const char *address;
	hoy_wait_group done;
};

static int ask_local(void *arg)
{
	struct asking *a = arg;

	check_local(a->c, a->address, "asked for by several");
	hoy_wait_group_done(&a->done);
	return 0;
}

/* Several tasks ask for the address at once, and one of them closes the connection meanwhile. */
static int ask_together(void *arg)
{
	enum { MANY = 8 };
	static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l = listen_here(address);

	(void)arg;
	for (int times = 0; times < SCALED(200); times++) {
		hoy_conn *dialled = hoy_dial("tcp", address, NULL);
		struct asking a = { .c = hoy_listener_accept(l, NULL), .address = address };

		hoy_wait_group_add(&a.done, MANY);
		for (int i = 0; i < MANY; i++)
			CHECK_INT(hoy_go_with(&spread, ask_local, &a), 0);
		hoy_conn_close(a.c, NULL);
		hoy_wait_group_wait(&a.done);
		hoy_conn_free(a.c);
		reset(dialled);
	}
	hoy_listener_free(l);
	return 0;
}

TEST(local_address_asked_for_by_several)
{
	CHECK_INT(hoy_run(ask_together, NULL), 0);
}

static void echo_once(hoy_conn *c, void *arg)
{
	char byte;

	(void)arg;
	if (hoy_conn_read(c, &byte, 1, NULL) == 1)
		hoy_conn_write(c, &byte, 1, NULL);
}

static int serve_here(void *l)
{
	return hoy_serve(l, echo_once, NULL, NULL, NULL);
}

/* A connection's end is no business of the loop that accepts, unless it waits for that. */
static int serve_one_by_one(void *arg)
{
	char address[HOY_ADDR_STRLEN], byte;
	hoy_listener *l = listen_here(address);
	long accepts;

	(void)arg;
	hoy_go(serve_here, l);
	fault_reset();
	for (int i = 0; i < 20; i++) {
		hoy_conn *c = hoy_dial("tcp", address, NULL);

		CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
		CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
		CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
		hoy_conn_free(c);
	}
	hoy_sleep(20 * HOY_MILLISECOND);
	accepts = fault_calls(FAULT_accept);
	CHECK(accepts <= 2 * 20 + 1);	/* each connection, and that there is no other yet */
	hoy_listener_close(l, NULL);
	return 0;
}

TEST(ends_do_not_wake_the_accept_loop)
{
	fault_install();
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, serve_one_by_one, NULL), 0);
}
