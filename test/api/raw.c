/* Raw IP in a network of the test's own: ICMP that the kernel answers, headers as Go has them, words and permissions. */
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "pair.h"

static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("a network namespace of its own not permitted");
	if (system("ip link set lo up 2>/dev/null") != 0)
		SKIP("no ip command, or not permitted");
}

static void impatient(hoy_conn *c)
{
	CHECK_INT(hoy_conn_set_read_deadline(c, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
}

static hoy_conn *dialled(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_dial(network, address, &err);

	must(c, network, &err);
	impatient(c);
	return c;
}

static hoy_conn *bound(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet(network, address, &err);

	must(c, network, &err);
	impatient(c);
	return c;
}

static hoy_addr addr_of(const char *text)
{
	hoy_addr addr;

	CHECK_INT(hoy_parse_addr(text, &addr, NULL), 0);
	return addr;
}

static size_t echo_request(int family, uint16_t seq, uint8_t buf[16])
{
	const hoy_icmp m = { .kind = HOY_ICMP_ECHO, .family = family, .id = 13, .seq = seq, .data = "datadata", .len = 8 };

	CHECK_INT(hoy_icmp_marshal(&m, (hoy_ip){ 0 }, (hoy_ip){ 0 }, buf, 16, NULL), 16);
	return 16;
}

/* ---- names, families, headers ---- */

static const struct { const char *network, *address, *short_name; int family; } names[] = {
	{ "ip4:icmp", "127.0.0.1", "ip4", 4 }, { "ip4:1", "127.0.0.1", "ip4", 4 }, { "ip4:ICMP", "localhost", "ip4", 4 },
	{ "ip:icmp", "127.0.0.1", "ip", 4 }, { "ip6:ipv6-icmp", "::1", "ip6", 6 }, { "ip6:58", "::1", "ip6", 6 },
};

/* Of what the system's ICMP gets on loopback a raw socket has a copy: the request first. */
static void check_read(hoy_conn *c, int family, int kind)
{
	uint8_t buf[100];
	size_t header = family == 4 ? 20 : 0;
	hoy_icmp m = { 0 };

	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), header + 16);
	if (family == 4)
		CHECK(buf[0] == 0x45 && buf[9] == 1 && !memcmp(buf + 16, "\x7f\0\0\1", 4));
	CHECK_INT(hoy_icmp_parse(family, buf + header, 16, &m, NULL), 0);
	CHECK(m.kind == kind && m.id == 13 && m.seq == 7 && m.len == 8);
}

BOTH(the_kernel_answers_what_is_dialled)
{
	own_network();
	for (size_t i = 0; i < LEN(names); i++) {
		hoy_conn *c = dialled(names[i].network, names[i].address);
		const char *want = names[i].family == 4 ? "127.0.0.1" : "::1";
		char text[HOY_ADDR_STRLEN];
		uint8_t request[16];
		hoy_addr addr;

		hoy_conn_remote_addr(c, &addr);
		CHECK_STR(hoy_addr_string(&addr, text), want, "remote");
		CHECK_STR(hoy_addr_network(&addr), "ip", "its network");
		hoy_conn_local_addr(c, &addr);
		CHECK_STR(hoy_addr_string(&addr, text), want, "local");
		CHECK_INT(addr.port, 0);
		CHECK_INT(hoy_conn_write(c, request, echo_request(names[i].family, 7, request), NULL), 16);
		check_read(c, names[i].family, HOY_ICMP_ECHO);
		check_read(c, names[i].family, HOY_ICMP_ECHO_REPLY);
		hoy_conn_free(c);
	}
	return 0;
}

/* The system computes the checksum of ICMPv6, and nobody that of ICMPv4. */
BOTH(read_from_has_no_header)
{
	own_network();
	for (int family = 4; family <= 6; family += 2) {
		hoy_conn *c = bound(family == 4 ? "ip4:icmp" : "ip6:ipv6-icmp", "");
		hoy_addr to = addr_of(family == 4 ? "127.0.0.1" : "::1"), from;
		uint8_t request[16], buf[100];
		hoy_icmp m;

		for (int i = 0; i < 2; i++) {
			CHECK_INT(hoy_conn_write_to(c, request, echo_request(family, 3, request), &to, NULL), 16);
			CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, &from, NULL), 16);	/* the request */
			CHECK_INT(hoy_conn_read_from(c, buf, i ? 9 : sizeof buf, i ? NULL : &from, NULL), i ? 9 : 16);
			CHECK(hoy_addr_equal(&from, &to));
			CHECK_INT(hoy_icmp_parse(family, buf, 9, &m, NULL), 0);
			CHECK(m.kind == HOY_ICMP_ECHO_REPLY && m.seq == 3);
			CHECK(family == 6 || i || hoy_checksum(buf, 16) == 0);
		}
		hoy_conn_remote_addr(c, &from);
		CHECK_INT(from.kind, HOY_ADDR_NONE);
		hoy_conn_free(c);
	}
	return 0;
}

