/*
 * The guide's LookupPort: the port of a service.
 *
 *	LookupPort [network [service]]	tcp telnet without them
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
	const char *network = argc > 1 ? argv[1] : "tcp";
	const char *service = argc > 2 ? argv[2] : "telnet";
	hoy_err err;
	int port = hoy_lookup_port(network, service, &err);

	if (port < 0)
		fatal(&err);
	printf("%d\n", port);
	return 0;
}
