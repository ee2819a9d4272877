/* Messages: catalogue lines W5, W7 to W15, W17 and W18, and the query that is sent. */
#include <hoy.h>

#include "dns/msg/rdata.h"
#include "support/packet.h"
#include "t.h"

static struct packet packet;
static char text[70000];

/* Reads every record of an exactly sized copy: how many, or HOY_EMESSAGE. */
static int read_all(const void *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__rdata rdata;
	int code, count = 0;

	if (len)
		memcpy(copy, data, len);
	code = hoy__message_open(&m, copy, len);
	while (code >= 0 && (code = hoy__message_next(&m, &rr)) > 0) {
		struct hoy__text none = { NULL, 0, 0 };

		count++;
		code = hoy__record_read(&m, &rr, &rdata);
		if (code == 0)
			code = hoy__rdata_print(&none, rr.type, (struct hoy__bytes){ rr.data, rr.size }, m.data);
	}
	free(copy);
	return code < 0 ? code : count;
}

static int read_packet(void)
{
	return read_all(packet.data, packet.len);
}

TEST(header_question_and_sections)
{
	struct hoy__message m;
	struct hoy__record rr;
	unsigned sections = 0;

	packet_start(&packet, 0x1234, HOY__QR | HOY__RD | HOY__RA, "www.example.com", HOY__A);
	packet_target(&packet, "www.example.com", HOY__CNAME, "web.example.com");
	packet_a(&packet, "web.example.com", 1);
	packet_raw(&packet, HOY__AUTHORITY, "example.com", HOY__NS, 60, "\2ns\0", 4);
	packet_opt(&packet, 1232, 0);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len), 0);
	CHECK_INT(m.id, 0x1234);
	CHECK_INT(m.flags, HOY__QR | HOY__RD | HOY__RA);
	CHECK_STR(hoy__name_text(&m.question.name, text), "www.example.com.", "question");
	CHECK_INT(m.question.type, HOY__A);
	for (int pass = 0; pass < 2; pass++) {
		sections = 0;
		while (hoy__message_next(&m, &rr) > 0)
			sections = sections * 10 + rr.section;
		CHECK_INT(sections, 1123);
		CHECK_INT(hoy__message_next(&m, &rr), 0);
		hoy__message_rewind(&m);
	}
}

TEST(W5_a_message_cut_anywhere_is_refused)
{
	packet_start(&packet, 1, HOY__QR, "a.example", HOY__MX);
	packet_raw(&packet, HOY__ANSWER, "a.example", HOY__MX, 60, "\0\12\4mail\0", 8);
	packet_raw(&packet, HOY__AUTHORITY, "a.example", HOY__TXT, 60, "\3one", 4);
	packet_opt(&packet, 1232, 0);
	CHECK_INT(read_packet(), 3);
	for (size_t len = 0; len < packet.len; len++)
		CHECK_INT(read_all(packet.data, len), HOY_EMESSAGE);
}

TEST(W8_counts_beyond_the_bytes_are_refused_at_once)
{
	struct hoy__message m;

	for (int section = 0; section < 4; section++) {
		packet_start(&packet, 1, HOY__QR, "a", HOY__A);
		packet.data[4 + 2 * section] = 0xff;
		packet.data[5 + 2 * section] = 0xff;
		CHECK_INT(hoy__message_open(&m, packet.data, packet.len), HOY_EMESSAGE);
	}
}

TEST(W9_an_iterator_that_failed_fails_for_ever)
{
	struct hoy__message m;
	struct hoy__record rr;

	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_a(&packet, "a", 1);
	packet_raw(&packet, HOY__ADDITIONAL, "a", HOY__TXT, 0, "\12aaaaaaaaaa", 11);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len - 5), 0);
	CHECK_INT(hoy__message_next(&m, &rr), 1);
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy__message_next(&m, &rr), HOY_EMESSAGE);
}

TEST(W10_none_or_two_questions_are_not_a_reply)
{
	struct hoy__message m;

	packet_start(&packet, 1, HOY__QR, NULL, 0);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len), HOY_EMESSAGE);
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_count(&packet, HOY__QUESTION);
	packet_name(&packet, "b");
	packet_number(&packet, HOY__A, 2);
	packet_number(&packet, HOY__CLASS_IN, 2);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len), HOY_EMESSAGE);
}

