/*
 * The PROXY protocol's header: the examples of its specification, each way to be wrong, every cut, and what is written is read
 * again as it was.
 */
#include <hoy.h>

#include "t.h"

/* ---- version 1 ---- */

static const struct {
	const char *line;
	int want;		/* the length, or a code */
	const char *source, *destination;
} lines[] = {
	{ "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", 56, "255.255.255.255:65535", "255.255.255.255:65535" },
	{ "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", 104,
	  "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
	{ "PROXY UNKNOWN\r\n", 15, "", "" },
	{ "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", 59, "", "" },
	{ "PROXY UNKNOWN \r\n", 16, "", "" },
	{ "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\n", 47, "192.168.0.1:56324", "192.168.0.11:443" },
	{ "PROXY TCP6 ::ffff:192.0.2.1 ::1 0 1\r\n", 37, "192.0.2.1:0", "[::1]:1" },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 2x\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4 ::1 ::1 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP6 fe80::1%1 ::1 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY TCP4\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY UNKNOWNS\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY \r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 107, "", "" },
	{ "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", HOY_EPROXY, NULL, NULL },
	{ "PROXZ", HOY_ENOPROXY, NULL, NULL },
	{ "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", HOY_ENOPROXY, NULL, NULL },
	{ "GET / HTTP/1.1\r\n", HOY_ENOPROXY, NULL, NULL },
	{ "\r\n\r\n GET", HOY_ENOPROXY, NULL, NULL },
};

static void check_ends(const hoy_proxy_header *h, const char *source, const char *destination)
{
	char text[HOY_ADDR_STRLEN];

	CHECK_STR(hoy_addr_string(&h->source, text), source, "source");
	CHECK_STR(hoy_addr_string(&h->destination, text), destination, "destination");
}

/* A copy of exactly this size, so that a sanitizer sees one byte more. */
static int parse(const void *data, size_t len, hoy_proxy_header *h, hoy_err *err)
{
	void *copy = malloc(len + !len);
	int n;

	memcpy(copy, data, len);
	n = hoy_proxy_header_parse(copy, len, h, err);
	free(copy);
	return n;
}

TEST(lines_of_version_1)
{
	for (size_t i = 0; i < LEN(lines); i++) {
		hoy_proxy_header h = { 0 };
		hoy_err err = { 0 };
		char text[HOY_ERR_STRLEN];
		int n = parse(lines[i].line, strlen(lines[i].line), &h, &err);

		if (!CHECK_INT(n, lines[i].want))
			fprintf(stderr, "%s", lines[i].line);
		if (n > 0) {
			CHECK_INT(h.version, 1);
			check_ends(&h, lines[i].source, lines[i].destination);
		} else {
			CHECK_STR(hoy_err_string(&err, text), hoy_strerror(n), "text");
			CHECK(err.offset <= strlen(lines[i].line));
		}
	}
}

TEST(where_the_mistake_is)
{
	hoy_proxy_header h;
	hoy_err err;

	CHECK_INT(parse("PROXY TCP4 192.0.2.1 192.0.2.x 1 2\r\n", 36, &h, &err), HOY_EPROXY);
	CHECK_INT(err.offset, 21);
}

/* Each beginning of a header asks for more, and leaves the result alone. */
TEST(every_cut_of_a_line)
{
	for (size_t i = 0; i < LEN(lines); i++)
		for (int len = 0; len < lines[i].want; len++) {
			hoy_proxy_header h = { .version = 9 };

			CHECK_INT(parse(lines[i].line, (size_t)len, &h, NULL), 0);
			CHECK_INT(h.version, 9);
		}
}

/* ---- version 2 ---- */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text) text, sizeof text - 1

static const struct {
	const char *bytes;
	size_t len;
	int want;
	const char *source, *destination;
} records[] = {
	{ BYTES(SIGNATURE "\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\x1f\x90\1\xbb"), 28, "192.0.2.1:8080", "192.0.2.2:443" },
	{ BYTES(SIGNATURE "\x21\x12\0\x0c\xc0\0\2\1\xc0\0\2\2\x1f\x90\1\xbb"), 28, "192.0.2.1:8080", "192.0.2.2:443" },
	{ BYTES(SIGNATURE "\x21\x21\0\x24" "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\2\0\1\0\2"), 52,
	  "[2001:db8::1]:1", "[2001:db8::2]:2" },
	{ BYTES(SIGNATURE "\x21\x11\0\x0f\xc0\0\2\1\xc0\0\2\2\x1f\x90\1\xbb"), 31, "192.0.2.1:8080", "192.0.2.2:443" },	/* TLVs to come */
	{ BYTES(SIGNATURE "\x21\x11\xff\xff\xc0\0\2\1\xc0\0\2\2\x1f\x90\1\xbb"), 65551, "192.0.2.1:8080", "192.0.2.2:443" },
	{ BYTES(SIGNATURE "\x20\0\0\0"), 16, "", "" },
	{ BYTES(SIGNATURE "\x20\x11\0\x05"), 21, "", "" },	/* LOCAL: whatever follows is skipped */
	{ BYTES(SIGNATURE "\x20\xff\0\0"), 16, "", "" },
	{ BYTES(SIGNATURE "\x21\0\0\0"), 16, "", "" },
	{ BYTES(SIGNATURE "\x21\x10\0\x0c\xc0\0\2\1\xc0\0\2\2\x1f\x90\1\xbb"), 28, "", "" },
	{ BYTES(SIGNATURE "\x21\x01\0\0"), 16, "", "" },
	{ BYTES(SIGNATURE "\x11\x11\0\x0c"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x31\x11\0\x0c"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x22\x11\0\x0c"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x21\x41\0\x0c"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x21\x13\0\x0c"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x21\x11\0\x0b"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x21\x21\0\x23"), HOY_EPROXY, NULL, NULL },
	{ BYTES(SIGNATURE "\x21\x31\0\xd7"), HOY_EPROXY, NULL, NULL },
	{ BYTES("\r\n\r\n\0\r\nQUIT\r\x21\x11"), HOY_ENOPROXY, NULL, NULL },
};

