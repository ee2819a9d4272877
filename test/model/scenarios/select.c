/* Select. */
#include "hoy.h"

#include <errno.h>

static hoy_chan *a, *b;
static int chosen[2], codes[2], item[3], sent[2];

static void prepare(int threads)
{
	prepare_threads(threads);
	a = hoy_chan_new(sizeof(int), 0);
	b = hoy_chan_new(sizeof(int), 0);
	for (int i = 0; i < 2; i++)
		chosen[i] = codes[i] = sent[i] = item[i] = 1;
	item[2] = 1;
}

static void prepare_2(void) { prepare(2); }
static void prepare_3(void) { prepare(3); }

static void release(void)
{
	hoy_chan_free(a);
	hoy_chan_free(b);
}

static void send_a(void) { sent[0] = hoy_chan_send(a, &(int){ 10 }); }
static void send_b(void) { sent[1] = hoy_chan_send(b, &(int){ 20 }); }
static void try_send_a(void) { sent[0] = hoy_chan_try_send(a, &(int){ 10 }); }
static void close_b(void) { hoy_chan_close(b); }

static void select_either(void)
{
	hoy_case cases[] = { HOY_RECV(a, &item[0]), HOY_RECV(b, &item[1]) };

	chosen[0] = hoy_select(cases, 2, &codes[0]);
}

/* Selects one, and receives from the other: nothing is lost, and nothing comes twice. */
static void select_both(void)
{
	select_either();
	MODEL_CHECK(item[!chosen[0]] == 1);
	hoy_chan_recv(chosen[0] == 0 ? b : a, &item[!chosen[0]]);
}

static void check_both(void)
{
	MODEL_CHECK(item[0] == 10 && item[1] == 20 && sent[0] == 0 && sent[1] == 0);
	model_outcome("%d", chosen[0]);
	release();
}

static void check_closed(void)
{
	MODEL_CHECK(chosen[0] == 0 ? codes[0] == 0 && item[0] == 10 && sent[0] == 0 : codes[0] == HOY_ECLOSED && sent[0] == -EAGAIN);
	MODEL_CHECK(item[1] == 1);
	model_outcome("%d", chosen[0]);
	release();
}

/* Which of the two comes first is up to the random start of the search as well, which is the same in all executions. */
static const struct scenario both = { "select-two-senders", prepare_3, { select_both, send_a, send_b }, check_both, "0|1" };
static const struct scenario closed = { "select-close", prepare_3, { select_either, try_send_a, close_b }, check_closed, "0|1" };

/* With a deadline. */
static void select_until(void)
{
	hoy_case cases[] = { HOY_RECV(a, &item[0]), HOY_UNTIL(((hoy_time){ EARLY + 1 })) };

	chosen[0] = hoy_select(cases, 2, &codes[0]);
}

static void check_until(void)
{
	MODEL_CHECK(codes[0] == 0 && (chosen[0] == 0) == (sent[0] == 0) && item[0] == (chosen[0] == 0 ? 10 : 1));
	model_outcome("%d", chosen[0]);
	release();
}

static const struct scenario until = { "select-until", prepare_2, { select_until, try_send_a, set_clock_late }, check_until, "0|1" };

/* Two selects meet at two channels, in both directions: exactly one item passes. */
static void select_one_way(void)
{
	hoy_case cases[] = { HOY_SEND(a, &(int){ 10 }), HOY_RECV(b, &item[1]) };

	chosen[0] = hoy_select(cases, 2, &codes[0]);
}

static void select_other_way(void)
{
	hoy_case cases[] = { HOY_SEND(b, &(int){ 20 }), HOY_RECV(a, &item[0]) };

	chosen[1] = hoy_select(cases, 2, &codes[1]);
}

static void check_meeting(void)
{
	MODEL_CHECK(codes[0] == 0 && codes[1] == 0 && chosen[0] == !chosen[1]);
	MODEL_CHECK(chosen[0] == 0 ? item[0] == 10 && item[1] == 1 : item[0] == 1 && item[1] == 20);
	release();
}

static const struct scenario meeting = { "select-meets-select", prepare_2, { select_one_way, select_other_way }, check_meeting, NULL };

/* The same between tasks of a worker, one of which is woken from outside. */
static void prepare_tasks(void)
{
	prepare(2);
	prepare_task(1, select_both);
	prepare_task(1, send_a);
}

static const struct scenario tasks = { "select-tasks", prepare_tasks, { run_tasks, send_b }, check_both, NULL };

static const struct scenario *const quick[] = { &meeting, &until, &tasks, &closed, &both, NULL };
static const struct scenario *const slow[] = { NULL };

int main(int argc, char **argv)
{
	return model_main(quick, slow, argc, argv);
}
