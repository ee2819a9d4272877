/* Buffered writing and reading over TCP, and over connections that fail or move a byte at a time. */
#include "pair.h"

/* A connection of the test's own: it keeps what is written, and refuses it after `most` bytes. */
struct sink {
	char data[4096];
	size_t len, most;
	int calls, code;
};

static ssize_t sink_write(void *self, const void *buf, size_t len)
{
	struct sink *s = self;

	s->calls++;
	if (s->len + len > s->most)
		len = s->most - s->len;
	if (len == 0)
		return s->code;
	memcpy(s->data + s->len, buf, len);
	s->len += len;
	return (ssize_t)len;
}

static const hoy_conn_ops sink_ops = { .network = "sink", .write = sink_write };

static hoy_conn *open_sink(struct sink *s, size_t most, int code)
{
	*s = (struct sink){ .most = most, .code = code };
	return hoy_conn_new(&sink_ops, s, NULL);
}

TEST(nothing_is_sent_before_the_buffer_is_full)
{
	struct sink s;
	hoy_conn *c = open_sink(&s, sizeof s.data, -EIO);
	hoy_writer *w = hoy_writer_new(c, 8, NULL);

	CHECK_INT(hoy_writer_write(w, "abcd", 4, NULL), 4);
	CHECK_INT(hoy_writer_write(w, "", 0, NULL), 0);
	CHECK_INT(hoy_writer_write(w, "efgh", 4, NULL), 4);
	CHECK_INT(hoy_writer_buffered(w), 8);
	CHECK_INT(s.calls, 0);
	CHECK_INT(hoy_writer_write(w, "i", 1, NULL), 1);	/* both go out */
	CHECK_INT(hoy_writer_buffered(w), 0);
	CHECK_STR(s.data, "abcdefghi", "sent");
	CHECK_INT(hoy_writer_flush(w, NULL), 0);
	CHECK_INT(s.calls, 2);
	CHECK_INT(hoy_writer_write(w, "a block longer than the buffer", 30, NULL), 30);
	CHECK_INT(s.calls, 3);
	CHECK_INT(hoy_writer_write(w, "z", 1, NULL), 1);
	CHECK_INT(hoy_writer_flush(w, NULL), 0);
	CHECK_STR(s.data, "abcdefghia block longer than the bufferz", "sent");
	hoy_writer_free(w);
	hoy_conn_free(c);
}

static const char digits[] = "0123456789012345678901234567890123456789";

/* Prints the last len digits behind `before` bytes that are buffered. */
static void print_behind(size_t size, size_t before, size_t len)
{
	const char *text = digits + LEN(digits) - 1 - len;
	struct sink s;
	hoy_conn *c = open_sink(&s, sizeof s.data, -EIO);
	hoy_writer *w = hoy_writer_new(c, size, NULL);

	CHECK_INT(hoy_writer_write(w, digits, before, NULL), (ssize_t)before);
	CHECK_INT(hoy_writer_printf(w, NULL, "%s|%d", text, 7), (int)len + 2);
	CHECK_INT(hoy_writer_flush(w, NULL), 0);
	CHECK(s.len == before + len + 2 && !memcmp(s.data, digits, before) && !memcmp(s.data + before, text, len));
	CHECK(!memcmp(s.data + before + len, "|7", 2));
	hoy_writer_free(w);
	hoy_conn_free(c);
}

__attribute__((format(printf, 2, 3))) static int print(hoy_writer *w, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = hoy_writer_vprintf(w, NULL, format, args);
	va_end(args);
	return len;
}

TEST(vprintf_for_a_caller_with_arguments_of_its_own)
{
	struct sink s;
	hoy_conn *c = open_sink(&s, sizeof s.data, -EIO);
	hoy_writer *w = hoy_writer_new(c, 8, NULL);

	CHECK_INT(print(w, "%s=%d", "a", 1), 3);
	CHECK_INT(print(w, "%s=%d", "a longer name", 2), 15);
	CHECK_INT(hoy_writer_flush(w, NULL), 0);
	CHECK_STR(s.data, "a=1a longer name=2", "sent");
	hoy_writer_free(w);
	hoy_conn_free(c);

	c = open_sink(&s, 0, -EIO);
	w = hoy_writer_new(c, 8, NULL);
	CHECK_INT(print(w, "%s=%d", "a longer name", 2), -EIO);
	hoy_writer_free(w);
	hoy_conn_free(c);
}

TEST(printf_of_any_length)
{
	for (size_t size = 1; size < 20; size++)
		for (size_t before = 0; before < 10; before++)
			for (size_t len = 0; len < 30; len++)
				print_behind(size, before, len);
}

