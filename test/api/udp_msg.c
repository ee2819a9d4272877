/* Messages of UDP: what the IP header said of them, many in a call, segments, and what is refused. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

static char x[] = "x", abc[] = "abc";

static hoy_conn *bound(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet(network, address, &err);

	must(c, "listen_packet", &err);
	CHECK_INT(hoy_conn_set_read_deadline(c, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
	return c;
}

static hoy_addr local(const hoy_conn *c)
{
	hoy_addr addr;

	hoy_conn_local_addr(c, &addr);
	return addr;
}

static hoy_conn *connected_to(const hoy_conn *server)
{
	hoy_addr to = local(server);
	hoy_err err;
	hoy_conn *c = hoy_dial_udp("udp", NULL, &to, &err);

	must(c, "dial", &err);
	CHECK_INT(hoy_conn_set_read_deadline(c, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
	return c;
}

/* Where to write to a server, on this host. */
static hoy_addr at(const hoy_conn *server, const char *host)
{
	hoy_addr addr = local(server);

	CHECK_INT(hoy_parse_ip(host, &addr.ip, NULL), 0);
	return addr;
}

static int loopback(void)
{
	hoy_interface lo = { 0 };

	CHECK_INT(hoy_interface_by_name("lo", &lo, NULL), 0);
	return lo.index;
}

/* The fields of each family, on sockets of one family and of both. */
BOTH(the_header_s_fields)
{
	static const struct { const char *network, *address, *host; } rows[] = {
		{ "udp4", "127.0.0.1:0", "127.0.0.1" }, { "udp4", ":0", "127.0.0.2" },
		{ "udp6", "[::1]:0", "::1" }, { "udp", ":0", "::1" }, { "udp", ":0", "127.0.0.3" },
	};

	for (size_t i = 0; i < LEN(rows); i++) {
		hoy_conn *server = bound(rows[i].network, rows[i].address);
		hoy_conn *client = bound(strchr(rows[i].host, ':') ? "udp6" : "udp4", ":0");
		hoy_addr to = at(server, rows[i].host), from = local(client);
		char buf[8];
		hoy_msg in = { .data = buf, .size = sizeof buf }, out = {
			.data = abc, .len = 3, .addr = to, .ttl = 7, .tos = 0x2e,
			.flags = HOY_MSG_TTL | HOY_MSG_TOS | HOY_MSG_IFINDEX, .ifindex = loopback(),
		};
		hoy_err err = { 0 };

		CHECK_INT(hoy_udp_write_msg(client, &out, &err), 3);
		CHECK_INT(hoy_udp_read_msg(server, &in, &err), 3);	/* the first asks for the fields */
		out.flags = 0;
		CHECK_INT(hoy_udp_write_msg(client, &out, &err), 3);
		CHECK_INT(hoy_udp_read_msg(server, &in, &err), 3);
		CHECK(in.ttl != 7 && in.ttl > 0);
		CHECK_INT(in.tos, 0);
		out.flags = HOY_MSG_TTL | HOY_MSG_TOS;
		CHECK_INT(hoy_udp_write_msg(client, &out, &err), 3);
		CHECK_INT(hoy_udp_read_msg(server, &in, &err), 3);
		CHECK(in.data == buf && in.size == sizeof buf && memcmp(buf, "abc", 3) == 0);
		CHECK_INT(in.ttl, 7);
		CHECK_INT(in.tos, 0x2e);
		CHECK_INT(in.ifindex, loopback());
		CHECK_INT(in.dst.len, to.ip.len);
		CHECK(hoy_ip_equal(in.dst, to.ip) && hoy_ip_equal(in.local, to.ip));
		CHECK_INT(in.addr.kind, HOY_ADDR_UDP);
		CHECK_INT(in.addr.port, from.port);
		CHECK_INT(in.flags, 0);
		CHECK_INT(in.segment, 3);
		hoy_conn_free(client);
		hoy_conn_free(server);
	}
	return 0;
}

