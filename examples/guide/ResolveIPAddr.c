/*
 * The guide's ResolveIPAddr: one address of a host, IPv4 if there is any, or of the family
 * that the network says: ip, ip4 or ip6.
 *
 *	ResolveIPAddr [network [host]]	ip www.google.com without them
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

int main(int argc, char **argv)
{
	const char *network = argc > 1 ? argv[1] : "ip";
	const char *host = argc > 2 ? argv[2] : "www.google.com";
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	if (hoy_resolve_ip_addr(network, host, &addr, &err) < 0)
		fatal(&err);
	puts(hoy_addr_string(&addr, text));
	return 0;
}
