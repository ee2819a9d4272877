/*
 * Where a code becomes a story. Every layer below returns a number and says nothing;
 * here the operation, the network, both ends and the system call that refused are
 * written into the caller's record, and nowhere else. Nothing is allocated or printed.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"
#include "sock/ping.h"

static void copy(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text ? text : "", size - 1);

	memcpy(to, text ? text : "", len);
	to[len] = '\0';
}

int hoy__fail(hoy_err *err, const char *op, const char *network, const char *call, int code)
{
	if (!err)
		return code;
	memset(err, 0, sizeof *err);
	err->code = code;
	err->op = op;
	err->call = code > HOY_ETIMEOUT ? call : NULL;
	copy(err->net, sizeof err->net, network);
	if (code == HOY_ENETWORK) {
		err->kind = HOY_ERR_NETWORK;
		copy(err->subject, sizeof err->subject, network);
	}
	return code;
}

int hoy__fail_at(hoy_err *err, const char *op, const char *network, const hoy_addr *source, const hoy_addr *addr,
		 const char *call, int code)
{
	hoy__fail(err, op, network, call, code);
	if (err && source)
		err->source = *source;
	if (err && addr)
		err->addr = *addr;
	return code;
}

int hoy__fail_told(hoy_err *err, const char *op, const char *network, int code)
{
	if (err) {
		err->op = op;
		copy(err->net, sizeof err->net, network);
	}
	return code;
}

int hoy__fail_told_at(hoy_err *err, const char *op, const char *network, const hoy_addr *source, const hoy_addr *addr,
		      int code)
{
	if (err && source)
		err->source = *source;
	if (err && addr)
		err->addr = *addr;
	return hoy__fail_told(err, op, network, code);
}

int hoy__fail_open(hoy_err *err, const char *op, const struct hoy__network *net, const hoy_addr *source, const hoy_addr *addr,
		   const char *call, int code)
{
	hoy__fail_at(err, op, net->name, source, addr, call, code);
	if (err && net->kind == HOY_ADDR_IP && code == -EPERM && strcmp(call, "socket") == 0) {
		err->kind = HOY_ERR_HINT;
		hoy__ping_hint(false, err->subject);
	}
	return code;
}

/* noinline: these records are large, and the callers' frames lie under every waiting task. */
__attribute__((noinline))
int hoy__conn_fail(const hoy_conn *c, const char *op, const char *call, int code, hoy_err *err)
{
	if (!err)
		return code;
	hoy__fail(err, op, c->network, c->ops ? NULL : call, code);
	hoy_conn_local_addr(c, &err->source);
	hoy_conn_remote_addr(c, &err->addr);
	return code;
}

__attribute__((noinline))
int hoy__conn_fail_near(const hoy_conn *c, const char *op, const char *call, int code, hoy_err *err)
{
	if (!err)
		return code;
	hoy__fail(err, op, c->network, c->ops ? NULL : call, code);
	hoy_conn_local_addr(c, &err->addr);
	return code;
}

__attribute__((noinline))
int hoy__listener_fail(const hoy_listener *l, const char *op, const char *call, int code, hoy_err *err)
{
	if (!err)
		return code;
	hoy__fail(err, op, l->network, l->ops ? NULL : call, code);
	hoy_listener_addr(l, &err->addr);
	return code;
}

ssize_t hoy__conn_end(hoy_conn *c, enum hoy__direction d, int begun, const char *op, const char *call, ssize_t code,
		      hoy_err *err)
{
	if (code < 0)
		hoy__conn_fail(c, op, call, (int)code, err);
	hoy__fd_end(c->fd, d, begun);
	return code;
}

int hoy__listener_end(hoy_listener *l, enum hoy__direction d, int begun, const char *op, const char *call, int code,
		      hoy_err *err)
{
	if (code < 0)
		hoy__listener_fail(l, op, call, code, err);
	hoy__fd_end(l->fd, d, begun);
	return code;
}
