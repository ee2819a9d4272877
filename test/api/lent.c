/* Reading without a buffer of one's own: every kind of connection, and that bytes are never lost or mixed. */
#include <fcntl.h>
#include <sys/socket.h>

#define TEST_LIMIT 60
#include "pair.h"

/* Moves everything from c back to c. */
static void echo_lent(hoy_conn *c, void *arg)
{
	const void *data;
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read_lent(c, &data, NULL)) > 0)
		if (hoy_conn_write(c, data, (size_t)n, NULL) != n)
			break;
}

static int echo_task(void *c)
{
	echo_lent(c, NULL);
	hoy_conn_close(c, NULL);
	return 0;
}

static ssize_t simple_read(void *self, void *buf, size_t len)
{
	const char **text = self;
	size_t n = strlen(*text) < len ? strlen(*text) : len;

	hoy_yield();
	memcpy(buf, *text, n);
	*text += n;
	return (ssize_t)n;
}

static void check_read(hoy_conn *c, const char *want, const char *kind)
{
	const void *data = NULL;
	char text[64] = "";
	hoy_err err = { 0 };
	ssize_t n = hoy_conn_read_lent(c, &data, &err);

	CHECK_INT(err.code, 0);
	if (n > 0 && CHECK(n < (ssize_t)sizeof text))
		memcpy(text, data, (size_t)n);
	CHECK_STR(n < 0 ? NULL : text, want, kind);
}

static hoy_conn *adopt(int fd, unsigned flags)
{
	hoy_conn *c = hoy_conn_from_fd(fd, flags, NULL);

	must(c, "hoy_conn_from_fd", NULL);
	return c;
}

/* A pipe, a Unix socket and a file, each ours or shared with others. */
BOTH(descriptors)
{
	static const unsigned modes[] = { 0, HOY_FD_SHARED };

	for (size_t i = 0; i < LEN(modes); i++) {
		char name[] = "/tmp/hoy-lent-XXXXXX";
		int p[2], u[2], file = mkstemp(name);
		hoy_conn *c;

		CHECK(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, u) == 0);
		CHECK(write(p[1], "pipe", 4) == 4 && write(u[1], "unix", 4) == 4 && write(file, "file", 4) == 4);
		close(p[1]);
		close(u[1]);
		lseek(file, 0, SEEK_SET);
		unlink(name);
		c = adopt(p[0], modes[i]);
		check_read(c, "pipe", "pipe");
		check_read(c, "", "pipe's end");
		hoy_conn_free(c);
		c = adopt(u[0], modes[i]);
		check_read(c, "unix", "Unix socket");
		check_read(c, "", "Unix socket's end");
		hoy_conn_free(c);
		c = adopt(file, modes[i]);
		check_read(c, "file", "file");
		check_read(c, "", "file's end");
		hoy_conn_free(c);
	}
	return 0;
}

BOTH(connections_of_ones_own)
{
	static const hoy_conn_ops ops = { .network = "own", .read = simple_read }, nothing = { .network = "own" };
	const char *text = "words";
	const void *data;
	hoy_conn *c = hoy_conn_new(&ops, &text, NULL), *none = hoy_conn_new(&nothing, NULL, NULL);

	check_read(c, "words", "own");
	check_read(c, "", "own at its end");
	CHECK_INT(hoy_conn_read_lent(none, &data, NULL), HOY_EWRONGKIND);
	hoy_conn_free(c);
	hoy_conn_free(none);
	return 0;
}

