/* Channels. */
#include "hoy.h"

#include <errno.h>
#include <stdatomic.h>

#include "task/chan.h"

static hoy_chan *c;
static hoy_scope scope;
static int sent[3], received[3];	/* codes */
static int item[3];			/* that were received */

static void prepare(int threads, size_t capacity)
{
	prepare_threads(threads);
	c = hoy_chan_new(sizeof(int), capacity);
	for (int i = 0; i < 3; i++)
		sent[i] = received[i] = item[i] = 1;
}

static void prepare_2_unbuffered(void) { prepare(2, 0); }
static void prepare_3_unbuffered(void) { prepare(3, 0); }
static void prepare_2_of_one(void) { prepare(2, 1); }

static void send_item(int i, int value) { sent[i] = hoy_chan_send(c, &value); }
static void receive(int i) { received[i] = hoy_chan_recv(c, &item[i]); }
static void send_10(void) { send_item(0, 10); }
static void send_20(void) { send_item(1, 20); }
static void send_two(void) { send_item(0, 10); send_item(1, 20); }
static void receive_one(void) { receive(0); }
static void receive_two(void) { receive(0); receive(1); }
static void close_it(void) { hoy_chan_close(c); }

/* What was sent is what was received. */
static void check_sums(void)
{
	int difference = 0;

	for (int i = 0; i < 2; i++) {
		MODEL_CHECK(sent[i] == 1 || sent[i] == 0 || sent[i] == HOY_ECLOSED || sent[i] == HOY_ECANCELED);
		difference += sent[i] == 0 ? 10 * (i + 1) : 0;
		difference -= received[i] == 0 ? item[i] : 0;
	}
	MODEL_CHECK(difference == 0);
	hoy_chan_free(c);
}

static void check_order(void)
{
	MODEL_CHECK(item[0] == 10 && item[1] == 20);
	check_sums();
}

static void check_closed(void)
{
	MODEL_CHECK((sent[0] == 0) == (received[0] == 0));
	MODEL_CHECK(sent[0] == 0 || (sent[0] == HOY_ECLOSED && received[0] == HOY_ECLOSED));
	model_outcome("%s", sent[0] ? "closed" : "sent");
	check_sums();
}

static void check_one_closed(void)
{
	MODEL_CHECK(received[0] == HOY_ECLOSED);
	hoy_chan_free(c);
}

static const struct scenario one = { "chan-unbuffered", prepare_2_unbuffered, { send_10, receive_one }, check_sums, NULL };
static const struct scenario senders = { "chan-two-senders", prepare_3_unbuffered, { send_10, send_20, receive_two }, check_sums, NULL };
static const struct scenario buffered = { "chan-buffered", prepare_2_of_one, { send_two, receive_two }, check_order, NULL };
static const struct scenario closed = { "chan-close", prepare_2_unbuffered, { receive_one, close_it }, check_one_closed, NULL };
static void check_sender_closed(void)
{
	MODEL_CHECK(sent[0] == HOY_ECLOSED);
	hoy_chan_free(c);
}

static const struct scenario closed_sender = { "chan-close-sender", prepare_2_unbuffered, { send_10, close_it }, check_sender_closed, NULL };
static const struct scenario closing = { "chan-close-between", prepare_3_unbuffered, { send_10, receive_one, close_it }, check_closed, "closed|sent" };

/* A wait that is cancelled at the same time: the item is sent exactly if it was received. */
static void prepare_scope(void)
{
	prepare(3, 0);
	scope = (hoy_scope){ 0 };
}

static void receive_until(void)
{
	hoy_scope_enter(&scope, (hoy_time){ EARLY + 1 });
	receive(0);
	hoy_scope_leave(&scope);
}

static void try_send(void)
{
	int value = 10;

	sent[0] = hoy_chan_try_send(c, &value);
}

static void check_scope(void)
{
	MODEL_CHECK((sent[0] == 0) == (received[0] == 0));
	MODEL_CHECK(received[0] == 0 || received[0] == HOY_ECANCELED);
	MODEL_CHECK(received[0] == 0 ? item[0] == 10 : item[0] == 1);
	model_outcome("%s", received[0] ? "timeout" : "received");
	hoy_chan_free(c);
}

