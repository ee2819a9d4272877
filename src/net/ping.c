/* One ping: resolve, send, wait. */
#include <errno.h>

#include "net/pinger.h"

enum { TIMEOUT_S = 3 };

/* The first address of the host, in the order in which a dial would try them. */
static int resolve(const hoy_ping_opts *o, const char *host, int64_t deadline, hoy_addr *addr, hoy_err *err)
{
	const char *network = o->network ? o->network : "ip";
	const struct hoy__network *net = hoy__network_find(network, 1u << HOY_ADDR_IP);
	hoy_addr *list;
	int n = !net ? HOY_ENETWORK : !*host ? HOY_EMISSING : 0;

	if (n < 0)
		return hoy__fail(err, "ping", network, NULL, n);
	n = hoy__resolve_all(o->resolver, deadline, net, host, NULL, &list, err);
	if (n < 0)
		return hoy__fail_told(err, "ping", network, n);
	*addr = list[0];
	hoy__release(list);
	return 0;
}

static int exchange(hoy_pinger *p, int64_t deadline, hoy_ping_reply *reply, hoy_err *err)
{
	hoy_ping_reply got;
	hoy_addr local;
	int code = hoy_pinger_set_deadline(p, (hoy_time){ deadline }, err);

	if (code == 0)
		code = (int)hoy_pinger_send(p, 1, NULL, err);
	if (code >= 0)
		code = hoy_pinger_receive(p, &got, err);
	if (code < 0)
		return code;
	if (got.code < 0) {
		hoy_pinger_local_addr(p, &local);
		return hoy__fail_at(err, "ping", p->network, &local, &p->remote, NULL, got.code);
	}
	got.message = NULL;
	got.len = 0;
	*reply = got;
	return 0;
}

int hoy_ping(const char *host, const hoy_ping_opts *opts, hoy_ping_reply *reply, hoy_err *err)
{
	static const hoy_ping_opts defaults;
	const hoy_ping_opts *o = opts ? opts : &defaults;
	int64_t deadline = hoy__limit(o->timeout ? o->timeout : TIMEOUT_S * HOY_SECOND);
	hoy_addr addr;
	hoy_pinger *p;
	int code = resolve(o, host, deadline, &addr, err);
	hoy_err own;

	if (code < 0)
		return code;
	p = hoy_pinger_new(&addr, o, err ? err : &own);
	if (!p)
		return err ? err->code : own.code;
	code = exchange(p, deadline, reply, err);
	hoy_pinger_free(p);
	return code;
}
