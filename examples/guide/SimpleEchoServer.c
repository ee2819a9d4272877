/*
 * The guide's echo server before its conversion: one task for all. While a client is
 * connected, the next one waits.
 *
 *	SimpleEchoServer [address]	:1201 without one
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

static void handle_client(hoy_conn *conn)
{
	char buf[512];
	ssize_t n;

	while ((n = hoy_conn_read(conn, buf, sizeof buf, NULL)) > 0) {
		fwrite(buf, 1, (size_t)n, stdout);
		putchar('\n');
		fflush(stdout);
		if (hoy_conn_write(conn, buf, (size_t)n, NULL) < 0)
			return;
	}
}

static int serve(void *service)
{
	hoy_listener *listener;
	hoy_addr addr;
	hoy_err err;

	if (hoy_resolve_tcp_addr("tcp4", service, &addr, &err) < 0)
		fatal(&err);
	listener = hoy_listen_tcp("tcp", &addr, &err);
	if (!listener)
		fatal(&err);
	for (;;) {
		hoy_conn *conn = hoy_listener_accept(listener, NULL);

		if (!conn) {
			/* the guide goes on at once, and so spins while descriptors are short */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		handle_client(conn);
		hoy_conn_free(conn);	/* we're finished */
	}
}

int main(int argc, char **argv)
{
	char port[] = ":1201";

	return hoy_run(serve, argc > 1 ? argv[1] : port);
}
