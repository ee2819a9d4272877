/*
 * The guide's daytime client over UDP. A datagram may be lost, and then the guide's waits
 * for ever; this one waits five seconds.
 *
 *	UDPDaytimeClient host:port
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

static int ask(void *service)
{
	char buf[512];
	hoy_conn *conn;
	hoy_addr addr;
	hoy_err err;
	ssize_t n;

	if (hoy_resolve_udp_addr("udp", service, &addr, &err) < 0)
		fatal(&err);
	conn = hoy_dial_udp("udp", NULL, &addr, &err);
	if (!conn || hoy_conn_set_deadline(conn, hoy_in(5 * HOY_SECOND), &err) < 0)
		fatal(&err);
	if (hoy_conn_write(conn, "anything", 8, &err) < 0 || (n = hoy_conn_read(conn, buf, sizeof buf, &err)) < 0)
		fatal(&err);
	printf("%.*s\n", (int)n, buf);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: %s host:port\n", argv[0]);
		return 1;
	}
	return hoy_run(ask, argv[1]);
}
