/*
 * The guide's LookupTXT: the text records of a domain, each in one piece. Such a text may
 * hold any byte, so its length is told.
 *
 *	LookupTXT [name]		gmail.com without one
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
	hoy_txt *txts;
	int n = hoy_lookup_txt(name, &txts, &err);

	if (n < 0)
		fatal(&err);
	for (int i = 0; i < n; i++) {
		fwrite(txts[i].text, 1, txts[i].len, stdout);
		putchar('\n');
	}
	hoy_free(txts);
	return 0;
}
