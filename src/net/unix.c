/*
 * Unix sockets: their addresses are paths, so nothing is looked up, and a dial is one connect. A listener's file is not
 * removed by the system, but here.
 */
#include <errno.h>
#include <string.h>

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

/* In *c also when it fails, unless it is NULL; *call names what failed. */
static int open_and_connect(const struct hoy__opening *o, int64_t deadline, hoy_conn **c, const char **call)
{
	int sys = hoy__open(o, call), code;

	if (sys < 0)
		return sys;
	*c = hoy__socket_new(sys, 0, o->net->kind, 0, o->net->name);
	if (!*c) {
		hoy__os_close(sys);
		*call = NULL;
		return -ENOMEM;
	}
	if (o->control)
		hoy__fd_expect_slow_close((*c)->fd);
	*call = "connect";
	if (o->raddr && (code = connect_to(*c, o->raddr, deadline)) < 0)
		return code;
	hoy__conn_find_ends(*c);
	return 0;
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
	const struct hoy__opening o = {
		.net = net, .laddr = named(d->local_addr), .raddr = raddr, .control = d->control, .arg = d->arg,
	};
	const char *call;
	hoy_conn *c = NULL;
	int code = open_and_connect(&o, deadline, &c, &call);

	if (code < 0) {
		hoy_conn_free(c);
		c = NULL;
	}
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

/* ---- the listener's file ---- */

static bool has_file(const hoy_listener *l)
{
	return hoy__is_unix(l->addr.kind) && !hoy__path_is_abstract(l->addr.path, hoy__path_len(&l->addr));
}

/* Without knowing which file it is, it is the one of that name, as for Go. */
void hoy__unix_own_file(hoy_listener *l, bool own)
{
	struct hoy__file_info file = { 0 };

	own = own && has_file(l);
	if (own)
		hoy__os_lstat(l->addr.path, &file);
	hoy_mutex_lock(&l->guard);
	l->unlink_on_close = own;
	l->file = file;
	hoy_mutex_unlock(&l->guard);
}

static bool has_kept_file(const hoy_listener *l)
{
	struct hoy__file_info now;

	return !l->file.inode || (hoy__os_lstat(l->addr.path, &now) == 0 && now.inode == l->file.inode &&
				  now.device == l->file.device);
}

void hoy__unix_unlink(hoy_listener *l)
{
	hoy_mutex_lock(&l->guard);
	if (l->unlink_on_close && has_kept_file(l))
		hoy__os_unlink(l->addr.path);
	hoy_mutex_unlock(&l->guard);
}

int hoy_listener_set_unlink_on_close(hoy_listener *l, int on, hoy_err *err)
{
	int begun = hoy__fd_begin(l->fd, HOY__NEITHER), code = begun;

	if (code == 0 && !hoy__is_unix(l->kind))
		code = HOY_EWRONGKIND;
	else if (code == 0)
		hoy__unix_own_file(l, on);
	return hoy__listener_end(l, HOY__NEITHER, begun, "set", NULL, code, err);
}
