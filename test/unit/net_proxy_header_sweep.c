/*
 * Every system call and every allocation of a connection that begins with a PROXY header, made to fail one after the other, and
 * the header in crumbs. What fails is told as it is; nothing is left open or allocated, and the next run succeeds.
 */
#include <errno.h>

#define TEST_LIMIT 120
#include "t.h"

#include "support/sweep.h"

static int send_header(hoy_conn *client, hoy_err *err)
{
	static const char line[] = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nx";
	int code = 0;

	for (size_t i = 0; i < 2 && code >= 0; i++) {
		code = (int)hoy_conn_write(client, line + 18 * i, i ? sizeof line - 1 - 18 : 18, err);
		hoy_yield();
	}
	return code < 0 ? code : 0;
}

/* What came of it, of either end. */
static int exchange(hoy_listener *l, hoy_conn *client, hoy_err *err)
{
	hoy_conn *c = hoy_listener_accept(l, err);
	char byte, text[HOY_ADDR_STRLEN];
	hoy_addr remote;
	int code;

	if (!c)
		return err->code;
	code = send_header(client, err);
	if (code == 0)
		code = hoy_proxy_header_await(c, err);
	if (code == 0)
		code = (int)hoy_conn_read(c, &byte, 1, err);
	if (code > 0) {
		hoy_conn_remote_addr(c, &remote);
		CHECK(byte == 'x');
		CHECK_STR(hoy_addr_string(&remote, text), "192.0.2.1:1", "remote");
		code = 0;
	}
	hoy_conn_free(c);
	return code;
}

static int scenario(void *arg)
{
	const hoy_prefix loopback = { .ip = { 4, { 127 } }, .bits = 8 };
	const hoy_proxy_policy policy = { .trusted = &loopback, .n_trusted = 1 };
	const hoy_listen_config lc = { .proxy = &policy };
	hoy_err err = { 0 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err);
	hoy_conn *client;
	hoy_addr at;
	int code;

	(void)arg;
	if (!l)
		return err.code;
	hoy_listener_addr(l, &at);
	client = at.port ? hoy_dialer_dial_addr(NULL, "tcp", &at, &err) : NULL;
	code = client ? exchange(l, client, &err) : err.code;
	hoy_conn_free(client);
	hoy_listener_free(l);
	return code;
}

TEST(system_calls)
{
	also_tolerated = FAULT_setsockopt;	/* no-delay and keep-alive are wishes, as in Go */
	sweep(scenario, 1, 0, false);
}

TEST(allocations) { sweep(scenario, -1, 0, false); }

/* MSG_PEEK sees one more byte each time, and nothing is lost. */
TEST(crumbs_and_storms)
{
	fault_install();
	for (int period = 2; period <= 3; period++) {
		fault_reset();
		fault_storm(FAULT_recv, period, -EAGAIN);
		CHECK_INT(run(scenario), 0);
	}
}
