/* A connection's life: echo, both ends' addresses, half-close, deadlines, close. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "pair.h"

static int echo(void *at)
{
	hoy_conn *c = at;
	char buf[512];
	ssize_t n;

	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
	hoy_conn_free(c);
	return (int)n;
}

BOTH(what_goes_in_comes_back)
{
	hoy_conn *a, *b;
	struct started s;
	char buf[100];

	make_pair(&a, &b);
	start(&s, echo, b);
	for (int i = 0; i < 1000; i++) {
		snprintf(buf, sizeof buf, "line %d of many", i);
		ssize_t len = (ssize_t)strlen(buf);

		CHECK_INT(hoy_conn_write(a, buf, (size_t)len, NULL), len);
		memset(buf, 0, sizeof buf);
		CHECK_INT(hoy_read_full(a, buf, (size_t)len, NULL), len);
	}
	CHECK_STR(buf, "line 999 of many", "the last");
	CHECK_INT(hoy_conn_close_write(a, NULL), 0);
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), 0);
	CHECK_INT(finish(&s), 0);
	hoy_conn_free(a);
	return 0;
}

BOTH(both_ends_know_each_other)
{
	hoy_conn *a, *b;
	hoy_addr addr[4];
	char text[4][HOY_ADDR_STRLEN];

	make_pair(&a, &b);
	hoy_conn_local_addr(a, &addr[0]);
	hoy_conn_remote_addr(b, &addr[1]);
	hoy_conn_local_addr(b, &addr[2]);
	hoy_conn_remote_addr(a, &addr[3]);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(addr[i].kind, HOY_ADDR_TCP);
		hoy_addr_string(&addr[i], text[i]);
	}
	CHECK_STR(text[0], text[1], "the dialling end");
	CHECK_STR(text[2], text[3], "the accepting end");
	CHECK(strncmp(text[0], "127.0.0.1:", 10) == 0);
	hoy_conn_close(a, NULL);
	hoy_conn_local_addr(a, &addr[0]);
	CHECK_STR(hoy_addr_string(&addr[0], text[0]), text[1], "also after close");
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(half_close_leaves_the_other_half)
{
	hoy_conn *a, *b;
	char buf[16] = "";

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_write(a, "question", 8, NULL), 8);
	CHECK_INT(hoy_conn_close_write(a, NULL), 0);
	CHECK_INT(hoy_read_full(b, buf, 8, NULL), 8);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_write(b, "answer", 6, NULL), 6);
	CHECK_INT(hoy_read_full(a, buf, 6, NULL), 6);
	CHECK(memcmp(buf, "answer", 6) == 0);
	CHECK_INT(hoy_conn_write(a, "more", 4, NULL), -EPIPE);
	CHECK_INT(hoy_conn_close_read(b, NULL), 0);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(data_and_end_that_arrive_together_are_both_seen)
{
	hoy_conn *a, *b;
	char buf[16];

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), 1);
	hoy_conn_free(a);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 1);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 0);
	hoy_conn_free(b);
	return 0;
}

BOTH(reading_nothing_returns_at_once)
{
	hoy_conn *a, *b;
	char byte;

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_read(a, &byte, 0, NULL), 0);
	CHECK_INT(hoy_conn_write(a, &byte, 0, NULL), 0);
	CHECK_INT(hoy_conn_readv(a, NULL, 0, NULL), 0);
	CHECK_INT(hoy_conn_writev(a, NULL, 0, NULL), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(several_buffers)
{
	hoy_conn *a, *b;
	char one[4] = "", two[8] = "";
	const struct iovec out[] = { { (char[]){ "ab" }, 2 }, { NULL, 0 }, { (char[]){ "cdefg" }, 5 } };
	const struct iovec in[] = { { one, 3 }, { two, 7 } };

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_writev(a, out, 3, NULL), 7);
	CHECK_INT(hoy_conn_readv(b, in, 2, NULL), 7);
	CHECK_STR(one, "abc", "the first buffer is filled first");
	CHECK_STR(two, "defg", "then the second");
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

struct flood {
	hoy_conn *conn;
	size_t total;
};

static int drain(void *at)
{
	struct flood *f = at;
	unsigned char buf[5000], next = 0;
	ssize_t n;

	while ((n = hoy_conn_read(f->conn, buf, sizeof buf, NULL)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != next++)
				return -1;
		f->total += (size_t)n;
	}
	return (int)n;
}

/* Both shapes of a write that no socket buffer holds. */
BOTH(a_write_is_all_or_an_error)
{
	enum { SIZE = 1 << 20 };
	unsigned char *data = malloc(SIZE);
	struct flood f = { 0 };
	struct started s;
	struct iovec parts[7];
	hoy_conn *a;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)i;
	make_pair(&a, &f.conn);
	hoy_conn_set_write_buffer(a, 4096, NULL);
	start(&s, drain, &f);
	CHECK_INT(hoy_conn_write(a, data, SIZE, NULL), SIZE);
	for (int i = 0; i < 7; i++)
		parts[i] = (struct iovec){ data + (size_t)i * (SIZE / 8), SIZE / 8 };
	CHECK_INT(hoy_conn_writev(a, parts, 7, NULL), SIZE / 8 * 7);
	hoy_conn_close(a, NULL);
	CHECK_INT(finish(&s), 0);
	CHECK_INT((long long)f.total, SIZE + SIZE / 8 * 7);
	hoy_conn_free(a);
	hoy_conn_free(f.conn);
	free(data);
	return 0;
}