TEST(W10_a_pointer_in_the_question_is_refused)
{
	struct hoy__message m;

	packet_start(&packet, 0, HOY__QR, NULL, 0);
	packet_count(&packet, HOY__QUESTION);
	packet_number(&packet, 0xc000, 2);
	packet_number(&packet, HOY__A, 2);
	packet_number(&packet, HOY__CLASS_IN, 2);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len), HOY_EMESSAGE);
}

TEST(W12_one_opt_in_the_additional_section_named_by_the_root)
{
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_opt(&packet, 1232, 0);
	CHECK_INT(read_packet(), 1);
	packet_opt(&packet, 1232, 0);
	CHECK_INT(read_packet(), HOY_EMESSAGE);
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_raw(&packet, HOY__ANSWER, ".", HOY__OPT, 0, "", 0);
	CHECK_INT(read_packet(), HOY_EMESSAGE);
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_raw(&packet, HOY__ADDITIONAL, "a", HOY__OPT, 0, "", 0);
	CHECK_INT(read_packet(), HOY_EMESSAGE);
}

TEST(W12_options_past_the_end_and_by_the_thousand)
{
	static uint8_t options[65532];

	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_raw(&packet, HOY__ADDITIONAL, ".", HOY__OPT, 0, "\0\12\0\4abc", 7);
	CHECK_INT(read_packet(), HOY_EMESSAGE);
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_raw(&packet, HOY__ADDITIONAL, ".", HOY__OPT, 0, options, sizeof options);
	CHECK_INT(read_packet(), 1);
}

TEST(W13_thousands_of_addresses_are_read_one_by_one)
{
	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	for (int i = 0; i < 4000; i++)
		packet_a(&packet, "a", (unsigned)i);
	CHECK_INT(read_packet(), 4000);
}

TEST(W3_a_message_full_of_pointers_to_one_long_name_is_quick)
{
	struct timespec a, b;
	char name[256] = "";

	for (int i = 0; i < 126; i++)
		strcat(name, "a.");
	packet_start(&packet, 1, HOY__QR, name, HOY__NS);
	while (packet.len < 65000)
		packet_target(&packet, name, HOY__NS, name);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	CHECK(read_packet() > 4000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 10 * 20 * t_scale());
}

