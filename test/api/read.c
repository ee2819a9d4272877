/* Reading in other measures than one read: all of it, so much, line by line. */
#include "pair.h"

struct feed {
	hoy_conn *conn;
	const char *text;
	size_t piece;		/* bytes a write */
};

static int feed(void *at)
{
	struct feed *f = at;
	size_t len = strlen(f->text);

	for (size_t i = 0; i < len; i += f->piece) {
		size_t n = len - i < f->piece ? len - i : f->piece;

		if (hoy_conn_write(f->conn, f->text + i, n, NULL) < 0)
			return -1;
	}
	return hoy_conn_close_write(f->conn, NULL);
}

static const struct {
	const char *text;
	size_t limit;
	ssize_t want;
} all[] = {
	{ "", 0, 0 },
	{ "", 1, 0 },
	{ "abc", 0, 3 },
	{ "abc", 3, 3 },
	{ "abc", 4, 3 },
	{ "abc", 2, HOY_ETOOLONG },
	{ "abcd", 3, HOY_ETOOLONG },
};

BOTH(all_of_it)
{
	for (size_t i = 0; i < LEN(all); i++) {
		hoy_conn *a, *b;
		struct feed f = { .text = all[i].text, .piece = 1 };
		struct started s;
		char *data = NULL;

		make_pair(&a, &b);
		f.conn = a;
		start(&s, feed, &f);
		CHECK_INT(hoy_read_all(b, &data, all[i].limit, NULL), all[i].want);
		CHECK_STR(data, all[i].want < 0 ? NULL : all[i].text, all[i].text);
		finish(&s);
		hoy_free(data);
		hoy_conn_free(a);
		hoy_conn_free(b);
	}
	return 0;
}

BOTH(much_of_it)
{
	enum { SIZE = 300000 };
	char *text = malloc(SIZE + 1), *data = NULL;
	struct feed f = { .text = text, .piece = 5000 };
	struct started s;
	hoy_conn *b;

	for (int i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 26);
	text[SIZE] = '\0';
	make_pair(&f.conn, &b);
	start(&s, feed, &f);
	CHECK_INT(hoy_read_all(b, &data, SIZE, NULL), SIZE);
	CHECK(data && memcmp(data, text, SIZE + 1) == 0);
	CHECK_INT(finish(&s), 0);
	hoy_free(data);
	free(text);
	hoy_conn_free(f.conn);
	hoy_conn_free(b);
	return 0;
}

