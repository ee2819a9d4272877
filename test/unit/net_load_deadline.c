/*
 * Ten thousand deadlines pass while bytes are on their way: what the expired calls did
 * not take is there for the next ones, and what they took was told.
 */
#include <stdatomic.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/clients.h"
#include "t.h"

enum { FLOWS = 50, EXPIRIES = 10000 };

static atomic_int expired;
static hoy_wait_group all;

/* One direction of a connection: its bytes, and how many went in. */
struct flow {
	hoy_conn *from, *to;
	uint64_t seed;
	atomic_size_t sent;
};

static bool enough(void)
{
	return atomic_load(&expired) >= SCALED(EXPIRIES);
}

/* Small writes with pauses around the length of the reader's deadline. */
static int write_slowly(void *arg)
{
	struct flow *f = arg;
	struct stream s, pauses;
	uint8_t buf[64];

	stream_init(&s, f->seed);
	stream_init(&pauses, f->seed + 1000);
	while (!enough()) {
		size_t len = 1 + stream_number(&pauses, sizeof buf);

		stream_bytes(&s, buf, len);
		CHECK_INT(hoy_conn_write(f->from, buf, len, NULL), (long)len);
		atomic_fetch_add(&f->sent, len);
		hoy_sleep(stream_number(&pauses, 2000) * HOY_MICROSECOND);
	}
	CHECK_INT(hoy_conn_close_write(f->from, NULL), 0);
	hoy_wait_group_done(&all);
	return 0;
}

static int read_with_deadlines(void *arg)
{
	struct flow *f = arg;
	struct stream s;
	size_t total = 0;
	uint8_t buf[50];
	ssize_t n = 1;

	stream_init(&s, f->seed);
	while (n) {
		hoy_err err;

		CHECK_INT(hoy_conn_set_read_deadline(f->to, hoy_in(700 * HOY_MICROSECOND), &err), 0);
		n = hoy_conn_read(f->to, buf, sizeof buf, &err);
		if (n < 0) {
			if (!CHECK_INT(n, HOY_ETIMEOUT))
				break;
			atomic_fetch_add(&expired, 1);
			continue;
		}
		CHECK(stream_matches(&s, buf, (size_t)n));
		total += (size_t)n;
	}
	CHECK_INT(total, atomic_load(&f->sent));
	hoy_wait_group_done(&all);
	return 0;
}

/* Blocks of more than the kernel takes; after a deadline it goes on where err->done says. */
static int write_with_deadlines(void *arg)
{
	struct flow *f = arg;
	struct stream s;
	uint8_t buf[20000];

	stream_init(&s, f->seed);
	while (!enough()) {
		size_t sent = 0;

		stream_bytes(&s, buf, sizeof buf);
		while (sent < sizeof buf) {
			hoy_err err = { 0 };

			CHECK_INT(hoy_conn_set_write_deadline(f->from, hoy_in(700 * HOY_MICROSECOND), &err), 0);
			ssize_t n = hoy_conn_write(f->from, buf + sent, sizeof buf - sent, &err);
			if (n < 0 && !CHECK_INT(n, HOY_ETIMEOUT))
				goto out;
			if (n < 0)
				atomic_fetch_add(&expired, 1);
			sent += n < 0 ? err.done : (size_t)n;
		}
		atomic_fetch_add(&f->sent, sent);
	}
out:
	CHECK_INT(hoy_conn_close_write(f->from, NULL), 0);
	hoy_wait_group_done(&all);
	return 0;
}

static int read_slowly(void *arg)
{
	struct flow *f = arg;
	struct stream s;
	size_t total = 0;
	uint8_t buf[3000];
	ssize_t n;

	stream_init(&s, f->seed);
	while ((n = hoy_conn_read(f->to, buf, sizeof buf, NULL)) > 0) {
		CHECK(stream_matches(&s, buf, (size_t)n));
		total += (size_t)n;
		if (!enough())
			hoy_sleep(HOY_MILLISECOND);
	}
	CHECK_INT(n, 0);
	CHECK_INT(total, atomic_load(&f->sent));
	hoy_wait_group_done(&all);
	return 0;
}

struct halves {
	hoy_fn *write, *read;
};

static int run_flows(void *arg)
{
	static struct flow flows[FLOWS];
	const struct halves *halves = arg;
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	char address[32];

	snprintf(address, sizeof address, "127.0.0.1:%d", port_of(l));
	hoy_wait_group_add(&all, 2 * FLOWS);
	for (int i = 0; i < FLOWS; i++) {
		struct flow *f = &flows[i];

		f->seed = (uint64_t)i;
		f->from = hoy_dial("tcp", address, NULL);
		f->to = hoy_listener_accept(l, NULL);
		CHECK(f->from && f->to);
		CHECK_INT(hoy_conn_set_write_buffer(f->from, 4096, NULL), 0);
		CHECK_INT(hoy_conn_set_read_buffer(f->to, 4096, NULL), 0);
		CHECK_INT(hoy_go(halves->write, f), 0);
		CHECK_INT(hoy_go(halves->read, f), 0);
	}
	hoy_wait_group_wait(&all);
	CHECK(enough());
	for (int i = 0; i < FLOWS; i++) {
		hoy_conn_free(flows[i].from);
		hoy_conn_free(flows[i].to);
	}
	hoy_listener_free(l);
	return 0;
}

TEST(expired_reads_lose_nothing)
{
	struct halves halves = { write_slowly, read_with_deadlines };

	CHECK_INT(hoy_run(run_flows, &halves), 0);
}

TEST(expired_writes_lose_nothing)
{
	struct halves halves = { write_with_deadlines, read_slowly };

	CHECK_INT(hoy_run(run_flows, &halves), 0);
}
