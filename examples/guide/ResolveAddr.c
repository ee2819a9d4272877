/*
 * The guide's summary of addresses: each network has its resolver, and all of them fill in
 * a hoy_addr, whose fields are shown.
 *
 *	ResolveAddr network address		tcp www.google.com:80, ip fe80::1%eth0, unix /tmp/socket
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static int resolve(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	switch (network[0]) {
	case 't':
		return hoy_resolve_tcp_addr(network, address, addr, err);
	case 'i':
		return hoy_resolve_ip_addr(network, address, addr, err);
	default:
		return network[0] == 'u' && network[1] == 'd' ? hoy_resolve_udp_addr(network, address, addr, err)
							      : hoy_resolve_unix_addr(network, address, addr, err);
	}
}

int main(int argc, char **argv)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	if (argc != 3) {
		fprintf(stderr, "Usage: %s network address\n", argv[0]);
		return 1;
	}
	if (resolve(argv[1], argv[2], &addr, &err) < 0)
		fatal(&err);
	printf("%s %s\n", hoy_addr_network(&addr), hoy_addr_string(&addr, text));
	if (addr.kind == HOY_ADDR_TCP || addr.kind == HOY_ADDR_UDP)
		printf("IP %s, port %u, zone %s\n", hoy_ip_string(addr.ip, text), addr.port, addr.zone);
	else if (addr.kind == HOY_ADDR_IP)
		printf("IP %s, zone %s\n", hoy_ip_string(addr.ip, text), addr.zone);
	return 0;
}
