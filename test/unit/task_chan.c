/* Channels below their public calls: what a thread's first wait allocates, and what it does without memory. */
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
