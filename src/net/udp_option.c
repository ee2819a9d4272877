/* Options of UDP sockets, and multicast groups. */
#include "net/net.h"
#include "sock/message.h"
#include "sock/multicast.h"

/* Into a call on a UDP socket, or a code. The caller ends it whatever it returns. */
static int begin(hoy_conn *c)
{
	return !c->ops && c->kind == HOY_ADDR_UDP ? hoy__conn_begin(c, HOY__NEITHER) : HOY_EWRONGKIND;
}

static int end(hoy_conn *c, int begun, int code, hoy_err *err)
{
	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "set", "setsockopt", code, err);
}

/* One option of IPv4 and IPv6, by a function of the layer below. */
static int set(hoy_conn *c, int (*option)(int fd, int family, int value), int value, hoy_err *err)
{
	int begun = begin(c);

	return end(c, begun, begun < 0 ? begun : option(hoy__fd_sys(c->fd), c->family, value), err);
}

static int set_gro(int fd, int family, int on)
{
	(void)family;
	return hoy__message_set_gro(fd, on);
}

int hoy_udp_set_gro(hoy_conn *c, int on, hoy_err *err)
{
	return set(c, set_gro, on != 0, err);
}

int hoy_udp_set_ttl(hoy_conn *c, int ttl, hoy_err *err)
{
	return set(c, hoy__sock_set_ttl, ttl, err);
}

int hoy_udp_set_tos(hoy_conn *c, int tos, hoy_err *err)
{
	return set(c, hoy__sock_set_tos, tos, err);
}

int hoy_udp_set_mtu_discover(hoy_conn *c, int how, hoy_err *err)
{
	return set(c, hoy__sock_set_mtu_discover, how, err);
}

int hoy_udp_set_multicast_interface(hoy_conn *c, int ifindex, hoy_err *err)
{
	return set(c, hoy__multicast_set_interface, ifindex, err);
}

int hoy_udp_set_multicast_loop(hoy_conn *c, int on, hoy_err *err)
{
	return set(c, hoy__multicast_set_loop, on != 0, err);
}

int hoy_udp_set_multicast_ttl(hoy_conn *c, int ttl, hoy_err *err)
{
	return set(c, hoy__multicast_set_ttl, ttl, err);
}

int hoy_udp_mtu(hoy_conn *c, hoy_err *err)
{
	int begun = begin(c), mtu = begun < 0 ? begun : hoy__sock_mtu(hoy__fd_sys(c->fd), c->family);

	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "get", "getsockopt", mtu, err);
}

static int set_member(hoy_conn *c, bool member, int ifindex, hoy_ip group, hoy_ip source, hoy_err *err)
{
	int begun = begin(c), code = begun;

	if (begun == 0 && c->family == 4 && hoy_ip_to4(group).len == 0)
		code = HOY_ENOTIPV4;
	else if (begun == 0)
		code = hoy__multicast_set_member(hoy__fd_sys(c->fd), member, ifindex, group, source);
	return end(c, begun, code, err);
}

int hoy_udp_join_group(hoy_conn *c, int ifindex, hoy_ip group, hoy_ip source, hoy_err *err)
{
	return set_member(c, true, ifindex, group, source, err);
}

int hoy_udp_leave_group(hoy_conn *c, int ifindex, hoy_ip group, hoy_ip source, hoy_err *err)
{
	return set_member(c, false, ifindex, group, source, err);
}

/* A member of the group, as Go's: it sends by the same interface, and what it sends is not looped back. */
static int become_member(hoy_conn *c, int ifindex, hoy_ip group)
{
	int sys = hoy__fd_sys(c->fd), code = hoy__udp_want_control(c);

	if (code == 0 && ifindex)
		code = hoy__multicast_set_interface(sys, c->family, ifindex);
	if (code == 0)
		code = hoy__multicast_set_loop(sys, c->family, false);
	return code < 0 ? code : hoy__multicast_set_member(sys, true, ifindex, group, (hoy_ip){ 0 });
}

hoy_conn *hoy_listen_multicast_udp(const char *network, int ifindex, const hoy_addr *group, hoy_err *err)
{
	hoy_conn *c;
	int code;

	if (!group || group->ip.len == 0) {
		code = hoy__network_find(network, 1u << HOY_ADDR_UDP) ? HOY_EMISSING : HOY_ENETWORK;
		hoy__fail_at(err, "listen", network, NULL, group, NULL, code);
		return NULL;
	}
	if (!(c = hoy_listen_udp(network, group, err)))
		return NULL;
	code = become_member(c, ifindex, group->ip);
	if (code == 0)
		return c;
	hoy_conn_free(c);
	hoy__fail_at(err, "listen", network, NULL, group, "setsockopt", code);
	return NULL;
}
