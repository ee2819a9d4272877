/* Names: catalogue lines W1 to W6, W16, N1 to N3, and the forms of text. */
#include <hoy.h>

#include "dns/msg/name.h"
#include "t.h"

static char text[HOY__NAME_STRLEN];

/* Reads the name at offset at of the bytes; its text, or NULL when it is refused. */
static const char *read_at(const uint8_t *data, size_t len, size_t at)
{
	uint8_t *copy = malloc(len ? len : 1);	/* exactly its size, so that a sanitizer sees one byte more */
	struct hoy__reader r;
	struct hoy__name name;

	if (len)
		memcpy(copy, data, len);
	r = hoy__reader(copy + at, len - at);
	hoy__name_read(&r, copy, HOY__POINTERS_FOLLOWED, &name);
	free(copy);
	CHECK_INT(name.len == 0, r.bad);
	return r.bad ? NULL : hoy__name_text(&name, text);
}

TEST(plain_and_compressed_names)
{
	static const uint8_t data[] = "\3www\7example\0" "\4mail\xc0\4" "\xc0\15" "\0";

	CHECK_STR(read_at(data, 23, 0), "www.example.", "in full");
	CHECK_STR(read_at(data, 23, 13), "mail.example.", "with a tail elsewhere");
	CHECK_STR(read_at(data, 23, 20), "mail.example.", "a pointer to a pointer");
	CHECK_STR(read_at(data, 23, 22), ".", "the root");
}

TEST(reader_goes_on_after_the_name)
{
	static const uint8_t data[] = "\1a\0\1b\xc0\0\x12\x34";
	struct hoy__reader r = hoy__reader(data + 3, 6);
	struct hoy__name name;

	hoy__name_read(&r, data, HOY__POINTERS_FOLLOWED, &name);
	CHECK_STR(hoy__name_text(&name, text), "b.a.", "name");
	CHECK_INT(hoy__read_u16(&r), 0x1234);
	CHECK(!r.bad && hoy__reader_left(&r) == 0);
}

