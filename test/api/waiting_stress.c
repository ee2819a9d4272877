/*
 * Many tasks on all workers, and plain threads among them, that wait for each other in every way, while scopes end and groups
 * are cancelled. At the end nothing is lost or doubled: each item that a call has reported sent is received exactly once, and
 * no other; the permits are all there; what locks guard is right.
 *
 * It takes HOY_TEST_SECONDS (1 if unset), in epochs of a second with a hoy_run each.
 */
#define TEST_LIMIT 300

#include <pthread.h>

#include <hoy.h>

#include "t.h"

enum {
	WORKERS = 4, DRIVERS = 4, THREADS = 2,
	CHILDREN = 300,		/* of a driver at once; with their own children no more than ThreadSanitizer has fibres */
	GRANDCHILDREN = 3,
	CHANNELS = 3,
	PERMITS = 3,
	ITEMS = 1 << 20,	/* of an epoch; when they are used up nothing is sent any more */
	SHELF = 4
};

/* What an epoch's tasks and threads share. */
static struct {
	hoy_time end;
	hoy_chan *chan[CHANNELS];
	atomic_uint next;		/* the number of the next item */
	atomic_uchar sent[ITEMS], received[ITEMS];

	hoy_sem permits;
	atomic_int holders;

	hoy_mutex mutex;
	long counted;			/* under mutex */
	_Atomic long should_count;

	hoy_rwlock rwlock;
	long pair[2];			/* equal, under rwlock */

	hoy_mutex shelf_mutex;
	hoy_cond not_empty, not_full;
	unsigned shelf[SHELF], on_shelf;

	hoy_mutex published_mutex;
	hoy_group *published[DRIVERS];	/* for threads to cancel */

	_Atomic long tasks;
} on;

static unsigned random_below(unsigned n)
{
	static _Thread_local uint64_t x;

	if (!x)
		x = (uint64_t)(uintptr_t)&x * UINT64_C(0x9e3779b97f4a7c15) | 1;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x >> 33) % n;
}

/* ---- items ---- */

/* ITEMS: there is none any more. */
static unsigned new_item(void)
{
	unsigned item = atomic_fetch_add(&on.next, 1);

	if (item >= ITEMS)
		atomic_store(&on.next, ITEMS);
	return item < ITEMS ? item : ITEMS;
}

static void note_received(unsigned item)
{
	if (CHECK(item < ITEMS))
		CHECK_INT(atomic_fetch_add(&on.received[item], 1), 0);
}

static hoy_chan *any_channel(void) { return on.chan[random_below(CHANNELS)]; }

static void send(void)
{
	unsigned item = new_item();

	if (item < ITEMS && hoy_chan_send(any_channel(), &item) == 0)
		on.sent[item] = 1;
}

static void receive(void)
{
	unsigned item = ITEMS;

	if (hoy_chan_recv(any_channel(), &item) == 0)
		note_received(item);
	else
		CHECK_INT(item, ITEMS);
}

/* Two that may receive, one that may send, and perhaps an end. */
static void select_any(void)
{
	unsigned item = new_item(), got[2] = { ITEMS, ITEMS };
	hoy_chan *to = item < ITEMS ? any_channel() : NULL;
	hoy_time until = random_below(2) ? hoy_in(random_below(500) * HOY_MICROSECOND) : (hoy_time){ 0 };
	hoy_case cases[] = { HOY_RECV(any_channel(), &got[0]), HOY_RECV(any_channel(), &got[1]), HOY_SEND(to, &item),
			     HOY_UNTIL(until) };
	int code, at = hoy_select(cases, LEN(cases), &code);

	for (int i = 0; i < 2; i++)
		if (at == i)
			note_received(got[i]);
		else
			CHECK_INT(got[i], ITEMS);
	if (at == 2)
		on.sent[item] = 1;
}

/* ---- the shelf: a channel made of a mutex and two conditions ---- */

static void put(void)
{
	unsigned item = new_item();
	int code = 0;

	hoy_mutex_lock(&on.shelf_mutex);
	while (code == 0 && on.on_shelf == SHELF)
		code = hoy_cond_wait(&on.not_full, &on.shelf_mutex);
	if (on.on_shelf < SHELF && item < ITEMS) {
		on.shelf[on.on_shelf++] = item;
		on.sent[item] = 1;
		hoy_cond_signal(&on.not_empty);
	}
	hoy_mutex_unlock(&on.shelf_mutex);
}

