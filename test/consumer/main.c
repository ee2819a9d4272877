/* What a stranger's program does with an installed hoy: one echo over loopback, exit 0 if it came back. */
#include <stdio.h>
#include <string.h>

#include <hoy.h>

static void echo(hoy_conn *c, void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

static int serve(void *l)
{
	return hoy_serve((hoy_listener *)l, echo, NULL, NULL, NULL);
}

static int fail(const char *what, const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "%s: %s\n", what, hoy_err_string(err, text));
	return 1;
}

static int run(void *arg)
{
	char address[64], reply[6] = "";
	hoy_listener *l;
	hoy_addr addr;
	hoy_conn *c;
	hoy_err err;

	(void)arg;
	if (!(l = hoy_listen("tcp4", "127.0.0.1:0", &err)))
		return fail("listen", &err);
	if (hoy_go(serve, l) < 0)
		return 1;
	hoy_listener_addr(l, &addr);
	snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)addr.port);
	if (!(c = hoy_dial_timeout("tcp", address, 5 * HOY_SECOND, &err)))
		return fail("dial", &err);
	if (hoy_conn_write(c, "hello", 5, &err) < 0 || hoy_read_full(c, reply, 5, &err) < 0)
		return fail("echo", &err);
	hoy_conn_free(c);
	hoy_listener_close(l, NULL);
	printf("%s from hoy %s\n", reply, hoy_version());
	return strcmp(reply, "hello") != 0;
}

int main(void)
{
	return hoy_run(run, NULL);
}