TEST(records_of_version_2)
{
	for (size_t i = 0; i < LEN(records); i++) {
		hoy_proxy_header h = { 0 };

		if (!CHECK_INT(parse(records[i].bytes, records[i].len, &h, NULL), records[i].want))
			fprintf(stderr, "record %zu\n", i);
		if (records[i].want > 0) {
			CHECK_INT(h.version, 2);
			check_ends(&h, records[i].source, records[i].destination);
		}
	}
}

TEST(every_cut_of_a_record)
{
	for (size_t i = 0; i < LEN(records); i++)
		for (size_t len = 0; records[i].want > 0 && len < records[i].len && len < 16; len++) {
			hoy_proxy_header h;

			CHECK_INT(parse(records[i].bytes, len, &h, NULL), 0);
		}
	for (size_t len = 16; len < records[2].len; len++) {
		hoy_proxy_header h;

		CHECK_INT(parse(records[2].bytes, len, &h, NULL), 0);
	}
}

/* ---- written and read again ---- */

static hoy_addr addr_of(int kind, const char *text)
{
	hoy_addr addr = { 0 };

	if (kind == HOY_ADDR_UNIX || kind == HOY_ADDR_UNIXGRAM)
		strcpy(addr.path, text);
	else
		hoy_parse_addr_port(text, &addr, NULL);
	addr.kind = kind;
	return addr;
}

static const struct { int kind; const char *source, *destination, *line; int len; } ends[] = {
	{ HOY_ADDR_TCP, "192.0.2.1:1", "192.0.2.2:65535", "PROXY TCP4 192.0.2.1 192.0.2.2 1 65535\r\n", 28 },
	{ HOY_ADDR_TCP, "[2001:db8::1]:1", "[::1]:2", "PROXY TCP6 2001:db8::1 ::1 1 2\r\n", 52 },
	{ HOY_ADDR_TCP, "192.0.2.1:1", "[::1]:2", "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", 52 },
	{ HOY_ADDR_UDP, "192.0.2.1:1", "192.0.2.2:2", "PROXY UNKNOWN\r\n", 28 },
	{ HOY_ADDR_UNIX, "/run/a", "@b", "PROXY UNKNOWN\r\n", 232 },
	{ HOY_ADDR_UNIXGRAM, "", "/run/b", "PROXY UNKNOWN\r\n", 232 },
};

TEST(what_is_written)
{
	for (size_t i = 0; i < LEN(ends); i++) {
		hoy_addr source = addr_of(ends[i].kind, ends[i].source), destination = addr_of(ends[i].kind, ends[i].destination);
		char room[HOY_PROXY_HEADER_LEN + 1] = "";
		hoy_proxy_header h;
		int n = hoy_proxy_header_format(1, &source, &destination, room);

		CHECK_INT(n, (int)strlen(ends[i].line));
		CHECK_STR(room, ends[i].line, "line");
		n = hoy_proxy_header_format(2, &source, &destination, room);
		CHECK_INT(n, ends[i].len);
		CHECK_INT(parse(room, (size_t)n, &h, NULL), n);
		CHECK(h.source.kind == ends[i].kind && h.destination.kind == ends[i].kind);
		check_ends(&h, ends[i].source, ends[i].destination);
	}
}

TEST(a_file_that_looks_abstract)
{
	char record[232] = SIGNATURE "\x21\x31\0\xd8@file";
	hoy_proxy_header h;

	CHECK_INT(parse(record, sizeof record, &h, NULL), 232);
	check_ends(&h, "", "");
	CHECK_INT(h.source.kind, HOY_ADDR_UNIX);
}

TEST(ends_that_cannot_be_named)
{
	hoy_addr tcp = addr_of(HOY_ADDR_TCP, "192.0.2.1:1"), udp = addr_of(HOY_ADDR_UDP, "192.0.2.1:1"), none = { 0 };
	hoy_addr any = { .kind = HOY_ADDR_TCP, .port = 1 };
	const hoy_addr *const pairs[][2] = { { NULL, NULL }, { &tcp, NULL }, { &tcp, &udp }, { &none, &none }, { &tcp, &any } };

	for (size_t i = 0; i < LEN(pairs); i++) {
		char room[HOY_PROXY_HEADER_LEN];

		CHECK_INT(hoy_proxy_header_format(1, pairs[i][0], pairs[i][1], room), 15);
		CHECK(memcmp(room, "PROXY UNKNOWN\r\n", 15) == 0);
		CHECK_INT(hoy_proxy_header_format(2, pairs[i][0], pairs[i][1], room), 16);
		CHECK(memcmp(room, SIGNATURE "\x20\0\0\0", 16) == 0);
		CHECK_INT(hoy_proxy_header_format(3, pairs[i][0], pairs[i][1], room), -EINVAL);
	}
}
