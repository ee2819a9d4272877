/* hoy_proxy between every kind of connection: what arrives, what ends it, and what it says then. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEST_LIMIT 60
#include "pair.h"

enum { SIZE = 300007 };

/* The test's two ends, and the two that are proxied. */
struct path {
	hoy_conn *client, *a, *b, *server;
	hoy_proxy_opts opts;
	int64_t a_to_b, b_to_a;
	hoy_err err;
	struct started proxy;
};

static int run_proxy(void *at)
{
	struct path *p = at;

	return hoy_proxy(p->a, p->b, &p->opts, &p->err);
}

static void start_proxy(struct path *p)
{
	p->opts.a_to_b = &p->a_to_b;
	p->opts.b_to_a = &p->b_to_a;
	start(&p->proxy, run_proxy, p);
}

static void make_tcp(hoy_conn **near, hoy_conn **far)
{
	make_pair(near, far);
}

static void adopt_pair(int type, hoy_conn **near, hoy_conn **far)
{
	int fd[2];

	must(socketpair(AF_UNIX, type, 0, fd) == 0, "socketpair", NULL);
	must((*near = hoy_conn_from_fd(fd[0], 0, NULL)), "from_fd", NULL);
	must((*far = hoy_conn_from_fd(fd[1], 0, NULL)), "from_fd", NULL);
}

static void make_unix(hoy_conn **near, hoy_conn **far)
{
	adopt_pair(SOCK_STREAM, near, far);
}

static void make_packet(hoy_conn **near, hoy_conn **far)
{
	adopt_pair(SOCK_SEQPACKET, near, far);
}

/* A connection of the user's own, around a built-in one. */
static ssize_t own_read(void *self, void *buf, size_t len) { return hoy_conn_read(self, buf, len, NULL); }
static ssize_t own_write(void *self, const void *buf, size_t len) { return hoy_conn_write(self, buf, len, NULL); }
static int own_close(void *self) { return hoy_conn_close(self, NULL); }
static int own_close_write(void *self) { return hoy_conn_close_write(self, NULL); }
static void own_free(void *self) { hoy_conn_free(self); }

static const hoy_conn_ops own_ops = {
	.network = "own", .read = own_read, .write = own_write, .close = own_close, .close_write = own_close_write,
	.free = own_free,
};

static void make_own(hoy_conn **near, hoy_conn **far)
{
	hoy_conn *inner;

	make_tcp(&inner, far);
	must((*near = hoy_conn_new(&own_ops, inner, NULL)), "hoy_conn_new", NULL);
}


static const struct {
	const char *name;
	void (*make)(hoy_conn **near, hoy_conn **far);
	bool in_calls;		/* it is waited for in calls, so it needs a runtime */
	bool has_messages;
} kinds[] = {
	{ "tcp", make_tcp, false, false }, { "unix", make_unix, false, false }, { "own", make_own, true, false },
	{ "unixpacket", make_packet, false, true },
};

static void make_path(struct path *p, size_t one, size_t other)
{
	*p = (struct path){ 0 };
	kinds[one].make(&p->a, &p->client);
	kinds[other].make(&p->b, &p->server);
}

static void drop(struct path *p)
{
	hoy_conn_free(p->a);
	hoy_conn_free(p->b);
	hoy_conn_free(p->client);
	hoy_conn_free(p->server);
}

/* The bytes are known by their place, so a swap or a hole shows. */
static unsigned char byte_at(size_t i)
{
	return (unsigned char)((i * 2654435761u) >> 13);
}

static int feed(void *at)
{
	hoy_conn *c = at;
	unsigned char buf[6151];

	for (size_t i = 0; i < SIZE; i += sizeof buf) {
		size_t n = SIZE - i < sizeof buf ? SIZE - i : sizeof buf;

		for (size_t k = 0; k < n; k++)
			buf[k] = byte_at(i + k);
		if (hoy_conn_write(c, buf, n, NULL) < 0)
			return -1;
	}
	return hoy_conn_close_write(c, NULL);
}

/* Slow, so that the proxy has to wait for room: what arrived in order before the end, -1 if anything else did. */
static int collect(void *at)
{
	hoy_conn *c = at;
	unsigned char buf[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != byte_at(total + (size_t)i))
				return -1;
		if (total / 65536 != (total + (size_t)n) / 65536)
			hoy_sleep(HOY_MILLISECOND);
		total += (size_t)n;
	}
	return n < 0 ? -1 : (int)total;
}

