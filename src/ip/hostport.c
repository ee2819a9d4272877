/*
 * host:port. The last colon parts them; brackets protect the colons of IPv6, and are
 * allowed around anything, but nowhere else.
 */
#include <hoy/addr.h>

#include <string.h>

#include "base/fail.h"
#include "ip/hostport.h"
#include "ip/scan.h"

static int fail_at(int code, const char *text, const char *at, size_t *offset)
{
	*offset = at - text;
	return code;
}

/* [host]:port; colon is the last one. */
static int split_bracketed(const char *text, const char *colon, const char *end, struct hoy__host_port *hp,
			   size_t *offset)
{
	const char *close = hoy__find(text, end, ']');

	if (close == end)
		return fail_at(HOY_ENOBRACKET, text, end, offset);
	if (close + 1 != colon)
		return fail_at(close + 1 < end && close[1] == ':' ? HOY_EMANYCOLONS : HOY_EMISSINGPORT, text,
			       close + 1, offset);
	hp->host = text + 1;
	hp->host_len = close - hp->host;
	return 0;
}

int hoy__split_host_port(const char *text, struct hoy__host_port *hp, size_t *offset)
{
	const char *end = text + strlen(text), *colon = strrchr(text, ':'), *first, *wrong;
	int bracketed = text[0] == '[';

	if (!colon)
		return fail_at(HOY_EMISSINGPORT, text, end, offset);
	hp->host = text;
	hp->host_len = colon - text;
	if (bracketed) {
		int code = split_bracketed(text, colon, end, hp, offset);

		if (code < 0)
			return code;
	} else if ((first = hoy__find(text, colon, ':')) < colon) {
		return fail_at(HOY_EMANYCOLONS, text, hoy__find(first + 1, end, ':'), offset);
	}
	if ((wrong = hoy__find(text + bracketed, end, '[')) < end)
		return fail_at(HOY_EOPENBRACKET, text, wrong, offset);
	if ((wrong = hoy__find(bracketed ? colon : text, end, ']')) < end)
		return fail_at(HOY_ECLOSEBRACKET, text, wrong, offset);
	hp->port = colon + 1;
	hp->port_len = end - hp->port;
	return 0;
}

int hoy_split_host_port(const char *text, char host[HOY_HOST_STRLEN], char port[HOY_HOST_STRLEN], hoy_err *err)
{
	struct hoy__host_port hp;
	size_t offset = 0;
	int code = hoy__split_host_port(text, &hp, &offset);

	if (code == 0 && (hp.host_len >= HOY_HOST_STRLEN || hp.port_len >= HOY_HOST_STRLEN))
		code = HOY_EHOSTLONG;
	if (code < 0)
		return hoy__addr_fail(code, text, offset, err);
	memcpy(host, hp.host, hp.host_len);
	host[hp.host_len] = '\0';
	memcpy(port, hp.port, hp.port_len);
	port[hp.port_len] = '\0';
	return 0;
}

/* As much of text as fits before end; the place after it. */
static char *put(char *p, char *end, const char *text)
{
	while (p < end && *text)
		*p++ = *text++;
	return p;
}

char *hoy_join_host_port(const char *host, const char *port, char *buf, size_t size)
{
	int brackets = strchr(host, ':') != NULL;
	char *p = buf, *end = buf + size - 1;

	if (size == 0)
		return buf;
	p = put(p, end, brackets ? "[" : "");
	p = put(p, end, host);
	p = put(p, end, brackets ? "]:" : ":");
	p = put(p, end, port);
	*p = '\0';
	return buf;
}
