/* Masks, networks, prefixes, ranges and the rest: every row of their vectors, and what the vectors do not say. */
#include <hoy.h>

#include "t.h"
#include "unit/support/tsv.h"

static struct tsv t;

static hoy_ip ip_of(const char *column)
{
	hoy_ip ip = { 0 };

	ip.len = (uint8_t)tsv_bytes(&t, column, ip.bytes, sizeof ip.bytes);
	return ip;
}

static hoy_ipmask mask_of(const char *column)
{
	hoy_ipmask mask = { 0 };

	mask.len = (uint8_t)tsv_bytes(&t, column, mask.bytes, sizeof mask.bytes);
	return mask;
}

/* INVALID is the zero value. */
static hoy_addr addr_of(const char *column)
{
	hoy_addr addr = { .kind = HOY_ADDR_IP };

	if (!tsv_is(&t, column, "INVALID"))
		CHECK_INT(hoy_parse_addr(tsv(&t, column), &addr, NULL), 0);
	return addr;
}

static hoy_prefix prefix_of(const char *column)
{
	hoy_prefix p = { 0 };

	if (!tsv_is(&t, column, "INVALID"))
		CHECK_INT(hoy_parse_prefix(tsv(&t, column), &p, NULL), 0);
	return p;
}

static hoy_prefix P(const char *text)
{
	hoy_prefix p = { 0 };

	CHECK_INT(hoy_parse_prefix(text, &p, NULL), 0);
	return p;
}

static hoy_ip I(const char *text)
{
	hoy_ip ip = { 0 };

	CHECK_INT(hoy_parse_ip(text, &ip, NULL), 0);
	return ip;
}

TEST(parse_cidr)
{
	char text[HOY_IPNET_STRLEN];
	hoy_ipnet net;
	hoy_ip ip;

	tsv_open(&t, "parse_cidr");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");
		int bits;
		hoy_err err;

		if (hoy_parse_cidr(in, &ip, &net, &err) < 0) {
			CHECK_STR("INVALID", tsv(&t, "ip"), in);
			CHECK(err.code < 0 && err.offset <= strlen(in));
			continue;
		}
		CHECK_STR(hoy_ip_string(ip, text), tsv(&t, "ip"), in);
		CHECK_STR(hoy_ip_string(net.ip, text), tsv(&t, "network_ip"), in);
		CHECK_STR(hoy_ipnet_string(&net, text), tsv(&t, "network"), in);
		CHECK_INT(hoy_ipmask_size(net.mask, &bits), atoi(tsv(&t, "ones")));
		CHECK_INT(bits, atoi(tsv(&t, "bits")));
	}
	CHECK_INT(hoy_parse_cidr("10.0.0.0/8", NULL, NULL, NULL), 0);
}

TEST(cidr_mask)
{
	char text[HOY_IPMASK_STRLEN];

	tsv_open(&t, "cidr_mask");
	while (tsv_next(&t)) {
		hoy_ipmask mask = hoy_cidr_mask(atoi(tsv(&t, "ones")), atoi(tsv(&t, "bits")));

		CHECK_STR(mask.len ? hoy_ipmask_string(mask, text) : "NIL", tsv(&t, "mask"), tsv(&t, "ones"));
	}
	CHECK_STR(hoy_ipmask_string(hoy_ipv4_mask(255, 0, 128, 1), text), "ff008001", "ipv4_mask");
}

TEST(mask_string)
{
	char text[HOY_IPMASK_STRLEN];

	tsv_open(&t, "mask_string");
	while (tsv_next(&t))
		CHECK_STR(hoy_ipmask_string(mask_of("mask"), text), tsv(&t, "text"), "mask_string");
}

TEST(mask_size)
{
	int bits;

	tsv_open(&t, "mask_size");
	while (tsv_next(&t)) {
		CHECK_INT(hoy_ipmask_size(mask_of("mask"), &bits), atoi(tsv(&t, "ones")));
		CHECK_INT(bits, atoi(tsv(&t, "bits")));
		CHECK_INT(hoy_ipmask_size(mask_of("mask"), NULL), atoi(tsv(&t, "ones")));
	}
}

