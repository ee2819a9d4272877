/*
 * The guide's udp client: reads, then writes. Nobody can have sent anything yet, so the
 * guide's waits for ever; this one gives the read a second.
 *
 *	UDPClient host:port
 */
#include <hoy.h>

#include <stdio.h>
#include <string.h>

static const char hello[] = "Hello from client";

static int talk(void *service)
{
	char buffer[1024], text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_conn *conn = hoy_dial("udp", service, &err);

	if (!conn) {
		fprintf(stderr, "%s\n", hoy_err_string(&err, text));
		return 1;
	}
	/* simple Read */
	hoy_conn_set_read_deadline(conn, hoy_in(HOY_SECOND), NULL);
	if (hoy_conn_read(conn, buffer, sizeof buffer, &err) < 0)
		fprintf(stderr, "%s\n", hoy_err_string(&err, text));
	/* simple write */
	hoy_conn_write(conn, hello, strlen(hello), NULL);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: %s host:port\n", argv[0]);
		return 1;
	}
	return hoy_run(talk, argv[1]);
}
