/*
 * Cancelling what waits to write. Every call sends the next bytes of one long text, and says how many it has sent; the
 * receiver compares what comes with the text.
 */
#define TEST_LIMIT 60

#include <netinet/in.h>
#include <sys/socket.h>

#include "cancel.h"

enum { PIECE = 1000, BUFFER = 16 << 10 };

static struct {
	hoy_conn *a, *b, *spare[2];	/* b reads what a writes */
	atomic_size_t sent, received;
	atomic_int writes, awaited;	/* calls that have succeeded, and those that are to */
	bool is_text;			/* what is sent is that text */
	struct started other;
} on;

static void write_text(char *buf, size_t len, size_t at)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)('a' + (at + i) % 26);
}

/* The next piece of the text. */
static char *piece(char buf[PIECE])
{
	write_text(buf, PIECE, on.sent);
	return buf;
}

static int sent(ssize_t n, const hoy_err *err)
{
	on.sent += n < 0 ? err->done : PIECE;
	on.writes += n >= 0;
	return n < 0 ? (int)n : 0;
}

static int write_piece(void)
{
	hoy_err err = { 0 };
	char buf[PIECE];
	ssize_t n = hoy_conn_write(on.a, piece(buf), PIECE, &err);

	return sent(n, &err);
}

static void fill(void)
{
	hoy_scope s;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	while (write_piece() == 0)
		;
	hoy_scope_leave(&s);
	on.writes = 0;
}

static void begin(bool is_text)
{
	on.sent = on.received = 0;
	on.writes = 0;
	on.awaited = 1;
	on.is_text = is_text;
}

static void open_tcp(void)
{
	make_pair(&on.a, &on.b);
	begin(true);
	hoy_conn_set_write_buffer(on.a, BUFFER, NULL);
	fill();
	hoy_sleep(50 * HOY_MILLISECOND);	/* until the delayed acknowledgement has made more room */
	fill();
}

static hoy_conn *adopted(int fd, unsigned flags)
{
	hoy_err err;
	hoy_conn *c = hoy_conn_from_fd(fd, flags, &err);

	must(c, "hoy_conn_from_fd", &err);
	return c;
}

static void open_unix(void)
{
	int fd[2];

	begin(true);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	on.a = adopted(fd[0], 0);
	on.b = adopted(fd[1], 0);
	hoy_conn_set_write_buffer(on.a, BUFFER, NULL);
	fill();
}

static void open_shared(void)
{
	int fd[2];

	begin(true);
	CHECK_INT(pipe(fd), 0);
	on.a = adopted(fd[1], HOY_FD_SHARED);
	on.b = adopted(fd[0], 0);
	fill();
}

static void open_pipe(void)
{
	begin(true);
	CHECK_INT(hoy_pipe(&on.a, &on.b, NULL), 0);
}

/* ---- the receiver ---- */

static ssize_t receive(void)
{
	char got[4096], want[sizeof got];
	ssize_t n = hoy_conn_read(on.b, got, sizeof got, NULL);

	if (n <= 0)
		return n;
	write_text(want, (size_t)n, on.received);
	CHECK(!on.is_text || memcmp(got, want, (size_t)n) == 0);
	on.received += (size_t)n;
	return n;
}

/* What is there now. */
static void drain(void)
{
	hoy_scope s;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	while (receive() > 0)
		;
	hoy_scope_leave(&s);
}

/* Until the calls could write. */
static void feed_room(void)
{
	for (int i = 0; i < 2000 && on.writes < on.awaited; i++) {
		drain();
		hoy_sleep(i < 10 ? 0 : HOY_MILLISECOND);
		hoy_yield();
	}
}

/* All that was sent arrives, and nothing else. */
static void close_both(void)
{
	hoy_conn_free(on.a);
	while (receive() > 0)
		;
	CHECK_INT(on.received, on.sent);
	hoy_conn_free(on.b);
}

/* ---- a piece of the text, by every call ---- */

static int writev_piece(void)
{
	hoy_err err = { 0 };
	char buf[PIECE];
	ssize_t n;

	piece(buf);
	n = hoy_conn_writev(on.a, (struct iovec[]){ { buf, 10 }, { buf + 10, PIECE - 10 } }, 2, &err);
	return sent(n, &err);
}

static void open_lent(void)
{
	open_unix();
	make_pair(&on.spare[0], &on.spare[1]);
}

static int write_lent(void)
{
	hoy_err err = { 0 };
	const void *data;
	char buf[PIECE];
	ssize_t n;

	CHECK_INT(hoy_conn_write(on.spare[1], piece(buf), PIECE, NULL), PIECE);
	CHECK_INT(hoy_conn_read_lent(on.spare[0], &data, NULL), PIECE);
	n = hoy_conn_write(on.a, data, PIECE, &err);
	return sent(n, &err);
}

