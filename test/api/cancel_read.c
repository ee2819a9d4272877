/* Cancelling what waits to read: no byte and no descriptor that was sent is lost or comes twice. */
#define TEST_LIMIT 60

#include <netinet/in.h>
#include <sys/socket.h>

#include "cancel.h"

static struct {
	hoy_conn *a, *b;	/* a reads what b writes */
	hoy_listener *l;
	hoy_reader *reader;
	size_t have;		/* bytes that a cancelled call has read already */
	struct started other;
} on;

static void open_tcp(void)
{
	make_pair(&on.a, &on.b);
	on.have = 0;
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

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	on.a = adopted(fd[0], 0);
	on.b = adopted(fd[1], 0);
}

/* In blocking mode, which stays. */
static void open_shared(void)
{
	int fd[2];

	CHECK_INT(pipe(fd), 0);
	on.a = adopted(fd[0], HOY_FD_SHARED);
	on.b = adopted(fd[1], 0);
}

static void open_pipe(void)
{
	CHECK_INT(hoy_pipe(&on.a, &on.b, NULL), 0);
}

static void close_both(void)
{
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
}

static void feed_byte(void) { CHECK_INT(hoy_conn_write(on.b, "x", 1, NULL), 1); }

static void feed_text(const char *first, const char *second)
{
	hoy_conn_write(on.b, first, strlen(first), NULL);
	hoy_yield();
	hoy_conn_write(on.b, second, strlen(second), NULL);
}

/* ---- a byte ---- */

static int was_x(ssize_t n, char byte)
{
	if (n >= 0)
		CHECK(n == 1 && byte == 'x');
	return (int)n;
}

static int read_byte(void)
{
	char byte = 0;
	ssize_t n = hoy_conn_read(on.a, &byte, 1, NULL);

	return was_x(n, byte);
}

static int readv_byte(void)
{
	char first = 0, second = 0;
	ssize_t n = hoy_conn_readv(on.a, (struct iovec[]){ { &first, 1 }, { &second, 1 } }, 2, NULL);

	return was_x(n, first);
}

static int read_lent(void)
{
	const void *data = "";
	ssize_t n = hoy_conn_read_lent(on.a, &data, NULL);

	return was_x(n, *(const char *)data);
}

static int read_other(void *arg)
{
	(void)arg;
	return read_byte();
}

/* Another call is inside, if it has come first, and takes a byte, too. */
static void open_behind(void)
{
	open_tcp();
	start(&on.other, read_other, NULL);
	hoy_sleep(HOY_MILLISECOND);
}

static void feed_both(void)
{
	feed_byte();
	feed_byte();
}

static void close_behind(void)
{
	feed_byte();
	CHECK_INT(finish(&on.other), 1);
	close_both();
}

/* A task that starts when there is a byte, and has the lock of those who read until then. */
static int note_byte(void *arg)
{
	(void)arg;
	return 0;
}

static int start_when_readable(void) { return hoy_when_readable(on.a, note_byte, NULL, NULL); }

static void open_awaited(void)
{
	open_tcp();
	CHECK_INT(start_when_readable(), 0);
}

static const struct point bytes[] = {
	{ "hoy_conn_read", open_tcp, read_byte, feed_byte, .close = close_both, .traits = ADDS_UP },
	{ "hoy_conn_read, behind another call", open_behind, read_byte, feed_both, .close = close_behind, .traits = LASTS },
	{ "hoy_conn_read, behind hoy_when_readable", open_awaited, read_byte, feed_byte, .close = close_both, .traits = IN_TASKS },
	{ "hoy_when_readable, behind another", open_awaited, start_when_readable, feed_byte, .close = close_both,
	  .traits = LASTS | IN_TASKS },
	{ "hoy_conn_read, of a Unix socket", open_unix, read_byte, feed_byte, .close = close_both, .traits = ADDS_UP },
	{ "hoy_conn_read, of a shared pipe", open_shared, read_byte, feed_byte, .close = close_both, .traits = ADDS_UP },
	{ "hoy_conn_read, of hoy_pipe", open_pipe, read_byte, feed_byte, .close = close_both, .traits = ADDS_UP },
	{ "hoy_conn_readv", open_tcp, readv_byte, feed_byte, .close = close_both },
	{ "hoy_conn_read_lent", open_tcp, read_lent, feed_byte, .close = close_both },
	{ "hoy_conn_read_lent, of a shared pipe", open_shared, read_lent, feed_byte, .close = close_both },
};

