/* The data of every type with a name, from text and to text: test/vectors/rdata.tsv has BIND's word for it. */
#include <errno.h>
#include <stdlib.h>

#include <hoy.h>

#include "dns/msg/rdata.h"
#include "dns/msg/type.h"
#include "support/tsv.h"
#include "t.h"

static uint8_t data[65535];
static char text[200000];

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

static size_t from_hex(const char *hex, uint8_t *octets)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
	return len;
}

static void check_row(const struct tsv *t, const char *input, const uint8_t *wire, size_t len)
{
	int type = hoy_parse_type(tsv(t, "type"));
	hoy_err err = { 0 };
	ssize_t n = hoy_parse_rdata(type, input, NULL, data, sizeof data, &err);

	CHECK_STR(n < 0 ? err.call : "", "", input);
	CHECK_INT(n, len);
	CHECK(n == (ssize_t)len && !memcmp(data, wire, len));
	n = hoy_rdata_string(type, wire, len, text, sizeof text);
	CHECK_STR(n < 0 ? "malformed" : text, tsv(t, "text"), input);
	CHECK_INT(n, strlen(text));
}

TEST(every_row_from_text_and_to_text)
{
	struct tsv t;

	tsv_open(&t, "rdata");
	while (tsv_next(&t)) {
		uint8_t wire[512];
		size_t len = from_hex(tsv(&t, "wire"), wire);
		char raw[1100];
		int at = snprintf(raw, sizeof raw, "\\# %zu ", len);

		for (size_t i = 0; i < len; i++)
			at += snprintf(raw + at, sizeof raw - (size_t)at, "%02x", wire[i]);
		check_row(&t, tsv(&t, "input"), wire, len);
		check_row(&t, tsv(&t, "text"), wire, len);
		check_row(&t, raw, wire, len);
	}
}

/* The last octet missing, or one too many: no crash under ASan, and a text only if the data can be that long. */
TEST(data_of_every_length_is_text_or_refused)
{
	struct tsv t;

	tsv_open(&t, "rdata");
	while (tsv_next(&t)) {
		uint8_t wire[513];
		size_t len = from_hex(tsv(&t, "wire"), wire);
		int type = hoy_parse_type(tsv(&t, "type"));

		wire[len] = 0x7f;
		for (size_t cut = 0; cut <= len + 1; cut++) {
			uint8_t *copy = malloc(cut + !cut);
			ssize_t n, back;

			memcpy(copy, wire, cut);
			n = hoy_rdata_string(type, copy, cut, text, sizeof text);
			CHECK(n >= 0 || n == HOY_EMESSAGE);
			back = n < 0 ? (ssize_t)cut : hoy_parse_rdata(type, text, NULL, data, sizeof data, NULL);
			if (n >= 0 && back >= 0 && type != HOY_TYPE_WKS)	/* whose zeros at the end count for nothing */
				CHECK_STR((size_t)back == cut && !memcmp(data, copy, cut) ? "same" : "other", "same", text);
			free(copy);
		}
	}
}

TEST(no_type_is_left_out_of_the_rows)
{
	size_t count;
	const struct hoy__type *types = hoy__types(&count);

	for (size_t i = 0; i < count; i++) {
		struct tsv t;
		bool found = hoy__type_is_meta(types[i].number);
		char word[HOY_TYPE_STRLEN];

		tsv_open(&t, "rdata");
		while (tsv_next(&t))
			found |= !strcmp(tsv(&t, "type"), types[i].name);
		CHECK_STR(found ? types[i].name : "missing", types[i].name, "rows");
		CHECK(hoy__type_find(types[i].number) == &types[i]);	/* the table is in order */
		CHECK_INT(hoy_parse_type(types[i].name), types[i].number);
		CHECK_STR(hoy_type_string(types[i].number, word), types[i].name, "name");
		CHECK_INT(hoy_type_next(i ? types[i - 1].number : 0), types[i].number);
	}
	CHECK_INT(hoy_type_next(HOY_TYPE_DLV), 0);
	CHECK(count > 90);
}

