/*
 * Every system call and every allocation of an exchange over raw IP, made to fail one after the other. What fails is told
 * as it is, nothing is left open or allocated, and the next run succeeds.
 */
#include <errno.h>
#include <sched.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "t.h"
#include "support/sweep.h"

static int exchange(hoy_conn *in, hoy_conn *out, hoy_err *err)
{
	char buf[64];
	hoy_msg m = { .data = buf, .size = sizeof buf };
	hoy_addr from;

	if (hoy_conn_write(out, "there", 5, err) < 0 || hoy_conn_read_from(in, buf, sizeof buf, &from, err) < 0 ||
	    hoy_raw_set_header(out, 0, err) < 0 ||
	    hoy_raw_write_msg(out, &(hoy_msg){ .data = buf, .len = 5 }, err) < 0 || hoy_raw_read_msg(in, &m, err) < 0 ||
	    hoy_conn_write_to(in, "back", 4, &from, err) < 0 || hoy_conn_read(out, buf, sizeof buf, err) < 0)
		return told(err);
	return CHECK_INT(m.len, 20 + 5) ? 0 : -EBADMSG;
}

static int packets(void *arg)
{
	hoy_err err = { 0 };
	hoy_conn *in = hoy_listen_packet("ip4:253", "127.0.0.1", &err), *out;
	hoy_time deadline = hoy_in(5 * t_scale() * HOY_SECOND);
	int code;

	(void)arg;
	if (!in)
		return told(&err);
	out = hoy_dial("ip4:253", "127.0.0.1", &err);
	if (out) {
		hoy_conn_set_deadline(in, deadline, NULL);
		hoy_conn_set_deadline(out, deadline, NULL);
	}
	code = out ? exchange(in, out, &err) : told(&err);
	hoy_conn_free(out);
	hoy_conn_free(in);
	return code;
}

static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("a network namespace of its own not permitted");
	if (system("ip link set lo up 2>/dev/null") != 0)
		SKIP("no ip command, or not permitted");
}

TEST(packets_system_calls)
{
	own_network();
	sweep(packets, 1, 0, false);
}

TEST(packets_allocations)
{
	own_network();
	sweep(packets, -1, 0, false);
}
