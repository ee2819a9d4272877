/*
 * Listening and accepting. A listener is a hoy__fd like a connection's, so close wakes
 * whoever accepts; an accepted connection starts out with Go's defaults.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

static void released(void *owner)
{
	hoy__release(owner);
}

hoy_listener *hoy__listener_new(int sys, unsigned fd_kind, const char *network)
{
	hoy_listener *l = hoy__alloc(sizeof *l);

	if (!l)
		return NULL;
	l->fd = hoy__fd_new(sys, fd_kind, released, l);
	if (!l->fd) {
		hoy__release(l);
		return NULL;
	}
	l->network = network;
	l->keep_alive.enable = 1;
	hoy__sock_ends(sys, HOY_ADDR_TCP, &l->local, NULL);
	return l;
}

/* The socket, bound and listening; what refused is named in *call. */
static int open_listener(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr, const char **call)
{
	const struct hoy__opening o = {
		.family = hoy__family_of(network, laddr, NULL),
		.kind = HOY_ADDR_TCP, .listens = true,
		.laddr = laddr, .control = lc->control, .arg = lc->arg,
	};
	int code, sys = hoy__open(&o, call);

	if (sys < 0)
		return sys;
	*call = "listen";
	code = hoy__os_listen(sys, lc->backlog > 0 ? lc->backlog : hoy__sock_backlog());
	if (code < 0)
		hoy__os_close(sys);
	return code < 0 ? code : sys;
}

static hoy_listener *listen_at(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr, hoy_err *err)
{
	const char *call;
	hoy_listener *l;
	int sys = open_listener(lc, network, laddr, &call);

	if (sys < 0) {
		hoy__fail_at(err, "listen", network, NULL, laddr, call, sys);
		return NULL;
	}
	l = hoy__listener_new(sys, HOY__FD_SOCKET, hoy__network(network, 1u << HOY_ADDR_TCP));
	if (!l) {
		hoy__os_close(sys);
		hoy__fail_at(err, "listen", network, NULL, laddr, NULL, -ENOMEM);
		return NULL;
	}
	l->keep_alive = hoy__keep_alive_of(lc->keep_alive, &lc->keep_alive_config);
	return l;
}

hoy_listener *hoy_listen_config_listen(const hoy_listen_config *lc, const char *network, const char *address,
				       hoy_err *err)
{
	hoy_addr at;

	if (hoy__resolve_local(network, HOY_ADDR_TCP, address, &at, err) < 0)
		return NULL;
	return listen_at(lc, network, &at, err);
}

hoy_listener *hoy_listen(const char *network, const char *address, hoy_err *err)
{
	const hoy_listen_config lc = { 0 };

	return hoy_listen_config_listen(&lc, network, address, err);
}

hoy_listener *hoy_listen_tcp(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	const hoy_listen_config lc = { 0 };

	if (!hoy__network(network, 1u << HOY_ADDR_TCP)) {
		hoy__fail_at(err, "listen", network, NULL, laddr, NULL, HOY_ENETWORK);
		return NULL;
	}
	return listen_at(&lc, network, laddr, err);
}

/* The next connection, in *conn. */
static int take_next(hoy_listener *l, hoy_conn **conn, const char **call)
{
	union hoy__sockaddr peer;
	socklen_t len = sizeof peer;
	int sys = hoy__fd_accept(l->fd, &peer.any, &len);
	hoy_conn *c;

	*call = "accept4";
	if (sys < 0)
		return sys;
	c = hoy__conn_new(sys, HOY__FD_SOCKET | HOY__FD_STREAM, HOY_ADDR_TCP, l->network);
	if (!c) {
		*call = NULL;
		hoy__os_close(sys);
		return -ENOMEM;
	}
	hoy__sock_ends(sys, HOY_ADDR_TCP, &c->local, NULL);
	hoy__endpoint_of(&c->remote, HOY_ADDR_TCP, &peer, len);
	hoy__tcp_defaults(sys, &l->keep_alive);
	*conn = c;
	return 0;
}

hoy_conn *hoy_listener_accept(hoy_listener *l, hoy_err *err)
{
	const char *call = NULL;
	hoy_conn *c = NULL;
	int held = hoy__fd_hold(l->fd), code = held < 0 ? held : take_next(l, &c, &call);

	hoy__listener_done(l, held, "accept", call, code, err);
	return c;
}

static int shut(hoy_listener *l)
{
	int code = hoy__fd_close(l->fd);

	if (code == 0)
		hoy__serve_wake(l);
	return code;
}

int hoy_listener_close(hoy_listener *l, hoy_err *err)
{
	int held = hoy__fd_hold(l->fd);

	return hoy__listener_done(l, held, "close", "close", held < 0 ? held : shut(l), err);
}

void hoy_listener_free(hoy_listener *l)
{
	if (!l)
		return;
	shut(l);
	hoy__fd_free(l->fd);
}

void hoy_listener_addr(const hoy_listener *l, hoy_addr *addr)
{
	hoy__endpoint_addr(&l->local, addr);
}

int hoy_listener_set_deadline(hoy_listener *l, hoy_time t, hoy_err *err)
{
	int held = hoy__fd_hold(l->fd);
	int code = held < 0 ? held : hoy__fd_set_deadline(l->fd, HOY__IN, t.ns < 0 ? 1 : t.ns);

	return hoy__listener_done(l, held, "set", NULL, code, err);
}
