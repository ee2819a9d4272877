/*
 * Every system call and every allocation of a sharded listener and its server, made to fail one after the other. What fails in
 * listening is told as it is; nothing is left open or allocated, nobody waits for ever, and the next run succeeds.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "t.h"

/* The sleep lasts until hoy_serve cancels it. */
static void echo(hoy_conn *c, void *arg)
{
	char byte;

	(void)arg;
	if (hoy_conn_read(c, &byte, 1, NULL) == 1 && hoy_conn_write(c, &byte, 1, NULL) == 1)
		hoy_sleep(HOY_HOUR);
}

static struct {
	hoy_listener *l;
	hoy_err err;
	int code;
	hoy_wait_group done;
} server;

static int serve(void *arg)
{
	const hoy_serve_opts opts = { .drain = 2 * HOY_MILLISECOND };

	(void)arg;
	server.code = hoy_serve(server.l, echo, NULL, &opts, &server.err);
	hoy_listener_close(server.l, NULL);	/* who dials must not wait for ever */
	hoy_wait_group_done(&server.done);
	return 0;
}

static int visit(const hoy_addr *at)
{
	const hoy_dialer d = { .timeout = 10 * HOY_SECOND };
	hoy_err err = { 0 };
	hoy_conn *c = hoy_dialer_dial_addr(&d, "tcp", at, &err);
	char byte = 'x';
	int code = c ? 0 : err.code;

	if (c && (hoy_conn_write(c, &byte, 1, &err) < 0 || hoy_conn_read(c, &byte, 1, &err) < 0))
		code = err.code;
	hoy_conn_free(c);
	return code;
}

static int scenario(void *arg)
{
	const hoy_listen_config lc = { .shards = 3 };
	hoy_addr at;
	int code;

	(void)arg;
	memset(&server, 0, sizeof server);
	server.l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &server.err);
	if (!server.l)
		return server.err.code;
	hoy_listener_addr(server.l, &at);
	hoy_wait_group_add(&server.done, 1);
	code = hoy_go(serve, NULL);
	if (code < 0)
		hoy_wait_group_done(&server.done);
	for (int i = 0; i < 3 && code == 0 && at.port; i++)
		code = visit(&at);
	hoy_listener_close(server.l, NULL);
	hoy_wait_group_wait(&server.done);
	hoy_listener_free(server.l);
	return server.code < 0 ? server.code : code;
}

static int run(void)
{
	const hoy_run_opts one = { .workers = 1 };	/* a wake-up of another worker that fails is lost */

	return hoy_run_with(&one, scenario, NULL);
}

/* What the clients of a server in trouble may see of it; told as it is, or that the connection went. */
static bool is_right(int code)
{
	static const int seen[] = { 0, -ECONNREFUSED, -ECONNRESET, -EPIPE, HOY_ECLOSED };

	for (size_t i = 0; i < LEN(seen); i++)
		if (code == seen[i])
			return true;
	return code == fault_fired_code();
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
	long n;
	int before;

	signal(SIGALRM, hung);
	fault_install();
	CHECK_INT(run(), 0);
	CHECK_INT(run(), 0);
	before = fault_open_descriptors();
	for (n = step; n < 400 && n > -400; n += step) {
		char story[600];
		int code;

		attempt = n;
		alarm((unsigned)(15 * t_scale()));
		fault_reset();
		fault_at(n > 0 ? n : 0, 0);
		fault_alloc_at(n < 0 ? -n : 0);
		code = run();
		if (!fault_fired())
			break;
		if (!is_right(code))
			t_fail(__FILE__, __LINE__, "told as it is", "%s failed with %d, told %d: %s", fault_name(fault_fired_entry()),
			       fault_fired_code(), code, fault_story(story, sizeof story));
		fault_reset();
		CHECK_INT(run(), 0);
		CHECK_INT(fault_open_descriptors(), before);
		CHECK_INT(fault_bad_descriptors(), 0);
	}
	CHECK(n * step > 5);
}

TEST(system_calls) { sweep(1); }
TEST(allocations) { sweep(-1); }
