/*
 * "tcp4" and "mail.example:smtp" to an address, or to all there are. What is written out
 * is read by the layer of addresses; names are looked up in between.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/resolver.h"
#include "base/fail.h"
#include "ip/resolve.h"
#include "ip/service.h"
#include "net/net.h"

/* ---- ports ---- */

/* Go says in which table the name was not found, of any family: lookup tcp/nosuch: unknown port. */
static int fail_unknown(const struct hoy__network *net, const char *service, hoy_err *err)
{
	char subject[sizeof err->subject];

	snprintf(subject, sizeof subject, "%s/%s", hoy__network_of(net->kind, 0)->name, service);
	return hoy__lookup_fail(HOY_ENOPORT, subject, err);
}

/* net is NULL when name is no network. */
static int port_of(hoy_resolver *r, const struct hoy__network *net, const char *name, const char *service,
		   hoy_err *err)
{
	long number;
	int port;

	if (hoy__scan_port(service, &number))
		port = number < 0 || number > 65535 ? HOY_EBADPORT : (int)number;
	else
		port = hoy__resolver_port(r, net, service);
	switch (port) {
	case HOY_ENOPORT: return fail_unknown(net, service, err);
	case HOY_ENETWORK: return hoy__addr_fail(port, name, 0, err);
	case HOY_EBADPORT: return hoy__addr_fail(port, service, 0, err);
	default: return port < 0 ? hoy__plain_fail(port, err) : port;
	}
}

int hoy_resolver_lookup_port(hoy_resolver *r, const char *network, const char *service, hoy_err *err)
{
	return port_of(r, hoy__network_find(*network ? network : "ip", ~0u), network, service, err);
}

int hoy_lookup_port(const char *network, const char *service, hoy_err *err)
{
	return hoy_resolver_lookup_port(NULL, network, service, err);
}

/* ---- addresses ---- */

static bool is_4(const hoy_addr *addr)
{
	return hoy_ip_to4(addr->ip).len != 0;
}

static int with_port(const struct hoy__network *net, uint16_t port, hoy_addr *list, int n)
{
	for (int i = 0; i < n; i++) {
		list[i].kind = net->kind;
		list[i].port = port;
	}
	return n;
}

int hoy__resolve_these(const struct hoy__network *net, uint16_t port, hoy_addr *list, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (hoy__resolve_fit(net, &list[i]))
			list[kept++] = list[i];
	return with_port(net, port, list, kept);
}

/* A copy, since the lookup's own block is of another kind. */
static int look_up(hoy_resolver *r, int64_t deadline, const char *host, int family, struct hoy__early *early,
		   hoy_addr **list, hoy_err *err)
{
	hoy_addr *found, *own;
	int n = hoy__lookup_until(r, host, family, deadline, early, &found, err);

	if (n < 0)
		return n;
	own = hoy__alloc((size_t)n * sizeof *own);
	if (own)
		memcpy(own, found, (size_t)n * sizeof *own);
	hoy_free(found);
	if (!own)
		return early && early->begun ? -ENOMEM : hoy__plain_fail(-ENOMEM, err);
	*list = own;
	return n;
}

/* A literal, or no host at all, is a list of one. */
static int list_of_one(const char *host, hoy_addr **list, hoy_err *err)
{
	hoy_addr *own = hoy__alloc(sizeof *own);

	if (!own)
		return hoy__plain_fail(-ENOMEM, err);
	if (*host && !hoy__resolve_literal(host, own)) {
		hoy__release(own);
		return 0;
	}
	*list = own;
	return 1;
}

/* All addresses of host that fit; the count, at least 1, or a code. */
static int addresses_of(hoy_resolver *r, int64_t deadline, const struct hoy__network *net, const char *host,
			uint16_t port, struct hoy__early *early, hoy_addr **list, hoy_err *err)
{
	hoy_addr *found = NULL;
	int n = list_of_one(host, &found, err);

	if (n == 0)
		n = look_up(r, deadline, host, net->family, early, &found, err);
	if (n > 0)
		n = *host ? hoy__resolve_these(net, port, found, n) : with_port(net, port, found, n);
	if (n == 0)
		n = hoy__addr_fail(HOY_EUNSUITABLE, host, 0, err);
	if (n < 0)
		hoy__release(found);
	else
		*list = found;
	return n;
}

