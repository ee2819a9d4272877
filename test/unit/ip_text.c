/* Addresses as text: every row of the vectors that speak of it. */
#include <hoy.h>

#include "t.h"
#include "unit/support/tsv.h"

static struct tsv t;

/* A C string ends at its first NUL, so a row with one in the middle cannot be asked. */
static bool has_nul(const char *column)
{
	if (strlen(tsv(&t, column)) == tsv_len(&t, column))
		return false;
	printf("not representable: %s row %d, a NUL inside the text\n", t.name, t.row);
	return true;
}

TEST(parse_ip)
{
	char text[HOY_IP_STRLEN];
	uint8_t want[16];
	hoy_ip ip;
	hoy_err err;

	tsv_open(&t, "parse_ip");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");

		if (has_nul("input"))
			continue;
		int code = hoy_parse_ip(in, &ip, &err);
		CHECK_STR(code < 0 ? "INVALID" : hoy_ip_string(ip, text), tsv(&t, "canonical"), in);
		if (code < 0) {
			CHECK_INT(err.code, code);
			CHECK(err.offset <= strlen(in));
			CHECK_STR(err.subject, in, "subject");
			continue;
		}
		tsv_bytes(&t, "bytes16", want, sizeof want);
		CHECK(memcmp(hoy_ip_to16(ip).bytes, want, 16) == 0);
		CHECK_INT(hoy_ip_to4(ip).len == 4 ? 4 : 6, atoi(tsv(&t, "family")));
		CHECK_INT(ip.len, strchr(in, ':') ? 16 : 4);
	}
}

/* The address in a column of hex; false, and told, for lengths hoy_ip cannot have. */
static bool ip_of(const char *column, hoy_ip *ip)
{
	int n;

	memset(ip, 0, sizeof *ip);
	n = tsv_bytes(&t, column, ip->bytes, sizeof ip->bytes);
	if (n < 0) {
		printf("not representable: %s row %d, more than 16 bytes\n", t.name, t.row);
		return false;
	}
	ip->len = (uint8_t)n;
	return true;
}

TEST(ip_string)
{
	char text[HOY_IP_STRLEN];
	hoy_ip ip;

	tsv_open(&t, "ip_string");
	while (tsv_next(&t))
		if (ip_of("bytes", &ip))
			CHECK_STR(hoy_ip_string(ip, text), tsv(&t, "text"), tsv(&t, "bytes"));
}

TEST(ip_equal)
{
	hoy_ip a, b;

	tsv_open(&t, "ip_equal");
	while (tsv_next(&t))
		if (ip_of("a", &a) && ip_of("b", &b)) {
			CHECK_INT(hoy_ip_equal(a, b), tsv_is(&t, "equal", "1"));
			CHECK_INT(hoy_ip_equal(b, a), tsv_is(&t, "equal", "1"));
		}
}

TEST(ip_class)
{
	static const struct { const char *column; int (*is)(hoy_ip); } classes[] = {
		{ "unspecified", hoy_ip_is_unspecified },
		{ "loopback", hoy_ip_is_loopback },
		{ "private", hoy_ip_is_private },
		{ "multicast", hoy_ip_is_multicast },
		{ "interface_local_multicast", hoy_ip_is_interface_local_multicast },
		{ "link_local_multicast", hoy_ip_is_link_local_multicast },
		{ "link_local_unicast", hoy_ip_is_link_local_unicast },
		{ "global_unicast", hoy_ip_is_global_unicast },
	};

	tsv_open(&t, "ip_class");
	while (tsv_next(&t)) {
		hoy_addr addr = { 0 };
		bool mapped_or_zoned_zero;

		if (!tsv_is(&t, "ip", "NIL") && !tsv_is(&t, "ip", "INVALID"))
			CHECK_INT(hoy_parse_addr(tsv(&t, "ip"), &addr, NULL), 0);
		/* netip's other opinion: only :: and 0.0.0.0 themselves, in no other form and without a zone */
		mapped_or_zoned_zero = tsv_is(&t, "api", "netip") && hoy_ip_is_unspecified(addr.ip) &&
				       (hoy_ip_is_4in6(addr.ip) || addr.zone[0]);
		for (size_t i = 0; i < LEN(classes); i++) {
			bool want = tsv_is(&t, classes[i].column, "1");

			if (mapped_or_zoned_zero && (i == 0 || i == 7))
				want = !want;
			if (!CHECK_INT(classes[i].is(addr.ip) != 0, want))
				printf("%s %s %s\n", tsv(&t, "api"), tsv(&t, "ip"), classes[i].column);
		}
	}
}

TEST(addr_string)
{
	char text[HOY_ADDR_STRLEN];

	tsv_open(&t, "addr_string");
	while (tsv_next(&t)) {
		hoy_addr addr = { .kind = tsv_is(&t, "kind", "tcp") ? HOY_ADDR_TCP : HOY_ADDR_IP };

		ip_of("ip", &addr.ip);
		addr.port = (uint16_t)atoi(tsv(&t, "port"));
		strcpy(addr.zone, tsv(&t, "zone"));
		CHECK_STR(hoy_addr_string(&addr, text), tsv(&t, "text"), "addr_string");
		CHECK_STR(hoy_addr_network(&addr), tsv(&t, "kind"), "network");
	}
	CHECK_STR(hoy_addr_string_4in6(&(hoy_addr){ .kind = HOY_ADDR_IP }, text), "invalid IP", "no ip");
	CHECK_STR(hoy_addr_string_4in6(&(hoy_addr){ .kind = HOY_ADDR_TCP, .port = 1 }, text), "invalid AddrPort", "no ip");
	CHECK_STR(hoy_addr_string(&(hoy_addr){ 0 }, text), "", "nothing");
	CHECK_STR(hoy_addr_string(&(hoy_addr){ .kind = HOY_ADDR_PIPE }, text), "pipe", "pipe");
	CHECK_STR(hoy_addr_network(&(hoy_addr){ .kind = 99 }), "", "a kind that is none");
}

