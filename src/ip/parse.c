/*
 * Whole texts that are an address, or an address and a port. What the characters of an
 * address mean is in scan.c.
 */
#include <hoy/addr.h>
#include <hoy/ip.h>

#include <string.h>

#include "base/fail.h"
#include "ip/parse.h"
#include "ip/scan.h"

int hoy_parse_ip(const char *text, hoy_ip *ip, hoy_err *err)
{
	const char *at;
	hoy_ip got;
	int code = hoy__scan_ip(text, text + strlen(text), &got, NULL, &at);

	if (code < 0)
		return hoy__parse_fail(code, "IP address", text, at - text, err);
	*ip = got;
	return 0;
}

int hoy__scan_zoned_addr(const char *s, const char *end, hoy_addr *addr, const char **at)
{
	const char *zone;
	int code = hoy__scan_ip(s, end, &addr->ip, &zone, at);

	if (code < 0 || !zone)
		return code;
	if ((size_t)(end - zone) >= sizeof addr->zone) {
		*at = zone + sizeof addr->zone - 1;
		return HOY_EZONELONG;
	}
	memcpy(addr->zone, zone, end - zone);
	return 0;
}

int hoy_parse_addr(const char *text, hoy_addr *addr, hoy_err *err)
{
	hoy_addr got = { .kind = HOY_ADDR_IP };
	const char *at;
	int code = hoy__scan_zoned_addr(text, text + strlen(text), &got, &at);

	if (code < 0)
		return hoy__netip_fail(code, "ParseAddr", text, at - text, err);
	*addr = got;
	return 0;
}

/* What stands before the port's colon; brackets are for IPv6, and only for it. */
static int scan_host(const char *text, const char *colon, hoy_addr *addr, const char **at)
{
	int bracketed = text[0] == '[', code;

	*at = colon;
	if (bracketed && (colon - text < 2 || colon[-1] != ']'))
		return HOY_EUNCLOSED;
	code = hoy__scan_zoned_addr(text + bracketed, colon - bracketed, addr, at);
	if (code < 0)
		return code;
	*at = text;
	if (bracketed && addr->ip.len == 4)
		return HOY_EBRACKETED4;
	return !bracketed && addr->ip.len == 16 ? HOY_EUNBRACKETED6 : 0;
}

static int scan_addr_port(const char *text, hoy_addr *addr, const char **at)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	uint64_t port;

	*at = text;
	if (!colon)
		return HOY_ENOTIPPORT;
	if (colon == text)
		return HOY_ENOIP;
	*at = colon + 1;
	if (colon + 1 == end)
		return HOY_EEMPTYPORT;
	if (text[0] == '[' && (colon - text < 2 || colon[-1] != ']'))
		return scan_host(text, colon, addr, at);	/* Go tells this before it looks at the port */
	if (!hoy__scan_decimal(colon + 1, end, 65535, &port))
		return HOY_EBADPORT;
	addr->port = (uint16_t)port;
	return scan_host(text, colon, addr, at);
}

int hoy_parse_addr_port(const char *text, hoy_addr *addr, hoy_err *err)
{
	hoy_addr got = { .kind = HOY_ADDR_TCP };
	const char *at;
	int code = scan_addr_port(text, &got, &at);

	if (code < 0)
		return hoy__netip_fail(code, "ParseAddrPort", text, at - text, err);
	*addr = got;
	return 0;
}