/* Any length of the header's options, into any room: exactly the payload, or its beginning. */
BOTH(options_are_stripped_too)
{
	const hoy_addr loopback = { .kind = HOY_ADDR_IP, .ip = hoy_ipv4(127, 0, 0, 1) };
	hoy_conn *in, *out;
	char buf[60];

	own_network();
	in = bound("ip4:253", "127.0.0.1");	/* RFC 3692: for experiments */
	out = bound("ip4:253", "127.0.0.2");
	CHECK_INT(hoy_raw_set_header(out, 1, NULL), 0);
	for (size_t options = 0; options <= 40; options += 4)
		for (size_t room = 0; room <= 60; room++) {
			uint8_t packet[20 + 40 + 50] = { (uint8_t)(0x45 + options / 4), [8] = 64, [9] = 253, [16] = 127, [19] = 1 };
			char want[60] = "";
			size_t all = room < 50 ? room : 50;

			memset(packet + 20, 1, options);	/* no operation */
			for (size_t i = 0; i < 50; i++)
				packet[20 + options + i] = want[i] = (char)(i + 1);
			CHECK_INT(hoy_conn_write_to(out, packet, 20 + options + 50, &loopback, NULL), 20 + options + 50);
			memset(buf, 0, sizeof buf);
			if (!CHECK_INT(hoy_conn_read_from(in, buf, room, NULL, NULL), all) || !CHECK(!memcmp(buf, want, all)))
				return 0;
		}
	CHECK_INT(hoy_raw_set_header(out, 0, NULL), 0);
	CHECK_INT(hoy_conn_write_to(out, "short", 5, &loopback, NULL), 5);
	CHECK_INT(hoy_conn_read_from(in, buf, sizeof buf, NULL, NULL), 5);
	hoy_conn_free(in);
	hoy_conn_free(out);
	return 0;
}

BOTH(messages_have_their_fields)
{
	own_network();
	for (int family = 4; family <= 6; family += 2) {
		const char *network = family == 4 ? "ip4:253" : "ip6:253", *host = family == 4 ? "127.0.0.1" : "::1";
		hoy_conn *in = bound(network, ""), *out = dialled(network, host);
		size_t header = family == 4 ? 20 : 0;
		char buf[100] = "";
		hoy_msg m = { .data = buf, .size = sizeof buf };
		hoy_addr local = addr_of(host), none = { 0 };

		/* the first read asks the system for the fields of those that come later */
		CHECK_INT(hoy_conn_set_read_deadline(in, hoy_in(-1), NULL), 0);
		CHECK_INT(hoy_raw_read_msg(in, &m, NULL), HOY_ETIMEOUT);
		impatient(in);
		CHECK_INT(hoy_raw_write_msg(out, &(hoy_msg){ .data = buf, .len = 6, .flags = HOY_MSG_TTL, .ttl = 9 }, NULL), 6);
		CHECK_INT(hoy_raw_read_msg(in, &m, NULL), header + 6);
		CHECK(hoy_ip_equal(m.dst, local.ip) && hoy_addr_equal(&m.addr, &local));
		CHECK(m.ttl == 9 && m.ifindex == 1 && m.len == header + 6 && !(m.flags & HOY_MSG_TRUNCATED));
		m.data = buf + header;		/* back to its sender, as it is */
		m.len = 6;
		CHECK_INT(hoy_raw_write_msg(in, &m, NULL), 6);
		CHECK_INT(hoy_conn_read(out, buf, sizeof buf, NULL), header + 6);	/* its own, on loopback */
		CHECK_INT(hoy_conn_read(out, buf, sizeof buf, NULL), header + 6);
		m.addr = none;
		CHECK_INT(hoy_raw_write_msg(in, &m, NULL), HOY_EMISSING);
		CHECK_INT(hoy_udp_write_msg(in, &m, NULL), HOY_EWRONGKIND);
		CHECK_INT(hoy_udp_read_msg(in, &m, NULL), HOY_EWRONGKIND);
		hoy_conn_free(in);
		hoy_conn_free(out);
	}
	return 0;
}

