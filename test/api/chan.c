/* Channels and select: Go's rules, between tasks of one worker, of two, and plain threads. */
#include <limits.h>
#include <pthread.h>

#include <hoy.h>

#include "t.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };
static const hoy_time never;

/* --- without waiting ------------------------------------------------------------------------- */

TEST(a_buffered_channel_keeps_order)
{
	hoy_chan *c = hoy_chan_new(sizeof(int), 3);
	int got = -1;

	CHECK_INT(hoy_chan_cap(c), 3);
	for (int round = 0; round < 3; round++) {	/* the ring comes round */
		for (int i = 0; i < 3; i++)
			CHECK_INT(hoy_chan_send(c, &i), 0);
		CHECK_INT(hoy_chan_try_send(c, &got), -EAGAIN);
		CHECK_INT(hoy_chan_len(c), 3);
		for (int i = 0; i < 3; i++) {
			CHECK_INT(hoy_chan_recv(c, &got), 0);
			CHECK_INT(got, i);
		}
		CHECK_INT(hoy_chan_try_recv(c, &got), -EAGAIN);
		CHECK_INT(hoy_chan_try_send(c, &round), 0);
		CHECK_INT(hoy_chan_try_recv(c, &got), 0);
		CHECK_INT(got, round);
		CHECK_INT(hoy_chan_send(c, &got), 0);
		CHECK_INT(hoy_chan_recv(c, NULL), 0);
	}
	hoy_chan_free(c);
}

TEST(a_closed_channel)
{
	hoy_chan *c = hoy_chan_new(sizeof(int), 2);
	int got = -1, sent = 5;

	CHECK_INT(hoy_chan_send(c, &sent), 0);
	hoy_chan_close(c);
	hoy_chan_close(c);
	CHECK_INT(hoy_chan_send(c, &sent), HOY_ECLOSED);
	CHECK_INT(hoy_chan_try_send(c, &sent), HOY_ECLOSED);
	CHECK_INT(hoy_chan_recv(c, &got), 0);
	CHECK_INT(got, 5);
	got = 6;
	CHECK_INT(hoy_chan_recv(c, &got), HOY_ECLOSED);
	CHECK_INT(hoy_chan_try_recv(c, &got), HOY_ECLOSED);
	CHECK_INT(got, 6);
	hoy_chan_free(c);
	hoy_chan_free(NULL);
}

TEST(a_size_that_does_not_exist)
{
	CHECK(hoy_chan_new(SIZE_MAX, 2) == NULL);
	CHECK(hoy_chan_new(2, SIZE_MAX / 2) == NULL);
}

/* --- waiting ----------------------------------------------------------------------------------- */

struct both {
	hoy_chan *there, *back;
	int rounds;
};

static int answer(void *arg)
{
	struct both *b = arg;
	int n;

	while (hoy_chan_recv(b->there, &n) == 0)
		CHECK_INT(hoy_chan_send(b->back, &(int){ 2 * n }), 0);
	hoy_chan_close(b->back);
	return 0;
}

static void *answer_in_thread(void *arg)
{
	answer(arg);
	return NULL;
}

static int ask(void *arg)
{
	struct both *b = arg;
	int got;

	for (int i = 0; i < b->rounds; i++) {
		CHECK_INT(hoy_chan_send(b->there, &i), 0);
		CHECK_INT(hoy_chan_recv(b->back, &got), 0);
		CHECK_INT(got, 2 * i);
	}
	hoy_chan_close(b->there);
	CHECK_INT(hoy_chan_recv(b->back, &got), HOY_ECLOSED);
	return 0;
}

static int ask_a_task(void *arg)
{
	CHECK_INT(hoy_go_with(&spread, answer, arg), 0);
	return ask(arg);
}

static int ask_a_thread(void *arg)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, answer_in_thread, arg), 0);
	ask(arg);
	return pthread_join(thread, NULL);
}

