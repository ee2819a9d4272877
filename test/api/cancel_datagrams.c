/*
 * Cancelling what waits for datagrams, and for room to send them: UDP, raw IP, ping, in a network of the test's own, and
 * Unix sockets.
 */
#define TEST_LIMIT 60

#include <sched.h>

#include "cancel.h"

static struct {
	hoy_conn *a, *b;	/* a is what the call is made on, b its peer */
	hoy_pinger *pinger;
	uint16_t seq;
	hoy_addr to;		/* a's peer */
} on;

static hoy_addr address_in(const char *text)
{
	hoy_addr addr;

	CHECK_INT(hoy_parse_addr(text, &addr, NULL), 0);
	return addr;
}

static hoy_conn *packets(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet(network, address, &err);

	must(c, address, &err);
	return c;
}

static void close_both(void)
{
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
}

/* ---- reading ---- */

static void open_udp(void)
{
	on.a = packets("udp", "127.0.0.1:0");
	on.b = packets("udp", "127.0.0.1:0");
	hoy_conn_local_addr(on.a, &on.to);
}

static void feed_datagram(void) { CHECK_INT(hoy_conn_write_to(on.b, "x", 1, &on.to, NULL), 1); }

static int was_x(ssize_t n, const char *buf)
{
	CHECK(n < 0 || (n == 1 && *buf == 'x'));
	return (int)n;
}

static int read_from(void)
{
	char buf[8];
	hoy_addr from;
	ssize_t n = hoy_conn_read_from(on.a, buf, sizeof buf, &from, NULL);

	return was_x(n, buf);
}

static int read_message(void)
{
	char buf[8];
	hoy_msg m = { .data = buf, .size = sizeof buf };
	ssize_t n = hoy_udp_read_msg(on.a, &m, NULL);

	return was_x(n, buf);
}

static int read_batch(void)
{
	char buf[2][8];
	hoy_msg m[2] = { { .data = buf[0], .size = 8 }, { .data = buf[1], .size = 8 } };

	return hoy_udp_read_batch(on.a, m, 2, NULL);
}

/* Echo replies, to which the kernel says nothing. */
static const uint8_t echo_reply[8] = { 0, 0, 0xff, 0xff };

static void open_raw(void)
{
	hoy_err err;

	on.a = packets("ip4:icmp", "127.0.0.1");
	on.b = hoy_dial("ip4:icmp", "127.0.0.1", &err);
	must(on.b, "dial", &err);
}

static void feed_packet(void) { CHECK_INT(hoy_conn_write(on.b, echo_reply, sizeof echo_reply, NULL), sizeof echo_reply); }

static int read_packet(void)
{
	char buf[64];
	hoy_msg m = { .data = buf, .size = sizeof buf };

	return (int)hoy_raw_read_msg(on.a, &m, NULL);
}

static void open_pinger(void)
{
	hoy_addr addr = address_in("127.0.0.1");
	hoy_err err;

	on.pinger = hoy_pinger_new(&addr, &(hoy_ping_opts){ .len = 1000 }, &err);
	must(on.pinger, "pinger", &err);
}

static int send_ping(void) { return (int)hoy_pinger_send(on.pinger, on.seq++, NULL, NULL); }
static void feed_ping(void) { CHECK(send_ping() > 0); }
static int receive_ping(void) { return hoy_pinger_receive(on.pinger, &(hoy_ping_reply){ 0 }, NULL); }
static void close_pinger(void) { hoy_pinger_free(on.pinger); }

static void ignore_pings(const char *on_or_off)
{
	FILE *f = fopen("/proc/sys/net/ipv4/icmp_echo_ignore_all", "w");

	if (!f || fputs(on_or_off, f) < 0 || fclose(f) != 0)
		SKIP("a network namespace of its own not permitted");
}

static void open_silent(void) { ignore_pings("1"); }
static void close_silent(void) { ignore_pings("0"); }

static int ping(void)
{
	return hoy_ping("127.0.0.1", &(hoy_ping_opts){ .timeout = HOY_HOUR }, &(hoy_ping_reply){ 0 }, NULL);
}

static const struct point reading[] = {
	{ "hoy_conn_read_from", open_udp, read_from, feed_datagram, .close = close_both },
	{ "hoy_udp_read_msg", open_udp, read_message, feed_datagram, .close = close_both },
	{ "hoy_udp_read_batch", open_udp, read_batch, feed_datagram, .close = close_both },
	{ "hoy_raw_read_msg", open_raw, read_packet, feed_packet, .close = close_both },
	{ "hoy_pinger_receive", open_pinger, receive_ping, feed_ping, .close = close_pinger },
	{ "hoy_ping", open_silent, ping, NULL, .close = close_silent },
};