static void proxy_between(size_t one, size_t other)
{
	struct started feeder, collector;
	struct path p;
	int got;

	make_path(&p, one, other);
	start_proxy(&p);
	start(&feeder, feed, p.server);
	start(&collector, collect, p.server);
	CHECK_INT(feed(p.client), 0);
	got = collect(p.client);
	if (!CHECK_INT(got, SIZE) || !CHECK_INT(finish(&collector), SIZE) || !CHECK_INT(finish(&feeder), 0)
	    || !CHECK_INT(finish(&p.proxy), 0) || !CHECK_INT(p.a_to_b, SIZE) || !CHECK_INT(p.b_to_a, SIZE))
		fprintf(stderr, "between %s and %s\n", kinds[one].name, kinds[other].name);
	drop(&p);
}

static bool can_run(size_t kind)
{
	return in_tasks || !kinds[kind].in_calls;
}

BOTH(every_pair_of_kinds)
{
	for (size_t one = 0; one < LEN(kinds); one++)
		for (size_t other = 0; other < LEN(kinds); other++)
			if (can_run(one) && can_run(other) && !kinds[one].has_messages && !kinds[other].has_messages)
				proxy_between(one, other);
	return 0;
}

/* The client's end reaches the server, which then answers, and ends. */
BOTH(half_close_is_carried_over)
{
	for (size_t kind = 0; kind < LEN(kinds); kind++) {
		struct path p;
		char buf[16] = "";

		if (!can_run(kind))
			continue;
		make_path(&p, kind, kind);
		start_proxy(&p);
		hoy_conn_write(p.client, "question", 8, NULL);
		CHECK_INT(hoy_conn_close_write(p.client, NULL), 0);
		CHECK_INT(hoy_read_full(p.server, buf, 8, NULL), 8);
		CHECK_INT(hoy_conn_read(p.server, buf, 1, NULL), 0);
		hoy_sleep(10 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_write(p.server, "answer", 6, NULL), 6);
		CHECK_INT(hoy_conn_close_write(p.server, NULL), 0);
		CHECK_INT(hoy_read_full(p.client, buf, 6, NULL), 6);
		CHECK_INT(hoy_conn_read(p.client, buf, 1, NULL), 0);
		CHECK_INT(finish(&p.proxy), 0);
		CHECK_INT(p.a_to_b, 8);
		CHECK_INT(p.b_to_a, 6);
		drop(&p);
	}
	return 0;
}

/* Bytes in either direction renew the limit, and silence in both ends it. */
BOTH(one_idle_limit_for_both)
{
	for (size_t kind = 0; kind < LEN(kinds); kind++) {
		struct path p;
		char byte;
		hoy_time begin;

		if (!can_run(kind))
			continue;
		make_path(&p, kind, 0);
		p.opts.idle = 150 * HOY_MILLISECOND;
		begin = hoy_now();
		start_proxy(&p);
		for (int i = 0; i < 5; i++) {
			hoy_sleep(50 * HOY_MILLISECOND);
			CHECK_INT(hoy_conn_write(p.client, "x", 1, NULL), 1);
			CHECK_INT(hoy_read_full(p.server, &byte, 1, NULL), 1);
		}
		CHECK_INT(finish(&p.proxy), HOY_ETIMEOUT);
		CHECK_INT(p.err.code, HOY_ETIMEOUT);
		CHECK_STR(p.err.op, "proxy", kinds[kind].name);
		CHECK_INT(p.a_to_b, 5);
		CHECK(hoy_time_sub(hoy_now(), begin) >= 400 * HOY_MILLISECOND);
		drop(&p);
	}
	return 0;
}

BOTH(idle_in_the_past)
{
	struct path p;

	make_path(&p, 0, 0);
	p.opts.idle = -1;
	start_proxy(&p);
	CHECK_INT(finish(&p.proxy), HOY_ETIMEOUT);
	drop(&p);
	return 0;
}

/* With a large block under way that the server does not read: then the proxy waits for the server alone. */
static void fill_up(struct path *p)
{
	static char block[1 << 20];

	hoy_conn_set_write_deadline(p->client, hoy_in(100 * HOY_MILLISECOND), NULL);
	for (int i = 0; i < 64; i++)
		if (hoy_conn_write(p->client, block, sizeof block, NULL) < 0)
			return;
	must(false, "the way is full", NULL);
}

static void close_it(hoy_conn *c)
{
	hoy_conn_close(c, NULL);
}

static void reset_peer(hoy_conn *c)
{
	hoy_tcp_set_linger(c, 0, NULL);
	hoy_conn_close(c, NULL);
}

static void end_now(hoy_conn *c)
{
	hoy_conn_set_deadline(c, hoy_in(-1), NULL);
}