TEST(there_and_back)
{
	for (size_t capacity = 0; capacity < 2; capacity++) {
		struct both b = { hoy_chan_new(sizeof(int), capacity), hoy_chan_new(sizeof(int), capacity), SCALED(2000) };

		CHECK_INT(hoy_run_with(&one, ask_a_task, &b), 0);
		hoy_chan_free(b.there);
		hoy_chan_free(b.back);
		b = (struct both){ hoy_chan_new(sizeof(int), capacity), hoy_chan_new(sizeof(int), capacity), SCALED(2000) };
		CHECK_INT(hoy_run_with(&two, ask_a_task, &b), 0);
		hoy_chan_free(b.there);
		hoy_chan_free(b.back);
		b = (struct both){ hoy_chan_new(sizeof(int), capacity), hoy_chan_new(sizeof(int), capacity), SCALED(2000) };
		CHECK_INT(hoy_run_with(&two, ask_a_thread, &b), 0);
		hoy_chan_free(b.there);
		hoy_chan_free(b.back);
		b = (struct both){ hoy_chan_new(sizeof(int), capacity), hoy_chan_new(sizeof(int), capacity), SCALED(200) };
		CHECK_INT(ask_a_thread(&b), 0);
		hoy_chan_free(b.there);
		hoy_chan_free(b.back);
	}
}

static int wait_for_close(void *c)
{
	CHECK_INT(hoy_chan_recv(c, NULL), HOY_ECLOSED);
	return 0;
}

static int send_until_close(void *c)
{
	CHECK_INT(hoy_chan_send(c, NULL), HOY_ECLOSED);
	return 0;
}

static int close_on_many(void *unused)
{
	hoy_chan *in = hoy_chan_new(0, 0), *out = hoy_chan_new(0, 0);
	hoy_group *g = hoy_group_new();

	(void)unused;
	for (int i = 0; i < 100; i++) {
		CHECK_INT(hoy_group_go_with(g, &spread, wait_for_close, in), 0);
		CHECK_INT(hoy_group_go_with(g, &spread, send_until_close, out), 0);
	}
	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_chan_close(in);
	hoy_chan_close(out);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	hoy_chan_free(in);
	hoy_chan_free(out);
	return 0;
}

TEST(close_wakes_all)
{
	CHECK_INT(hoy_run_with(&two, close_on_many, NULL), 0);
}

/* --- many senders and receivers, nothing lost ------------------------------------------------------ */

enum { HANDS = 8 };

static struct {
	hoy_chan *c, *other;
	_Atomic long sent, received, ended;
	atomic_bool stop;
} crowd;

/* Each wait may be cut short; an item counts exactly if the call says so. */
static int send_numbers(void *arg)
{
	(void)arg;
	for (long i = 1; i <= SCALED(3000); i++) {
		hoy_case cases[] = { HOY_SEND(crowd.c, &i), HOY_SEND(crowd.other, &i) };
		hoy_scope s;
		int code = 0, at = 0;

		hoy_scope_enter(&s, i % 7 ? (hoy_time){ 0 } : hoy_in(20 * HOY_MICROSECOND));
		if (i % 3 == 0)
			at = hoy_select(cases, 2, &code);
		else
			code = hoy_chan_send(i % 2 ? crowd.c : crowd.other, &i);
		hoy_scope_leave(&s);
		if (at >= 0 && code == 0)
			crowd.sent += i;
	}
	return 0;
}

static int receive_numbers(void *arg)
{
	long n;

	(void)arg;
	for (int round = 0;; round++) {
		hoy_case cases[] = { HOY_RECV(crowd.c, &n), HOY_RECV(crowd.other, &n), HOY_UNTIL(hoy_in(HOY_MILLISECOND)) };
		int code = 0, at = hoy_select(cases, 3, &code);

		if (at < 2 && code == HOY_ECLOSED)
			return 0;
		if (at < 2 && code == 0)
			crowd.received += n;
	}
}

