/*
 * Datagrams: each call moves one whole message together with its peer's address. They go
 * through the descriptor's locks and deadlines as reads and writes do, one at a time in
 * each direction, so a close wakes everybody who waits here.
 */
#include <errno.h>

#include <hoy/raw.h>

#include "net/net.h"

COLD static ssize_t receive_raw(hoy_conn *c, void *buf, size_t len, union hoy__sockaddr *sa, socklen_t *sa_len)
{
	return hoy__raw_receive(c, buf, len, sa, sa_len);
}

static ssize_t receive(hoy_conn *c, void *buf, size_t len, hoy_addr *from)
{
	union hoy__sockaddr sa;
	socklen_t sa_len = from ? sizeof sa : 0;
	ssize_t n;

	if (c->kind == HOY_ADDR_IP && c->family == 4)
		n = receive_raw(c, buf, len, &sa, &sa_len);
	else
		n = hoy__fd_recvfrom(c->fd, buf, len, from ? &sa.any : NULL, &sa_len);
	if (n >= 0 && from)
		hoy__sockaddr_addr(from, c->kind, &sa, sa_len);
	return n;
}

COLD static ssize_t receive_own(hoy_conn *c, void *buf, size_t len, hoy_addr *from)
{
	hoy_addr ignored;

	return c->ops->read_from ? c->ops->read_from(c->self, buf, len, from ? from : &ignored) : HOY_EWRONGKIND;
}

static bool is_unix_to_unix(const hoy_conn *c, const hoy_addr *to)
{
	return hoy__is_unix(c->kind) && hoy__is_unix(to->kind);
}

int hoy__conn_sockaddr(const hoy_conn *c, const hoy_addr *to, union hoy__sockaddr *sa)
{
	int code;

	if (to && to->kind != c->kind && !is_unix_to_unix(c, to))
		return -EINVAL;
	if (c->remote.kind != HOY_ADDR_NONE)
		return HOY_ECONNECTED;
	if (!to)
		return HOY_EMISSING;
	if (to->kind != c->kind)
		return -EAFNOSUPPORT;
	code = hoy__sockaddr_of(sa, to, c->family);
	return code == HOY_EADDR ? HOY_ENOTIPV4 : code;
}

static ssize_t send_to(hoy_conn *c, const void *buf, size_t len, const hoy_addr *to)
{
	union hoy__sockaddr sa;
	int code = hoy__conn_sockaddr(c, to, &sa);

	return code < 0 ? code : hoy__fd_sendto(c->fd, buf, len, &sa.any, (socklen_t)code);
}

COLD static ssize_t send_own(hoy_conn *c, const void *buf, size_t len, const hoy_addr *to)
{
	return c->ops->write_to ? c->ops->write_to(c->self, buf, len, to) : HOY_EWRONGKIND;
}

static bool has_datagrams(const hoy_conn *c)
{
	return c->ops || hoy__fd_is(c->fd, HOY__FD_DATAGRAM);
}

HOT ssize_t hoy_conn_read_from(hoy_conn *c, void *buf, size_t len, hoy_addr *from, hoy_err *err)
{
	enum hoy__direction d = has_datagrams(c) ? HOY__IN : HOY__NEITHER;
	int begun = hoy__conn_begin(c, d);
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0 && d == HOY__NEITHER)
		n = HOY_EWRONGKIND;
	else if (n == 0)
		n = c->ops ? receive_own(c, buf, len, from) : receive(c, buf, len, from);
	return hoy__conn_end(c, d, begun, "read", "recvfrom", n, err);
}

/* The sentence names who it was for; an address that no such socket can reach, once more. */
COLD void hoy__conn_fail_to(const hoy_addr *to, int code, hoy_err *err)
{
	if (!err || !to || code == HOY_ECONNECTED)
		return;
	err->addr = *to;
	if (code == HOY_ENOTIPV4) {
		err->kind = HOY_ERR_ADDR;
		hoy_ip_string(to->ip, err->subject);
	}
}

HOT ssize_t hoy_conn_write_to(hoy_conn *c, const void *buf, size_t len, const hoy_addr *to, hoy_err *err)
{
	enum hoy__direction d = has_datagrams(c) ? HOY__OUT : HOY__NEITHER;
	int begun = hoy__conn_begin(c, d);
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0 && d == HOY__NEITHER)
		n = HOY_EWRONGKIND;
	else if (n == 0)
		n = c->ops ? send_own(c, buf, len, to) : send_to(c, buf, len, to);
	hoy__conn_end(c, d, begun, "write", "sendto", n, err);
	if (n < 0)
		hoy__conn_fail_to(to, (int)n, err);
	return n;
}

enum { PACKETS = 1u << HOY_ADDR_UDP | 1u << HOY_ADDR_UNIXGRAM | 1u << HOY_ADDR_IP };

static const hoy_listen_config defaults;

hoy_conn *hoy__listen_packet_at(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
				hoy_err *err)
{
	const struct hoy__opening o = hoy__opening_of(lc, net, laddr);
	const char *call;
	int sys = hoy__open(&o, &call);
	hoy_conn *c = NULL;

	if (sys >= 0) {
		c = hoy__socket_new(sys, 0, net->kind, o.family.family, hoy__network_name(net));
		if (c) {
			hoy__conn_find_ends(c);
			return c;
		}
		hoy__open_undo(&o, sys);
		sys = -ENOMEM;
		call = NULL;
	}
	hoy__fail_open(err, "listen", net, NULL, laddr, call, sys);
	return NULL;
}

hoy_conn *hoy_listen_config_listen_packet(const hoy_listen_config *lc, const char *network, const char *address,
					  hoy_err *err)
{
	struct hoy__network net;
	hoy_addr at;
	int code = hoy__resolve_local(network, PACKETS, address, &net, &at, err);

	return code == 0 ? hoy__listen_packet_at(lc ? lc : &defaults, &net, &at, err) : NULL;
}

hoy_conn *hoy_listen_packet(const char *network, const char *address, hoy_err *err)
{
	return hoy_listen_config_listen_packet(NULL, network, address, err);
}

static hoy_conn *listen_addr(const hoy_listen_config *lc, const char *network, unsigned kinds, const hoy_addr *laddr,
			     hoy_err *err)
{
	struct hoy__network net;
	int code = hoy__network_parse_socket(network, kinds, &net, err);

	if (code < 0)
		hoy__fail_told_at(err, "listen", network, NULL, laddr, code);
	else if (!laddr && hoy__is_unix(net.kind))
		hoy__fail(err, "listen", network, NULL, HOY_EMISSING);
	else
		return hoy__listen_packet_at(lc ? lc : &defaults, &net, laddr, err);
	return NULL;
}

hoy_conn *hoy_listen_config_listen_packet_addr(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr,
					       hoy_err *err)
{
	return listen_addr(lc, network, PACKETS, laddr, err);
}

hoy_conn *hoy_listen_udp(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	return listen_addr(NULL, network, 1u << HOY_ADDR_UDP, laddr, err);
}

hoy_conn *hoy_listen_ip(const char *network, const hoy_addr *laddr, hoy_err *err)
{
	return listen_addr(NULL, network, 1u << HOY_ADDR_IP, laddr, err);
}
