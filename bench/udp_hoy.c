/* A UDP echo server, one datagram at a time; the address is argv[1]. */
#include <err.h>
#include <hoy.h>

static int serve(void *address)
{
	static char buf[65536];
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_conn *c = hoy_listen_packet("udp", address, &err);
	hoy_addr from;
	ssize_t n;

	if (!c)
		errx(1, "%s", hoy_err_string(&err, text));
	while ((n = hoy_conn_read_from(c, buf, sizeof buf, &from, NULL)) >= 0)
		hoy_conn_write_to(c, buf, (size_t)n, &from, NULL);
	hoy_conn_free(c);
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? hoy_run(serve, argv[1]) : 2;
}
