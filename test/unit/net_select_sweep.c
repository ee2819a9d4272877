/*
 * Every system call and every allocation around a select of a listener, a connection and a channel, made to fail one after the
 * other. The select returns the failure, or its case has it; nothing is left open or allocated, and the next run succeeds.
 */
#include <hoy.h>

#define TEST_LIMIT 120
#include "t.h"
#include "support/sweep.h"

static char name[40];

static hoy_time late(void)
{
	return hoy_in(5 * t_scale() * HOY_SECOND);
}

/* The code of the case that happens, or why none did; -EILSEQ for another case than wanted. */
static int select_case(hoy_case *cases, size_t n, int wanted)
{
	int code, i = hoy_select(cases, n, &code);

	return i < 0 ? i : code < 0 ? code : i == wanted ? 0 : -EILSEQ;
}

struct work {
	hoy_conn *conn;
	hoy_chan *chan;
};

static int answer(void *arg)
{
	struct work *w = arg;
	char c;
	int code = (int)hoy_conn_read(w->conn, &c, 1, NULL);

	if (code == 1)
		code = (int)hoy_conn_write(w->conn, &c, 1, NULL);
	hoy_conn_close(w->conn, NULL);
	hoy_chan_close(w->chan);
	return code < 0 ? code : 0;
}

/* A byte there and back, then the end of the connection and of the channel, in either order. */
static int exchange(hoy_conn *c, struct work *w)
{
	hoy_err err = { 0 };
	hoy_case cases[] = { HOY_READABLE(c), HOY_UNTIL(late()), HOY_RECV(w->chan, NULL), HOY_WRITABLE(c) };
	int code = select_case(&cases[3], 1, 0);
	char byte = 'x';

	if (code == 0 && hoy_conn_write(c, &byte, 1, &err) < 0)
		code = told(&err);
	if (code == 0)
		code = select_case(cases, 2, 0);
	if (code == 0 && hoy_conn_read(c, &byte, 1, &err) < 0)
		code = told(&err);
	if (code == 0 && (code = select_case(&cases[1], 2, 1)) == HOY_ECLOSED)
		code = 0;
	return code;
}

static int select_all(void *unused)
{
	hoy_err err = { 0 };
	struct work w = { .chan = hoy_chan_new(0, 0) };
	hoy_listener *l = hoy_listen("unix", name, &err);
	hoy_conn *c = NULL;
	hoy_group *g = hoy_group_new();
	int code = !w.chan || !g ? -ENOMEM : l ? 0 : told(&err), ended;

	(void)unused;
	if (code == 0) {
		hoy_case cases[] = { HOY_ACCEPT(l, &w.conn), HOY_RECV(w.chan, NULL), HOY_UNTIL(late()) };

		c = hoy_dial("unix", name, &err);
		code = c ? select_case(cases, LEN(cases), 0) : told(&err);
	}
	if (code == 0) {
		CHECK(w.conn != NULL);
		code = hoy_group_go(g, answer, &w);
	}
	if (code == 0)
		code = exchange(c, &w);
	hoy_conn_free(c);
	if (code < 0 && w.chan)
		hoy_chan_close(w.chan);
	ended = g ? hoy_group_wait(g) : 0;
	if (ended < 0 && (ended != -EPIPE || code == 0))	/* a broken pipe is what the other end's failure looks like here */
		code = ended;
	hoy_group_free(g);
	hoy_conn_free(w.conn);
	hoy_listener_free(l);
	hoy_chan_free(w.chan);
	return code;
}

/* A test of another build may run at the same time. */
static void select_sweep(long step, int fault)
{
	snprintf(name, sizeof name, "@hoy-select-%ld", (long)getpid());
	sweep(select_all, step, fault, false);
}

TEST(system_calls) { select_sweep(1, 0); }
TEST(out_of_memory) { select_sweep(1, -ENOMEM); }
TEST(allocations) { select_sweep(-1, 0); }
