/*
 * The guide's Listen on a Unix network: its last echo server, over a stream ("unix") or over packets that keep their
 * boundaries ("unixpacket"). A name that begins with @ is in the abstract namespace, without a file.
 *
 *	UnixEchoServer [network path]		unix and echo.sock without them
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

static int handle_client(void *client)
{
	hoy_conn *conn = client;
	char buf[512];
	ssize_t n;

	while ((n = hoy_conn_read(conn, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(conn, buf, (size_t)n, NULL) < 0)
			break;
	hoy_conn_free(conn);
	return 0;
}

static int serve(void *arg)
{
	char **argv = arg;
	hoy_err err;
	hoy_listener *listener = hoy_listen(argv[0], argv[1], &err);

	if (!listener)
		fatal(&err);
	for (;;) {
		hoy_conn *conn = hoy_listener_accept(listener, NULL);

		if (!conn) {
			/* the guide goes on at once, and so spins while descriptors are short */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		if (hoy_go(handle_client, conn) < 0)
			hoy_conn_free(conn);
	}
}

int main(int argc, char **argv)
{
	char network[] = "unix", path[] = "echo.sock", *usual[] = { network, path };

	return hoy_run(serve, argc > 2 ? argv + 1 : usual);
}
