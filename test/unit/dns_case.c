/* The case of letters between question and answer: put in, and taken out again wherever a server has copied it. */
#include <hoy.h>

#include "dns/msg/case.h"
#include "support/packet.h"
#include "t.h"

static struct hoy__name parse(const char *text)
{
	struct hoy__name name = { 0 };

	CHECK_INT(hoy__name_parse(&name, text, strlen(text)), 0);
	return name;
}

TEST(each_letter_takes_a_bit_and_nothing_else_does)
{
	static const struct { const char *name; uint64_t bits; const char *mixed; } cases[] = {
		{ "www.example", 0, "WWW.EXAMPLE." }, { "WWW.EXAMPLE", UINT64_MAX, "www.example." },
		{ "www.Example", 0x155, "wWw.ExAmPlE." }, { "a-1_z.9.", 2, "A-1_z.9." },
		{ "\\064\\091\\096\\123.\\195\\164", 0, "\\064\\091\\096\\123.\\195\\164." },	/* beside the letters */
		{ ".", 0, "." },
	};
	char text[HOY__NAME_STRLEN];

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__name name = parse(cases[i].name), mixed = name;
		char want[HOY__NAME_STRLEN];
		struct hoy__name wanted = parse(cases[i].mixed);

		hoy__case_mix(&mixed, cases[i].bits);
		CHECK_STR(hoy__name_text(&mixed, text), hoy__name_text(&wanted, want), cases[i].name);
		CHECK(hoy__name_equal(&mixed, &name));
	}
}

TEST(long_names_use_the_bits_over_and_over)
{
	char text[254];
	struct hoy__name name;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 2 ? '.' : 'a';
	hoy__name_parse(&name, text, sizeof text);
	hoy__case_mix(&name, 1);
	for (unsigned i = 0; i < 127; i++)
		CHECK_INT(name.wire[2 * i + 1], i % 64 ? 'A' : 'a');
}

static struct packet p;

/* In full, whatever of it is in the message already; up to a pointer to `at`, if that is not 0. */
static void put_labels(const char *text, unsigned at)
{
	struct hoy__name name = { 0 };

	if (*text)
		name = parse(text);
	memcpy(p.data + p.len, name.wire, name.len);
	p.len += name.len;
	if (!at)
		return;
	p.len -= *text != 0;		/* the root's octet */
	packet_number(&p, 0xc000 | at, 2);
}

static void put_alias(enum hoy__section section, unsigned type, const char *owner, unsigned at, const char *target,
		      unsigned target_at)
{
	size_t data;

	packet_count(&p, section);
	put_labels(owner, at);
	packet_number(&p, type, 2);
	packet_number(&p, HOY__CLASS_IN, 2);
	packet_number(&p, 60, 4);
	packet_number(&p, 0, 2);
	data = p.len;
	put_labels(target, target_at);
	packet_close(&p, data);
}

static void put_record(enum hoy__section section, const char *owner, unsigned at, const char *target, unsigned target_at)
{
	put_alias(section, HOY__CNAME, owner, at, target, target_at);
}

