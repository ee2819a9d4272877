/* What counts as an answer: the chain of CNAMEs, and catalogue lines S5, S10 and T8. */
#include <hoy.h>

#include "dns/msg/reply.h"
#include "support/packet.h"
#include "t.h"

static struct packet p;
static struct hoy__message m;
static struct hoy__reply reply;
static char text[HOY__NAME_STRLEN];

static int read_reply(void)
{
	int code = hoy__message_open(&m, p.data, p.len);

	return code < 0 ? code : hoy__reply_read(&m, &reply);
}

static void start(unsigned flags)
{
	packet_start(&p, 1, HOY__QR | HOY__RD | flags, "www.example", HOY__A);
}

static void soa_of(const char *zone, unsigned ttl, unsigned minimum)
{
	uint8_t data[22] = { 0 };

	for (int i = 0; i < 4; i++)
		data[18 + i] = (uint8_t)(minimum >> (24 - 8 * i));
	packet_raw(&p, HOY__AUTHORITY, zone, HOY__SOA, ttl, data, sizeof data);
}

static void soa(unsigned ttl, unsigned minimum)
{
	soa_of("example", ttl, minimum);
}

TEST(only_the_chain_counts_in_any_order)
{
	static const char *const chain[][2] = {
		{ "www.example", "a.example" }, { "a.example", "b.example" }, { "B.example", "c.example" }
	};
	static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
	struct hoy__record rr;

	for (size_t o = 0; o < LEN(orders); o++) {
		start(HOY__RA);
		packet_a(&p, "c.example", 1);
		packet_a(&p, "evil.example", 66);
		for (int i = 0; i < 3; i++)
			packet_target(&p, chain[orders[o][i]][0], HOY__CNAME, chain[orders[o][i]][1]);
		packet_a(&p, "C.EXAMPLE", 2);
		packet_a(&p, "a.example", 67);
		CHECK_INT(read_reply(), 0);
		CHECK_INT(reply.code, 0);
		CHECK_INT(reply.links, 3);
		CHECK_INT(reply.records, 2);
		CHECK_INT(reply.ttl, 60);	/* S10: the least over the chain */
		CHECK_STR(hoy__name_text(&reply.name, text), "c.example.", "end");
		for (int i = 1; i <= 2; i++) {
			CHECK_INT(hoy__reply_next(&m, &reply, &rr), 1);
			CHECK_INT(rr.data[3], i);
		}
		CHECK_INT(hoy__reply_next(&m, &reply, &rr), 0);
	}
}

TEST(S5_records_beside_the_chain_or_in_other_sections_are_not_used)
{
	start(HOY__RA);
	packet_a(&p, "evil.example", 1);
	packet_raw(&p, HOY__AUTHORITY, "www.example", HOY__A, 1, "abcd", 4);
	packet_raw(&p, HOY__ADDITIONAL, "www.example", HOY__A, 1, "abcd", 4);
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.code, HOY_ENODATA);
	CHECK_INT(reply.records, 0);
}

static void long_chain(int links)
{
	char from[30] = "www.example", to[30];

	start(HOY__RA);
	for (int i = 0; i < links; i++) {
		snprintf(to, sizeof to, "n%d.example", i);
		packet_target(&p, from, HOY__CNAME, to);
		strcpy(from, to);
	}
	packet_a(&p, from, 1);
}

TEST(T8_a_chain_of_16_is_followed_and_17_or_a_loop_is_refused)
{
	long_chain(16);
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.records, 1);
	for (int links = 17; links < 200; links += 20) {
		long_chain(links);
		CHECK_INT(read_reply(), 0);
		CHECK_INT(reply.code, HOY_EMESSAGE);
	}
	start(HOY__RA);
	packet_target(&p, "www.example", HOY__CNAME, "www.example");
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.code, HOY_EMESSAGE);
	start(HOY__RA);
	packet_target(&p, "www.example", HOY__CNAME, "a.example");
	packet_target(&p, "a.example", HOY__CNAME, "www.example");
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.code, HOY_EMESSAGE);
}

TEST(a_question_for_a_cname_is_answered_by_it)
{
	packet_start(&p, 1, HOY__QR, "www.example", HOY__CNAME);
	packet_target(&p, "www.example", HOY__CNAME, "a.example");
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.code, 0);
	CHECK_INT(reply.links, 0);
	CHECK_INT(reply.records, 1);
}

TEST(rcodes_are_told_apart)
{
	static const struct { unsigned rcode, high; int code; } cases[] = {
		{ HOY__NOERROR, 0, HOY_ENODATA }, { HOY__NXDOMAIN, 0, HOY_ENOHOST },
		{ HOY__SERVFAIL, 0, HOY_ESERVFAIL }, { HOY__REFUSED, 0, HOY_EREFUSED },
		{ HOY__FORMERR, 0, HOY_EREFUSED }, { HOY__NOTIMP, 0, HOY_EREFUSED }, { 9, 0, HOY_EREFUSED },
		{ 0, 1, HOY_EREFUSED }, { 3, 2, HOY_EREFUSED },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		start(HOY__RA | cases[i].rcode);
		packet_opt(&p, 1232, cases[i].high);
		CHECK_INT(read_reply(), 0);
		CHECK_INT(reply.code, cases[i].code);
		CHECK_INT(reply.rcode, cases[i].high << 4 | cases[i].rcode);
		CHECK(reply.has_opt);
	}
}

