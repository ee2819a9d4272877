/*
 * Every system call and every allocation of a run with a control socket, made to fail one after the other: the run fails with
 * that code, or a client is not answered; nothing is left open or allocated, and the next run succeeds.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "t.h"

static char path[64];

/* 0: answered; else why not, which is for a client no more than an end. */
static int ask(void *arg)
{
	const hoy_dialer d = { .timeout = 5 * HOY_SECOND };
	hoy_err err = { 0 };
	hoy_conn *c = hoy_dialer_dial(&d, "unix", path, &err);
	char *text = NULL;
	int code = c ? 0 : err.code;

	(void)arg;
	if (c) {
		hoy_conn_set_deadline(c, hoy_in(5 * HOY_SECOND), NULL);
		if (hoy_conn_write(c, "snapshot\n", 9, &err) < 0 || hoy_conn_close_write(c, &err) < 0 ||
		    hoy_read_all(c, &text, 1 << 20, &err) < 0)
			code = err.code;
		else if (!strstr(text, "\"connections\":["))
			code = HOY_EEOF;
	}
	hoy_free(text);
	hoy_conn_free(c);
	return code;
}

static int run(void)
{
	const hoy_run_opts opts = { .workers = 1, .control = path };

	return hoy_run_with(&opts, ask, NULL);
}

/* The file stays when the system refuses to say which it is, or to remove it. */
static bool may_leave_file(enum fault_entry entry)
{
	return entry == FAULT_getsockname || entry == FAULT_lstat || entry == FAULT_unlink;
}

static void check_clean(long n, int descriptors, long blocks)
{
	char label[200];

	snprintf(label, sizeof label, "after the %ldth, of %s", n, fault_fired() ? fault_name(fault_fired_entry()) : "none");
	if (!may_leave_file(fault_fired_entry()))
		CHECK_STR(access(path, F_OK) == 0 ? "left" : "gone", "gone", label);
	if (fault_fired_entry() != FAULT_close)
		CHECK_INT(fault_open_descriptors(), descriptors);
	CHECK_INT(fault_bad_descriptors(), 0);
	CHECK_INT(fault_live_blocks(), blocks);
	unlink(path);
}

static void sweep(void (*arm)(long n))
{
	int descriptors;
	long blocks, n = 1;

	snprintf(path, sizeof path, "/tmp/hoy-control-%d", (int)getpid());
	fault_install();
	CHECK_INT(run(), 0);
	CHECK_INT(run(), 0);
	descriptors = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (; n < 5000; n++) {
		fault_reset();
		arm(n);
		run();
		if (!fault_fired())
			break;
		check_clean(n, descriptors, blocks);
		fault_reset();
		CHECK_INT(run(), 0);
	}
	CHECK(n > 5 && n < 5000);
}

static void fail_call(long n)
{
	fault_at(n, 0);
}

TEST(every_call_fails_once)
{
	sweep(fail_call);
}

TEST(every_allocation_fails_once)
{
	sweep(fault_alloc_at);
}