/* Written as it was read, a message goes back, from the address that it was sent to. */
BOTH(an_echo_comes_from_where_it_was_sent)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2", "127.1.2.3", "::1" };
	hoy_conn *server = bound("udp", ":0");

	for (size_t i = 0; i < LEN(hosts); i++) {
		hoy_addr to = at(server, hosts[i]), from;
		hoy_conn *client = hoy_dial_udp("udp", NULL, &to, NULL);
		char buf[8];
		hoy_msg m = { .data = buf, .size = sizeof buf };

		if (!CHECK(client))
			continue;
		CHECK_INT(hoy_conn_set_read_deadline(client, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
		CHECK_INT(hoy_conn_write(client, "there", 5, NULL), 5);
		CHECK_INT(hoy_udp_read_msg(server, &m, NULL), 5);
		CHECK_INT(hoy_udp_write_msg(server, &m, NULL), 5);
		CHECK_INT(hoy_conn_read_from(client, buf, sizeof buf, &from, NULL), 5);
		CHECK(hoy_addr_equal(&from, &to));
		hoy_conn_free(client);
	}
	hoy_conn_free(server);
	return 0;
}

BOTH(whole_cut_or_empty)
{
	static const struct { size_t sent, size, len; unsigned flags; } rows[] = {
		{ 8, 8, 8, 0 }, { 9, 8, 8, HOY_MSG_TRUNCATED }, { 0, 8, 0, 0 }, { 8, 0, 0, HOY_MSG_TRUNCATED },
		{ 0, 0, 0, 0 }, { 1, 8, 1, 0 },
	};
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);

	for (size_t i = 0; i < LEN(rows); i++) {
		char buf[8], data[16] = "0123456789";
		hoy_msg in = { .data = buf, .size = rows[i].size };

		CHECK_INT(hoy_udp_write_msg(client, &(hoy_msg){ .data = data, .len = rows[i].sent }, NULL), rows[i].sent);
		CHECK_INT(hoy_udp_read_msg(server, &in, NULL), rows[i].len);
		CHECK_INT(in.len, rows[i].len);
		CHECK_INT(in.flags, rows[i].flags);
	}
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

enum { MANY = 100, ROOM = 64 };

static void point_to(hoy_msg *msgs, char data[][ROOM], int n)
{
	for (int i = 0; i < n; i++)
		msgs[i] = (hoy_msg){ .data = data[i], .size = ROOM };
}

/* As many as n datagrams, in the batches in which they come. */
static int read_all(hoy_conn *c, hoy_msg *msgs, int n)
{
	int got = 0, more;
	hoy_err err;
	char text[HOY_ERR_STRLEN];

	while (got < n && (more = hoy_udp_read_batch(c, msgs + got, n - got, &err)) > 0)
		got += more;
	if (got < n)
		printf("%s\n", hoy_err_string(&err, text));
	return got;
}

/* Messages of every length, to one peer and to two in turn: each arrives as it is, in order. */
BOTH(a_batch_arrives_one_by_one)
{
	static char sent[MANY][ROOM], got[MANY][ROOM];
	static hoy_msg out[MANY], in[MANY];
	hoy_conn *a = bound("udp", "127.0.0.1:0"), *b = bound("udp", "[::1]:0"), *client = bound("udp", ":0");

	for (int peers = 1; peers <= 2; peers++) {
		int n = MANY / peers;

		for (int i = 0; i < MANY; i++) {
			snprintf(sent[i], ROOM, "%d", i);
			out[i] = (hoy_msg){ .data = sent[i], .len = i % 10 == 9 ? 0 : i % 7 == 3 ? 5 : 40,
					    .addr = local(peers == 1 || i % 2 == 0 ? a : b) };
		}
		CHECK_INT(hoy_udp_write_batch(client, out, MANY, NULL), MANY);
		point_to(in, got, n);
		CHECK_INT(read_all(a, in, n), n);
		for (int i = 0; i < n; i++) {
			CHECK_INT(in[i].len, out[i * peers].len);
			CHECK(memcmp(in[i].data, sent[i * peers], in[i].len) == 0);
			CHECK(in[i].addr.port == local(client).port);
		}
	}
	point_to(in, got, MANY / 2);
	CHECK_INT(read_all(b, in, MANY / 2), MANY / 2);
	CHECK(in[0].addr.ip.len == 16 && in[0].dst.len == 16);
	hoy_conn_free(client);
	hoy_conn_free(b);
	hoy_conn_free(a);
	return 0;
}

/* The first that fails is told; those before it are sent, those behind it are not. */
BOTH(a_batch_ends_at_the_first_that_fails)
{
	static char data[5][ROOM];
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = bound("udp4", "127.0.0.1:0");
	hoy_addr to = local(server);
	hoy_msg out[5], in[5];
	hoy_err err = { 0 };

	for (int i = 0; i < 5; i++)
		out[i] = (hoy_msg){ .data = x, .len = 1, .addr = to };
	out[2].addr.ip = hoy_ip_to16(out[2].addr.ip);
	out[3].addr.ip.bytes[0] = 0xfe;
	out[3].addr.ip.len = 16;
	point_to(in, data, 5);
	CHECK_INT(hoy_udp_write_batch(client, out, 5, &err), HOY_ENOTIPV4);
	CHECK_INT(err.done, 3);
	CHECK(hoy_addr_equal(&err.addr, &out[3].addr));
	CHECK_INT(read_all(server, in, 3), 3);
	CHECK_INT(hoy_conn_set_read_deadline(server, past(), NULL), 0);
	CHECK_INT(hoy_udp_read_batch(server, in, 5, &err), HOY_ETIMEOUT);
	CHECK_INT(hoy_udp_write_batch(client, out, 0, &err), 0);
	CHECK_INT(hoy_udp_read_batch(server, in, 0, &err), 0);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

/* One message, many datagrams: of every length, more than the system takes at once, and with a short last one. */
BOTH(segments_are_datagrams)
{
	static const struct { uint32_t segment; size_t len; } rows[] = {
		{ 64, 640 }, { 64, 641 }, { 10, 1000 }, { 1, 200 }, { 1000, 100000 }, { 640, 640 }, { 641, 640 }, { 7, 0 },
		{ 0, 640 }, { 30000, 90001 },
	};
	static char data[100000], buf[65536];
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);

	hoy_conn_set_read_buffer(server, 1 << 20, NULL);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 31 >> 3);
	for (size_t i = 0; i < LEN(rows); i++) {
		size_t segment = rows[i].segment ? rows[i].segment : rows[i].len, done = 0;
		hoy_msg out = { .data = data, .len = rows[i].len, .segment = rows[i].segment };

		CHECK_INT(hoy_udp_write_msg(client, &out, NULL), rows[i].len);
		do {
			size_t want = rows[i].len - done < segment ? rows[i].len - done : segment;

			if (!CHECK_INT(hoy_conn_read(server, buf, sizeof buf, NULL), want))
				break;
			CHECK(memcmp(buf, data + done, want) == 0);
			done += want;
		} while (done < rows[i].len);
	}
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

/* However the system joins what arrives, the datagrams are those that were sent. */
BOTH(joined_datagrams_are_told_apart)
{
	enum { N = 200 };
	static char data[N * 50], buf[4][65536];
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	hoy_msg in[4];
	int datagrams = 0;
	size_t total = 0;

	CHECK_INT(hoy_udp_set_gro(server, 1, NULL), 0);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 31 >> 3);
	CHECK_INT(hoy_udp_write_msg(client, &(hoy_msg){ .data = data, .len = sizeof data, .segment = 50 }, NULL), sizeof data);
	CHECK_INT(hoy_conn_write(client, NULL, 0, NULL), 0);
	for (int i = 0; i < 4; i++)
		in[i] = (hoy_msg){ .data = buf[i], .size = sizeof buf[i] };
	while (datagrams <= N) {
		int n = hoy_udp_read_batch(server, in, 4, NULL);

		if (!CHECK(n > 0))
			break;
		for (int i = 0; i < n; i++) {
			CHECK_INT(in[i].segment, in[i].len ? 50 : 0);
			CHECK(memcmp(in[i].data, data + total, in[i].len) == 0);
			total += in[i].len;
			datagrams += in[i].len ? (int)(in[i].len / 50) : 1;
		}
	}
	CHECK_INT(datagrams, N + 1);
	CHECK_INT(total, sizeof data);
	CHECK_INT(hoy_udp_set_gro(server, 0, NULL), 0);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

static void refused(hoy_conn *c, const hoy_msg *m, int code, const char *want)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err = { 0 };

	CHECK_INT(hoy_udp_write_msg(c, m, &err), code);
	CHECK_INT(err.done, 0);
	if (want)
		CHECK_STR(hoy_err_string(&err, text), want, "refused");
}

