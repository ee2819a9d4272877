/* ICMP messages: the vectors, each kind there and back, quoted packets cut everywhere, and what the kernel sends. */
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <sys/socket.h>

#include <hoy.h>

#include "t.h"
#include "unit/support/tsv.h"

static const hoy_ip none = { 0 };

static hoy_ip ip_or_none(const struct tsv *t, const char *column)
{
	hoy_ip ip = { 0 };

	if (!tsv_is(t, column, "-"))
		CHECK_INT(hoy_parse_ip(tsv(t, column), &ip, NULL), 0);
	return ip;
}

static void check_row(struct tsv *t)
{
	uint8_t data[2048], want[2048], got[2048];
	int family = tsv_is(t, "proto", "58") ? 6 : 4, type = atoi(tsv(t, "type"));
	int data_len = tsv_bytes(t, "data", data, sizeof data), want_len = tsv_bytes(t, "packet", want, sizeof want);
	hoy_icmp back, m = {
		.kind = type == 8 || type == 128 ? HOY_ICMP_ECHO : HOY_ICMP_ECHO_REPLY, .family = family,
		.code = (uint8_t)atoi(tsv(t, "code")), .id = (uint16_t)atoi(tsv(t, "id")), .seq = (uint16_t)atoi(tsv(t, "seq")),
		.data = data, .len = data_len > 0 ? (size_t)data_len : 0,
	};
	ssize_t n = hoy_icmp_marshal(&m, ip_or_none(t, "psh_src"), ip_or_none(t, "psh_dst"), got, sizeof got, NULL);

	CHECK_INT(n, want_len);
	CHECK(n == want_len && !memcmp(got, want, (size_t)n));
	CHECK(family == 6 || hoy_checksum(want, (size_t)want_len) == 0);
	CHECK_INT(hoy_icmp_parse(family, want, (size_t)want_len, &back, NULL), 0);
	CHECK(back.kind == m.kind && back.type == type && back.id == m.id && back.seq == m.seq && back.len == m.len);
	CHECK(back.len == 0 || !memcmp(back.data, data, back.len));
}

TEST(echo_vectors)
{
	struct tsv t;

	tsv_open(&t, "icmp_echo");
	while (tsv_next(&t))
		check_row(&t);
	CHECK(t.row >= 16);
}

TEST(every_kind_there_and_back)
{
	static const struct {
		hoy_icmp m;
		uint8_t type, code;
	} rows[] = {
		{ { .kind = HOY_ICMP_ECHO, .family = 6, .id = 1, .seq = 2 }, 128, 0 },
		{ { .kind = HOY_ICMP_UNREACHABLE, .family = 4, .code = 3 }, 3, 3 },
		{ { .kind = HOY_ICMP_UNREACHABLE, .family = 6, .code = 4 }, 1, 4 },
		{ { .kind = HOY_ICMP_TOO_BIG, .family = 4, .mtu = 1400 }, 3, 4 },
		{ { .kind = HOY_ICMP_TOO_BIG, .family = 6, .mtu = 0x12345 }, 2, 0 },
		{ { .kind = HOY_ICMP_TIME_EXCEEDED, .family = 4 }, 11, 0 },
		{ { .kind = HOY_ICMP_TIME_EXCEEDED, .family = 6, .code = 1 }, 3, 1 },
		{ { .kind = HOY_ICMP_PARAMETER, .family = 4, .pointer = 20 }, 12, 0 },
		{ { .kind = HOY_ICMP_PARAMETER, .family = 6, .pointer = 0x10000 }, 4, 0 },
		{ { .kind = HOY_ICMP_OTHER, .family = 4, .type = 13, .code = 9 }, 13, 9 },
		{ { .kind = HOY_ICMP_OTHER, .family = 6, .type = 135 }, 135, 0 },
	};

	for (size_t i = 0; i < LEN(rows); i++) {
		hoy_icmp back, m = rows[i].m;
		uint8_t buf[64];
		ssize_t n;

		m.data = "payload";
		m.len = 7;
		n = hoy_icmp_marshal(&m, none, none, buf, sizeof buf, NULL);
		CHECK_INT(n, m.kind == HOY_ICMP_OTHER ? 4 + 7 : 8 + 7);
		CHECK_INT(hoy_icmp_parse(m.family, buf, (size_t)n, &back, NULL), 0);
		CHECK_INT(back.kind, m.kind);
		CHECK_INT(back.type, rows[i].type);
		CHECK_INT(back.code, rows[i].code);
		CHECK(back.id == m.id && back.seq == m.seq && back.mtu == m.mtu && back.pointer == m.pointer);
		CHECK(back.len == 7 && !memcmp(back.data, "payload", 7));
		CHECK_INT(hoy_icmp_marshal(&m, none, none, buf, (size_t)n - 1, NULL), -EMSGSIZE);
	}
}

