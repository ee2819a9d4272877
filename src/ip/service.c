/* Services and protocols that exist everywhere, whatever the files of a system say. */
#include "ip/service.h"

#include <string.h>
#include <strings.h>

#include "base/base.h"

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
			return strcmp(proto, "udp") == 0 ? services[i].udp : services[i].tcp;
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