BOTH(what_is_refused)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server), *other = bound("udp4", "127.0.0.1:0");
	hoy_addr to = local(server), tcp = to, elsewhere = to, here = local(other);
	char want[HOY_ERR_STRLEN], ends[2][HOY_ADDR_STRLEN];
	static char big[70000];

	tcp.kind = HOY_ADDR_TCP;
	elsewhere.port ^= 1;
	hoy_addr_string(&here, ends[0]);
	hoy_addr_string(&to, ends[1]);
	snprintf(want, sizeof want, "write udp4 %s: missing address", ends[0]);
	refused(other, &(hoy_msg){ .data = x, .len = 1 }, HOY_EMISSING, want);
	refused(other, &(hoy_msg){ .data = x, .len = 1, .addr = tcp }, -EINVAL, NULL);
	CHECK(hoy_udp_write_msg(other, &(hoy_msg){ .data = x, .len = 1, .addr = to, .local = hoy_ipv4(192, 0, 2, 1) }, NULL) < 0);
	snprintf(want, sizeof want, "write udp4 %s->%s: sendmsg: invalid argument", ends[0], ends[1]);
	refused(other, &(hoy_msg){ .data = x, .len = 1, .addr = to, .local = hoy_ip_from_bytes((char[16]){ [15] = 1 }, 16) },
		-EINVAL, want);
	snprintf(want, sizeof want, "write udp4 %s->%s: sendmsg: message too long", ends[0], ends[1]);
	refused(other, &(hoy_msg){ .data = big, .len = sizeof big, .addr = to }, -EMSGSIZE, want);
	refused(other, &(hoy_msg){ .data = big, .len = sizeof big, .addr = to, .segment = 66000 }, -EMSGSIZE, want);
	refused(client, &(hoy_msg){ .data = x, .len = 1, .addr = elsewhere }, HOY_ECONNECTED, NULL);
	CHECK_INT(hoy_udp_write_msg(client, &(hoy_msg){ .data = x, .len = 1, .addr = to }, NULL), 1);
	CHECK_INT(hoy_udp_write_msg(client, &(hoy_msg){ .data = x, .len = 1 }, NULL), 1);
	/* where the message that is replied to was sent to does not matter */
	CHECK_INT(hoy_udp_write_msg(other, &(hoy_msg){ .data = x, .len = 1, .addr = to, .dst = hoy_ipv4(224, 0, 0, 1) }, NULL), 1);
	hoy_conn_free(other);
	hoy_conn_free(client);
	CHECK_INT(hoy_conn_close(server, NULL), 0);
	refused(server, &(hoy_msg){ .data = x, .len = 1, .addr = to }, HOY_ECLOSED, NULL);
	CHECK_INT(hoy_udp_read_msg(server, &(hoy_msg){ .data = big, .size = 1 }, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_udp_set_gro(server, 1, NULL), HOY_ECLOSED);
	hoy_conn_free(server);
	return 0;
}

