/* What it takes to wake a task of another worker: how many system calls, and that no wake-up is lost. */
#include <pthread.h>
#include <sched.h>

#include <hoy.h>

#include "support/fault_os.h"
#include "t.h"
#include "task/busywait.h"
#include "task/runtime.h"

enum { ROUNDS = 100, SOON = 500, LATE = 2000 };	/* ticks: see alone */

static const hoy_run_opts two = { .workers = 2 }, three = { .workers = 3 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };
static hoy_sem ping, pong;

/* --- a worker learns whether waiting awake pays ----------------------------------------------------- */

static struct hoy__worker alone = { .slice = 5 * SOON };

static void sleep_often(uint64_t slept, int times)
{
	while (times--)
		hoy__busywait_learn(&alone, slept);
}

TEST(short_sleeps_that_are_ended_raise_the_score)
{
	sleep_often(LATE, 100);
	CHECK_INT(alone.busywait_score, 0);
	if (hoy__os_cpus_allowed() == 1)
		SKIP("there is one CPU");
	sleep_often(SOON, HOY__BUSYWAIT_PAYS);
	CHECK_INT(alone.busywait_score, HOY__BUSYWAIT_PAYS);
	sleep_often(SOON, 10000);
	CHECK(alone.busywait_score > HOY__BUSYWAIT_PAYS && alone.busywait_score <= 4 * HOY__BUSYWAIT_PAYS);
}

TEST(waiting_in_vain_lowers_the_score)
{
	struct hoy__task task = { .next = NULL };

	alone.busywait_score = HOY__BUSYWAIT_PAYS;
	atomic_store(&alone.inbox, &task);
	CHECK(hoy__busywait(&alone));
	CHECK_INT(alone.busywait_score, HOY__BUSYWAIT_PAYS + 1);
	atomic_store(&alone.inbox, NULL);
	CHECK(!hoy__busywait(&alone));
	CHECK(alone.busywait_score < HOY__BUSYWAIT_PAYS);
}

/* --- between two workers ---------------------------------------------------------------------------- */

/* All waits of this worker are awake, however long they take; or as if it had just begun. */
static void insist(bool on)
{
	hoy__this->slice = on ? UINT64_C(1) << 40 : 100 * 1000;
	hoy__this->busywait_score = on ? HOY__BUSYWAIT_PAYS : 0;
}

static void ask_once(void)
{
	hoy_sem_post(&ping);
	CHECK_INT(hoy_sem_wait(&pong), 0);
}

static int answer_awake(void *arg)
{
	insist(true);
	for (int i = 0; i < ROUNDS + 2; i++) {
		CHECK_INT(hoy_sem_wait(&ping), 0);
		hoy_sem_post(&pong);
	}
	insist(false);
	return arg != NULL;
}

/* Not counted are the first round, in which the other worker wakes, and the last, after which it sleeps. */
static int ask_awake(void *arg)
{
	long wakes, polls;

	CHECK_INT(hoy_go_with(&spread, answer_awake, arg), 0);
	insist(true);
	ask_once();
	wakes = fault_calls(FAULT_waker_wake);
	polls = fault_calls(FAULT_poller_wait);
	for (int i = 0; i < ROUNDS; i++)
		ask_once();
	CHECK_INT(fault_calls(FAULT_waker_wake) - wakes, 0);
	CHECK_INT(fault_calls(FAULT_poller_wait) - polls, 0);
	ask_once();
	insist(false);
	return 0;
}

TEST(workers_that_wait_awake_answer_each_other_without_a_system_call)
{
	fault_install();
	CHECK_INT(hoy_run_with(&two, ask_awake, NULL), 0);
}