/* What ends the proxying at once, wherever it waits: for data on both sides, or for room. */
static const struct {
	const char *name;
	void (*happen)(hoy_conn *c);
	size_t whose;		/* offset in struct path */
	int code;
} ends[] = {
	{ "a is closed", close_it, offsetof(struct path, a), HOY_ECLOSED },
	{ "b is closed", close_it, offsetof(struct path, b), HOY_ECLOSED },
	{ "the client resets", reset_peer, offsetof(struct path, client), -ECONNRESET },
	{ "the server resets", reset_peer, offsetof(struct path, server), -ECONNRESET },
	{ "the deadline of b passes", end_now, offsetof(struct path, b), HOY_ETIMEOUT },
};

BOTH(either_side_ends_it_at_once)
{
	for (size_t i = 0; i < LEN(ends); i++)
		for (int full = 0; full < 2; full++) {
			struct path p;
			char byte;
			int code;

			make_path(&p, 0, 0);
			start_proxy(&p);
			hoy_conn_write(p.client, "x", 1, NULL);
			hoy_read_full(p.server, &byte, 1, NULL);
			if (full)
				fill_up(&p);
			hoy_sleep(20 * HOY_MILLISECOND);
			ends[i].happen(*(hoy_conn **)((char *)&p + ends[i].whose));
			code = finish(&p.proxy);
			if (!CHECK_INT(code, ends[i].code) || !CHECK_INT(p.err.code, code))
				fprintf(stderr, "%s, full %d\n", ends[i].name, full);
			drop(&p);
		}
	return 0;
}

/* After the client's end only its reset is left to be noticed, while the server says nothing. */
BOTH(a_reset_after_the_end)
{
	struct path p;
	char byte;

	make_path(&p, 0, 0);
	start_proxy(&p);
	hoy_conn_close_write(p.client, NULL);
	CHECK_INT(hoy_conn_read(p.server, &byte, 1, NULL), 0);
	reset_peer(p.client);
	CHECK(finish(&p.proxy) < 0);
	drop(&p);
	return 0;
}

/* A server that refuses the rest of an upload says why, and closes with bytes unread: a reset. */
BOTH(the_last_words_of_a_server)
{
	struct path p;
	char buf[16] = "";

	make_path(&p, 0, 0);
	start_proxy(&p);
	hoy_conn_write(p.client, "upload", 6, NULL);
	hoy_read_full(p.server, buf, 1, NULL);
	CHECK_INT(hoy_conn_write(p.server, "too large", 9, NULL), 9);
	hoy_conn_close(p.server, NULL);
	CHECK_INT(hoy_read_full(p.client, buf, 9, NULL), 9);
	CHECK_STR(buf, "too large", "the answer");
	CHECK(finish(&p.proxy) < 0);
	CHECK_INT(p.b_to_a, 9);
	drop(&p);
	return 0;
}

/* With user-made connections, closing ends the calls that are under way on the other side, too. */
TEST(a_failure_closes_user_made_ones)
{
	struct path p;
	char byte;

	make_path(&p, 2, 0);
	in_tasks = false;
	CHECK_INT(hoy_proxy(p.a, p.b, NULL, &p.err), HOY_ENORUNTIME);
	CHECK_STR(p.err.op, "proxy", "the error");
	CHECK_INT(hoy_conn_read(p.a, &byte, 1, NULL), HOY_ECLOSED);
	drop(&p);
}

static int reset_of_user_made(void *arg)
{
	struct path p;

	(void)arg;
	make_path(&p, 2, 2);
	start_proxy(&p);
	hoy_sleep(10 * HOY_MILLISECOND);
	reset_peer(p.server);
	CHECK_INT(finish(&p.proxy), -ECONNRESET);
	CHECK_STR(p.err.op, "read", "the error");
	drop(&p);
	return 0;
}

TEST(a_reset_of_a_user_made_one)
{
	in_tasks = true;
	CHECK_INT(hoy_run(reset_of_user_made, NULL), 0);
}

