/*
 * A thousand tasks blocked in read, write and accept, some queued behind others on the
 * same connection: close ends each of their calls once, with HOY_ECLOSED and nothing
 * else, while another task opens and closes descriptors so that every number just given
 * back is at once somebody else's.
 */
#include <stdatomic.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/clients.h"
#include "t.h"

enum { READERS = 400, WRITERS = 300, ACCEPTERS = 300, SHARE = 3 };

static atomic_int blocked, woken, churned, stop;
static hoy_wait_group all;

static int read_one(void *conn)
{
	char byte;

	atomic_fetch_add(&blocked, 1);
	CHECK_INT(hoy_conn_read(conn, &byte, 1, NULL), HOY_ECLOSED);
	atomic_fetch_add(&woken, 1);
	CHECK_INT(hoy_conn_read(conn, &byte, 1, NULL), HOY_ECLOSED);
	hoy_wait_group_done(&all);
	return 0;
}

static int write_much(void *conn)
{
	static char lot[8 << 20];
	hoy_err err;

	atomic_fetch_add(&blocked, 1);
	CHECK_INT(hoy_conn_write(conn, lot, sizeof lot, &err), HOY_ECLOSED);
	CHECK(err.done < sizeof lot);
	atomic_fetch_add(&woken, 1);
	hoy_wait_group_done(&all);
	return 0;
}

static int accept_one(void *listener)
{
	hoy_err err;

	atomic_fetch_add(&blocked, 1);
	CHECK(hoy_listener_accept(listener, &err) == NULL);
	CHECK_INT(err.code, HOY_ECLOSED);
	atomic_fetch_add(&woken, 1);
	hoy_wait_group_done(&all);
	return 0;
}

/* Connects, checks an echo, closes: over and over, with a listener of its own. */
static int churn(void *port)
{
	char address[32], out[8], in[8];

	snprintf(address, sizeof address, "127.0.0.1:%d", *(int *)port);
	for (int i = 0; !atomic_load(&stop); i++) {
		hoy_conn *c = hoy_dial("tcp", address, NULL);

		if (!CHECK(c != NULL))
			break;
		snprintf(out, sizeof out, "%07d", i % 10000000);
		CHECK_INT(hoy_conn_write(c, out, sizeof out, NULL), sizeof out);
		CHECK_INT(hoy_read_full(c, in, sizeof in, NULL), sizeof in);
		CHECK_STR(in, out, "churned echo");
		hoy_conn_free(c);
		atomic_fetch_add(&churned, 1);
	}
	hoy_wait_group_done(&all);
	return 0;
}

static void start(hoy_fn *fn, void *arg)
{
	hoy_wait_group_add(&all, 1);
	CHECK_INT(hoy_go(fn, arg), 0);
}

struct pair {
	hoy_conn *near, *far;
};

static void connect_pair(hoy_listener *l, struct pair *p)
{
	char address[32];

	snprintf(address, sizeof address, "127.0.0.1:%d", port_of(l));
	p->near = hoy_dial("tcp", address, NULL);
	p->far = hoy_listener_accept(l, NULL);
	CHECK(p->near && p->far);
	CHECK_INT(hoy_conn_set_write_buffer(p->near, 4096, NULL), 0);
}

/* Every third task, so that two are always queued behind one that is in the call. */
static int close_under_load(void *arg)
{
	static struct pair readers[READERS / SHARE + 1], writers[WRITERS / SHARE];
	static hoy_listener *accepters[ACCEPTERS / SHARE];
	hoy_wait_group service = { 0 };
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL), *churning = serve_in_background(echo, &service);
	int port = port_of(churning);

	(void)arg;
	for (int i = 0; i < READERS; i++) {
		if (i % SHARE == 0)
			connect_pair(l, &readers[i / SHARE]);
		start(read_one, readers[i / SHARE].near);
	}
	for (int i = 0; i < WRITERS; i++) {
		if (i % SHARE == 0)
			connect_pair(l, &writers[i / SHARE]);
		start(write_much, writers[i / SHARE].near);
	}
	for (int i = 0; i < ACCEPTERS; i++) {
		if (i % SHARE == 0)
			CHECK((accepters[i / SHARE] = hoy_listen("tcp", "127.0.0.1:0", NULL)) != NULL);
		start(accept_one, accepters[i / SHARE]);
	}
	start(churn, &port);
	while (atomic_load(&blocked) < READERS + WRITERS + ACCEPTERS || atomic_load(&churned) < 100)
		hoy_sleep(HOY_MILLISECOND);
	hoy_sleep(50 * HOY_MILLISECOND);
	CHECK_INT(atomic_load(&woken), 0);

	for (size_t i = 0; i < LEN(readers); i++) {
		CHECK_INT(hoy_conn_close(readers[i].near, NULL), 0);
		CHECK_INT(hoy_conn_close(readers[i].near, NULL), HOY_ECLOSED);
		if (i < LEN(writers))
			CHECK_INT(hoy_conn_close(writers[i].near, NULL), 0);
		if (i < LEN(accepters))
			CHECK_INT(hoy_listener_close(accepters[i], NULL), 0);
		if (i % 10 == 0)
			hoy_sleep(HOY_MILLISECOND);
	}
	for (int i = 0; i < 5000 && atomic_load(&woken) < READERS + WRITERS + ACCEPTERS; i++)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(atomic_load(&woken), READERS + WRITERS + ACCEPTERS);
	atomic_store(&stop, 1);
	hoy_wait_group_wait(&all);

	for (size_t i = 0; i < LEN(readers); i++) {
		hoy_conn_free(readers[i].near);
		hoy_conn_free(readers[i].far);
		if (i >= LEN(writers))
			continue;
		hoy_conn_free(writers[i].near);
		hoy_conn_free(writers[i].far);
		hoy_listener_free(accepters[i]);
	}
	hoy_listener_close(churning, NULL);
	hoy_wait_group_wait(&service);
	hoy_listener_free(churning);
	hoy_listener_free(l);
	return 0;
}

TEST(close_wakes_each_once_on_one_worker)
{
	const hoy_run_opts one = { .workers = 1 };

	CHECK_INT(hoy_run_with(&one, close_under_load, NULL), 0);
}

TEST(close_wakes_each_once_on_four_workers)
{
	const hoy_run_opts four = { .workers = 4 };

	CHECK_INT(hoy_run_with(&four, close_under_load, NULL), 0);
}
