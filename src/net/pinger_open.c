/*
 * The socket of a pinger. A datagram ICMP socket is bound to its identifier as if that were a port, and the kernel hands
 * it the replies with that identifier. A raw socket gets all replies of its peer.
 */
#include <errno.h>
#include <string.h>

#include "net/pinger.h"
#include "sock/ping.h"

static int set_options(const struct hoy_pinger *p, int sys, const hoy_ping_opts *o)
{
	int code = o->ttl ? hoy__ping_set_ttl(sys, p->family, o->ttl) : 0;

	if (code == 0 && o->dont_fragment)
		code = hoy__ping_set_dont_fragment(sys, p->family);
	return code;
}

static int bind_to(const struct hoy_pinger *p, int sys, const hoy_ping_opts *o)
{
	hoy_addr at = o->local_addr ? *o->local_addr : (hoy_addr){ 0 };
	union hoy__sockaddr sa;
	int len;

	if (p->raw && !o->local_addr)
		return 0;
	at.port = p->raw ? 0 : o->id;
	len = hoy__sockaddr_of(&sa, &at, p->family);
	return len < 0 ? len : hoy__os_bind(sys, &sa.any, (socklen_t)len);
}

/* Connecting to a broadcast address is -EACCES as long as the socket may not broadcast. */
static int connect_to(struct hoy_pinger *p, int sys)
{
	int len = hoy__sockaddr_of(&p->to, &p->remote, p->family), code;

	if (len < 0)
		return len;
	p->to_len = (socklen_t)len;
	p->is_group = hoy_ip_is_multicast(p->remote.ip);
	if (p->is_group)
		return 0;
	code = hoy__os_connect(sys, &p->to.any, p->to_len);
	if (code != -EACCES || p->family != 4)
		return code;
	p->is_group = true;
	return hoy__sock_set_broadcast(sys);
}

static uint16_t random_id(void)
{
	uint16_t id = 0;

	if (hoy__os_random(&id, sizeof id) < (ssize_t)sizeof id || id == 0)
		id = (uint16_t)(hoy__os_monotonic() | 1);
	return id;
}

/* The port of a datagram ICMP socket is its identifier. */
static int take_name(struct hoy_pinger *p, int sys, const hoy_ping_opts *o)
{
	union hoy__sockaddr sa;
	socklen_t len = sizeof sa;
	int code = hoy__os_getsockname(sys, &sa.any, &len);

	if (code < 0)
		return code;
	hoy__endpoint_of(&p->local, HOY_ADDR_UDP, &sa, len);
	p->id = !p->raw ? p->local.port : o->id ? o->id : random_id();
	hoy__endpoint_of(&p->local, HOY_ADDR_IP, &sa, len);
	if (p->is_group && !o->local_addr)
		p->local.kind = HOY_ADDR_NONE;
	return 0;
}

static int open_one(struct hoy_pinger *p, const hoy_ping_opts *o, bool raw, const char **call)
{
	int sys = hoy__ping_open(p->family, raw, call), code;

	if (sys < 0)
		return sys;
	p->raw = raw;
	*call = "setsockopt";
	if ((code = set_options(p, sys, o)) < 0)
		goto fail;
	*call = "bind";
	if ((code = bind_to(p, sys, o)) < 0)
		goto fail;
	*call = "connect";
	if ((code = connect_to(p, sys)) < 0)
		goto fail;
	*call = "getsockname";
	if ((code = take_name(p, sys, o)) < 0)
		goto fail;
	return sys;
fail:
	hoy__os_close(sys);
	return code;
}

static bool is_forbidden(int code)
{
	return code == -EPERM || code == -EACCES;
}

/* Would a raw socket do better? Not when the address is at fault. */
static bool may_retry_raw(const hoy_ping_opts *o, const char *call)
{
	return o->socket == HOY_PING_ANY && (strcmp(call, "socket") == 0 || strcmp(call, "bind") == 0);
}

int hoy__pinger_open(struct hoy_pinger *p, const hoy_ping_opts *o, const char **call)
{
	const char *raw_call;
	int sys, raw_sys;

	if (o->socket == HOY_PING_RAW)
		return open_one(p, o, true, call);
	sys = open_one(p, o, false, call);
	if (sys >= 0 || !may_retry_raw(o, *call))
		return sys;
	raw_sys = open_one(p, o, true, &raw_call);
	if (is_forbidden(raw_sys) && !is_forbidden(sys))
		return sys;	/* -EADDRINUSE: another pinger has the identifier */
	*call = raw_call;
	return raw_sys;
}
