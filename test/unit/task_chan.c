/* Channels below their public calls: what a thread's first wait allocates, and a channel that a worker owns until another thread comes. */
#include <pthread.h>

#include <hoy.h>

#include "base/base.h"
#include "support/fault_os.h"
#include "t.h"

static hoy_chan *chan;
static void *(*realloc_before)(void *block, size_t size);
static atomic_int allocations;

/* An allocation with the channel locked would wait here for ever. */
static void *use_chan_and_allocate(void *block, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	CHECK_INT(hoy_chan_len(chan), 0);
	return realloc_before(block, size);
}

static void *receive(void *got)
{
	CHECK_INT(hoy_chan_recv(chan, got), 0);
	return NULL;
}

static void *send(void *item)
{
	CHECK_INT(hoy_chan_send(chan, item), 0);
	return NULL;
}

TEST(a_first_wait_allocates_with_no_channel_locked)
{
	pthread_t receiver, sender;
	int got = 0, sent = 5;

	chan = hoy_chan_new(sizeof(int), 0);
	realloc_before = hoy__realloc_hook;
	hoy__realloc_hook = use_chan_and_allocate;
	CHECK_INT(pthread_create(&receiver, NULL, receive, &got), 0);
	CHECK_INT(pthread_create(&sender, NULL, send, &sent), 0);
	pthread_join(receiver, NULL);
	pthread_join(sender, NULL);
	hoy__realloc_hook = realloc_before;
	CHECK(atomic_load(&allocations) > 0);
	CHECK_INT(got, 5);
	hoy_chan_free(chan);
}

TEST(a_thread_that_cannot_wait)
{
	int item = 1;

	fault_install();
	chan = hoy_chan_new(sizeof(int), 1);
	fault_entry_at(FAULT_poller_open, 1, 0);
	CHECK_INT(hoy_chan_send(chan, &item), 0);	/* it need not wait */
	CHECK_INT(hoy_chan_send(chan, &item), -EMFILE);
	CHECK(fault_fired());
	CHECK_INT(hoy_chan_recv(chan, &item), 0);
	fault_entry_at(FAULT_waker_open, 1, 0);
	CHECK_INT(hoy_chan_recv(chan, &item), -EMFILE);
	CHECK(fault_fired());
	CHECK_INT(hoy_chan_len(chan), 0);
	hoy_chan_free(chan);
}

/* --- owned by a worker ------------------------------------------------------------------------- */

enum { MANY = 2000 };	/* enough for the worker to own the channel's lock */

static const hoy_run_opts one = { .workers = 1 };
static hoy_wait_group sent;

static int send_many(void *unused)
{
	for (int i = 0; i < MANY; i++)
		CHECK_INT(hoy_chan_send(chan, &i), 0);
	hoy_wait_group_done(&sent);
	return unused != NULL;
}

static void receive_some(int from, int to)
{
	int got;

	for (int i = from; i < to; i++) {
		CHECK_INT(hoy_chan_recv(chan, &got), 0);
		CHECK_INT(got, i);
	}
}

static void *receive_last(void *unused)
{
	receive_some(MANY - 1, MANY);
	return unused;
}

/* A thread takes the last item from a task that waits as its owner's, and so revokes the ownership. */
static int hand_last_to_thread(void *unused)
{
	pthread_t thread;

	hoy_wait_group_add(&sent, 1);
	CHECK_INT(hoy_go(send_many, NULL), 0);
	receive_some(0, MANY - 1);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);	/* the sender waits */
	CHECK(!fault_calls(FAULT_membarrier));
	CHECK_INT(pthread_create(&thread, NULL, receive_last, NULL), 0);
	hoy_wait_group_wait(&sent);
	pthread_join(thread, NULL);
	return unused != NULL;
}

/* Once in its life. */
static int go_on_shared(void *unused)
{
	long before = fault_calls(FAULT_membarrier);
	pthread_t thread;

	for (int round = 0; round < 2; round++) {
		hoy_wait_group_add(&sent, 1);
		CHECK_INT(hoy_go(send_many, NULL), 0);
		receive_some(0, MANY - 1);
		CHECK_INT(pthread_create(&thread, NULL, receive_last, NULL), 0);
		hoy_wait_group_wait(&sent);
		pthread_join(thread, NULL);
	}
	CHECK_INT(fault_calls(FAULT_membarrier), before);
	return unused != NULL;
}

static void have_revoked(long calls)
{
	chan = hoy_chan_new(sizeof(int), 0);
	CHECK_INT(hoy_run_with(&one, hand_last_to_thread, NULL), 0);
	CHECK_INT(fault_calls(FAULT_membarrier), calls);
	CHECK_INT(hoy_run_with(&one, go_on_shared, NULL), 0);
	hoy_chan_free(chan);
}

TEST(a_thread_comes_to_a_channel_that_a_worker_owns)
{
	fault_install();
	have_revoked(1);
}

TEST(a_barrier_that_fails_is_waited_for)
{
	fault_install();
	fault_entry_at(FAULT_membarrier, 1, 0);
	have_revoked(1);
	CHECK(fault_fired());
}

TEST(without_barriers_no_worker_owns_a_channel)
{
	fault_install();
	fault_storm(FAULT_membarrier_register, 1, 0);
	have_revoked(0);
}

static int use_and_close(void *unused)
{
	int item = 1, got;

	for (int i = 0; i < MANY; i++) {
		CHECK_INT(hoy_chan_send(chan, &i), 0);
		CHECK_INT(hoy_chan_recv(chan, &got), 0);
		CHECK_INT(got, i);
	}
	hoy_chan_close(chan);
	CHECK_INT(hoy_chan_send(chan, &item), HOY_ECLOSED);
	CHECK_INT(hoy_chan_recv(chan, &item), HOY_ECLOSED);
	CHECK_INT(hoy_chan_try_recv(chan, &item), HOY_ECLOSED);
	return unused != NULL;
}

TEST(a_closed_channel_that_a_worker_owns)
{
	chan = hoy_chan_new(sizeof(int), 1);
	CHECK_INT(hoy_run_with(&one, use_and_close, NULL), 0);
	hoy_chan_free(chan);
}

/* The end of the run ends a wait that only this worker may end. */
static int wait_for_ever(void *unused)
{
	int got;

	CHECK_INT(hoy_chan_recv(chan, &got), HOY_ECANCELED);
	CHECK_INT(hoy_chan_recv(chan, &got), HOY_ECANCELED);
	return unused != NULL;
}

static int leave_a_waiter(void *unused)
{
	int item = 7;

	for (int i = 0; i < MANY; i++) {
		CHECK_INT(hoy_chan_try_recv(chan, &item), -EAGAIN);
		CHECK_INT(hoy_chan_len(chan), 0);
	}
	CHECK_INT(hoy_go(wait_for_ever, NULL), 0);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	return unused != NULL;
}

TEST(a_run_ends_while_a_task_waits_for_a_channel_that_its_worker_owns)
{
	chan = hoy_chan_new(sizeof(int), 0);
	CHECK_INT(hoy_run_with(&one, leave_a_waiter, NULL), 0);
	CHECK_INT(hoy_chan_len(chan), 0);
	hoy_chan_free(chan);
}