BOTH(only_what_it_is_bound_to)
{
	hoy_addr two = addr_of("127.0.0.2"), three = addr_of("127.0.0.3"), from;
	hoy_conn *in, *out;
	char buf[8];

	own_network();
	in = hoy_listen_ip("ip4:253", &two, NULL);
	out = hoy_dial_ip("ip4:253", &three, &two, NULL);
	must(in && out, "listen_ip, dial_ip", NULL);
	impatient(in);
	CHECK_INT(hoy_conn_write(out, "to two", 6, NULL), 6);
	CHECK_INT(hoy_conn_read_from(in, buf, sizeof buf, &from, NULL), 6);
	CHECK(hoy_addr_equal(&from, &three));
	CHECK_INT(hoy_conn_write_to(in, "back", 4, &from, NULL), 4);
	impatient(out);
	CHECK_INT(hoy_conn_read_from(out, buf, sizeof buf, &from, NULL), 4);
	hoy_conn_free(in);
	hoy_conn_free(out);
	out = dialled("ip4:253", "0.0.0.0");	/* the local system */
	hoy_conn_remote_addr(out, &from);
	CHECK(from.kind == HOY_ADDR_IP && hoy_ip_is_unspecified(from.ip));	/* as Go has it */
	in = hoy_listen_ip("ip4:253", NULL, NULL);
	must(in, "listen_ip", NULL);
	hoy_conn_local_addr(in, &from);
	CHECK(from.kind == HOY_ADDR_IP && hoy_ip_is_unspecified(from.ip));
	hoy_conn_free(in);
	hoy_conn_free(out);
	return 0;
}

/* ---- deadlines, close, adopting ---- */

static int wait_for_one(void *c)
{
	hoy_addr from;
	char buf[8];

	return (int)hoy_conn_read_from(c, buf, sizeof buf, &from, NULL);
}

