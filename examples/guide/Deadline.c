/*
 * Controlling TCP connections, a): the client's patience. Waits two seconds, or as many
 * milliseconds as it is told, for a server to say something and close.
 *
 *	Deadline host:port [milliseconds]
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>

struct wait {
	const char *service;
	hoy_duration patience;
};

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static int listen_to_it(void *arg)
{
	const struct wait *w = arg;
	hoy_err err;
	hoy_conn *conn = hoy_dial("tcp", w->service, &err);
	char buf[512];
	ssize_t n;

	/* A deadline is a moment, not a duration: one covers all the reads and writes that follow. */
	if (!conn || hoy_conn_set_deadline(conn, hoy_in(w->patience), &err) < 0)
		fatal(&err);
	while ((n = hoy_conn_read(conn, buf, sizeof buf, &err)) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	if (n < 0)
		fatal(&err);	/* read tcp …: i/o timeout */
	putchar('\n');
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	struct wait w = { .patience = 2 * HOY_SECOND };

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "Usage: %s host:port [milliseconds]\n", argv[0]);
		return 1;
	}
	w.service = argv[1];
	if (argc == 3)
		w.patience = atoi(argv[2]) * HOY_MILLISECOND;
	return hoy_run(listen_to_it, &w);
}
