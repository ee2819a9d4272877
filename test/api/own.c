/*
 * Connections and listeners of the user's own, wherever built-in ones do: one that logs and one that throttles, served,
 * copied, proxied, read through a reader and written through a writer, with deadlines.
 */
#include <errno.h>

#define TEST_LIMIT 60
#include "pair.h"

/* Around another connection: counts and delays what goes through it. */
struct around {
	hoy_conn *inner;
	atomic_int *calls;		/* of a connection that logs */
	hoy_duration pause;		/* of one that throttles: after each piece, */
	size_t piece;			/* which is no longer than this */
};

static size_t slow_down(struct around *a, size_t len)
{
	if (a->calls)
		atomic_fetch_add(a->calls, 1);
	if (a->pause)
		hoy_sleep(a->pause);
	return a->piece && len > a->piece ? a->piece : len;
}

static ssize_t around_read(void *self, void *buf, size_t len)
{
	struct around *a = self;

	return hoy_conn_read(a->inner, buf, slow_down(a, len), NULL);
}

static ssize_t around_write(void *self, const void *buf, size_t len)
{
	struct around *a = self;

	return hoy_conn_write(a->inner, buf, slow_down(a, len), NULL);
}

static hoy_conn *inner_of(void *self) { return ((struct around *)self)->inner; }
static int around_close(void *self) { return hoy_conn_close(inner_of(self), NULL); }
static int around_close_write(void *self) { return hoy_conn_close_write(inner_of(self), NULL); }
static int around_close_read(void *self) { return hoy_conn_close_read(inner_of(self), NULL); }
static void around_local(void *self, hoy_addr *addr) { hoy_conn_local_addr(inner_of(self), addr); }
static void around_remote(void *self, hoy_addr *addr) { hoy_conn_remote_addr(inner_of(self), addr); }

static int around_read_deadline(void *self, hoy_time t)
{
	return hoy_conn_set_read_deadline(inner_of(self), t, NULL);
}

static int around_write_deadline(void *self, hoy_time t)
{
	return hoy_conn_set_write_deadline(inner_of(self), t, NULL);
}

static void around_free(void *self)
{
	hoy_conn_free(inner_of(self));
	free(self);
}

static const hoy_conn_ops around_ops = {
	.network = "around", .read = around_read, .write = around_write, .close = around_close,
	.close_read = around_close_read, .close_write = around_close_write, .set_read_deadline = around_read_deadline,
	.set_write_deadline = around_write_deadline, .local_addr = around_local, .remote_addr = around_remote,
	.free = around_free,
};

static hoy_conn *wrap(hoy_conn *inner, const struct around *like)
{
	struct around *a = malloc(sizeof *a);

	must(a && inner, "wrap", NULL);
	*a = *like;
	a->inner = inner;
	return hoy_conn_new(&around_ops, a, NULL);
}

/* A listener whose connections are wrapped. */
struct gate {
	hoy_listener *inner;
	struct around like;
};

static int gate_accept(void *self, hoy_conn **c)
{
	struct gate *g = self;
	hoy_err err;
	hoy_conn *inner = hoy_listener_accept(g->inner, &err);

	if (!inner)
		return err.code;
	*c = wrap(inner, &g->like);
	return 0;
}

static int gate_close(void *self) { return hoy_listener_close(((struct gate *)self)->inner, NULL); }
static void gate_addr(void *self, hoy_addr *addr) { hoy_listener_addr(((struct gate *)self)->inner, addr); }
static void gate_free(void *self) { hoy_listener_free(((struct gate *)self)->inner); }

static int gate_deadline(void *self, hoy_time t)
{
	return hoy_listener_set_deadline(((struct gate *)self)->inner, t, NULL);
}

static const hoy_listener_ops gate_ops = {
	.network = "gate", .accept = gate_accept, .close = gate_close, .set_deadline = gate_deadline, .addr = gate_addr,
	.free = gate_free,
};

static hoy_listener *open_gate(struct gate *g)
{
	hoy_listener *l;

	g->inner = listen_on("tcp", "127.0.0.1:0");
	l = hoy_listener_new(&gate_ops, g, NULL);
	must(l, "hoy_listener_new", NULL);
	return l;
}

