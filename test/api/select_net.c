/* Connections, listeners and channels in one select. */
#include <fcntl.h>
#include <limits.h>

#include "pair.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };

static void make_unix_pair(hoy_conn **a, hoy_conn **b)
{
	hoy_listener *l = hoy_listen("unix", "", NULL);	/* the system chooses an abstract name */
	hoy_addr addr;

	must(l, "listen", NULL);
	hoy_listener_addr(l, &addr);
	*a = hoy_dial_unix("unix", NULL, &addr, NULL);
	*b = hoy_listener_accept(l, NULL);
	must(*a && *b, "dial", NULL);
	hoy_listener_free(l);
}

static hoy_time soon(void)
{
	return hoy_in(20 * HOY_MILLISECOND);
}

/* Far enough that only a failure comes there. */
static hoy_time late(void)
{
	return hoy_in(10 * t_scale() * HOY_SECOND);
}

/* Is it readable at once? */
static int readable_now(hoy_conn *c)
{
	return hoy_select((hoy_case[]){ HOY_READABLE(c), HOY_DEFAULT }, 2, NULL) == 0;
}

/* --- readable ---------------------------------------------------------------------------------- */

BOTH(readable_takes_nothing_away)
{
	hoy_conn *a, *b;
	char buf[8];
	int code = 1;

	make_pair(&a, &b);
	CHECK(!readable_now(a));
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_UNTIL(soon()) }, 2, &code), 1);
	CHECK_INT(hoy_conn_write(b, "data", 4, NULL), 4);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(late()), HOY_READABLE(a) }, 2, &code), 1);
		CHECK_INT(code, 0);
	}
	CHECK_INT(hoy_conn_read(a, buf, 2, NULL), 2);
	CHECK(readable_now(a));
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), 2);
	CHECK(!readable_now(a));
	CHECK_INT(hoy_conn_close_write(b, NULL), 0);	/* the end is something to read */
	CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(late()), HOY_READABLE(a) }, 2, &code), 1);
	CHECK_INT(code, 0);
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), 0);
	hoy_conn_free(b);
	CHECK(readable_now(a));
	hoy_conn_free(a);
	return 0;
}

struct later {
	hoy_conn *conn;
	hoy_chan *chan;
	hoy_listener *listener;
	hoy_scope *scope;
	int (*act)(struct later *l);
};

static int act_later(void *arg)
{
	struct later *l = arg;

	CHECK_INT(hoy_sleep(10 * HOY_MILLISECOND), 0);
	return l->act(l);
}

static int write_one(struct later *l) { return (int)hoy_conn_write(l->conn, "x", 1, NULL) - 1; }
static int send_one(struct later *l) { return hoy_chan_send(l->chan, NULL); }
static int close_chan(struct later *l) { hoy_chan_close(l->chan); return 0; }
static int close_conn(struct later *l) { return hoy_conn_close(l->conn, NULL); }
static int free_conn(struct later *l) { hoy_conn_free(l->conn); return 0; }
static int close_listener(struct later *l) { return hoy_listener_close(l->listener, NULL); }
static int expire_conn(struct later *l) { return hoy_conn_set_read_deadline(l->conn, past(), NULL); }
static int expire_soon(struct later *l) { return hoy_conn_set_read_deadline(l->conn, soon(), NULL); }
static int expire_listener(struct later *l) { return hoy_listener_set_deadline(l->listener, soon(), NULL); }
static int cancel_scope(struct later *l) { hoy_scope_cancel(l->scope); return 0; }

/* What a select of these cases returns when this happens after a while; *code likewise. */
static int select_meanwhile(struct later *l, int (*act)(struct later *l), hoy_case *cases, size_t n, int *code)
{
	struct started s;
	int i;

	l->act = act;
	*code = 1;
	start(&s, act_later, l);
	i = hoy_select(cases, n, code);
	CHECK_INT(finish(&s), 0);
	return i;
}

