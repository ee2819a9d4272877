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
	struct hoy__endpoint none;

	if (!l)
		return NULL;
	l->fd = hoy__fd_new(sys, fd_kind, released, l);
	if (!l->fd) {
		hoy__release(l);
		return NULL;
	}
	l->network = network;
	l->keep_alive.enable = 1;
	hoy__sock_ends(sys, HOY_ADDR_TCP, &l->local, &none);
	return l;
}

/* The socket, bound and listening; what refused is named in *call. */
static int open_listener(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr, const char **call)
{
	struct hoy__family f = hoy__tcp_family(network, laddr, NULL);
	const hoy_addr any = { .kind = HOY_ADDR_TCP };
	union hoy__sockaddr sa;
	int code, sys;

	*call = "socket";
	if ((sys = hoy__sock_open(f.family, SOCK_STREAM, 0, f.v6only)) < 0)
		return sys;
	*call = "setsockopt";
	if ((code = hoy__sock_set_reuse_addr(sys)) < 0)
		goto fail;
	*call = NULL;
	if (lc->control && (code = lc->control(sys, f.family == AF_INET6 ? "tcp6" : "tcp4", laddr, lc->arg)) < 0)
		goto fail;
	*call = "bind";
	if ((code = hoy__sockaddr_of(&sa, laddr ? laddr : &any, f.family)) < 0)
		goto fail;
	if ((code = hoy__os_bind(sys, &sa.any, (socklen_t)code)) < 0)
		goto fail;
	*call = "listen";
	if ((code = hoy__os_listen(sys, lc->backlog > 0 ? lc->backlog : hoy__sock_backlog())) < 0)
		goto fail;
	return sys;
fail:
	hoy__os_close(sys);
	return code;
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
	l = hoy__listener_new(sys, HOY__FD_SOCKET, hoy__tcp_network(network));
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
	hoy_addr *list;
	int n = hoy__resolve("listen", network, address, &list, err);
	hoy_listener *l;

	if (n < 0)
		return NULL;
	l = listen_at(lc, network, &list[0], err);
	hoy__release(list);
	return l;
}

hoy_listener *hoy_listen(const char *network, const char *address, hoy_err *err)
{
	const hoy_listen_config lc = { 0 };

	return hoy_listen_config_listen(&lc, network, address, err);
}

hoy_listener *hoy_listen_tcp(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	const hoy_listen_config lc = { 0 };

	if (!hoy__tcp_network(network)) {
		hoy__fail_at(err, "listen", network, NULL, laddr, NULL, HOY_ENETWORK);
		return NULL;
	}
	return listen_at(&lc, network, laddr, err);
}

hoy_conn *hoy_listener_accept(hoy_listener *l, hoy_err *err)
{
	union hoy__sockaddr peer;
	socklen_t len = sizeof peer;
	int sys = hoy__fd_accept(l->fd, &peer.any, &len);
	hoy_conn *c;

	if (sys < 0) {
		hoy__listener_fail(l, "accept", "accept4", sys, err);
		return NULL;
	}
	c = hoy__conn_new(sys, HOY__FD_SOCKET | HOY__FD_STREAM, HOY_ADDR_TCP, l->network);
	if (!c) {
		hoy__os_close(sys);
		hoy__listener_fail(l, "accept", NULL, -ENOMEM, err);
		return NULL;
	}
	hoy__sock_ends(sys, HOY_ADDR_TCP, &c->local, &c->remote);
	hoy__endpoint_of(&c->remote, HOY_ADDR_TCP, &peer, len);
	hoy__tcp_defaults(sys, &l->keep_alive);
	return c;
}

int hoy_listener_close(hoy_listener *l, hoy_err *err)
{
	int code = hoy__fd_close(l->fd);

	if (code < 0)
		return hoy__listener_fail(l, "close", "close", code, err);
	hoy__serve_wake(l);
	return 0;
}

void hoy_listener_free(hoy_listener *l)
{
	if (!l)
		return;
	hoy_listener_close(l, NULL);
	hoy__fd_free(l->fd);
}

void hoy_listener_addr(const hoy_listener *l, hoy_addr *addr)
{
	hoy__endpoint_addr(&l->local, addr);
}

int hoy_listener_set_deadline(hoy_listener *l, hoy_time t, hoy_err *err)
{
	int code = hoy__fd_set_deadline(l->fd, HOY__IN, t.ns < 0 ? 1 : t.ns);

	return code < 0 ? hoy__listener_fail(l, "set", NULL, code, err) : 0;
}
