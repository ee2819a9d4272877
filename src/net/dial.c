/*
 * Dialling: resolve to a list, put it in order, and let the race say which address is
 * tried when. One task or thread does it all, waiting for whichever attempt moves first;
 * so cancelling and deadlines are those of one wait, and no attempt outlives the call.
 * What is reported in the end is the first address's failure.
 *
 * When one family's addresses are known and the other's are not, the race begins inside the
 * lookup, which waits for both at once (RFC 8305 section 3). A connection ends the lookup;
 * the end of the lookup brings the other addresses into the race.
 */
#include <errno.h>
#include <string.h>

#include <hoy/raw.h>

#include "net/connecting.h"
#include "net/race.h"

enum {
	DIALLED = 1u << HOY_ADDR_TCP | 1u << HOY_ADDR_UDP | 1u << HOY_ADDR_IP | HOY__UNIX_NETWORKS,
	ATTEMPT_DELAY_MS = 250,		/* RFC 8305, section 8 */
	RESOLUTION_DELAY_MS = 50
};

struct dial {
	const hoy_dialer *dialer;
	const struct hoy__network *net;
	struct hoy__race race;
	hoy_addr *list, *own;		/* the addresses of the race; those that are the dial's to release */
	struct hoy__connecting *at;	/* one for each address */
	hoy_conn *conn;			/* the first that was made */
	int64_t moment;			/* when to go on, whatever has happened */
	struct hoy__early early;
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

