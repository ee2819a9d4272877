/*
 * The sweep of a scenario: each of its system calls, or allocations, fails once, the first, the second, until the
 * scenario makes fewer. Each time it returns the failure or 0, and leaves nothing open or allocated; the next run
 * succeeds. Included after t.h.
 */
#ifndef HOY_TEST_SWEEP_H
#define HOY_TEST_SWEEP_H

#include <hoy.h>

#include "support/fault_os.h"

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
	{ FAULT_ready, "the accept is tried without an answer" },
	{ FAULT_poller_wait, "the loop asks again" },
	{ FAULT_poller_remove, "the kernel refuses to remove only what is not there" },
	{ FAULT_membarrier_register, "channels take their plain lock" },
	{ FAULT_waker_wake, "the sleeper wakes by another event, or at its next timer" },
	{ FAULT_lstat, "without knowing which file the listener made, it is the one of that name" },
	{ FAULT_unlink, "the file stays; close has nobody to tell" },
};

/* One more, of the program that includes this. */
static enum fault_entry also_tolerated = FAULT_COUNT;

static bool is_tolerated(enum fault_entry entry)
{
	if (entry == also_tolerated)
		return true;
	for (size_t i = 0; i < LEN(tolerated); i++)
		if (tolerated[i].entry == entry)
			return true;
	return false;
}

/* What is told must be what is returned, and say so in words. */
__attribute__((unused)) static int told(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	CHECK(err->code < 0 && err->op);
	CHECK(strstr(hoy_err_string(err, text), hoy_strerror(err->code)) != NULL);
	return err->code;
}

static int run(hoy_fn *fn)
{
	const hoy_run_opts one = { .workers = 1 };

	return hoy_run_with(&one, fn, NULL);
}

static void judge(int code, bool may_recover)
{
	char story[600];

	if (code == 0 ? may_recover || is_tolerated(fault_fired_entry()) : code == fault_fired_code())
		return;
	t_fail(__FILE__, __LINE__, "told as it is", "%s failed with %d, told %d: %s", fault_name(fault_fired_entry()),
	       fault_fired_code(), code, fault_story(story, sizeof story));
}

/* step 1: system calls; -1: allocations. */
__attribute__((unused)) static void sweep(hoy_fn *fn, long step, int fault, bool may_recover)
{
	long blocks, n;
	int before;

	fault_install();
	CHECK_INT(run(fn), 0);		/* what is kept for later is there from now on */
	CHECK_INT(run(fn), 0);
	before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = step;; n += step) {
		int code;

		fault_reset();
		fault_at(n > 0 ? n : 0, fault);
		fault_alloc_at(n < 0 ? -n : 0);
		code = run(fn);
		if (!fault_fired())
			break;
		judge(code, may_recover);
		fault_reset();
		CHECK_INT(run(fn), 0);
		CHECK_INT(fault_open_descriptors(), before);
		CHECK_INT(fault_live_blocks(), blocks);
		CHECK_INT(fault_bad_descriptors(), 0);
		if (atomic_load(&t_shared->failures) > 20)
			return;
	}
	printf("%ld calls\n", n * step - 1);
	CHECK(n * step > (step > 0 ? 10 : 1));
}

#endif