BOTH(deadlines_and_close_end_a_wait)
{
	char text[HOY_ERR_STRLEN];
	struct started s[2];
	hoy_err err = { 0 };
	hoy_conn *c;

	own_network();
	c = bound("ip4:253", "127.0.0.1");
	CHECK_INT(hoy_conn_set_deadline(c, hoy_in(20 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(hoy_conn_read_from(c, text, 1, NULL, &err), HOY_ETIMEOUT);
	CHECK_STR(hoy_err_string(&err, text), "read ip4 127.0.0.1: i/o timeout", "timeout");
	CHECK_INT(hoy_conn_set_deadline(c, (hoy_time){ 0 }, NULL), 0);
	for (size_t i = 0; i < LEN(s); i++)
		start(&s[i], wait_for_one, c);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	for (size_t i = 0; i < LEN(s); i++)
		CHECK_INT(finish(&s[i]), HOY_ECLOSED);
	CHECK_INT(hoy_raw_set_header(c, 1, NULL), HOY_ECLOSED);
	hoy_conn_free(c);
	return 0;
}

BOTH(a_raw_socket_is_adopted)
{
	const hoy_addr loopback = { .kind = HOY_ADDR_IP, .ip = hoy_ipv4(127, 0, 0, 1) };
	hoy_addr from;
	hoy_conn *c;
	char buf[8];
	hoy_err err;

	own_network();
	c = hoy_conn_from_fd(socket(AF_INET, SOCK_RAW, 253), 0, &err);
	must(c, "from_fd", &err);
	impatient(c);
	CHECK_INT(hoy_conn_write_to(c, "self", 4, &loopback, NULL), 4);
	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, &from, NULL), 4);
	CHECK(hoy_addr_equal(&from, &loopback));
	hoy_conn_free(c);
	return 0;
}

/* ---- refusals ---- */

static const struct { int listens; const char *network, *address, *want; } refused[] = {
	{ 0, "ip4", "127.0.0.1", "dial ip4: unknown network ip4" },
	{ 1, "ip", "127.0.0.1", "listen ip: unknown network ip" },
	{ 0, "ip4:nosuch", "127.0.0.1", "dial ip4:nosuch: address nosuch: unknown IP protocol specified" },
	{ 1, "ip4:nosuch", "127.0.0.1", "listen ip4:nosuch: address nosuch: unknown IP protocol specified" },
	{ 0, "ip5:icmp", "127.0.0.1", "dial ip5:icmp: unknown network ip5:icmp" },
	{ 0, "tcp:icmp", "127.0.0.1", "dial tcp:icmp: unknown network tcp:icmp" },
	{ 0, "ip4:icmp", "", "dial ip4:icmp: missing address" },
	{ 0, "ip4:icmp", "::1", "dial ip4:icmp: address ::1: no suitable address found" },
	{ 1, "ip6:58", "127.0.0.1", "listen ip6:58: address 127.0.0.1: no suitable address found" },
	{ 1, "ip4:icmp", "192.0.2.1", "listen ip4:icmp 192.0.2.1: bind: cannot assign requested address" },
	{ 0, "ip4:icmp", "192.0.2.1", "dial ip4:icmp 192.0.2.1: connect: network is unreachable" },
};

TEST(refusals_are_go_s)
{
	char text[HOY_ERR_STRLEN];

	own_network();
	for (size_t i = 0; i < LEN(refused); i++) {
		hoy_err err = { 0 };

		CHECK(refused[i].listens ? !hoy_listen_packet(refused[i].network, refused[i].address, &err)
					 : !hoy_dial(refused[i].network, refused[i].address, &err));
		CHECK_STR(hoy_err_string(&err, text), refused[i].want, refused[i].network);
	}
}

TEST(refusals_with_addresses)
{
	hoy_addr a = addr_of("127.0.0.1"), b = addr_of("127.0.0.2"), six = addr_of("::1");
	char text[HOY_ERR_STRLEN];
	hoy_conn *c;
	hoy_err err = { 0 };

	own_network();
	CHECK(!hoy_dial_ip("ip4:nosuch", &a, &b, &err));
	CHECK_STR(hoy_err_string(&err, text), "dial ip4:nosuch 127.0.0.1->127.0.0.2: address nosuch: unknown IP protocol specified", "");
	CHECK(!hoy_dial_ip("udp", &a, &b, &err));
	CHECK_STR(hoy_err_string(&err, text), "dial udp 127.0.0.1->127.0.0.2: unknown network udp", "");
	CHECK(!hoy_dial_ip("ip4:icmp", &a, NULL, &err));
	CHECK_STR(hoy_err_string(&err, text), "dial ip4:icmp 127.0.0.1: missing address", "");
	CHECK(!hoy_listen_ip("ip4", &a, &err));
	CHECK_STR(hoy_err_string(&err, text), "listen ip4 127.0.0.1: unknown network ip4", "");
	CHECK(!hoy_listen("ip4:icmp", "127.0.0.1", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen ip4:icmp 127.0.0.1: address 127.0.0.1: unexpected address type", "");

	c = dialled("ip4:icmp", "127.0.0.1");
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &b, &err), HOY_ECONNECTED);
	CHECK_STR(hoy_err_string(&err, text), "write ip4 127.0.0.1->127.0.0.1: use of WriteTo with pre-connected connection", "");
	CHECK_INT(hoy_conn_close_write(c, NULL), HOY_EWRONGKIND);
	hoy_conn_free(c);
	c = bound("ip4:icmp", "");
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &six, &err), HOY_ENOTIPV4);
	six.kind = HOY_ADDR_UDP;
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &six, &err), -EINVAL);
	CHECK_INT(hoy_conn_write_to(c, "x", 1, NULL, &err), HOY_EMISSING);
	hoy_conn_free(c);
	c = bound("udp", "127.0.0.1:0");
	CHECK_INT(hoy_raw_set_header(c, 1, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_raw_read_msg(c, &(hoy_msg){ 0 }, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_raw_write_msg(c, &(hoy_msg){ 0 }, NULL), HOY_EWRONGKIND);
	hoy_conn_free(c);
}

TEST(without_the_capability_there_is_a_hint)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	own_network();
	CHECK_INT(setgroups(0, NULL), 0);
	CHECK_INT(setresgid(65534, 65534, 65534), 0);
	CHECK_INT(setresuid(65534, 65534, 65534), 0);
	CHECK(!hoy_dial("ip4:icmp", "127.0.0.1", &err));
	CHECK_STR(hoy_err_string(&err, text), "dial ip4:icmp 127.0.0.1: socket: operation not permitted "
		  "(a raw socket needs the capability CAP_NET_RAW)", "dial");
	CHECK(!hoy_listen_packet("ip6:58", "::1", &err) && err.code == -EPERM && err.kind == HOY_ERR_HINT);
	CHECK_STR(hoy_err_string(&err, text), "listen ip6:58 ::1: socket: operation not permitted "
		  "(a raw socket needs the capability CAP_NET_RAW)", "listen");
	CHECK(!hoy_listen_packet("ip6:58", "::1", NULL));
}