/* The question was for www.Example.test and went out as wWW.eXAMPLE.TEST. */
TEST(names_copied_from_the_question_are_as_typed)
{
	static const struct {
		const char *owner; unsigned at; const char *target; unsigned target_at; const char *owner_told, *target_told;
	} cases[] = {
		{ "", 12, "a.other", 0, "www.Example.test.", "a.other." },		/* points to it */
		{ "", 12, "Web", 16, "www.Example.test.", "Web.Example.test." },	/* so does the target */
		{ "wWW.eXAMPLE.TEST", 0, "a.other", 0, "www.Example.test.", "a.other." },	/* written out */
		{ "wWW", 16, "a.other", 0, "www.Example.test.", "a.other." },		/* both */
		{ "eXAMPLE.TEST", 0, "a.other", 0, "Example.test.", "a.other." },	/* the zone, written out */
		{ "TEST", 0, "a.other", 0, "test.", "a.other." },
		{ "WWW.EXAMPLE.test", 0, "a.other", 0, "WWW.EXAMPLE.test.", "a.other." },	/* the server's own case */
		{ "ww.eXAMPLE.TEST", 0, "a.other", 0, "ww.eXAMPLE.TEST.", "a.other." },	/* another name */
		{ ".", 0, "a.other", 0, ".", "a.other." },
	};
	struct hoy__name typed = parse("www.Example.test");
	char text[HOY__NAME_STRLEN];

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__message m;
		struct hoy__record rr;
		struct hoy__rdata data;

		packet_start(&p, 1, HOY__QR, "wWW.eXAMPLE.TEST", HOY__A);
		put_record(i % 2 ? HOY__ANSWER : HOY__AUTHORITY, cases[i].owner, cases[i].at, cases[i].target,
			   cases[i].target_at);
		hoy__case_restore(p.data, p.len, &typed);
		CHECK_INT(hoy__message_open(&m, p.data, p.len), 0);
		CHECK_STR(hoy__name_text(&m.question.name, text), "www.Example.test.", "question");
		CHECK_INT(hoy__message_next(&m, &rr), 1);
		CHECK_INT(hoy__record_read(&m, &rr, &data), 0);
		CHECK_STR(hoy__name_text(&rr.name, text), cases[i].owner_told, "owner");
		CHECK_STR(hoy__name_text(&data.name, text), cases[i].target_told, "target");
	}
}

/* RFC 6672: the server makes aliases of the question's labels, one of another. */
TEST(labels_that_a_dname_has_moved)
{
	enum { DNAME = 39 };
	static const char *const told[][2] = {
		{ "Example.test.", "a.OTHER." }, { "www.Example.test.", "www.a.OTHER." }, { "a.OTHER.", "wWW." },
		{ "www.a.OTHER.", "www.wWW." },
	};
	struct hoy__name typed = parse("www.Example.test");
	char text[HOY__NAME_STRLEN];

	for (int by_dname = 0; by_dname < 2; by_dname++) {
		struct hoy__message m;
		struct hoy__record rr;
		struct hoy__rdata data;

		packet_start(&p, 1, HOY__QR, "wWW.eXAMPLE.TEST", HOY__A);
		if (by_dname)
			put_alias(HOY__ANSWER, DNAME, "", 16, "a.OTHER", 0);
		put_alias(HOY__ANSWER, HOY__CNAME, "", 12, "wWW.a.OTHER", 0);
		if (by_dname)
			put_alias(HOY__ANSWER, DNAME, "a.OTHER", 0, "wWW", 0);
		put_alias(HOY__ANSWER, HOY__CNAME, "wWW.a.OTHER", 0, "wWW.wWW", 0);
		hoy__case_restore(p.data, p.len, &typed);
		CHECK_INT(hoy__message_open(&m, p.data, p.len), 0);
		for (size_t i = by_dname ? 0 : 1; i < LEN(told); i += by_dname ? 1 : 2) {
			CHECK_INT(hoy__message_next(&m, &rr), 1);
			CHECK_STR(hoy__name_text(&rr.name, text), by_dname || i == 1 ? told[i][0] : "wWW.a.OTHER.", "owner");
			if (rr.type == DNAME)
				continue;
			CHECK_INT(hoy__record_read(&m, &rr, &data), 0);
			/* without a DNAME it is the server's own name, in the server's case */
			CHECK_STR(hoy__name_text(&data.name, text),
				  by_dname ? told[i][1] : i == 1 ? "wWW.a.OTHER." : "wWW.wWW.", "target");
		}
	}
}

/* What is cut or broken behind the question is left as it came, or restored as far as it goes; never beyond. */
TEST(messages_that_are_broken)
{
	struct hoy__name typed = parse("www.Example.test");
	static struct packet whole;

	packet_start(&p, 1, HOY__QR, "wWW.eXAMPLE.TEST", HOY__A);
	put_record(HOY__ANSWER, "wWW.eXAMPLE.TEST", 0, "wWW", 16);
	put_record(HOY__ADDITIONAL, "eXAMPLE.TEST", 0, "a.other", 0);
	whole = p;
	for (size_t len = 34; len <= whole.len; len++) {
		uint8_t *exact = malloc(len);		/* so that a sanitizer sees the end */

		memcpy(exact, whole.data, len);
		hoy__case_restore(exact, len, &typed);
		free(exact);
	}
	CHECK(!memcmp(whole.data, p.data, p.len));
}
