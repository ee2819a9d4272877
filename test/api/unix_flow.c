/* Unix sockets under load: full queues, much data, ends and resets. */
#include "unix_dir.h"

/* ---- full queues ---- */

static int accept_later(void *l)
{
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_conn_free(accept_from(l));
	return 0;
}

static int close_later(void *l)
{
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_listener_close(l, NULL);
	return 0;
}

BOTH(a_dial_waits_for_a_full_queue)
{
	const hoy_listen_config one = { .backlog = 1 };
	char *path = in_dir("queue"), text[HOY_ERR_STRLEN], want[200];
	hoy_err err;
	hoy_listener *l = hoy_listen_config_listen(&one, "unix", path, &err);
	hoy_conn *a, *b, *c;
	struct started s;

	must(l, "listen", &err);
	a = dial("unix", path);
	b = dial("unix", path);
	CHECK(!hoy_dial_timeout("unix", path, 30 * HOY_MILLISECOND, &err));
	snprintf(want, sizeof want, "dial unix %s: i/o timeout", path);
	CHECK_STR(hoy_err_string(&err, text), want, path);
	start(&s, accept_later, l);
	c = hoy_dial_timeout("unix", path, 10 * HOY_SECOND, &err);
	must(c, "dial", &err);
	finish(&s);
	CHECK_INT(hoy_conn_set_write_deadline(c, hoy_in(HOY_SECOND), NULL), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);	/* the dial's deadline is gone */
	start(&s, close_later, l);
	CHECK(!hoy_dial("unix", path, &err));
	CHECK(err.code == -ECONNREFUSED || err.code == -ENOENT);
	finish(&s);
	hoy_listener_free(l);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(c);
	return tidy();
}

static int read_later(void *c)
{
	char buf[8];

	hoy_sleep(20 * HOY_MILLISECOND);
	return (int)hoy_conn_read(c, buf, sizeof buf, NULL);
}

/* The receiver's queue is full, and its kernel tells a sender that is not connected nothing when it is not. */
static ssize_t fill(hoy_conn *sender, const hoy_addr *to)
{
	ssize_t n = 0;

	CHECK_INT(hoy_conn_set_write_deadline(sender, hoy_in(100 * t_scale() * HOY_MILLISECOND), NULL), 0);
	for (int i = 0; i < 100000 && n >= 0; i++)
		n = to ? hoy_conn_write_to(sender, "x", 1, to, NULL) : hoy_conn_write(sender, "x", 1, NULL);
	CHECK_INT(hoy_conn_set_write_deadline(sender, (hoy_time){ 0 }, NULL), 0);
	return n;
}