static void allow_one_cpu(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	CHECK_INT(sched_getaffinity(0, sizeof all, &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CHECK_INT(sched_setaffinity(0, sizeof one, &one), 0);
}

static atomic_int best_score;

static void note_score(void)
{
	if (hoy__this->busywait_score > best_score)
		best_score = hoy__this->busywait_score;
}

static int answer(void *rounds)
{
	for (intptr_t i = 0; i < (intptr_t)rounds; i++) {
		CHECK_INT(hoy_sem_wait(&ping), 0);
		note_score();
		hoy_sem_post(&pong);
	}
	return 0;
}

static int ask(void *arg)
{
	intptr_t rounds = SCALED(2000);

	CHECK_INT(hoy_go_with(&spread, answer, (void *)rounds), 0);
	for (intptr_t i = 0; i < rounds; i++) {
		ask_once();
		note_score();
	}
	return arg != NULL;
}

TEST(with_one_cpu_no_worker_waits_awake)
{
	allow_one_cpu();
	CHECK_INT(hoy_run_with(&two, ask, NULL), 0);
	CHECK(best_score < HOY__BUSYWAIT_PAYS);
}

static int wait_for_ping(void *arg)
{
	(void)arg;
	CHECK_INT(hoy_sem_wait(&ping), 0);
	hoy_sem_post(&pong);
	return 0;
}

/* Ten tasks at a time. */
static int wake_many(void *arg)
{
	struct hoy_stats before, after;
	long writes = fault_calls(FAULT_waker_wake);

	hoy_stats(&before);
	for (int round = 0; round < 100; round++) {
		hoy_group *g = hoy_group_new();

		for (int i = 0; i < 10; i++)
			CHECK_INT(hoy__group_go_on(g, 1, &spread, wait_for_ping, NULL, NULL), 0);
		hoy_sleep(100 * HOY_MICROSECOND);
		for (int i = 0; i < 10; i++)
			hoy_sem_post(&ping);
		for (int i = 0; i < 10; i++)
			CHECK_INT(hoy_sem_wait(&pong), 0);
		CHECK_INT(hoy_group_wait(g), 0);
		hoy_group_free(g);
	}
	writes = fault_calls(FAULT_waker_wake) - writes;
	hoy_stats(&after);
	CHECK((uint64_t)writes <= after.sleeps - before.sleeps);
	return arg != NULL;
}

TEST(a_sleep_takes_one_system_call_to_end_however_many_tasks_are_woken)
{
	fault_install();
	CHECK_INT(hoy_run_with(&two, wake_many, NULL), 0);
}

/* --- afterwards ------------------------------------------------------------------------------------- */

static int64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * HOY_SECOND + t.tv_nsec;
}

static int nothing(void *arg)
{
	return arg != NULL;
}

/* Two workers that talked a moment ago, and tasks that an idle worker was called for. */
static int talk_and_rest(void *arg)
{
	struct hoy_stats before, after;
	int64_t used;

	ask(arg);
	for (int i = 0; i < 100; i++)
		CHECK_INT(hoy_go(nothing, arg), 0);
	hoy_sleep(50 * HOY_MILLISECOND * t_scale());
	hoy_stats(&before);
	used = cpu_time();
	hoy_sleep(300 * HOY_MILLISECOND);
	used = cpu_time() - used;
	hoy_stats(&after);
	CHECK(used < 30 * HOY_MILLISECOND);
	CHECK_INT((long long)(after.sleeps - before.sleeps), 1);
	CHECK(atomic_load(&hoy__runtime)->lookout == NULL);
	return 0;
}

TEST(workers_that_have_talked_rest_as_soon_as_they_have_nothing_to_do)
{
	CHECK_INT(hoy_run_with(&two, talk_and_rest, NULL), 0);
}

/* --- no wake-up is lost ------------------------------------------------------------------------------ */

enum { PLACES = 4, THREAD = PLACES - 1 };

static hoy_sem turn[PLACES];
static int passes;

/* So long that the others are about to stop waiting awake, or about to sleep, or asleep. */
static void delay(unsigned *random)
{
	*random = *random * 1103515245 + 12345;
	for (hoy_time until = hoy_in((*random >> 16) % 12000); hoy_time_before(hoy_now(), until); )
		;
}

/* Every third wait gives up at times, and begins anew. */
static void await(int place, int round)
{
	int code = HOY_ETIMEOUT;

	if (round % 3)
		code = hoy_sem_wait(&turn[place]);
	while (code == HOY_ETIMEOUT)
		code = hoy_sem_wait_until(&turn[place], hoy_in(5 * HOY_MICROSECOND));
	CHECK_INT(code, 0);
}

static int pass_on(void *arg)
{
	int place = (int)(intptr_t)arg;
	unsigned random = (unsigned)place;

	for (int i = 0; i < passes; i++) {
		await(place, i);
		delay(&random);
		hoy_sem_post(&turn[(place + 1) % PLACES]);
	}
	return 0;
}

static void *pass_on_in_thread(void *arg)
{
	pass_on(arg);
	return NULL;
}

static int pass_round(void *arg)
{
	hoy_group *g = hoy_group_new();
	pthread_t thread;

	passes = SCALED(3000);
	for (int i = 0; i < THREAD; i++)
		CHECK_INT(hoy__group_go_on(g, (unsigned)i, &spread, pass_on, (void *)(intptr_t)i, NULL), 0);
	CHECK_INT(pthread_create(&thread, NULL, pass_on_in_thread, (void *)(intptr_t)THREAD), 0);
	hoy_sem_post(&turn[0]);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	pthread_join(thread, NULL);
	CHECK_INT(hoy_sem_try_wait(&turn[0]), 0);
	CHECK_INT(hoy_sem_try_wait(&turn[0]), -EAGAIN);
	return arg != NULL;
}

TEST(no_wake_up_is_lost_between_three_workers_and_a_thread)
{
	CHECK_INT(hoy_run_with(&three, pass_round, NULL), 0);
}
