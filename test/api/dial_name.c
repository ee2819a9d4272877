/*
 * Dialling and listening by name, against a name server of the test's own: what a name's
 * addresses lead to, how failures read, and what ends a lookup on the way.
 */
#include "../consumer/nameserver.h"
#include "pair.h"

static const struct known known[] = {
	{ "four.example.", HOY_TYPE_A, "127.0.0.1" },
	{ "six.example.", HOY_TYPE_AAAA, "::1" },
	{ "both.example.", HOY_TYPE_A, "127.0.0.1" },
	{ "both.example.", HOY_TYPE_AAAA, "::1" },
	{ "many.example.", HOY_TYPE_A, "127.0.0.1" },
	{ "many.example.", HOY_TYPE_A, "127.0.0.2" },
	{ "many.example.", HOY_TYPE_A, "127.0.0.3" },
	{ "silent.example.", HOY_TYPE_A, NULL },
	{ "silent.example.", HOY_TYPE_AAAA, NULL },
	{ "mail.example.", HOY_TYPE_MX, "10 four.example." },
};

struct scene {
	struct nameserver ns;
	struct started server;
	hoy_resolver *r;
};

static void set(struct scene *s)
{
	const char *servers[] = { s->ns.address, NULL };
	const hoy_resolver_opts opts = {
		.servers = servers, .resolv_conf = "", .hosts = "", .nsswitch = "", .timeout = 5 * HOY_SECOND,
	};
	hoy_err err;

	must(nameserver_open(&s->ns, known, LEN(known)) == 0, "nameserver", NULL);
	start(&s->server, nameserver_run, &s->ns);
	s->r = hoy_resolver_new(&opts, &err);
	must(s->r, "resolver", &err);
}

static void unset(struct scene *s)
{
	hoy_resolver_free(s->r);
	hoy_conn_close(s->ns.conn, NULL);
	CHECK_INT(finish(&s->server), 0);
	hoy_conn_free(s->ns.conn);
}

static hoy_conn *dial(struct scene *s, hoy_dialer d, const char *network, const char *host, unsigned port, hoy_err *err)
{
	char address[HOY_HOST_STRLEN + 8];

	snprintf(address, sizeof address, "%s:%u", host, port);
	d.resolver = s->r;
	return hoy_dialer_dial(&d, network, address, err);
}

static unsigned port_of(const hoy_listener *l)
{
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	return addr.port;
}

/* Who was tried, as text. */
static void note(const hoy_addr *addr, int code, const hoy_err *err, void *arg)
{
	char *log = arg, text[HOY_IP_STRLEN];

	(void)err;
	snprintf(log + strlen(log), 200 - strlen(log), "%s%s ", hoy_ip_string(addr->ip, text), code ? "!" : "");
}

static bool leads_to(hoy_conn *c, const char *host)
{
	char text[HOY_IP_STRLEN];
	hoy_addr addr;
	bool ok = CHECK(c);

	if (ok) {
		hoy_conn_remote_addr(c, &addr);
		ok = CHECK_STR(hoy_ip_string(addr.ip, text), host, "peer");
	}
	hoy_conn_free(c);
	return ok;
}

BOTH(a_name_leads_to_its_address)
{
	hoy_listener *l4 = listen_on("tcp4", "127.0.0.1:0"), *l6 = listen_on("tcp6", "[::1]:0");
	struct scene s;

	set(&s);
	leads_to(dial(&s, (hoy_dialer){ 0 }, "tcp", "four.example", port_of(l4), NULL), "127.0.0.1");
	leads_to(dial(&s, (hoy_dialer){ 0 }, "tcp", "FOUR.example.", port_of(l4), NULL), "127.0.0.1");
	leads_to(dial(&s, (hoy_dialer){ 0 }, "tcp", "six.example", port_of(l6), NULL), "::1");
	leads_to(dial(&s, (hoy_dialer){ 0 }, "tcp4", "both.example", port_of(l4), NULL), "127.0.0.1");
	leads_to(dial(&s, (hoy_dialer){ 0 }, "tcp6", "both.example", port_of(l6), NULL), "::1");
	leads_to(dial(&s, (hoy_dialer){ 0 }, "udp4", "both.example", 9, NULL), "127.0.0.1");
	unset(&s);
	hoy_listener_free(l4);
	hoy_listener_free(l6);
	return 0;
}

BOTH(the_address_that_answers_is_found)
{
	hoy_listener *l = listen_on("tcp4", "127.0.0.1:0");
	char log[200] = "";
	const hoy_dialer ways[] = {
		{ .attempt = note, .arg = log },
		{ .attempt = note, .arg = log, .fallback_delay = 300 * HOY_MILLISECOND },
		{ .attempt = note, .arg = log, .fallback_delay = -1 },
	};
	struct scene s;

	set(&s);
	for (size_t i = 0; i < LEN(ways); i++) {
		log[0] = '\0';
		leads_to(dial(&s, ways[i], "tcp", "both.example", port_of(l), NULL), "127.0.0.1");
		CHECK_STR(log, "::1! 127.0.0.1 ", "attempts");	/* RFC 6724 has ::1 first */
	}
	hoy_listener_free(l);
	unset(&s);
	return 0;
}