TEST(other_kinds_have_no_messages)
{
	hoy_conn *pair[2], *pipe[2];
	hoy_msg m = { .data = x, .size = 1, .len = 1 };
	hoy_err err = { 0 };

	make_pair(&pair[0], &pair[1]);
	CHECK_INT(hoy_pipe(&pipe[0], &pipe[1], NULL), 0);
	for (int i = 0; i < 2; i++) {
		hoy_conn *c = i ? pipe[0] : pair[0];

		CHECK_INT(hoy_udp_read_msg(c, &m, &err), HOY_EWRONGKIND);
		CHECK_INT(hoy_udp_write_msg(c, &m, &err), HOY_EWRONGKIND);
		CHECK_INT(hoy_udp_read_batch(c, &m, 1, &err), HOY_EWRONGKIND);
		CHECK_INT(hoy_udp_write_batch(c, &m, 1, &err), HOY_EWRONGKIND);
		CHECK_INT(hoy_udp_set_gro(c, 1, &err), HOY_EWRONGKIND);
		CHECK_INT(err.code, HOY_EWRONGKIND);
	}
	for (int i = 0; i < 2; i++) {
		hoy_conn_free(pair[i]);
		hoy_conn_free(pipe[i]);
	}
}

static int wait_for_a_batch(void *c)
{
	char buf[8];
	hoy_msg m = { .data = buf, .size = sizeof buf };

	return hoy_udp_read_batch(c, &m, 1, NULL);
}

BOTH(a_wait_ends_by_data_deadline_or_close)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	struct started s;

	start(&s, wait_for_a_batch, server);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
	CHECK_INT(finish(&s), 1);
	start(&s, wait_for_a_batch, server);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_set_read_deadline(server, past(), NULL), 0);
	CHECK_INT(finish(&s), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_set_read_deadline(server, (hoy_time){ 0 }, NULL), 0);
	start(&s, wait_for_a_batch, server);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(server, NULL), 0);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

/*
 * Peers vanish between their question and the answer. The server's socket never learns of them; a connected one is
 * told once for each, and goes on.
 */
BOTH(peers_that_vanish)
{
	enum { PEERS = 1000 };
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *last;
	char buf[8];
	hoy_msg m = { .data = buf, .size = sizeof buf };
	int n = SCALED(PEERS), told = 0;

	for (int i = 0; i < n; i++) {
		hoy_conn *client = connected_to(server);

		CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
		hoy_conn_free(client);
		if (!CHECK_INT(hoy_udp_read_msg(server, &m, NULL), 1) || !CHECK_INT(hoy_udp_write_msg(server, &m, NULL), 1))
			break;
	}
	last = connected_to(server);
	CHECK_INT(hoy_conn_write(last, "x", 1, NULL), 1);
	CHECK_INT(hoy_udp_read_batch(server, &m, 1, NULL), 1);
	CHECK_INT(hoy_udp_write_batch(server, &m, 1, NULL), 1);
	CHECK_INT(hoy_udp_read_msg(last, &m, NULL), 1);
	hoy_conn_free(server);
	for (int i = 0; i < n; i++) {
		hoy_err err = { 0 };

		told += hoy_udp_write_msg(last, &(hoy_msg){ .data = x, .len = 1 }, &err) == -ECONNREFUSED;
		told += hoy_udp_read_batch(last, &m, 1, &err) == -ECONNREFUSED;
	}
	CHECK_INT(told, n);
	hoy_conn_free(last);
	return 0;
}
