#include "ip/network.h"

#include <string.h>

#include "base/base.h"
#include "base/fail.h"
#include "ip/scan.h"
#include "ip/service.h"

#define ROW(name, kind, family) { name, kind, family, false, 0 }

static const struct hoy__network networks[] = {
	ROW("tcp", HOY_ADDR_TCP, 0),	ROW("tcp4", HOY_ADDR_TCP, 4),	ROW("tcp6", HOY_ADDR_TCP, 6),
	ROW("udp", HOY_ADDR_UDP, 0),	ROW("udp4", HOY_ADDR_UDP, 4),	ROW("udp6", HOY_ADDR_UDP, 6),
	ROW("ip", HOY_ADDR_IP, 0),	ROW("ip4", HOY_ADDR_IP, 4),	ROW("ip6", HOY_ADDR_IP, 6),
	ROW("unix", HOY_ADDR_UNIX, 0),	ROW("unixgram", HOY_ADDR_UNIXGRAM, 0),
	ROW("unixpacket", HOY_ADDR_UNIXPACKET, 0),
};

static const struct hoy__network *find(const char *name, size_t len, unsigned kinds)
{
	for (size_t i = 0; i < LEN(networks); i++)
		if (kinds >> networks[i].kind & 1 && strncmp(name, networks[i].name, len) == 0 &&
		    networks[i].name[len] == '\0')
			return &networks[i];
	return NULL;
}

const struct hoy__network *hoy__network_find(const char *name, unsigned kinds)
{
	return name ? find(name, strlen(name), kinds) : NULL;
}

const struct hoy__network *hoy__network_of(int kind, int family)
{
	for (size_t i = 0; i < LEN(networks); i++)
		if (networks[i].kind == kind && networks[i].family == family)
			return &networks[i];
	return NULL;
}

/* A number or a name. */
static int parse_protocol(const char *text, hoy_err *err)
{
	uint64_t number;
	int protocol;

	if (hoy__scan_decimal(text, text + strlen(text), 0xfffffe, &number))
		protocol = (int)number;
	else
		protocol = hoy__builtin_protocol(text);
	return protocol < 0 ? hoy__addr_fail(HOY_ENOPROTO, text, 0, err) : protocol;
}

int hoy__network_parse(const char *text, struct hoy__network *net, hoy_err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	const struct hoy__network *found = find(text, len, colon ? 1u << HOY_ADDR_IP : ~0u);
	int protocol = 0;

	if (!found)
		return hoy__network_fail(text, err);
	if (colon && (protocol = parse_protocol(colon + 1, err)) < 0)
		return protocol;
	*net = *found;
	if (colon) {
		net->name = text;
		net->has_protocol = true;
		net->protocol = protocol;
	}
	return 0;
}

int hoy__network_parse_socket(const char *text, unsigned kinds, struct hoy__network *net, hoy_err *err)
{
	int code = hoy__network_parse(text, net, err);

	if (code < 0)
		return code;
	if (!(kinds >> net->kind & 1) || (net->kind == HOY_ADDR_IP && !net->has_protocol))
		return hoy__network_fail(text, err);
	return 0;
}
