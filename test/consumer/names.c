/*
 * What a static program cannot do with the C library's resolver: look up a mail server
 * and connect by name. Name server and server are its own; exit 0 if all came back.
 */
#include <hoy.h>

#include "nameserver.h"

static const struct known known[] = {
	{ "mail.example.", HOY_TYPE_MX, "10 smtp.mail.example." },
	{ "echo.example.", HOY_TYPE_A, "127.0.0.1" },
};

static int fail(const char *what, const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "%s: %s\n", what, hoy_err_string(err, text));
	return 1;
}

static void echo(hoy_conn *c, void *arg)
{
	(void)arg;
	hoy_copy(c, c, NULL);
}

static int serve(void *l)
{
	return hoy_serve((hoy_listener *)l, echo, NULL, NULL, NULL);
}

/* hoy_lookup_mx itself asks the servers of this machine, if it has any; only its end is awaited. */
static int look_up(hoy_resolver *r)
{
	hoy_mx *mx;
	hoy_err err;
	int n = hoy_resolver_lookup_mx(r, "mail.example", &mx, &err);

	if (n < 0)
		return fail("lookup", &err);
	printf("%s %u\n", mx[0].host, (unsigned)mx[0].pref);
	n = n == 1 && strcmp(mx[0].host, "smtp.mail.example.") == 0 ? 0 : 1;
	hoy_free(mx);
	if (hoy_lookup_mx("mail.invalid", &mx, &err) >= 0 || !hoy_is_not_found(err.code))
		return fail("lookup of nothing", &err);
	return n;
}

static int connect_by_name(hoy_resolver *r, const char *host, unsigned port)
{
	const hoy_dialer d = { .timeout = 5 * HOY_SECOND, .resolver = r };
	char address[64], reply[6] = "";
	hoy_conn *c;
	hoy_err err;

	snprintf(address, sizeof address, "%s:%u", host, port);
	c = r ? hoy_dialer_dial(&d, "tcp", address, &err) : hoy_dial("tcp", address, &err);
	if (!c || hoy_conn_write(c, "hello", 5, &err) < 0 || hoy_read_full(c, reply, 5, &err) < 0)
		return fail(address, &err);
	hoy_conn_free(c);
	printf("%s from %s\n", reply, host);
	return strcmp(reply, "hello") != 0;
}

static int run(void *arg)
{
	struct nameserver ns = { .known = known };
	const char *servers[] = { ns.address, NULL };
	const hoy_resolver_opts opts = { .servers = servers, .resolv_conf = "", .hosts = "", .nsswitch = "" };
	hoy_resolver *r;
	hoy_listener *l;
	hoy_addr addr;
	hoy_err err;
	int code;

	(void)arg;
	if (nameserver_open(&ns, known, sizeof known / sizeof *known) < 0 || hoy_go(nameserver_run, &ns) < 0)
		return 1;
	if (!(l = hoy_listen("tcp", "localhost:0", &err)))
		return fail("listen", &err);
	if (hoy_go(serve, l) < 0)
		return 1;
	if (!(r = hoy_resolver_new(&opts, &err)))
		return fail("resolver", &err);
	hoy_listener_addr(l, &addr);
	code = look_up(r) || connect_by_name(r, "echo.example", addr.port) || connect_by_name(NULL, "localhost", addr.port);
	hoy_resolver_free(r);
	hoy_listener_close(l, NULL);
	hoy_conn_close(ns.conn, NULL);
	return code;
}

int main(void)
{
	return hoy_run(run, NULL);
}