BOTH(a_datagram_waits_for_a_full_queue)
{
	char *path = in_dir("full"), *mine = in_dir("sender");
	hoy_conn *a = bound(path), *b = bound(mine), *c = dial("unixgram", path);
	hoy_addr to = addr_of("unixgram", path);
	struct started s;

	CHECK_INT(fill(b, &to), HOY_ETIMEOUT);
	start(&s, read_later, a);
	CHECK_INT(hoy_conn_write_to(b, "y", 1, &to, NULL), 1);
	CHECK_INT(finish(&s), 1);
	CHECK_INT(fill(c, NULL), HOY_ETIMEOUT);
	start(&s, read_later, a);
	CHECK_INT(hoy_conn_write(c, "y", 1, NULL), 1);
	CHECK_INT(finish(&s), 1);
	CHECK_INT(unlink(path) | unlink(mine), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(c);
	return tidy();
}

/* ---- much data ---- */

enum { CHUNK = 4096 };

/* 64 MiB, and a little. */
static long long amount(void)
{
	return (1024LL / t_scale() + 1) << 16;
}

static unsigned char byte_at(long long i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static int send_much(void *c)
{
	static unsigned char buf[1 << 16];
	long long sent = 0;

	while (sent < amount()) {
		for (size_t i = 0; i < sizeof buf; i++)
			buf[i] = byte_at(sent + (long long)i);
		if (!CHECK_INT(hoy_conn_write(c, buf, sizeof buf, NULL), sizeof buf))
			break;
		sent += (long long)sizeof buf;
	}
	return hoy_conn_close_write(c, NULL);
}

/* 64 MiB to a reader of 4 KiB at a time, which answers after the end. */
BOTH(a_slow_reader_loses_nothing)
{
	char *path = in_dir("much");
	unsigned char buf[CHUNK];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *reader = accept_from(l);
	struct started s;
	long long got = 0;
	ssize_t n;

	start(&s, send_much, c);
	while ((n = hoy_conn_read(reader, buf, sizeof buf, NULL)) > 0) {
		if (buf[0] != byte_at(got) || buf[n - 1] != byte_at(got + n - 1))
			break;
		got += n;
	}
	CHECK_INT(n, 0);
	CHECK_INT(got, amount());
	CHECK_INT(finish(&s), 0);
	CHECK_INT(hoy_conn_write(reader, "done", 4, NULL), 4);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	hoy_conn_free(c);
	hoy_conn_free(reader);
	hoy_listener_free(l);
	return tidy();
}

static int copy_all(void *ends)
{
	hoy_conn **c = ends;

	return hoy_copy(c[1], c[0], NULL) == amount() ? hoy_conn_close_write(c[1], NULL) : -1;
}

/* Through the kernel where it can: stream to stream, and to TCP. */
BOTH(a_copy_between_unix_and_tcp)
{
	char *path = in_dir("copied");
	unsigned char buf[CHUNK];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *middle[2] = { accept_from(l), NULL }, *end;
	struct started s, copy;
	long long got = 0;
	ssize_t n;

	make_pair(&middle[1], &end);
	start(&s, send_much, c);
	start(&copy, copy_all, middle);
	while ((n = hoy_conn_read(end, buf, sizeof buf, NULL)) > 0 && buf[n - 1] == byte_at(got + n - 1))
		got += n;
	CHECK_INT(n, 0);
	CHECK_INT(got, amount());
	CHECK_INT(finish(&s), 0);
	CHECK_INT(finish(&copy), 0);
	hoy_conn_free(c);
	hoy_conn_free(middle[0]);
	hoy_conn_free(middle[1]);
	hoy_conn_free(end);
	hoy_listener_free(l);
	return tidy();
}

/* ---- peers that go ---- */

/* A Unix stream has no handshake and no FIN: what the peer left unread is the reset. */
BOTH(ends_and_resets_at_every_stage)
{
	char *path = in_dir("reset"), buf[8];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *s;

	hoy_conn_free(c);			/* before it was accepted */
	s = accept_from(l);
	CHECK_INT(hoy_conn_read(s, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_write(s, "x", 1, NULL), -EPIPE);
	hoy_conn_free(s);

	c = dial("unix", path);			/* what was sent before that arrives */
	CHECK_INT(hoy_conn_write(c, "early", 5, NULL), 5);
	hoy_conn_free(c);
	s = accept_from(l);
	CHECK_INT(hoy_conn_read(s, buf, sizeof buf, NULL), 5);
	CHECK_INT(hoy_conn_read(s, buf, sizeof buf, NULL), 0);
	hoy_conn_free(s);

	c = dial("unix", path);			/* bytes that the other end has not read */
	s = accept_from(l);
	CHECK_INT(hoy_conn_write(c, "unread", 6, NULL), 6);
	hoy_conn_free(s);
	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), -ECONNRESET);
	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), -EPIPE);
	hoy_conn_free(c);

	c = dial("unix", path);			/* a listener that closes with a connection in its queue */
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
	hoy_listener_free(l);
	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), -ECONNRESET);
	hoy_conn_free(c);
	return tidy();
}

static int read_until_close(void *c)
{
	char buf[8];

	return (int)hoy_conn_read(c, buf, sizeof buf, NULL);
}

BOTH(closing_wakes_who_waits)
{
	static const char *const networks[] = { "unix", "unixpacket" };
	char *path = in_dir("wakes");

	for (size_t i = 0; i < LEN(networks); i++) {
		hoy_listener *l = listen_on(networks[i], path);
		hoy_conn *c = dial(networks[i], path), *s = accept_from(l);
		struct started reader;

		start(&reader, read_until_close, s);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_close_read(s, NULL), 0);
		CHECK_INT(finish(&reader), 0);
		start(&reader, read_until_close, c);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_close(c, NULL), 0);
		CHECK_INT(finish(&reader), HOY_ECLOSED);
		hoy_conn_free(c);
		hoy_conn_free(s);
		hoy_listener_free(l);
	}
	return tidy();
}

static void echo_all(hoy_conn *c, void *arg)
{
	char buf[64];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

static int serve_all(void *l)
{
	return hoy_serve(l, echo_all, NULL, NULL, NULL);
}

enum { SILENT = 500 };

static int among_silent_ones(void *unused)
{
	static hoy_conn *silent[SILENT];
	char *path = in_dir("silent"), buf[8];
	hoy_listener *l = listen_on("unix", path);
	int n = SCALED(SILENT);
	struct started server;
	hoy_conn *good;

	(void)unused;
	in_tasks = true;
	start(&server, serve_all, l);
	for (int i = 0; i < n; i++)
		silent[i] = dial("unix", path);
	good = dial("unix", path);
	CHECK_INT(hoy_conn_write(good, "alone", 5, NULL), 5);
	CHECK_INT(hoy_read_full(good, buf, 5, NULL), 5);
	hoy_conn_free(good);
	for (int i = 0; i < n; i++)
		hoy_conn_free(silent[i]);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	CHECK_INT(finish(&server), 0);
	hoy_listener_free(l);
	return tidy();
}

TEST(one_good_client_among_silent_ones) { CHECK_INT(hoy_run(among_silent_ones, NULL), 0); }
