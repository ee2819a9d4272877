/*
 * What is particular to TCP: the options. Go's defaults are meant for servers that live long behind strangers'
 * routers: small writes leave at once, and a peer that died is noticed.
 */
#include "net/net.h"

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

int hoy__tcp_defaults(int sys, const hoy_keep_alive_config *config)
{
	int no_delay = hoy__sock_set_no_delay(sys, true), keep_alive = hoy__tcp_keep_alive(sys, config);

	return no_delay < 0 ? no_delay : keep_alive;
}

/* Into a call on a TCP socket: its descriptor, or a code. */
static int begin(hoy_conn *c)
{
	int begun = c->kind == HOY_ADDR_TCP ? hoy__conn_begin(c, HOY__NEITHER) : HOY_EWRONGKIND;

	return begun < 0 ? begun : hoy__fd_sys(c->fd);
}

static int end(hoy_conn *c, int sys, int code, hoy_err *err)
{
	return (int)hoy__conn_end(c, HOY__NEITHER, sys < 0 ? sys : 0, "set", "setsockopt", code, err);
}

int hoy_tcp_set_keep_alive(hoy_conn *c, int on, hoy_err *err)
{
	int sys = begin(c);

	return end(c, sys, sys < 0 ? sys : hoy__sock_set_keep_alive(sys, on != 0), err);
}

int hoy_tcp_set_keep_alive_period(hoy_conn *c, hoy_duration d, hoy_err *err)
{
	int sys = begin(c);

	return end(c, sys, sys < 0 ? sys : set_time(sys, hoy__sock_set_keep_alive_idle, d), err);
}

int hoy_tcp_set_keep_alive_config(hoy_conn *c, const hoy_keep_alive_config *config, hoy_err *err)
{
	static const hoy_keep_alive_config off;
	int sys = begin(c);

	return end(c, sys, sys < 0 ? sys : hoy__tcp_keep_alive(sys, config ? config : &off), err);
}

int hoy_tcp_set_no_delay(hoy_conn *c, int on, hoy_err *err)
{
	int sys = begin(c);

	return end(c, sys, sys < 0 ? sys : hoy__sock_set_no_delay(sys, on != 0), err);
}

int hoy_tcp_multipath(hoy_conn *c, hoy_err *err)
{
	int sys = begin(c);

	return end(c, sys, sys < 0 ? sys : hoy__sock_is_multipath(sys), err);
}

int hoy_tcp_set_linger(hoy_conn *c, int seconds, hoy_err *err)
{
	int sys = begin(c);

	if (sys >= 0 && seconds > 0)
		hoy__fd_expect_slow_close(c->fd);
	return end(c, sys, sys < 0 ? sys : hoy__sock_set_linger(sys, seconds), err);
}