TEST(default_mask)
{
	char text[HOY_IPMASK_STRLEN];

	tsv_open(&t, "default_mask");
	while (tsv_next(&t)) {
		hoy_ipmask mask = hoy_ip_default_mask(addr_of("ip").ip);

		CHECK_STR(mask.len ? hoy_ipmask_string(mask, text) : "NIL", tsv(&t, "mask"), tsv(&t, "ip"));
	}
}

TEST(ip_mask)
{
	char text[HOY_IP_STRLEN];

	tsv_open(&t, "ip_mask");
	while (tsv_next(&t)) {
		hoy_ip got = hoy_ip_mask(ip_of("ip"), mask_of("mask")), want = { 0 };

		if (!tsv_is(&t, "network", "NIL"))
			want = ip_of("network");
		CHECK_INT(got.len, want.len);
		CHECK(memcmp(got.bytes, want.bytes, sizeof want.bytes) == 0);
		if (!tsv_is(&t, "network_text", "NIL"))
			CHECK_STR(hoy_ip_string(got, text), tsv(&t, "network_text"), "network_text");
	}
}

TEST(net_contains)
{
	tsv_open(&t, "net_contains");
	while (tsv_next(&t)) {
		hoy_ipnet net = { ip_of("net_ip"), mask_of("mask") };

		CHECK_INT(hoy_ipnet_contains(&net, ip_of("ip")), tsv_is(&t, "contains", "1"));
	}
}

TEST(net_string)
{
	char text[HOY_IPNET_STRLEN];

	tsv_open(&t, "net_string");
	while (tsv_next(&t)) {
		hoy_ipnet net = { ip_of("net_ip"), mask_of("mask") };

		CHECK_STR(hoy_ipnet_string(&net, text), tsv(&t, "text"), "net_string");
	}
}

TEST(parse_mac)
{
	char text[HOY_MAC_STRLEN];
	hoy_mac mac;
	hoy_err err;

	tsv_open(&t, "parse_mac");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");
		uint8_t want[20];
		int code = hoy_parse_mac(in, &mac, &err);

		CHECK_STR(code < 0 ? "INVALID" : hoy_mac_string(mac, text), tsv(&t, "canonical"), in);
		if (code < 0) {
			CHECK(err.offset <= strlen(in));
			continue;
		}
		CHECK_INT(tsv_bytes(&t, "bytes", want, sizeof want), mac.len);
		CHECK(memcmp(mac.bytes, want, mac.len) == 0);
	}
	CHECK_STR(hoy_mac_string((hoy_mac){ 0 }, text), "", "no address");
}

