/* Where names in other letters may stand: alone, before a port, behind @. */
#include <stdlib.h>
#include <string.h>

#include "idn.h"

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

const char *ascii_host(const char *host, char ascii[HOY_HOST_STRLEN])
{
	char why[IDN_WHY_STRLEN];
	hoy_addr addr;

	if (is_ascii(host) || hoy_parse_addr(host, &addr, NULL) == 0)	/* a zone may have any letters */
		return host;
	if (idn_convert(host, ascii, why))
		return ascii;
	say("%s: %s", host, why);
	return NULL;
}

/* The first part of the text up to its port, which begins at *port, or is "". */
static void split(const char *text, char host[HOY_HOST_STRLEN], const char **port)
{
	const char *colon = strrchr(text, ':');

	*port = colon ? colon : text + strlen(text);
	snprintf(host, HOY_HOST_STRLEN, "%.*s", (int)(*port - text), text);
}

/* For good: in a list, so that a checker of leaks sees that it is meant. */
static const char *keep(const char *at, const char *host, const char *port)
{
	static struct kept { struct kept *next; char text[]; } *all;
	size_t size = strlen(at) + strlen(host) + strlen(port) + 1;
	struct kept *k = must(malloc(sizeof *k + size));

	snprintf(k->text, size, "%s%s%s", at, host, port);
	k->next = all;
	all = k;
	return k->text;
}

const char *ascii_address(const char *network, const char *address)
{
	char host[HOY_HOST_STRLEN], ascii[HOY_HOST_STRLEN];
	const char *port, *converted, *at = *address == '@' ? "@" : "";

	if (is_ascii(address) || !strncmp(network, "unix", 4) || strchr(address, '[') || strlen(address) >= sizeof host)
		return address;
	split(address + strlen(at), host, &port);
	converted = ascii_host(host, ascii);
	return converted ? keep(at, converted, port) : NULL;
}
