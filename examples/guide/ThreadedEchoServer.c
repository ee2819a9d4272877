/*
 * The guide's echo server after its conversion: a task per client, so nobody waits for
 * anybody. Only serve() differs from SimpleEchoServer.
 *
 *	ThreadedEchoServer [address]	:1201 without one
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

	while ((n = hoy_conn_read(conn, buf, sizeof buf, NULL)) > 0) {
		fwrite(buf, 1, (size_t)n, stdout);	/* the guide prints all 512, whatever n is */
		putchar('\n');
		fflush(stdout);
		if (hoy_conn_write(conn, buf, (size_t)n, NULL) < 0)
			break;
	}
	hoy_conn_free(conn);
	return 0;
}

static int serve(void *service)
{
	hoy_listener *listener;
	hoy_addr addr;
	hoy_err err;

	if (hoy_resolve_tcp_addr("tcp", service, &addr, &err) < 0)
		fatal(&err);
	listener = hoy_listen_tcp("tcp", &addr, &err);
	if (!listener)
		fatal(&err);
	for (;;) {
		hoy_conn *conn = hoy_listener_accept(listener, NULL);

		if (!conn) {
			/* the guide's branch is empty: it would handle a client that is not there */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		if (hoy_go(handle_client, conn) < 0)
			hoy_conn_free(conn);	/* no memory for the task: the client stays ours */
	}
}

int main(int argc, char **argv)
{
	char port[] = ":1201";

	return hoy_run(serve, argc > 1 ? argv[1] : port);
}
