/*
 * The guide's first client: asks a web server for the header of its front page.
 *
 *	GetHeadInfo host:port
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static int get_head(void *service)
{
	hoy_conn *conn;
	hoy_addr addr;
	hoy_err err;
	char *result;

	if (hoy_resolve_tcp_addr("tcp4", service, &addr, &err) < 0)
		fatal(&err);
	conn = hoy_dial_tcp("tcp", NULL, &addr, &err);
	if (!conn)
		fatal(&err);
	if (hoy_conn_write(conn, request, strlen(request), &err) < 0)
		fatal(&err);
	if (hoy_read_all(conn, &result, 0, &err) < 0)	/* to the end: the server closes */
		fatal(&err);
	puts(result);
	hoy_free(result);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: %s host:port\n", argv[0]);
		return 1;
	}
	return hoy_run(get_head, argv[1]);
}
