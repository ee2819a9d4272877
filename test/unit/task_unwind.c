/* Backtraces of parked tasks: through every kind of frame, and never outside the stack. */
#include <alloca.h>

#include <hoy.h>

#include "base/base.h"
#include "os/signal.h"
#include "os/symbol.h"
#include "t.h"
#include "task/inspect.h"
#include "task/runtime.h"
#include "task/unwind.h"

static const hoy_run_opts one = { .workers = 1 };
static struct hoy__task_info found;
static struct hoy__symbols symbols;
static int depth_wanted;

static void keep_named(const struct hoy__task_info *info, void *name)
{
	if (info->name && strcmp(info->name, name) == 0)
		found = *info;
}

/* The frames of the task with this name, as "sleeps inner outer". */
static char *backtrace_of(const char *name)
{
	static char text[4000];
	char symbol[HOY__SYMBOL];
	size_t n = 0;

	found = (struct hoy__task_info){ 0 };
	hoy__inspect(keep_named, (void *)name);
	hoy__symbols_open(&symbols);
	text[0] = 0;
	for (unsigned i = 0; i < found.depth; i++) {
		hoy__symbol_text(&symbols, (uintptr_t)found.frame[i] - 1, symbol);
		n += (size_t)snprintf(text + n, sizeof text - n, "%.*s ", (int)strcspn(symbol, "+"), symbol);
	}
	hoy__symbols_close(&symbols);
	return text;
}

__attribute__((noinline)) static int inner(void *arg)
{
	(void)arg;
	return hoy_sleep(HOY_HOUR) + 1;
}

__attribute__((noinline)) static int recursive(int depth)
{
	volatile int below = depth ? recursive(depth - 1) : inner(NULL);

	return below + 1;
}

/* A frame pointer that moves while the function runs, which its unwind table says by a register other than the stack's. */
__attribute__((noinline)) static int of_any_size(void *arg)
{
	volatile char *some = alloca((size_t)(uintptr_t)arg);

	some[0] = 1;
	return inner(arg) + some[0];
}

/* A frame aligned more than the ABI asks for: the table has an expression. */
__attribute__((noinline)) static int aligned(void *arg)
{
	_Alignas(128) volatile char some[128] = { 0 };

	return inner(arg) + some[0];
}

__attribute__((noinline)) static int deep(void *arg)
{
	return recursive((int)(uintptr_t)arg) + 1;
}

static const struct { const char *name; hoy_fn *fn; uintptr_t arg; const char *want; } stacks[] = {
	{ "inner", inner, 0, "inner " },
	{ "of any size", of_any_size, 3000, "inner of_any_size " },
	{ "aligned", aligned, 0, "inner aligned " },
	{ "deep", deep, 3, "inner recursive recursive recursive recursive deep " },
};

static int look_at_stacks(void *arg)
{
	for (size_t i = 0; i < LEN(stacks); i++)
		hoy_go_with(&(hoy_go_opts){ .name = stacks[i].name }, stacks[i].fn, (void *)stacks[i].arg);
	hoy_sleep(10 * HOY_MILLISECOND);
	for (size_t i = 0; i < LEN(stacks); i++) {
		const char *got = backtrace_of(stacks[i].name), *from = strstr(got, "inner ");

		CHECK(found.depth > 2 && found.depth < HOY__FRAMES);
		CHECK(found.stack_used > 100 && found.stack_used < found.stack_size);
		CHECK(strstr(got, "run_task hoy__entry ") != NULL);
		CHECK_STR(from && strncmp(from, stacks[i].want, strlen(stacks[i].want)) == 0 ? stacks[i].want : got, stacks[i].want,
			  stacks[i].name);
	}
	return arg != NULL;
}

TEST(a_backtrace_passes_every_kind_of_frame)
{
	CHECK_INT(hoy_run_with(&one, look_at_stacks, NULL), 0);
}

static int look_at_deep(void *arg)
{
	hoy_go_with(&(hoy_go_opts){ .name = "deep" }, deep, (void *)(uintptr_t)depth_wanted);
	hoy_sleep(10 * HOY_MILLISECOND);
	backtrace_of("deep");
	CHECK_INT(found.depth, HOY__FRAMES);
	return arg != NULL;
}

TEST(a_long_backtrace_is_cut)
{
	depth_wanted = 200;
	CHECK_INT(hoy_run_with(&one, look_at_deep, NULL), 0);
}

static int look_at_self(void *arg)
{
	const char *got;

	hoy_set_name("self");
	got = backtrace_of("self");
	CHECK_INT(found.state, HOY__TASK_RUNNING);
	CHECK_STR(strstr(got, "look_at_self ") ? "yes" : got, "yes", "its own");
	return arg != NULL;
}

TEST(a_task_sees_its_own_backtrace)
{
	CHECK_INT(hoy_run_with(&one, look_at_self, NULL), 0);
}