int hoy__resolve_all(hoy_resolver *r, int64_t deadline, const struct hoy__network *net, const char *address,
		     struct hoy__early *early, hoy_addr **list, hoy_err *err)
{
	char host[HOY_HOST_STRLEN], service[HOY_HOST_STRLEN];
	int port = 0, code = hoy__resolve_parts(net, address, host, service, err);

	if (code == 0 && net->kind != HOY_ADDR_IP)
		port = code = port_of(r, net, net->name, service, err);
	if (code < 0)
		return code;
	if (early) {
		early->net = net;
		early->port = (uint16_t)port;
	}
	return addresses_of(r, deadline, net, host, (uint16_t)port, early, list, err);
}

/* Go prefers IPv4, unless the network has another family or the address is written in IPv6's way. */
static const hoy_addr *choose(const hoy_addr *list, int n, bool want6)
{
	for (int i = 0; i < n; i++)
		if (is_4(&list[i]) != want6)
			return &list[i];
	return &list[0];
}

static int resolve_ip_local(const struct hoy__network *net, const char *address, hoy_addr *addr, hoy_err *err)
{
	hoy_addr *list;
	int n = hoy__resolve_all(NULL, HOY__NEVER, net, address, NULL, &list, err);

	if (n < 0)
		return hoy__fail_told(err, "listen", net->name, n);
	*addr = *choose(list, n, false);
	hoy__release(list);
	return 0;
}

int hoy__resolve_local(const char *network, unsigned kinds, const char *address, struct hoy__network *net, hoy_addr *addr,
		       hoy_err *err)
{
	int code = hoy__network_parse_socket(network, ~0u, net, err);

	if (code < 0)
		return hoy__fail_told(err, "listen", network, code);
	code = hoy__is_unix(net->kind) ? hoy__unix_addr(net, address, "listen", "bind", addr, err)
				       : resolve_ip_local(net, address, addr, err);
	if (code < 0)
		return code;
	if (kinds >> net->kind & 1)
		return 0;
	hoy__fail_at(err, "listen", network, NULL, addr, NULL, HOY_EUNEXPECTED);
	if (err) {
		err->kind = HOY_ERR_ADDR;
		strncpy(err->subject, address, sizeof err->subject - 1);
	}
	return HOY_EUNEXPECTED;
}

/* All three resolvers; network is never "". */
static int resolve(hoy_resolver *r, const char *network, int kind, const char *address, hoy_addr *addr, hoy_err *err)
{
	bool want6 = strchr(address, kind == HOY_ADDR_IP ? ':' : '[') != NULL;
	struct hoy__network net;
	hoy_addr *list = NULL;	/* for the compiler: n > 0 comes with a list */
	int n = hoy__network_parse(network, &net, err);

	if (n == 0 && net.kind != kind)
		n = hoy__network_fail(network, err);
	if (n == 0)
		n = hoy__resolve_all(r, HOY__NEVER, &net, address, NULL, &list, err);
	if (n < 0)
		return n;
	*addr = *choose(list, n, want6);
	hoy__release(list);
	return 0;
}

int hoy_resolver_resolve_tcp_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				  hoy_err *err)
{
	return resolve(r, *network ? network : "tcp", HOY_ADDR_TCP, address, addr, err);
}

int hoy_resolve_tcp_addr(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	return hoy_resolver_resolve_tcp_addr(NULL, network, address, addr, err);
}

int hoy_resolver_resolve_udp_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				  hoy_err *err)
{
	return resolve(r, *network ? network : "udp", HOY_ADDR_UDP, address, addr, err);
}

int hoy_resolve_udp_addr(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	return hoy_resolver_resolve_udp_addr(NULL, network, address, addr, err);
}

int hoy_resolver_resolve_ip_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				 hoy_err *err)
{
	return resolve(r, *network ? network : "ip", HOY_ADDR_IP, address, addr, err);
}

int hoy_resolve_ip_addr(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	return hoy_resolver_resolve_ip_addr(NULL, network, address, addr, err);
}

int hoy_resolve_unix_addr(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	size_t len = strlen(address);
	const struct hoy__network *net = hoy__network_find(network, HOY__UNIX_NETWORKS);
	hoy_addr got = { 0 };

	if (!net)
		return hoy__network_fail(network, err);
	if (!hoy__path_fits(address, len))
		return hoy__addr_fail(HOY_EPATHLONG, address, address[0] == '@' ? HOY__SUN_PATH : HOY__SUN_PATH - 1, err);
	got.kind = net->kind;
	memcpy(got.path, address, len);
	*addr = got;
	return 0;
}
