/*
 * A program that exits inside a task leaks nothing: not what other tasks hold, nor what hoy_run's caller
 * does. With AddressSanitizer its leak check is asked; elsewhere only that the program exits.
 */
#include <hoy.h>

#include "child.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { LEAKED = 1 };	/* AddressSanitizer's exit status */
#else
enum { LEAKED = 0 };
#endif

enum { TASKS = 50 };

static const hoy_run_opts two = { .workers = 2 };
static atomic_int holding;
static atomic_bool stop;

/* Only on this stack. */
static __attribute__((noinline)) void hold(void (*meanwhile)(void))
{
	char *volatile text = malloc(100);

	strcpy(text, "held");
	atomic_fetch_add(&holding, 1);
	meanwhile();
	CHECK_STR(text, "held", "what is held");
	free(text);
}

static void sleep_long(void) { hoy_sleep(HOY_MINUTE); }

static void spin(void)
{
	while (!stop)
		;
}

static int hold_asleep(void *unused)
{
	(void)unused;
	hold(sleep_long);
	return 0;
}

static int hold_running(void *unused)
{
	(void)unused;
	hold(spin);
	return 0;
}

static int free_it(void *text)
{
	free(*(char **)text);
	return 0;
}

static void wait_for(int n)
{
	while (atomic_load(&holding) < n)
		hoy_sleep(HOY_MILLISECOND);
}

static int exit_while_others_sleep(void *stack)
{
	hoy_go_opts opts = { .place = HOY_PLACE_SPREAD, .stack = *(size_t *)stack };

	for (int i = 0; i < TASKS; i++)
		CHECK_INT(hoy_go_with(&opts, hold_asleep, NULL), 0);
	wait_for(TASKS);
	exit(0);
}

static int exit_while_one_runs(void *unused)
{
	/* Blocks this worker until the other one has taken the task that never waits. */
	CHECK_INT(hoy_go(hold_running, unused), 0);
	while (atomic_load(&holding) < 1)
		usleep(1000);
	CHECK_INT(hoy_go(hold_asleep, unused), 0);
	wait_for(2);
	exit(0);
}

static int exit_before_it_starts(void *unused)
{
	char *text = malloc(100);

	(void)unused;
	CHECK_INT(hoy_go_copy(free_it, &text, sizeof text), 0);
	text = NULL;
	exit(0);
}

static int just_exit(void *unused)
{
	(void)unused;
	exit(0);
}

static __attribute__((noinline)) void *lose(void)
{
	void *volatile lost = malloc(333);

	return lost ? NULL : lost;
}

static int lose_and_end(void *unused)
{
	(void)unused;
	lose();
	return 0;
}

static int exit_after_a_leak(void *unused)
{
	CHECK_INT(hoy_go(lose_and_end, unused), 0);
	hoy_sleep(20 * HOY_MILLISECOND);
	exit(0);
}

static void run(const hoy_run_opts *opts, hoy_fn *fn, void *arg)
{
	alarm(30);
	hoy_run_with(opts, fn, arg);
	_exit(9);
}

static size_t stack_size;
static void sleepers(void) { run(&two, exit_while_others_sleep, &stack_size); }
static void runner(void) { run(&two, exit_while_one_runs, NULL); }
static void unstarted(void) { run(&(hoy_run_opts){ .workers = 1 }, exit_before_it_starts, NULL); }
static void loser(void) { run(&two, exit_after_a_leak, NULL); }

static void run_while_holding(void) { run(&two, just_exit, NULL); }
static void caller(void) { hold(run_while_holding); }

static void check_exit(void (*fn)(void), int status, const char *label)
{
	struct child c;

	child_run(&c, fn);
	if (!CHECK_INT(c.status, status))
		CHECK_STR(c.text, "", label);
}

TEST(what_sleeping_tasks_hold_is_no_leak)
{
	static const size_t sizes[] = { 64 << 10, 256 << 10, 1 << 20, 8 << 20 };

	for (size_t i = 0; i < LEN(sizes); i++) {
		stack_size = sizes[i];
		check_exit(sleepers, 0, "sleeping tasks");
	}
}

TEST(what_a_running_task_holds_is_no_leak) { check_exit(runner, 0, "a running task"); }
TEST(what_the_copy_for_an_unstarted_task_holds_is_no_leak) { check_exit(unstarted, 0, "an unstarted task"); }
TEST(what_the_caller_of_hoy_run_holds_is_no_leak) { check_exit(caller, 0, "hoy_run's caller"); }
/* valgrind finds it, too, and has an exit status of its own. */
TEST(what_a_task_loses_is_a_leak) { check_exit(loser, t_under_valgrind() ? 99 : LEAKED, "a leak"); }