BOTH(whatever_comes_first_ends_the_wait)
{
	hoy_conn *a, *b;
	hoy_chan *quit = hoy_chan_new(0, 1);
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_conn *got = NULL;
	hoy_case cases[] = { HOY_RECV(quit, NULL), HOY_READABLE(NULL), HOY_ACCEPT(l, &got), HOY_UNTIL(late()) };
	struct later later;
	int code;
	char c;

	make_pair(&a, &b);
	cases[1] = HOY_READABLE(a);
	later = (struct later){ .conn = b, .chan = quit, .listener = l };
	for (int i = 0; i < 3; i++) {	/* the same cases again and again */
		CHECK_INT(select_meanwhile(&later, write_one, cases, LEN(cases), &code), 1);
		CHECK_INT(code, 0);
		CHECK_INT(hoy_conn_read(a, &c, 1, NULL), 1);
		CHECK_INT(select_meanwhile(&later, send_one, cases, LEN(cases), &code), 0);
		CHECK_INT(code, 0);
		cases[3] = HOY_UNTIL(soon());
		CHECK_INT(hoy_select(cases, LEN(cases), &code), 3);
		CHECK_INT(code, 0);
		cases[3] = HOY_UNTIL(late());
	}
	CHECK_INT(select_meanwhile(&later, close_listener, cases, LEN(cases), &code), 2);
	CHECK_INT(code, HOY_ECLOSED);
	cases[2] = HOY_ACCEPT(NULL, &got);
	CHECK_INT(select_meanwhile(&later, close_chan, cases, LEN(cases), &code), 0);
	CHECK_INT(code, HOY_ECLOSED);
	CHECK(!got);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_chan_free(quit);
	hoy_listener_free(l);
	return 0;
}

BOTH(a_connection_that_ends_meanwhile)
{
	static int (*const acts[])(struct later *) = { expire_conn, expire_soon, close_conn, free_conn };
	static const int codes[] = { HOY_ETIMEOUT, HOY_ETIMEOUT, HOY_ECLOSED, HOY_ECLOSED };
	struct later later;
	hoy_case cases[2];
	int code;

	for (size_t i = 0; i < LEN(acts); i++) {
		hoy_conn *a, *b;

		make_pair(&a, &b);
		later = (struct later){ .conn = a };
		cases[0] = HOY_READABLE(a);
		cases[1] = HOY_UNTIL(late());
		CHECK_INT(select_meanwhile(&later, acts[i], cases, 2, &code), 0);
		CHECK_INT(code, codes[i]);
		if (acts[i] != free_conn) {
			CHECK_INT(hoy_select(cases, 1, &code), 0);	/* and so it stays */
			CHECK_INT(code, codes[i]);
			hoy_conn_free(a);
		}
		hoy_conn_free(b);
	}
	return 0;
}

BOTH(a_deadline_that_was_set_before)
{
	hoy_conn *a, *b;
	int code;

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_set_read_deadline(a, soon(), NULL), 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_UNTIL(late()) }, 2, &code), 0);
	CHECK_INT(code, HOY_ETIMEOUT);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_DEFAULT }, 2, &code), 0);
	CHECK_INT(code, HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_set_read_deadline(a, (hoy_time){ 0 }, NULL), 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_DEFAULT }, 2, &code), 1);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(a_scope_ends_the_wait)
{
	hoy_conn *a, *b, *got = NULL;
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	struct later later;
	hoy_scope s;
	int code;

	make_pair(&a, &b);
	later = (struct later){ .scope = &s };
	hoy_case cases[] = { HOY_READABLE(a), HOY_ACCEPT(l, &got), HOY_UNTIL(late()) };
	hoy_scope_enter(&s, (hoy_time){ 0 });
	CHECK_INT(select_meanwhile(&later, cancel_scope, cases, 3, &code), HOY_ECANCELED);
	CHECK_INT(code, 0);
	CHECK_INT(hoy_select(cases, 3, &code), HOY_ECANCELED);
	CHECK_INT(hoy_conn_write(b, "x", 1, NULL), 1);
	while (hoy_select((hoy_case[]){ cases[0], HOY_DEFAULT }, 2, &code) == 1)
		;	/* what is there need not be waited for */
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
	hoy_scope_enter(&s, soon());
	CHECK_INT(hoy_select(cases + 1, 2, &code), HOY_ECANCELED);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_listener_free(l);
	return 0;
}

