/* A resolver from its options to its end. The options are read here, where errors have words. */
#include <errno.h>
#include <string.h>

#include "dns/resolver.h"
#include "base/fail.h"
#include "ip/resolve.h"
#include "net/net.h"

/* "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53", "fe80::1%eth0". */
static bool parse_server(const char *text, hoy_addr *server)
{
	*server = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 53 };
	if (hoy__resolve_literal(text, server))
		return true;
	if (hoy_parse_addr_port(text, server, NULL) < 0)
		return false;
	server->kind = HOY_ADDR_UDP;
	server->ip = hoy_ip_unmap(server->ip);
	return server->port != 0;
}

/* How many, or a code. */
static int parse_servers(const char *const *text, hoy_addr *server, hoy_err *err)
{
	int n = 0;

	for (; text && text[n]; n++) {
		if (n == HOY__EXCHANGE_SERVERS)
			return hoy__addr_fail(-E2BIG, text[n], 0, err);
		if (!parse_server(text[n], &server[n]))
			return hoy__addr_fail(HOY_EADDR, text[n], 0, err);
	}
	return text && !n ? hoy__plain_fail(HOY_EMISSING, err) : n;
}

hoy_resolver *hoy_resolver_new(const hoy_resolver_opts *opts, hoy_err *err)
{
	static const hoy_resolver_opts usual;
	hoy_addr server[HOY__EXCHANGE_SERVERS];
	hoy_resolver *r;
	int n;

	if (!opts)
		opts = &usual;
	if ((n = parse_servers(opts->servers, server, err)) < 0)
		return NULL;
	r = hoy__resolver_new(opts, server, (unsigned)n);
	if (!r)
		hoy__plain_fail(-ENOMEM, err);
	return r;
}

int hoy_resolver_close(hoy_resolver *r, hoy_err *err)
{
	int code = hoy__resolver_close(r);

	return code < 0 ? hoy__fail(err, "close", "", NULL, code) : 0;
}

void hoy_resolver_free(hoy_resolver *r)
{
	if (r)
		hoy__resolver_free(r);
}

int hoy_resolver_set_deadline(hoy_resolver *resolver, hoy_time t, hoy_err *err)
{
	hoy_resolver *r = resolver ? resolver : hoy__resolver_system();
	int code = !r ? -ENOMEM : hoy__resolver_set_deadline(r, hoy__deadline_of(t));

	return code < 0 ? hoy__fail(err, "set", "", NULL, code) : 0;
}

void hoy_resolver_get_stats(hoy_resolver *resolver, hoy_resolver_stats *stats)
{
	hoy_resolver *r = resolver ? resolver : hoy__resolver_system();

	*stats = (hoy_resolver_stats){ 0 };
	if (r)
		hoy__resolver_get_stats(r, stats);
}
