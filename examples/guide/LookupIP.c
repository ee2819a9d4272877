/*
 * The guide's LookupIP: the addresses of a host, by the system's resolver. A plain thread
 * may look up too; no runtime is needed.
 *
 *	LookupIP [host]			www.google.com without one
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
	const char *host = argc > 1 ? argv[1] : "www.google.com";
	char text[HOY_IP_STRLEN];
	hoy_err err;
	hoy_ip *addrs;
	int n = hoy_lookup_ip(host, &addrs, &err);

	if (n < 0)
		fatal(&err);
	for (int i = 0; i < n; i++)
		puts(hoy_ip_string(addrs[i], text));
	hoy_free(addrs);
	return 0;
}
