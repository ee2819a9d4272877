/*
 * Every duration that an option or an argument takes, with its extreme values: the longest means for ever, and a
 * negative one no time at all, as hoy/time.h says. Nothing wraps round.
 */
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "child.h"
#include "pair.h"

static const hoy_duration longest[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 2 };
static const hoy_duration negative[] = { -1, -HOY_HOUR, INT64_MIN + 1, INT64_MIN };

static int option(hoy_conn *c, int level, int name)
{
	int fd = hoy_conn_fd(c, NULL), value = -1;
	socklen_t len = sizeof value;

	getsockopt(fd, level, name, &value, &len);
	close(fd);
	return value;
}

BOTH(moments)
{
	for (size_t i = 0; i < LEN(longest); i++)
		CHECK(hoy_time_before(hoy_in(HOY_HOUR), hoy_in(longest[i])));
	for (size_t i = 0; i < LEN(negative); i++) {
		hoy_time t = hoy_in(negative[i]);

		CHECK(hoy_time_before(t, hoy_now()));
		CHECK_INT(hoy_sleep(negative[i]), 0);
	}
	return 0;
}

/* Dials and lets go of what it got: 0 or the code. */
static int dial_code(const hoy_dialer *d, const char *network, const char *address)
{
	hoy_err err = { 0 };
	hoy_conn *c = hoy_dialer_dial(d, network, address, &err);

	hoy_conn_free(c);
	return c ? 0 : err.code;
}

BOTH(time_to_dial)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN];

	address_of(l, address);
	for (size_t i = 0; i < LEN(longest); i++) {
		CHECK_INT(dial_code(&(hoy_dialer){ .timeout = longest[i] }, "tcp", address), 0);
		CHECK_INT(dial_code(&(hoy_dialer){ .deadline = { longest[i] } }, "tcp", address), 0);
		CHECK_INT(dial_code(&(hoy_dialer){ .timeout = longest[i], .fallback_delay = longest[i] }, "udp", address), 0);
	}
	for (size_t i = 0; i < LEN(negative); i++) {
		hoy_err err;

		CHECK_INT(dial_code(&(hoy_dialer){ .timeout = negative[i] }, "tcp", address), HOY_ETIMEOUT);
		CHECK_INT(dial_code(&(hoy_dialer){ .deadline = { negative[i] } }, "tcp", address), HOY_ETIMEOUT);
		CHECK(!hoy_dial_timeout("tcp", address, negative[i], &err) && err.code == HOY_ETIMEOUT);
	}
	hoy_listener_free(l);
	return 0;
}

/* "localhost" is both families' loopback: the second lane comes when the first has failed, never by the clock. */
BOTH(delay_of_the_second_lane)
{
	const hoy_duration *lists[] = { longest, negative };
	size_t n[] = { LEN(longest), LEN(negative) };
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	snprintf(address, sizeof address, "localhost:%d", addr.port);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < n[k]; i++) {
			hoy_dialer d = { .fallback_delay = lists[k][i] };

			CHECK_INT(dial_code(&d, "tcp", address), 0);
			d.timeout = INT64_MAX;
			CHECK_INT(dial_code(&d, "tcp", address), 0);
			d.timeout = HOY_MINUTE;
			CHECK_INT(dial_code(&d, "tcp", address), 0);
		}
	hoy_listener_free(l);
	return 0;
}

/* What the kernel was told of one keep-alive setting: is it on, idle, interval. */
struct kept {
	int on, idle, interval;
};

static void check_kept(hoy_conn *c, struct kept want, const char *label)
{
	int got[] = { option(c, SOL_SOCKET, SO_KEEPALIVE), option(c, IPPROTO_TCP, TCP_KEEPIDLE),
		      option(c, IPPROTO_TCP, TCP_KEEPINTVL) };

	if (!CHECK(got[0] == want.on && (!want.on || (got[1] == want.idle && got[2] == want.interval))))
		fprintf(stderr, "%s: %d, %d, %d\n", label, got[0], got[1], got[2]);
}

/* Dialled, accepted, and set on a connection: all three by the same rule. */
static void keep(hoy_duration keep_alive, hoy_keep_alive_config config, struct kept want, const char *label)
{
	const hoy_listen_config lc = { .keep_alive = keep_alive, .keep_alive_config = config };
	const hoy_dialer d = { .keep_alive = keep_alive, .keep_alive_config = config };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	char address[HOY_ADDR_STRLEN];
	hoy_conn *a, *b;

	must(l, "listen", NULL);
	a = hoy_dialer_dial(&d, "tcp", address_of(l, address), NULL);
	b = hoy_listener_accept(l, NULL);
	must(a && b, "connect", NULL);
	check_kept(a, want, label);
	check_kept(b, want, label);
	if (config.enable) {
		CHECK_INT(hoy_tcp_set_keep_alive_config(a, &(hoy_keep_alive_config){ .enable = 1,
			.idle = 77 * HOY_SECOND, .interval = 77 * HOY_SECOND }, NULL), 0);
		CHECK_INT(hoy_tcp_set_keep_alive_config(a, &config, NULL), 0);
		check_kept(a, (struct kept){ 1, config.idle < 0 ? 77 : want.idle, config.interval < 0 ? 77 : want.interval },
			   "set");
	}
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_listener_free(l);
}

