/* Writes out of the lent buffer that cannot be finished at once, and what may fail on the way. */
#include <errno.h>
#include <stdlib.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/fault_os.h"
#include "t.h"

enum { CONNS = 16, LENGTH = 100000 };

struct stream {
	hoy_conn *c;
	int number, *left;
};

static void echo_lent(hoy_conn *c, void *arg)
{
	const void *data;
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read_lent(c, &data, NULL)) > 0)
		if (hoy_conn_write(c, data, (size_t)n, NULL) < 0)
			break;
}

static char byte_at(int stream, size_t i)
{
	return (char)(i % 251 + (size_t)stream * 7);
}

static int talk(void *arg)
{
	struct stream *s = arg;
	char *out = malloc(LENGTH), *in = malloc(LENGTH);

	for (size_t i = 0; i < LENGTH; i++)
		out[i] = byte_at(s->number, i);
	for (size_t at = 0; at < LENGTH; at += 5000) {
		CHECK_INT(hoy_conn_write(s->c, out + at, 5000, NULL), 5000);
		CHECK_INT(hoy_read_full(s->c, in + at, 5000, NULL), 5000);
	}
	CHECK(memcmp(in, out, LENGTH) == 0);
	free(in);
	free(out);
	hoy_conn_free(s->c);
	--*s->left;
	return 0;
}

static int serve(void *l)
{
	return hoy_serve(l, echo_lent, NULL, NULL, NULL);
}

static hoy_listener *serve_here(char text[HOY_ADDR_STRLEN])
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	hoy_addr_string(&addr, text);
	hoy_go(serve, l);
	return l;
}

static int talk_in_a_storm(void *arg)
{
	struct stream s[CONNS];
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l = serve_here(address);
	int left = CONNS;

	(void)arg;
	for (int i = 0; i < CONNS; i++) {
		s[i] = (struct stream){ hoy_dial("tcp", address, NULL), i, &left };
		CHECK_INT(hoy_go(talk, &s[i]), 0);
	}
	while (left)
		hoy_sleep(5 * HOY_MILLISECOND);
	hoy_listener_close(l, NULL);
	return 0;
}

/* Every second or third time there is no room: each echo moves what it has. */
TEST(no_room_to_write)
{
	static const hoy_run_opts one = { .workers = 1 };

	fault_install();
	for (int period = 2; period <= 3; period++) {
		fault_reset();
		fault_storm(FAULT_send, period, -EAGAIN);
		CHECK_INT(hoy_run_with(&one, talk_in_a_storm, NULL), 0);
	}
}

/* A connection that takes words one at a time, and lets others run meanwhile. */
static ssize_t take_slowly(void *self, const void *buf, size_t len)
{
	char **at = self;
	size_t n = len < 3 ? len : 3;

	hoy_yield();
	memcpy(*at, buf, n);
	*at += n;
	return (ssize_t)n;
}

struct overwriting {
	hoy_conn *a, *b;
	int code;
	size_t done;
};

static int echo_one(void *arg)
{
	struct overwriting *o = arg;
	const void *data;
	hoy_err err = { 0 };
	ssize_t n = hoy_conn_read_lent(o->a, &data, &err);

	CHECK_INT(n, 5);
	n = hoy_conn_write(o->b, data, 5, &err);
	o->code = n < 0 ? (int)n : 0;
	o->done = err.done;
	return 0;
}

static int write_to_an_own_conn(void *arg)
{
	static const hoy_conn_ops ops = { .network = "slow", .write = take_slowly };
	static char got[16], *at = got;
	char address[HOY_ADDR_STRLEN], byte[5];
	hoy_listener *l = serve_here(address);
	hoy_conn *in = hoy_dial("tcp", address, NULL), *other = hoy_dial("tcp", address, NULL);
	struct overwriting o = { in, hoy_conn_new(&ops, &at, NULL), 1, 0 };

	(void)arg;
	CHECK_INT(hoy_conn_write(in, "right", 5, NULL), 5);
	CHECK_INT(hoy_conn_write(other, "wrong", 5, NULL), 5);
	CHECK_INT(hoy_go(echo_one, &o), 0);
	CHECK_INT(hoy_read_full(other, byte, 5, NULL), 5);	/* its echo has used the buffer */
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(o.code, 0);
	CHECK_STR(got, "right", "what arrived");
	hoy_conn_free(in);
	hoy_conn_free(other);
	hoy_conn_free(o.b);
	hoy_listener_close(l, NULL);
	return 0;
}

TEST(a_writer_of_ones_own_lets_others_run)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, write_to_an_own_conn, NULL), 0);
}

/* Without memory for a copy, which a connection without a descriptor needs: err says so. */
static void no_memory_for_a_copy(const void *lent)
{
	hoy_conn *end[2];
	const void *data;
	hoy_err err = { 0 };

	CHECK_INT(hoy_pipe(&end[0], &end[1], NULL), 0);
	fault_alloc_at(1);
	CHECK_INT(hoy_conn_read_lent(end[0], &data, &err), -ENOMEM);
	CHECK_INT(err.code, -ENOMEM);
	err.code = 0;
	fault_alloc_at(1);
	CHECK_INT(hoy_conn_write(end[1], lent, 2, &err), -ENOMEM);
	CHECK_INT(err.code, -ENOMEM);
	fault_reset();
	hoy_conn_free(end[0]);
	hoy_conn_free(end[1]);
}

/* Without memory for the rest, the write fails and says how much went out. */
static int no_memory_for_the_rest(void *arg)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l = serve_here(address);
	hoy_conn *in = hoy_dial("tcp", address, NULL), *out = hoy_dial("tcp", address, NULL);
	const void *data;

	(void)arg;
	CHECK_INT(hoy_conn_write(in, "right", 5, NULL), 5);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_read_lent(in, &data, NULL), 5);	/* the buffer exists now */
	CHECK_INT(hoy_conn_write(in, "right", 5, NULL), 5);
	hoy_sleep(20 * HOY_MILLISECOND);
	fault_reset();
	fault_cut(2);
	CHECK_INT(hoy_conn_read_lent(in, &data, NULL), 2);
	fault_entry_at(FAULT_send, 2, -EAGAIN);
	fault_alloc_at(1);
	fault_cut(1);
	hoy_err err = { 0 };
	CHECK_INT(hoy_conn_write(out, data, 2, &err), -ENOMEM);
	CHECK_INT(err.done, 1);
	fault_reset();
	CHECK_INT(hoy_conn_write(out, "x", 1, &err), 1);	/* the lock is free again */
	no_memory_for_a_copy(data);
	hoy_conn_free(in);
	hoy_conn_free(out);
	hoy_listener_close(l, NULL);
	return 0;
}

TEST(out_of_memory)
{
	fault_install();
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, no_memory_for_the_rest, NULL), 0);
}