/* ---- writing: what is sent stays in a queue of the interface, and counts as the socket's until that is deleted ---- */

static void stop_traffic(void)
{
	if (system("tc qdisc add dev lo root tbf rate 8bit burst 1600 limit 10mb 2>/dev/null") != 0)
		SKIP("no tc command, or no token bucket filter");
}

static void go_on(void) { CHECK_INT(system("tc qdisc del dev lo root"), 0); }

static void fill(int (*call)(void))
{
	hoy_scope s;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	while (call() >= 0)
		;
	hoy_scope_leave(&s);
}

static const char block[1000];

static int write_connected(void) { return (int)hoy_conn_write(on.b, block, sizeof block, NULL); }
static int write_to(void) { return (int)hoy_conn_write_to(on.a, block, sizeof block, &on.to, NULL); }

static int write_message(void)
{
	return (int)hoy_udp_write_msg(on.a, &(hoy_msg){ .data = (void *)block, .len = sizeof block, .addr = on.to }, NULL);
}

static int write_batch(void)
{
	const hoy_msg m = { .data = (void *)block, .len = sizeof block, .addr = on.to };

	return hoy_udp_write_batch(on.a, (hoy_msg[]){ m, m }, 2, NULL);
}

/*
 * With its header: without one, raw(7) and ICMP sockets never wait for room, and -ENOBUFS is returned, also to
 * hoy_pinger_send.
 */
static int write_packet(void)
{
	static const uint8_t packet[1000] = { 0x45, [8] = 64, 1, [12] = 127, 0, 0, 1, 127, 0, 0, 1 };

	return (int)hoy_raw_write_msg(on.b, &(hoy_msg){ .data = (void *)packet, .len = sizeof packet }, NULL);
}

static void open_stopped(void)
{
	hoy_err err;

	stop_traffic();
	on.a = packets("udp", "127.0.0.1:0");
	on.b = hoy_dial("udp", "127.0.0.1:9", &err);
	must(on.b, "dial", &err);
	hoy_conn_remote_addr(on.b, &on.to);
	hoy_conn_set_write_buffer(on.a, 1, NULL);
	hoy_conn_set_write_buffer(on.b, 1, NULL);
	fill(write_connected);
	fill(write_to);
}

static void open_stopped_raw(void)
{
	stop_traffic();
	open_raw();
	CHECK_INT(hoy_raw_set_header(on.b, 1, NULL), 0);
	hoy_conn_set_write_buffer(on.b, 1, NULL);
	fill(write_packet);
}

static const struct point writing[] = {
	{ "hoy_conn_write, of a datagram", open_stopped, write_connected, go_on, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_conn_write_to", open_stopped, write_to, go_on, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_udp_write_msg", open_stopped, write_message, go_on, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_udp_write_batch", open_stopped, write_batch, go_on, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_raw_write_msg", open_stopped_raw, write_packet, go_on, .close = close_both, .traits = LASTS | SLOW },
};

static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("a network namespace of its own not permitted");
	if (system("ip link set lo up 2>/dev/null") != 0)
		SKIP("no ip command, or not permitted");
}

static void in_own_network(void (*cancel)(const struct table *t), const struct point *rows, size_t n)
{
	own_network();
	cancel(&(struct table){ rows, n });
}

TEST(reading_in_tasks) { in_own_network(cancel_in_tasks, reading, LEN(reading)); }
TEST(reading_in_threads) { in_own_network(cancel_in_threads, reading, LEN(reading)); }
TEST(writing_in_tasks) { in_own_network(cancel_in_tasks, writing, LEN(writing)); }
TEST(writing_in_threads) { in_own_network(cancel_in_threads, writing, LEN(writing)); }

/* ---- Unix sockets, whose queue the receiver has to empty ---- */

static void open_unixgram(void)
{
	char at[40];

	snprintf(at, sizeof at, "@hoy-cancel-%d", getpid());
	on.a = packets("unixgram", "");
	on.b = packets("unixgram", at);
	hoy_conn_local_addr(on.b, &on.to);
	fill(write_to);
}

static void read_block(void)
{
	char got[sizeof block];

	CHECK_INT(hoy_conn_read(on.b, got, sizeof got, NULL), sizeof got);
}

static const struct point unixgrams[] = {
	{ "hoy_conn_write_to, to a Unix socket", open_unixgram, write_to, read_block, .close = close_both },
};

CANCEL(unixgrams)
