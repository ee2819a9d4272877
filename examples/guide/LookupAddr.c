/*
 * The guide's LookupAddr: the names of an address, from its PTR records.
 *
 *	LookupAddr [address]		8.8.8.8 without one
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
	const char *addr = argc > 1 ? argv[1] : "8.8.8.8";
	char **names;
	hoy_err err;

	if (hoy_lookup_addr(addr, &names, &err) < 0)
		fatal(&err);
	for (char **name = names; *name; name++)
		puts(*name);
	hoy_free(names);
	return 0;
}
