/*
 * A client for datagrams on a Unix network: sends one text and prints what comes back. For an answer it needs a name of its
 * own; this one is in the abstract namespace, so no file stays behind.
 *
 *	UnixgramEchoClient path text
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static int ask(void *arg)
{
	char **argv = arg, name[32], buf[1024];
	hoy_addr local, server;
	hoy_conn *conn;
	hoy_err err;
	ssize_t n;

	snprintf(name, sizeof name, "@echo-client-%ld", (long)getpid());
	if (hoy_resolve_unix_addr("unixgram", name, &local, &err) < 0 ||
	    hoy_resolve_unix_addr("unixgram", argv[1], &server, &err) < 0)
		fatal(&err);
	conn = hoy_dial_unix("unixgram", &local, &server, &err);
	if (!conn || hoy_conn_set_deadline(conn, hoy_in(5 * HOY_SECOND), &err) < 0)
		fatal(&err);
	if (hoy_conn_write(conn, argv[2], strlen(argv[2]), &err) < 0 || (n = hoy_conn_read(conn, buf, sizeof buf, &err)) < 0)
		fatal(&err);
	printf("%.*s\n", (int)n, buf);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "Usage: %s path text\n", argv[0]);
		return 1;
	}
	return hoy_run(ask, argv);
}
