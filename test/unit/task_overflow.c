/* A stack that grows too far: what is said, when it is asked for, and how the process ends. */
#include <sys/resource.h>

#include <hoy.h>

#include "child.h"
#include "task/guard.h"

static bool asked, second_worker;
static size_t stack_size;
static const char *guard, *debug;
static hoy_fn *overflow;

__attribute__((noinline)) static int recurse(volatile char *above)
{
	volatile char frame[512];

	frame[0] = above[0];
	return frame[0] ? recurse(frame) + frame[0] : 0;
}

static int by_recursion(void *arg)
{
	volatile char endless = 1;

	(void)arg;
	return recurse(&endless);
}

/* Larger than the stack and its guard together. */
static int by_one_frame(void *arg)
{
	volatile char frame[100000];

	(void)arg;
	for (size_t i = 0; i < sizeof frame; i += 512)
		frame[i] = 1;
	return frame[512];
}

/*
 * The first store into a frame of 360 KiB, where code compiled without -fstack-clash-protection begins: beyond
 * the stack and its guard.
 */
static int by_unprobed_frame(void *arg)
{
	volatile char *end = (volatile char *)__builtin_frame_address(0) - (360 << 10);

	(void)arg;
	*end = 1;
	return 0;
}

/* Past the end of the stack by a little, then all is as if nothing had happened. */
__attribute__((noinline)) static void smear(char *down_to)
{
	for (volatile char *p = (char *)&down_to - 256; p >= down_to; p--)
		*p = 0;
}

static int over_the_canary(void *arg)
{
	char here = 0;

	(void)arg;
	/* the slot is 64 KiB, aligned like its arena to pages; we are in its top page */
	smear((char *)(((uintptr_t)&here & ~(uintptr_t)4095) + 4096 - (64 << 10) + (16 << 10) - 100));
	return 0;
}

static int start_it(void *arg)
{
	hoy_go_opts opts = { .stack = stack_size, .name = "deep thinker",
			     .place = second_worker ? HOY_PLACE_AUTO : HOY_PLACE_LOCAL };

	(void)arg;
	CHECK_INT(hoy_go_with(&opts, overflow, NULL), 0);
	if (second_worker)
		for (;;)
			;		/* never waits: the other worker takes it */
	return hoy_sleep(HOY_SECOND);
}

static void run_it(void)
{
	hoy_run_opts opts = { .workers = 1 + second_worker, .report_overflow = asked };

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	setenv("HOY_GUARD", guard, 1);
	if (debug)
		setenv("HOY_DEBUG", debug, 1);
	hoy_run_with(&opts, start_it, NULL);
}

static const struct {
	const char *what;
	hoy_fn *fn;
	const char *guard;
	bool asked, second;
	const char *debug;
	int signal;
	const char *want;	/* NULL: nothing is said */
} cases[] = {
	{ "recursion", by_recursion, "", true, false, NULL, SIGSEGV, "task deep thinker" },
	{ "recursion, protected", by_recursion, "mprotect", true, false, NULL, SIGSEGV, "48 KiB of stack" },
	{ "recursion, other thread", by_recursion, "", true, true, NULL, SIGSEGV, "hoy: stack overflow: task" },
	{ "recursion, $HOY_DEBUG", by_recursion, "", false, false, "overflow", SIGSEGV, "give it more with hoy_go_with" },
	{ "recursion, not asked", by_recursion, "", false, false, NULL, SIGSEGV, NULL },
	{ "recursion, something else asked", by_recursion, "", false, false, "other", SIGSEGV, NULL },
	{ "one frame", by_one_frame, "", true, false, NULL, SIGSEGV, "task deep thinker" },
	{ "one frame, protected", by_one_frame, "mprotect", true, false, NULL, SIGSEGV, "task deep thinker" },
	{ "one frame, not asked", by_one_frame, "", false, false, NULL, SIGSEGV, NULL },
	{ "canary", over_the_canary, "canary", true, false, NULL, SIGABRT, "found by its canary" },
	{ "canary, not asked", over_the_canary, "canary", false, false, NULL, SIGABRT, NULL },
};

TEST(an_overflow_ends_the_process_with_an_explanation_if_asked)
{
	for (size_t i = 0; i < LEN(cases); i++) {
		struct child c = { .status = 0 };

		if (CHECKED && cases[i].signal == SIGABRT)
			continue;	/* the sanitizer keeps locals elsewhere, and sees the smear first */
		overflow = cases[i].fn;
		stack_size = 64 << 10;
		guard = cases[i].guard;
		asked = cases[i].asked;
		second_worker = cases[i].second;
		debug = cases[i].debug;
		child_run(&c, run_it);
		if (CHECKED) {		/* it reports faults itself */
			CHECK(c.status != 0);
			continue;
		}
		CHECK_INT(c.status, -cases[i].signal);
		if (cases[i].want)
			child_said(&c, cases[i].want, cases[i].what);
		else
			CHECK_STR(c.text, "", cases[i].what);
	}
}

TEST(a_frame_larger_than_stack_and_guard_is_caught_when_overflows_are_looked_for)
{
	static const char *const kinds[] = { "", "mprotect" };
	static const size_t sizes[] = { 64 << 10, 256 << 10 };
	struct child c = { .status = 0 };

	overflow = by_unprobed_frame;
	debug = "overflow";
	for (size_t i = 0; i < LEN(kinds) * LEN(sizes); i++) {
		guard = kinds[i % 2];
		stack_size = sizes[i / 2];
		child_run(&c, run_it);
		if (CHECKED) {		/* the sanitizer reports faults itself */
			CHECK(c.status != 0);
			continue;
		}
		CHECK_INT(c.status, -SIGSEGV);
		child_said(&c, stack_size == 64 << 10 ? "48 KiB of stack" : "192 KiB of stack", guard);
	}
}

static void fault_elsewhere(void)
{
	hoy_run_opts opts = { .workers = 1, .report_overflow = 1 };

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	hoy_run_with(&opts, (hoy_fn *)(uintptr_t)8, NULL);
}

/* Any other fault is none of ours. */
TEST(another_fault_is_not_called_an_overflow)
{
	struct child c = { .status = 0 };

	child_run(&c, fault_elsewhere);
	CHECK(c.status != 0);
	if (!CHECKED) {
		CHECK_INT(c.status, -SIGSEGV);
		CHECK_STR(c.text, "", "text");
	}
}

static void own_handler(int signo)
{
	(void)signo;
	_exit(33);
}

static int seven(void *arg)
{
	(void)arg;
	return 7;
}

/* The host's handler stays; without one, the default is back after the run. */
TEST(the_report_is_only_over_the_default)
{
	hoy_run_opts opts = { .workers = 2, .report_overflow = 1 };
	struct sigaction now;

	signal(SIGSEGV, SIG_DFL);
	CHECK_INT(hoy_run_with(&opts, seven, NULL), 7);
	sigaction(SIGSEGV, NULL, &now);
	CHECK(now.sa_handler == SIG_DFL);
	signal(SIGSEGV, own_handler);
	CHECK_INT(hoy_run_with(&opts, seven, NULL), 7);
	sigaction(SIGSEGV, NULL, &now);
	CHECK(now.sa_handler == own_handler);
}