		hoy__tcp_defaults(hoy__fd_sys(c->fd), &keep_alive);
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

/* What is under way: how many; and *until when, for an attempt or the race. */
static unsigned list_attempts(const struct dial *dial, struct hoy__interest on[HOY__RACE_MOST], int64_t *until)
{
	unsigned n = 0;

	*until = dial->moment;
	for (size_t i = 0; i < dial->race.n; i++)
		if (is_under_way(&dial->at[i])) {
			on[n++] = hoy__fd_interest(dial->at[i].conn->fd, HOY__OUT);
			*until = hoy__earlier(*until, dial->at[i].deadline);
		}
	return n;
}

/* Until an attempt moves or its time is over, or the race has something to begin. */
static int wait(const struct dial *dial)
{
	static const atomic_bool never;
	struct hoy__interest on[HOY__RACE_MOST];
	int64_t moment;
	unsigned n = list_attempts(dial, on, &moment);
	int code;

	if (n == 1)	/* as a dump shows it: the descriptor */
		code = hoy__source_wait(on[0].source, HOY__OUT, HOY__WHY_CONNECT, moment);
	else
		code = hoy__source_wait_any(on, n, &never, HOY__WHY_CONNECT, moment);
	return code == HOY_ETIMEOUT ? 0 : code;
}

static void look_at_all(struct dial *dial)
{
	int64_t now = hoy_now().ns;

	for (size_t i = 0; i < dial->race.n && !dial->conn; i++)
		if (is_under_way(&dial->at[i])) {
			hoy__connecting_look(&dial->at[i], now);
			dial->conn = settle(dial, i, now);
		}
}

/* Looks at what is under way, and begins what may begin. True: wait, then do it again. */
static bool go_on(struct dial *dial)
{
	size_t i;

	look_at_all(dial);
	while (!dial->conn) {
		int64_t now = hoy_now().ns;
		enum hoy__race_step step = hoy__race_next(&dial->race, now, &i, &dial->moment);

		if (step != HOY__RACE_BEGIN)
			return step == HOY__RACE_WAIT;
		dial->at[i].deadline = dial->moment;
		hoy__connecting_begin(&dial->at[i]);
		dial->conn = settle(dial, i, now);
		hoy__spend();
	}
	return false;
}

/* To a connection; without one, the first address has the code to report. code: 0, or why to give up at once. */
static void run(struct dial *dial, int code)
{
	struct hoy__connecting *first = &dial->at[0];

	while (code == 0 && go_on(dial))
		code = wait(dial);
	if (dial->conn)
		return;
	give_up(dial, code);
	if (hoy_is_canceled(code))	/* that is what ended it, whatever failed before */
		first->code = code;
	if (code == 0 && dial->race.next[0] == 0) {	/* for want of time */
		first->code = HOY_ETIMEOUT;
		tell(dial, first);
	}
}

/* Which way, of the three: RFC 8305, Go's two lanes, one after the other. */
static void choose_race(struct hoy__race *race, const hoy_dialer *d, const struct hoy__network *net,
			hoy_addr *list)
{
	bool fixed = d->local_addr && d->local_addr->port;	/* only one socket can have it */

	race->first = race->n;
	if (d->fallback_delay < 0 || fixed || net->kind != HOY_ADDR_TCP)
		return;
	race->staggered = d->fallback_delay == 0;
	race->delay = race->staggered ? ATTEMPT_DELAY_MS * HOY_MILLISECOND : d->fallback_delay;
	if (race->staggered)
		hoy__race_interleave(list, race->n);
	else
		race->first = hoy__race_partition(list, race->n);
}

static void put_attempt(struct dial *dial, size_t i)
{
	dial->at[i] = (struct hoy__connecting){ .dialer = dial->dialer, .net = dial->net };
}

static void point_at_list(struct dial *dial)
{
	for (size_t i = 0; i < dial->race.n; i++)
		dial->at[i].raddr = &dial->list[i];
}

/* The race is over these addresses, n at least 1; it starts. False: no memory. */
static bool start(struct dial *dial, hoy_addr *list, size_t n)
{
	struct hoy__connecting *at = hoy__realloc(dial->at, n * sizeof *at);

	if (!at)
		return false;
	dial->at = at;
	dial->list = list;
	dial->race.n = n;
	choose_race(&dial->race, dial->dialer, dial->net, list);
	for (size_t i = 0; i < n; i++)
		put_attempt(dial, i);
	point_at_list(dial);
	hoy__race_start(&dial->race, hoy_now().ns);
	return true;
}

static void finish(struct dial *dial, int code, hoy_err *err)
{
	run(dial, code);
	if (!dial->conn)
		hoy__connecting_fail(&dial->at[0], err);
}

hoy_conn *hoy__dial_list(const hoy_dialer *d, const struct hoy__network *net, hoy_addr *list, size_t n,
			 int64_t deadline, hoy_err *err)
{
	struct dial dial = { .dialer = d, .net = net, .race = { .deadline = deadline }, .moment = HOY__NEVER };

	if (start(&dial, list, n))
		finish(&dial, 0, err);
	else
		hoy__fail(err, "dial", net->name, NULL, -ENOMEM);
	hoy__release(dial.at);
	return dial.conn;
}

/* An address of the other family cannot be reached from the local one. */
static bool has_family(const hoy_addr *laddr)
{
	return laddr && laddr->ip.len && !hoy_ip_is_unspecified(laddr->ip);
}

static size_t keep_family(const hoy_addr *laddr, hoy_addr *list, size_t n)
{
	size_t want = laddr ? hoy_ip_to4(laddr->ip).len : 0, kept = 0;

	if (!has_family(laddr))
		return n;
	for (size_t i = 0; i < n; i++)
		if (list[i].ip.len == 0 || hoy_ip_to4(list[i].ip).len == want)
			list[kept++] = list[i];
	return kept;
}

static void fail_local(const struct dial *dial, int code, hoy_err *err)
{
	hoy__fail(err, "dial", dial->net->name, NULL, code);
	if (err) {
		err->kind = HOY_ERR_ADDR;
		hoy_addr_string(dial->dialer->local_addr, err->subject);
	}
}

static bool is_mismatch(const struct dial *dial)
{
	const hoy_addr *local = dial->dialer->local_addr;

	return local && local->kind != dial->net->kind;
}

/* ---- while one family is missing ---- */

static bool is_4(const hoy_addr *addr)
{
	return hoy_ip_to4(addr->ip).len != 0;
}

/* The list is the dial's, whatever comes of it. IPv4 alone waits for a moment: IPv6 is preferred. */
static void start_early(struct hoy__early *e, hoy_addr *list, size_t n)
{
	struct dial *dial = container_of(e, struct dial, early);
	const hoy_addr *local = dial->dialer->local_addr;

	n = keep_family(local, list, (size_t)hoy__resolve_these(e->net, e->port, list, (int)n));
	if (n && is_4(&list[0]) && !has_family(local))
		dial->race.hold = hoy_in(RESOLUTION_DELAY_MS * HOY_MILLISECOND).ns;
	dial->own = list;
	e->begun = n && !is_mismatch(dial) && start(dial, list, n);
}

static int step_early(struct hoy__meanwhile *m)
{
	struct dial *dial = container_of(m, struct dial, early.meanwhile);

	if (dial->early.begun)
		go_on(dial);
	return dial->conn ? HOY_ECANCELED : 0;
}

static unsigned wait_early(struct hoy__meanwhile *m, struct hoy__interest *on, int64_t *until)
{
	return list_attempts(container_of(m, struct dial, early.meanwhile), on, until);
}

/* The other family's addresses come behind the race's. Without memory the race goes on with what it has. */
static void join(struct dial *dial, const hoy_addr *late, size_t n)
{
	size_t had = dial->race.n;
	hoy_addr *list = hoy__realloc(dial->own, (had + n) * sizeof *list);
	struct hoy__connecting *at;

	if (!list)
		return;
	dial->list = dial->own = list;
	at = hoy__realloc(dial->at, (had + n) * sizeof *at);
	if (at) {
		dial->at = at;
		memcpy(list + had, late, n * sizeof *late);
		hoy__race_join(&dial->race, list, n);
		for (size_t i = had; i < dial->race.n; i++)
			put_attempt(dial, i);
	}
	point_at_list(dial);
}

/* The lookup is over, and the race has begun with one family: the other one, if there is any, joins. */
static void join_others(struct dial *dial, hoy_addr *list, size_t n)
{
	bool early_is_4 = is_4(&dial->list[0]);
	size_t others = 0;

	for (size_t i = 0; i < n; i++)
		if (is_4(&list[i]) != early_is_4)
			list[others++] = list[i];
	others = keep_family(dial->dialer->local_addr, list, others);
	if (others)
		join(dial, list, others);
}

/* ---- by name ---- */

/* The list is the dial's. The local address must be of the network; what it cannot reach is left out. */
static void dial_all(struct dial *dial, hoy_addr *list, size_t n, hoy_err *err)
{
	const hoy_dialer *d = dial->dialer;

	if (is_mismatch(dial)) {
		fail_local(dial, HOY_EMISMATCH, err);
	} else if ((n = keep_family(d->local_addr, list, n)) == 0) {
		fail_local(dial, HOY_EUNSUITABLE, err);
	} else if (!start(dial, list, n)) {
		hoy__fail(err, "dial", dial->net->name, NULL, -ENOMEM);
	} else {
		finish(dial, 0, err);
	}
}

static hoy_conn *dial_name(struct dial *dial, const char *address, hoy_err *err)
{
	const hoy_dialer *d = dial->dialer;
	struct hoy__early *early = d->fallback_delay == 0 ? &dial->early : NULL;
	hoy_addr *list = NULL;
	int n = hoy__resolve_all(d->resolver, dial->race.deadline, dial->net, address, early, &list, err);
	bool racing = dial->early.begun && dial->race.next[0];

	dial->race.hold = HOY__PAST;
	if (dial->conn) {
		/* it has ended the lookup */
	} else if (n < 0 && !dial->early.begun) {
		hoy__fail_told(err, "dial", dial->net->name, n);
	} else if (n > 0 && !racing) {
		dial_all(dial, list, (size_t)n, err);
	} else {
		if (n > 0)
			join_others(dial, list, (size_t)n);
		finish(dial, hoy_is_canceled(n) ? n : 0, err);
	}
	hoy__release(list);
	return dial->conn;
}

static hoy_conn *dial_unix(struct dial *dial, const hoy_addr *to, hoy_err *err)
{
	if (!is_mismatch(dial))
		return hoy__dial_unix(dial->dialer, dial->net, to, dial->race.deadline, err);
	fail_local(dial, HOY_EMISMATCH, err);
	return NULL;
}

static hoy_conn *dial_path(struct dial *dial, const char *address, hoy_err *err)
{
	hoy_addr to;

	return hoy__unix_addr(dial->net, address, "dial", "connect", &to, err) < 0 ? NULL : dial_unix(dial, &to, err);
}

static struct dial dial_with(const hoy_dialer *d, const struct hoy__network *net)
{
	static const hoy_dialer defaults;
	struct dial dial = { .dialer = d ? d : &defaults, .net = net, .moment = HOY__NEVER };

