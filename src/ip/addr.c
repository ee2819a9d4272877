/* An address with what belongs to it: the network it is for, a port, a zone, or a path. */
#include <hoy/addr.h>

#include <string.h>

#include "ip/path.h"
#include "ip/text.h"

static const char *const networks[] = {
	[HOY_ADDR_NONE] = "",
	[HOY_ADDR_IP] = "ip",
	[HOY_ADDR_TCP] = "tcp",
	[HOY_ADDR_UDP] = "udp",
	[HOY_ADDR_UNIX] = "unix",
	[HOY_ADDR_UNIXGRAM] = "unixgram",
	[HOY_ADDR_UNIXPACKET] = "unixpacket",
	[HOY_ADDR_PIPE] = "pipe",
};

/* At most size - 1 bytes of a field that, filled by hand, may lack its NUL. */
static char *put_field(char *p, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	memcpy(p, text, len);
	return p + len;
}

static char *put_zoned(char *p, const hoy_addr *a, char *(*put_ip)(char *, const hoy_ip *))
{
	if (a->ip.len > 0)
		p = put_ip(p, &a->ip);
	if (a->zone[0]) {
		*p++ = '%';
		p = put_field(p, a->zone, sizeof a->zone);
	}
	return p;
}

/* Brackets go around every colon before the port's: those of IPv6, or of an odd zone. */
static char *put_ip_port(char *p, const hoy_addr *a, char *(*put_ip)(char *, const hoy_ip *))
{
	char host[HOY_IP_STRLEN + sizeof a->zone + 1];
	size_t len = put_zoned(host, a, put_ip) - host;
	int brackets = memchr(host, ':', len) != NULL;

	if (brackets)
		*p++ = '[';
	memcpy(p, host, len);
	p += len;
	if (brackets)
		*p++ = ']';
	*p++ = ':';
	return hoy__put_decimal(p, a->port);
}

static char *put_path(char *p, const hoy_addr *a)
{
	size_t len = hoy__path_len(a);

	for (size_t i = 0; i < len; i++)
		*p++ = a->path[i] ? a->path[i] : '@';
	return p;
}

char *hoy_addr_string(const hoy_addr *addr, char buf[HOY_ADDR_STRLEN])
{
	char *end = buf;

	switch (addr->kind) {
	case HOY_ADDR_IP:
		end = put_zoned(buf, addr, hoy__put_ip);
		break;
	case HOY_ADDR_TCP:
	case HOY_ADDR_UDP:
		end = put_ip_port(buf, addr, hoy__put_ip);
		break;
	case HOY_ADDR_UNIX:
	case HOY_ADDR_UNIXGRAM:
	case HOY_ADDR_UNIXPACKET:
		end = put_path(buf, addr);
		break;
	case HOY_ADDR_PIPE:
		end = hoy__put_text(buf, "pipe");
		break;
	}
	*end = '\0';
	return buf;
}

char *hoy_addr_string_4in6(const hoy_addr *addr, char buf[HOY_ADDR_STRLEN])
{
	char *end;

	if (addr->ip.len == 0)
		end = hoy__put_text(buf, addr->kind == HOY_ADDR_IP ? "invalid IP" : "invalid AddrPort");
	else if (addr->kind == HOY_ADDR_IP)
		end = put_zoned(buf, addr, hoy__put_ip_4in6);
	else
		end = put_ip_port(buf, addr, hoy__put_ip_4in6);
	*end = '\0';
	return buf;
}

const char *hoy_addr_network(const hoy_addr *addr)
{
	unsigned kind = (unsigned)addr->kind;

	return kind < sizeof networks / sizeof *networks ? networks[kind] : "";
}

static int path_equal(const hoy_addr *a, const hoy_addr *b)
{
	size_t len = hoy__path_len(a);

	return len == hoy__path_len(b) && memcmp(a->path, b->path, len) == 0;
}

int hoy_addr_equal(const hoy_addr *a, const hoy_addr *b)
{
	return a->kind == b->kind && a->port == b->port && hoy_ip_equal(a->ip, b->ip) &&
	       strncmp(a->zone, b->zone, sizeof a->zone) == 0 && path_equal(a, b);
}

int hoy_addr_compare(const hoy_addr *a, const hoy_addr *b)
{
	int order = hoy_ip_compare(a->ip, b->ip);

	if (order == 0)
		order = strncmp(a->zone, b->zone, sizeof a->zone);
	if (order == 0)
		order = (a->port > b->port) - (a->port < b->port);
	return (order > 0) - (order < 0);
}
