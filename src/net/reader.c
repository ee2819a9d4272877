/*
 * Buffered reading. The buffer is read into only when it holds no answer; a line is
 * handed out where it lies, its end overwritten by a NUL.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

struct hoy_reader {
	hoy_conn *conn;
	size_t start, end;	/* what is buffered */
	size_t size;
	char buf[];		/* and one byte more, for the NUL of a last line */
};

hoy_reader *hoy_reader_new(hoy_conn *c, size_t size, hoy_err *err)
{
	hoy_reader *r;

	if (size == 0)
		size = 4096;
	r = hoy__alloc(sizeof *r + size + 1);
	if (!r) {
		hoy__conn_fail(c, "read", NULL, -ENOMEM, err);
		return NULL;
	}
	r->conn = c;
	r->size = size;
	return r;
}

/* Reads once, behind what is buffered: a count, 0 at the end, or a code. */
static ssize_t fill(hoy_reader *r, hoy_err *err)
{
	ssize_t n;

	if (r->start > 0) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	if (r->end == r->size)
		return hoy__conn_fail(r->conn, "read", NULL, HOY_ETOOLONG, err);
	n = hoy_conn_read(r->conn, r->buf + r->end, r->size - r->end, err);
	if (n > 0)
		r->end += (size_t)n;
	return n;
}

ssize_t hoy_reader_read(hoy_reader *r, void *buf, size_t len, hoy_err *err)
{
	size_t n = r->end - r->start;

	if (n == 0) {
		if (len >= r->size)
			return hoy_conn_read(r->conn, buf, len, err);
		ssize_t got = len ? fill(r, err) : 0;

		if (got <= 0)
			return got;
		n = (size_t)got;
	}
	if (n > len)
		n = len;
	memcpy(buf, r->buf + r->start, n);
	r->start += n;
	return (ssize_t)n;
}

/* The first `len` buffered bytes are the line; `end` more close it. */
static int hand_out(hoy_reader *r, size_t len, size_t end, char **line, size_t *line_len)
{
	char *at = r->buf + r->start;

	r->start += len + end;
	if (end && len && at[len - 1] == '\r')
		len--;
	at[len] = '\0';
	*line = at;
	if (line_len)
		*line_len = len;
	return 1;
}

int hoy_reader_line(hoy_reader *r, char **line, size_t *len, hoy_err *err)
{
	size_t seen = 0;

	for (;;) {
		const char *at = r->buf + r->start;
		size_t have = r->end - r->start;
		const char *newline = memchr(at + seen, '\n', have - seen);
		ssize_t n;

		if (newline)
			return hand_out(r, (size_t)(newline - at), 1, line, len);
		seen = have;
		n = fill(r, err);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return have ? hand_out(r, have, 0, line, len) : 0;
	}
}

size_t hoy_reader_buffered(const hoy_reader *r)
{
	return r->end - r->start;
}

void hoy_reader_free(hoy_reader *r)
{
	hoy__release(r);
}