BOTH(when_no_address_answers_the_first_is_told)
{
	hoy_listener *l = listen_on("tcp4", "127.0.0.1:0");
	unsigned port = port_of(l);
	char log[200] = "", text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];
	hoy_err err = { 0 };
	struct scene s;

	hoy_listener_free(l);
	set(&s);
	CHECK(!dial(&s, (hoy_dialer){ .attempt = note, .arg = log }, "tcp", "many.example", port, &err));
	CHECK_STR(log, "127.0.0.1! 127.0.0.2! 127.0.0.3! ", "attempts");
	snprintf(want, sizeof want, "dial tcp 127.0.0.1:%u: connect: connection refused", port);
	CHECK_STR(hoy_err_string(&err, text), want, "refused");
	unset(&s);
	return 0;
}

/* %s is the name server. */
static const struct { const char *network, *host, *want; int code; } failures[] = {
	{ "tcp", "no.such.host", "dial tcp: lookup no.such.host on %s: no such host", HOY_ENOHOST },
	{ "udp", "no.such.host", "dial udp: lookup no.such.host on %s: no such host", HOY_ENOHOST },
	{ "tcp", "mail.example", "dial tcp: lookup mail.example on %s: no such host", HOY_ENODATA },
	{ "tcp6", "four.example", "dial tcp6: lookup four.example on %s: no such host", HOY_ENODATA },
	{ "tcp", "x.invalid", "dial tcp: lookup x.invalid: no such host", HOY_ENOHOST },
	{ "tcp", "no good", "dial tcp: lookup no good: no such host", HOY_ENOHOST },
};

BOTH(what_could_not_be_looked_up)
{
	char text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];
	struct scene s;

	set(&s);
	for (size_t i = 0; i < LEN(failures); i++) {
		hoy_err err = { 0 };

		CHECK(!dial(&s, (hoy_dialer){ 0 }, failures[i].network, failures[i].host, 80, &err));
		snprintf(want, sizeof want, failures[i].want, s.ns.address);
		CHECK_STR(hoy_err_string(&err, text), want, failures[i].host);
		CHECK_INT(err.code, failures[i].code);
	}
	unset(&s);
	return 0;
}

BOTH(the_timeout_covers_the_lookup)
{
	char text[HOY_ERR_STRLEN];
	hoy_time began = hoy_now();
	hoy_err err = { 0 };
	struct scene s;

	set(&s);
	CHECK(!dial(&s, (hoy_dialer){ .timeout = 80 * HOY_MILLISECOND }, "tcp", "silent.example", 80, &err));
	CHECK_INT(err.code, HOY_ETIMEOUT);
	CHECK(since(began) >= 80 * HOY_MILLISECOND && since(began) < 3 * HOY_SECOND);
	CHECK_STR(hoy_err_string(&err, text), "dial tcp: lookup silent.example: i/o timeout", "timeout");
	CHECK(!dial(&s, (hoy_dialer){ .deadline = past() }, "tcp", "four.example", 80, &err));
	CHECK_INT(err.code, HOY_ETIMEOUT);
	unset(&s);
	return 0;
}

static int dial_nobody(void *arg)
{
	hoy_err err = { 0 };

	CHECK(!dial(arg, (hoy_dialer){ 0 }, "tcp", "silent.example", 80, &err));
	return err.code;
}

BOTH(closing_the_resolver_ends_the_dial)
{
	struct scene s;
	struct started d;

	set(&s);
	start(&d, dial_nobody, &s);
	hoy_sleep(30 * HOY_MILLISECOND);
	CHECK_INT(hoy_resolver_close(s.r, NULL), 0);
	CHECK_INT(finish(&d), HOY_ECLOSED);
	unset(&s);
	return 0;
}

static struct scene kept;
static hoy_err cancel_err;

static int dial_silent(void *arg)
{
	(void)arg;
	CHECK(!dial(&kept, (hoy_dialer){ 0 }, "tcp", "silent.example", 80, &cancel_err));
	return 0;
}

static int end_while_looking_up(void *arg)
{
	(void)arg;
	set(&kept);
	CHECK_INT(hoy_go(dial_silent, NULL), 0);
	hoy_sleep(50 * HOY_MILLISECOND);
	return 0;
}

TEST(cancelling_ends_the_lookup)
{
	in_tasks = true;
	CHECK_INT(hoy_run(end_while_looking_up, NULL), 0);
	CHECK_INT(cancel_err.code, HOY_ECANCELED);
	hoy_resolver_free(kept.r);
	hoy_conn_free(kept.ns.conn);
}

BOTH(listening_by_name)
{
	hoy_err err = { 0 };
	hoy_listener *l = hoy_listen("tcp", "localhost:0", &err);
	hoy_conn *c;
	hoy_addr addr;
	char address[32];

	must(l, "listen", &err);
	hoy_listener_addr(l, &addr);
	CHECK(addr.ip.len == 4 && hoy_ip_is_loopback(addr.ip));
	snprintf(address, sizeof address, "localhost:%u", addr.port);
	c = hoy_dial("tcp", address, &err);
	must(c, "dial", &err);
	hoy_conn_free(c);
	hoy_listener_free(l);
	c = hoy_listen_packet("udp", "localhost:0", &err);
	must(c, "listen_packet", &err);
	hoy_conn_local_addr(c, &addr);
	CHECK(addr.ip.len == 4 && hoy_ip_is_loopback(addr.ip));
	hoy_conn_free(c);
	return 0;
}

TEST(a_port_has_a_name)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err = { 0 };

	CHECK(!hoy_dial("tcp", "localhost:no-such-service", &err));
	CHECK_STR(hoy_err_string(&err, text), "dial tcp: lookup tcp/no-such-service: unknown port", "service");
	CHECK(!hoy_listen("tcp", "x.invalid:0", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen tcp: lookup x.invalid: no such host", "host");
}
