/*
 * Listening and accepting. A listener is a hoy__fd like a connection's, so close wakes
 * whoever accepts; an accepted connection starts out with Go's defaults.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"
#include "task/leaks.h"

static void released(void *owner)
{
	hoy_listener *l = owner;

	hoy__leak_end(l);
	if (l->ops && l->ops->free)
		l->ops->free(l->self);
	hoy__release(l->gate);
	hoy__release(l);
}

static hoy_listener *new(int sys, unsigned fd_kind, const char *network)
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
	hoy__leak_begin(l, &hoy__leak_listener);
	return l;
}

hoy_listener *hoy_listener_new(const hoy_listener_ops *ops, void *self, hoy_err *err)
{
	hoy_listener *l = new(-1, HOY__FD_NONE, ops->network);

	if (!l) {
		hoy__fail(err, "open", ops->network, NULL, -ENOMEM);
		return NULL;
	}
	l->ops = ops;
	l->self = self;
	return l;
}

hoy_listener *hoy__listener_new(int sys, unsigned fd_kind, int kind, const char *network)
{
	hoy_listener *l = new(sys, fd_kind | HOY__FD_SOCKET, network);

	if (!l)
		return NULL;
	l->kind = (uint8_t)kind;
	l->keep_alive.enable = 1;
	hoy__sock_local(sys, kind, &l->addr);
	return l;
}

/*
 * Linux copies the options of a listening socket to each connection, so the defaults are set once, before the first
 * connection arrives. Returns 0 or a code.
 */
static int begin_listening(hoy_listener *l, const hoy_listen_config *lc)
{
	int sys = hoy__fd_sys(l->fd);

	l->keep_alive = hoy__keep_alive_of(lc->keep_alive, &lc->keep_alive_config);
	if (l->kind == HOY_ADDR_TCP)
		l->has_defaults = hoy__tcp_defaults(sys, &l->keep_alive) == 0;
	return hoy__os_listen(sys, lc->backlog > 0 ? lc->backlog : hoy__sock_backlog());
}

enum { STREAMS = 1u << HOY_ADDR_TCP | 1u << HOY_ADDR_UNIX | 1u << HOY_ADDR_UNIXPACKET };

static const hoy_listen_config defaults;

hoy_listener *hoy__listen_once(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
			       hoy_err *err)
{
	const struct hoy__opening o = hoy__opening_of(lc, net, laddr);
	const char *call;
	hoy_listener *l = NULL;
	int sys = hoy__open(&o, &call), code = sys;

	if (sys < 0)
		goto fail;
	l = hoy__listener_new(sys, 0, net->kind, net->name);
	if (!l) {
		hoy__open_undo(&o, sys);
		call = NULL;
		code = -ENOMEM;
		goto fail;
	}
	if (lc->control)
		hoy__fd_expect_slow_close(l->fd);
	hoy__unix_own_file(l, true);
	call = NULL;
	if ((code = hoy__proxy_gate_new(lc->proxy, net->kind, &l->gate)) < 0)
		goto fail;
	call = "listen";
	if ((code = begin_listening(l, lc)) < 0)
		goto fail;
	return l;
fail:
	hoy_listener_free(l);
	hoy__fail_at(err, "listen", net->name, NULL, laddr, call, code);
	return NULL;
}

static hoy_listener *listen_shards(const hoy_listen_config *lc, int n, const struct hoy__network *net, const hoy_addr *laddr,
				   hoy_err *err)
{
	hoy_listen_config shared = *lc;
	hoy_listener *l;

	shared.reuse_port = 1;
	l = hoy__listen_once(&shared, net, laddr, err);
	if (l && hoy__shards_add(l, n, &shared, net, laddr, err) == 0)
		return l;
	hoy_listener_free(l);
	return NULL;
}

hoy_listener *hoy__listen_at(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
			     hoy_err *err)
{
	int n = hoy__shards_wanted(lc);

	if (n == 1)
		return hoy__listen_once(lc, net, laddr, err);
	if (n > 1)
		return listen_shards(lc, n, net, laddr, err);
	hoy__fail_at(err, "listen", net->name, NULL, laddr, NULL, n);
	return NULL;
}

hoy_listener *hoy_listen_config_listen(const hoy_listen_config *lc, const char *network, const char *address,
				       hoy_err *err)
{
	struct hoy__network net;
	hoy_addr at;
	int code = hoy__resolve_local(network, STREAMS, address, &net, &at, err);

	return code == 0 ? hoy__listen_at(lc ? lc : &defaults, &net, &at, err) : NULL;
}

hoy_listener *hoy_listen(const char *network, const char *address, hoy_err *err)
{
	return hoy_listen_config_listen(NULL, network, address, err);
}

static hoy_listener *listen_addr(const hoy_listen_config *lc, const char *network, unsigned kinds, const hoy_addr *laddr,
				 hoy_err *err)
{
	const struct hoy__network *net = hoy__network_find(network, kinds);
	int code = !net ? HOY_ENETWORK : !laddr && hoy__is_unix(net->kind) ? HOY_EMISSING : 0;

	if (code == 0)
		return hoy__listen_at(lc ? lc : &defaults, net, laddr, err);
	hoy__fail_at(err, "listen", network, NULL, laddr, NULL, code);
	return NULL;
}

hoy_listener *hoy_listen_config_listen_addr(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr,
					    hoy_err *err)
{
	return listen_addr(lc, network, STREAMS, laddr, err);
}

hoy_listener *hoy_listen_tcp(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	return listen_addr(NULL, network, 1u << HOY_ADDR_TCP, laddr, err);
}