static void close_lent(void)
{
	close_both();
	hoy_conn_free(on.spare[0]);
	hoy_conn_free(on.spare[1]);
}

static int write_message(void)
{
	hoy_err err = { 0 };
	char buf[PIECE];
	hoy_unix_msg m = { .data = piece(buf), .len = PIECE, .fds = &(int){ STDERR_FILENO }, .fds_len = 1 };
	ssize_t n = hoy_unix_write_msg(on.a, &m, &err);

	return sent(n, &err);
}

static int send_descriptor(void)
{
	hoy_err err = { 0 };
	char buf[PIECE];
	ssize_t n = hoy_unix_send_fds(on.a, piece(buf), PIECE, &(int){ STDERR_FILENO }, 1, &err);

	return sent(n, &err);
}

/* A header is no text; it is sent whole or not at all, as far as the buffers are not full to the last byte. */
static int write_header(void)
{
	hoy_err err = { 0 };
	int code = hoy_proxy_header_write(on.a, 2, NULL, NULL, &err);

	on.sent += code < 0 ? err.done : 16;
	on.writes += code == 0;
	return code;
}

static void open_header(void)
{
	open_unix();
	on.is_text = false;
}

static int write_other(void *arg)
{
	(void)arg;
	return write_piece();
}

/* Another call is inside, and its bytes come first, whichever they are. */
static void open_behind(void)
{
	open_unix();
	on.is_text = false;
	on.awaited = 2;
	start(&on.other, write_other, NULL);
	hoy_sleep(HOY_MILLISECOND);
}

static void close_behind(void)
{
	CHECK_INT(finish(&on.other), 0);
	close_both();
}

static const struct point pieces[] = {
	{ "hoy_conn_write, to a TCP socket", open_tcp, write_piece, feed_room, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_conn_write, behind another call", open_behind, write_piece, feed_room, .close = close_behind, .traits = LASTS },
	{ "hoy_conn_write, of lent data", open_lent, write_lent, feed_room, .close = close_lent, .traits = LASTS },
	{ "hoy_conn_write, to a Unix socket", open_unix, write_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_conn_write, to a shared pipe", open_shared, write_piece, feed_room, .close = close_both, .traits = LASTS | SLOW },
	{ "hoy_conn_write, to hoy_pipe", open_pipe, write_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_conn_writev", open_unix, writev_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_unix_write_msg", open_unix, write_message, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_unix_send_fds", open_unix, send_descriptor, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_proxy_header_write", open_header, write_header, feed_room, .close = close_both, .traits = LASTS },
};

CANCEL(pieces)

/* ---- buffered: a writer accepts no more after a call that failed, so each call has its own ---- */

static int with_writer(size_t size, ssize_t (*write)(hoy_writer *w, const char *text, hoy_err *err))
{
	hoy_writer *w = hoy_writer_new(on.a, size, NULL);
	hoy_err err = { 0 };
	char buf[PIECE];
	ssize_t n = write(w, piece(buf), &err);

	if (n < 0)
		CHECK_INT(hoy_writer_flush(w, NULL), n);
	hoy_writer_free(w);
	return sent(n, &err);
}

static ssize_t flush(hoy_writer *w, const char *text, hoy_err *err)
{
	CHECK_INT(hoy_writer_write(w, text, PIECE, NULL), PIECE);
	return hoy_writer_flush(w, err);
}

/* The second part does not fit, and with it goes all. */
static ssize_t overflow(hoy_writer *w, const char *text, hoy_err *err)
{
	CHECK_INT(hoy_writer_write(w, text, 10, NULL), 10);
	return hoy_writer_write(w, text + 10, PIECE - 10, err);
}

static ssize_t print(hoy_writer *w, const char *text, hoy_err *err)
{
	return hoy_writer_printf(w, err, "%.*s", PIECE, text);
}

__attribute__((format(printf, 3, 4))) static ssize_t vprint(hoy_writer *w, hoy_err *err, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = hoy_writer_vprintf(w, err, format, args);
	va_end(args);
	return n;
}

static ssize_t print_list(hoy_writer *w, const char *text, hoy_err *err) { return vprint(w, err, "%.*s", PIECE, text); }

static int flush_piece(void) { return with_writer(PIECE, flush); }
static int overflow_piece(void) { return with_writer(PIECE / 2, overflow); }
static int print_piece(void) { return with_writer(PIECE / 2, print); }
static int print_list_piece(void) { return with_writer(PIECE / 2, print_list); }

static const struct point buffered[] = {
	{ "hoy_writer_flush", open_unix, flush_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_writer_write", open_unix, overflow_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_writer_printf", open_unix, print_piece, feed_room, .close = close_both, .traits = LASTS },
	{ "hoy_writer_vprintf", open_unix, print_list_piece, feed_room, .close = close_both, .traits = LASTS },
};

CANCEL(buffered)
