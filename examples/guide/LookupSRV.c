/*
 * The guide's LookupSRV: where a domain offers a service, by priority, and at random by
 * weight within one.
 *
 *	LookupSRV [service [proto [name]]]	xmpp-server tcp google.com without them
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
	const char *service = argc > 1 ? argv[1] : "xmpp-server";
	const char *proto = argc > 2 ? argv[2] : "tcp";
	const char *name = argc > 3 ? argv[3] : "google.com";
	char cname[HOY_NAME_STRLEN];
	hoy_err err;
	hoy_srv *srvs;
	int n = hoy_lookup_srv(service, proto, name, cname, &srvs, &err);

	if (n < 0)
		fatal(&err);
	printf("\ncname: %s \n\n", cname);
	for (int i = 0; i < n; i++)
		printf("%s:%u:%u:%u\n", srvs[i].target, srvs[i].port, srvs[i].priority, srvs[i].weight);
	hoy_free(srvs);
	return 0;
}
