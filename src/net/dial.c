/*
 * Dialling: resolve to a list, put it in order, and let the race say which address is
 * tried when. One task or thread does it all, waiting for whichever attempt moves first;
 * so cancelling and deadlines are those of one wait, and no attempt outlives the call.
 * What is reported in the end is the first address's failure.
 */
#include <errno.h>
#include <string.h>

#include "net/connecting.h"
#include "net/race.h"

enum {
	DIALLED = 1u << HOY_ADDR_TCP | 1u << HOY_ADDR_UDP,
	ATTEMPT_DELAY_MS = 250		/* RFC 8305, section 8 */
};

struct dial {
	const hoy_dialer *dialer;
	struct hoy__race race;
	struct hoy__connecting *at;	/* one for each address */
};

static bool is_under_way(const struct hoy__connecting *at)
{
	return at->conn && at->code > 0;
}

/* noinline: the record is large, and the caller's frame lies under a waiting task. */
__attribute__((noinline))
static void tell(const struct dial *dial, const struct hoy__connecting *at)
{
	const hoy_dialer *d = dial->dialer;
	hoy_err err;

	if (!d->attempt)
		return;
	hoy__connecting_fail(at, &err);
	d->attempt(at->raddr, at->code, &err, d->arg);
}

/* Whatever is still under way ends with this code. */
static void give_up(struct dial *dial, int code)
{
	for (size_t i = 0; i < dial->race.n; i++)
		if (is_under_way(&dial->at[i])) {
			hoy__connecting_give_up(&dial->at[i], code);
			tell(dial, &dial->at[i]);
		}
}

/* The others are closed before anybody hears of the winner. */
static hoy_conn *win(struct dial *dial, struct hoy__connecting *at)
{
	const hoy_dialer *d = dial->dialer;
	hoy_conn *c = at->conn;

	give_up(dial, HOY_ECANCELED);
	if (d->attempt)
		d->attempt(at->raddr, 0, NULL, d->arg);
	if (c->kind == HOY_ADDR_TCP) {
		hoy_keep_alive_config keep_alive = hoy__keep_alive_of(d->keep_alive, &d->keep_alive_config);

		hoy__tcp_defaults(c->fd->source.sys, &keep_alive);
	}
	return c;
}

/* After an attempt moved: the connection, if it has become one. */
static hoy_conn *settle(struct dial *dial, size_t i, int64_t now)
{
	struct hoy__connecting *at = &dial->at[i];

	if (at->code == 0)
		return win(dial, at);
	if (at->code < 0) {
		hoy__race_failed(&dial->race, i, now);
		tell(dial, at);
	}
	return NULL;
}

/* Until an attempt moves or its time is over, or the race has something to begin. */
static int wait(struct dial *dial, int64_t moment)
{
	static const atomic_bool never;
	struct hoy__interest on[HOY__RACE_MOST];
	unsigned n = 0;
	int code;

	for (size_t i = 0; i < dial->race.n; i++)
		if (is_under_way(&dial->at[i])) {
			on[n++] = (struct hoy__interest){ &dial->at[i].conn->fd->source, HOY__OUT };
			moment = hoy__earlier(moment, dial->at[i].deadline);
		}
	if (n == 1)	/* as a dump shows it: the descriptor */
		code = hoy__source_wait(on[0].source, HOY__OUT, HOY__WHY_CONNECT, moment);
	else
		code = hoy__source_wait_any(on, n, &never, HOY__WHY_CONNECT, moment);
	return code == HOY_ETIMEOUT ? 0 : code;
}

static hoy_conn *look_at_all(struct dial *dial)
{
	int64_t now = hoy_now().ns;
	hoy_conn *c = NULL;

	for (size_t i = 0; i < dial->race.n && !c; i++)
		if (is_under_way(&dial->at[i])) {
			hoy__connecting_look(&dial->at[i], now);
			c = settle(dial, i, now);
		}
	return c;
}

/* The connection; or NULL, and then the first address has the code to report. */
static hoy_conn *run(struct dial *dial)
{
	struct hoy__connecting *first = &dial->at[0];
	hoy_conn *c = NULL;
	int64_t moment;
	size_t i;
	int code = 0;

	hoy__race_start(&dial->race, hoy_now().ns);
	while (!c && code == 0) {
		int64_t now = hoy_now().ns;

		switch (hoy__race_next(&dial->race, now, &i, &moment)) {
		case HOY__RACE_BEGIN:
			dial->at[i].deadline = moment;
			hoy__connecting_begin(&dial->at[i]);
			c = settle(dial, i, now);
			hoy__spend();
			break;
		case HOY__RACE_WAIT:
			code = wait(dial, moment);
			if (code == 0)
				c = look_at_all(dial);
			break;
		case HOY__RACE_LOST:
			if (dial->race.next[0] == 0) {	/* for want of time */
				first->code = HOY_ETIMEOUT;
				tell(dial, first);
			}
			return NULL;
		}
	}
	if (c)
		return c;
	give_up(dial, code);
	if (hoy_is_canceled(code))	/* that is what ended it, whatever failed before */
		first->code = code;
	return NULL;
}

