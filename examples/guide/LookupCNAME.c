/*
 * The guide's LookupCNAME: the name at the end of a host's aliases; its own when it is no
 * alias, as www.google.com.
 *
 *	LookupCNAME [host]		research.swtch.com without one
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
	const char *host = argc > 1 ? argv[1] : "research.swtch.com";
	char cname[HOY_NAME_STRLEN];
	hoy_err err;

	if (hoy_lookup_cname(host, cname, &err) < 0)
		fatal(&err);
	puts(cname);
	return 0;
}
