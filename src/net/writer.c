/*
 * Buffered writing. Bytes are copied into the buffer until the next ones do not fit; then those
 * go out behind the buffer's in one writev, so that large data is never copied.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hoy/bufio.h>

#include "net/net.h"

struct hoy_writer {
	hoy_conn *conn;
	size_t used, size;	/* used: buffered bytes */
	int code;		/* of the write that failed, or 0 */
	char buf[];		/* size bytes, and one for printf's NUL */
};

enum { SIZE_DEFAULT = 4096 };

hoy_writer *hoy_writer_new(hoy_conn *c, size_t size, hoy_err *err)
{
	hoy_writer *w;

	if (size == 0)
		size = SIZE_DEFAULT;
	w = size < SIZE_MAX - sizeof *w ? hoy__alloc(sizeof *w + size + 1) : NULL;
	if (!w) {
		hoy__conn_fail(c, "write", NULL, -ENOMEM, err);
		return NULL;
	}
	w->conn = c;
	w->size = size;
	return w;
}

/* Sends the buffer and what follows it. The connection tells its own failure. */
static int send_all(hoy_writer *w, const void *buf, size_t len, hoy_err *err)
{
	struct iovec iov[] = { { w->buf, w->used }, { (void *)buf, len } };
	int skip = w->used == 0;
	ssize_t n;

	if (w->code < 0)
		return hoy__conn_fail(w->conn, "write", "write", w->code, err);
	if (w->used + len == 0)
		return 0;
	n = hoy_conn_writev(w->conn, iov + skip, (len > 0) + !skip, err);
	w->code = n < 0 ? (int)n : 0;
	w->used = 0;
	return w->code;
}

ssize_t hoy_writer_write(hoy_writer *w, const void *buf, size_t len, hoy_err *err)
{
	if (w->code == 0 && len <= w->size - w->used) {
		if (len)
			memcpy(w->buf + w->used, buf, len);
		w->used += len;
		return (ssize_t)len;
	}
	int code = send_all(w, buf, len, err);

	return code < 0 ? code : (ssize_t)len;
}

/* Text that did not fit behind what is buffered. If it is longer than the buffer, it needs a block of its own. */
static int print_again(hoy_writer *w, hoy_err *err, size_t len, const char *format, va_list args)
{
	char *text;
	ssize_t n;

	if (w->code < 0 || len <= w->size) {
		n = send_all(w, NULL, 0, err);
		if (n == 0)
			w->used = (size_t)vsnprintf(w->buf, w->size + 1, format, args);
		return (int)n;
	}
	if (!(text = hoy__alloc(len + 1)))
		return hoy__conn_fail(w->conn, "write", NULL, -ENOMEM, err);
	vsnprintf(text, len + 1, format, args);
	n = hoy_writer_write(w, text, len, err);
	hoy__release(text);
	return (int)n;
}

int hoy_writer_vprintf(hoy_writer *w, hoy_err *err, const char *format, va_list args)
{
	size_t room = w->size - w->used;
	va_list again;
	int len, code = 0;

	va_copy(again, args);
	len = vsnprintf(w->buf + w->used, room + 1, format, args);
	if (len < 0)
		code = hoy__conn_fail(w->conn, "write", NULL, -EINVAL, err);
	else if (w->code < 0 || (size_t)len > room)
		code = print_again(w, err, (size_t)len, format, again);
	else
		w->used += (size_t)len;
	va_end(again);
	return code < 0 ? code : len;
}

int hoy_writer_printf(hoy_writer *w, hoy_err *err, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = hoy_writer_vprintf(w, err, format, args);
	va_end(args);
	return len;
}

int hoy_writer_flush(hoy_writer *w, hoy_err *err)
{
	return send_all(w, NULL, 0, err);
}

size_t hoy_writer_buffered(const hoy_writer *w)
{
	return w->used;
}

void hoy_writer_free(hoy_writer *w)
{
	hoy__release(w);
}