TEST(marshal_refuses_what_has_no_room_on_the_wire)
{
	static const struct {
		hoy_icmp m;
		hoy_ip source, destination;
	} rows[] = {
		{ .m = { .kind = HOY_ICMP_ECHO } },
		{ .m = { .kind = HOY_ICMP_ECHO, .family = 5 } },
		{ .m = { .kind = 99, .family = 4 } },
		{ .m = { .kind = -1, .family = 4 } },
		{ .m = { .kind = HOY_ICMP_TOO_BIG, .family = 4, .mtu = 65536 } },
		{ .m = { .kind = HOY_ICMP_PARAMETER, .family = 4, .pointer = 256 } },
		{ .m = { .kind = HOY_ICMP_ECHO, .family = 6 }, .source = { 16, { 0 } } },
		{ .m = { .kind = HOY_ICMP_ECHO, .family = 6 }, .source = { 16, { 0 } }, .destination = { 4, { 0 } } },
	};
	char text[HOY_ERR_STRLEN];
	uint8_t buf[64];
	hoy_err err;

	for (size_t i = 0; i < LEN(rows); i++) {
		CHECK_INT(hoy_icmp_marshal(&rows[i].m, rows[i].source, rows[i].destination, buf, sizeof buf, &err), -EINVAL);
		CHECK_STR(hoy_err_string(&err, text), "invalid argument", "marshal");
	}
}

TEST(parse_refuses_what_is_cut)
{
	static const uint8_t echo[8] = { 8, 0, 0xf7, 0xcd, 0, 13, 0, 37 }, stamp[4] = { 13 };
	char text[HOY_ERR_STRLEN];
	hoy_icmp m = { .seq = 99 };
	hoy_err err;

	for (size_t len = 0; len < sizeof echo; len++) {
		CHECK_INT(hoy_icmp_parse(4, echo, len, &m, &err), HOY_ESHORT);
		CHECK_STR(hoy_err_string(&err, text), "message too short", "parse");
	}
	CHECK_INT(m.seq, 99);
	CHECK_INT(hoy_icmp_parse(4, echo, sizeof echo, &m, NULL), 0);
	CHECK_INT(m.seq, 37);
	CHECK_INT(hoy_icmp_parse(4, stamp, sizeof stamp, &m, NULL), 0);
	CHECK_INT(m.kind, HOY_ICMP_OTHER);
	CHECK_INT(hoy_icmp_parse(0, echo, sizeof echo, &m, NULL), -EINVAL);
	CHECK_INT(hoy_icmp_quoted(&m, &(hoy_icmp_quote){ 0 }, NULL), HOY_EWRONGKIND);
}

/* A UDP datagram from 192.0.2.1:4660 to 198.51.100.2:53, its IP header with one word of options. */
static const uint8_t udp4[] = {
	0x46, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2, 1, 1, 1, 0, 0x12, 0x34, 0, 53, 0, 8, 0, 0,
};

