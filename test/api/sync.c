/* Mutex and wait group, between tasks of two workers and plain threads. */
#include <pthread.h>

#include <hoy.h>

#include "t.h"

enum { ROUNDS = 20000 };

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static hoy_mutex mutex;
static hoy_wait_group group;
static long counter;
static int order[8], next;

static int count_up(void *arg)
{
	for (int i = 0; i < SCALED(ROUNDS); i++) {
		hoy_mutex_lock(&mutex);
		counter++;
		if (i % 64 == 0)
			hoy_yield();	/* others find it locked */
		hoy_mutex_unlock(&mutex);
	}
	hoy_wait_group_done(&group);
	return arg != NULL;
}

static void *count_in_thread(void *arg)
{
	count_up(arg);
	return NULL;
}

static int count_everywhere(void *arg)
{
	pthread_t threads[2];

	hoy_wait_group_add(&group, 6);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_create(&threads[i], NULL, count_in_thread, arg) == 0);
	for (int i = 0; i < 4; i++)
		CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, count_up, arg), 0);
	hoy_wait_group_wait(&group);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

TEST(a_mutex_excludes_tasks_and_threads)
{
	CHECK_INT(hoy_run_with(&two, count_everywhere, NULL), 0);
	CHECK_INT(counter, 6L * SCALED(ROUNDS));
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 0);
	hoy_mutex_unlock(&mutex);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
}

static int queue_up(void *number)
{
	hoy_mutex_lock(&mutex);
	order[next++] = *(int *)number;
	hoy_mutex_unlock(&mutex);
	return 0;
}

static int hand_over(void *arg)
{
	static int numbers[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	(void)arg;
	hoy_mutex_lock(&mutex);
	for (size_t i = 0; i < LEN(numbers); i++) {
		CHECK_INT(hoy_go(queue_up, &numbers[i]), 0);
		hoy_yield();
	}
	hoy_mutex_unlock(&mutex);
	return hoy_sleep(5 * HOY_MILLISECOND);
}

TEST(waiters_take_a_mutex_in_order)
{
	CHECK_INT(hoy_run_with(&one, hand_over, NULL), 0);
	for (size_t i = 0; i < LEN(order); i++)
		CHECK_INT(order[i], (int)i);
	CHECK_INT(next, LEN(order));
}

static bool waiter_has_it;

static int take_it(void *arg)
{
	hoy_mutex_lock(&mutex);
	waiter_has_it = true;
	hoy_mutex_unlock(&mutex);
	return arg != NULL;
}

/* An attempt that takes a millisecond proves nothing: the waiter is then handed the mutex. */
static int take_it_again(void *arg)
{
	int taken = 0;

	for (int i = 0; i < 100 && !taken; i++) {
		waiter_has_it = false;
		hoy_mutex_lock(&mutex);
		CHECK_INT(hoy_go(take_it, arg), 0);
		hoy_yield();
		hoy_mutex_unlock(&mutex);
		if ((taken = hoy_mutex_try_lock(&mutex)))
			hoy_mutex_unlock(&mutex);
		while (!waiter_has_it)
			hoy_yield();
	}
	CHECK(taken);
	return 0;
}

TEST(a_running_task_takes_a_mutex_before_a_waiter_that_has_to_wake)
{
	CHECK_INT(hoy_run_with(&one, take_it_again, NULL), 0);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
}

/* It is locked whenever another task runs, so the waiter never finds it free. */
static int keep_it(void *arg)
{
	int rounds = 0;

	hoy_mutex_lock(&mutex);
	CHECK_INT(hoy_go(take_it, arg), 0);
	for (; !waiter_has_it && rounds < 100; rounds++) {
		hoy_sleep(2 * HOY_MILLISECOND);
		hoy_mutex_unlock(&mutex);
		hoy_mutex_lock(&mutex);
	}
	hoy_mutex_unlock(&mutex);
	CHECK(waiter_has_it);
	CHECK(rounds <= 2);
	return 0;
}

TEST(a_mutex_is_handed_to_who_waited_a_millisecond)
{
	CHECK_INT(hoy_run_with(&one, keep_it, NULL), 0);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
}

/* The waiter is ready from the first unlock on, on the worker of a task that never waits again. */
static int lock_without_waiting(void *arg)
{
	hoy_time limit = hoy_in(2 * HOY_SECOND * t_scale());

	hoy_mutex_lock(&mutex);
	CHECK_INT(hoy_go(take_it, arg), 0);
	hoy_yield();
	hoy_mutex_unlock(&mutex);
	while (!waiter_has_it && hoy_time_before(hoy_now(), limit)) {
		hoy_mutex_lock(&mutex);
		hoy_mutex_unlock(&mutex);
	}
	CHECK(waiter_has_it);
	return 0;
}

TEST(a_task_that_locks_without_waiting_starves_no_waiter_of_its_worker)
{
	CHECK_INT(hoy_run_with(&one, lock_without_waiting, NULL), 0);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
}

static atomic_int passed;

static int passes(void *arg)
{
	hoy_wait_group_wait(arg);
	passed++;
	return 0;
}

static int many_waiters(void *arg)
{
	for (int round = 1; round <= 3; round++) {
		hoy_wait_group_wait(arg);		/* at 0: at once */
		hoy_wait_group_add(arg, 2);
		for (int i = 0; i < 100; i++)
			CHECK_INT(hoy_go(passes, arg), 0);
		hoy_sleep(5 * HOY_MILLISECOND);
		hoy_wait_group_done(arg);
		hoy_sleep(2 * HOY_MILLISECOND);
		CHECK_INT(passed, 100 * (round - 1));
		hoy_wait_group_add(arg, -1);
		for (int i = 0; i < 1000 && passed < 100 * round; i++)
			hoy_sleep(HOY_MILLISECOND);
		CHECK_INT(passed, 100 * round);
	}
	return 0;
}

TEST(a_wait_group_lets_all_pass_and_serves_again)
{
	CHECK_INT(hoy_run_with(&two, many_waiters, &group), 0);
}
