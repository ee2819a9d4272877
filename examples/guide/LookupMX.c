/*
 * The guide's LookupMX: who takes a domain's mail, by preference.
 *
 *	LookupMX [name]			google.com without one
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
	const char *name = argc > 1 ? argv[1] : "google.com";
	hoy_err err;
	hoy_mx *mxs;
	int n = hoy_lookup_mx(name, &mxs, &err);

	if (n < 0)
		fatal(&err);
	for (int i = 0; i < n; i++)
		printf("%s %u\n", mxs[i].host, mxs[i].pref);
	hoy_free(mxs);
	return 0;
}
