/* ICMP echo requests: a task sends them when they are due, and receives what comes back in between. */
#include <errno.h>
#include <string.h>

#include "ping.h"

enum { UNDER_WAY = 1024 };	/* as many requests as a pinger remembers */

/* Requests of one target. Those before `oldest` are answered or given up. */
struct echoes {
	struct target *target;
	hoy_pinger *pinger;
	int64_t oldest, next;
	hoy_time expiry[UNDER_WAY];
};

/* ---- what comes back ---- */

static const char *error_string(const struct target *t, const hoy_ping_reply *r)
{
	static const char *const unreachable4[] = {
		"destination net unreachable", "destination host unreachable", "destination protocol unreachable",
		"destination port unreachable", "fragmentation needed", "source route failed", "destination net unknown",
		"destination host unknown", "source host isolated", "destination net prohibited",
		"destination host prohibited", "destination net unreachable for this type of service",
		"destination host unreachable for this type of service", "packet filtered", "precedence violation",
		"precedence cut-off",
	};
	static const char *const unreachable6[] = {
		"destination unreachable: no route", "destination unreachable: administratively prohibited",
		"destination unreachable: beyond scope of source address", "destination unreachable: address unreachable",
		"destination unreachable: port unreachable", "destination unreachable: source address failed ingress/egress policy",
		"destination unreachable: reject route to destination",
	};
	bool is6 = t->addr.ip.len == 16;

	if (r->kind == HOY_ICMP_TOO_BIG)
		return "packet too big";
	if (r->kind == HOY_ICMP_TIME_EXCEEDED)
		return r->icmp_code ? "fragment reassembly time exceeded" : is6 ? "hop limit exceeded" : "time to live exceeded";
	if (r->kind == HOY_ICMP_PARAMETER)
		return "parameter problem";
	if (r->kind != HOY_ICMP_UNREACHABLE)
		return hoy_strerror(r->code);
	if (is6)
		return r->icmp_code < LEN(unreachable6) ? unreachable6[r->icmp_code] : "destination unreachable";
	return r->icmp_code < LEN(unreachable4) ? unreachable4[r->icmp_code] : "destination unreachable";
}

/* The request with this number modulo 65536 that was sent last. */
static int64_t number_of(const struct echoes *e, uint16_t seq)
{
	return e->next - 1 - (uint16_t)(e->next - 1 - seq);
}

static void take(struct echoes *e, const hoy_ping_reply *got)
{
	int64_t i = number_of(e, got->seq);
	struct reply r = { .rtt = got->rtt, .from = got->from, .ttl = got->ttl, .bytes = got->len };

	if (i < 1 || got->rtt < 0)
		return;		/* a reply to no request that is remembered */
	snprintf(r.what, sizeof r.what, "%zu bytes", got->len);
	if (got->kind != HOY_ICMP_ECHO_REPLY)
		show_loss(e->target, i, error_string(e->target, got), got->from.kind ? &got->from : NULL);
	else if (got->duplicate)
		show_duplicate(e->target, i, &r);
	else
		show_reply(e->target, i, &r);
}

/* ---- time ---- */

static bool is_pending(const struct echoes *e, int64_t i)
{
	return stats_sample(&e->target->stats, i) == SAMPLE_PENDING;
}

/* Gives up what has expired. Afterwards `oldest` is under way, or equals `next`. */
static void expire(struct echoes *e)
{
	for (; e->oldest < e->next; e->oldest++) {
		bool is_young = hoy_time_before(hoy_now(), e->expiry[e->oldest % UNDER_WAY]);

		if (is_pending(e, e->oldest) && is_young && e->next - e->oldest < UNDER_WAY)
			return;
		if (is_pending(e, e->oldest))
			show_loss(e->target, e->oldest, NULL, NULL);
	}
}

/* Receives until then, or until nothing is under way. A negative code when that fails. */
static int receive(struct echoes *e, const hoy_time *then, hoy_err *err)
{
	hoy_ping_reply got;
	hoy_time wake;
	int code;

	for (;;) {
		expire(e);
		if (then ? !hoy_time_before(hoy_now(), *then) : e->oldest == e->next)
			return 0;
		wake = e->oldest < e->next ? e->expiry[e->oldest % UNDER_WAY] : *then;
		hoy_pinger_set_deadline(e->pinger, then && hoy_time_before(*then, wake) ? *then : wake, NULL);
		code = hoy_pinger_receive(e->pinger, &got, err);
		if (code == 0)
			take(e, &got);
		else if (code != HOY_ETIMEOUT)
			return code;
	}
}

/* ---- one target ---- */

static void send(struct echoes *e)
{
	int64_t i = show_sent(e->target);
	hoy_err err;

	e->next = i + 1;
	e->expiry[i % UNDER_WAY] = reply_deadline();
	if (hoy_pinger_send(e->pinger, (uint16_t)i, NULL, &err) < 0)
		show_loss(e->target, i, hoy_strerror(err.code), NULL);
}

static void run_icmp(struct target *t)
{
	const hoy_ping_opts opts = { .len = (size_t)ping.size, .ttl = (uint8_t)ping.ttl };
	struct echoes e = { .target = t, .oldest = 1, .next = 1 };
	hoy_err err;
	int code = 0;

	e.pinger = hoy_pinger_new(&t->addr, &opts, &err);
	if (!e.pinger && err.code == -EPERM)
		show_forbidden(&err);
	if (!e.pinger) {
		show_failure(t, &err);
		return;
	}
	while (next_due(t) && (code = receive(&e, &t->due, &err)) == 0)
		send(&e);
	if (code == 0)
		code = receive(&e, NULL, &err);
	if (code < 0)
		show_failure(t, &err);
	hoy_pinger_free(e.pinger);
}

/* ---- words ---- */

static int read_icmp(const char *word)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	hoy_prefix p;
	struct url u;
	hoy_addr addr;
	hoy_err err;

	if (url_parse(word, &u) == 0)
		return usage("'%s' is a URL; did you mean %s, or tcp %s:%s?", word, u.host, u.host, *u.port ? u.port : "PORT");
	if (hoy_parse_prefix(word, &p, &err) == 0)
		return targets_add_network(word, p);
	if (strchr(word, '/')) {
		fail(&err, "a network is ADDRESS/LENGTH, such as 192.0.2.0/24");
		return EXIT_USAGE;
	}
	if (*word == '@')
		return usage("'%s' is a name server: hoy ping dns %s", word, word);
	if (hoy_parse_addr(word, &addr, NULL) < 0 && hoy_split_host_port(word, host, port, NULL) == 0)
		return usage("'%s' has a port, of which ICMP knows nothing: hoy ping tcp %s", word, word);
	target_add(&probe_icmp, word);
	return EXIT_YES;
}

static int find_icmp(const struct target *t, hoy_addr *addr, hoy_err *err)
{
	*addr = t->addr;	/* of a network's address */
	return t->word ? find_host(t->word, addr, err) : 0;
}

const struct probe probe_icmp = { .name = "icmp", .read = read_icmp, .find = find_icmp, .run = run_icmp };