BOTH(one_connection_is_no_pair)
{
	struct path p;

	make_path(&p, 0, 0);
	CHECK_INT(hoy_proxy(p.a, p.a, NULL, &p.err), -EINVAL);
	CHECK_INT(p.err.code, -EINVAL);
	hoy_conn_close(p.b, NULL);
	CHECK_INT(hoy_proxy(p.a, p.b, NULL, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_conn_write(p.a, "x", 1, NULL), 1);	/* and a can be used as before */
	drop(&p);
	return 0;
}

/* Two UDP sockets that have each other as their peer. */
static void make_udp(hoy_conn **near, hoy_conn **far)
{
	struct sockaddr_in at[2];
	socklen_t len = sizeof at[0];
	int fd[2];

	for (int i = 0; i < 2; i++) {
		at[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		must(bind(fd[i], (struct sockaddr *)&at[i], len) == 0, "bind", NULL);
		getsockname(fd[i], (struct sockaddr *)&at[i], &len);
	}
	for (int i = 0; i < 2; i++)
		must(connect(fd[i], (struct sockaddr *)&at[!i], len) == 0, "connect", NULL);
	must((*near = hoy_conn_from_fd(fd[0], 0, NULL)) && (*far = hoy_conn_from_fd(fd[1], 0, NULL)), "from_fd", NULL);
}

/* Datagrams stay what they are, the empty one among them. */
BOTH(datagrams_one_by_one)
{
	struct path p = { 0 };
	char buf[16];

	make_udp(&p.a, &p.client);
	make_udp(&p.b, &p.server);
	start_proxy(&p);
	CHECK_INT(hoy_conn_write(p.client, "one", 3, NULL), 3);
	CHECK_INT(hoy_conn_write(p.client, "", 0, NULL), 0);
	CHECK_INT(hoy_conn_write(p.client, "three", 5, NULL), 5);
	CHECK_INT(hoy_conn_read(p.server, buf, sizeof buf, NULL), 3);
	CHECK_INT(hoy_conn_read(p.server, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_read(p.server, buf, sizeof buf, NULL), 5);
	hoy_conn_close(p.a, NULL);
	CHECK_INT(finish(&p.proxy), HOY_ECLOSED);
	CHECK_INT(p.a_to_b, 8);
	drop(&p);
	return 0;
}

/* hoy_serve's limit for each call is one for the proxying: activity on the other side renews it. */
static hoy_conn *upstream;
static atomic_int served_code;

static void proxy_it(hoy_conn *c, void *arg)
{
	(void)arg;
	served_code = hoy_proxy(c, upstream, NULL, NULL);
}

static int serve_it(void *l)
{
	const hoy_serve_opts opts = { .idle = 200 * HOY_MILLISECOND };

	return hoy_serve(l, proxy_it, NULL, &opts, NULL);
}

static int serve_with_idle(void *arg)
{
	struct started server;
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_conn *client = dial_to(l), *far;
	hoy_time begin = hoy_now();
	char byte;

	(void)arg;
	make_pair(&upstream, &far);
	start(&server, serve_it, l);
	for (int i = 0; i < 5; i++) {
		hoy_sleep(80 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_write(far, "x", 1, NULL), 1);
		CHECK_INT(hoy_read_full(client, &byte, 1, NULL), 1);
	}
	CHECK_INT(hoy_conn_read(client, &byte, 1, NULL), 0);
	CHECK_INT(served_code, HOY_ETIMEOUT);
	CHECK(hoy_time_sub(hoy_now(), begin) >= 500 * HOY_MILLISECOND);
	hoy_listener_close(l, NULL);
	CHECK_INT(finish(&server), 0);
	hoy_conn_free(client);
	hoy_conn_free(upstream);
	hoy_conn_free(far);
	hoy_listener_free(l);
	return 0;
}

TEST(the_limit_of_hoy_serve)
{
	in_tasks = true;
	CHECK_INT(hoy_run(serve_with_idle, NULL), 0);
}

/* The header of the PROXY protocol is not data, also where the proxying is the first that reads. */
BOTH(a_header_is_not_passed_on)
{
	const hoy_proxy_policy policy = { .timeout = HOY_SECOND };
	const hoy_listen_config config = { .proxy = &policy };
	hoy_listener *l = hoy_listen_config_listen(&config, "tcp", "127.0.0.1:0", NULL);
	struct path p = { .client = dial_to(l) };
	hoy_addr from;
	char data[5] = "";

	hoy_conn_write(p.client, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\ndata", 40, NULL);
	p.a = hoy_listener_accept(l, NULL);
	make_tcp(&p.b, &p.server);
	start_proxy(&p);
	CHECK_INT(hoy_read_full(p.server, data, 4, NULL), 4);
	CHECK_STR(data, "data", "what is behind the header");
	hoy_conn_remote_addr(p.a, &from);
	CHECK(hoy_ip_equal(from.ip, hoy_ipv4(192, 0, 2, 1)));
	hoy_conn_close(p.a, NULL);
	CHECK_INT(finish(&p.proxy), HOY_ECLOSED);
	drop(&p);
	hoy_listener_free(l);
	return 0;
}
