/*
 * The guide's echo server by Listen, which takes the address as text. hoy_serve is its
 * accept loop: a task per client, and a pause when descriptors are short.
 *
 *	ThreadedIPEchoServer [address]	:1200 without one
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

static void handle_client(hoy_conn *conn, void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(conn, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(conn, buf, (size_t)n, NULL) < 0)
			return;
}

static int serve(void *service)
{
	hoy_err err;
	hoy_listener *listener = hoy_listen("tcp", service, &err);

	if (!listener || hoy_serve(listener, handle_client, NULL, NULL, &err) < 0)
		fatal(&err);
	hoy_listener_free(listener);
	return 0;
}

int main(int argc, char **argv)
{
	char port[] = ":1200";

	return hoy_run(serve, argc > 1 ? argv[1] : port);
}