/* --- a connection that others use, too ----------------------------------------------------------- */

static int read_one(void *conn)
{
	char c;

	return (int)hoy_conn_read(conn, &c, 1, NULL);
}

/* A read that came first gets the byte, and the select does not end by it: soon, on a machine that lets the reader come first. */
static bool reader_is_first(hoy_conn *a, hoy_conn *b)
{
	hoy_case cases[] = { HOY_READABLE(a), HOY_UNTIL(hoy_in(50 * HOY_MILLISECOND)) };
	struct later later = { .conn = b };
	struct started reader;
	int code, at;

	start(&reader, read_one, a);
	CHECK_INT(hoy_sleep(10 * HOY_MILLISECOND), 0);
	at = select_meanwhile(&later, write_one, cases, 2, &code);
	CHECK_INT(finish(&reader), 1);
	return at == 1;
}

BOTH(a_reader_has_its_turn_first)
{
	hoy_conn *a, *b;
	struct started reader;
	struct later later;
	hoy_case cases[2];
	int code, tries = 100;

	make_pair(&a, &b);
	while (tries > 0 && !reader_is_first(a, b))
		tries--;
	CHECK(tries > 0);
	cases[0] = HOY_READABLE(a);
	later = (struct later){ .conn = b };
	cases[1] = HOY_UNTIL(late());
	CHECK_INT(select_meanwhile(&later, write_one, cases, 2, &code), 0);
	CHECK_INT(read_one(a), 1);

	start(&reader, read_one, a);	/* and one whose deadline moves, or whose connection is closed, while another call has the turn */
	CHECK_INT(hoy_sleep(10 * HOY_MILLISECOND), 0);
	later.conn = a;
	CHECK_INT(select_meanwhile(&later, expire_soon, cases, 2, &code), 0);
	CHECK_INT(code, HOY_ETIMEOUT);
	CHECK_INT(finish(&reader), HOY_ETIMEOUT);
	hoy_conn_set_deadline(a, (hoy_time){ 0 }, NULL);
	start(&reader, read_one, a);
	CHECK_INT(hoy_sleep(10 * HOY_MILLISECOND), 0);
	CHECK_INT(select_meanwhile(&later, close_conn, cases, 2, &code), 0);
	CHECK_INT(code, HOY_ECLOSED);
	CHECK_INT(finish(&reader), HOY_ECLOSED);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int select_readable(void *conn)
{
	return hoy_select((hoy_case[]){ HOY_READABLE(conn), HOY_UNTIL(late()) }, 2, NULL);
}

/* Two selects of one connection, and one select that has it twice: each is ready, since readiness takes no data. */
BOTH(two_selects_of_one_connection)
{
	hoy_conn *a, *b;
	struct started s[2];

	make_pair(&a, &b);
	for (int i = 0; i < 2; i++)
		start(&s[i], select_readable, a);
	CHECK_INT(hoy_sleep(10 * HOY_MILLISECOND), 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_READABLE(a), HOY_UNTIL(soon()) }, 3, NULL), 2);
	CHECK_INT(hoy_conn_write(b, "x", 1, NULL), 1);
	for (int i = 0; i < 2; i++)
		CHECK_INT(finish(&s[i]), 0);
	CHECK(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_READABLE(a), HOY_UNTIL(late()) }, 3, NULL) < 2);
	CHECK_INT(read_one(a), 1);
	CHECK(!readable_now(a));
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* --- writable ------------------------------------------------------------------------------------- */

