/* Parking and waking, and a worker's sleep. */
#include "hoy.h"

#include <stdatomic.h>

#include "task/park.h"
#include "task/worker.h"

static struct hoy__task *_Atomic waiter;
static atomic_int happened;
static int data, code, woken[2];

static void prepare(int threads)
{
	prepare_threads(threads);
	waiter = NULL;
	happened = data = woken[0] = woken[1] = 0;
	code = 1;
}

static void prepare_2(void) { prepare(2); }
static void prepare_3(void) { prepare(3); }

/* As all code that waits does it: publish, arm, look again, park. */
static int wait_for(int64_t deadline, int count)
{
	struct hoy__task *me = hoy__self();
	int c = 0;

	atomic_store_explicit(&waiter, me, memory_order_release);
	while (c == 0 && atomic_load_explicit(&happened, memory_order_acquire) < count) {
		hoy__arm(me);
		if (atomic_load_explicit(&happened, memory_order_acquire) < count || !hoy__disarm(me))
			c = hoy__park(HOY__WHY_SLEEP, NULL, deadline);
	}
	atomic_store_explicit(&waiter, NULL, memory_order_relaxed);
	return c;
}

static void wait_once(void) { wait_for(HOY__NEVER, 1); code = data; }
static void wait_twice(void) { wait_for(HOY__NEVER, 2); }
static void wait_until(void) { code = wait_for(EARLY + 1, 1); }

/* Either it sees the waiter, or the waiter sees what has happened. */
static void wake_waiter(int c, int *result)
{
	struct hoy__task *task;

	atomic_fetch_add_explicit(&happened, 1, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if ((task = atomic_load_explicit(&waiter, memory_order_acquire)))
		*result = hoy__wake(task, c);
}

static void wake(void) { data = 7; wake_waiter(0, &woken[0]); }
static void wake_too(void) { wake_waiter(0, &woken[1]); }
static void check_once(void) { MODEL_CHECK(code == 7); }
static void check_until(void)
{
	MODEL_CHECK(code == 0 || code == HOY_ETIMEOUT);
	model_outcome("%s", code ? "timeout" : "woken");
}

static const struct scenario once = { "park-wake", prepare_2, { wait_once, wake }, check_once, NULL };
static const struct scenario twice = { "park-two-wakers", prepare_3, { wait_twice, wake_too, wake }, NULL, NULL };
static const struct scenario until = { "park-deadline", prepare_2, { wait_until, wake, set_clock_late }, check_until, "timeout|woken" };

/* Whoever wakes wins alone: a wake-up with a code against another. */
static void park_armed(void)
{
	struct hoy__task *me = hoy__self();

	hoy__arm(me);
	atomic_store_explicit(&waiter, me, memory_order_release);
	code = hoy__park(HOY__WHY_SLEEP, NULL, HOY__NEVER);
}

static void wake_with(int c, int *won)
{
	struct hoy__task *task = atomic_load_explicit(&waiter, memory_order_acquire);

	if (task)
		*won = hoy__wake(task, c) ? c : 0;
}

static void wake_seen(void)
{
	while (!atomic_load_explicit(&waiter, memory_order_acquire))
		;
	wake_with(-5, &woken[0]);
}

static void wake_if_seen(void) { wake_with(-6, &woken[1]); }
static void check_winner(void)
{
	MODEL_CHECK(code == -5 || code == -6);
	MODEL_CHECK(woken[0] + woken[1] == code);
	model_outcome("%d", code);
}

static const struct scenario winner = { "park-one-wins", prepare_3, { park_armed, wake_seen, wake_if_seen }, check_winner, "-5|-6" };

/* A worker with two tasks: one is woken by the other, or from another thread, which it may find asleep. */
static struct hoy__task *_Atomic other;
static atomic_int other_happened;

static void wait_other(void)
{
	struct hoy__task *me = hoy__self();

	atomic_store_explicit(&other, me, memory_order_release);
	while (!atomic_load_explicit(&other_happened, memory_order_acquire)) {
		hoy__arm(me);
		if (!atomic_load_explicit(&other_happened, memory_order_acquire) || !hoy__disarm(me))
			hoy__park(HOY__WHY_SLEEP, NULL, HOY__NEVER);
	}
}

static void wait_then_wake(void)
{
	wait_for(HOY__NEVER, 1);
	code = data;
	atomic_store_explicit(&other_happened, 1, memory_order_release);
	hoy__wake(other, 0);
}

static void prepare_tasks(void)
{
	prepare(2);
	other = NULL;
	other_happened = 0;
	prepare_task(1, wait_other);
	prepare_task(1, wait_then_wake);
}

static const struct scenario tasks = { "park-tasks", prepare_tasks, { run_tasks, wake }, check_once, NULL };

static const struct scenario *const quick[] = { &once, &until, &winner, &tasks, &twice, NULL };
static const struct scenario *const slow[] = { NULL };

int main(int argc, char **argv)
{
	return model_main(quick, slow, argc, argv);
}
