/*
 * Every system call and every allocation of a connection that begins with a PROXY header, made to fail one after the other, and
 * the header in crumbs. What fails is told as it is; nothing is left open or allocated, and the next run succeeds.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "t.h"

/* Calls whose failure may change nothing, and why that is right. */
static const struct { enum fault_entry entry; const char *reason; } tolerated[] = {
	{ FAULT_close, "the descriptor is gone whatever close says" },
	{ FAULT_unmap, "the memory stays mapped; there is nobody to tell" },
	{ FAULT_map, "the probe of MADV_GUARD_INSTALL: without it there is mprotect" },
	{ FAULT_guard, "the same probe" },
	{ FAULT_random, "the same probe" },
	{ FAULT_discard, "pages that are kept cost memory, no more" },
	{ FAULT_open, "max_map_count and somaxconn have well-known defaults" },
	{ FAULT_read, "the same files" },
	{ FAULT_getsockname, "an address for show; unknown then, as in Go" },
	{ FAULT_getpeername, "the same; and not yet connected means: wait on" },
	{ FAULT_setsockopt, "no-delay and keep-alive are wishes, as in Go" },
	{ FAULT_ready, "without it, the end of the stream shows at the limit of the header" },
	{ FAULT_poller_wait, "the loop asks again" },
	{ FAULT_poller_remove, "the kernel refuses to remove only what is not there" },
	{ FAULT_waker_wake, "the sleeper wakes by another event, or at its next timer" },
};

static bool is_tolerated(enum fault_entry entry)
{
	for (size_t i = 0; i < LEN(tolerated); i++)
		if (tolerated[i].entry == entry)
			return true;
	return false;
}

static int send_header(hoy_conn *client, hoy_err *err)
{
	static const char line[] = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nx";
	int code = 0;

	for (size_t i = 0; i < 2 && code >= 0; i++) {
		code = (int)hoy_conn_write(client, line + 18 * i, i ? sizeof line - 1 - 18 : 18, err);
		hoy_yield();
	}
	return code < 0 ? code : 0;
}

/* What came of it, of either end. */
static int exchange(hoy_listener *l, hoy_conn *client, hoy_err *err)
{
	hoy_conn *c = hoy_listener_accept(l, err);
	char byte, text[HOY_ADDR_STRLEN];
	hoy_addr remote;
	int code;

	if (!c)
		return err->code;
	code = send_header(client, err);
	if (code == 0)
		code = hoy_proxy_header_await(c, err);
	if (code == 0)
		code = (int)hoy_conn_read(c, &byte, 1, err);
	if (code > 0) {
		hoy_conn_remote_addr(c, &remote);
		CHECK(byte == 'x');
		CHECK_STR(hoy_addr_string(&remote, text), "192.0.2.1:1", "remote");
		code = 0;
	}
	hoy_conn_free(c);
	return code;
}

static int scenario(void *arg)
{
	const hoy_prefix loopback = { .ip = { 4, { 127 } }, .bits = 8 };
	const hoy_proxy_policy policy = { .trusted = &loopback, .n_trusted = 1 };
	const hoy_listen_config lc = { .proxy = &policy };
	hoy_err err = { 0 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err);
	hoy_conn *client;
	hoy_addr at;
	int code;

	(void)arg;
	if (!l)
		return err.code;
	hoy_listener_addr(l, &at);
	client = at.port ? hoy_dialer_dial_addr(NULL, "tcp", &at, &err) : NULL;
	code = client ? exchange(l, client, &err) : err.code;
	hoy_conn_free(client);
	hoy_listener_free(l);
	return code;
}

static int run(void)
{
	const hoy_run_opts one = { .workers = 1 };

	return hoy_run_with(&one, scenario, NULL);
}

/* step 1: system calls; -1: allocations. */
static void sweep(long step)
{
	long blocks, n;
	int before;

	fault_install();
	CHECK_INT(run(), 0);
	CHECK_INT(run(), 0);
	before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = step;; n += step) {
		char story[600];
		int code;

		fault_reset();
		fault_at(n > 0 ? n : 0, 0);
		fault_alloc_at(n < 0 ? -n : 0);
		code = run();
		if (!fault_fired())
			break;
		if (code == 0 ? !is_tolerated(fault_fired_entry()) : code != fault_fired_code())
			t_fail(__FILE__, __LINE__, "told as it is", "%s failed with %d, told %d: %s", fault_name(fault_fired_entry()),
			       fault_fired_code(), code, fault_story(story, sizeof story));
		fault_reset();
		CHECK_INT(run(), 0);
		CHECK_INT(fault_open_descriptors(), before);
		CHECK_INT(fault_live_blocks(), blocks);
		CHECK_INT(fault_bad_descriptors(), 0);
	}
	CHECK(n * step > 5);
}

TEST(system_calls) { sweep(1); }
TEST(allocations) { sweep(-1); }

/* MSG_PEEK sees one more byte each time, and nothing is lost. */
TEST(crumbs_and_storms)
{
	fault_install();
	for (int period = 2; period <= 3; period++) {
		fault_reset();
		fault_storm(FAULT_recv, period, -EAGAIN);
		CHECK_INT(run(), 0);
	}
}
