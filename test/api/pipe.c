/* hoy_pipe: a rendezvous with deadlines; and connections of one's own. */
#include "pair.h"

static void make_pipe(hoy_conn **a, hoy_conn **b)
{
	must(hoy_pipe(a, b, NULL) == 0, "pipe", NULL);
}

struct job {
	hoy_conn *conn;
	const char *text;
	atomic_int returned;
};

static int write_text(void *at)
{
	struct job *j = at;
	int n = (int)hoy_conn_write(j->conn, j->text, strlen(j->text), NULL);

	atomic_store(&j->returned, 1);
	return n;
}

static int read_text(void *at)
{
	struct job *j = at;
	char buf[16];
	int n = (int)hoy_conn_read(j->conn, buf, sizeof buf, NULL);

	atomic_store(&j->returned, 1);
	return n;
}

BOTH(a_write_returns_when_all_of_it_was_read)
{
	hoy_conn *a, *b;
	struct job j = { .text = "abcdefg" };
	struct started s;
	char buf[8] = "";

	make_pipe(&a, &b);
	j.conn = a;
	start(&s, write_text, &j);
	CHECK_INT(hoy_conn_read(b, buf, 3, NULL), 3);
	CHECK_INT(hoy_conn_read(b, buf + 3, 3, NULL), 3);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK(!atomic_load(&j.returned));
	CHECK_INT(hoy_conn_read(b, buf + 6, 2, NULL), 1);
	CHECK_INT(finish(&s), 7);
	CHECK_STR(buf, "abcdefg", "in order");
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(both_ways_at_once)
{
	hoy_conn *a, *b;
	struct job j = { .text = "there" };
	struct started s;
	char buf[8] = "";

	make_pipe(&a, &b);
	j.conn = a;
	start(&s, write_text, &j);
	CHECK_INT(hoy_read_full(b, buf, 5, NULL), 5);
	CHECK_INT(finish(&s), 5);
	j = (struct job){ .conn = b, .text = "back" };
	start(&s, write_text, &j);
	CHECK_INT(hoy_read_full(a, buf, 4, NULL), 4);
	CHECK_STR(buf, "backe", "both");
	CHECK_INT(finish(&s), 4);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* How each call ends when an end is closed under it, or was before. */
BOTH(what_close_does)
{
	static const struct {
		hoy_fn *call;
		bool on_peer;		/* the call is made on the end that stays open */
		int want;
	} cases[] = {
		{ read_text,  true,  0 },
		{ write_text, true,  HOY_EPIPE },
		{ read_text,  false, HOY_ECLOSED },
		{ write_text, false, HOY_ECLOSED },
	};

	for (size_t i = 0; i < 2 * LEN(cases); i++) {
		bool before = i >= LEN(cases);
		size_t at = i % LEN(cases);
		hoy_conn *a, *b;
		struct job j = { .text = "x" };
		struct started s;

		make_pipe(&a, &b);
		j.conn = cases[at].on_peer ? b : a;
		if (before)
			hoy_conn_close(a, NULL);
		start(&s, cases[at].call, &j);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(hoy_conn_close(a, NULL), before ? HOY_ECLOSED : 0);
		CHECK_INT(finish(&s), cases[at].want);
		hoy_conn_free(a);
		hoy_conn_free(b);
	}
	return 0;
}

BOTH(deadlines_of_a_pipe)
{
	hoy_conn *a, *b;
	struct job j = { .text = "half" };
	struct started s;
	hoy_time began = hoy_now();
	hoy_err err;
	char byte;

	make_pipe(&a, &b);
	hoy_conn_set_read_deadline(a, hoy_in(10 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_conn_read(a, &byte, 1, NULL), HOY_ETIMEOUT);
	CHECK(since(began) >= 10 * HOY_MILLISECOND);
	hoy_conn_set_read_deadline(a, (hoy_time){ 0 }, NULL);
	j.conn = b;
	start(&s, write_text, &j);
	CHECK_INT(hoy_read_full(a, &byte, 1, NULL), 1);
	hoy_conn_set_write_deadline(b, past(), NULL);
	CHECK_INT(finish(&s), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_write(b, "x", 1, &err), HOY_ETIMEOUT);
	CHECK_INT((long long)err.done, 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* Parts that were read before the deadline are told. */
static int late_writer(void *at)
{
	hoy_err err = { 0 };

	hoy_conn_set_write_deadline(at, hoy_in(30 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_conn_write(at, "abcdef", 6, &err), HOY_ETIMEOUT);
	return (int)err.done;
}

BOTH(a_timed_out_write_says_how_much_was_read)
{
	hoy_conn *a, *b;
	struct started s;
	char buf[4];

	make_pipe(&a, &b);
	start(&s, late_writer, a);
	CHECK_INT(hoy_read_full(b, buf, 4, NULL), 4);
	CHECK_INT(finish(&s), 4);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int pump(void *at)
{
	struct job *j = at;
	unsigned char out[777], next = 0;

	for (int i = 0; i < 300; i++) {
		for (size_t k = 0; k < sizeof out; k++)
			out[k] = next++;
		if (hoy_conn_write(j->conn, out, sizeof out, NULL) < 0)
			return -1;
	}
	return (int)hoy_conn_close(j->conn, NULL);
}

BOTH(bytes_arrive_in_order)
{
	hoy_conn *a, *b;
	struct job j = { 0 };
	struct started s;
	char *data;
	ssize_t n;
	int wrong = 0;

	make_pipe(&a, &b);
	j.conn = a;
	start(&s, pump, &j);
	n = hoy_read_all(b, &data, 0, NULL);
	CHECK_INT(n, 777 * 300);
	for (ssize_t i = 0; i < n; i++)
		wrong += (unsigned char)data[i] != (unsigned char)i;
	CHECK_INT(wrong, 0);
	CHECK_INT(finish(&s), 0);
	hoy_free(data);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static void *thread_reads(void *at)
{
	struct job *j = at;
	char buf[6] = "";

	CHECK_INT(hoy_read_full(j->conn, buf, 5, NULL), 5);
	CHECK_STR(buf, "hello", "from the task");
	CHECK_INT(hoy_conn_write(j->conn, "world", 5, NULL), 5);
	return NULL;
}

static int task_talks(void *at)
{
	char buf[6] = "";

	CHECK_INT(hoy_conn_write(at, "hello", 5, NULL), 5);
	CHECK_INT(hoy_read_full(at, buf, 5, NULL), 5);
	CHECK_STR(buf, "world", "from the thread");
	return 0;
}

TEST(between_a_task_and_a_thread)
{
	hoy_conn *a, *b;
	struct job j = { 0 };
	pthread_t thread;

	make_pipe(&a, &b);
	j.conn = b;
	pthread_create(&thread, NULL, thread_reads, &j);
	CHECK_INT(hoy_run(task_talks, a), 0);
	pthread_join(thread, NULL);
	hoy_conn_free(a);
	hoy_conn_free(b);
}

/* A connection of one's own: reads give letters, writes take three bytes at a time. */
struct own {
	int reads, written, closed, freed;
	int fail_at;
};

static ssize_t own_read(void *self, void *buf, size_t len)
{
	struct own *o = self;

	memset(buf, 'a' + o->reads, len < 4 ? len : 4);
	return o->reads++ < 3 ? (ssize_t)(len < 4 ? len : 4) : 0;
}

static ssize_t own_write(void *self, const void *buf, size_t len)
{
	struct own *o = self;
	int n = len < 3 ? (int)len : 3;

	(void)buf;
	if (o->fail_at && o->written >= o->fail_at)
		return -EIO;
	o->written += n;
	return n;
}

static int own_close(void *self)
{
	((struct own *)self)->closed++;
	return 0;
}

static void own_free(void *self)
{
	((struct own *)self)->freed++;
}

static void own_addr(void *self, hoy_addr *addr)
{
	(void)self;
	*addr = (hoy_addr){ .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(192, 0, 2, 1), .port = 7 };
}

static const hoy_conn_ops own_ops = {
	.network = "own", .read = own_read, .write = own_write, .close = own_close, .free = own_free,
	.remote_addr = own_addr,
};

BOTH(a_connection_of_ones_own)
{
	struct own o = { 0 };
	hoy_conn *c = hoy_conn_new(&own_ops, &o, NULL);
	const struct iovec iov[] = { { (char[]){ "abcd" }, 4 }, { (char[]){ "efgh" }, 4 } };
	char text[HOY_ERR_STRLEN];
	struct iovec room = { text, 2 };
	hoy_addr addr;
	hoy_err err;
	char *data;

	CHECK_INT(hoy_conn_write(c, "0123456789", 10, NULL), 10);
	CHECK_INT(hoy_conn_writev(c, iov, 2, NULL), 8);
	CHECK_INT(o.written, 18);
	CHECK_INT(hoy_conn_readv(c, &room, 1, NULL), 2);
	CHECK_INT(hoy_conn_read(c, text, 0, NULL), 0);
	CHECK_INT(hoy_read_all(c, &data, 0, NULL), 8);
	CHECK_STR(data, "bbbbcccc", "all that was left");
	hoy_free(data);
	hoy_conn_local_addr(c, &addr);
	CHECK_INT(addr.kind, HOY_ADDR_NONE);
	o.fail_at = 24;
	CHECK_INT(hoy_conn_write(c, "0123456789", 10, &err), -EIO);
	CHECK_INT((long long)err.done, 6);
	CHECK_STR(hoy_err_string(&err, text), "write own 192.0.2.1:7: input/output error", "no call to name");
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK_INT(hoy_conn_close(c, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), HOY_ECLOSED);
	CHECK(o.closed == 1 && o.freed == 0);
	hoy_conn_free(c);
	CHECK(o.closed == 1 && o.freed == 1);
	return 0;
}
