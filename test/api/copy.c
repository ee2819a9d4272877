/* hoy_copy from every kind of connection to every other, with sinks that are slow. */
#include <fcntl.h>
#include <sys/socket.h>

#include "pair.h"

enum { SIZE = 300007 };

/* The bytes are known by their place, so a swap or a hole shows. */
static unsigned char byte_at(size_t i)
{
	return (unsigned char)((i * 2654435761u) >> 13);
}

static void fill(unsigned char *buf, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = byte_at(from + i);
}

static size_t wrong_in(const unsigned char *buf, size_t from, size_t len)
{
	size_t wrong = 0;

	for (size_t i = 0; i < len; i++)
		wrong += buf[i] != byte_at(from + i);
	return wrong;
}

/* A connection of the test's own, which makes the bytes or judges them. */
struct own {
	size_t at, wrong;
};

static ssize_t own_read(void *self, void *buf, size_t len)
{
	struct own *o = self;
	size_t n = SIZE - o->at < len ? SIZE - o->at : len;

	if (n > 7777)
		n = 7777;
	fill(buf, o->at, n);
	o->at += n;
	return (ssize_t)n;
}

static ssize_t own_write(void *self, const void *buf, size_t len)
{
	struct own *o = self;
	size_t n = len < 5001 ? len : 5001;

	o->wrong += wrong_in(buf, o->at, n);
	o->at += n;
	return (ssize_t)n;
}

static const hoy_conn_ops own_ops = { .network = "own", .read = own_read, .write = own_write };

/* One end for hoy_copy, and where the test feeds or collects on the other side. */
struct end {
	hoy_conn *near, *far;
	struct own own;
	int file;		/* >= 0: a second descriptor of it */
};

static hoy_conn *adopt(int fd)
{
	hoy_err err;
	hoy_conn *c = hoy_conn_from_fd(fd, 0, &err);

	must(c, "from_fd", &err);
	return c;
}

static void make_tcp(struct end *e)
{
	make_pair(&e->near, &e->far);
}

static void make_unix(struct end *e)
{
	int fd[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "socketpair", NULL);
	e->near = adopt(fd[0]);
	e->far = adopt(fd[1]);
}

static void make_memory(struct end *e)
{
	must(hoy_pipe(&e->near, &e->far, NULL) == 0, "hoy_pipe", NULL);
}

static void make_own(struct end *e)
{
	e->near = hoy_conn_new(&own_ops, &e->own, NULL);
}

static void make_pipe(struct end *e, int near)
{
	int fd[2];

	must(pipe(fd) == 0, "pipe", NULL);
	e->near = adopt(fd[near]);
	e->far = adopt(fd[!near]);
}

static void make_source_pipe(struct end *e) { make_pipe(e, 0); }
static void make_sink_pipe(struct end *e) { make_pipe(e, 1); }

static void make_file(struct end *e)
{
	char name[] = "/tmp/hoy-copy-XXXXXX";
	int fd = mkstemp(name);

	must(fd >= 0, "mkstemp", NULL);
	e->file = open(name, O_RDWR);
	unlink(name);
	e->near = adopt(fd);
}

static void make_source_file(struct end *e)
{
	unsigned char *data = malloc(SIZE);

	make_file(e);
	fill(data, 0, SIZE);
	CHECK_INT(write(e->file, data, SIZE), SIZE);
	free(data);
}

static const struct {
	const char *name;
	void (*source)(struct end *e), (*sink)(struct end *e);
} kinds[] = {
	{ "tcp", make_tcp, make_tcp },
	{ "unix", make_unix, make_unix },
	{ "pipe descriptor", make_source_pipe, make_sink_pipe },
	{ "file", make_source_file, make_file },
	{ "hoy_pipe", make_memory, make_memory },
	{ "own", make_own, make_own },
};

static int feed(void *at)
{
	hoy_conn *c = at;
	unsigned char buf[6151];

	for (size_t i = 0; i < SIZE; i += sizeof buf) {
		size_t n = SIZE - i < sizeof buf ? SIZE - i : sizeof buf;

		fill(buf, i, n);
		if (hoy_conn_write(c, buf, n, NULL) < 0)
			return -1;
	}
	return hoy_conn_close(c, NULL);
}

/* Slow, so that the other side has to wait: what arrived in order, -1 if anything else did. */
static int collect(void *at)
{
	hoy_conn *c = at;
	unsigned char buf[4099];
	size_t total = 0;
	ssize_t n;

	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0) {
		if (wrong_in(buf, total, (size_t)n))
			return -1;
		if (total / 65536 != (total + (size_t)n) / 65536)
			hoy_sleep(HOY_MILLISECOND);
		total += (size_t)n;
	}
	return n < 0 ? -1 : (int)total;
}

/* What a sink that nobody reads from has got. */
static int judge(struct end *e)
{
	static unsigned char data[SIZE + 1];
	ssize_t n;

	if (e->file < 0)
		return e->own.wrong ? -1 : (int)e->own.at;
	lseek(e->file, 0, SEEK_SET);
	n = read(e->file, data, sizeof data);
	return n < 0 || wrong_in(data, 0, (size_t)n) ? -1 : (int)n;
}

