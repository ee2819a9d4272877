/*
 * "tcp4" and "127.0.0.1:http" taken apart, and what is written out in them read: as far
 * as that goes without asking anybody.
 */
#include "ip/resolve.h"

#include <string.h>

#include "base/base.h"
#include "ip/fail.h"
#include "ip/hostport.h"
#include "ip/mapped.h"
#include "ip/parse.h"
#include "ip/scan.h"
#include "ip/service.h"

static const struct { const char *name; int kind, family; } networks[] = {
	{ "tcp", HOY_ADDR_TCP, 0 },	{ "tcp4", HOY_ADDR_TCP, 4 },	{ "tcp6", HOY_ADDR_TCP, 6 },
	{ "udp", HOY_ADDR_UDP, 0 },	{ "udp4", HOY_ADDR_UDP, 4 },	{ "udp6", HOY_ADDR_UDP, 6 },
	{ "ip", HOY_ADDR_IP, 0 },	{ "ip4", HOY_ADDR_IP, 4 },	{ "ip6", HOY_ADDR_IP, 6 },
	{ "unix", HOY_ADDR_UNIX, 0 },	{ "unixgram", HOY_ADDR_UNIXGRAM, 0 },
	{ "unixpacket", HOY_ADDR_UNIXPACKET, 0 },
};

/* The protocol after the colon of "ip4:icmp", a number or a name. */
static int parse_protocol(const char *text, int *protocol, hoy_err *err)
{
	uint64_t number;

	if (hoy__scan_decimal(text, text + strlen(text), 0xfffffe, &number))
		*protocol = (int)number;
	else
		*protocol = hoy__builtin_protocol(text);
	return *protocol < 0 ? hoy__addr_fail(HOY_ENOPROTO, text, 0, err) : 0;
}

int hoy__parse_network(const char *network, struct hoy__network *net, hoy_err *err)
{
	const char *colon = strrchr(network, ':');
	size_t len = colon ? (size_t)(colon - network) : strlen(network);

	for (size_t i = 0; i < LEN(networks); i++) {
		if (strncmp(network, networks[i].name, len) != 0 || networks[i].name[len] != '\0')
			continue;
		if (colon && networks[i].kind != HOY_ADDR_IP)
			break;
		*net = (struct hoy__network){ networks[i].kind, networks[i].family, -1 };
		return colon ? parse_protocol(colon + 1, &net->protocol, err) : 0;
	}
	return hoy__network_fail(network, err);
}

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
