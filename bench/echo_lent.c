/* README's echo server without a buffer of its own; the address is argv[1]. */
#include <err.h>
#include <hoy.h>

static void echo(hoy_conn *c, void *arg)
{
	const void *data;
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read_lent(c, &data, NULL)) > 0)
		if (hoy_conn_write(c, data, (size_t)n, NULL) < 0)
			break;
}

static int serve(void *address)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", address, &err);

	if (!l || hoy_serve(l, echo, NULL, NULL, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? hoy_run(serve, argv[1]) : 2;
}
