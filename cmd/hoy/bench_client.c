/*
 * A client's life: when it asks, on which connection, and how long the answer took.
 *
 * In the open loop a request has its moment, whatever became of the one before, and latency counts from that moment. A server
 * that stalls for a second is then seen to be slow by all who would have come in that second. In the closed loop a client
 * waits for its answer and asks again, so a stall delays one request of each client and hides those that were never
 * sent (coordinated omission).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench.h"

/* After a failure in the closed loop, which would otherwise fail as fast as it can. */
#define PAUSE (100 * HOY_MILLISECOND)

/* After the end of the load, for what a client could not send before it. */
#define GRACE HOY_SECOND

struct gate connected, finished;
hoy_chan *started;

static void gate_pass(struct gate *g)
{
	if (atomic_fetch_sub(&g->left, 1) == 1)
		hoy_chan_close(g->opened);
}

int client_cut(const struct client *c, hoy_err *err)
{
	*err = (hoy_err){ .code = HOY_EEOF, .kind = HOY_ERR_PLAIN, .op = "read" };
	hoy_conn_local_addr(c->conn, &err->source);
	hoy_conn_remote_addr(c->conn, &err->addr);
	snprintf(err->net, sizeof err->net, "%s", hoy_addr_network(&err->addr));
	return err->code;
}

/* ---- its connections ---- */

static int dial(struct client *c, hoy_err *err)
{
	static atomic_llong dialled = 1;	/* connection 0 is the one that found the address */
	hoy_addr own = { .kind = HOY_ADDR_UNIXGRAM };
	hoy_dialer d = { .timeout = bench.timeout, .keep_alive = -1 };

	c->conn_number = atomic_fetch_add(&dialled, 1);
	c->offset = 0;
	c->answers = 0;
	c->is_last = false;
	if (!strcmp(bench.network, "unixgram")) {	/* without a name it would get no answer */
		snprintf(own.path, sizeof own.path, "@hoy-bench-%d-%lld", (int)getpid(), c->conn_number);
		d.local_addr = &own;
	}
	c->conn = hoy_dialer_dial_addr(&d, bench.network, &bench.addr, err);
	return c->conn ? 0 : err->code;
}

static void drop(struct client *c)
{
	hoy_reader_free(c->reader);
	c->reader = NULL;
	hoy_conn_free(c->conn);
	c->conn = NULL;
}

static int ask(struct client *c, hoy_err *err)
{
	if (!c->conn) {
		tally_count(c, &tally.reconnects, 1);
		if (dial(c, err) < 0)
			return err->code;
	}
	hoy_conn_set_deadline(c->conn, hoy_in(bench.timeout), NULL);
	return bench.protocol->ask(c, err);
}

/* ---- its requests ---- */

static hoy_time end_of_load(void)
{
	return (hoy_time){ atomic_load(&bench.end) };
}

static void count(const struct client *c, hoy_duration latency, int code, const hoy_err *err)
{
	if (code >= 0)
		tally_answer(c, latency);
	else if (hoy_is_canceled(code))
		tally_given_up(c, latency, &tally.in_flight);
	else
		tally_failure(c, latency, err);
}

/* One request, which is or was due at that moment. Negative when it failed. */
static int measure(struct client *c, hoy_time due)
{
	hoy_err err = { 0 };
	int code;

	c->counts = !hoy_time_before(due, bench.start) && hoy_time_before(due, end_of_load());
	code = ask(c, &err);
	if (code == ANSWER_STALE) {
		drop(c);
		code = ask(c, &err);
	}
	count(c, hoy_time_sub(hoy_now(), due), code, &err);
	c->answers++;
	if (code != ANSWER_RIGHT || c->is_last)
		drop(c);
	return code;
}

/* When the client's i-th request is due: the requests of all clients in turn are 1/rate apart. */
static hoy_time due_at(const struct client *c, int64_t i)
{
	int64_t n = c->number + i * bench.connections;

	return hoy_time_add(bench.origin, n / bench.rate * HOY_SECOND + n % bench.rate * HOY_SECOND / bench.rate);
}

/* How late it then is, is this program's own fault. Negative when Ctrl-C came first. */
static int sleep_until(hoy_time due)
{
	int code = hoy_sleep(hoy_time_sub(due, hoy_now()));

	if (code == 0 && !hoy_time_before(due, bench.start))
		histogram_add(&tally.lateness, hoy_time_sub(hoy_now(), due));
	return code;
}

static void run_open_loop(struct client *c)
{
	bool is_canceled = false;
	int64_t i = 0;
	hoy_time due, now;

	for (; !is_canceled && hoy_time_before(due = due_at(c, i), end_of_load()); i++) {
		now = hoy_now();
		if (hoy_time_before(now, due) ? sleep_until(due) < 0 : hoy_time_sub(now, end_of_load()) > GRACE)
			break;
		is_canceled = hoy_is_canceled(measure(c, due));
	}
	for (; hoy_time_before(due = due_at(c, i), end_of_load()); i++) {
		c->counts = !hoy_time_before(due, bench.start);
		tally_given_up(c, hoy_time_sub(hoy_now(), due), &tally.unsent);
	}
	hoy_sleep(hoy_time_sub(end_of_load(), hoy_now()));
}

static void run_closed_loop(struct client *c)
{
	for (hoy_time now; hoy_time_before(now = hoy_now(), end_of_load()); )
		if (measure(c, now) < 0)
			hoy_sleep(PAUSE);
}

int client_run(void *client)
{
	struct client *c = client;
	hoy_err err;

	prctl(PR_SET_TIMERSLACK, 1);	/* of the thread that this task stays on: timers are 50 us late by default */
	c->message = must(malloc((size_t)bench.size));
	if (!c->conn)
		dial(c, &err);		/* a failure shows again in the first request */
	gate_pass(&connected);
	if (hoy_chan_recv(started, NULL) == HOY_ECLOSED)
		(bench.rate ? run_open_loop : run_closed_loop)(c);
	drop(c);
	free(c->message);
	gate_pass(&finished);
	return 0;
}