TEST(W1_pointer_to_itself_forward_or_in_a_ring_is_refused)
{
	static const struct { const char *label; uint8_t data[8]; size_t len, at; } cases[] = {
		{ "itself",	{ 0xc0, 0 }, 2, 0 },
		{ "its own label", { 1, 'a', 0xc0, 0 }, 4, 0 },
		{ "forward",	{ 0xc0, 2, 0 }, 3, 0 },
		{ "ring",	{ 0xc0, 2, 0xc0, 0 }, 4, 2 },
		{ "past the end", { 0xc0, 9 }, 2, 0 },
		{ "back, then on over its own start", { 1, 'a', 1, 'b', 0xc0, 0 }, 6, 2 },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_STR(read_at(cases[i].data, cases[i].len, cases[i].at), NULL, cases[i].label);
}

TEST(W2_every_bit_of_a_pointer_counts)
{
	static uint8_t data[0x4000 + 2];

	for (unsigned bit = 0; bit < 14; bit++) {
		size_t at = 1u << bit;	/* points at itself: only the whole value tells */

		memset(data, 0, sizeof data);
		data[at] = (uint8_t)(0xc0 | at >> 8);
		data[at + 1] = (uint8_t)at;
		CHECK_STR(read_at(data, sizeof data, at), NULL, "to itself");
		data[at + 1] = (uint8_t)(at - 1);
		data[at] = (uint8_t)(0xc0 | (at - 1) >> 8);
		CHECK_STR(read_at(data, sizeof data, at), ".", "one lower");
	}
}

TEST(W3_a_long_chain_of_pointers_is_refused)
{
	static uint8_t data[20000];
	size_t len = 1;

	for (int i = 0; i < 128; i++, len += 2) {
		size_t to = i ? len - 2 : 0;

		data[len] = (uint8_t)(0xc0 | to >> 8);
		data[len + 1] = (uint8_t)to;
	}
	CHECK_STR(read_at(data, len, len - 2), ".", "128 pointers");
	data[len] = (uint8_t)(0xc0 | (len - 2) >> 8);
	data[len + 1] = (uint8_t)(len - 2);
	len += 2;
	CHECK_STR(read_at(data, len, len - 2), NULL, "129 pointers");
}

/* Labels of 63 octets, and a last one so that the whole is total octets with the root. */
static size_t long_name(uint8_t *data, size_t total)
{
	size_t at = 0;

	while (total - at > 1) {
		size_t len = total - at - 2 < 63 ? total - at - 2 : 63;

		if (total - at - 2 == 64)
			len = 62;	/* leave room for one more label */
		data[at] = (uint8_t)len;
		memset(data + at + 1, 'a', len);
		at += len + 1;
	}
	data[at] = 0;
	return at + 1;
}

TEST(W4_255_octets_are_a_name_and_256_are_not)
{
	uint8_t data[300];

	for (size_t total = 250; total <= 260; total++) {
		size_t len = long_name(data, total);

		CHECK_INT(len, total);
		CHECK_INT(read_at(data, len, 0) != NULL, total <= 255);
	}
}

TEST(W4_label_of_64_and_reserved_label_types_are_refused)
{
	uint8_t data[300] = { 63 };

	CHECK(read_at(data, 65, 0) != NULL);
	for (unsigned head = 64; head < 0xc0; head++) {
		data[0] = (uint8_t)head;
		CHECK_STR(read_at(data, sizeof data, 0), NULL, "reserved");
	}
}

TEST(W5_a_name_cut_anywhere_is_refused)
{
	static const uint8_t data[] = "\3www\7example\0";

	for (size_t len = 0; len < 13; len++)
		CHECK_STR(read_at(data, len, 0), NULL, "cut");
	CHECK_STR(read_at((const uint8_t[]){ 0, 0xc0 }, 2, 1), NULL, "half a pointer");
}

TEST(W6_longest_names_go_through_text_and_back)
{
	struct hoy__name name, again;
	char *exact;

	for (size_t total = 250; total <= 255; total++) {
		for (int octet = 0; octet < 256; octet++) {
			name.len = (uint8_t)long_name(name.wire, total);
			for (size_t i = 0, left = 0; i < name.len - 1u; i++, left--) {
				if (!left)
					left = name.wire[i] + 1u;
				else
					name.wire[i] = (uint8_t)octet;
			}
			exact = strdup(hoy__name_text(&name, text));
			CHECK_INT(hoy__name_parse(&again, exact, strlen(exact)), 0);
			CHECK(again.len == name.len && !memcmp(again.wire, name.wire, name.len));
			free(exact);
		}
	}
}

TEST(text_is_parsed_or_refused)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "example.com",	"example.com." },
		{ "example.com.",	"example.com." },
		{ ".",			"." },
		{ "",			NULL },
		{ "..",			NULL },
		{ "a..b",		NULL },
		{ ".a",			NULL },
		{ "a\\.b.c",		"a\\.b.c." },
		{ "a\\046b",		"a\\.b." },
		{ "\\000\\255",		"\\000\\255." },
		{ "\\256",		NULL },
		{ "\\25",		NULL },
		{ "\\2x5",		NULL },
		{ "hello\\",		NULL },
		{ "hello\\.",		"hello\\.." },
		{ "a b;c",		"a\\032b\\;c." },
		{ "\x1b[2J",		"\\027[2J." },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa." },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
	};
	struct hoy__name name;

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *got = hoy__name_parse(&name, cases[i].in, strlen(cases[i].in)) < 0
			? NULL : hoy__name_text(&name, text);
		CHECK_STR(got, cases[i].want, cases[i].in);
	}
}

TEST(N3_text_longer_than_a_name_is_refused_never_cut)
{
	struct hoy__name name = { 0 };
	char in[300];

	for (size_t len = 1; len < sizeof in; len++) {
		for (size_t i = 0; i < len; i++)
			in[i] = i % 2 ? '.' : 'a';
		CHECK_INT(hoy__name_parse(&name, in, len), len <= 254 ? 0 : -EINVAL);
		CHECK_INT(hoy__is_domain_name(in, len), len <= 254);
	}
}

TEST(N3_a_nul_in_the_text_is_seen)
{
	struct hoy__name name;

	CHECK(!hoy__is_domain_name("foo\0bar", 7));
	CHECK_INT(hoy__name_parse(&name, "foo\0bar", 7), 0);
	CHECK_STR(hoy__name_text(&name, text), "foo\\000bar.", "as an octet of the name");
}