static void *send_in_thread(void *arg)
{
	send_numbers(arg);
	return NULL;
}

static int exchange(void *capacity)
{
	hoy_group *senders = hoy_group_new(), *receivers = hoy_group_new();
	pthread_t thread;
	long n;

	crowd.c = hoy_chan_new(sizeof(long), *(size_t *)capacity);
	crowd.other = hoy_chan_new(sizeof(long), *(size_t *)capacity);
	for (int i = 0; i < HANDS; i++) {
		CHECK_INT(hoy_group_go_with(senders, &spread, send_numbers, NULL), 0);
		CHECK_INT(hoy_group_go_with(receivers, &spread, receive_numbers, NULL), 0);
	}
	CHECK_INT(pthread_create(&thread, NULL, send_in_thread, NULL), 0);
	CHECK_INT(hoy_group_wait(senders), 0);
	pthread_join(thread, NULL);
	hoy_chan_close(crowd.c);
	hoy_chan_close(crowd.other);
	CHECK_INT(hoy_group_wait(receivers), 0);
	while (hoy_chan_recv(crowd.c, &n) == 0 || hoy_chan_recv(crowd.other, &n) == 0)
		crowd.received += n;
	CHECK_INT(crowd.received, crowd.sent);
	CHECK(crowd.sent > 0);
	hoy_group_free(senders);
	hoy_group_free(receivers);
	hoy_chan_free(crowd.c);
	hoy_chan_free(crowd.other);
	return 0;
}

TEST(nothing_is_lost_or_doubled)
{
	for (size_t capacity = 0; capacity < 20; capacity += 7)
		CHECK_INT(hoy_run_with(&two, exchange, &capacity), 0);
}

/* --- select ------------------------------------------------------------------------------------- */

TEST(select_takes_what_can_happen)
{
	hoy_chan *full = hoy_chan_new(sizeof(int), 1), *empty = hoy_chan_new(sizeof(int), 1);
	int n = 3, got = 0, code = 1;

	hoy_chan_send(full, &n);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_SEND(full, &n), HOY_RECV(empty, &got), HOY_DEFAULT }, 3, &code), 2);
	CHECK_INT(code, 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_SEND(full, &n), HOY_RECV(full, &got), HOY_RECV(empty, &got) }, 3, &code), 1);
	CHECK_INT(got, 3);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_RECV(full, &got), HOY_UNTIL(hoy_in(HOY_MILLISECOND)) }, 2, NULL), 1);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_RECV(NULL, &got), HOY_SEND(NULL, &n), HOY_DEFAULT }, 3, NULL), 2);
	hoy_chan_close(full);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(never), HOY_RECV(full, &got) }, 2, &code), 1);
	CHECK_INT(code, HOY_ECLOSED);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_SEND(full, &n), HOY_UNTIL(never) }, 2, &code), 0);
	CHECK_INT(code, HOY_ECLOSED);
	hoy_chan_free(full);
	hoy_chan_free(empty);
}

/* The same channel twice, to send and to receive: a select does not meet itself. */
TEST(select_on_one_channel_twice)
{
	hoy_chan *c = hoy_chan_new(sizeof(int), 0);
	int n = 3, got = 0;

	CHECK_INT(hoy_select((hoy_case[]){ HOY_SEND(c, &n), HOY_RECV(c, &got), HOY_RECV(c, &got),
					   HOY_UNTIL(hoy_in(5 * HOY_MILLISECOND)) }, 4, NULL), 3);
	hoy_chan_free(c);
}