/* The system's own, which a negative field leaves as they are. */
static struct kept system_values(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct kept k = { 1, 0, 0 };
	socklen_t len = sizeof k.idle;

	getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &k.idle, &len);
	getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &k.interval, &len);
	close(fd);
	return k;
}

BOTH(keep_alive)
{
	const struct kept whole = { 1, 32767, 32767 }, off = { 0, 0, 0 }, kept = system_values();
	const hoy_keep_alive_config none = { 0 };
	hoy_conn *a, *b;

	for (size_t i = 0; i < LEN(longest); i++) {
		keep(longest[i], none, (struct kept){ 1, 32767, 15 }, "longest");
		keep(0, (hoy_keep_alive_config){ .enable = 1, .idle = longest[i], .interval = longest[i] }, whole, "all longest");
	}
	for (size_t i = 0; i < LEN(negative); i++) {
		keep(negative[i], none, off, "negative");
		keep(0, (hoy_keep_alive_config){ .enable = 1, .idle = negative[i], .interval = negative[i] }, kept,
		     "all negative");
	}
	make_pair(&a, &b);
	for (size_t i = 0; i < LEN(longest); i++)
		CHECK_INT(hoy_tcp_set_keep_alive_period(a, longest[i], NULL), 0);
	for (size_t i = 0; i < LEN(negative); i++)
		CHECK_INT(hoy_tcp_set_keep_alive_period(a, negative[i], NULL), 0);
	check_kept(a, (struct kept){ 1, 32767, 15 }, "period");
	CHECK_INT(hoy_tcp_set_linger(a, INT_MAX, NULL), 0);
	CHECK_INT(hoy_tcp_set_linger(a, INT_MIN, NULL), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int read_code(void *c)
{
	char byte;

	return (int)hoy_conn_read(c, &byte, 1, NULL);
}

static void check_deadlines(hoy_conn *c, hoy_conn *peer)
{
	for (size_t i = 0; i < LEN(negative); i++) {
		CHECK_INT(hoy_conn_set_deadline(c, (hoy_time){ negative[i] }, NULL), 0);
		CHECK_INT(read_code(c), HOY_ETIMEOUT);
		CHECK_INT(hoy_conn_set_deadline(c, hoy_in(negative[i]), NULL), 0);
		CHECK_INT(read_code(c), HOY_ETIMEOUT);
	}
	for (size_t i = 0; i < LEN(longest); i++) {
		struct started s;

		CHECK_INT(hoy_conn_set_deadline(c, hoy_in(longest[i]), NULL), 0);
		start(&s, read_code, c);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_write(peer, "x", 1, NULL), 1);
		CHECK_INT(finish(&s), 1);
	}
}

BOTH(deadlines)
{
	hoy_conn *a, *b;

	make_pair(&a, &b);
	check_deadlines(a, b);
	hoy_conn_free(a);
	hoy_conn_free(b);
	CHECK_INT(hoy_pipe(&a, &b, NULL), 0);
	check_deadlines(a, b);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int accept_code(hoy_listener *l, hoy_time t)
{
	hoy_err err = { 0 };
	hoy_conn *c;

	CHECK_INT(hoy_listener_set_deadline(l, t, NULL), 0);
	c = hoy_listener_accept(l, &err);
	hoy_conn_free(c);
	return c ? 0 : err.code;
}

BOTH(deadline_of_a_listener)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");

	for (size_t i = 0; i < LEN(negative); i++)
		CHECK_INT(accept_code(l, hoy_in(negative[i])), HOY_ETIMEOUT);
	for (size_t i = 0; i < LEN(longest); i++) {
		hoy_conn *c = dial_to(l);

		CHECK_INT(accept_code(l, hoy_in(longest[i])), 0);
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return 0;
}

static int lookup_code(hoy_resolver *r)
{
	hoy_err err = { 0 };
	hoy_ip *list = NULL;
	int n = hoy_resolver_lookup_ip(r, "ip4", "name.test", &list, &err);

	CHECK(n < 0);
	hoy_free(list);
	return err.code;
}

/* The server's port is closed: that is found out unless there is no time for it. */
static int lookup_with(hoy_resolver_opts opts, hoy_time deadline)
{
	static const char *const servers[] = { "127.0.0.1:1", NULL };
	hoy_resolver *r;
	int code;

	opts.servers = servers;
	opts.resolv_conf = opts.hosts = opts.nsswitch = opts.services = "";
	r = hoy_resolver_new(&opts, NULL);
	must(r, "resolver", NULL);
	CHECK_INT(hoy_resolver_set_deadline(r, deadline, NULL), 0);
	code = lookup_code(r);
	CHECK_INT(lookup_code(r), code);
	hoy_resolver_free(r);
	return code;
}

BOTH(lookups)
{
	const hoy_time none = { 0 };

	for (size_t i = 0; i < LEN(longest); i++) {
		hoy_duration d = longest[i];

		CHECK_INT(lookup_with((hoy_resolver_opts){ .timeout = d }, none), -ECONNREFUSED);
		CHECK_INT(lookup_with((hoy_resolver_opts){ .total = d }, none), -ECONNREFUSED);
		CHECK_INT(lookup_with((hoy_resolver_opts){ .timeout = d, .total = d, .stale = d, .cache = 4 }, hoy_in(d)),
			  -ECONNREFUSED);
	}
	for (size_t i = 0; i < LEN(negative); i++) {
		hoy_duration d = negative[i];

		CHECK_INT(lookup_with((hoy_resolver_opts){ .timeout = d }, none), HOY_ETIMEOUT);
		CHECK_INT(lookup_with((hoy_resolver_opts){ .timeout = d, .total = HOY_HOUR, .cache = 4 }, none), HOY_ETIMEOUT);
		CHECK_INT(lookup_with((hoy_resolver_opts){ .total = d }, none), HOY_ETIMEOUT);
		CHECK_INT(lookup_with((hoy_resolver_opts){ .stale = d, .cache = 4 }, none), -ECONNREFUSED);
		CHECK_INT(lookup_with((hoy_resolver_opts){ 0 }, hoy_in(d)), HOY_ETIMEOUT);
	}
	return 0;
}

/* ---- a server, which needs the runtime ---- */

struct server {
	hoy_listener *l;
	hoy_serve_opts opts;
	atomic_int read, begun;
};

static void read_once(hoy_conn *c, void *at)
{
	struct server *s = at;

	s->begun = 1;
	s->read = read_code(c);
}

static int serve(void *at)
{
	struct server *s = at;

	return hoy_serve(s->l, read_once, s, &s->opts, NULL);
}

/* What the one connection read, when the peer sent something or closed the listener, as `sends` says. */
static int serve_one(hoy_serve_opts opts, bool sends)
{
	struct server s = { .l = listen_on("tcp", "127.0.0.1:0"), .opts = opts };
	struct started started;
	hoy_conn *c;

	in_tasks = true;
	start(&started, serve, &s);
	c = dial_to(s.l);
	while (!s.begun)
		hoy_sleep(HOY_MILLISECOND);
	hoy_sleep(5 * HOY_MILLISECOND);
	if (!sends)
		hoy_listener_close(s.l, NULL);
	hoy_sleep(5 * HOY_MILLISECOND);
	if (opts.drain >= 0)	/* else the cancellation alone has to end the read, however late the server runs */
		hoy_conn_write(c, "x", 1, NULL);
	if (sends)
		hoy_listener_close(s.l, NULL);
	CHECK_INT(finish(&started), 0);
	hoy_conn_free(c);
	hoy_listener_free(s.l);
	return s.read;
}

static int serve_all(void *arg)
{
	int code;

	(void)arg;
	for (size_t i = 0; i < LEN(longest); i++) {
		CHECK_INT(serve_one((hoy_serve_opts){ .idle = longest[i] }, true), 1);
		CHECK_INT(serve_one((hoy_serve_opts){ .drain = longest[i] }, false), 1);
	}
	for (size_t i = 0; i < LEN(negative); i++) {
		CHECK_INT(serve_one((hoy_serve_opts){ .idle = negative[i] }, true), HOY_ETIMEOUT);
		code = serve_one((hoy_serve_opts){ .drain = negative[i] }, false);
		CHECK(code == HOY_ECANCELED || code == HOY_ECLOSED);	/* without goodbye the close follows at once */
	}
	return 0;
}

TEST(serving)
{
	CHECK_INT(hoy_run(serve_all, NULL), 0);
}

/* ---- the grace period ---- */

static int cleans_up(void *arg)
{
	hoy_time end;

	(void)arg;
	hoy_sleep(HOY_HOUR);
	for (end = hoy_in(100 * HOY_MILLISECOND); hoy_time_before(hoy_now(), end); )
		hoy_yield();
	return 0;
}

static int leaves_one(void *arg)
{
	hoy_go(cleans_up, arg);
	hoy_sleep(10 * HOY_MILLISECOND);
	return 7;
}

static int leaves_none(void *arg)
{
	(void)arg;
	return 7;
}

static hoy_run_opts opts;

TEST(the_longest_grace)
{
	for (size_t i = 0; i < LEN(longest); i++) {
		opts = (hoy_run_opts){ .grace = longest[i] };
		CHECK_INT(hoy_run_with(&opts, leaves_one, NULL), 7);
		CHECK_INT(hoy_run_with(&opts, leaves_none, NULL), 7);
	}
}

static void run_and_leave(void)
{
	if (hoy_run_with(&opts, leaves_none, NULL) == 7)
		hoy_run_with(&opts, leaves_one, NULL);
}

TEST(no_grace_at_all)
{
	for (size_t i = 0; i < LEN(negative); i++) {
		struct child c = { .status = 0 };

		opts = (hoy_run_opts){ .grace = negative[i] };
		child_run(&c, run_and_leave);
		CHECK_INT(c.status, 70);
		child_said(&c, "have not ended within the grace period", "a task that is left");
	}
}
