/*
 * Buffered reading. The connection is read only when the buffer holds no complete line. A
 * line is handed out where it lies in the buffer, its end overwritten by a NUL; a line
 * longer than the buffer is handed out in pieces, or its rest is skipped.
 */
#include <errno.h>
#include <string.h>

#include <hoy/bufio.h>

#include "net/net.h"

struct hoy_reader {
	hoy_conn *conn;
	size_t start, end;	/* what is buffered */
	size_t size;
	bool in_line;		/* the last call handed out a piece that is not the line's last */
	char buf[];		/* size bytes, and one for the NUL behind a full buffer */
};

enum { SIZE_DEFAULT = 4096, SIZE_LEAST = 2 };	/* "\r\n" fits */

hoy_reader *hoy_reader_new(hoy_conn *c, size_t size, hoy_err *err)
{
	hoy_reader *r;

	if (size < SIZE_LEAST)
		size = size ? SIZE_LEAST : SIZE_DEFAULT;
	r = hoy__alloc(sizeof *r + size + 1);
	if (!r) {
		hoy__conn_fail(c, "read", NULL, -ENOMEM, err);
		return NULL;
	}
	r->conn = c;
	r->size = size;
	return r;
}

/* Reads once, behind what is buffered, which leaves room: a count, 0 at the end, or a code. */
static ssize_t fill(hoy_reader *r, hoy_err *err)
{
	ssize_t n;

	if (r->start > 0) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	n = hoy_conn_read(r->conn, r->buf + r->end, r->size - r->end, err);
	if (n > 0)
		r->end += (size_t)n;
	return n;
}

ssize_t hoy_reader_read(hoy_reader *r, void *buf, size_t len, hoy_err *err)
{
	size_t n = r->end - r->start;

	r->in_line = false;
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

/* The first len buffered bytes are handed out; `end` bytes behind them end the line. */
static void hand_out(hoy_reader *r, size_t len, size_t end, char **line, size_t *line_len)
{
	char *at = r->buf + r->start;

	r->start += len + end;
	if (end && len && at[len - 1] == '\r')
		len--;
	at[len] = '\0';
	*line = at;
	if (line_len)
		*line_len = len;
}

/*
 * The full buffer holds no end of a line. A \r at its end may be half of one: it moves
 * behind the NUL, to be the first byte of the next piece.
 */
static void hand_out_full(hoy_reader *r, char **line, size_t *len)
{
	bool half = r->buf[r->size - 1] == '\r';

	hand_out(r, r->size - half, 0, line, len);
	if (half) {
		r->buf[r->size] = '\r';
		r->end = r->size + 1;
		r->start = r->size;
	}
}

/* 1 for the last piece of a line; HOY_ETOOLONG, not told yet, for one before; 0 at the end, or a code. */
static int find_piece(hoy_reader *r, char **line, size_t *len, hoy_err *err)
{
	size_t seen = 0;

	for (;;) {
		const char *at = r->buf + r->start;
		size_t have = r->end - r->start;
		const char *newline = memchr(at + seen, '\n', have - seen);
		ssize_t n;

		if (newline) {
			hand_out(r, (size_t)(newline - at), 1, line, len);
			return 1;
		}
		if (have == r->size) {
			hand_out_full(r, line, len);
			return HOY_ETOOLONG;
		}
		seen = have;
		if ((n = fill(r, err)) < 0)
			return (int)n;
		if (n == 0) {
			if (have)
				hand_out(r, have, 0, line, len);
			return have > 0;
		}
	}
}

/* A failed read leaves the reader where it was in the line. */
static int next_piece(hoy_reader *r, char **line, size_t *len, hoy_err *err)
{
	int code = find_piece(r, line, len, err);

	if (code >= 0 || code == HOY_ETOOLONG)
		r->in_line = code == HOY_ETOOLONG;
	return code;
}

static int told(const hoy_reader *r, int code, hoy_err *err)
{
	return code == HOY_ETOOLONG ? hoy__conn_fail(r->conn, "read", NULL, code, err) : code;
}

int hoy_reader_line(hoy_reader *r, char **line, size_t *len, hoy_err *err)
{
	char *skipped;
	int code = 1;

	while (r->in_line && (code > 0 || code == HOY_ETOOLONG))
		code = next_piece(r, &skipped, NULL, err);
	if (code > 0)
		code = next_piece(r, line, len, err);
	return told(r, code, err);
}

int hoy_reader_line_more(hoy_reader *r, char **line, size_t *len, hoy_err *err)
{
	return r->in_line ? told(r, next_piece(r, line, len, err), err) : 0;
}

/* The end of a call that needed more bytes: code is that of the read that failed, or 0 at the end of the stream. */
static int fall_short(const hoy_reader *r, int code, size_t done, hoy_err *err)
{
	if (code == 0)
		code = hoy__conn_fail(r->conn, "read", NULL, HOY_EEOF, err);
	if (err)
		err->done = done;
	return code;
}

ssize_t hoy_reader_full(hoy_reader *r, void *buf, size_t len, hoy_err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = hoy_reader_read(r, (char *)buf + done, len - done, err);

		if (n <= 0)
			return fall_short(r, (int)n, done, err);
		done += (size_t)n;
	}
	return (ssize_t)len;
}