/* An ICMPv6 echo from ::1 to ::2 behind hop-by-hop, authentication and fragment headers. */
static const uint8_t echo6[] = {
	0x60, 0, 0, 0, 0, 36, 0, 64,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	51, 0, 1, 4, 0, 0, 0, 0,
	44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	58, 0, 0, 1, 0, 0, 0, 9,
	128, 0, 0, 0, 0, 13, 0, 37,
};

/* Where the headers end, the whole is known; before, HOY_ESHORT, and never a byte beyond. */
static void check_every_cut(int family, const uint8_t *packet, size_t headers, size_t len)
{
	for (size_t cut = 0; cut <= len; cut++) {
		uint8_t *copy = malloc(cut + 1);	/* for a sanitizer to see one byte too many */
		hoy_icmp m = { .kind = HOY_ICMP_UNREACHABLE, .family = family, .data = copy + 1, .len = cut };
		hoy_icmp_quote quote;

		memcpy(copy + 1, packet, cut);
		CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), cut < headers ? HOY_ESHORT : 0);
		CHECK(cut < headers || quote.len == cut - headers);
		free(copy);
	}
}

TEST(quoted_packets)
{
	hoy_icmp m = { .kind = HOY_ICMP_UNREACHABLE, .family = 4, .data = udp4, .len = sizeof udp4 };
	hoy_icmp_quote quote;
	uint8_t part[sizeof echo6];

	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), 0);
	CHECK(hoy_ip_equal(quote.source, hoy_ipv4(192, 0, 2, 1)) && hoy_ip_equal(quote.destination, hoy_ipv4(198, 51, 100, 2)));
	CHECK(quote.protocol == 17 && quote.source_port == 4660 && quote.destination_port == 53 && quote.len == 8);
	check_every_cut(4, udp4, 24, sizeof udp4);

	m.family = 6;
	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), -EBADMSG);
	m.data = echo6;
	m.len = sizeof echo6;
	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), 0);
	CHECK(quote.protocol == 58 && quote.id == 13 && quote.seq == 37 && quote.len == 8 && quote.destination.bytes[15] == 2);
	check_every_cut(6, echo6, 68, sizeof echo6);

	memcpy(part, echo6, sizeof part);	/* a later fragment: its payload has no echo header */
	part[60 + 2] = 1;
	m.data = part;
	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), 0);
	CHECK(quote.protocol == 58 && quote.id == 0 && quote.len == 8);

	memcpy(part, udp4, sizeof udp4);
	part[0] = 0x41;		/* a header of 4 bytes */
	m = (hoy_icmp){ .kind = HOY_ICMP_TIME_EXCEEDED, .family = 4, .data = part, .len = sizeof udp4 };
	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), HOY_ESHORT);
	part[0] = 0x46;
	part[7] = 1;		/* a later fragment */
	CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), 0);
	CHECK(quote.protocol == 17 && quote.source_port == 0);
}

/* RFC 4884: the quoted packet is padded to 128 bytes, and its length says where the extensions begin. */
TEST(extensions_are_not_quoted)
{
	static const struct { int family; uint8_t type, len_at, len; } rows[] = {
		{ 4, 3, 5, 32 }, { 4, 11, 5, 32 }, { 4, 12, 5, 32 }, { 6, 1, 4, 16 }, { 6, 3, 4, 16 },
	};
	uint8_t packet[8 + 128 + 12] = { 0 };
	hoy_icmp m;

	for (size_t i = 0; i < LEN(rows); i++) {
		memset(packet, 0, 8);
		packet[0] = rows[i].type;
		CHECK_INT(hoy_icmp_parse(rows[i].family, packet, sizeof packet, &m, NULL), 0);
		CHECK_INT(m.len, 140);
		packet[rows[i].len_at] = rows[i].len;
		CHECK_INT(hoy_icmp_parse(rows[i].family, packet, sizeof packet, &m, NULL), 0);
		CHECK_INT(m.len, 128);
		packet[rows[i].len_at] = 255;		/* more than there is */
		CHECK_INT(hoy_icmp_parse(rows[i].family, packet, sizeof packet, &m, NULL), 0);
		CHECK_INT(m.len, 140);
	}
}