/* The types that the resolver reads itself, and some of the others: all of them are in dns_rdata.c. */
static const struct { uint16_t type; const char *data; size_t len; const char *want; } rdata_cases[] = {
	{ HOY__A, "\300\0\2\1", 4, "192.0.2.1" },
	{ HOY__AAAA, " \1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16, "2001:db8::1" },
	{ HOY__AAAA, "\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\1", 16, "::ffff:192.0.2.1" },
	{ HOY__NS, "\2ns\7example\0", 12, "ns.example." },
	{ HOY__CNAME, "\3w.w\0", 5, "w\\.w." },
	{ HOY__PTR, "\0", 1, "." },
	{ HOY__SOA, "\2ns\0\1h\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\377\377\377\377", 27, "ns. h. 1 2 3 4 4294967295" },
	{ HOY__MX, "\0\12\4mail\0", 8, "10 mail." },
	{ HOY__TXT, "\3v=1\0\4\"\\;\n", 10, "\"v=1\" \"\" \"\\\"\\\\;\\010\"" },
	{ HOY__SRV, "\0\5\0\24\24\225\1x\0", 9, "5 20 5269 x." },
	{ HOY__SRV, "\0\0\0\0\0\0\0", 7, "0 0 0 ." },
	{ HOY_TYPE_NAPTR, "\0\144\0\12\1S\7SIP+D2U\0\4_sip\0", 21, "100 10 \"S\" \"SIP+D2U\" \"\" _sip." },
	{ HOY__OPT, "\0\12\0\2hi", 6, "\\# 6 000A00026869" },
	{ HOY_TYPE_TLSA, "\3\1\1\xab\xcd", 5, "3 1 1 ABCD" },
	{ HOY__SVCB, "\0\0\3foo\0", 7, "0 foo." },
	{ HOY__HTTPS, "\0\1\0\0\1\0\6\2h2\2h3\0\3\0\2\1\273", 19, "1 . alpn=\"h2,h3\" port=443" },
	{ HOY__HTTPS, "\0\1\0\0\0\0\4\0\1\0\3\0\2\0\0", 15, "1 . mandatory=alpn,port no-default-alpn" },
	{ HOY__HTTPS, "\0\1\0\0\4\0\10\1\2\3\4\5\6\7\10\0\5\0\2hi", 21, "1 . ipv4hint=1.2.3.4,5.6.7.8 ech=aGk=" },
	{ HOY__HTTPS, "\0\1\0\0\6\0\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 23, "1 . ipv6hint=::1" },
	{ HOY__HTTPS, "\0\1\0\0\3\0\3abc", 10, "1 . key3=\"abc\"" },
	{ HOY__HTTPS, "\0\1\0\0\1\0\4\3a,b", 11, "1 . alpn=\"a\\\\,b\"" },
	{ HOY__HTTPS, "\0\1\0\0\1\0\14\10f\\oo,bar\2h2", 19, "1 . alpn=\"f\\\\\\\\oo\\\\,bar,h2\"" },	/* RFC 9460 */
	{ HOY__HTTPS, "\0\1\0\0\1\0\4\3 \"\377", 11, "1 . alpn=\" \\\"\\255\"" },
	{ HOY__HTTPS, "\0\1\0\0\1\0\3\0\1a", 10, "1 . key1=\"\\000\\001a\"" },
	{ HOY__HTTPS, "\0\1\0\0\1\0\3\1a\0", 10, "1 . key1=\"\\001a\\000\"" },
	{ HOY__HTTPS, "\0\1\0\0\1\0\2\2a", 9, "1 . key1=\"\\002a\"" },
	{ HOY__SVCB, "\0\1\0\0\7\0\2/q\xfd\xe9\0\1x\xfd\xea\0\0", 18, "1 . dohpath=\"/q\" key65001=\"x\" key65002" },
	{ HOY_TYPE_CAA, "\0\5issueca.example", 17, "0 issue \"ca.example\"" },
	{ 65280, "\1\2\3", 3, "\\# 3 010203" },
	{ 65280, "", 0, "\\# 0" },
};

TEST(every_type_is_told)
{
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__rdata rdata;

	for (size_t i = 0; i < LEN(rdata_cases); i++) {
		struct hoy__text t = { text, sizeof text, 0 };
		enum hoy__section section = rdata_cases[i].type == HOY__OPT ? HOY__ADDITIONAL : HOY__ANSWER;

		packet_start(&packet, 1, HOY__QR, ".", HOY__A);
		packet_raw(&packet, section, ".", rdata_cases[i].type, 0, rdata_cases[i].data, rdata_cases[i].len);
		CHECK_INT(hoy__message_open(&m, packet.data, packet.len), 0);
		CHECK_INT(hoy__message_next(&m, &rr), 1);
		CHECK_INT(hoy__record_read(&m, &rr, &rdata), 0);
		CHECK_INT(hoy__rdata_print(&t, rr.type, (struct hoy__bytes){ rr.data, rr.size }, m.data), 0);
		CHECK_INT(t.len, strlen(text));
		CHECK_STR(text, rdata_cases[i].want, rdata_cases[i].want);
	}
}

TEST(W7_data_shorter_or_longer_than_its_type_is_refused)
{
	for (size_t i = 0; i < LEN(rdata_cases); i++) {
		uint16_t type = rdata_cases[i].type;
		uint8_t longer[64] = { 0 };

		if (type == HOY__OPT || type == 65280 || type == HOY_TYPE_TLSA || type == HOY_TYPE_CAA)
			continue;	/* whose last part takes whatever is there */
		memcpy(longer, rdata_cases[i].data, rdata_cases[i].len);
		longer[rdata_cases[i].len] = 0x7f;
		packet_start(&packet, 1, HOY__QR, ".", HOY__A);
		packet_raw(&packet, HOY__ANSWER, ".", type, 0, longer, rdata_cases[i].len + 1);
		CHECK_INT(read_packet(), HOY_EMESSAGE);
		packet_start(&packet, 1, HOY__QR, ".", HOY__A);
		packet_raw(&packet, HOY__ANSWER, ".", type, 0, longer, rdata_cases[i].len - 1);
		CHECK_INT(read_packet(), HOY_EMESSAGE);
	}
}

TEST(W17_data_of_a_wrong_form_is_refused)
{
	static const struct { uint16_t type; const char *data; size_t len; const char *why; } cases[] = {
		{ HOY__TXT, "", 0, "no string" },
		{ HOY_TYPE_CAA, "\0\0x", 3, "empty tag" },
		{ HOY_TYPE_CAA, "\0\3a-bx", 6, "tag with a hyphen" },
		{ HOY_TYPE_CAA, "\0\5ab", 4, "tag past the end" },
		{ HOY_TYPE_TLSA, "\3\1", 2, "short" },
		{ HOY__SVCB, "\0\1\0\0\3\0\2\1\273\0\1\0\3\2h2", 16, "keys descend" },
		{ HOY__SVCB, "\0\1\0\0\3\0\2\1\273\0\3\0\2\1\273", 15, "a key twice" },
		{ HOY__SVCB, "\0\1\0\0\3\377\377\1\273", 9, "value past the message" },
		{ HOY__SVCB, "\0\1\xc0\14", 4, "W18: compressed target" },
		{ HOY__A, "\300\0\2\1\0\0\0\0\0\0\0\0\0\0\0\1", 16, "W17: sixteen octets in an A" },
		{ HOY__AAAA, "\300\0\2\1", 4, "W17: four octets in an AAAA" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		packet_start(&packet, 1, HOY__QR, ".", HOY__A);
		packet_raw(&packet, HOY__ANSWER, ".", cases[i].type, 0, cases[i].data, cases[i].len);
		if (read_packet() != HOY_EMESSAGE)
			CHECK_STR("accepted", "", cases[i].why);
	}
}

TEST(W18_compressed_srv_targets_are_read)
{
	packet_start(&packet, 1, HOY__QR, "x.example", HOY__SRV);
	packet_raw(&packet, HOY__ANSWER, "x.example", HOY__SRV, 0, "\0\1\0\2\0\3\xc0\14", 8);
	CHECK_INT(read_packet(), 1);
}

TEST(the_whole_line_of_a_record)
{
	struct hoy__message m;
	struct hoy__record rr;
	int len;

	packet_start(&packet, 1, HOY__QR, "a.example", HOY__MX);
	packet_raw(&packet, HOY__ANSWER, "a.example", HOY__MX, 3600, "\0\12\4mail\0", 8);
	packet_raw(&packet, HOY__ANSWER, "a.example", HOY__MX, 3600, "\0", 1);
	CHECK_INT(hoy__message_open(&m, packet.data, packet.len), 0);
	CHECK_INT(hoy__message_next(&m, &rr), 1);
	len = hoy__record_text(&m, &rr, text, sizeof text);
	CHECK_STR(text, "a.example. 3600 IN MX 10 mail.", "line");
	for (size_t size = 0; size < 40; size++) {
		char *small = malloc(size ? size : 1);

		CHECK_INT(hoy__record_text(&m, &rr, small, size), len);
		CHECK(!size || strlen(small) == (size - 1 < (size_t)len ? size - 1 : (size_t)len));
		free(small);
	}
	CHECK_INT(hoy__message_next(&m, &rr), 1);
	CHECK_INT(hoy__record_text(&m, &rr, text, sizeof text), HOY_EMESSAGE);
}

TEST(ttl_has_31_bits)
{
	struct hoy__message m;
	struct hoy__record rr;

	packet_start(&packet, 1, HOY__QR, "a", HOY__A);
	packet_raw(&packet, HOY__ANSWER, "a", HOY__A, 0x7fffffff, "abcd", 4);
	packet_raw(&packet, HOY__ANSWER, "a", HOY__A, 0x80000000, "abcd", 4);
	hoy__message_open(&m, packet.data, packet.len);
	hoy__message_next(&m, &rr);
	CHECK_INT(rr.ttl, 0x7fffffff);
	hoy__message_next(&m, &rr);
	CHECK_INT(rr.ttl, 0);
}

TEST(names_of_types_classes_and_rcodes)
{
	static const struct { const char *in; int want; } types[] = {
		{ "A", 1 }, { "aaaa", 28 }, { "Mx", 15 }, { "any", 255 }, { "TYPE65280", 65280 }, { "type0", 0 },
		{ "TYPE65536", -EINVAL }, { "TYPE", -EINVAL }, { "TYPEx", -EINVAL }, { "AA", -EINVAL }, { "", -EINVAL },
		{ "TYPE99999999999999999999", -EINVAL }, { "TYPE-1", -EINVAL }, { "TYPE 1", -EINVAL },
	};
	char word[HOY__TYPE_STRLEN];

	for (size_t i = 0; i < LEN(types); i++)
		CHECK_INT(hoy__type_parse(types[i].in, strlen(types[i].in)), types[i].want);
	CHECK_STR(hoy__type_text(257, word), "CAA", "type");
	CHECK_STR(hoy__type_text(255, word), "ANY", "type");
	CHECK_STR(hoy__type_text(65280, word), "TYPE65280", "type");
	CHECK_STR(hoy__class_text(1, word), "IN", "class");
	CHECK_STR(hoy__class_text(65535, word), "CLASS65535", "class");
	CHECK_STR(hoy__rcode_text(3, word), "NXDOMAIN", "rcode");
	CHECK_STR(hoy__rcode_text(16, word), "BADVERS", "rcode");
	CHECK_STR(hoy__rcode_text(4095, word), "RCODE4095", "rcode");
}

TEST(the_query_octet_by_octet)
{
	static const uint8_t want[] =
		"\x12\x34\1\0\0\1\0\0\0\0\0\1" "\1a\7example\0" "\0\34\0\1" "\0\0\51\4\320\0\0\0\0\0\0";
	struct hoy__question question = { .type = HOY__AAAA, .class = HOY__CLASS_IN };
	struct hoy__message_query query = { .id = 0x1234, .flags = HOY__RD, .udp_size = 1232 };
	uint8_t room[HOY__QUERY_SIZE];
	int len;

	hoy__name_parse(&question.name, "a.example", 9);
	len = hoy__message_write_query(&query, &question, room, sizeof room);
	CHECK_INT(len, sizeof want - 1);
	CHECK(!memcmp(room, want, sizeof want - 1));
	CHECK_INT(read_all(room, (size_t)len), 1);
	for (size_t size = 0; size < (size_t)len; size++)
		CHECK_INT(hoy__message_write_query(&query, &question, room, size), HOY_EMESSAGE);
	query.keepalive = true;		/* RFC 7828: an option without data */
	CHECK_INT(hoy__message_write_query(&query, &question, room, sizeof room), len + 4);
	CHECK(!memcmp(room, want, sizeof want - 3) && !memcmp(room + sizeof want - 3, "\0\4\0\13\0\0", 6));
	CHECK_INT(read_all(room, (size_t)len + 4), 1);
	query.nsid = query.dnssec = true;	/* RFC 5001: the same; RFC 3225: the first flag */
	CHECK_INT(hoy__message_write_query(&query, &question, room, sizeof room), len + 8);
	CHECK(!memcmp(room + sizeof want - 7, "\0\0\x80\0\0\10\0\13\0\0\0\3\0\0", 14));
	CHECK_INT(read_all(room, (size_t)len + 8), 1);
	query.udp_size = 0;
	CHECK_INT(hoy__message_write_query(&query, &question, room, sizeof room), len - 11);
}

/* F7: no octet is what lay there before. */
TEST(F7_every_octet_of_a_query_is_written)
{
	struct hoy__message_query query = { .id = 7, .flags = HOY__RD, .udp_size = 1232 };
	struct hoy__question question = { .type = HOY__A, .class = HOY__CLASS_IN };
	uint8_t room[2][HOY__QUERY_SIZE];

	memset(room[0], 0x00, sizeof room[0]);
	memset(room[1], 0xff, sizeof room[1]);
	for (size_t len = 1; len < 254; len++) {
		char name[254];
		int size[2];

		for (size_t i = 0; i < len; i++)
			name[i] = i % 9 == 8 && i < len - 1 ? '.' : 'a';
		CHECK_INT(hoy__name_parse(&question.name, name, len), 0);
		for (int i = 0; i < 2; i++)
			size[i] = hoy__message_write_query(&query, &question, room[i], sizeof room[i]);
		CHECK_INT(size[0], size[1]);
		CHECK(!memcmp(room[0], room[1], (size_t)size[0]));
	}
}

TEST(the_longest_query_fits)
{
	struct hoy__question question = { .type = HOY__A, .class = HOY__CLASS_IN };
	struct hoy__message_query query = { .udp_size = 1232, .keepalive = true, .nsid = true };
	uint8_t room[HOY__QUERY_SIZE];
	char name[254];

	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 2 ? '.' : 'a';
	CHECK_INT(hoy__name_parse(&question.name, name, sizeof name), 0);
	CHECK_INT(hoy__message_write_query(&query, &question, room, sizeof room), 12 + 255 + 4 + 11 + 4 + 4);
}

TEST(W15_lengths_at_the_limit_of_the_type)
{
	struct hoy__question question = { .type = HOY__A };
	struct hoy__message_query query = { 0 };
	struct hoy__writer w = hoy__writer(packet.data, 0);

	hoy__write_bytes(&w, "x", SIZE_MAX);
	CHECK(w.bad);
	CHECK_INT(hoy__message_write_query(&query, &question, NULL, 0), HOY_EMESSAGE);
	CHECK_INT(read_all(NULL, 0), HOY_EMESSAGE);
}