TEST(S10_negative_answers_last_as_long_as_their_soa_says)
{
	static const struct { unsigned ttl, minimum, want; } cases[] = {
		{ 300, 60, 60 }, { 60, 300, 60 }, { 60, 0x80000000, 60 }, { 0x7fffffff, 0x80000000, 0x7fffffff },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		for (unsigned rcode = HOY__NOERROR; rcode <= HOY__NXDOMAIN; rcode += HOY__NXDOMAIN) {
			start(HOY__RA | rcode);
			soa(cases[i].ttl, cases[i].minimum);
			CHECK_INT(read_reply(), 0);
			CHECK(reply.has_ttl);
			CHECK_INT(reply.ttl, cases[i].want);
		}
	start(HOY__RA | HOY__NXDOMAIN);
	CHECK_INT(read_reply(), 0);
	CHECK(!reply.has_ttl);
	start(HOY__RA | HOY__SERVFAIL);
	soa(300, 300);
	CHECK_INT(read_reply(), 0);
	CHECK(!reply.has_ttl);
}

TEST(S5_a_soa_of_another_zone_says_nothing)
{
	static const struct { const char *zone; bool counts; } cases[] = {
		{ ".", true }, { "example", true }, { "WWW.Example", true }, { "x.www.example", false },
		{ "w.example", false }, { "ample", false }, { "example.net", false }, { "ww.example", false },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		start(HOY__RA | HOY__NXDOMAIN);
		soa_of(cases[i].zone, 300, 60);
		CHECK_INT(read_reply(), 0);
		if (reply.has_ttl != cases[i].counts)
			CHECK_STR("another verdict", "", cases[i].zone);
	}
	/* the zone is that of the chain's end */
	start(HOY__RA | HOY__NXDOMAIN);
	packet_target(&p, "www.example", HOY__CNAME, "gone.test");
	soa_of("test", 300, 50);
	soa_of("example", 300, 10);
	CHECK_INT(read_reply(), 0);
	CHECK(reply.has_ttl);
	CHECK_INT(reply.ttl, 50);
}

TEST(a_lame_server_is_recognised)
{
	start(0);
	CHECK_INT(read_reply(), 0);
	CHECK(reply.lame);
	packet_opt(&p, 1232, 0);
	CHECK_INT(read_reply(), 0);
	CHECK(reply.lame);		/* an OPT says nothing about the name */
	start(HOY__AA);
	CHECK_INT(read_reply(), 0);
	CHECK(!reply.lame);
	start(HOY__RA);
	CHECK_INT(read_reply(), 0);
	CHECK(!reply.lame);
	start(0);
	packet_raw(&p, HOY__ADDITIONAL, "ns.example", HOY__A, 1, "abcd", 4);
	CHECK_INT(read_reply(), 0);
	CHECK(!reply.lame);
}

TEST(one_malformed_record_anywhere_spoils_the_reply)
{
	for (enum hoy__section section = HOY__ANSWER; section <= HOY__ADDITIONAL; section++) {
		start(HOY__RA);
		packet_a(&p, "www.example", 1);
		packet_raw(&p, section, "x", HOY__A, 1, "abc", 3);
		CHECK_INT(read_reply(), HOY_EMESSAGE);
	}
}

TEST(more_cnames_than_any_chain_needs_are_as_bad_as_a_loop)
{
	start(HOY__RA);
	for (int i = 0; i < 1000; i++)
		packet_target(&p, "x.example", HOY__CNAME, "y.example");
	CHECK_INT(read_reply(), 0);
	CHECK_INT(reply.code, HOY_EMESSAGE);
}

TEST(the_keepalive_option_has_two_octets)
{
	static const struct { const char *value; size_t len; bool has; unsigned tenths; } cases[] = {
		{ "\0\0", 2, true, 0 }, { "\1\2", 2, true, 258 }, { "\377\377", 2, true, 65535 },
		{ "", 0, false, 0 }, { "\1", 1, false, 0 }, { "\0\0\1", 3, false, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		start(HOY__RA);
		packet_opt(&p, 1232, 0);
		packet_option(&p, HOY__OPTION_KEEPALIVE, cases[i].value, cases[i].len);
		CHECK_INT(read_reply(), 0);
		CHECK_INT(reply.has_keepalive, cases[i].has);
		CHECK_INT(reply.keepalive, cases[i].tenths);
	}
}

TEST(flags_are_told)
{
	start(HOY__RA | HOY__TC | HOY__AD);
	CHECK_INT(read_reply(), 0);
	CHECK(reply.truncated && reply.authenticated && !reply.has_opt);
}
