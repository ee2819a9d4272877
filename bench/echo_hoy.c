/* README's echo server; argv[1] is the address, or a path with a slash. */
#include <err.h>
#include <hoy.h>
#include <string.h>

static void echo(hoy_conn *c, void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, n, NULL) < 0)
			break;
}

static int serve(void *address)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen(strchr(address, '/') ? "unix" : "tcp", address, &err);

	if (!l || hoy_serve(l, echo, NULL, NULL, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? hoy_run(serve, argv[1]) : 2;
}