TEST(N1_N2_only_names_that_need_no_escape_are_domain_names)
{
	static const struct { const char *wire; int want; } cases[] = {
		{ "\3www\7example",	1 },
		{ "\4_sip\4_tcp",	1 },
		{ "\3a.b",		0 },	/* a dot inside the label */
		{ "\3a b",		0 },
		{ "\3<a>",		0 },
		{ "\3a%b",		0 },
		{ "\3a\nb",		0 },
		{ "\3a\\b",		0 },
		{ "\3-ab",		0 },	/* N2: a hyphen may not begin a label */
		{ "\3ab-",		0 },
		{ "\3a\xc3\xa4",	0 },
		{ "\3""123",		0 },
		{ "",			1 },	/* the root */
	};
	struct hoy__name name;

	for (size_t i = 0; i < LEN(cases); i++) {
		name.len = (uint8_t)(strlen(cases[i].wire) + 1);
		memcpy(name.wire, cases[i].wire, name.len);
		if (hoy__name_is_domain(&name) != cases[i].want)
			CHECK_STR(cases[i].want ? "refused" : "accepted", "", hoy__name_text(&name, text));
	}
	memcpy(name.wire, "\3a\0b", 5);
	name.len = 5;
	CHECK(!hoy__name_is_domain(&name));
}

TEST(equality_folds_ascii_only)
{
	struct hoy__name a, b;

	hoy__name_parse(&a, "WWW.Example", 11);
	hoy__name_parse(&b, "www.eXAMPLE.", 12);
	CHECK(hoy__name_equal(&a, &b));
	hoy__name_parse(&a, "[", 1);
	hoy__name_parse(&b, "{", 1);
	CHECK(!hoy__name_equal(&a, &b));
	hoy__name_parse(&a, "\\196", 4);
	hoy__name_parse(&b, "\\228", 4);
	CHECK(!hoy__name_equal(&a, &b));
}

TEST(writer_points_back_at_known_tails)
{
	static const char *const names[] = { "www.example.com", "mail.Example.com", "example.com", "com", "org", "." };
	static const size_t sizes[] = { 17, 7, 2, 2, 5, 1 };
	struct hoy__name_table table = { 0 };
	uint8_t data[200];
	struct hoy__writer w = hoy__writer(data, sizeof data);
	struct hoy__reader r;
	struct hoy__name name, back;

	for (size_t i = 0; i < LEN(names); i++) {
		size_t before = hoy__writer_len(&w);

		hoy__name_parse(&name, names[i], strlen(names[i]));
		hoy__name_write(&w, &name, &table);
		CHECK_INT(hoy__writer_len(&w) - before, sizes[i]);
	}
	r = hoy__reader(data, hoy__writer_len(&w));
	for (size_t i = 0; i < LEN(names); i++) {
		hoy__name_parse(&name, names[i], strlen(names[i]));
		hoy__name_read(&r, data, HOY__POINTERS_FOLLOWED, &back);
		CHECK(hoy__name_equal(&name, &back));
	}
	CHECK(!r.bad && !hoy__reader_left(&r));
}

TEST(W16_names_written_past_16383_are_not_pointed_at)
{
	static uint8_t data[65535];
	struct hoy__writer w = hoy__writer(data, sizeof data);
	struct hoy__name_table table = { 0 };
	struct hoy__name name, back;
	struct hoy__reader r;
	char in[40];
	int count = 0;

	for (; count < 5000; count++) {
		snprintf(in, sizeof in, "host%d.net%d.example", count, count / 3);
		hoy__name_parse(&name, in, strlen(in));
		hoy__name_write(&w, &name, count == 700 ? memset(&table, 0, sizeof table) : &table);
		if (w.bad)
			break;
	}
	CHECK(count > 3000);
	r = hoy__reader(data, hoy__writer_len(&w));
	for (int i = 0; i < count; i++) {
		snprintf(in, sizeof in, "host%d.net%d.example.", i, i / 3);
		hoy__name_read(&r, data, HOY__POINTERS_FOLLOWED, &back);
		CHECK_STR(hoy__name_text(&back, text), in, in);
	}
}

TEST(writer_without_room_turns_bad_and_stays_inside)
{
	struct hoy__name_table table = { 0 };
	struct hoy__name name;

	hoy__name_parse(&name, "www.example.com", 15);
	for (size_t room = 0; room < 17; room++) {
		uint8_t *data = malloc(room ? room : 1);
		struct hoy__writer w = hoy__writer(data, room);

		hoy__name_write(&w, &name, &table);
		CHECK(w.bad);
		CHECK_INT(table.count, 0);
		free(data);
	}
}