TEST(after_a_failure_nothing_more_is_accepted)
{
	struct sink s;
	hoy_conn *c = open_sink(&s, 10, -ECONNRESET);
	hoy_writer *w = hoy_writer_new(c, 8, NULL);
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	CHECK_INT(hoy_writer_write(w, "0123456", 7, NULL), 7);
	CHECK_INT(hoy_writer_write(w, "789abcdef", 9, &err), -ECONNRESET);
	CHECK_INT(err.done, 10);
	CHECK_STR(hoy_err_string(&err, text), "write sink: connection reset by peer", "failure");
	s.most = sizeof s.data;		/* it would take bytes again, but those between are lost */
	CHECK_INT(hoy_writer_write(w, "x", 1, &err), -ECONNRESET);
	CHECK_STR(hoy_err_string(&err, text), "write sink: connection reset by peer", "again");
	CHECK_INT(hoy_writer_printf(w, NULL, "x"), -ECONNRESET);
	CHECK_INT(hoy_writer_flush(w, NULL), -ECONNRESET);
	CHECK_INT(hoy_writer_buffered(w), 0);
	CHECK_INT(s.len, 10);
	hoy_writer_free(w);
	hoy_conn_free(c);
	hoy_writer_free(NULL);
}

TEST(no_memory_for_such_a_buffer)
{
	struct sink s;
	hoy_conn *c = open_sink(&s, 0, -EIO);
	hoy_err err;

	CHECK(hoy_writer_new(c, SIZE_MAX, &err) == NULL && err.code == -ENOMEM);
	hoy_conn_free(c);
}

/* A connection that gives a text in pieces, and then an end or an error. */
struct source {
	const char *at;
	size_t piece;
	int code;	/* at the end */
};

static ssize_t source_read(void *self, void *buf, size_t len)
{
	struct source *s = self;
	size_t n = strlen(s->at);

	n = n < s->piece ? n : s->piece;
	n = n < len ? n : len;
	if (n == 0)
		return s->code;
	memcpy(buf, s->at, n);
	s->at += n;
	return (ssize_t)n;
}

static const hoy_conn_ops source_ops = { .network = "source", .read = source_read };

static hoy_conn *open_source(struct source *s, const char *text, size_t piece)
{
	*s = (struct source){ text, piece, 0 };
	return hoy_conn_new(&source_ops, s, NULL);
}

TEST(until_an_end_of_any_length)
{
	static const struct { const char *text, *end; int codes[4]; const char *parts[4]; } rows[] = {
		{ "a;b;", ";", { 1, 1, 0 }, { "a;", "b;", "" } },
		{ "a;b", ";", { 1, 0, 0 }, { "a;", "b", "" } },
		{ "GET\r\n\r\nbody", "\r\n\r\n", { 1, 0, 0 }, { "GET\r\n\r\n", "body", "" } },
		{ "\r\r\n\r\r\n\r\n!", "\r\n\r\n", { 1, 0 }, { "\r\r\n\r\r\n\r\n", "!" } },
		{ "aab", "ab", { 1, 0 }, { "aab", "" } },
		{ "aaab", "aab", { 1, 0 }, { "aaab", "" } },
		{ "1234567890123456", ";", { HOY_ETOOLONG, HOY_ETOOLONG }, { NULL } },
		{ "", ";", { 0, 0 }, { "", "" } },
	};

	for (size_t i = 0; i < LEN(rows); i++)
		for (size_t piece = 1; piece < 20; piece++) {
			struct source s;
			hoy_conn *c = open_source(&s, rows[i].text, piece);
			hoy_reader *r = hoy_reader_new(c, 16, NULL);

			for (size_t k = 0; k < 4 && (k == 0 || rows[i].codes[k - 1] > 0); k++) {
				char *data = NULL;
				size_t len = 99;

				CHECK_INT(hoy_reader_until(r, rows[i].end, strlen(rows[i].end), &data, &len, NULL), rows[i].codes[k]);
				if (rows[i].parts[k])
					CHECK(len == strlen(rows[i].parts[k]) && !memcmp(data, rows[i].parts[k], len));
			}
			hoy_reader_free(r);
			hoy_conn_free(c);
		}
}

TEST(too_long_loses_nothing)
{
	struct source s;
	hoy_conn *c = open_source(&s, "12345678901;rest", 5);
	hoy_reader *r = hoy_reader_new(c, 8, NULL);
	char *data, got[17] = "";
	size_t len;
	hoy_err err;

	CHECK_INT(hoy_reader_until(r, ";", 1, &data, &len, &err), HOY_ETOOLONG);
	CHECK_INT(err.code, HOY_ETOOLONG);
	CHECK_INT(hoy_reader_full(r, got, 8, NULL), 8);
	CHECK_INT(hoy_reader_until(r, ";", 1, &data, &len, NULL), 1);
	CHECK(len == 4 && !memcmp(data, "901;", 4));
	CHECK_INT(hoy_reader_full(r, got + 8, 5, &err), HOY_EEOF);
	CHECK_INT(err.done, 4);
	CHECK_STR(got, "12345678rest", "what came");
	hoy_reader_free(r);
	hoy_conn_free(c);
}

