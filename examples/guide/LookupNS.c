/*
 * The guide's LookupNS: the name servers of a domain.
 *
 *	LookupNS [name]			gmail.com without one
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
	const char *name = argc > 1 ? argv[1] : "gmail.com";
	hoy_err err;
	hoy_ns *nss;
	int n = hoy_lookup_ns(name, &nss, &err);

	if (n < 0)
		fatal(&err);
	for (int i = 0; i < n; i++)
		puts(nss[i].host);
	hoy_free(nss);
	return 0;
}