TEST(parse_mac_points_at_the_mistake)
{
	static const struct { const char *in; unsigned offset; } cases[] = {
		{ "01:02:03:04:05:0g", 16 },
		{ "01:02-03:04:05:06", 5 },
		{ "01:02:03:04:05:06:", 18 },
		{ "01:02:03:04:05:06:07", 20 },
		{ "0011.2233.4g55", 11 },
		{ "001122334455667788", 2 },
		{ "00:00:00:00:fe:80:00:00:00:00:00:00:02:00:5e:10:00:00:00:01:02", 60 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hoy_mac mac;
		hoy_err err;
		char text[HOY_ERR_STRLEN];

		CHECK_INT(hoy_parse_mac(cases[i].in, &mac, &err), HOY_EMAC);
		CHECK_INT(err.offset, cases[i].offset);
		CHECK(strstr(hoy_err_string(&err, text), ": invalid MAC address") != NULL);
	}
}

TEST(compare)
{
	tsv_open(&t, "netip_compare");
	while (tsv_next(&t)) {
		hoy_addr a = addr_of("a"), b = addr_of("b");

		CHECK_INT(hoy_addr_compare(&a, &b), atoi(tsv(&t, "order")));
		CHECK_INT(hoy_addr_compare(&b, &a), -atoi(tsv(&t, "order")));
		if (!a.zone[0] && !b.zone[0])
			CHECK_INT(hoy_ip_compare(a.ip, b.ip), atoi(tsv(&t, "order")));
		CHECK_INT(hoy_addr_equal(&a, &b), atoi(tsv(&t, "order")) == 0 ||
			  (tsv_is(&t, "a", "::ffff:1.2.3.4") && tsv_is(&t, "b", "1.2.3.4")));
	}
	hoy_addr a = { .kind = HOY_ADDR_TCP, .port = 1, .ip = I("1.2.3.4") }, b = a;
	b.port = 2;
	CHECK_INT(hoy_addr_compare(&a, &b), -1);
	CHECK(!hoy_addr_equal(&a, &b));
	a = b = (hoy_addr){ .kind = HOY_ADDR_UNIX, .path = "/run/x" };
	CHECK(hoy_addr_equal(&a, &b));
	b.path[5] = 'y';
	CHECK(!hoy_addr_equal(&a, &b));
}

TEST(next_prev)
{
	char text[HOY_ADDR_STRLEN];

	tsv_open(&t, "netip_next_prev");
	while (tsv_next(&t))
		for (int back = 0; back < 2; back++) {
			hoy_addr addr = addr_of("addr");

			addr.ip = (back ? hoy_ip_prev : hoy_ip_next)(addr.ip);
			CHECK_STR(addr.ip.len ? hoy_addr_string_4in6(&addr, text) : "INVALID",
				  tsv(&t, back ? "prev" : "next"), tsv(&t, "addr"));
		}
	CHECK_INT(hoy_ip_next((hoy_ip){ 0 }).len, 0);
}

TEST(addr_prefix)
{
	char text[HOY_PREFIX_STRLEN];

	tsv_open(&t, "netip_addr_prefix");
	while (tsv_next(&t)) {
		hoy_prefix p;
		int code = hoy_ip_prefix(addr_of("addr").ip, atoi(tsv(&t, "bits")), &p);

		CHECK_STR(code < 0 ? "INVALID" : hoy_prefix_string(p, text), tsv(&t, "prefix"), tsv(&t, "addr"));
	}
}

TEST(parse_prefix)
{
	char text[HOY_PREFIX_STRLEN];

	tsv_open(&t, "netip_parse_prefix");
	while (tsv_next(&t)) {
		const char *in = tsv(&t, "input");
		hoy_prefix p = { 0 };
		int code = hoy_parse_prefix(in, &p, NULL);

		CHECK_STR(code < 0 ? "INVALID" : hoy_prefix_string(p, text), tsv(&t, "text"), in);
		if (code < 0)
			continue;
		CHECK_INT(hoy_prefix_bits(p), atoi(tsv(&t, "bits")));
		CHECK_STR(hoy_prefix_string(hoy_prefix_masked(p), text), tsv(&t, "masked"), in);
		CHECK_INT(hoy_prefix_is_single_ip(p), tsv_is(&t, "is_single_ip", "1"));
		CHECK_INT(hoy_prefix_compare(p, hoy_prefix_from(p.ip, p.bits)), 0);
	}
	CHECK_STR(hoy_prefix_string((hoy_prefix){ 0 }, text), "invalid Prefix", "zero");
	CHECK_INT(hoy_prefix_bits(hoy_prefix_from(I("1.2.3.4"), 33)), -1);
	CHECK(!hoy_prefix_is_valid(hoy_prefix_from(I("1.2.3.4"), -1)));
}

TEST(parse_prefix_says_what_go_says)
{
	static const struct { const char *in, *want; unsigned offset; } cases[] = {
		{ "1.2.3.4", "netip.ParsePrefix(\"1.2.3.4\"): no '/'", 7 },
		{ "1.2.3.256/24", "netip.ParsePrefix(\"1.2.3.256/24\"): ParseAddr(\"1.2.3.256\"): "
		  "IPv4 field has value >255", 6 },
		{ "12345::/33", "netip.ParsePrefix(\"12345::/33\"): ParseAddr(\"12345::\"): "
		  "each group must have 4 or less digits (at \"12345::\")", 0 },
		{ "1.2.3.4/ 24", "netip.ParsePrefix(\"1.2.3.4/ 24\"): bad bits after slash: \" 24\"", 8 },
		{ "1.2.3.4/024", "netip.ParsePrefix(\"1.2.3.4/024\"): bad bits after slash: \"024\"", 8 },
		{ "1.2.3.4/33", "netip.ParsePrefix(\"1.2.3.4/33\"): prefix length out of range", 8 },
		{ "fe80::1%e/64", "netip.ParsePrefix(\"fe80::1%e/64\"): IPv6 zones cannot be present in a prefix", 7 },
		{ "1.2.3.4\x01/24", "netip.ParsePrefix(\"1.2.3.4\\x01/24\"): ParseAddr(\"1.2.3.4\\x01\"): "
		  "unexpected character (at \"\\x01\")", 7 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[HOY_ERR_STRLEN];
		hoy_prefix p;
		hoy_err err;

		CHECK(hoy_parse_prefix(cases[i].in, &p, &err) < 0);
		CHECK_STR(hoy_err_string(&err, text), cases[i].want, cases[i].in);
		CHECK_INT(err.offset, cases[i].offset);
	}
}

TEST(prefix_compare)
{
	tsv_open(&t, "netip_prefix_compare");
	while (tsv_next(&t)) {
		CHECK_INT(hoy_prefix_compare(prefix_of("a"), prefix_of("b")), atoi(tsv(&t, "order")));
		CHECK_INT(hoy_prefix_compare(prefix_of("b"), prefix_of("a")), -atoi(tsv(&t, "order")));
	}
}

TEST(prefix_contains)
{
	tsv_open(&t, "netip_prefix_contains");
	while (tsv_next(&t)) {
		hoy_addr addr = addr_of("addr");

		CHECK_INT(hoy_prefix_contains_addr(prefix_of("prefix"), &addr), tsv_is(&t, "contains", "1"));
		if (!addr.zone[0])
			CHECK_INT(hoy_prefix_contains(prefix_of("prefix"), addr.ip), tsv_is(&t, "contains", "1"));
	}
}

TEST(prefix_overlaps)
{
	tsv_open(&t, "netip_prefix_overlaps");
	while (tsv_next(&t))
		CHECK_INT(hoy_prefix_overlaps(prefix_of("a"), prefix_of("b")), tsv_is(&t, "overlaps", "1"));
}

TEST(reverse_addr)
{
	char text[HOY_REVERSE_STRLEN];

	tsv_open(&t, "reverse_addr");
	while (tsv_next(&t)) {
		hoy_ip ip;
		int code = hoy_parse_ip(tsv(&t, "address"), &ip, NULL);

		CHECK_STR(code < 0 ? "ERROR" : hoy_ip_reverse_name(ip, text), tsv(&t, "name"), tsv(&t, "address"));
	}
	CHECK_STR(hoy_ip_reverse_name((hoy_ip){ 0 }, text), "", "no address");
}

TEST(internet_checksum)
{
	static uint8_t bytes[4096];
	char got[8];

	tsv_open(&t, "internet_checksum");
	while (tsv_next(&t)) {
		int n = tsv_len(&t, "bytes") ? tsv_bytes(&t, "bytes", bytes, sizeof bytes) : 0;

		CHECK(n >= 0);
		snprintf(got, sizeof got, "%04x", hoy_checksum(bytes, (size_t)n));
		CHECK_STR(got, tsv(&t, "checksum"), tsv(&t, "bytes"));
	}
}

TEST(forms)
{
	static const uint8_t four[4] = { 192, 0, 2, 1 };
	char text[HOY_IP_STRLEN];
	const struct { hoy_ip ip; const char *text; } named[] = {
		{ hoy_ipv4_zero, "0.0.0.0" }, { hoy_ipv4_bcast, "255.255.255.255" },
		{ hoy_ipv4_all_sys, "224.0.0.1" }, { hoy_ipv4_all_router, "224.0.0.2" },
		{ hoy_ipv6_zero, "::" }, { hoy_ipv6_loopback, "::1" },
		{ hoy_ipv6_interface_local_all_nodes, "ff01::1" }, { hoy_ipv6_link_local_all_nodes, "ff02::1" },
		{ hoy_ipv6_link_local_all_routers, "ff02::2" },
	};

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		CHECK_STR(hoy_ip_string(named[i].ip, text), named[i].text, "named address");
	CHECK_INT(hoy_ip_from_bytes(four, 4).len, 4);
	CHECK_INT(hoy_ip_from_bytes(four, 3).len, 0);
	CHECK(hoy_ip_is4(I("1.2.3.4")) && !hoy_ip_is4(I("::ffff:1.2.3.4")));
	CHECK(hoy_ip_is6(I("::ffff:1.2.3.4")) && !hoy_ip_is6(I("1.2.3.4")));
	CHECK(hoy_ip_is_4in6(I("::ffff:1.2.3.4")) && !hoy_ip_is_4in6(I("::1.2.3.4")));
	CHECK_INT(hoy_ip_unmap(I("::ffff:1.2.3.4")).len, 4);
	CHECK_INT(hoy_ip_unmap(I("::1")).len, 16);
	CHECK_INT(hoy_ip_to4(I("::1")).len, 0);
	CHECK_INT(hoy_ip_to16((hoy_ip){ 0 }).len, 0);
	CHECK_STR(hoy_ip_string((hoy_ip){ .len = 200 }, text), "?00000000000000000000000000000000", "an impossible length");
	CHECK_STR(hoy_ip_string_expanded(I("1.2.3.4"), text), "1.2.3.4", "expanded");
}

static const char *range_text(hoy_ip_range r, char buf[2 * HOY_IP_STRLEN])
{
	char a[HOY_IP_STRLEN], b[HOY_IP_STRLEN];

	snprintf(buf, 2 * HOY_IP_STRLEN, "%s-%s", hoy_ip_string_4in6(r.first, a), hoy_ip_string_4in6(r.last, b));
	return buf;
}

TEST(prefix_range)
{
	static const struct { const char *prefix, *range; } cases[] = {
		{ "192.168.1.77/25", "192.168.1.0-192.168.1.127" },
		{ "1.2.3.4/32", "1.2.3.4-1.2.3.4" },
		{ "0.0.0.0/0", "0.0.0.0-255.255.255.255" },
		{ "2001:db8::/63", "2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff" },
		{ "::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "2001:db8::1/128", "2001:db8::1-2001:db8::1" },
		{ "fe80::/64", "fe80::-fe80::ffff:ffff:ffff:ffff" },
	};
	char text[2 * HOY_IP_STRLEN];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(range_text(hoy_prefix_range(P(cases[i].prefix)), text), cases[i].range, cases[i].prefix);
	CHECK_INT(hoy_prefix_range((hoy_prefix){ 0 }).first.len, 0);
}

/* The prefixes of a range as one text. */
static const char *prefixes_text(const char *first, const char *last, char *buf, size_t size)
{
	hoy_prefix list[HOY_RANGE_PREFIXES];
	hoy_ip_range range = { I(first), I(last) };
	int n = hoy_range_prefixes(range, list, HOY_RANGE_PREFIXES);
	char text[HOY_PREFIX_STRLEN];

	*buf = '\0';
	for (int i = 0; i < n; i++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", i ? " " : "", hoy_prefix_string(list[i], text));
	return buf;
}

TEST(range_prefixes)
{
	static const struct { const char *first, *last, *want; } cases[] = {
		{ "10.0.0.0", "10.0.0.255", "10.0.0.0/24" },
		{ "10.0.0.1", "10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32" },
		{ "0.0.0.0", "255.255.255.255", "0.0.0.0/0" },
		{ "255.255.255.255", "255.255.255.255", "255.255.255.255/32" },
		{ "192.168.1.0", "192.168.2.255", "192.168.1.0/24 192.168.2.0/24" },
		{ "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0" },
		{ "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8::/63" },
		{ "::ffff:ffff:ffff:ffff", "::1:0:0:0:0", "::ffff:ffff:ffff:ffff/128 0:0:0:1::/128" },
	};
	char text[4096];
	hoy_prefix list[2];
	hoy_ip_range worst4 = { I("0.0.0.1"), I("255.255.255.254") }, mixed = { I("1.2.3.4"), I("::1") };
	hoy_ip_range worst6 = { I("::1"), hoy_ip_prev(I("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) };
	hoy_ip_range backward = { I("1.2.3.4"), I("1.2.3.3") };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(prefixes_text(cases[i].first, cases[i].last, text, sizeof text), cases[i].want, cases[i].first);
	CHECK_INT(hoy_range_prefixes(worst4, list, 2), 62);
	CHECK_INT(hoy_range_prefixes(worst6, list, 2), HOY_RANGE_PREFIXES);
	CHECK_INT(hoy_range_prefixes(mixed, list, 2), HOY_EUNSUITABLE);
	CHECK_INT(hoy_range_prefixes(backward, list, 2), HOY_EUNSUITABLE);
	CHECK_INT(hoy_range_prefixes((hoy_ip_range){ { 0 }, { 0 } }, list, 2), HOY_EUNSUITABLE);
}

/* What the prefixes of a random range cover, counted, is the range. */
TEST(range_prefixes_cover_exactly)
{
	hoy_prefix list[HOY_RANGE_PREFIXES];

	srand(1);
	for (int round = 0; round < 20000; round++) {
		unsigned a = (unsigned)rand() % 70000, b = a + (unsigned)rand() % 70000, at = a;
		hoy_ip_range range = { hoy_ipv4(0, (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a),
				       hoy_ipv4(0, (uint8_t)(b >> 16), (uint8_t)(b >> 8), (uint8_t)b) };
		int n = hoy_range_prefixes(range, list, HOY_RANGE_PREFIXES);

		for (int i = 0; i < n; i++) {
			const uint8_t *first = hoy_prefix_masked(list[i]).ip.bytes;

			CHECK_INT((unsigned)(first[1] << 16 | first[2] << 8 | first[3]), at);
			at += 1u << (32 - list[i].bits);
		}
		CHECK_INT(at, b + 1);
	}
}

TEST(prefix_split)
{
	char text[HOY_PREFIX_STRLEN];
	hoy_prefix part;

	CHECK_INT(hoy_prefix_split(P("192.168.1.77/24"), 26, 3, &part), 0);
	CHECK_STR(hoy_prefix_string(part, text), "192.168.1.192/26", "last quarter");
	CHECK_INT(hoy_prefix_split(P("192.168.1.0/24"), 26, 4, &part), HOY_ERANGEEND);
	CHECK_INT(hoy_prefix_split(P("192.168.1.0/24"), 23, 0, &part), HOY_EPREFIXLEN);
	CHECK_INT(hoy_prefix_split(P("192.168.1.0/24"), 33, 0, &part), HOY_EPREFIXLEN);
	CHECK_INT(hoy_prefix_split((hoy_prefix){ 0 }, 0, 0, &part), HOY_EPREFIXLEN);
	CHECK_INT(hoy_prefix_split(P("10.0.0.0/8"), 8, 0, &part), 0);
	CHECK_STR(hoy_prefix_string(part, text), "10.0.0.0/8", "itself");
	CHECK_INT(hoy_prefix_split(P("::/0"), 64, UINT64_MAX, &part), 0);
	CHECK_STR(hoy_prefix_string(part, text), "ffff:ffff:ffff:ffff::/64", "the last of 2^64");
	CHECK_INT(hoy_prefix_split(P("2001:db8::/32"), 128, 1ULL << 40, &part), 0);
	CHECK_STR(hoy_prefix_string(part, text), "2001:db8::100:0:0/128", "far inside");
}

TEST(prefix_merge)
{
	hoy_prefix list[] = {
		P("10.1.0.0/16"), P("192.168.1.0/25"), P("10.0.0.0/16"), P("192.168.1.128/25"), P("10.0.7.0/24"),
		{ { 0 }, 0 }, P("192.168.0.0/24"), P("2001:db8:8000::/33"), P("2001:db8::/33"), P("10.0.0.0/16"),
		P("11.0.0.0/16"), P("::/128"),
	};
	static const char *const want[] = { "10.0.0.0/15", "11.0.0.0/16", "192.168.0.0/23", "::/128", "2001:db8::/32" };
	char text[HOY_PREFIX_STRLEN];
	size_t n = hoy_prefix_merge(list, sizeof list / sizeof *list);

	CHECK_INT(n, 5);
	for (size_t i = 0; i < n && i < 5; i++)
		CHECK_STR(hoy_prefix_string(list[i], text), want[i], "merged");
	CHECK_INT(hoy_prefix_merge(list, 0), 0);
	CHECK_INT(hoy_prefix_merge(NULL, 0), 0);
	list[0] = P("0.0.0.0/1");
	list[1] = P("128.0.0.0/1");
	CHECK_INT(hoy_prefix_merge(list, 2), 1);
	CHECK_STR(hoy_prefix_string(list[0], text), "0.0.0.0/0", "all");
}