/* Of a Unix socket, where room comes when the peer reads, and only then. */
BOTH(writable_when_there_is_room)
{
	static char block[1 << 16];
	hoy_conn *a, *b;
	int code;

	make_unix_pair(&a, &b);

	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(a), HOY_DEFAULT }, 2, &code), 0);
	CHECK_INT(code, 0);
	hoy_conn_set_write_deadline(a, hoy_in(20 * HOY_MILLISECOND), NULL);
	while (hoy_conn_write(a, block, sizeof block, NULL) > 0)
		;
	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(a), HOY_DEFAULT }, 2, &code), 0);
	CHECK_INT(code, HOY_ETIMEOUT);
	hoy_conn_set_write_deadline(a, (hoy_time){ 0 }, NULL);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(a), HOY_READABLE(a), HOY_UNTIL(soon()) }, 3, &code), 2);
	while (hoy_select((hoy_case[]){ HOY_READABLE(b), HOY_DEFAULT }, 2, &code) == 0)
		CHECK(hoy_conn_read(b, block, sizeof block, NULL) > 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(a), HOY_READABLE(a), HOY_UNTIL(late()) }, 3, &code), 0);
	CHECK_INT(code, 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(datagrams)
{
	hoy_conn *s = hoy_listen_packet("udp", "127.0.0.1:0", NULL), *c;
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	struct later later;
	hoy_case cases[2];
	int code;

	hoy_conn_local_addr(s, &addr);
	c = hoy_dial("udp", hoy_addr_string(&addr, text), NULL);
	cases[0] = HOY_READABLE(s);
	cases[1] = HOY_UNTIL(late());
	later = (struct later){ .conn = c };
	CHECK(!readable_now(s));
	CHECK_INT(select_meanwhile(&later, write_one, cases, 2, &code), 0);
	CHECK_INT(code, 0);
	CHECK_INT(read_one(s), 1);
	CHECK(!readable_now(s));
	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(s), HOY_READABLE(s), HOY_UNTIL(late()) }, 3, &code), 0);
	hoy_conn_free(s);
	hoy_conn_free(c);
	return 0;
}

/* --- accept ---------------------------------------------------------------------------------------- */

BOTH(accept_returns_the_connection)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_conn *got = NULL, *c;
	hoy_chan *quit = hoy_chan_new(0, 0);
	hoy_case cases[] = { HOY_ACCEPT(l, &got), HOY_RECV(quit, NULL), HOY_UNTIL(late()) };
	struct later later = { .listener = l };
	int code;

	CHECK_INT(hoy_select((hoy_case[]){ HOY_ACCEPT(l, &got), HOY_DEFAULT }, 2, &code), 1);
	for (int i = 0; i < 3; i++) {
		c = dial_to(l);
		CHECK_INT(hoy_select(cases, LEN(cases), &code), 0);
		CHECK_INT(code, 0);
		if (!CHECK(got != NULL))
			return -1;
		CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
		CHECK_INT(read_one(got), 1);
		hoy_conn_free(c);
		hoy_conn_free(got);
		got = NULL;
	}
	CHECK_INT(select_meanwhile(&later, expire_listener, cases, LEN(cases), &code), 0);
	CHECK_INT(code, HOY_ETIMEOUT);
	CHECK(!got);
	hoy_listener_set_deadline(l, (hoy_time){ 0 }, NULL);
	c = dial_to(l);		/* a connection that was not chosen stays for the next accept */
	hoy_chan_close(quit);
	while (hoy_select(cases, LEN(cases), &code) == 0)
		hoy_conn_free(got), hoy_conn_free(c), c = dial_to(l);
	CHECK_INT(code, HOY_ECLOSED);
	got = hoy_listener_accept(l, NULL);
	CHECK(got != NULL);
	hoy_conn_free(got);
	hoy_conn_free(c);
	hoy_listener_free(l);
	hoy_chan_free(quit);
	return 0;
}

struct acceptor {
	hoy_listener *listener;
	hoy_chan *quit;
	_Atomic int accepted;
};

static int accept_until_quit(void *arg)
{
	struct acceptor *a = arg;
	hoy_conn *c;
	hoy_case cases[] = { HOY_RECV(a->quit, NULL), HOY_ACCEPT(a->listener, &c) };
	int code;

	while (hoy_select(cases, 2, &code) == 1 && CHECK_INT(code, 0)) {
		a->accepted++;
		hoy_conn_free(c);
	}
	CHECK_INT(code, HOY_ECLOSED);
	return 0;
}

static int accept_plainly(void *arg)
{
	struct acceptor *a = arg;

	for (hoy_conn *c; (c = hoy_listener_accept(a->listener, NULL)); a->accepted++)
		hoy_conn_free(c);
	return 0;
}