BOTH(accept_deadline_and_close)
{
	struct gate g = { 0 };
	hoy_listener *l = open_gate(&g);
	hoy_conn *client = dial_to(l), *server = hoy_listener_accept(l, NULL);
	hoy_err err = { 0 };
	char text[HOY_ERR_STRLEN], byte;

	must(server, "accept", NULL);
	CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read(server, &byte, 1, NULL), 1);
	CHECK_INT(hoy_listener_set_deadline(l, hoy_in(20 * HOY_MILLISECOND), &err), 0);
	CHECK(!hoy_listener_accept(l, &err));
	CHECK_INT(err.code, HOY_ETIMEOUT);
	CHECK(strncmp(hoy_err_string(&err, text), "accept gate 127.0.0.1:", 22) == 0);
	CHECK_INT(hoy_listener_fd(l, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	CHECK_INT(hoy_listener_close(l, NULL), HOY_ECLOSED);
	CHECK(!hoy_listener_accept(l, &err) && err.code == HOY_ECLOSED);
	hoy_listener_free(l);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

TEST(what_a_listener_does_not_have)
{
	static const hoy_listener_ops none = { .network = "none" };
	hoy_listener *l = hoy_listener_new(&none, NULL, NULL);
	hoy_err err = { 0 };
	hoy_addr addr;

	CHECK(!hoy_listener_accept(l, &err) && err.code == HOY_EWRONGKIND);
	CHECK_INT(hoy_listener_set_deadline(l, hoy_in(0), NULL), HOY_EWRONGKIND);
	hoy_listener_addr(l, &addr);
	CHECK_INT(addr.kind, HOY_ADDR_NONE);
	CHECK_INT(hoy_serve(l, NULL, NULL, NULL, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	hoy_listener_free(l);
}

/* Lines back in capitals, by a reader and a writer; what is behind the last line by hoy_read_all. */
static void shout(hoy_conn *c, void *arg)
{
	hoy_reader *r = hoy_reader_new(c, 0, NULL);
	hoy_writer *w = hoy_writer_new(c, 0, NULL);
	char *line;

	(void)arg;
	while (hoy_reader_line(r, &line, NULL, NULL) > 0) {
		for (char *p = line; *p; p++)
			*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
		hoy_writer_printf(w, NULL, "%s\n", line);
		hoy_writer_flush(w, NULL);
	}
	hoy_writer_free(w);
	hoy_reader_free(r);
}

static int serve_gate(void *l)
{
	const hoy_serve_opts opts = { .idle = 300 * HOY_MILLISECOND };

	return hoy_serve(l, shout, NULL, &opts, NULL);
}

static int served(void *arg)
{
	atomic_int calls = 0;
	struct gate g = { .like = { .calls = &calls, .pause = 100 * HOY_MICROSECOND, .piece = 5 } };
	hoy_listener *l = open_gate(&g);
	hoy_conn *client = dial_to(l);
	struct started server;
	hoy_time begin;
	char *all;

	(void)arg;
	start(&server, serve_gate, l);
	CHECK_INT(hoy_conn_write(client, "one\nanother line\n", 17, NULL), 17);
	hoy_conn_close_write(client, NULL);
	if (CHECK_INT(hoy_read_all(client, &all, 0, NULL), 17)) {
		CHECK_STR(all, "ONE\nANOTHER LINE\n", "the answer");
		hoy_free(all);
	}
	CHECK(atomic_load(&calls) > 8);
	hoy_conn_free(client);
	client = dial_to(l);	/* hoy_serve's limit reaches the connection inside */
	begin = hoy_now();
	CHECK_INT(hoy_read_all(client, &all, 0, NULL), 0);
	hoy_free(all);
	CHECK(since(begin) >= 200 * HOY_MILLISECOND);
	hoy_conn_free(client);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	CHECK_INT(finish(&server), 0);
	hoy_listener_free(l);
	return 0;
}

TEST(served_by_hoy_serve)
{
	in_tasks = true;
	CHECK_INT(hoy_run(served, NULL), 0);
}

BOTH(copied_and_read_whole)
{
	struct around log = { .pause = 100 * HOY_MICROSECOND, .piece = 1000 };
	hoy_conn *source, *from, *to, *sink, *c, *d;
	char *all = NULL, data[20000];

	memset(data, 'x', sizeof data);
	make_pair(&source, &from);
	make_pair(&to, &sink);
	c = wrap(from, &log);
	d = wrap(to, &log);
	CHECK_INT(hoy_conn_write(source, data, sizeof data, NULL), sizeof data);
	hoy_conn_close_write(source, NULL);
	CHECK_INT(hoy_copy(d, c, NULL), sizeof data);
	hoy_conn_close_write(d, NULL);
	CHECK_INT(hoy_read_all(sink, &all, 0, NULL), sizeof data);
	hoy_free(all);
	CHECK_INT(hoy_conn_set_deadline(c, hoy_in(-1), NULL), 0);
	CHECK_INT(hoy_conn_read(c, data, 1, NULL), HOY_ETIMEOUT);
	hoy_conn_free(c);
	hoy_conn_free(d);
	hoy_conn_free(source);
	hoy_conn_free(sink);
	return 0;
}
