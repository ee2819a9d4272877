/* The names of networks: which there are, and the protocol that one may carry. */
#include <stddef.h>
#include <string.h>

#include "ip/network.h"
#include "t.h"

enum { TCP = 1u << HOY_ADDR_TCP, UDP = 1u << HOY_ADDR_UDP, IP = 1u << HOY_ADDR_IP, UNIX = 1u << HOY_ADDR_UNIX };

TEST(a_name_has_a_row)
{
	static const struct { const char *name; unsigned kinds; int kind, family; } cases[] = {
		{ "tcp", TCP, HOY_ADDR_TCP, 0 }, { "tcp4", TCP | UDP, HOY_ADDR_TCP, 4 }, { "tcp6", ~0u, HOY_ADDR_TCP, 6 },
		{ "udp", UDP, HOY_ADDR_UDP, 0 }, { "udp6", TCP | UDP, HOY_ADDR_UDP, 6 }, { "ip4", IP, HOY_ADDR_IP, 4 },
		{ "unix", UNIX, HOY_ADDR_UNIX, 0 }, { "unixgram", ~0u, HOY_ADDR_UNIXGRAM, 0 },
		{ "unixpacket", ~0u, HOY_ADDR_UNIXPACKET, 0 },
		/* no row, or one of another kind */
		{ "tcp", UDP, -1, 0 }, { "unixgram", UNIX, -1, 0 }, { "", ~0u, -1, 0 }, { NULL, ~0u, -1, 0 },
		{ "tcp5", ~0u, -1, 0 }, { "tc", ~0u, -1, 0 }, { "TCP", ~0u, -1, 0 }, { "tcp46", ~0u, -1, 0 },
		{ "ip4:icmp", ~0u, -1, 0 }, { "pipe", ~0u, -1, 0 }, { "tcp ", ~0u, -1, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		const struct hoy__network *net = hoy__network_find(cases[i].name, cases[i].kinds);

		CHECK_INT(net ? net->kind : -1, cases[i].kind);
		if (!net)
			continue;
		CHECK_INT(net->family, cases[i].family);
		CHECK_STR(net->name, cases[i].name, cases[i].name);
		CHECK(hoy__network_of(cases[i].kind, cases[i].family) == net);
	}
	CHECK(!hoy__network_of(HOY_ADDR_UNIX, 4));
	CHECK(!hoy__network_of(HOY_ADDR_PIPE, 0));
}

TEST(a_protocol_may_follow)
{
	static const struct { const char *text, *name; int protocol, code; const char *subject; } cases[] = {
		{ "ip4:icmp", "ip4", 1, 0, NULL }, { "ip6:ipv6-icmp", "ip6", 58, 0, NULL }, { "ip:58", "ip", 58, 0, NULL },
		{ "ip4:ICMP", "ip4", 1, 0, NULL }, { "ip4:0", "ip4", 0, 0, NULL },
		{ "ip4", "ip4", -1, 0, NULL }, { "tcp6", "tcp6", -1, 0, NULL },
		{ "ip4:nosuch", NULL, 0, HOY_ENOPROTO, "nosuch" }, { "ip4:", NULL, 0, HOY_ENOPROTO, "" },
		{ "tcp:icmp", NULL, 0, HOY_ENETWORK, "tcp:icmp" }, { ":icmp", NULL, 0, HOY_ENETWORK, ":icmp" },
		{ "ip4:x:icmp", NULL, 0, HOY_ENETWORK, "ip4:x:icmp" }, { "", NULL, 0, HOY_ENETWORK, "" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		const struct hoy__network *row = hoy__network_find(cases[i].name, ~0u);
		struct hoy__network net = { .kind = 77 };
		hoy_err err = { 0 };

		CHECK_INT(hoy__network_parse(cases[i].text, &net, &err), cases[i].code);
		CHECK_INT(hoy__network_parse(cases[i].text, &net, NULL), cases[i].code);
		if (cases[i].code) {
			CHECK_STR(err.subject, cases[i].subject, cases[i].text);
			CHECK_INT(net.kind, 77);
			continue;
		}
		CHECK_STR(net.name, cases[i].text, "name");
		CHECK(net.kind == row->kind && net.family == row->family);
		CHECK_INT(net.has_protocol ? net.protocol : -1, cases[i].protocol);
	}
}

/* Go: unknown network ip4. A raw socket is of one protocol. */
TEST(a_socket_needs_a_protocol)
{
	static const struct { const char *text; int code; } cases[] = {
		{ "ip4:1", 0 }, { "ip:icmp", 0 }, { "udp6", 0 }, { "ip4", HOY_ENETWORK }, { "ip", HOY_ENETWORK },
		{ "unix", HOY_ENETWORK }, { "ip4:nosuch", HOY_ENOPROTO }, { "", HOY_ENETWORK },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__network net;

		CHECK_INT(hoy__network_parse_socket(cases[i].text, UDP | IP, &net, NULL), cases[i].code);
	}
}
