/*
 * The record of an error, filled from nothing each time: what an earlier failure left in
 * the caller's hoy_err never shows through.
 */
#include "base/fail.h"

#include <stdio.h>
#include <string.h>

static int fill(int code, int kind, const char *call, const char *subject, size_t offset, hoy_err *err)
{
	if (!err)
		return code;
	memset(err, 0, sizeof *err);
	err->code = code;
	err->kind = kind;
	err->call = call;
	strncpy(err->subject, subject, sizeof err->subject - 1);
	err->offset = (unsigned)offset;
	return code;
}

int hoy__addr_fail(int code, const char *subject, size_t offset, hoy_err *err)
{
	return fill(code, HOY_ERR_ADDR, NULL, subject, offset, err);
}

int hoy__parse_fail(int code, const char *what, const char *subject, size_t offset, hoy_err *err)
{
	return fill(code, HOY_ERR_PARSE, what, subject, offset, err);
}

int hoy__netip_fail(int code, const char *call, const char *subject, size_t offset, hoy_err *err)
{
	return fill(code, HOY_ERR_NETIP, call, subject, offset, err);
}

int hoy__network_fail(const char *network, hoy_err *err)
{
	return fill(HOY_ENETWORK, HOY_ERR_NETWORK, NULL, network, 0, err);
}

int hoy__lookup_fail(int code, const char *subject, hoy_err *err)
{
	fill(code, HOY_ERR_LOOKUP, NULL, subject, 0, err);
	if (err)
		err->rcode = HOY_RCODE_NONE;
	return code;
}

/* They go where the name leaves room, and are cut between characters. */
void hoy__extended_tell(unsigned extended, const char *words, hoy_err *err)
{
	size_t at = strlen(err->subject) + 1, room = at < sizeof err->subject ? sizeof err->subject - at - 1 : 0;
	size_t len = words ? strlen(words) : 0;

	err->has_extended = 1;
	err->extended = (uint16_t)extended;
	while (len > room || (len && (words[len] & 0xc0) == 0x80))
		len--;
	if (!len)
		return;
	memcpy(err->subject + at, words, len);
	err->subject[at + len] = '\0';
	err->extra = (uint32_t)at;
}

int hoy__plain_fail(int code, hoy_err *err)
{
	return fill(code, HOY_ERR_PLAIN, NULL, "", 0, err);
}

int hoy__rdata_fail(int code, const char *type, const char *why, hoy_err *err)
{
	fill(code, HOY_ERR_RDATA, why, "", 0, err);
	if (err)
		snprintf(err->net, sizeof err->net, "%s", type);
	return code;
}
