/* What people paste and mistype where a name belongs, and what they probably meant. */
#include <ctype.h>
#include <string.h>

#include "lookup.h"

/* The host in a URL, in host:port or in a mail address; of a name alone the name. */
static void find_host(const char *text, char host[HOY_NAME_STRLEN])
{
	const char *scheme = strstr(text, "://"), *at;

	if (scheme)
		text = scheme + 3;
	at = strchr(text, '@');
	if (at && strcspn(text, "/?#") > (size_t)(at - text))
		text = at + 1;
	snprintf(host, HOY_NAME_STRLEN, "%.*s", (int)strcspn(text, "/:?#"), text);
}

static int is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* Several words, the name is one label and like a type. */
static const char *near_type(const struct question *q, const char *name)
{
	static const struct { const char *name; } types[] = {
		{ "AAAA" }, { "MX" }, { "NS" }, { "TXT" }, { "SRV" }, { "CNAME" }, { "PTR" }, { "SOA" }, { "CAA" },
		{ "NAPTR" }, { "TLSA" }, { "SVCB" }, { "HTTPS" }, { "ANY" }, { NULL }
	};
	size_t len = strlen(name);
	char upper[8];

	if (q->names < 2 || q->types || len >= sizeof upper || strchr(name, '.'))
		return NULL;
	for (size_t i = 0; i <= len; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	return nearest(upper, types, sizeof types[0]);
}

void hint(const struct question *q, const char *name)
{
	const char *type = near_type(q, name);
	char host[HOY_NAME_STRLEN];
	hoy_addr addr;

	find_host(name, host);
	if (!is_ascii(name))
		fprintf(stderr, "  names in other letters are asked for in their xn-- form\n");
	else if (*host && strcmp(host, name) && hoy_parse_addr(name, &addr, NULL) < 0)
		fprintf(stderr, "  did you mean the host %s?\n", host);
	else if (type)
		fprintf(stderr, "  did you mean the type %s?\n", type);
}
