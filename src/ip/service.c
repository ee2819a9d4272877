/* Services and protocols that exist everywhere, whatever the files of a system say. */
#include "ip/service.h"

#include <string.h>
#include <strings.h>

#include <hoy/addr.h>

#include "base/base.h"
#include "ip/fail.h"

static const struct { const char *name; int tcp, udp; } services[] = {
	{ "domain", 53, 53 },
	{ "ftp", 21, -1 },
	{ "ftps", 990, -1 },
	{ "gopher", 70, -1 },
	{ "http", 80, -1 },
	{ "https", 443, -1 },
	{ "imap2", 143, -1 },
	{ "imap3", 220, -1 },
	{ "imaps", 993, -1 },
	{ "pop3", 110, -1 },
	{ "pop3s", 995, -1 },
	{ "smtp", 25, -1 },
	{ "submissions", 465, -1 },
	{ "ssh", 22, -1 },
	{ "telnet", 23, -1 },
};

static const struct { const char *name; int number; } protocols[] = {
	{ "icmp", 1 }, { "igmp", 2 }, { "tcp", 6 }, { "udp", 17 }, { "ipv6-icmp", 58 },
};

int hoy__builtin_port(const char *proto, const char *name)
{
	for (size_t i = 0; i < LEN(services); i++)
		if (strcasecmp(name, services[i].name) == 0)
			return strncmp(proto, "udp", 3) == 0 ? services[i].udp : services[i].tcp;
	return -1;
}

int hoy__builtin_protocol(const char *name)
{
	for (size_t i = 0; i < LEN(protocols); i++)
		if (strcasecmp(name, protocols[i].name) == 0)
			return protocols[i].number;
	return -1;
}

bool hoy__scan_port(const char *service, long *port)
{
	const long most = (1 << 30) - 1;	/* enough to be out of range, too small to overflow */
	int negative = *service == '-';
	long n = 0;

	for (service += negative || *service == '+'; *service; service++) {
		if (*service < '0' || *service > '9')
			return false;
		n = n * 10 + (*service - '0');
		if (n > most)
			n = most;
	}
	*port = negative ? -n : n;
	return true;
}

static int is_transport(const char *network, const char *proto)
{
	return strncmp(network, proto, 3) == 0 &&
	       (network[3] == '\0' || strcmp(network + 3, "4") == 0 || strcmp(network + 3, "6") == 0);
}

/* A name, in the tables of the network; -1 when it is in none. */
static int named_port(const char *network, const char *service)
{
	if (is_transport(network, "tcp") || is_transport(network, "udp"))
		return hoy__builtin_port(network, service);
	int port = hoy__builtin_port("tcp", service);

	return port < 0 ? hoy__builtin_port("udp", service) : port;
}

/* Go says which network the name was not known in: lookup tcp/nosuch: unknown port. */
static int fail_unknown(const char *network, const char *service, hoy_err *err)
{
	char subject[sizeof err->subject];
	size_t room = sizeof subject - 1, len = strnlen(network, room);

	memcpy(subject, network, len);
	if (len < room)
		subject[len++] = '/';
	strncpy(subject + len, service, room - len);
	subject[room] = '\0';
	return hoy__lookup_fail(HOY_ENOPORT, subject, err);
}

int hoy_lookup_port(const char *network, const char *service, hoy_err *err)
{
	long port;

	if (!hoy__scan_port(service, &port)) {
		if (*network == '\0')
			network = "ip";
		if (!is_transport(network, "tcp") && !is_transport(network, "udp") && strcmp(network, "ip") != 0)
			return hoy__addr_fail(HOY_ENETWORK, network, 0, err);
		port = named_port(network, service);
		if (port < 0)
			return fail_unknown(network, service, err);
	}
	if (port < 0 || port > 65535)
		return hoy__addr_fail(HOY_EBADPORT, service, 0, err);
	return (int)port;
}