TEST(peek_and_discard)
{
	for (size_t piece = 1; piece < 16; piece++) {
		struct source s;
		hoy_conn *c = open_source(&s, "0123456789abcdef", piece);
		hoy_reader *r = hoy_reader_new(c, 8, NULL);
		const void *data = NULL;
		hoy_err err;

		CHECK_INT(hoy_reader_peek(r, 9, &data, &err), HOY_ETOOLONG);
		CHECK_INT(hoy_reader_peek(r, 0, &data, NULL), 0);
		CHECK_INT(hoy_reader_peek(r, 8, &data, NULL), 8);
		CHECK(!memcmp(data, "01234567", 8));
		CHECK_INT(hoy_reader_buffered(r), 8);
		CHECK_INT(hoy_reader_discard(r, 3, NULL), 0);
		CHECK_INT(hoy_reader_peek(r, 2, &data, NULL), 2);
		CHECK(!memcmp(data, "34", 2));
		CHECK_INT(hoy_reader_discard(r, 11, NULL), 0);
		CHECK_INT(hoy_reader_peek(r, 8, &data, NULL), 2);	/* the end of the stream */
		CHECK(!memcmp(data, "ef", 2));
		CHECK_INT(hoy_reader_discard(r, 3, &err), HOY_EEOF);
		CHECK_INT(err.done, 2);
		CHECK_INT(hoy_reader_discard(r, 0, NULL), 0);
		hoy_reader_free(r);
		hoy_conn_free(c);
	}
}

TEST(a_read_that_fails_can_go_on)
{
	struct source s;
	hoy_conn *c = open_source(&s, "ab", 2);
	hoy_reader *r = hoy_reader_new(c, 8, NULL);
	const void *data;
	char *line, got[8];
	size_t len;
	hoy_err err;

	s.code = HOY_ETIMEOUT;
	CHECK_INT(hoy_reader_peek(r, 4, &data, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy_reader_until(r, ";", 1, &line, &len, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy_reader_buffered(r), 2);
	s.at = "cd;";
	CHECK_INT(hoy_reader_until(r, ";", 1, &line, &len, NULL), 1);
	CHECK(len == 5 && !memcmp(line, "abcd;", 5));
	s.at = "xyz";
	CHECK_INT(hoy_reader_full(r, got, 5, &err), HOY_ETIMEOUT);
	CHECK_INT(err.done, 3);
	s.at = "xyz";
	CHECK_INT(hoy_reader_discard(r, 5, &err), HOY_ETIMEOUT);
	CHECK_INT(err.done, 3);
	hoy_reader_free(r);
	hoy_conn_free(c);
}

enum { KEYS = 1000, PIPELINE = 32 };

/* A key-value server's loop: many short answers to many short requests, few system calls. */
static int answer_keys(void *conn)
{
	hoy_reader *r = hoy_reader_new(conn, 0, NULL);
	hoy_writer *w = hoy_writer_new(conn, 0, NULL);
	char *line;

	while (hoy_reader_line(r, &line, NULL, NULL) == 1) {
		CHECK(hoy_writer_printf(w, NULL, "+%s=%zu\r\n", line, strlen(line)) > 0);
		if (hoy_reader_buffered(r) == 0)
			CHECK_INT(hoy_writer_flush(w, NULL), 0);
	}
	hoy_reader_free(r);
	hoy_writer_free(w);
	return 0;
}

BOTH(pipelined_requests_over_tcp)
{
	hoy_conn *a, *b;
	hoy_reader *r;
	hoy_writer *w;
	struct started s;

	make_pair(&a, &b);
	start(&s, answer_keys, b);
	r = hoy_reader_new(a, 64, NULL);
	w = hoy_writer_new(a, 0, NULL);
	for (int key = 0; key < KEYS; key += PIPELINE) {
		for (int i = key; i < key + PIPELINE; i++)
			CHECK(hoy_writer_printf(w, NULL, "key:%d\r\n", i) > 0);
		CHECK_INT(hoy_writer_flush(w, NULL), 0);
		for (int i = key; i < key + PIPELINE; i++) {
			char want[32], *line = NULL;

			snprintf(want, sizeof want, "+key:%d=%d", i, snprintf(NULL, 0, "key:%d", i));
			CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 1);
			CHECK_STR(line, want, "answer");
		}
	}
	hoy_conn_close_write(a, NULL);
	finish(&s);
	hoy_reader_free(r);
	hoy_writer_free(w);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}