static void take(void)
{
	int code = 0;

	hoy_mutex_lock(&on.shelf_mutex);
	while (code == 0 && on.on_shelf == 0)
		code = hoy_cond_wait_until(&on.not_empty, &on.shelf_mutex, hoy_in(HOY_MILLISECOND));
	if (on.on_shelf > 0) {
		note_received(on.shelf[--on.on_shelf]);
		hoy_cond_signal(&on.not_full);
	}
	hoy_mutex_unlock(&on.shelf_mutex);
}

/* ---- permits and locks ---- */

static void pause_a_moment(void)
{
	if (random_below(4) == 0)
		hoy_yield();
	else if (random_below(8) == 0)
		hoy_sleep(random_below(200) * HOY_MICROSECOND);
}

static void use_permit(void)
{
	if (hoy_sem_wait(&on.permits) < 0)
		return;
	CHECK(atomic_fetch_add(&on.holders, 1) < PERMITS);
	pause_a_moment();
	atomic_fetch_sub(&on.holders, 1);
	hoy_sem_post(&on.permits);
}

static void count(void)
{
	long before;

	if (random_below(2))
		hoy_mutex_lock(&on.mutex);
	else if (hoy_mutex_lock_until(&on.mutex, hoy_in(100 * HOY_MICROSECOND)) < 0)
		return;
	before = on.counted;
	pause_a_moment();
	on.counted = before + 1;
	on.should_count++;
	hoy_mutex_unlock(&on.mutex);
}

static void change_pair(void)
{
	if (hoy_rwlock_lock_until(&on.rwlock, (hoy_time){ 0 }) < 0)
		return;
	on.pair[0]++;
	pause_a_moment();
	on.pair[1]++;
	hoy_rwlock_unlock(&on.rwlock);
}

static void compare_pair(void)
{
	if (hoy_rwlock_read_lock_until(&on.rwlock, (hoy_time){ 0 }) < 0)
		return;
	CHECK_INT(on.pair[0], on.pair[1]);
	pause_a_moment();
	CHECK_INT(on.pair[0], on.pair[1]);
	hoy_rwlock_read_unlock(&on.rwlock);
}

static void nap(void) { hoy_sleep(random_below(300) * HOY_MICROSECOND); }

/* ---- tasks ---- */

static void (*const actions[])(void) = {
	send, receive, send, receive, select_any, select_any, put, take, use_permit, count, change_pair, compare_pair, nap,
};

/* Some actions, each in a scope that may end it. */
static void act(bool always_ends)
{
	for (unsigned i = random_below(5); i < 5; i++) {
		bool ends = always_ends || random_below(2);
		hoy_scope s;

		hoy_scope_enter(&s, ends ? hoy_in(random_below(1000) * HOY_MICROSECOND) : (hoy_time){ 0 });
		actions[random_below(LEN(actions))]();
		hoy_scope_leave(&s);
	}
}

static int grandchild(void *done)
{
	on.tasks++;
	act(false);
	if (done)
		hoy_wait_group_done(done);
	return random_below(10) ? 0 : -EIO;
}

/* A group, and a wait group that the same tasks count down. */
static void join_grandchildren(void)
{
	hoy_group *g = hoy_group_new();
	hoy_wait_group done = { 0 };

	for (unsigned i = random_below(GRANDCHILDREN); i < GRANDCHILDREN; i++) {
		hoy_wait_group_add(&done, 1);
		if (hoy_group_go(g, grandchild, &done) < 0)
			hoy_wait_group_done(&done);
	}
	hoy_wait_group_wait_until(&done, hoy_in(HOY_MILLISECOND));
	if (random_below(2))
		hoy_group_wait(g);
	hoy_group_free(g);
	hoy_wait_group_wait(&done);
}

static int child(void *unused)
{
	(void)unused;
	on.tasks++;
	act(false);
	if (random_below(10) == 0)
		join_grandchildren();
	return random_below(1000) ? 0 : -EIO;
}