BOTH(all_of_what_a_deadline_cuts)
{
	hoy_conn *a, *b;
	hoy_err err;
	char *data = NULL;

	make_pair(&a, &b);
	hoy_conn_write(a, "abc", 3, NULL);
	hoy_conn_set_read_deadline(b, hoy_in(20 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_read_all(b, &data, 0, &err), HOY_ETIMEOUT);
	CHECK_INT((long long)err.done, 3);
	CHECK(!data);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* Lines of a text, whatever the pieces it comes in and the buffer's size. */
static const struct {
	const char *text;
	const char *want[6];		/* "!": too long, with this beginning */
} texts[] = {
	{ "", { NULL } },
	{ "one\n", { "one" } },
	{ "one\ntwo\n", { "one", "two" } },
	{ "one\r\ntwo\r\n", { "one", "two" } },
	{ "one\ntwo", { "one", "two" } },
	{ "\n\n", { "", "" } },
	{ "\r\n", { "" } },
	{ "a\rb\n\r", { "a\rb", "\r" } },
	{ "1234567\n", { "1234567" } },
	{ "1234567", { "1234567" } },
	{ "12345678", { "!12345678" } },
	{ "12345678\n", { "!12345678" } },
	{ "ok\n12345678\nok", { "ok", "!12345678", "ok" } },
	{ "123456\r\n", { "123456" } },
	{ "1234567\r\n8\n", { "!1234567", "8" } },
	{ "123456789\nnext\n", { "!12345678", "next" } },
	{ "0123456789abcdef0123456789abcdef\n\nnext", { "!01234567", "", "next" } },
	{ "123456789abcdef\rx12345678\n\n", { "!12345678", "" } },
	{ "12345678\nabcdefgh\nnext\n", { "!12345678", "!abcdefgh", "next" } },
	{ "0123456789abcdef0123", { "!01234567" } },
};

static void check_lines(hoy_reader *r, size_t i)
{
	for (int n = 0; n < 6; n++) {
		const char *want = texts[i].want[n];
		hoy_err err = { 0 };
		char *line = NULL;
		size_t len = 99;
		int code = hoy_reader_line(r, &line, &len, &err);

		bool too_long = want && *want == '!';

		CHECK_INT(code, !want ? 0 : too_long ? HOY_ETOOLONG : 1);
		CHECK_INT(err.code, too_long ? HOY_ETOOLONG : 0);	/* what is skipped is no error */
		if (!want || !CHECK(line))
			return;
		CHECK_STR(line, want + too_long, texts[i].text);
		CHECK_INT((long long)len, (long long)strlen(line));
	}
}

BOTH(lines)
{
	for (size_t i = 0; i < LEN(texts); i++)
		for (size_t piece = 1; piece < 20; piece += 9) {
			hoy_conn *a, *b;
			struct feed f = { .text = texts[i].text, .piece = piece };
			struct started s;
			hoy_reader *r;

			make_pair(&a, &b);
			f.conn = a;
			r = hoy_reader_new(b, 8, NULL);
			start(&s, feed, &f);
			check_lines(r, i);
			finish(&s);
			hoy_reader_free(r);
			hoy_conn_free(a);
			hoy_conn_free(b);
		}
	return 0;
}

/* A line of any length, in pieces that put together are the line, whatever the buffer's size. */
static void check_pieces(size_t size, size_t len, const char *end)
{
	struct feed f = { .piece = 5 };
	char text[64], got[64] = "", *line = NULL;
	struct started s;
	size_t n = 0, more;
	hoy_reader *r;
	hoy_conn *b;
	int code;

	snprintf(text, sizeof text, "%.*s%snext", (int)len, "a\rc\refghijk\rm\ropqrstuvwxyza\rcdefghijklmnopq", end);
	f.text = text;
	make_pair(&f.conn, &b);
	start(&s, feed, &f);
	r = hoy_reader_new(b, size, NULL);
	for (code = hoy_reader_line(r, &line, &more, NULL); code == HOY_ETOOLONG;
	     code = hoy_reader_line_more(r, &line, &more, NULL)) {
		CHECK(more > 0 && more <= size);
		memcpy(got + n, line, more);
		n += more;
	}
	CHECK_INT(code, 1);
	memcpy(got + n, line, more + 1);
	CHECK_INT((long long)(n + more), (long long)len);
	CHECK(memcmp(got, text, len) == 0);
	CHECK_INT(hoy_reader_line_more(r, &line, &more, NULL), 0);	/* the line has ended */
	CHECK_INT(hoy_reader_read(r, got, 4, NULL) > 0, 1);
	CHECK_INT(got[0], 'n');
	finish(&s);
	hoy_reader_free(r);
	hoy_conn_free(f.conn);
	hoy_conn_free(b);
}

BOTH(a_long_line_in_pieces)
{
	static const size_t lengths[] = { 0, 1, 6, 7, 8, 9, 15, 16, 17, 24, 31, 32, 41 };

	for (size_t size = 2; size <= 16; size *= 2)
		for (size_t i = 0; i < LEN(lengths); i++) {
			check_pieces(size, lengths[i], "\n");
			check_pieces(size, lengths[i], "\r\n");
		}
	return 0;
}

/* The stream ends within a long line, or a deadline does. */
BOTH(a_long_line_is_cut_off)
{
	hoy_conn *a, *b;
	hoy_reader *r;
	hoy_err err;
	size_t len;
	char *line;

	make_pair(&a, &b);
	r = hoy_reader_new(b, 8, NULL);
	CHECK_INT(hoy_reader_line_more(r, &line, &len, NULL), 0);	/* of no line */
	hoy_conn_write(a, "0123456789", 10, NULL);
	CHECK_INT(hoy_reader_line(r, &line, &len, NULL), HOY_ETOOLONG);
	hoy_conn_set_read_deadline(b, hoy_in(10 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_reader_line_more(r, &line, &len, &err), HOY_ETIMEOUT);
	CHECK_INT(hoy_reader_line(r, &line, &len, &err), HOY_ETIMEOUT);
	hoy_conn_set_read_deadline(b, (hoy_time){ 0 }, NULL);
	hoy_conn_write(a, "ab\nnext\n0123456789", 18, NULL);
	CHECK_INT(hoy_reader_line(r, &line, &len, NULL), 1);	/* the rest is still skipped */
	CHECK_STR(line, "next", "the line after it");
	CHECK_INT(hoy_reader_line(r, &line, &len, NULL), HOY_ETOOLONG);
	hoy_conn_close(a, NULL);
	CHECK_INT(hoy_reader_line_more(r, &line, &len, NULL), 1);
	CHECK_STR(line, "89", "the rest of the stream");
	CHECK_INT(hoy_reader_line_more(r, &line, &len, NULL), 0);
	CHECK_INT(hoy_reader_line(r, &line, &len, NULL), 0);
	hoy_reader_free(r);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* Bytes behind the beginning of a long line are bytes, and then lines begin where they end. */
BOTH(a_long_line_read_as_bytes)
{
	hoy_conn *a, *b;
	hoy_reader *r;
	char *line, buf[8] = "";

	make_pair(&a, &b);
	r = hoy_reader_new(b, 4, NULL);
	hoy_conn_write(a, "abcdefghi\nnext\n", 15, NULL);
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), HOY_ETOOLONG);
	CHECK_STR(line, "abcd", "the beginning");
	CHECK_INT(hoy_reader_read(r, buf, 2, NULL), 2);
	CHECK_STR(buf, "ef", "as bytes");
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 1);
	CHECK_STR(line, "ghi", "a line of what is left");
	hoy_reader_free(r);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(lines_and_bytes_of_one_reader)
{
	hoy_conn *a, *b;
	hoy_reader *r;
	char *line, buf[8] = "", big[100];

	make_pair(&a, &b);
	r = hoy_reader_new(b, 0, NULL);
	hoy_conn_write(a, "head\nbody of it", 15, NULL);
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 1);
	CHECK_STR(line, "head", "the line");
	CHECK_INT((long long)hoy_reader_buffered(r), 10);
	CHECK_INT(hoy_reader_read(r, buf, 4, NULL), 4);
	CHECK_STR(buf, "body", "what follows");
	CHECK_INT(hoy_reader_read(r, big, sizeof big, NULL), 6);
	CHECK_INT((long long)hoy_reader_buffered(r), 0);
	hoy_conn_write(a, "xy", 2, NULL);
	CHECK_INT(hoy_reader_read(r, buf, 0, NULL), 0);
	CHECK_INT(hoy_reader_read(r, buf, 1, NULL), 1);
	CHECK_INT((long long)hoy_reader_buffered(r), 1);
	hoy_conn_close(a, NULL);
	CHECK_INT(hoy_reader_read(r, buf, 8, NULL), 1);
	CHECK_INT(hoy_reader_read(r, buf, 8, NULL), 0);
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 0);
	hoy_reader_free(r);
	r = hoy_reader_new(b, 4, NULL);
	CHECK_INT(hoy_reader_read(r, big, sizeof big, NULL), 0);	/* past the buffer, straight */
	hoy_conn_close(b, NULL);
	CHECK_INT(hoy_reader_read(r, buf, 1, NULL), HOY_ECLOSED);
	hoy_reader_free(r);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* A line that a deadline interrupts goes on where it was. */
BOTH(a_line_survives_a_deadline)
{
	hoy_conn *a, *b;
	hoy_reader *r;
	char *line;

	make_pair(&a, &b);
	r = hoy_reader_new(b, 0, NULL);
	hoy_conn_write(a, "slow ", 5, NULL);
	hoy_conn_set_read_deadline(b, hoy_in(10 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), HOY_ETIMEOUT);
	hoy_conn_set_read_deadline(b, (hoy_time){ 0 }, NULL);
	hoy_conn_write(a, "line\n", 5, NULL);
	CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 1);
	CHECK_STR(line, "slow line", "both parts");
	hoy_reader_free(r);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}