BOTH(in_memory_pipe)
{
	struct started s;
	hoy_conn *a, *b;
	char buf[6] = "";

	must(hoy_pipe(&a, &b, NULL) == 0, "pipe", NULL);
	start(&s, echo_task, b);
	CHECK_INT(hoy_conn_write(a, "hello", 5, NULL), 5);
	CHECK_INT(hoy_read_full(a, buf, 5, NULL), 5);
	CHECK_STR(buf, "hello", "echoed");
	hoy_conn_close(a, NULL);
	finish(&s);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(datagrams)
{
	hoy_conn *server = hoy_listen_packet("udp", "127.0.0.1:0", NULL), *c;
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr, from;

	must(server, "listen", NULL);
	hoy_conn_local_addr(server, &addr);
	c = hoy_dial("udp", hoy_addr_string(&addr, text), NULL);
	CHECK_INT(hoy_conn_write(c, "one", 3, NULL), 3);
	CHECK_INT(hoy_conn_write(c, "two", 3, NULL), 3);
	check_read(server, "one", "the first datagram");
	CHECK_INT(hoy_conn_read_from(server, text, sizeof text, &from, NULL), 3);
	CHECK_INT(hoy_conn_write_to(server, "back", 4, &from, NULL), 4);
	check_read(c, "back", "the answer");
	CHECK_INT(hoy_conn_write_to(server, "", 0, &from, NULL), 0);
	check_read(c, "", "an empty datagram");
	hoy_conn_free(c);
	hoy_conn_free(server);
	return 0;
}

static int read_until_closed(void *c)
{
	const void *data;

	return (int)hoy_conn_read_lent(c, &data, NULL);
}

BOTH(deadline_close_and_error)
{
	const void *data = NULL;
	hoy_err err = { 0 };
	char text[HOY_ERR_STRLEN];
	hoy_conn *a, *b;
	struct started s;

	make_pair(&a, &b);
	hoy_conn_set_read_deadline(a, hoy_in(20 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_conn_read_lent(a, &data, &err), HOY_ETIMEOUT);
	CHECK(!data && strncmp(hoy_err_string(&err, text), "read tcp ", 9) == 0);
	hoy_conn_set_read_deadline(a, (hoy_time){ 0 }, NULL);
	start(&s, read_until_closed, a);
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_conn_close(a, NULL);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	CHECK_INT(hoy_conn_read_lent(a, &data, NULL), HOY_ECLOSED);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* Byte i of stream `seed`. */
static uint8_t byte_at(uint32_t seed, size_t i)
{
	uint32_t x = (uint32_t)(i / 4) * 2654435761u ^ seed * 40503u;

	return (uint8_t)((x ^ x >> 15) >> i % 4 * 8);
}

enum { LENGTH = 1 << 20 };

struct stream {
	hoy_conn *c;
	uint32_t seed;
	size_t length;
	hoy_wait_group *done;
};

static int send_stream(void *arg)
{
	struct stream *s = arg;
	uint8_t part[5000];

	for (size_t at = 0; at < s->length;) {
		size_t n = s->length - at < sizeof part ? s->length - at : sizeof part;

		for (size_t i = 0; i < n; i++)
			part[i] = byte_at(s->seed, at + i);
		if (!CHECK_INT(hoy_conn_write(s->c, part, n, NULL), (long)n))
			break;
		at += n;
	}
	hoy_conn_close_write(s->c, NULL);
	hoy_wait_group_done(s->done);
	return 0;
}

/* A slow reader: it leaves the echo with what it could not write, again and again. */
static int check_stream(void *arg)
{
	struct stream *s = arg;
	const void *data;
	unsigned reads = 0;
	size_t at = 0;
	ssize_t n;

	while ((n = hoy_conn_read_lent(s->c, &data, NULL)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (((const uint8_t *)data)[i] != byte_at(s->seed, at + (size_t)i)) {
				CHECK_INT(at + (size_t)i, -1);	/* where it is wrong */
				_exit(1);
			}
		at += (size_t)n;
		if (s->seed % 2 && ++reads % 16 == 0)
			hoy_sleep(HOY_MILLISECOND);
	}
	CHECK_INT(n, 0);
	CHECK_INT(at, s->length);
	hoy_wait_group_done(s->done);
	return 0;
}

static void copy_back(hoy_conn *c, void *arg)
{
	(void)arg;
	CHECK(hoy_copy(c, c, NULL) >= 0);
}

static void run_streams(hoy_listener *l, unsigned conns, size_t length)
{
	struct stream *s = calloc(conns, sizeof *s);
	hoy_wait_group done = { 0 };
	char address[HOY_ADDR_STRLEN];

	address_of(l, address);
	hoy_wait_group_add(&done, 2 * (int)conns);
	for (unsigned i = 0; i < conns; i++) {
		s[i] = (struct stream){ hoy_dial("tcp", address, NULL), i, length, &done };
		must(s[i].c, "dial", NULL);
		hoy_conn_set_read_buffer(s[i].c, 64 << 10, NULL);
		CHECK_INT(hoy_go(send_stream, &s[i]), 0);
		CHECK_INT(hoy_go(check_stream, &s[i]), 0);
	}
	hoy_wait_group_wait(&done);
	for (unsigned i = 0; i < conns; i++)
		hoy_conn_free(s[i].c);
	free(s);
}

struct service {
	hoy_listener *l;
	void (*fn)(hoy_conn *, void *);
	hoy_wait_group ended;
};

static int serve_service(void *arg)
{
	struct service *s = arg;

	hoy_serve(s->l, s->fn, NULL, NULL, NULL);
	hoy_wait_group_done(&s->ended);
	return 0;
}

static int streams(void (*fn)(hoy_conn *, void *), unsigned conns, size_t length)
{
	struct service s = { hoy_listen("tcp", "127.0.0.1:0", NULL), fn, { 0 } };

	must(s.l, "listen", NULL);
	hoy_wait_group_add(&s.ended, 1);
	hoy_go(serve_service, &s);
	run_streams(s.l, conns, length);
	hoy_listener_close(s.l, NULL);
	hoy_wait_group_wait(&s.ended);
	hoy_listener_free(s.l);
	return 0;
}

/* Few connections and much data. */
static int few_streams(void *arg)
{
	(void)arg;
	return streams(echo_lent, 16, SCALED(2 * LENGTH));
}

/* Many connections: every task of a worker is in the middle of a read or a write. */
static int many_streams(void *arg)
{
	(void)arg;
	return streams(echo_lent, (unsigned)SCALED(2000), LENGTH / 32);
}

static int copied_streams(void *arg)
{
	(void)arg;
	return streams(copy_back, 16, SCALED(LENGTH));
}

TEST(few_connections_with_slow_readers)
{
	CHECK_INT(hoy_run(few_streams, NULL), 0);
}

TEST(many_connections_with_slow_readers)
{
	CHECK_INT(hoy_run(many_streams, NULL), 0);
}

TEST(one_worker)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, few_streams, NULL), 0);
}

TEST(copies_with_slow_readers)
{
	CHECK_INT(hoy_run(copied_streams, NULL), 0);
}

/* Two tasks write lent data to one connection: the one that queues keeps its bytes, and writes stay whole. */
struct writer {
	hoy_conn *from, *to;
	hoy_wait_group *done;
};

static int forward(void *arg)
{
	struct writer *w = arg;
	const void *data;
	ssize_t n;

	while ((n = hoy_conn_read_lent(w->from, &data, NULL)) > 0)
		CHECK_INT(hoy_conn_write(w->to, data, (size_t)n, NULL), n);
	hoy_wait_group_done(w->done);
	return 0;
}

enum { WRITERS = 4, MESSAGE = 4000, MESSAGES = 100 };

static int feed(void *arg)
{
	struct writer *w = arg;
	char message[MESSAGE];

	for (int i = 0; i < MESSAGES; i++) {
		memset(message, 'a' + i % 26, sizeof message);
		if (hoy_conn_write(w->from, message, sizeof message, NULL) < 0)
			break;
	}
	hoy_conn_close(w->from, NULL);
	hoy_wait_group_done(w->done);
	return 0;
}

/* In-memory pipes keep the messages apart: each read gives one, and each write must arrive as one run. */
static int queued_writers(void *arg)
{
	struct writer in[WRITERS], out[WRITERS];
	hoy_wait_group done = { 0 };
	hoy_conn *a, *b;
	char *all;
	ssize_t n;

	(void)arg;
	make_pair(&a, &b);
	hoy_conn_set_write_buffer(a, 8192, NULL);
	hoy_conn_set_read_buffer(b, 64 << 10, NULL);
	hoy_wait_group_add(&done, 2 * WRITERS);
	for (int i = 0; i < WRITERS; i++) {
		hoy_conn *near, *far;

		must(hoy_pipe(&near, &far, NULL) == 0, "pipe", NULL);
		in[i] = (struct writer){ near, NULL, &done };
		out[i] = (struct writer){ far, a, &done };
		CHECK_INT(hoy_go(feed, &in[i]), 0);
		CHECK_INT(hoy_go(forward, &out[i]), 0);
	}
	all = malloc(WRITERS * MESSAGES * MESSAGE);
	n = hoy_read_full(b, all, WRITERS * MESSAGES * MESSAGE, NULL);
	CHECK_INT(n, WRITERS * MESSAGES * MESSAGE);
	for (ssize_t i = 0; i < n; i++)
		if (all[i] != all[i - i % MESSAGE]) {
			CHECK_INT(i, -1);
			break;
		}
	hoy_wait_group_wait(&done);
	for (int i = 0; i < WRITERS; i++) {
		hoy_conn_free(in[i].from);
		hoy_conn_free(out[i].from);
	}
	free(all);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

TEST(writers_that_queue)
{
	CHECK_INT(hoy_run(queued_writers, NULL), 0);
}