BOTH(a_deadline_ends_the_call_and_not_the_connection)
{
	hoy_conn *a, *b;
	hoy_time began = hoy_now();
	char buf[4];

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_set_read_deadline(a, hoy_in(30 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), HOY_ETIMEOUT);
	CHECK(since(began) >= 30 * HOY_MILLISECOND);
	hoy_conn_write(b, "late", 4, NULL);
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), HOY_ETIMEOUT);	/* even when data is ready */
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), 1);				/* the other direction has its own */
	CHECK_INT(hoy_conn_set_read_deadline(a, (hoy_time){ 0 }, NULL), 0);
	CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), 4);
	CHECK_INT(hoy_conn_set_deadline(a, past(), NULL), 0);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_set_deadline(a, hoy_in(HOY_HOUR), NULL), 0);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), 1);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int read_once(void *at)
{
	char buf[8];

	return (int)hoy_conn_read(at, buf, sizeof buf, NULL);
}

BOTH(a_deadline_set_meanwhile_counts)
{
	hoy_conn *a, *b;
	struct started s;

	make_pair(&a, &b);
	hoy_conn_set_read_deadline(a, hoy_in(HOY_HOUR), NULL);
	start(&s, read_once, a);
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_conn_set_read_deadline(a, past(), NULL);
	CHECK_INT(finish(&s), HOY_ETIMEOUT);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(a_write_that_times_out_says_how_much_went)
{
	enum { SIZE = 16 << 20 };
	char *data = calloc(1, SIZE), *got = NULL;
	hoy_conn *a, *b;
	hoy_err err;
	ssize_t n;

	make_pair(&a, &b);
	hoy_conn_set_write_deadline(a, hoy_in(50 * HOY_MILLISECOND), NULL);
	CHECK_INT(hoy_conn_write(a, data, SIZE, &err), HOY_ETIMEOUT);
	CHECK(err.done > 0 && err.done < SIZE);
	hoy_conn_close(a, NULL);
	n = hoy_read_all(b, &got, 0, NULL);
	CHECK_INT(n, (long long)err.done);
	hoy_free(got);
	hoy_conn_free(a);
	hoy_conn_free(b);
	free(data);
	return 0;
}

static int write_much(void *at)
{
	static char data[1 << 20];
	int code = 0;

	while (code == 0)
		code = (int)hoy_conn_write(at, data, sizeof data, NULL) < 0 ? HOY_ECLOSED : 0;
	return code;
}

BOTH(close_wakes_everybody)
{
	enum { READERS = 5 };
	struct started reader[READERS], writer;
	hoy_conn *a, *b;

	make_pair(&a, &b);
	for (int i = 0; i < READERS; i++)
		start(&reader[i], read_once, a);
	start(&writer, write_much, a);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(a, NULL), 0);
	for (int i = 0; i < READERS; i++)
		CHECK_INT(finish(&reader[i]), HOY_ECLOSED);
	CHECK_INT(finish(&writer), HOY_ECLOSED);
	CHECK_INT(hoy_conn_close(a, NULL), HOY_ECLOSED);
	CHECK_INT(read_once(a), HOY_ECLOSED);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), HOY_ECLOSED);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(free_of_nothing_is_nothing)
{
	hoy_conn_free(NULL);
	hoy_listener_free(NULL);
	hoy_reader_free(NULL);
	hoy_free(NULL);
	return 0;
}

struct speaker {
	hoy_conn *conn;
	char letter;
};

static int speak(void *at)
{
	struct speaker *s = at;
	char line[3000];

	memset(line, s->letter, sizeof line);
	for (int i = 0; i < 50; i++)
		if (hoy_conn_write(s->conn, line, sizeof line, NULL) < 0)
			return -1;
	return 0;
}