/* Whatever lies on the stack: no read outside its bounds, and an end. */
TEST(a_stack_of_anything_is_walked_without_a_fault)
{
	static uintptr_t stack[512];
	struct hoy__stack_bounds bounds = { (uintptr_t)stack, (uintptr_t)(stack + LEN(stack)) };
	uint64_t x = 88172645463325252u;
	void *frame[HOY__FRAMES];

	for (int round = 0; round < SCALED(20000); round++) {
		struct hoy__registers r;

		for (size_t i = 0; i < LEN(stack); i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			stack[i] = x % 4 == 0 ? (uintptr_t)inner + x % 64 : x % 4 == 1 ? (uintptr_t)stack + x % sizeof stack : x;
		}
		CHECK(hoy__registers_saved(&r, bounds, stack + x % 200));
		CHECK(hoy__unwind(&r, bounds, round % 2, frame, HOY__FRAMES) <= HOY__FRAMES);
		r.at[HOY__STACK_POINTER] = x;
		hoy__unwind(&r, bounds, true, frame, HOY__FRAMES);
	}
	CHECK(!hoy__registers_saved(&(struct hoy__registers){ 0 }, bounds, stack + LEN(stack) - 2));
	CHECK(!hoy__registers_saved(&(struct hoy__registers){ 0 }, bounds, (const void *)(bounds.low - 8)));
	CHECK(!hoy__registers_saved(&(struct hoy__registers){ 0 }, bounds, NULL));
}

/* Tasks that run on another worker while they are looked at. */
static atomic_bool stop;

static int goes_deep_and_back(void *arg)
{
	for (int i = 0; !stop; i++) {
		if (i % 2)
			hoy_sleep(1);
		else
			hoy_yield();
		(void)arg;
	}
	return 0;
}

static void check_frames(const struct hoy__task_info *info, void *arg)
{
	char symbol[HOY__SYMBOL];
	int *seen = arg;

	if (!info->name || strcmp(info->name, "busy") != 0 || !info->depth)
		return;
	for (unsigned i = 0; i < info->depth; i++)
		hoy__symbol_text(&symbols, (uintptr_t)info->frame[i] - 1, symbol);
	*seen += 1;
	CHECK_STR(strncmp(symbol, "hoy__entry+", 11) == 0 ? "hoy__entry" : symbol, "hoy__entry", "outermost");
}

static int look_at_busy(void *arg)
{
	int seen = 0;

	hoy__symbols_open(&symbols);
	for (int i = 0; i < 20; i++)
		hoy_go_with(&(hoy_go_opts){ .name = "busy", .place = HOY_PLACE_SPREAD }, goes_deep_and_back, arg);
	for (int i = 0; i < SCALED(500); i++) {
		hoy__inspect(check_frames, &seen);
		if (i % 10 == 0)
			hoy_yield();
	}
	hoy__symbols_close(&symbols);
	stop = true;
	CHECK(seen > 0);
	return 0;
}

TEST(a_backtrace_of_a_task_that_runs_meanwhile_is_whole_or_none)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 2 }, look_at_busy, NULL), 0);
}

/*
 * A task that runs is stopped wherever it is: in the C library, in the code that the kernel lends, in a prologue. Hardly ever it
 * is in code without unwind tables, such as the stubs that a linker puts into a static program; there the backtrace ends.
 */
static int computes(void *arg)
{
	char text[40];
	int x = 0;

	while (!stop)
		snprintf(text, sizeof text, "%d %lld", x++, (long long)hoy_now().ns);
	return arg != NULL;
}

static int look_at_computing(void *arg)
{
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);
	struct hoy__task_info info;
	char symbol[HOY__SYMBOL];
	int seen = 0, whole = 0;

	stop = false;
	hoy_go_with(&(hoy_go_opts){ .name = "computing", .place = HOY_PLACE_SPREAD }, computes, arg);
	CHECK_INT(hoy__os_stop_begin(), 1);
	hoy__inspect_may_stop(true);
	hoy__symbols_open(&symbols);
	for (hoy_time until = hoy_in(2 * HOY_SECOND); seen < 1000 && hoy_time_before(hoy_now(), until); ) {
		hoy_sleep(HOY_MILLISECOND / 10);
		for (unsigned w = 0; w < rt->n; w++)
			if (hoy__inspect_running(rt->workers[w], &info) && strcmp(info.name, "computing") == 0) {
				CHECK(info.depth > 0);
				hoy__symbol_text(&symbols, (uintptr_t)info.frame[info.depth - 1] - 1, symbol);
				whole += strncmp(symbol, "hoy__entry+", 11) == 0;
				seen++;
			}
	}
	CHECK(seen > 0 && whole * 10 >= seen * 9);
	hoy__symbols_close(&symbols);
	hoy__inspect_may_stop(false);
	hoy__os_stop_end();
	stop = true;
	return 0;
}

TEST(a_task_is_stopped_anywhere_for_its_backtrace)
{
	if (t_under_tsan() || t_under_valgrind() || t_emulated())
		SKIP("the checker calls handlers of signals later");
#ifndef __GLIBC__
	SKIP("this C library has no unwind tables");
#endif
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 2 }, look_at_computing, NULL), 0);
}
