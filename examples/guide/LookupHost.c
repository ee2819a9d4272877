/*
 * The guide's LookupHost: the addresses of a host as text.
 *
 *	LookupHost [host]		www.google.com without one
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
	char **addrs;
	hoy_err err;

	if (hoy_lookup_host(host, &addrs, &err) < 0)
		fatal(&err);
	for (char **addr = addrs; *addr; addr++)
		puts(*addr);
	hoy_free(addrs);
	return 0;
}