/* Every connection is accepted once, by one of the waiting tasks, and all tasks end after the quit channel is closed. */
static int share_a_listener(bool with_accept)
{
	struct acceptor a = { .listener = listen_on("tcp", "127.0.0.1:0"), .quit = hoy_chan_new(0, 0) };
	struct started s[4];
	int n = SCALED(200);

	for (size_t i = 0; i < LEN(s); i++)
		start(&s[i], with_accept && i == 0 ? accept_plainly : accept_until_quit, &a);
	for (int i = 0; i < n; i++) {
		hoy_conn_free(dial_to(a.listener));
		if (i % 16 == 0)
			hoy_sleep(HOY_MILLISECOND);
	}
	for (int i = 0; i < 10000 && a.accepted < n; i++)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(a.accepted, n);
	hoy_chan_close(a.quit);
	for (size_t i = with_accept; i < LEN(s); i++)
		CHECK_INT(finish(&s[i]), 0);
	hoy_listener_close(a.listener, NULL);
	if (with_accept)
		CHECK_INT(finish(&s[0]), 0);
	hoy_listener_free(a.listener);
	hoy_chan_free(a.quit);
	return 0;
}

BOTH(selects_share_a_listener)
{
	return share_a_listener(false);
}

BOTH(selects_share_a_listener_with_accept)
{
	return share_a_listener(true);
}

/* --- kinds ----------------------------------------------------------------------------------------- */

static int code_of(hoy_case a)
{
	int code = 1;

	CHECK_INT(hoy_select(&a, 1, &code), 0);
	return code;
}

BOTH(what_cannot_be_waited_for)
{
	static const hoy_listener_ops ops = { .network = "own" };
	hoy_conn *a, *b, *got = NULL;
	hoy_listener *own = hoy_listener_new(&ops, NULL, NULL);
	hoy_listener *shards = hoy_listen_config_listen(&(hoy_listen_config){ .shards = 2 }, "tcp", "127.0.0.1:0", NULL);

	CHECK_INT(hoy_pipe(&a, &b, NULL), 0);
	CHECK_INT(code_of(HOY_READABLE(a)), HOY_EWRONGKIND);
	CHECK_INT(code_of(HOY_WRITABLE(a)), HOY_EWRONGKIND);
	CHECK_INT(code_of(HOY_ACCEPT(own, &got)), HOY_EWRONGKIND);
	CHECK_INT(code_of(HOY_ACCEPT(shards, &got)), HOY_EWRONGKIND);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(NULL), HOY_WRITABLE(NULL), HOY_ACCEPT(NULL, &got), HOY_DEFAULT }, 4,
			     NULL), 3);
	CHECK(!got);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_listener_free(own);
	hoy_listener_free(shards);
	return 0;
}

/* Ours, or one that others use in blocking mode. */
static void try_system_pipe(unsigned flags)
{
	int ends[2], code;
	hoy_conn *in, *out;
	struct later later;
	hoy_case cases[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
	in = hoy_conn_from_fd(ends[0], flags, NULL);
	out = hoy_conn_from_fd(ends[1], flags, NULL);
	cases[0] = HOY_READABLE(in);
	cases[1] = HOY_UNTIL(late());
	later = (struct later){ .conn = out };
	CHECK(!readable_now(in));
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(in), HOY_UNTIL(soon()) }, 2, NULL), 1);
	CHECK_INT(select_meanwhile(&later, write_one, cases, 2, &code), 0);
	CHECK_INT(code, 0);
	CHECK_INT(read_one(in), 1);
	CHECK(!readable_now(in));
	if (flags & HOY_FD_SHARED) {	/* a read that was given up takes the byte, for the next read */
		CHECK_INT(hoy_conn_set_read_deadline(in, soon(), NULL), 0);
		CHECK_INT(read_one(in), HOY_ETIMEOUT);
		CHECK_INT(hoy_conn_set_read_deadline(in, (hoy_time){ 0 }, NULL), 0);
		CHECK_INT(select_meanwhile(&later, write_one, cases, 2, &code), 0);
		CHECK_INT(read_one(in), 1);
	}
	CHECK_INT(hoy_select((hoy_case[]){ HOY_WRITABLE(out), HOY_DEFAULT }, 2, &code), 0);
	hoy_conn_free(out);
	CHECK_INT(hoy_select(cases, 2, &code), 0);
	CHECK_INT(read_one(in), 0);
	hoy_conn_free(in);
}

