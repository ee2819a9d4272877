/* Which tasks start on another worker than the one where they were made, when nobody said where. */
#include <hoy.h>

#include "t.h"
#include "task/runtime.h"

static const hoy_run_opts two = { .workers = 2 }, three = { .workers = 3 };
static atomic_int stop, ran_on[3];

static void busy_until(atomic_int *flag, hoy_duration limit)
{
	for (hoy_time until = hoy_in(limit); !*flag && hoy_time_before(hoy_now(), until); )
		;
}

static int note_where(void *arg)
{
	ran_on[hoy__this->index]++;
	stop = 1;
	return arg != NULL;
}

static int compute_until_stop(void *arg)
{
	ran_on[hoy__this->index]++;
	busy_until(&stop, 5 * HOY_SECOND);
	return arg != NULL;
}

/* Two tasks queued in the same moment, by one that then holds its worker; the first, once stolen, holds the thief's. */
static int queue_and_hold(void *arg)
{
	hoy_sleep(5 * HOY_MILLISECOND);		/* the others sleep by now */
	CHECK_INT(hoy_go(compute_until_stop, arg), 0);
	CHECK_INT(hoy_go(note_where, arg), 0);
	busy_until(&stop, 5 * HOY_SECOND);
	CHECK(stop);
	return 0;
}

TEST(each_task_behind_a_busy_one_is_taken)
{
	CHECK_INT(hoy_run_with(&three, queue_and_hold, NULL), 0);
	CHECK_INT(ran_on[0], 0);
	CHECK_INT(ran_on[1], 1);
	CHECK_INT(ran_on[2], 1);
}

/* The second is queued when the thief has the first. */
static int queue_one_after_the_other(void *arg)
{
	atomic_int never = 0;

	hoy_sleep(5 * HOY_MILLISECOND);
	CHECK_INT(hoy_go(compute_until_stop, arg), 0);
	for (hoy_time until = hoy_in(5 * HOY_SECOND); !ran_on[1] && !ran_on[2] && hoy_time_before(hoy_now(), until); )
		;
	busy_until(&never, HOY_MILLISECOND);
	CHECK_INT(hoy_go(note_where, arg), 0);
	busy_until(&stop, 5 * HOY_SECOND);
	CHECK(stop);
	return 0;
}

TEST(a_task_queued_after_another_was_taken_is_taken_too)
{
	CHECK_INT(hoy_run_with(&three, queue_one_after_the_other, NULL), 0);
	CHECK_INT(ran_on[1], 1);
	CHECK_INT(ran_on[2], 1);
}

/* --- tasks that talk to each other ------------------------------------------------------------------- */

enum { PAIRS = 200, ITEMS = 10 };

static hoy_chan *chan;
static hoy_wait_group both;
static unsigned at[2];

static int send_items(void *arg)
{
	at[0] = hoy__this->index;
	for (int i = 0; i < ITEMS; i++)
		CHECK_INT(hoy_chan_send(chan, &i), 0);
	hoy_wait_group_done(&both);
	return arg != NULL;
}

static int receive_items(void *arg)
{
	int item;

	at[1] = hoy__this->index;
	for (int i = 0; i < ITEMS; i++)
		CHECK_INT(hoy_chan_recv(chan, &item), 0);
	hoy_wait_group_done(&both);
	return arg != NULL;
}

static int make_pairs(void *arg)
{
	int apart = 0;

	chan = hoy_chan_new(sizeof(int), 0);
	for (int i = 0; i < PAIRS; i++) {
		hoy_wait_group_add(&both, 2);
		CHECK_INT(hoy_go(send_items, arg), 0);
		CHECK_INT(hoy_go(receive_items, arg), 0);
		hoy_wait_group_wait(&both);
		apart += at[0] != hoy__this->index || at[1] != hoy__this->index;
		hoy_sleep(i % 4 * 50 * HOY_MICROSECOND);
	}
	hoy_chan_free(chan);
	printf("     %d of %d pairs were not where they were made\n", apart, PAIRS);
	CHECK(apart < PAIRS / 2);	/* the system may stop a worker at any moment, and then it is behind */
	return 0;
}

TEST(tasks_made_together_stay_together) { CHECK_INT(hoy_run_with(&two, make_pairs, NULL), 0); }

/* --- and those that may not be taken ------------------------------------------------------------------ */

static int hold_what_was_placed(void *arg)
{
	hoy_go_opts local = { .place = HOY_PLACE_LOCAL };
	struct hoy__runtime *rt = atomic_load(&hoy__runtime);
	atomic_int never = 0;

	hoy_sleep(5 * HOY_MILLISECOND);
	CHECK_INT(hoy_go_with(&local, note_where, arg), 0);
	CHECK_INT(hoy_go(compute_until_stop, arg), 0);
	while (!ran_on[1] && !ran_on[2])
		;
	for (hoy_time until = hoy_in(5 * HOY_SECOND); atomic_load(&rt->lookout) && hoy_time_before(hoy_now(), until); )
		busy_until(&never, HOY_MILLISECOND);
	CHECK(!atomic_load(&rt->lookout));
	CHECK(!stop);
	return 0;
}

TEST(no_worker_keeps_looking_at_tasks_that_it_may_not_take)
{
	CHECK_INT(hoy_run_with(&three, hold_what_was_placed, NULL), 0);
	CHECK_INT(ran_on[0], 1);
}