/* Where `end` first ends in the buffered bytes, of which the first `seen` do not hold all of it; or NULL. */
static char *find_end(hoy_reader *r, size_t seen, const char *end, size_t end_len)
{
	char *at = r->buf + r->start, *stop = r->buf + r->end, *p = at + seen;

	if (seen < end_len - 1)
		p = at + end_len - 1;
	while (p < stop && (p = memchr(p, end[end_len - 1], (size_t)(stop - p)))) {
		p++;
		if (memcmp(p - end_len, end, end_len) == 0)
			return p;
	}
	return NULL;
}

static void take(hoy_reader *r, size_t n, char **data, size_t *len)
{
	*data = r->buf + r->start;
	*len = n;
	r->start += n;
}

int hoy_reader_until(hoy_reader *r, const void *end, size_t end_len, char **data, size_t *len, hoy_err *err)
{
	size_t seen = 0;

	r->in_line = false;
	for (;;) {
		char *found = find_end(r, seen, end, end_len);
		ssize_t n;

		seen = r->end - r->start;
		if (found) {
			take(r, (size_t)(found - (r->buf + r->start)), data, len);
			return 1;
		}
		if (seen == r->size)
			return told(r, HOY_ETOOLONG, err);
		if ((n = fill(r, err)) < 0)
			return (int)n;
		if (n == 0) {
			take(r, seen, data, len);
			return 0;
		}
	}
}

ssize_t hoy_reader_peek(hoy_reader *r, size_t len, const void **data, hoy_err *err)
{
	ssize_t n = 1;

	if (len > r->size)
		return told(r, HOY_ETOOLONG, err);
	while (n > 0 && r->end - r->start < len)
		n = fill(r, err);
	if (n < 0)
		return n;
	*data = r->buf + r->start;
	return (ssize_t)(r->end - r->start < len ? r->end - r->start : len);
}

int hoy_reader_discard(hoy_reader *r, size_t len, hoy_err *err)
{
	r->in_line = false;
	for (size_t done = 0; done < len;) {
		size_t have = r->end - r->start, n = have < len - done ? have : len - done;
		ssize_t got;

		r->start += n;
		done += n;
		if (done < len && (got = fill(r, err)) <= 0)
			return fall_short(r, (int)got, done, err);
	}
	return 0;
}

size_t hoy_reader_buffered(const hoy_reader *r)
{
	return r->end - r->start;
}

void hoy_reader_free(hoy_reader *r)
{
	hoy__release(r);
}