BOTH(pipes_of_the_system)
{
	try_system_pipe(0);
	try_system_pipe(HOY_FD_SHARED);
	return 0;
}

BOTH(a_file_is_readable)
{
	hoy_conn *c = hoy_conn_from_fd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 0, NULL);

	CHECK(readable_now(c));
	CHECK_INT(code_of(HOY_READABLE(c)), 0);
	CHECK_INT(read_one(c), 1);
	hoy_conn_free(c);
	return 0;
}

/* A read of a Unix stream ends behind the bytes that descriptors came with, and no event tells of those after them. */
BOTH(bytes_behind_descriptors)
{
	hoy_conn *a, *b;
	int fd = 0, got, n = 1;
	char buf[16];

	make_unix_pair(&a, &b);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(hoy_unix_send_fds(a, "x", 1, &fd, 1, NULL), 1);
		CHECK_INT(hoy_conn_write(a, "y", 1, NULL), 1);
		CHECK_INT(code_of(HOY_READABLE(b)), 0);
		if (i == 0) {
			n = 1;
			CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, &got, &n, NULL), 1);
			close(got);
		} else {
			CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 1);
		}
		CHECK(readable_now(b));
		CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 1);
		CHECK_INT(buf[0], 'y');
		CHECK(!readable_now(b));
	}
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* --- fairness -------------------------------------------------------------------------------------- */

/* Each of those that can happen is as likely, whatever its kind and whatever stands between them. */
BOTH(every_kind_has_its_share)
{
	enum { TIMES = 7000 };
	hoy_conn *a, *b, *got = NULL;
	hoy_listener *closed = listen_on("tcp", "127.0.0.1:0");
	hoy_chan *full = hoy_chan_new(0, 1), *shut = hoy_chan_new(0, 0), *empty = hoy_chan_new(0, 0);
	hoy_ticker ticker = { 0 };
	int count[10] = { 0 };

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_write(b, "x", 1, NULL), 1);
	hoy_listener_close(closed, NULL);
	hoy_chan_send(full, NULL);
	hoy_chan_close(shut);
	hoy_ticker_reset(&ticker, -1);
	for (int i = 0; i < TIMES; i++) {
		hoy_case cases[] = {
			HOY_RECV(shut, NULL), HOY_READABLE(a), HOY_UNTIL(past()), HOY_WRITABLE(a), HOY_ACCEPT(closed, &got),
			HOY_SEND(shut, NULL), HOY_TICK(&ticker), HOY_RECV(empty, NULL), HOY_SEND(full, NULL), HOY_DEFAULT,
		};
		int at = hoy_select(cases, LEN(cases), NULL);

		if (CHECK(at >= 0))
			count[at]++;
	}
	for (int i = 0; i < 7; i++)
		CHECK(count[i] > TIMES / 7 * 3 / 4 && count[i] < TIMES / 7 * 5 / 4);
	CHECK_INT(count[7] + count[8] + count[9], 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_listener_free(closed);
	hoy_chan_free(full);
	hoy_chan_free(shut);
	hoy_chan_free(empty);
	return 0;
}

/* --- many at once ----------------------------------------------------------------------------------- */

enum { CONNS = 4 };

static struct {
	hoy_conn *in[CONNS], *out[CONNS];
	hoy_chan *chan;
	_Atomic long sent, received;
} flow;

static int pour(void *arg)
{
	long which = (long)(intptr_t)arg;

	for (int i = 0; i < SCALED(2000); i++) {
		if (which == CONNS)
			CHECK_INT(hoy_chan_send(flow.chan, NULL), 0);
		else
			CHECK_INT(hoy_conn_write(flow.out[which], "x", 1, NULL), 1);
		flow.sent++;
		if (i % 100 == 0)
			hoy_sleep(100 * HOY_MICROSECOND);
	}
	if (which == CONNS)
		hoy_chan_close(flow.chan);
	else
		hoy_conn_close_write(flow.out[which], NULL);
	return 0;
}

