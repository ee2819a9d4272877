/* URLs, which people paste where a host and its port belong. */
#include <string.h>

#include "cmd.h"

static int copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

/* "host:port", "[::1]", "user@host": a port is not needed. */
static int read_authority(struct url *u, const char *text, size_t len)
{
	char authority[HOY_HOST_STRLEN + sizeof u->port];
	const char *user, *host = authority;
	size_t host_len;

	if (copy(authority, sizeof authority, text, len) < 0)
		return -1;
	if ((user = strrchr(authority, '@')))
		host = user + 1;
	host_len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (host_len > strlen(host) || (host[host_len] && host[host_len] != ':'))
		return -1;
	if (host[host_len] && copy(u->port, sizeof u->port, host + host_len + 1, strlen(host + host_len + 1)) < 0)
		return -1;
	return *host == '[' ? copy(u->host, sizeof u->host, host + 1, host_len - 2)
			    : copy(u->host, sizeof u->host, host, host_len);
}

int url_parse(const char *text, struct url *u)
{
	const char *colon = strstr(text, "://"), *rest;
	int port;

	*u = (struct url){ .path = "" };
	if (!colon || copy(u->scheme, sizeof u->scheme, text, (size_t)(colon - text)) < 0)
		return -1;
	rest = colon + 3;
	u->path = rest + strcspn(rest, "/?#");
	if (read_authority(u, rest, (size_t)(u->path - rest)) < 0 || !*u->host)
		return -1;
	if (!*u->port && (port = hoy_lookup_port("tcp", u->scheme, NULL)) > 0)
		snprintf(u->port, sizeof u->port, "%d", port);
	return 0;
}

bool is_request_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return true;
}

char *url_address(const struct url *u, char buf[URL_ADDRESS_STRLEN])
{
	if (*u->port)
		return hoy_join_host_port(u->host, u->port, buf, URL_ADDRESS_STRLEN);
	snprintf(buf, URL_ADDRESS_STRLEN, "%s", u->host);
	return buf;
}

int refuse_url(const char *text)
{
	char address[URL_ADDRESS_STRLEN];
	struct url u;

	if (!strstr(text, "://"))
		return EXIT_YES;
	if (url_parse(text, &u) < 0)
		return usage("'%s' is a URL, and not a good one; an address is HOST:PORT", text);
	return usage("'%s' is a URL; did you mean %s?", text, url_address(&u, address));
}