/* Which way, of the three: RFC 8305, Go's two lanes, one after the other. */
static void choose_race(struct hoy__race *race, const hoy_dialer *d, const char *network, hoy_addr *list)
{
	bool fixed = d->local_addr && d->local_addr->port;	/* only one socket can have it */

	race->first = race->n;
	if (race->n == 1 || d->fallback_delay < 0 || fixed || hoy__kind_of(network) != HOY_ADDR_TCP)
		return;
	race->staggered = d->fallback_delay == 0;
	race->delay = race->staggered ? ATTEMPT_DELAY_MS * HOY_MILLISECOND : d->fallback_delay;
	if (race->staggered)
		hoy__race_interleave(list, race->n);
	else
		race->first = hoy__race_partition(list, race->n);
}

hoy_conn *hoy__dial_list(const hoy_dialer *d, const char *network, hoy_addr *list, size_t n, int64_t deadline,
			 hoy_err *err)
{
	struct hoy__connecting one, *at = n == 1 ? &one : hoy__alloc(n * sizeof *at);
	struct dial dial = { .dialer = d, .race = { .n = n, .deadline = deadline }, .at = at };
	hoy_conn *c;

	if (!at) {
		hoy__fail(err, "dial", network, NULL, -ENOMEM);
		return NULL;
	}
	choose_race(&dial.race, d, network, list);
	for (size_t i = 0; i < n; i++)
		at[i] = (struct hoy__connecting){ .dialer = d, .network = network, .raddr = &list[i] };
	c = run(&dial);
	if (!c)
		hoy__connecting_fail(&at[0], err);
	if (at != &one)
		hoy__release(at);
	return c;
}

/* An address of the other family cannot be reached from the local one. */
static size_t keep_family(const hoy_addr *laddr, hoy_addr *list, size_t n)
{
	size_t want = laddr ? hoy_ip_to4(laddr->ip).len : 0, kept = 0;

	if (!laddr || laddr->ip.len == 0 || hoy_ip_is_unspecified(laddr->ip))
		return n;
	for (size_t i = 0; i < n; i++)
		if (list[i].ip.len == 0 || hoy_ip_to4(list[i].ip).len == want)
			list[kept++] = list[i];
	return kept;
}

static void fail_local(const hoy_dialer *d, const char *network, int code, hoy_err *err)
{
	hoy__fail(err, "dial", network, NULL, code);
	if (err) {
		err->kind = HOY_ERR_ADDR;
		hoy_addr_string(d->local_addr, err->subject);
	}
}

/* The local address must be of the network; what it cannot reach is left out. */
static hoy_conn *dial_from(const hoy_dialer *d, const char *network, hoy_addr *list, size_t n, int64_t deadline,
			   hoy_err *err)
{
	if (d->local_addr && d->local_addr->kind != hoy__kind_of(network)) {
		fail_local(d, network, HOY_EMISMATCH, err);
		return NULL;
	}
	n = keep_family(d->local_addr, list, n);
	if (n == 0) {
		fail_local(d, network, HOY_EUNSUITABLE, err);
		return NULL;
	}
	return hoy__dial_list(d, network, list, n, deadline, err);
}

hoy_conn *hoy_dialer_dial(const hoy_dialer *d, const char *network, const char *address, hoy_err *err)
{
	static const hoy_dialer defaults;
	const char *known = hoy__network(network, DIALLED);
	int64_t deadline;
	int n = !known ? HOY_ENETWORK : !*address ? HOY_EMISSING : 0;
	hoy_addr *list;
	hoy_conn *c;

	if (n < 0) {
		hoy__fail(err, "dial", network, NULL, n);
		return NULL;
	}
	if (!d)
		d = &defaults;
	deadline = hoy__earlier(d->deadline.ns, hoy__limit(d->timeout));
	n = hoy__resolve_all(d->resolver, deadline, known, address, &list, err);
	if (n < 0) {
		hoy__fail_told(err, "dial", network, n);
		return NULL;
	}
	c = dial_from(d, known, list, (size_t)n, deadline, err);
	hoy__release(list);
	return c;
}

hoy_conn *hoy_dial(const char *network, const char *address, hoy_err *err)
{
	return hoy_dialer_dial(NULL, network, address, err);
}

hoy_conn *hoy_dial_timeout(const char *network, const char *address, hoy_duration timeout, hoy_err *err)
{
	const hoy_dialer d = { .timeout = timeout };

	return hoy_dialer_dial(&d, network, address, err);
}

static hoy_conn *dial_addr(const char *network, int kind, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	const hoy_dialer d = { .local_addr = laddr };
	const char *known = hoy__network(network, 1u << kind);
	int code = !known ? HOY_ENETWORK : !raddr ? HOY_EMISSING : 0;
	hoy_addr to;

	if (code < 0) {
		hoy__fail_at(err, "dial", network, laddr, raddr, NULL, code);
		return NULL;
	}
	to = *raddr;
	return hoy__dial_list(&d, known, &to, 1, HOY__NEVER, err);
}

hoy_conn *hoy_dial_tcp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_TCP, laddr, raddr, err);
}

hoy_conn *hoy_dial_udp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_UDP, laddr, raddr, err);
}