BOTH(two_writers_never_interleave)
{
	struct speaker who[2];
	struct started s[2];
	char line[3000];
	int count[2] = { 0 };
	hoy_conn *a, *b;

	make_pair(&a, &b);
	hoy_conn_set_write_buffer(a, 4096, NULL);
	for (int i = 0; i < 2; i++) {
		who[i] = (struct speaker){ a, (char)('a' + i) };
		start(&s[i], speak, &who[i]);
	}
	for (int i = 0; i < 100; i++) {
		if (!CHECK_INT(hoy_read_full(b, line, sizeof line, NULL), sizeof line))
			break;
		CHECK(line[0] == 'a' || line[0] == 'b');
		CHECK(memcmp(line, line + 1, sizeof line - 1) == 0);
		count[line[0] == 'b']++;
	}
	CHECK_INT(count[0], 50);
	CHECK_INT(count[1], 50);
	for (int i = 0; i < 2; i++)
		CHECK_INT(finish(&s[i]), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(a_reset_by_the_peer)
{
	hoy_conn *a, *b;

	make_pair(&a, &b);
	CHECK_INT(hoy_tcp_set_linger(b, 0, NULL), 0);
	hoy_conn_free(b);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(read_once(a), -ECONNRESET);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), -EPIPE);	/* and no signal has come */
	hoy_conn_free(a);
	return 0;
}

/* Calls of every shape that wait on a connection or a listener, and want to tell how they failed. */
struct inside {
	void *at;
	hoy_err err;
	hoy_fn *call;
	atomic_int begun;
};

static int go_in(void *at)
{
	struct inside *in = at;

	atomic_store(&in->begun, 1);
	return in->call(in);
}

/* Until the call has surely come to wait: to start it after free would be the user's fault. */
static void until_inside(struct inside *in)
{
	while (!atomic_load(&in->begun))
		hoy_sleep(HOY_MILLISECOND);
	hoy_sleep(50 * HOY_MILLISECOND * t_scale());
}

static int in_read(void *at)
{
	struct inside *in = at;
	char buf[8];

	return (int)hoy_conn_read(in->at, buf, sizeof buf, &in->err);
}

static int in_readv(void *at)
{
	struct inside *in = at;
	char buf[8];
	struct iovec iov[2] = { { buf, 4 }, { buf + 4, 4 } };

	return (int)hoy_conn_readv(in->at, iov, 2, &in->err);
}

static int in_read_full(void *at)
{
	struct inside *in = at;
	char buf[8];

	return (int)hoy_read_full(in->at, buf, sizeof buf, &in->err);
}

static int in_read_all(void *at)
{
	struct inside *in = at;
	char *data;

	return (int)hoy_read_all(in->at, &data, 0, &in->err);
}

static int in_copy(void *at)
{
	struct inside *in = at;

	return (int)hoy_copy(in->at, in->at, &in->err);
}

static int in_write(void *at)
{
	static char data[1 << 20];
	struct inside *in = at;
	int code;

	while ((code = (int)hoy_conn_write(in->at, data, sizeof data, &in->err)) > 0)
		;
	return code;
}

static int in_accept(void *at)
{
	struct inside *in = at;

	return hoy_listener_accept(in->at, &in->err) ? 0 : in->err.code;
}

BOTH(free_waits_for_nobody_and_takes_nothing_away)
{
	hoy_fn *const calls[] = { in_read, in_readv, in_read_full, in_read_all, in_copy, in_write };

	for (size_t i = 0; i <= LEN(calls); i++) {
		bool listener = i == LEN(calls);
		struct inside in = { 0 };
		struct started s;
		hoy_conn *a = NULL, *b = NULL;
		char text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN], ends[2][HOY_ADDR_STRLEN];
		hoy_addr addr;

		if (listener) {
			in.at = listen_on("tcp", "127.0.0.1:0");
			snprintf(want, sizeof want, "accept tcp %s: use of closed network connection",
				 address_of(in.at, ends[0]));
		} else {
			make_pair(&a, &b);
			in.at = a;
			hoy_conn_local_addr(a, &addr);
			hoy_addr_string(&addr, ends[0]);
			hoy_conn_remote_addr(a, &addr);
			snprintf(want, sizeof want, "%s tcp %s->%s: use of closed network connection",
				 calls[i] == in_write ? "write" : "read", ends[0], hoy_addr_string(&addr, ends[1]));
		}
		in.call = listener ? in_accept : calls[i];
		start(&s, go_in, &in);
		until_inside(&in);
		if (listener)
			hoy_listener_free(in.at);
		else
			hoy_conn_free(a);
		CHECK_INT(finish(&s), HOY_ECLOSED);
		CHECK_STR(hoy_err_string(&in.err, text), want, "told from memory that is still there");
		hoy_conn_free(b);
	}
	return 0;
}
