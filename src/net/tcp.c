/*
 * What is particular to TCP: which family of socket can hold an address, and the
 * options. Go's defaults are meant for servers that live long behind strangers'
 * routers: small writes leave at once, and a peer that died is noticed.
 */
#include <string.h>

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
 * "tcp" and no particular local address means all of them: one IPv6 socket that takes
 * IPv4 too, where the system can. Dialling, a socket is IPv6 if either end is.
 */
struct hoy__family hoy__tcp_family(const char *network, const hoy_addr *laddr, const hoy_addr *raddr)
{
	char last = network[strlen(network) - 1];

	if (last == '4')
		return (struct hoy__family){ AF_INET, false };
	if (last == '6')
		return (struct hoy__family){ AF_INET6, true };
	if (!raddr && is_unspecified(laddr) && (hoy__sock_has_dual_stack() || !hoy__sock_has_ipv4()))
		return (struct hoy__family){ AF_INET6, false };
	return (struct hoy__family){ needs_ipv6(laddr) || needs_ipv6(raddr) ? AF_INET6 : AF_INET, false };
}

hoy_keep_alive_config hoy__keep_alive_of(hoy_duration keep_alive, const hoy_keep_alive_config *config)
{
	if (config->enable || keep_alive < 0)
		return *config;
	return (hoy_keep_alive_config){ .enable = 1, .idle = keep_alive };
}

/* 0 is the default, a negative value leaves the system's. */
static int set_time(int sys, int (*set)(int fd, hoy_duration d), hoy_duration d)
{
	if (d < 0)
		return 0;
	return set(sys, d ? d : 15 * HOY_SECOND);
}

int hoy__tcp_keep_alive(int sys, const hoy_keep_alive_config *config)
{
	int code = hoy__sock_set_keep_alive(sys, config->enable);

	if (code < 0 || !config->enable)
		return code;
	if ((code = set_time(sys, hoy__sock_set_keep_alive_idle, config->idle)) < 0)
		return code;
	if ((code = set_time(sys, hoy__sock_set_keep_alive_interval, config->interval)) < 0)
		return code;
	return config->count < 0 ? 0 : hoy__sock_set_keep_alive_count(sys, config->count ? config->count : 9);
}

void hoy__tcp_defaults(int sys, const hoy_keep_alive_config *config)
{
	hoy__sock_set_no_delay(sys, true);
	hoy__tcp_keep_alive(sys, config);
}

/* Into a call on a TCP socket: its descriptor, or a code. */
static int enter(hoy_conn *c)
{
	int held = c->kind == HOY_ADDR_TCP ? hoy__fd_hold(c->fd) : HOY_EWRONGKIND;

	return held < 0 ? held : c->fd->source.sys;
}

static int leave(hoy_conn *c, int sys, int code, hoy_err *err)
{
	return hoy__conn_done(c, sys < 0 ? sys : 0, "set", "setsockopt", code, err);
}

int hoy_tcp_set_keep_alive(hoy_conn *c, int on, hoy_err *err)
{
	int sys = enter(c);

	return leave(c, sys, sys < 0 ? sys : hoy__sock_set_keep_alive(sys, on != 0), err);
}

int hoy_tcp_set_keep_alive_period(hoy_conn *c, hoy_duration d, hoy_err *err)
{
	int sys = enter(c);

	return leave(c, sys, sys < 0 ? sys : set_time(sys, hoy__sock_set_keep_alive_idle, d), err);
}

int hoy_tcp_set_keep_alive_config(hoy_conn *c, const hoy_keep_alive_config *config, hoy_err *err)
{
	int sys = enter(c);

	return leave(c, sys, sys < 0 ? sys : hoy__tcp_keep_alive(sys, config), err);
}

int hoy_tcp_set_no_delay(hoy_conn *c, int on, hoy_err *err)
{
	int sys = enter(c);

	return leave(c, sys, sys < 0 ? sys : hoy__sock_set_no_delay(sys, on != 0), err);
}

int hoy_tcp_set_linger(hoy_conn *c, int seconds, hoy_err *err)
{
	int sys = enter(c);

	return leave(c, sys, sys < 0 ? sys : hoy__sock_set_linger(sys, seconds), err);
}
