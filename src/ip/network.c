#include "ip/network.h"

#include <stdbool.h>
#include <string.h>

#include "base/base.h"
#include "ip/fail.h"
#include "ip/scan.h"
#include "ip/service.h"

static const struct hoy__network networks[] = {
	{ "tcp", HOY_ADDR_TCP, 0 },	{ "tcp4", HOY_ADDR_TCP, 4 },	{ "tcp6", HOY_ADDR_TCP, 6 },
	{ "udp", HOY_ADDR_UDP, 0 },	{ "udp4", HOY_ADDR_UDP, 4 },	{ "udp6", HOY_ADDR_UDP, 6 },
	{ "ip", HOY_ADDR_IP, 0 },	{ "ip4", HOY_ADDR_IP, 4 },	{ "ip6", HOY_ADDR_IP, 6 },
	{ "unix", HOY_ADDR_UNIX, 0 },	{ "unixgram", HOY_ADDR_UNIXGRAM, 0 },
	{ "unixpacket", HOY_ADDR_UNIXPACKET, 0 },
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

int hoy__network_parse(const char *text, const struct hoy__network **net, int *protocol, hoy_err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	const struct hoy__network *found = find(text, len, colon ? 1u << HOY_ADDR_IP : ~0u);
	int number = -1;

	if (!found)
		return hoy__network_fail(text, err);
	if (colon && (number = parse_protocol(colon + 1, err)) < 0)
		return number;
	if (protocol)
		*protocol = number;
	*net = found;
	return 0;
}
