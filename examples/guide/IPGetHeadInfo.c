/*
 * The guide's header client by Dial, which takes the address as text, with a loop of
 * its own in place of ReadAll.
 *
 *	IPGetHeadInfo host:port
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

/* All that comes until the end, as text of our own. */
static char *read_fully(hoy_conn *conn)
{
	char buf[512], *result;
	size_t size;
	FILE *out = open_memstream(&result, &size);
	hoy_err err;
	ssize_t n;

	while ((n = hoy_conn_read(conn, buf, sizeof buf, &err)) > 0)
		fwrite(buf, 1, (size_t)n, out);
	if (n < 0)
		fatal(&err);
	fclose(out);
	hoy_conn_free(conn);
	return result;
}

static int get_head(void *service)
{
	hoy_err err;
	hoy_conn *conn = hoy_dial("tcp", service, &err);
	char *result;

	if (!conn || hoy_conn_write(conn, request, strlen(request), &err) < 0)
		fatal(&err);
	result = read_fully(conn);
	puts(result);
	free(result);
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