	dial.race.deadline = hoy__earlier(hoy__deadline_of(dial.dialer->deadline), hoy__limit(dial.dialer->timeout));
	return dial;
}

hoy_conn *hoy_dialer_dial(const hoy_dialer *d, const char *network, const char *address, hoy_err *err)
{
	struct hoy__network net;
	int code = hoy__network_parse_socket(network, DIALLED, &net, err);
	struct dial dial = dial_with(d, &net);
	hoy_conn *c;

	if (code < 0 || !*address) {
		code < 0 ? hoy__fail_told(err, "dial", network, code) : hoy__fail(err, "dial", network, NULL, HOY_EMISSING);
		return NULL;
	}
	dial.early.meanwhile.step = step_early;
	dial.early.meanwhile.wait = wait_early;
	dial.early.start = start_early;
	c = hoy__is_unix(dial.net->kind) ? dial_path(&dial, address, err) : dial_name(&dial, address, err);
	hoy__release(dial.at);
	hoy__release(dial.own);
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

/* The network of a dial to an address that is known. 0 or a code, told in err. */
static int parse_known(const char *network, unsigned kinds, const hoy_addr *laddr, const hoy_addr *raddr,
		       struct hoy__network *net, hoy_err *err)
{
	int code = hoy__network_parse_socket(network, kinds, net, err);

	if (code < 0)
		return hoy__fail_told_at(err, "dial", network, laddr, raddr, code);
	return raddr ? 0 : hoy__fail_at(err, "dial", network, laddr, NULL, NULL, HOY_EMISSING);
}

hoy_conn *hoy_dialer_dial_addr(const hoy_dialer *d, const char *network, const hoy_addr *raddr, hoy_err *err)
{
	const hoy_addr *laddr = d ? d->local_addr : NULL;
	struct hoy__network net;
	struct dial dial;
	hoy_addr to;

	if (parse_known(network, DIALLED, laddr, raddr, &net, err) < 0)
		return NULL;
	if (raddr->kind != net.kind) {
		hoy__fail_at(err, "dial", network, laddr, raddr, NULL, HOY_EUNEXPECTED);
		return NULL;
	}
	dial = dial_with(d, &net);
	to = *raddr;
	if (hoy__is_unix(dial.net->kind))
		return dial_unix(&dial, &to, err);
	dial_all(&dial, &to, 1, err);
	hoy__release(dial.at);
	return dial.conn;
}

static hoy_conn *dial_addr(const char *network, int kind, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	const hoy_dialer d = { .local_addr = laddr };
	struct hoy__network net;
	hoy_addr to;

	if (parse_known(network, 1u << kind, laddr, raddr, &net, err) < 0)
		return NULL;
	to = *raddr;
	return hoy__dial_list(&d, &net, &to, 1, HOY__NEVER, err);
}

hoy_conn *hoy_dial_tcp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_TCP, laddr, raddr, err);
}

hoy_conn *hoy_dial_udp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_UDP, laddr, raddr, err);
}

hoy_conn *hoy_dial_ip(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_IP, laddr, raddr, err);
}
