/* "127.0.0.1:http" is cut into host and service, and a host written as an address is read. No name is looked up here. */
#include "ip/resolve.h"

#include <string.h>

#include "base/base.h"
#include "base/fail.h"
#include "ip/hostport.h"
#include "ip/mapped.h"
#include "ip/parse.h"
#include "ip/scan.h"

static int copy_part(char *part, const char *from, size_t len)
{
	if (len >= HOY_HOST_STRLEN)
		return HOY_EHOSTLONG;
	memcpy(part, from, len);
	part[len] = '\0';
	return 0;
}

int hoy__resolve_parts(const struct hoy__network *net, const char *address, char host[HOY_HOST_STRLEN],
		       char service[HOY_HOST_STRLEN], hoy_err *err)
{
	struct hoy__host_port hp = { .host = address, .host_len = strlen(address), .port = "" };
	size_t offset = 0;
	int code = 0;

	if (net->kind != HOY_ADDR_IP && *address)
		code = hoy__split_host_port(address, &hp, &offset);
	if (code == 0)
		code = copy_part(host, hp.host, hp.host_len);
	if (code == 0)
		code = copy_part(service, hp.port, hp.port_len);
	return code < 0 ? hoy__addr_fail(code, address, offset, err) : 0;
}

bool hoy__resolve_literal(const char *host, hoy_addr *addr)
{
	const char *at;
	hoy_addr got = { 0 };

	if (hoy__scan_zoned_addr(host, host + strlen(host), &got, &at) < 0)
		return false;
	addr->ip = hoy__is_mapped(&got.ip) ? hoy_ip_to4(got.ip) : got.ip;
	memcpy(addr->zone, got.zone, sizeof addr->zone);
	return true;
}

bool hoy__resolve_fit(const struct hoy__network *net, hoy_addr *addr)
{
	if (net->family == 0)
		return true;
	if (hoy__is_mapped(&addr->ip))		/* so a hosts file may have it */
		addr->ip = hoy_ip_to4(addr->ip);
	if (net->family == 4 && addr->ip.len == 16 && hoy_ip_is_unspecified(addr->ip)) {
		addr->ip = hoy_ipv4(0, 0, 0, 0);
		memset(addr->zone, 0, sizeof addr->zone);
	}
	return (net->family == 4) == (addr->ip.len == 4);
}
