/*
 * Dialling: resolve to a list, then try one address after the other, each with its share
 * of the time that is left. What is reported in the end is the first address's failure.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

enum { DIALLED = 1u << HOY_ADDR_TCP | 1u << HOY_ADDR_UDP };

int hoy__partial_deadline(int64_t now, int64_t deadline, size_t left, int64_t *partial)
{
	int64_t remaining = deadline - now, share;

	*partial = deadline;
	if (deadline == 0)
		return 0;
	if (remaining <= 0)
		return HOY_ETIMEOUT;
	share = remaining / (int64_t)left;
	if (share < 2 * HOY_SECOND)
		share = 2 * HOY_SECOND;
	if (share < remaining)
		*partial = now + share;
	return 0;
}

static int connect_to(hoy_conn *c, const hoy_addr *raddr, int family, int64_t deadline)
{
	union hoy__sockaddr sa;
	int code = hoy__sockaddr_of(&sa, raddr, family);

	if (code < 0)
		return code;
	hoy__fd_set_deadline(c->fd, HOY__OUT, deadline);
	code = hoy__fd_connect(c->fd, &sa.any, (socklen_t)code);
	hoy__fd_set_deadline(c->fd, HOY__OUT, HOY__NEVER);
	if (code == 0)
		hoy__sock_ends(c->fd->source.sys, c->kind, &c->local, &c->remote);
	return code;
}

static int connect_once(const hoy_dialer *d, const char *network, const hoy_addr *raddr, int64_t deadline,
			hoy_conn **conn, const char **call)
{
	const struct hoy__opening o = {
		.family = hoy__family_of(network, d->local_addr, raddr),
		.kind = hoy__kind_of(network),
		.laddr = d->local_addr, .raddr = raddr, .control = d->control, .arg = d->arg,
	};
	int code, sys = hoy__open(&o, call);
	hoy_conn *c;

	if (sys < 0)
		return sys;
	c = o.kind == HOY_ADDR_UDP ? hoy__datagram_new(sys, HOY__FD_SOCKET, o.family.family, network)
				   : hoy__conn_new(sys, HOY__FD_SOCKET | HOY__FD_STREAM, HOY_ADDR_TCP, network);
	if (!c) {
		*call = NULL;
		hoy__os_close(sys);
		return -ENOMEM;
	}
	*call = "connect";
	code = connect_to(c, raddr, o.family.family, deadline);
	if (code < 0)
		hoy_conn_free(c);
	else
		*conn = c;
	return code;
}

static bool is_self_connected(const hoy_conn *c)
{
	return c->local.kind == HOY_ADDR_TCP && memcmp(&c->local, &c->remote, sizeof c->local) == 0;
}

/*
 * With no local port fixed, the kernel may pick the very port being dialled, and TCP's
 * simultaneous open then connects the socket to itself: nobody is at the other end. It
 * may also run out of its way and say EADDRNOTAVAIL although ports are free. Both are
 * tried again; a socket that finds only itself for the third time was refused.
 */
static int connect_one(const hoy_dialer *d, const char *network, const hoy_addr *raddr, int64_t deadline,
		       hoy_conn **conn, const char **call)
{
	bool fixed = d->local_addr && d->local_addr->port;
	int code = 0;

	for (int i = 0; i < 3; i++) {
		code = connect_once(d, network, raddr, deadline, conn, call);
		if (fixed || (code < 0 && code != -EADDRNOTAVAIL))
			return code;
		if (code == 0 && !is_self_connected(*conn))
			return 0;
		if (code == 0) {
			hoy_conn_free(*conn);
			code = -ECONNREFUSED;
		}
	}
	return code;
}

static hoy_conn *dial_one(const hoy_dialer *d, const char *network, const hoy_addr *raddr, int64_t deadline,
			  hoy_err *err)
{
	hoy_keep_alive_config keep_alive;
	const char *call = NULL;
	hoy_conn *c = NULL;
	int code = connect_one(d, network, raddr, deadline, &c, &call);

	if (code < 0) {
		hoy__fail_at(err, "dial", network, d->local_addr, raddr, call, code);
		return NULL;
	}
	if (c->kind == HOY_ADDR_TCP) {
		keep_alive = hoy__keep_alive_of(d->keep_alive, &d->keep_alive_config);
		hoy__tcp_defaults(c->fd->source.sys, &keep_alive);
	}
	return c;
}

/* In order, until one answers; a cancelled dial tries no further. */
static hoy_conn *dial_serially(const hoy_dialer *d, const char *network, const hoy_addr *list, size_t n,
			       int64_t deadline, hoy_err *err)
{
	hoy_err this = { 0 };

	for (size_t i = 0; i < n; i++) {
		int64_t partial;
		hoy_conn *c = NULL;

		if (hoy__partial_deadline(hoy_now().ns, deadline, n - i, &partial) < 0)
			hoy__fail_at(&this, "dial", network, d->local_addr, &list[i], NULL, HOY_ETIMEOUT);
		else
			c = dial_one(d, network, &list[i], partial, &this);
		if (d->attempt)
			d->attempt(&list[i], c ? 0 : this.code, c ? NULL : &this, d->arg);
		if (c)
			return c;
		if (i == 0 && err)
			*err = this;
		if (hoy_is_canceled(this.code))
			break;
	}
	return NULL;
}

/* The earlier of both, in monotonic nanoseconds; 0 is none. */
static int64_t deadline_of(const hoy_dialer *d)
{
	int64_t deadline = d->deadline.ns, by_timeout = d->timeout ? hoy_in(d->timeout).ns : 0;

	if (deadline == 0 || (by_timeout != 0 && by_timeout < deadline))
		return by_timeout;
	return deadline;
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

static hoy_conn *dial_list(const hoy_dialer *d, const char *network, hoy_addr *list, size_t n, int64_t deadline,
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
	return dial_serially(d, network, list, n, deadline, err);
}

hoy_conn *hoy_dialer_dial(const hoy_dialer *d, const char *network, const char *address, hoy_err *err)
{
	int64_t deadline = deadline_of(d);
	hoy_addr *list;
	hoy_conn *c;
	int n = hoy__resolve("dial", network, address, &list, err);

	if (n < 0)
		return NULL;
	c = dial_list(d, hoy__network(network, DIALLED), list, (size_t)n, deadline, err);
	hoy__release(list);
	return c;
}

hoy_conn *hoy_dial(const char *network, const char *address, hoy_err *err)
{
	const hoy_dialer d = { 0 };

	return hoy_dialer_dial(&d, network, address, err);
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

	if (code < 0) {
		hoy__fail_at(err, "dial", network, laddr, raddr, NULL, code);
		return NULL;
	}
	return dial_one(&d, known, raddr, HOY__NEVER, err);
}

hoy_conn *hoy_dial_tcp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_TCP, laddr, raddr, err);
}

hoy_conn *hoy_dial_udp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	return dial_addr(network, HOY_ADDR_UDP, laddr, raddr, err);
}
