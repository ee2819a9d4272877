/*
 * Opening a socket for its ends: which family can hold them, what every socket of its
 * kind is set to, then the user's control, then bind.
 */
#include <errno.h>

#include "net/net.h"

static bool is_unspecified(const hoy_addr *addr)
{
	return !addr || addr->ip.len == 0 || hoy_ip_is_unspecified(addr->ip);
}

static bool needs_ipv6(const hoy_addr *addr)
{
	return addr && addr->ip.len == 16 && hoy_ip_to4(addr->ip).len == 0;
}

/*
 * "tcp" or "udp" and no particular local address means all of them: one IPv6 socket that takes
 * IPv4 too, where the system can. Dialling, a socket is IPv6 if either end is.
 */
struct hoy__family hoy__family_of(const struct hoy__network *net, const hoy_addr *laddr, const hoy_addr *raddr)
{
	if (net->family || hoy__is_unix(net->kind))
		return (struct hoy__family){ net->family, net->family == 6 };
	if (!raddr && is_unspecified(laddr) && (hoy__sock_has_dual_stack() || !hoy__sock_has_ipv4()))
		return (struct hoy__family){ 6, false };
	return (struct hoy__family){ needs_ipv6(laddr) || needs_ipv6(raddr) ? 6 : 4, false };
}

/*
 * A listener's port is free again as soon as it closed, although old connections linger.
 * Two UDP sockets share a port only for multicast, which is sent to all of them. Sending
 * to a broadcast address is no accident, as the socket's user wrote that address.
 */
static int set_options(int sys, const struct hoy__opening *o, bool multicast)
{
	bool may_broadcast = o->net->kind == HOY_ADDR_UDP || o->net->kind == HOY_ADDR_IP;
	int code = may_broadcast ? hoy__sock_set_broadcast(sys) : 0;

	if (code == 0 && o->listens && (o->net->kind == HOY_ADDR_TCP || multicast))
		code = hoy__sock_set_reuse_addr(sys);
	return code;
}

static int type_of(int kind)
{
	switch (kind) {
	case HOY_ADDR_UDP: case HOY_ADDR_UNIXGRAM: return SOCK_DGRAM;
	case HOY_ADDR_UNIXPACKET: return SOCK_SEQPACKET;
	case HOY_ADDR_IP: return SOCK_RAW;
	default: return SOCK_STREAM;
	}
}

/* What the user asks for; the first option that the system refuses ends it. */
static int set_wishes(int sys, const struct hoy__opening *o)
{
	int code = o->device ? hoy__sock_set_device(sys, o->device) : 0;

	if (code == 0 && o->mark)
		code = hoy__sock_set_mark(sys, o->mark);
	if (code == 0 && o->reuse_port)
		code = hoy__sock_set_reuse_port(sys);
	if (code == 0 && o->v6only)
		code = hoy__sock_set_v6only(sys, true);
	if (code == 0 && o->fast_open)
		code = o->listens ? hoy__sock_set_fast_open(sys, o->fast_open) : hoy__sock_set_fast_open_connect(sys);
	return code;
}

/* MPTCP is a wish: without it in the kernel, or where it is switched off, the socket is TCP's. */
static int open_socket(const struct hoy__opening *o)
{
	int type = type_of(o->net->kind), sys = -EPROTONOSUPPORT;

	if (o->multipath && o->net->kind == HOY_ADDR_TCP)
		sys = hoy__sock_open(o->family.family, type, HOY__MPTCP, o->family.v6only);
	return sys >= 0 ? sys : hoy__sock_open(o->family.family, type, o->net->protocol, o->family.v6only);
}

struct hoy__opening hoy__opening_of(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr)
{
	bool must_be_6 = lc->v6only && !net->family && !hoy__is_unix(net->kind);
	const struct hoy__network *as = must_be_6 ? hoy__network_of(net->kind, 6) : net;

	return (struct hoy__opening){
		.family = hoy__family_of(as, laddr, NULL), .net = net, .listens = true, .laddr = laddr,
		.control = lc->control, .arg = lc->arg, .device = lc->device, .mark = lc->mark,
		.fast_open = lc->fast_open, .reuse_port = lc->reuse_port, .v6only = lc->v6only, .multipath = lc->multipath,
		.unix_replace = lc->unix_replace, .unix_mode = lc->unix_mode,
	};
}

struct hoy__opening hoy__opening_to(const hoy_dialer *d, const struct hoy__network *net, const hoy_addr *raddr)
{
	return (struct hoy__opening){
		.family = hoy__family_of(net, d->local_addr, raddr), .net = net, .laddr = d->local_addr, .raddr = raddr,
		.control = d->control, .arg = d->arg, .device = d->device, .mark = d->mark,
		.fast_open = d->fast_open, .reuse_port = d->reuse_port, .multipath = d->multipath,
	};
}

int hoy__open(const struct hoy__opening *o, const char **call)
{
	const hoy_addr *at = o->listens ? o->laddr : o->raddr;
	hoy_addr laddr = o->laddr ? *o->laddr : (hoy_addr){ 0 };
	bool multicast = o->listens && o->net->kind == HOY_ADDR_UDP && hoy_ip_is_multicast(laddr.ip);
	int code, sys;

	*call = "socket";
	sys = open_socket(o);
	if (sys < 0)
		return sys;
	*call = "setsockopt";
	if ((code = set_options(sys, o, multicast)) < 0 || (code = set_wishes(sys, o)) < 0)
		goto fail;
	*call = NULL;
	if (o->control && (code = o->control(sys, hoy__network_of(o->net->kind, o->family.family)->name, at, o->arg)) < 0)
		goto fail;
	*call = "bind";
	if (multicast)
		laddr.ip = (hoy_ip){ 0 };
	if (o->laddr && hoy__is_unix(o->net->kind))
		code = hoy__unix_bind(sys, o, call);
	else if (o->laddr || o->listens)
		code = hoy__sock_bind(sys, &laddr, o->family.family);
	if (code == 0)
		return sys;
fail:
	hoy__os_close(sys);
	return code;
}

void hoy__open_undo(const struct hoy__opening *o, int sys)
{
	if (o->laddr && hoy__unix_has_file(o->laddr))
		hoy__os_unlink(o->laddr->path);
	hoy__os_close(sys);
}