static void *pour_in_thread(void *arg)
{
	pour(arg);
	return NULL;
}

/* Several tasks select the same things, and every byte and item is received once. */
static int collect(void *unused)
{
	hoy_case cases[CONNS + 2];
	char buf[64];
	int code;

	(void)unused;
	for (int i = 0; i < CONNS; i++)
		cases[i] = HOY_READABLE(flow.in[i]);
	cases[CONNS] = HOY_RECV(flow.chan, NULL);
	for (int open = CONNS + 1; open > 0; ) {
		cases[CONNS + 1] = HOY_UNTIL(late());
		int at = hoy_select(cases, LEN(cases), &code);
		ssize_t n;

		if (!CHECK(at >= 0 && at <= CONNS))
			return -1;
		n = at < CONNS ? hoy_conn_read(flow.in[at], buf, sizeof buf, NULL) : code == 0;
		if (n > 0)
			flow.received += n;
		else
			cases[at] = HOY_RECV(NULL, NULL), open--;
	}
	return 0;
}

static int flow_together(void *unused)
{
	hoy_group *g = hoy_group_new();
	pthread_t thread;

	(void)unused;
	flow.sent = flow.received = 0;
	flow.chan = hoy_chan_new(0, 0);
	for (int i = 0; i < CONNS; i++)
		make_pair(&flow.in[i], &flow.out[i]);
	for (long i = 1; i <= CONNS; i++)
		CHECK_INT(hoy_group_go_with(g, &spread, pour, (void *)(intptr_t)i), 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_group_go_with(g, &spread, collect, NULL), 0);
	CHECK_INT(pthread_create(&thread, NULL, pour_in_thread, NULL), 0);
	collect(NULL);
	CHECK_INT(hoy_group_wait(g), 0);
	pthread_join(thread, NULL);
	CHECK_INT(flow.received, flow.sent);
	hoy_group_free(g);
	for (int i = 0; i < CONNS; i++) {
		hoy_conn_free(flow.in[i]);
		hoy_conn_free(flow.out[i]);
	}
	hoy_chan_free(flow.chan);
	return 0;
}

TEST(nothing_is_lost_on_the_way)
{
	CHECK_INT(hoy_run_with(&one, flow_together, NULL), 0);
	CHECK_INT(hoy_run_with(&two, flow_together, NULL), 0);
}

/* The other end of the run ends the wait, and what comes after it. */
static hoy_listener *left;

static int select_to_the_end(void *unused)
{
	hoy_conn *c;

	(void)unused;
	CHECK_INT(hoy_select((hoy_case[]){ HOY_ACCEPT(left, &c), HOY_UNTIL(late()) }, 2, NULL), HOY_ECANCELED);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_ACCEPT(left, &c), HOY_UNTIL(late()) }, 2, NULL), HOY_ECANCELED);
	return 0;
}

static int leave_a_select(void *unused)
{
	(void)unused;
	left = listen_on("tcp", "127.0.0.1:0");
	CHECK_INT(hoy_go_with(&spread, select_to_the_end, NULL), 0);
	return hoy_sleep(10 * HOY_MILLISECOND);
}

TEST(the_end_of_the_run_ends_it)
{
	CHECK_INT(hoy_run_with(&two, leave_a_select, NULL), 0);
	hoy_listener_free(left);
}

/* A thread's select works in a child that it forks. */
TEST(after_fork)
{
	hoy_conn *a, *b;
	int status;
	pid_t child;

	make_pair(&a, &b);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_UNTIL(soon()) }, 2, NULL), 1);
	if (CHECK((child = fork()) >= 0) && child == 0) {
		CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_UNTIL(soon()) }, 2, NULL), 1);
		CHECK_INT(hoy_conn_write(b, "x", 1, NULL), 1);
		CHECK_INT(hoy_select((hoy_case[]){ HOY_READABLE(a), HOY_UNTIL(late()) }, 2, NULL), 0);
		_exit(0);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
	CHECK_INT(code_of(HOY_READABLE(a)), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
}
