/*
 * One attempt at one address. The kernel connects by itself; what is left is to open, to
 * ask how it went, and to tell a connection from two of TCP's oddities.
 */
#include <errno.h>
#include <string.h>

#include "base/probe.h"
#include "net/connecting.h"

static int open_and_connect(struct hoy__connecting *at)
{
	const hoy_dialer *d = at->dialer;
	const struct hoy__opening o = hoy__opening_to(d, at->net, at->raddr);
	union hoy__sockaddr sa;
	int len, sys = hoy__open(&o, &at->call);

	if (sys < 0)
		return sys;
	at->conn = hoy__socket_new(sys, 0, o.net->kind, o.family.family, hoy__network_name(o.net));
	if (!at->conn) {
		at->call = NULL;
		hoy__os_close(sys);
		return -ENOMEM;
	}
	if (d->control)
		hoy__fd_expect_slow_close(at->conn->fd);
	at->call = "connect";
	len = hoy__sockaddr_of(&sa, at->raddr, o.family.family);
	return len < 0 ? len : hoy__fd_connect_start(at->conn->fd, &sa.any, (socklen_t)len);
}

static void drop(struct hoy__connecting *at)
{
	hoy_conn_free(at->conn);
	at->conn = NULL;
}

/* With Fast Open the system does not name the peer before the first write, and that of a raw socket never. */
static void note_ends(struct hoy__connecting *at)
{
	hoy_conn *c = at->conn;
	union hoy__sockaddr sa;
	int len;

	hoy__conn_find_ends(c);
	if (c->remote.kind != HOY_ADDR_NONE || (!at->dialer->fast_open && c->kind != HOY_ADDR_IP))
		return;
	len = hoy__sockaddr_of(&sa, at->raddr, hoy__family_of(at->net, at->dialer->local_addr, at->raddr).family);
	if (len > 0)
		hoy__endpoint_of(&c->remote, c->kind, &sa, (socklen_t)len);
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
static void settle(struct hoy__connecting *at, int code)
{
	bool fixed = at->dialer->local_addr && at->dialer->local_addr->port;

	for (;; code = open_and_connect(at)) {
		bool again = code == -EADDRNOTAVAIL;

		at->code = code;
		if (code > 0)
			return;
		if (code == 0) {
			note_ends(at);
			if (fixed || !is_self_connected(at->conn))
				return;
			at->code = -ECONNREFUSED;
			again = true;
		}
		drop(at);
		if (!again || fixed || ++at->times == 3)
			return;
	}
}

static void trace_end(const struct hoy__connecting *at)
{
	if (at->code <= 0)
		HOY__PROBE(dial, at->net->name, at->raddr, at->code);
}

void hoy__connecting_begin(struct hoy__connecting *at)
{
	settle(at, open_and_connect(at));
	trace_end(at);
}

void hoy__connecting_look(struct hoy__connecting *at, int64_t now)
{
	int code = hoy__fd_connect_look(at->conn->fd);

	if (code > 0 && at->deadline <= now)
		hoy__connecting_give_up(at, HOY_ETIMEOUT);
	else if (code <= 0) {
		settle(at, code);
		trace_end(at);
	}
}

void hoy__connecting_give_up(struct hoy__connecting *at, int code)
{
	drop(at);
	at->code = code;
	trace_end(at);
}

int hoy__connecting_fail(const struct hoy__connecting *at, hoy_err *err)
{
	return hoy__fail_open(err, "dial", at->net, at->dialer->local_addr, at->raddr, at->call, at->code);
}