TEST(select_is_fair)
{
	enum { CASES = 4, TIMES = 4000 };
	hoy_chan *c[CASES];
	hoy_case cases[CASES];
	int count[CASES] = { 0 };

	for (int i = 0; i < CASES; i++) {
		c[i] = hoy_chan_new(0, 0);
		hoy_chan_close(c[i]);
	}
	for (int n = 0; n < TIMES; n++) {
		for (int i = 0; i < CASES; i++)
			cases[i] = HOY_RECV(c[i], NULL);
		count[hoy_select(cases, CASES, NULL)]++;
	}
	for (int i = 0; i < CASES; i++) {
		CHECK(count[i] > TIMES / CASES * 3 / 4 && count[i] < TIMES / CASES * 5 / 4);
		hoy_chan_free(c[i]);
	}
}

/* A moment that has passed is a case that can happen: before the default, and as often as a busy channel. */
TEST(select_of_a_moment_that_has_passed)
{
	hoy_chan *c = hoy_chan_new(0, 0);
	int passed = 0;
	hoy_scope s;

	CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(hoy_in(-1)), HOY_DEFAULT }, 2, NULL), 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(hoy_in(HOY_HOUR)), HOY_DEFAULT }, 2, NULL), 1);
	hoy_scope_enter(&s, never);
	hoy_scope_cancel(&s);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_UNTIL(hoy_in(-1)) }, 1, NULL), 0);
	hoy_scope_leave(&s);
	hoy_chan_close(c);
	for (int i = 0; i < 1000; i++)
		passed += hoy_select((hoy_case[]){ HOY_RECV(c, NULL), HOY_UNTIL(hoy_in(-1)) }, 2, NULL);
	CHECK(passed > 350 && passed < 650);
	hoy_chan_free(c);
}

static int send_all(void *c)
{
	while (hoy_chan_try_send(c, NULL) == 0)
		hoy_chan_send(c, NULL);
	return 0;
}

/* Sends that need not wait let the others run. */
static int count_turns(void *c)
{
	int turns = 0;

	for (; hoy_chan_len(c) < hoy_chan_cap(c); turns++)
		hoy_yield();
	return turns > 100 ? 0 : -EIO;
}

static int send_and_count(void *unused)
{
	hoy_chan *c = hoy_chan_new(0, 100000);
	hoy_group *g = hoy_group_new();

	(void)unused;
	CHECK_INT(hoy_group_go(g, count_turns, c), 0);
	CHECK_INT(hoy_group_go(g, send_all, c), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	hoy_chan_free(c);
	return 0;
}

TEST(busy_channels_let_others_run)
{
	CHECK_INT(hoy_run_with(&one, send_and_count, NULL), 0);
}

/* Two selects that could serve each other do so, in every combination. */
static int select_there(void *arg)
{
	struct both *b = arg;

	for (int i = 0; i < b->rounds; i++) {
		int n = 1, got = 0, code;

		CHECK(hoy_select((hoy_case[]){ HOY_SEND(b->there, &n), HOY_RECV(b->back, &got) }, 2, &code) >= 0);
		CHECK_INT(code, 0);
	}
	return 0;
}

static int select_back(void *arg)
{
	struct both *b = arg;

	for (int i = 0; i < b->rounds; i++) {
		int n = 1, got = 0, code;

		CHECK(hoy_select((hoy_case[]){ HOY_SEND(b->back, &n), HOY_RECV(b->there, &got) }, 2, &code) >= 0);
		CHECK_INT(code, 0);
	}
	return 0;
}

static int select_against_select(void *arg)
{
	hoy_group *g = hoy_group_new();

	CHECK_INT(hoy_group_go_with(g, &spread, select_there, arg), 0);
	CHECK_INT(hoy_group_go_with(g, &spread, select_back, arg), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

TEST(selects_meet_each_other)
{
	struct both b = { hoy_chan_new(sizeof(int), 0), hoy_chan_new(sizeof(int), 0), SCALED(5000) };

	CHECK_INT(hoy_run_with(&one, select_against_select, &b), 0);
	CHECK_INT(hoy_run_with(&two, select_against_select, &b), 0);
	hoy_chan_free(b.there);
	hoy_chan_free(b.back);
}