/*
 * A connection may have been queued before its listener was adopted, and a duplicate of the listener may have been
 * given other options: then each connection is set by itself.
 */
static bool passes_defaults_on(hoy_listener *l)
{
	return l->has_defaults && !(atomic_load(&l->fd->state) & HOY__FD_EXPORTED);
}

/* Takes the descriptor; NULL for want of memory. */
static hoy_conn *accepted(hoy_listener *l, int sys, const union hoy__sockaddr *peer, socklen_t len)
{
	hoy_conn *c = hoy__socket_new(sys, 0, l->kind, 0, l->network);

	if (!c) {
		hoy__os_close(sys);
		return NULL;
	}
	hoy__conn_accepted(c, l, peer, len);
	hoy__fd_expect_event(c->fd, HOY__IN);	/* the first bytes seldom come as early as the connection */
	if (hoy__fd_expects_slow_close(l->fd))	/* the connection inherits SO_LINGER */
		hoy__fd_expect_slow_close(c->fd);
	if (l->kind == HOY_ADDR_TCP && !passes_defaults_on(l))
		hoy__tcp_defaults(sys, &l->keep_alive);
	if (l->gate)
		hoy__proxy_gate_enter(l->gate, c);
	return c;
}

/* The next connection, in *conn. */
static int take_next(hoy_listener *l, int (*accept)(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len), hoy_conn **conn,
		     const char **call)
{
	union hoy__sockaddr peer;
	socklen_t len = sizeof peer;
	int sys = accept(l->fd, &peer.any, &len);

	*call = "accept4";
	if (sys < 0)
		return sys;
	*conn = accepted(l, sys, &peer, len);
	if (*conn)
		return 0;
	*call = NULL;
	return -ENOMEM;
}

int hoy__listener_accept_now(hoy_listener *l, hoy_conn **conn)
{
	const char *call;

	return take_next(l, hoy__fd_accept_now, conn, &call);
}

static int accept_own(hoy_listener *l, hoy_conn **conn)
{
	int code = l->ops->accept ? l->ops->accept(l->self, conn) : HOY_EWRONGKIND;

	if (code == 0)
		hoy__note_accept();
	return code;
}

void hoy__listener_stop_queue(hoy_listener *l)
{
	if (l->kind == HOY_ADDR_TCP)
		hoy__sock_drop_syns(hoy__fd_sys(l->fd));
}

hoy_conn *hoy__listener_accept_rest(hoy_listener *l)
{
	union hoy__sockaddr peer;
	socklen_t len = sizeof peer;
	int sys = hoy__os_accept(hoy__fd_sys(l->fd), &peer.any, &len);

	return sys < 0 ? NULL : accepted(l, sys, &peer, len);
}

hoy_conn *hoy__listener_accept(hoy_listener *l, hoy_err *err)
{
	const char *call = "accept4";
	hoy_conn *c = NULL;
	int begun = hoy__fd_begin(l->fd, HOY__IN), code = hoy__fd_begun(begun);

	if (code == 0)
		code = l->ops ? accept_own(l, &c) : take_next(l, hoy__fd_accept, &c, &call);
	hoy__listener_end(l, HOY__IN, begun, "accept", call, code, err);
	return c;
}

hoy_conn *hoy_listener_accept(hoy_listener *l, hoy_err *err)
{
	if (!l->is_shard)
		return hoy__listener_accept(l, err);
	hoy__listener_fail(l, "accept", NULL, HOY_EWRONGKIND, err);
	return NULL;
}

/* The caller is inside, so that the file is removed before the descriptor is closed. */
static int shut(hoy_listener *l)
{
	int code = hoy__fd_close(l->fd);

	if (code < 0)
		return code;
	if (l->ops && l->ops->close)
		code = l->ops->close(l->self);
	hoy__unix_unlink(l);
	hoy__serve_wake(l);
	return code;
}

static int shut_all(hoy_listener *l)
{
	for (hoy_listener *s = l->shard; s; s = s->shard)
		shut(s);
	return shut(l);
}

int hoy_listener_close(hoy_listener *l, hoy_err *err)
{
	int begun = hoy__fd_begin(l->fd, HOY__NEITHER), code = begun < 0 ? begun : shut_all(l);

	return hoy__listener_end(l, HOY__NEITHER, begun, "close", "close", code, err);
}

static void free_one(hoy_listener *l)
{
	if (hoy__fd_hold(l->fd) == 0) {
		shut(l);
		hoy__fd_drop(l->fd);
	}
	hoy__fd_free(l->fd);
}

void hoy_listener_free(hoy_listener *l)
{
	for (hoy_listener *next; l; l = next) {
		next = l->shard;
		free_one(l);
	}
}

void hoy_listener_addr(const hoy_listener *l, hoy_addr *addr)
{
	*addr = l->addr;
	if (l->ops && l->ops->addr)
		l->ops->addr(l->self, addr);
}

static int set_deadline(hoy_listener *l, hoy_time t)
{
	int code;

	if (l->ops && !l->ops->set_deadline)
		return HOY_EWRONGKIND;
	code = hoy__fd_set_deadline(l->fd, HOY__IN, hoy__deadline_of(t));
	return code == 0 && l->ops ? l->ops->set_deadline(l->self, t) : code;
}

int hoy_listener_set_deadline(hoy_listener *l, hoy_time t, hoy_err *err)
{
	int begun = hoy__fd_begin(l->fd, HOY__NEITHER), code = begun;

	for (hoy_listener *s = l; s && code == 0; s = s->shard)
		code = set_deadline(s, t);
	return hoy__listener_end(l, HOY__NEITHER, begun, "set", NULL, code, err);
}