CANCEL(bytes)

/* ---- several bytes: err->done says how many a cancelled call has read ---- */

static void feed_two(void) { feed_text("x", "y"); }

static int read_two(ssize_t (*read)(void *buf, size_t len, hoy_err *err))
{
	static char two[2];
	hoy_err err = { 0 };
	ssize_t n = read(two + on.have, 2 - on.have, &err);

	on.have = n < 0 ? on.have + err.done : 0;
	CHECK(n < 0 || memcmp(two, "xy", 2) == 0);
	return (int)n;
}

static ssize_t conn_full(void *buf, size_t len, hoy_err *err) { return hoy_read_full(on.a, buf, len, err); }
static ssize_t reader_full(void *buf, size_t len, hoy_err *err) { return hoy_reader_full(on.reader, buf, len, err); }
static int read_full(void) { return read_two(conn_full); }
static int buffer_full(void) { return read_two(reader_full); }

static int discard_two(void)
{
	hoy_err err = { 0 };
	int code = hoy_reader_discard(on.reader, 2 - on.have, &err);

	on.have = code < 0 ? on.have + err.done : 0;
	return code;
}

static void feed_end(void)
{
	feed_two();
	hoy_conn_close_write(on.b, NULL);
}

/* After a failure the bytes that were read are gone, and err->done tells how many. */
static int read_all(void)
{
	hoy_err err = { 0 };
	char *data;
	ssize_t n = hoy_read_all(on.a, &data, 0, &err);

	on.have += n < 0 ? err.done : (size_t)n;
	if (n >= 0)
		hoy_free(data);
	return (int)n;
}

static void check_all(int code)
{
	if (code < 0)
		CHECK(read_all() >= 0);
	CHECK_INT(on.have, 2);
}

static void open_reader(void)
{
	open_tcp();
	on.reader = hoy_reader_new(on.a, 8, NULL);
}

static void close_reader(void)
{
	hoy_reader_free(on.reader);
	close_both();
}

static int buffer_byte(void)
{
	char byte = 0;
	ssize_t n = hoy_reader_read(on.reader, &byte, 1, NULL);

	return was_x(n, byte);
}

static const struct point several[] = {
	{ "hoy_read_full", open_tcp, read_full, feed_two, .close = close_both, .traits = ADDS_UP },
	{ "hoy_read_all", open_tcp, read_all, feed_end, .close = close_both, .traits = LASTS, .check = check_all },
	{ "hoy_reader_read", open_reader, buffer_byte, feed_byte, .close = close_reader, .traits = ADDS_UP },
	{ "hoy_reader_full", open_reader, buffer_full, feed_two, .close = close_reader, .traits = ADDS_UP },
	{ "hoy_reader_discard", open_reader, discard_two, feed_two, .close = close_reader },
};

CANCEL(several)

/* ---- texts: a cancelled call leaves the reader as it was ---- */

static void feed_line(void) { feed_text("x", "y\n"); }
static void feed_lines_end(void) { feed_text("", "\n"); }
static void feed_ending(void) { feed_text("xy\r", "\n"); }

static int read_line(void)
{
	char *line = NULL;
	int code = hoy_reader_line(on.reader, &line, NULL, NULL);

	if (code >= 0)
		CHECK_STR(line, "xy", "the line");
	return code;
}

