/*
 * A client of the guide's Dial on a Unix network: sends one text to an echo server and prints what comes back.
 *
 *	UnixEchoClient network path text	network: unix, unixpacket
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static int ask(void *arg)
{
	char **argv = arg, buf[512];
	hoy_err err;
	hoy_conn *conn = hoy_dial(argv[1], argv[2], &err);
	ssize_t n;

	if (!conn || hoy_conn_set_deadline(conn, hoy_in(5 * HOY_SECOND), &err) < 0)
		fatal(&err);
	if (hoy_conn_write(conn, argv[3], strlen(argv[3]), &err) < 0 || (n = hoy_conn_read(conn, buf, sizeof buf, &err)) < 0)
		fatal(&err);
	printf("%.*s\n", (int)n, buf);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "Usage: %s network path text\n", argv[0]);
		return 1;
	}
	return hoy_run(ask, argv);
}
