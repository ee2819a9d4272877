/*
 * Every system call and every allocation of a datagram's way there and back, and of a race
 * between two addresses, made to fail one after the other. What fails is told as it is;
 * nothing is left open or allocated, nobody waits for ever, and the next run succeeds.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "net/net.h"
#include "t.h"
#include "support/sweep.h"

static int there_and_back(hoy_conn *server, hoy_conn *client)
{
	char buf[8];
	hoy_err err = { 0 };
	hoy_addr from;

	if (hoy_conn_write(client, "there", 5, &err) < 0 ||
	    hoy_conn_read_from(server, buf, sizeof buf, &from, &err) < 0 ||
	    hoy_conn_write_to(server, "back", 4, &from, &err) < 0 ||
	    hoy_conn_read(client, buf, sizeof buf, &err) < 0)
		return told(&err);
	return CHECK(memcmp(buf, "back", 4) == 0) ? 0 : -EBADMSG;
}

static int datagrams(void *arg)
{
	char text[HOY_ADDR_STRLEN];
	hoy_err err = { 0 };
	hoy_conn *server = hoy_listen_packet("udp", "127.0.0.1:0", &err), *client;
	hoy_addr at;
	int code;

	(void)arg;
	if (!server)
		return told(&err);
	hoy_conn_local_addr(server, &at);
	if (!at.port) {		/* its own address could not be had: nobody can write to it */
		hoy_conn_free(server);
		return 0;
	}
	hoy_conn_set_read_deadline(server, hoy_in(t_scale() * HOY_SECOND), NULL);
	client = hoy_dial("udp", hoy_addr_string(&at, text), &err);
	code = client ? there_and_back(server, client) : told(&err);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return code;
}

/* Options, a group, and a batch to two peers there and back. */
static int exchange(hoy_conn *server, hoy_conn *client, uint16_t port)
{
	char data[2][8] = { "one", "two" }, buf[2][8];
	hoy_addr to, own;
	hoy_err err = { 0 };

	hoy_conn_local_addr(client, &own);
	to = (hoy_addr){ .kind = HOY_ADDR_UDP, .ip = own.ip, .port = port };
	hoy_msg out[2] = { { .data = data[0], .len = 3, .addr = to }, { .data = data[1], .len = 3, .addr = own } };
	hoy_msg in[2] = { { .data = buf[0], .size = 8 }, { .data = buf[1], .size = 8 } };

	if (!own.port || !to.port)	/* its own address could not be had */
		return 0;
	hoy_conn_set_read_deadline(server, hoy_in(t_scale() * HOY_SECOND), NULL);
	if (hoy_udp_set_ttl(client, 9, &err) < 0 || hoy_udp_set_mtu_discover(client, HOY_MTU_DO, &err) < 0 ||
	    hoy_udp_set_multicast_ttl(client, 2, &err) < 0 ||
	    hoy_udp_write_batch(client, out, 2, &err) < 0 || hoy_udp_read_batch(server, in, 2, &err) < 0 ||
	    hoy_udp_write_msg(server, in, &err) < 0 || hoy_udp_read_msg(client, in, &err) < 0 ||
	    hoy_udp_read_msg(client, in, &err) < 0)
		return told(&err);
	return CHECK_INT(in[0].len, 3) ? 0 : -EBADMSG;
}

static int messages(void *arg)
{
	hoy_addr group = { .kind = HOY_ADDR_UDP, .ip = { 4, { 239, 1, 2, 3 } } }, here = { .ip = { 4, { 127, 0, 0, 1 } } }, at;
	hoy_err err = { 0 };
	hoy_conn *server = hoy_listen_multicast_udp("udp4", 1, &group, &err), *client;
	int code;

	(void)arg;
	if (!server)
		return told(&err);
	hoy_conn_local_addr(server, &at);
	client = hoy_listen_udp("udp4", &here, &err);
	code = client ? exchange(server, client, at.port) : told(&err);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return code;
}

/* Either address will do, so most failures only send the dial to the other one. */
static int race(void *arg)
{
	hoy_err err = { 0 };
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", &err);
	hoy_addr list[2];
	hoy_conn *c;
	int code = 0;

	(void)arg;
	if (!l)
		return told(&err);
	hoy_listener_addr(l, &list[0]);
	list[1] = list[0];
	if (list[0].port) {
		c = hoy__dial_list(&(hoy_dialer){ 0 }, hoy__network_of(HOY_ADDR_TCP, 0), list, 2,
				   hoy_in(10 * HOY_SECOND).ns, &err);
		code = c ? 0 : told(&err);
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return code;
}

TEST(datagrams_system_calls) { sweep(datagrams, 1, 0, false); }
TEST(datagrams_out_of_memory) { sweep(datagrams, 1, -ENOMEM, false); }
TEST(datagrams_allocations) { sweep(datagrams, -1, 0, false); }
TEST(messages_system_calls) { sweep(messages, 1, 0, false); }
TEST(messages_out_of_memory) { sweep(messages, 1, -ENOMEM, false); }
TEST(messages_allocations) { sweep(messages, -1, 0, false); }
TEST(race_system_calls) { sweep(race, 1, 0, true); }
TEST(race_out_of_memory) { sweep(race, 1, -ENOMEM, true); }
TEST(race_allocations) { sweep(race, -1, 0, true); }
