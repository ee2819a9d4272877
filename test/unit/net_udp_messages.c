/*
 * Systems that cannot do all that messages make use of: without recvmmsg and sendmmsg, without UDP_SEGMENT, or with a
 * device that refuses it. The datagrams that arrive are the same.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "net/net.h"
#include "support/fault_os.h"
#include "t.h"

enum { MESSAGES = 10, SIZE = 100, LAST = 30, DATAGRAMS = 3 * MESSAGES - 2 };

/* Nine messages of one datagram and one of many; all have 10 bytes but the last. */
static int send_and_count(int *calls)
{
	static char data[MESSAGES][SIZE], buf[DATAGRAMS][SIZE];
	hoy_conn *server = hoy_listen_packet("udp", "127.0.0.1:0", NULL), *client = hoy_listen_packet("udp", "127.0.0.1:0", NULL);
	hoy_msg out[MESSAGES], in[DATAGRAMS];
	int got = 0, n = 1, want = 9 + 4;
	hoy_addr to;

	hoy_conn_local_addr(server, &to);
	hoy_conn_set_read_deadline(server, hoy_in(t_scale() * HOY_SECOND), NULL);
	for (int i = 0; i < MESSAGES; i++) {
		memset(data[i], 'a' + i, SIZE);
		out[i] = (hoy_msg){ .data = data[i], .len = 10, .addr = to };
	}
	out[9].len = 35;
	out[9].segment = 10;
	for (int i = 0; i < DATAGRAMS; i++)
		in[i] = (hoy_msg){ .data = buf[i], .size = SIZE };
	for (int round = 0; round < 2; round++) {
		CHECK_INT(hoy_udp_write_batch(client, out, MESSAGES, NULL), MESSAGES);
		for (got = 0; got < want && (n = hoy_udp_read_batch(server, in + got, DATAGRAMS - got, NULL)) > 0; got += n)
			;
		CHECK_INT(got, want);
		for (int i = 0; i < got; i++) {
			CHECK_INT(in[i].len, i == want - 1 ? 5 : 10);
			CHECK_INT(buf[i][0], 'a' + (i < 9 ? i : 9));
			CHECK_INT(in[i].ttl > 0 && in[i].dst.len == 4, 1);
		}
	}
	*calls = (int)(fault_calls(FAULT_sendmsg) + fault_calls(FAULT_sendmmsg));
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

static int scenario(void *calls)
{
	return send_and_count(calls);
}

static int run(void)
{
	int calls = 0;

	CHECK_INT(hoy_run(scenario, &calls), 0);
	return calls;
}

TEST(all_there)
{
	fault_install();
	fault_reset();
	CHECK_INT(run(), 2);		/* one packet of all datagrams, twice */
	CHECK_INT(fault_calls(FAULT_recvmsg), 0);
}

TEST(no_recvmmsg)
{
	fault_install();
	fault_reset();
	fault_storm(FAULT_recvmmsg, 1, -ENOSYS);
	run();
	CHECK_INT(fault_calls(FAULT_recvmmsg), 1);	/* tried once */
	CHECK(fault_calls(FAULT_recvmsg) >= 2 * 13);
}

/* Without the option there is no probing message by message. */
TEST(no_segments)
{
	fault_install();
	fault_reset();
	fault_storm(FAULT_getsockopt, 1, -ENOPROTOOPT);
	CHECK_INT(run(), 2);
	CHECK_INT(fault_calls(FAULT_sendmmsg), 2);
}

TEST(no_segments_and_no_sendmmsg)
{
	fault_install();
	fault_reset();
	fault_storm(FAULT_getsockopt, 1, -ENOPROTOOPT);
	fault_storm(FAULT_sendmmsg, 1, -ENOSYS);
	CHECK_INT(run(), 1 + 2 * 13);
	CHECK_INT(fault_calls(FAULT_sendmmsg), 1);
}

/* What the device refuses it is given in parts. EIO: and is not tried again; else the next route may do. */
TEST(a_device_that_refuses_segments)
{
	static const struct { int code, calls; } rows[] = { { -EIO, 3 }, { -EINVAL, 3 }, { -EMSGSIZE, 3 } };

	fault_install();
	for (size_t i = 0; i < LEN(rows); i++) {
		fault_reset();
		fault_entry_at(FAULT_sendmsg, 1, rows[i].code);
		CHECK_INT(run(), rows[i].calls);
		CHECK_INT(fault_calls(FAULT_sendmmsg), rows[i].code == -EIO ? 2 : 1);
	}
}

TEST(storms_of_not_now)
{
	fault_install();
	for (int period = 2; period < 5; period++) {
		fault_reset();
		fault_storm(FAULT_sendmsg, period, -EAGAIN);
		fault_storm(FAULT_recvmmsg, period, -EAGAIN);
		run();
	}
}

/* Part of a batch goes out, the rest waits for room. */
TEST(room_for_a_part)
{
	fault_install();
	fault_reset();
	fault_storm(FAULT_getsockopt, 1, -ENOPROTOOPT);
	fault_entry_at(FAULT_sendmmsg, 1, -EAGAIN);
	run();
	CHECK(fault_fired());
}

/* Without UDP_GRO each message is one datagram, as the caller allowed for; other failures are told. */
TEST(no_gro)
{
	hoy_conn *c;
	hoy_err err = { 0 };

	fault_install();
	fault_reset();
	c = hoy_listen_packet("udp", "127.0.0.1:0", NULL);
	fault_storm(FAULT_setsockopt, 1, -ENOPROTOOPT);
	CHECK_INT(hoy_udp_set_gro(c, 1, &err), 0);
	CHECK_INT(hoy_udp_set_ttl(c, 9, &err), -ENOPROTOOPT);
	fault_storm(FAULT_setsockopt, 1, -EPERM);
	CHECK_INT(hoy_udp_set_gro(c, 1, &err), -EPERM);
	CHECK_INT(err.code, -EPERM);
	hoy_conn_free(c);
}
