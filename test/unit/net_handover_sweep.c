/*
 * Every system call and every allocation of a hand-over, made to fail one after the other. Either it happens, or one of the two
 * says why not, and the predecessor has its listener still; nothing is left open or allocated, and nobody waits for ever.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "t.h"

static char path[64];

struct generation {
	hoy_handover *h;
	hoy_listener *l;
};

static int begin(struct generation *g)
{
	hoy_err err = { 0 };
	char text[HOY_ERR_STRLEN];

	*g = (struct generation){ .h = hoy_handover_open(path, &err) };
	if (g->h)
		g->l = hoy_handover_listen(g->h, NULL, "tcp", "127.0.0.1:0", &err);
	if (!g->l)
		CHECK(err.code < 0 && err.op && *hoy_err_string(&err, text));
	return g->l ? 0 : err.code;
}

static void end(struct generation *g)
{
	hoy_handover_free(g->h);
	hoy_listener_free(g->l);
}

static int wait_in(void *h)
{
	hoy_handover_wait(h, NULL);
	return 0;
}

static uint16_t port_of(const struct generation *g)
{
	hoy_addr addr;

	hoy_listener_addr(g->l, &addr);
	return addr.port;
}

static struct generation old, new;

static int take_over(void)
{
	hoy_err err = { 0 };
	int code = begin(&new);

	if (code == 0 && hoy_handover_is_successor(new.h) && port_of(&old) && port_of(&new))
		CHECK_INT(port_of(&new), port_of(&old));
	return code < 0 ? code : hoy_handover_ready(new.h, &err);
}

/* The predecessor's end is left to the end of the run, which ends its wait. */
static int scenario(void *unused)
{
	int code = begin(&old);

	(void)unused;
	if (code == 0)
		code = hoy_handover_ready(old.h, NULL);
	if (code == 0)
		code = hoy_go(wait_in, old.h);
	return code < 0 ? code : take_over();
}

static int run(void)
{
	const hoy_run_opts one = { .workers = 1 };
	int code;

	old = new = (struct generation){ 0 };
	code = hoy_run_with(&one, scenario, NULL);
	end(&new);
	end(&old);
	return code;
}

static long attempt;

/* The last words of an attempt that waits for ever. */
static void hung(int number)
{
	char story[600];

	(void)number;
	fprintf(stderr, "call %ld, %s: hung: %s\n", attempt, fault_name(fault_fired_entry()), fault_story(story, sizeof story));
	hoy_dump(2);
	_exit(1);
}

/* step 1: system calls; -1: allocations. */
static void sweep(long step)
{
	long blocks, n;
	int before;

	snprintf(path, sizeof path, "@hoy-handover-sweep-%d", getpid());
	signal(SIGALRM, hung);
	fault_install();
	CHECK_INT(run(), 0);
	CHECK_INT(run(), 0);
	before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = step; n < 400 && n > -400; n += step) {
		char story[600];

		attempt = n;
		alarm((unsigned)(15 * t_scale()));
		fault_reset();
		fault_at(n > 0 ? n : 0, 0);
		fault_alloc_at(n < 0 ? -n : 0);
		run();
		if (!fault_fired())
			break;
		if (fault_open_descriptors() != before || fault_live_blocks() != blocks || fault_bad_descriptors())
			t_fail(__FILE__, __LINE__, "nothing is left", "%s failed: %d descriptors, %ld blocks, %ld bad: %s",
			       fault_name(fault_fired_entry()), fault_open_descriptors() - before, fault_live_blocks() - blocks,
			       fault_bad_descriptors(), fault_story(story, sizeof story));
		fault_reset();
		CHECK_INT(run(), 0);
	}
	CHECK(n * step > 5);
}

TEST(system_calls) { sweep(1); }
TEST(allocations) { sweep(-1); }

/* No descriptor is left for the connection that stands in the queue, so each try to accept it fails at once. */
TEST(cancelled_while_no_descriptor_is_left)
{
	hoy_conn *stranger;
	hoy_scope s;
	hoy_err err;

	snprintf(path, sizeof path, "@hoy-handover-canceled-%d", getpid());
	fault_install();
	CHECK_INT(begin(&old), 0);
	stranger = hoy_dial("unix", path, &err);
	fault_storm(FAULT_accept, 1, -EMFILE);
	hoy_scope_enter(&s, hoy_in(20 * HOY_MILLISECOND));
	CHECK_INT(hoy_handover_wait(old.h, &err), HOY_ECANCELED);
	CHECK_INT(err.code, HOY_ECANCELED);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	hoy_conn_free(stranger);
	end(&old);
}
