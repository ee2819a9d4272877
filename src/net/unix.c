/* Unix sockets: their addresses are paths, so nothing is looked up, and a dial is one connect. */
#include <errno.h>
#include <string.h>

#include "base/probe.h"
#include "net/net.h"

int hoy__unix_addr(const struct hoy__network *net, const char *text, const char *op, const char *call, hoy_addr *addr,
		   hoy_err *err)
{
	size_t len = strlen(text);

	if (!hoy__path_fits(text, len)) {
		hoy__fail(err, op, net->name, call, -EINVAL);
		if (err)
			strncpy(err->subject, text, sizeof err->subject - 1);
		return -EINVAL;
	}
	*addr = (hoy_addr){ .kind = net->kind };
	memcpy(addr->path, text, len);
	return 0;
}

/* ---- dialling ---- */

static int connect_to(hoy_conn *c, const hoy_addr *raddr, int64_t deadline)
{
	union hoy__sockaddr sa;
	int len = hoy__sockaddr_of(&sa, raddr, 0), code;

	if (len < 0)
		return len;
	if (deadline != HOY__NEVER)
		hoy__fd_set_deadline(c->fd, HOY__OUT, deadline);
	code = hoy__fd_connect(c->fd, &sa.any, (socklen_t)len);
	if (deadline != HOY__NEVER)
		hoy__fd_set_deadline(c->fd, HOY__OUT, HOY__NEVER);
	return code;
}

/* 0, or a code, and *call names what failed. The file of a local address stays only with the connection. */
static int open_and_connect(const struct hoy__opening *o, int64_t deadline, hoy_conn **conn, const char **call)
{
	int sys = hoy__open(o, call), code = 0;
	hoy_conn *c;

	if (sys < 0)
		return sys;
	c = hoy__socket_new(sys, 0, o->net->kind, 0, o->net->name);
	if (!c) {
		hoy__open_undo(o, sys);
		*call = NULL;
		return -ENOMEM;
	}
	if (o->control)
		hoy__fd_expect_slow_close(c->fd);
	*call = "connect";
	if (o->raddr)
		code = connect_to(c, o->raddr, deadline);
	if (code == 0) {
		hoy__conn_find_ends(c);
		*conn = c;
		return 0;
	}
	if (o->laddr && hoy__unix_has_file(o->laddr))
		hoy__os_unlink(o->laddr->path);
	hoy_conn_free(c);
	return code;
}

/* As Go takes it: an address without a path is none. */
static const hoy_addr *named(const hoy_addr *addr)
{
	return addr && hoy__path_len(addr) ? addr : NULL;
}

/* noinline: the record is large, and the caller's frame lies under a waiting task. */
__attribute__((noinline))
static void tell(const hoy_dialer *d, const struct hoy__opening *o, const char *call, int code, hoy_err *err)
{
	hoy_err failure;

	if (code < 0)
		hoy__fail_at(&failure, "dial", o->net->name, o->laddr, o->raddr, call, code);
	if (code < 0 && err)
		*err = failure;
	if (d->attempt && o->raddr)
		d->attempt(o->raddr, code, code < 0 ? &failure : NULL, d->arg);
}

hoy_conn *hoy__dial_unix(const hoy_dialer *d, const struct hoy__network *net, const hoy_addr *raddr, int64_t deadline,
			 hoy_err *err)
{
	struct hoy__opening o = hoy__opening_to(d, net, raddr);
	const char *call;
	hoy_conn *c = NULL;
	int code;

	o.laddr = named(o.laddr);
	code = open_and_connect(&o, deadline, &c, &call);
	HOY__PROBE(dial, net->name, raddr, code);
	tell(d, &o, call, code, err);
	return c;
}

hoy_conn *hoy_dial_unix(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err)
{
	const hoy_dialer d = { .local_addr = laddr };
	const struct hoy__network *net = hoy__network_find(network, HOY__UNIX_NETWORKS);
	bool may_lack_peer = net && net->kind == HOY_ADDR_UNIXGRAM && named(laddr);
	int code = !net ? HOY_ENETWORK : !named(raddr) && !may_lack_peer ? HOY_EMISSING : 0;

	if (code == 0)
		return hoy__dial_unix(&d, net, named(raddr), HOY__NEVER, err);
	hoy__fail_at(err, "dial", network, laddr, raddr, NULL, code);
	return NULL;
}

/* ---- listening ---- */

static const struct hoy__network *network_at(const char *network, unsigned kinds, const hoy_addr *laddr, hoy_err *err)
{
	const struct hoy__network *net = hoy__network_find(network, kinds);

	if (net && laddr)
		return net;
	hoy__fail_at(err, "listen", network, NULL, laddr, NULL, net ? HOY_EMISSING : HOY_ENETWORK);
	return NULL;
}

static const hoy_listen_config defaults;

hoy_listener *hoy_listen_unix(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	const unsigned kinds = 1u << HOY_ADDR_UNIX | 1u << HOY_ADDR_UNIXPACKET;
	const struct hoy__network *net = network_at(network, kinds, laddr, err);

	return net ? hoy__listen_at(&defaults, net, laddr, err) : NULL;
}

hoy_conn *hoy_listen_unixgram(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	const struct hoy__network *net = network_at(network, 1u << HOY_ADDR_UNIXGRAM, laddr, err);

	return net ? hoy__listen_packet_at(&defaults, net, laddr, err) : NULL;
}
