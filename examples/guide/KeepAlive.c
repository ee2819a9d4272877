/*
 * Controlling TCP connections, b): stays connected with nothing to say. The system asks
 * the silent peer for a sign of life after 30 s, and gives up after four unanswered
 * probes; ss -tno shows the clock running.
 *
 *	KeepAlive host:port
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

static int stay(void *service)
{
	/* hoy_tcp_set_keep_alive(conn, 1, &err) would do; it is on already, as in Go, every 15 s */
	hoy_keep_alive_config config = {
		.enable = 1, .idle = 30 * HOY_SECOND, .interval = 10 * HOY_SECOND, .count = 4
	};
	hoy_err err;
	hoy_conn *conn = hoy_dial("tcp", service, &err);
	char buf[512];
	ssize_t n;

	if (!conn || hoy_tcp_set_keep_alive_config(conn, &config, &err) < 0)
		fatal(&err);
	while ((n = hoy_conn_read(conn, buf, sizeof buf, &err)) > 0) {
		fwrite(buf, 1, (size_t)n, stdout);
		fflush(stdout);
	}
	if (n < 0)
		fatal(&err);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: %s host:port\n", argv[0]);
		return 1;
	}
	return hoy_run(stay, argv[1]);
}