TEST(mistakes_have_a_reason)
{
	static const struct { const char *type, *in, *why; } cases[] = {
		{ "A", "192.0.2.256", "no IPv4 address" },
		{ "A", "192.0.2.1 x", "there is more than the record takes" },
		{ "A", "", "the record is not complete" },
		{ "A", "\\# 3 000000", "these bytes are no data of this type" },
		{ "A", "\\# 4 0000", "\\# has another length than it says" },
		{ "A", "\\# 4 000", "half a byte of hexadecimal digits" },
		{ "A", "\\#", "\\# needs a length" },
		{ "AAAA", "fe80::1%eth0", "no IPv6 address" },
		{ "MX", "65536 a.", "a number from 0 to 65535 belongs here" },
		{ "MX", "1 a..", "a name has an empty label" },
		{ "MX", "1 \"\"", "an empty name" },
		{ "TXT", "\"open", "a quoted string is not closed" },
		{ "TXT", "\\256", "a bad escape: \\DDD up to 255, or \\ and a character" },
		{ "SOA", "a. b. 1 2 3 4 1x", "a time is seconds, at most 2147483647, or 1h30m" },
		{ "SOA", "a. b. 4294967296 2 3 4 5", "a number of 32 bits belongs here" },
		{ "IPN", "18446744073709551616", "a number of 64 bits belongs here" },
		{ "DNSKEY", "256 3 8", "the record is not complete" },
		{ "DNSKEY", "256 3 RSASHA3 AQID", "a number from 0 to 255 belongs here" },
		{ "DNSKEY", "256 3 8 AQ=D", "no base64" },
		{ "DNSKEY", "256 3 8 AQI", "no base64: it ends too early" },
		{ "EID", "\\# 0", "these bytes are no data of this type" },
		{ "TLSA", "\\# 3 030101", "these bytes are no data of this type" },
		{ "HTTPS", "1 . ech=", "this parameter needs a value" },
		{ "DS", "1 8 2 \"\"", "the record is not complete" },
		{ "OPENPGPKEY", "\"\"", "the record is not complete" },
		{ "DS", "1 8 2 0", "half a byte of hexadecimal digits" },
		{ "DS", "1 8 2 0g", "no hexadecimal digit" },
		{ "RRSIG", "NOTYPE 8 3 1 20000101000000 20000101000000 1 . AQID", "a record type belongs here" },
		{ "RRSIG", "A 8 3 1 20010229000000 20000101000000 1 . AQID",
		  "a time belongs here: YYYYMMDDHHMMSS, or seconds since 1970" },
		{ "NSEC3", "1 0 0 - x0 A", "no base32 digit, which are 0 to 9 and A to V" },
		{ "NSEC3", "1 0 0 - 0 A", "base32 that does not end with a byte" },
		{ "NXT", "a. CAA", "only types from 1 to 127 belong here" },
		{ "WKS", "1.2.3.4 nothing 1", "a protocol belongs here: tcp, udp or a number up to 255" },
		{ "WKS", "1.2.3.4 tcp 65536", "ports belong here: numbers up to 65535, or names such as smtp" },
		{ "LOC", "91 N 0 E 0", "a place is DEGREES [MINUTES [SECONDS]] N|S, the same with E|W, and an altitude" },
		{ "LOC", "1 60 N 0 E 0", "a place is DEGREES [MINUTES [SECONDS]] N|S, the same with E|W, and an altitude" },
		{ "LOC", "1 N 0 E", "the record is not complete" },
		{ "LOC", "1 N 0 E -100001", "an altitude in metres belongs here, -100000.00m to 42849672.95m" },
		{ "APL", "1:10.0.0.0", "prefixes belong here: 1:192.168.32.0/21, !2:2001:db8::/32" },
		{ "APL", "3:10.0.0.0/8", "prefixes belong here: 1:192.168.32.0/21, !2:2001:db8::/32" },
		{ "APL", "1:10.0.0.0/33", "prefixes belong here: 1:192.168.32.0/21, !2:2001:db8::/32" },
		{ "IPSECKEY", "1 4 1 . AQID", "the type of a gateway is 0 to 3" },
		{ "IPSECKEY", "1 0 1 a. AQID", "without a gateway . belongs here" },
		{ "AMTRELAY", "1 2 0 .", "the discovery bit is 0 or 1" },
		{ "EUI48", "00-00-5e-00-53", "six bytes belong here: 00-00-5e-00-53-2a" },
		{ "L64", "10 1:2:3", "four groups of hexadecimal digits belong here: 2001:db8:0:1" },
		{ "NSAP", "47", "an NSAP address begins with 0x" },
		{ "A6", "129 a.", "a prefix has 0 to 128 bits" },
		{ "CAA", "0 is-sue x", "a tag is letters and digits" },
		{ "HTTPS", "1 . port=1 port=2", "a parameter stands there twice" },
		{ "UID", "x", "data of this type is written as \\# LENGTH HEX" },
		{ "TYPE1234", "x", "data of this type is written as \\# LENGTH HEX" },
		{ "OPT", "\\# 0", "this is no type of a record" },
		{ "AXFR", "\\# 0", "this is no type of a record" },
		{ "TYPE0", "\\# 0", "this is no type of a record" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_err err = { 0 };
		char sentence[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];

		CHECK_INT(hoy_parse_rdata(hoy_parse_type(cases[i].type), cases[i].in, NULL, data, sizeof data, &err), -EINVAL);
		CHECK_STR(err.call ? err.call : "accepted", cases[i].why, cases[i].in);
		CHECK_STR(err.net, cases[i].type, cases[i].in);
		snprintf(want, sizeof want, "invalid %s record: %s", cases[i].type, cases[i].why);
		CHECK_STR(hoy_err_string(&err, sentence), want, cases[i].in);
	}
}

TEST(relative_names_and_little_room)
{
	hoy_err err = { 0 };
	char small[8];

	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "ns", "Example.com", data, sizeof data, NULL), 16);
	CHECK(!memcmp(data, "\2ns\7Example\3com", 16));
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "@", "example", data, sizeof data, NULL), 9);
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "ns\\.", "example", data, sizeof data, NULL), 13);
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "ns", NULL, data, sizeof data, NULL), 4);
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "ns", "a..b", data, sizeof data, &err), -EINVAL);
	CHECK_STR(err.call, "its origin is no domain name", "origin");
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_NS, "ns", NULL, data, 3, &err), HOY_ETOOLONG);
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_TXT, "abc", NULL, data, 0, &err), HOY_ETOOLONG);
	CHECK_INT(hoy_rdata_string(HOY_TYPE_NS, "\2ns\7example", 12, NULL, 0), 11);
	CHECK_INT(hoy_rdata_string(HOY_TYPE_NS, "\2ns\7example", 12, small, sizeof small), 11);
	CHECK_STR(small, "ns.exam", "cut");
	CHECK_INT(hoy_rdata_string(HOY_TYPE_NS, "\2ns\xc0\0", 5, small, sizeof small), HOY_EMESSAGE);
}