static void drop(struct end *e)
{
	hoy_conn_free(e->near);
	hoy_conn_free(e->far);
	if (e->file >= 0)
		close(e->file);
}

static void copy_between(size_t from, size_t to)
{
	struct end src = { .file = -1 }, dst = { .file = -1 };
	struct started feeder, collector;
	int64_t n;
	int got;

	kinds[from].source(&src);
	kinds[to].sink(&dst);
	if (src.far)
		start(&feeder, feed, src.far);
	if (dst.far)
		start(&collector, collect, dst.far);
	n = hoy_copy(dst.near, src.near, NULL);
	hoy_conn_close(dst.near, NULL);
	got = dst.far ? finish(&collector) : judge(&dst);
	if (!CHECK_INT(n, SIZE) || !CHECK_INT(got, SIZE))
		fprintf(stderr, "from %s to %s\n", kinds[from].name, kinds[to].name);
	if (src.far)
		CHECK_INT(finish(&feeder), 0);
	drop(&src);
	drop(&dst);
}

BOTH(every_pair_of_kinds)
{
	for (size_t from = 0; from < LEN(kinds); from++)
		for (size_t to = 0; to < LEN(kinds); to++)
			copy_between(from, to);
	return 0;
}

BOTH(the_ends_stay_open)
{
	struct end src = { .file = -1 }, dst = { .file = -1 };
	char buf[4] = "";

	make_tcp(&src);
	make_tcp(&dst);
	CHECK_INT(hoy_conn_write(src.far, "abc", 3, NULL), 3);
	hoy_conn_close_write(src.far, NULL);
	CHECK_INT(hoy_copy(dst.near, src.near, NULL), 3);
	CHECK_INT(hoy_conn_write(dst.near, "!", 1, NULL), 1);
	CHECK_INT(hoy_read_full(dst.far, buf, 4, NULL), 4);
	CHECK(memcmp(buf, "abc!", 4) == 0);
	CHECK_INT(hoy_conn_write(src.near, "ok", 2, NULL), 2);
	CHECK_INT(hoy_read_full(src.far, buf, 2, NULL), 2);
	drop(&src);
	drop(&dst);
	return 0;
}

/* A sink that stops: what is told as done is what got through, spliced or not. */
BOTH(done_is_what_the_sink_got)
{
	for (size_t to = 0; to < 2; to++) {
		struct end src = { .file = -1 }, dst = { .file = -1 };
		struct started feeder;
		char *data = NULL;
		hoy_err err = { 0 };

		make_own(&src);
		if (to == 0)
			make_tcp(&src);
		make_tcp(&dst);
		hoy_conn_set_write_buffer(dst.near, 4096, NULL);
		hoy_conn_set_read_buffer(dst.far, 4096, NULL);
		if (src.far)
			start(&feeder, feed, src.far);
		hoy_conn_set_write_deadline(dst.near, hoy_in(200 * HOY_MILLISECOND), NULL);
		CHECK_INT(hoy_copy(dst.near, src.near, &err), HOY_ETIMEOUT);
		CHECK_STR(err.op, "write", "which side");
		hoy_conn_close(dst.near, NULL);
		CHECK_INT(hoy_read_all(dst.far, &data, 0, NULL), (long long)err.done);
		CHECK(err.done > 0 && err.done < SIZE);
		hoy_free(data);
		hoy_conn_close(src.near, NULL);
		if (src.far)
			finish(&feeder);
		drop(&src);
		drop(&dst);
	}
	return 0;
}

BOTH(a_source_that_times_out)
{
	struct end src = { .file = -1 }, dst = { .file = -1 };
	hoy_err err = { 0 };
	char buf[8];

	make_tcp(&src);
	make_tcp(&dst);
	hoy_conn_write(src.far, "abc", 3, NULL);
	hoy_conn_set_read_deadline(src.near, hoy_in(20 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_copy(dst.near, src.near, &err), HOY_ETIMEOUT);
	CHECK_STR(err.op, "read", "which side");
	CHECK_INT((long long)err.done, 3);
	CHECK_INT(hoy_conn_read(dst.far, buf, sizeof buf, NULL), 3);
	hoy_conn_set_read_deadline(src.near, (hoy_time){ 0 }, NULL);	/* and it can go on */
	hoy_conn_write(src.far, "de", 2, NULL);
	hoy_conn_close(src.far, NULL);
	CHECK_INT(hoy_copy(dst.near, src.near, &err), 2);
	drop(&src);
	drop(&dst);
	return 0;
}

BOTH(a_peer_that_left)
{
	struct end src = { .file = -1 }, dst = { .file = -1 };
	hoy_err err = { 0 };

	make_own(&src);
	make_memory(&dst);
	hoy_conn_close(dst.far, NULL);
	CHECK_INT(hoy_copy(dst.near, src.near, &err), HOY_EPIPE);
	CHECK_INT((long long)err.done, 0);
	drop(&src);
	drop(&dst);
	return 0;
}