TEST(parse_addr)
{
	char text[HOY_ADDR_STRLEN], expanded[HOY_IP_STRLEN];
	hoy_addr addr;

	tsv_open(&t, "netip_parse_addr");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");

		if (has_nul("input"))
			continue;
		int code = hoy_parse_addr(in, &addr, NULL);
		if (!CHECK_STR(code < 0 ? "INVALID" : hoy_addr_string_4in6(&addr, text), tsv(&t, "text"), in) || code < 0)
			continue;
		CHECK_INT(addr.ip.len * 8, atoi(tsv(&t, "bit_len")));
		CHECK_INT(hoy_ip_is_4in6(addr.ip), tsv_is(&t, "is_4in6", "1"));
		CHECK_STR(addr.zone, tsv(&t, "zone"), in);
		snprintf(text, sizeof text, "%s%s%s", hoy_ip_string_expanded(addr.ip, expanded),
			 addr.zone[0] ? "%" : "", addr.zone);
		CHECK_STR(text, tsv(&t, "expanded"), in);
	}
}

TEST(parse_addr_port)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	tsv_open(&t, "netip_parse_addrport");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");
		int code = hoy_parse_addr_port(in, &addr, NULL);

		if (!CHECK_STR(code < 0 ? "INVALID" : hoy_addr_string_4in6(&addr, text), tsv(&t, "text"), in) || code < 0)
			continue;
		CHECK_INT(addr.port, atoi(tsv(&t, "port")));
		addr.kind = HOY_ADDR_IP;
		CHECK_STR(hoy_addr_string_4in6(&addr, text), tsv(&t, "addr"), in);
	}
}

TEST(split_host_port)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];

	tsv_open(&t, "split_host_port");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");
		int code = hoy_split_host_port(in, host, port, NULL);

		if (code < 0) {
			CHECK_STR("ERROR", tsv(&t, "host"), in);
			CHECK_STR(hoy_strerror(code), tsv(&t, "error"), in);
			continue;
		}
		CHECK_STR(host, tsv(&t, "host"), in);
		CHECK_STR(port, tsv(&t, "port"), in);
	}
}

TEST(join_host_port)
{
	char text[300];

	tsv_open(&t, "join_host_port");
	while (tsv_next(&t))
		CHECK_STR(hoy_join_host_port(tsv(&t, "host"), tsv(&t, "port"), text, sizeof text), tsv(&t, "text"),
			  "join");
	CHECK_STR(hoy_join_host_port("::1", "80", text, 5), "[::1", "cut to size");
	CHECK_STR(hoy_join_host_port("host", "80", text, 1), "", "no room but for the NUL");
	strcpy(text, "as it was");
	CHECK_STR(hoy_join_host_port("host", "80", text, 0), "as it was", "no room at all");
}

static void check_resolved(int code, const hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];

	if (code < 0) {
		CHECK_STR("ERROR", tsv(&t, "ip"), tsv(&t, "address"));
		CHECK_STR(hoy_strerror(code), tsv(&t, "error"), tsv(&t, "address"));
		return;
	}
	CHECK_STR(addr->ip.len ? hoy_ip_string(addr->ip, text) : "NIL", tsv(&t, "ip"), tsv(&t, "address"));
	if (!tsv_is(&t, "port", "-"))
		CHECK_INT(addr->port, atoi(tsv(&t, "port")));
	CHECK_STR(addr->zone, tsv(&t, "zone"), "zone");
	CHECK_STR(hoy_addr_string(addr, text), tsv(&t, "text"), "text");
}

static void check_resolver(const char *file, int (*resolve)(const char *, const char *, hoy_addr *, hoy_err *))
{
	hoy_addr addr;
	hoy_err err;

	tsv_open(&t, file);
	while (tsv_next(&t))
		check_resolved(resolve(tsv(&t, "network"), tsv(&t, "address"), &addr, &err), &addr);
}

TEST(resolve_tcp_addr) { check_resolver("resolve_tcp_addr", hoy_resolve_tcp_addr); }
TEST(resolve_udp_addr) { check_resolver("resolve_udp_addr", hoy_resolve_udp_addr); }
TEST(resolve_ip_addr) { check_resolver("resolve_ip_addr", hoy_resolve_ip_addr); }

TEST(lookup_port)
{
	tsv_open(&t, "lookup_port");
	while (tsv_next(&t)) {
		char got[12];
		int port = hoy_lookup_port(tsv(&t, "network"), tsv(&t, "service"), NULL);

		snprintf(got, sizeof got, "%d", port);
		CHECK_STR(port < 0 ? "ERROR" : got, tsv(&t, "port"), tsv(&t, "service"));
		CHECK_STR(port < 0 ? hoy_strerror(port) : "-", tsv(&t, "error"), tsv(&t, "service"));
	}
}
