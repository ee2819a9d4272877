/*
 * Buffered reading and writing over any connection: Go's bufio. A reader or writer belongs to one
 * task at a time; one of each may serve the same connection, which stays the caller's and must
 * outlive them.
 */
#ifndef HOY_BUFIO_H
#define HOY_BUFIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Go's bufio.Reader. An error leaves the reader as it was: with a later deadline the same call goes on. */
typedef struct hoy_reader hoy_reader;

/* size bytes of buffer, 2 at least; 0: 4096. NULL for want of memory. */
hoy_reader *hoy_reader_new(hoy_conn *c, size_t size, hoy_err *err);
/*
 * Reads what is buffered, else from the connection: at most len bytes, 0 at the end of the
 * stream. Waits. Go's bufio.Reader.Read.
 */
ssize_t hoy_reader_read(hoy_reader *r, void *buf, size_t len, hoy_err *err);
/*
 * Reads exactly len bytes. HOY_EEOF when the stream ends before; on any failure err->done bytes
 * were read into buf. Waits. Go's io.ReadFull.
 */
ssize_t hoy_reader_full(hoy_reader *r, void *buf, size_t len, hoy_err *err);
/*
 * The next line, without its \n or \r\n, NUL-terminated in the reader's own buffer until
 * the next call; its length in *len (may be NULL). 1 for a line (also the last one without
 * an end), 0 at the end of the stream. Waits. Go's bufio.Reader.ReadLine.
 *
 * A line that with its end does not fit into the buffer is HOY_ETOOLONG, and *line is its
 * beginning, at most as long as the buffer. The next call decides about the rest:
 * hoy_reader_line skips it and gives the next line, hoy_reader_line_more gives it,
 * hoy_reader_read reads it as bytes. Any other error leaves the reader as it was: with a
 * later deadline the same call goes on.
 */
int hoy_reader_line(hoy_reader *r, char **line, size_t *len, hoy_err *err);
/*
 * The next piece of a line that was HOY_ETOOLONG, with HOY_ETOOLONG again if that is not the
 * last one, and 1 if it is (perhaps empty, when only the line's end was missing). 0 when
 * there is no rest: the stream or the line has ended. Waits.
 */
int hoy_reader_line_more(hoy_reader *r, char **line, size_t *len, hoy_err *err);
/*
 * The bytes up to and including the next occurrence of `end`, end_len bytes (1 at least), in the
 * reader's own buffer until the next call. 1; 0 at the end of the stream, and then *len bytes
 * came after the last `end`; HOY_ETOOLONG when the buffer is full without it: read it otherwise.
 * Waits. Go's bufio.Reader.ReadSlice, with an end of any length.
 */
int hoy_reader_until(hoy_reader *r, const void *end, size_t end_len, char **data, size_t *len, hoy_err *err);
/*
 * The next len bytes where they are buffered, without reading past them; *data is valid until the
 * next call. How many there are, fewer than len only at the end of the stream, or a code:
 * HOY_ETOOLONG when len is more than the buffer. Waits. Go's bufio.Reader.Peek.
 */
ssize_t hoy_reader_peek(hoy_reader *r, size_t len, const void **data, hoy_err *err);
/*
 * Reads len bytes and drops them. HOY_EEOF when the stream ends before; on any failure err->done
 * bytes were dropped. Waits. Go's bufio.Reader.Discard.
 */
int hoy_reader_discard(hoy_reader *r, size_t len, hoy_err *err);
/* What is buffered now, without waiting. Go's bufio.Reader.Buffered. */
size_t hoy_reader_buffered(const hoy_reader *r);
void hoy_reader_free(hoy_reader *r);	/* NULL is nothing; what was buffered is lost */

/*
 * Go's bufio.Writer. Nothing is sent before the buffer is full or flushed. After a failed write the
 * connection has part of the data, so the writer accepts no more: every later call returns the same
 * code.
 */
typedef struct hoy_writer hoy_writer;

/* size bytes of buffer; 0: 4096. NULL for want of memory. */
hoy_writer *hoy_writer_new(hoy_conn *c, size_t size, hoy_err *err);
/*
 * Appends len bytes. What does not fit into the buffer is sent together with what it holds, in one
 * system call and without being copied. Returns len, or a code. May wait. Go's bufio.Writer.Write.
 */
ssize_t hoy_writer_write(hoy_writer *w, const void *buf, size_t len, hoy_err *err);
/* Appends text as printf makes it; the number of bytes, or a code. May wait. Go's fmt.Fprintf. */
int hoy_writer_printf(hoy_writer *w, hoy_err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
int hoy_writer_vprintf(hoy_writer *w, hoy_err *err, const char *format, va_list args) __attribute__((format(printf, 3, 0)));
/* Sends what is buffered. 0 or a code. May wait. Go's bufio.Writer.Flush. */
int hoy_writer_flush(hoy_writer *w, hoy_err *err);
/* What is buffered and not sent yet. Go's bufio.Writer.Buffered. */
size_t hoy_writer_buffered(const hoy_writer *w);
void hoy_writer_free(hoy_writer *w);	/* NULL is nothing; what was not flushed is lost */

#ifdef __cplusplus
}
#endif
#endif