static int raw_socket(int family)
{
	int sys = socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	if (sys < 0)
		SKIP("needs root to open a raw socket");
	return sys;
}

/* The next message of this kind; others on this machine ping too. False after a second without any. */
static bool next_of(int sys, int family, int kind, uint8_t *buf, size_t size, hoy_icmp *m)
{
	struct pollfd p = { .fd = sys, .events = POLLIN };

	while (poll(&p, 1, 1000 * t_scale()) == 1) {
		ssize_t n = recv(sys, buf, size, 0);
		size_t header = family == 4 ? (buf[0] & 0x0f) * 4u : 0;

		if (n > (ssize_t)header && hoy_icmp_parse(family, buf + header, (size_t)n - header, m, NULL) == 0 &&
		    m->kind == kind)
			return true;
	}
	return false;
}

static void ping_kernel(int family, const char *host)
{
	uint8_t buf[1500];
	int sys = raw_socket(family);
	hoy_addr to = { .kind = HOY_ADDR_IP };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	hoy_icmp m = { .kind = HOY_ICMP_ECHO, .family = family, .id = (uint16_t)getpid(), .seq = 7, .data = "hoy", .len = 3 };
	ssize_t n = hoy_icmp_marshal(&m, none, none, buf, sizeof buf, NULL);

	CHECK_INT(hoy_parse_ip(host, &to.ip, NULL), 0);
	memcpy(&to4.sin_addr, to.ip.bytes, 4);
	memcpy(&to6.sin6_addr, to.ip.bytes, 16);
	CHECK_INT(sendto(sys, buf, (size_t)n, 0, family == 4 ? (void *)&to4 : (void *)&to6, family == 4 ? sizeof to4 : sizeof to6), n);
	do {
		if (!CHECK(next_of(sys, family, HOY_ICMP_ECHO_REPLY, buf, sizeof buf, &m)))
			break;
	} while (m.id != (uint16_t)getpid());
	CHECK(m.seq == 7 && m.len == 3 && !memcmp(m.data, "hoy", 3));
	close(sys);
}

TEST(the_kernel_answers_an_echo)
{
	ping_kernel(4, "127.0.0.1");
	ping_kernel(6, "::1");
}

/* A datagram to a port that was just given back: the kernel says that nothing listens there. */
static void reach_closed_port(int family, const char *host)
{
	char address[HOY_ADDR_STRLEN];
	uint8_t buf[1500];
	int sys = raw_socket(family);
	hoy_conn *gone, *c;
	hoy_addr to, from;
	hoy_icmp_quote quote;
	hoy_icmp m;

	snprintf(address, sizeof address, family == 4 ? "%s:0" : "[%s]:0", host);
	gone = hoy_listen_packet("udp", address, NULL);
	if (!CHECK(gone != NULL))
		return;
	hoy_conn_local_addr(gone, &to);
	hoy_conn_free(gone);
	c = hoy_dial("udp", hoy_addr_string(&to, address), NULL);
	hoy_conn_local_addr(c, &from);
	CHECK_INT(hoy_conn_write(c, "hello", 5, NULL), 5);
	do {
		if (!CHECK(next_of(sys, family, HOY_ICMP_UNREACHABLE, buf, sizeof buf, &m)))
			break;
		CHECK_INT(hoy_icmp_quoted(&m, &quote, NULL), 0);
	} while (quote.source_port != from.port);
	CHECK(quote.protocol == 17 && quote.destination_port == to.port && hoy_ip_equal(quote.destination, to.ip));
	CHECK(quote.len == 8 + 5 && !memcmp((const char *)quote.data + 8, "hello", 5));
	CHECK_INT(m.code, family == 4 ? 3 : 4);
	hoy_conn_free(c);
	close(sys);
}

TEST(the_kernel_says_port_unreachable)
{
	reach_closed_port(4, "127.0.0.1");
	reach_closed_port(6, "::1");
}