TEST(times_to_live)
{
	static const struct { const char *in; int want; } cases[] = {
		{ "0", 0 }, { "3600", 3600 }, { "1h30m", 5400 }, { "1W2D3h4M5s", 788645 }, { "2147483647", INT32_MAX },
		{ "2147483648", -EINVAL }, { "", -EINVAL }, { "1x", -EINVAL }, { "h", -EINVAL }, { "1h30", -EINVAL },
		{ "-1", -EINVAL }, { "3551w", -EINVAL }, { "99999999999999999999", -EINVAL }, { " 1", -EINVAL },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy_parse_ttl(cases[i].in), cases[i].want);
}

/* Names in old types may be compressed: the data that is handed out is not. */
TEST(names_are_expanded)
{
	static const uint8_t message[] = "xx\1a\7example\0" "\0\144\0\12\1S\0\0\xc0\2" "\xc0\4" "\xc0\2";
	struct hoy__bytes naptr = { message + 13, 10 }, rp = { message + 23, 4 };
	struct hoy__text t = { text, sizeof text, 0 };
	struct hoy__writer w = hoy__writer(data, sizeof data);

	CHECK_INT(hoy__rdata_print(&t, HOY_TYPE_NAPTR, naptr, message), 0);
	CHECK_STR(text, "100 10 \"S\" \"\" \"\" a.example.", "NAPTR");
	hoy__rdata_expand(&w, HOY_TYPE_NAPTR, naptr, message);
	CHECK_INT(hoy__writer_len(&w), 19);
	CHECK(!memcmp(data, "\0\144\0\12\1S\0\0\1a\7example", 19));
	w = hoy__writer(data, sizeof data);
	hoy__rdata_expand(&w, HOY_TYPE_RP, rp, message);
	CHECK_INT(hoy__writer_len(&w), 20);
	CHECK(!memcmp(data, "\7example\0\1a\7example", 20));
	CHECK_INT(hoy__rdata_print(&t, HOY_TYPE_DNAME, (struct hoy__bytes){ message + 23, 2 }, message), HOY_EMESSAGE);
}
