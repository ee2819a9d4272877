/*
 * The guide's ListenPacket on a Unix network: sends every datagram back to the name that it came from. One from a socket
 * without a name cannot be answered.
 *
 *	UnixgramEchoServer [path]		echo.sock without one
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

static int serve(void *path)
{
	hoy_err err;
	hoy_conn *pc = hoy_listen_packet("unixgram", path, &err);
	char buf[1024];
	hoy_addr addr;

	if (!pc)
		fatal(&err);
	for (;;) {
		ssize_t n = hoy_conn_read_from(pc, buf, sizeof buf, &addr, NULL);

		if (n < 0) {
			/* the guide goes on at once, and so spins while memory is short */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		hoy_conn_write_to(pc, buf, (size_t)n, &addr, NULL);
	}
}

int main(int argc, char **argv)
{
	char path[] = "echo.sock";

	return hoy_run(serve, argc > 1 ? argv[1] : path);
}