/* A line longer than the buffer, whose rest is waited for. */
static void open_long_line(void)
{
	char *line;

	open_reader();
	feed_text("0123456789", "");
	CHECK_INT(hoy_reader_line(on.reader, &line, NULL, NULL), HOY_ETOOLONG);
}

static int read_rest(void)
{
	char *line = NULL;
	int code = hoy_reader_line_more(on.reader, &line, NULL, NULL);

	if (code == 1)
		CHECK_STR(line, "89", "the rest");
	return code;
}

static int read_until(void)
{
	char *data;
	size_t len = 0;
	int code = hoy_reader_until(on.reader, "\r\n", 2, &data, &len, NULL);

	CHECK_INT(len, code < 0 ? 0 : 4);
	return code;
}

static int peek(void)
{
	const void *data;
	ssize_t n = hoy_reader_peek(on.reader, 2, &data, NULL);

	CHECK(n < 0 || (n == 2 && memcmp(data, "xy", 2) == 0));
	return (int)n;
}

static const struct point texts[] = {
	{ "hoy_reader_line", open_reader, read_line, feed_line, .close = close_reader, .traits = ADDS_UP },
	{ "hoy_reader_line_more", open_long_line, read_rest, feed_lines_end, .close = close_reader, .traits = LASTS },
	{ "hoy_reader_until", open_reader, read_until, feed_ending, .close = close_reader },
	{ "hoy_reader_peek", open_reader, peek, feed_two, .close = close_reader, .traits = LASTS },
};

CANCEL(texts)

/* ---- descriptors ---- */

static void feed_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	CHECK_INT(hoy_unix_send_fds(on.b, "x", 1, &fd, 1, NULL), 1);
	close(fd);
}

static int read_message(void)
{
	char byte = 0;
	int fd = -1;
	hoy_unix_msg m = { .data = &byte, .size = 1, .fds = &fd, .fds_size = 1 };
	ssize_t n = hoy_unix_read_msg(on.a, &m, NULL);

	CHECK_INT(m.fds_len, n < 0 ? 0 : 1);
	if (n >= 0)
		close(fd);
	return was_x(n, byte);
}

static int receive_descriptor(void)
{
	char byte = 0;
	int fd = -1, room = 1;
	ssize_t n = hoy_unix_recv_fds(on.a, &byte, 1, &fd, &room, NULL);

	if (n >= 0)
		close(fd);
	return was_x(n, byte);
}

static const struct point descriptors[] = {
	{ "hoy_unix_read_msg", open_unix, read_message, feed_descriptor, .close = close_both, .traits = ADDS_UP },
	{ "hoy_unix_recv_fds", open_unix, receive_descriptor, feed_descriptor, .close = close_both, .traits = ADDS_UP },
};

CANCEL(descriptors)

/* ---- the header of the PROXY protocol ---- */

static void open_awaiting(void)
{
	static const hoy_proxy_policy required = { .timeout = HOY_HOUR };
	hoy_err err;

	on.l = hoy_listen_config_listen(&(hoy_listen_config){ .proxy = &required }, "tcp", "127.0.0.1:0", &err);
	must(on.l, "listen", &err);
	on.b = dial_to(on.l);
	on.a = hoy_listener_accept(on.l, &err);
	must(on.a, "accept", &err);
	hoy_listener_free(on.l);
}

static int await_header(void) { return hoy_proxy_header_await(on.a, NULL); }
static void feed_header(void) { CHECK_INT(hoy_proxy_header_write(on.b, 2, NULL, NULL, NULL), 0); }

static void feed_header_and_byte(void)
{
	feed_header();
	feed_byte();
}

static const struct point headers[] = {
	{ "hoy_proxy_header_await", open_awaiting, await_header, feed_header, .close = close_both, .traits = LASTS },
	{ "hoy_conn_read, before the PROXY header", open_awaiting, read_byte, feed_header_and_byte, .close = close_both },
};

CANCEL(headers)