static void check_cancelled(void)
{
	MODEL_CHECK(received[0] == HOY_ECANCELED);
	hoy_chan_free(c);
}

static const struct scenario scoped = { "chan-scope", prepare_scope, { receive_until, try_send, set_clock_late }, check_scope, "received|timeout" };

/* Cancelled by another thread: the wait ends. */
static atomic_int entered, cancelled;

static void receive_in_scope(void)
{
	hoy_scope_enter(&scope, (hoy_time){ 0 });
	atomic_store_explicit(&entered, 1, memory_order_release);
	receive(0);
	while (!atomic_load_explicit(&cancelled, memory_order_acquire))
		;
	hoy_scope_leave(&scope);
}

static void cancel(void)
{
	while (!atomic_load_explicit(&entered, memory_order_acquire))
		;
	hoy_scope_cancel(&scope);
	atomic_store_explicit(&cancelled, 1, memory_order_release);
}

static void prepare_cancel(void)
{
	prepare_scope();
	entered = cancelled = 0;
}

static const struct scenario cancelling = { "chan-cancel", prepare_cancel, { receive_in_scope, cancel }, check_cancelled, NULL };
static const struct scenario cancelling_sent = { "chan-cancel-sent", prepare_cancel, { receive_in_scope, cancel, try_send }, check_scope, "received|timeout" };

/* Two tasks of a worker, and a thread. */
static void prepare_tasks(void)
{
	prepare(2, 0);
	prepare_task(1, send_10);
	prepare_task(1, receive_two);
}

static const struct scenario tasks = { "chan-tasks", prepare_tasks, { run_tasks, send_20 }, check_sums, NULL };

/* The same when the tasks' worker owns the channel, until the thread comes. */
static void prepare_owned_tasks(void)
{
	prepare_tasks();
	own(&c->lock, 1);
}

static void prepare_owned_receiver(void)
{
	prepare(2, 0);
	prepare_task(1, receive_one);
	own(&c->lock, 1);
}

static void prepare_owned_ring(void)
{
	prepare(2, 1);
	prepare_task(1, send_two);
	own(&c->lock, 1);
}

static const struct scenario owned = { "chan-owned", prepare_owned_receiver, { run_tasks, send_10 }, check_sums, NULL };
static const struct scenario owned_tasks = { "chan-owned-tasks", prepare_owned_tasks, { run_tasks, send_20 }, check_sums, NULL };
static const struct scenario owned_ring = { "chan-owned-ring", prepare_owned_ring, { run_tasks, receive_two }, check_order, NULL };
static const struct scenario owned_closed = { "chan-owned-close", prepare_owned_receiver, { run_tasks, close_it }, check_one_closed, NULL };

/* A wait in the owner's scope that ends by its timer, while another thread revokes the ownership. */
static void prepare_owned_scope(void)
{
	prepare_scope();
	prepare_task(1, receive_until);
	own(&c->lock, 1);
}

/* The end of a run wakes a task from its own worker, while another thread revokes the ownership. */
static struct hoy__task *receiver;

static void receive_noted(void)
{
	receiver = hoy__self();
	receive(0);
}

static void end_wait(void) { hoy__wake(receiver, HOY_ECANCELED); }

static void prepare_owned_ended(void)
{
	prepare_scope();
	prepare_task(1, receive_noted);
	prepare_task(1, end_wait);
	own(&c->lock, 1);
}

static const struct scenario owned_ended = { "chan-owned-ended", prepare_owned_ended, { run_tasks, try_send }, check_scope, "received|timeout" };
static const struct scenario owned_scope = { "chan-owned-scope", prepare_owned_scope, { run_tasks, try_send, set_clock_late }, check_scope, "received|timeout" };

static const struct scenario *const quick[] = { &one, &closed, &closed_sender, &buffered, &scoped, &cancelling, &cancelling_sent, &tasks, &owned, &owned_tasks, &owned_ring, &owned_closed, &owned_scope, &owned_ended, &closing, &senders, NULL };
static const struct scenario *const slow[] = { NULL };

int main(int argc, char **argv)
{
	return model_main(quick, slow, argc, argv);
}