static void publish(hoy_group **place, hoy_group *g)
{
	hoy_mutex_lock(&on.published_mutex);
	*place = g;
	hoy_mutex_unlock(&on.published_mutex);
}

/* Groups of children, one after the other, which another task or thread cancels. */
static int drive(void *place)
{
	static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };

	while (hoy_time_before(hoy_now(), on.end)) {
		hoy_group *g = hoy_group_new();

		publish(place, g);
		for (int i = 0; i < CHILDREN; i++)
			CHECK_INT(hoy_group_go_with(g, random_below(2) ? &spread : NULL, child, NULL), 0);
		hoy_sleep(random_below(2000) * HOY_MICROSECOND);
		if (random_below(2))
			hoy_group_cancel(g);
		publish(place, NULL);
		hoy_group_free(g);
	}
	return 0;
}

/* As a task, and now and then cancels a driver's group. */
static void *live_in_thread(void *unused)
{
	while (hoy_time_before(hoy_now(), on.end)) {
		act(true);
		if (random_below(20))
			continue;
		hoy_mutex_lock(&on.published_mutex);
		hoy_group *g = on.published[random_below(DRIVERS)];

		if (g)
			hoy_group_cancel(g);
		hoy_mutex_unlock(&on.published_mutex);
	}
	return unused;
}

static int run_epoch(void *unused)
{
	hoy_group *drivers = hoy_group_new();
	pthread_t threads[THREADS];

	(void)unused;
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, live_in_thread, NULL), 0);
	for (int i = 0; i < DRIVERS; i++)
		CHECK_INT(hoy_group_go_with(drivers, &(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, drive, &on.published[i]), 0);
	CHECK_INT(hoy_group_wait(drivers), 0);
	hoy_group_free(drivers);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

/* ---- what has to be right at the end of an epoch ---- */

/* What buffers still hold. */
static void receive_rest(void)
{
	unsigned item;

	for (int i = 0; i < CHANNELS; i++) {
		hoy_chan_close(on.chan[i]);
		while (hoy_chan_recv(on.chan[i], &item) == 0)
			note_received(item);
		hoy_chan_free(on.chan[i]);
	}
	while (on.on_shelf > 0)
		note_received(on.shelf[--on.on_shelf]);
}

static void check_epoch(void)
{
	receive_rest();
	for (unsigned i = 0; i < ITEMS; i++)
		if (!CHECK_INT(on.received[i], on.sent[i]))
			break;
	CHECK_INT(on.permits.permits, PERMITS);
	CHECK_INT(on.counted, on.should_count);
	CHECK_INT(on.pair[0], on.pair[1]);
	CHECK(!on.permits.head && !on.mutex.head && !on.rwlock.head && !on.not_empty.head && !on.not_full.head);
	CHECK(hoy_mutex_try_lock(&on.mutex) && hoy_rwlock_try_lock(&on.rwlock));
}

/* Of all epochs. */
static struct {
	long tasks, items, counted, written;
} sum;

static void add_up(void)
{
	sum.tasks += on.tasks;
	sum.counted += on.counted;
	sum.written += on.pair[0];
	for (unsigned i = 0; i < ITEMS; i++)
		sum.items += on.received[i];
}

static void epoch(hoy_duration length)
{
	memset(&on, 0, sizeof on);
	on.end = hoy_in(length);
	on.permits.permits = PERMITS;
	for (int i = 0; i < CHANNELS; i++)
		on.chan[i] = hoy_chan_new(sizeof(unsigned), (size_t)(i * i));
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = WORKERS }, run_epoch, NULL), 0);
	check_epoch();
	add_up();
}

TEST(nothing_is_lost_or_doubled)
{
	const char *text = getenv("HOY_TEST_SECONDS");
	int seconds = text && atoi(text) > 0 ? atoi(text) : 1;

	for (int i = 0; i < seconds; i++)
		epoch(HOY_SECOND);
	printf("%ld tasks, %ld items, %ld times under a mutex, %ld under a write lock\n", sum.tasks, sum.items, sum.counted,
	       sum.written);
	CHECK(sum.tasks > 0 && sum.items > 0 && sum.counted > 0 && sum.written > 0);
}
