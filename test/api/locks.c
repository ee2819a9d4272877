/* Read-write lock, condition, semaphore, once; and every wait with a deadline or in a scope: nothing is lost. */
#include <pthread.h>

#include <hoy.h>

#include "t.h"

static const hoy_run_opts two = { .workers = 2 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };

enum { HANDS = 6, THREADS = 2 };

/* fn in tasks of both workers and in plain threads at once. */
static hoy_fn *everywhere;

static void *in_thread(void *arg)
{
	everywhere(arg);
	return NULL;
}

static int run_everywhere(void *arg)
{
	pthread_t threads[THREADS];
	hoy_group *g = hoy_group_new();

	for (int i = 0; i < HANDS; i++)
		CHECK_INT(hoy_group_go_with(g, &spread, everywhere, arg), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, in_thread, arg), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	hoy_group_free(g);
	return 0;
}

static void do_everywhere(hoy_fn *fn, void *arg)
{
	everywhere = fn;
	CHECK_INT(hoy_run_with(&two, run_everywhere, arg), 0);
}

/* Every third wait gives up soon. */
static hoy_time patience(int i)
{
	return i % 3 ? (hoy_time){ 0 } : hoy_in(20 * HOY_MICROSECOND);
}

/* --- the read-write lock ------------------------------------------------------------------------ */

static hoy_rwlock rw;
static atomic_int reading, writing, most;
static long guarded;

static void read_it(void)
{
	int now = ++reading, seen = most;

	CHECK_INT(writing, 0);
	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	hoy_yield();
	reading--;
	hoy_rwlock_read_unlock(&rw);
}

static void write_it(void)
{
	CHECK_INT(++writing, 1);
	CHECK_INT(reading, 0);
	guarded++;
	hoy_yield();
	writing--;
	hoy_rwlock_unlock(&rw);
}

static int read_and_write(void *written)
{
	for (int i = 0; i < SCALED(1000); i++)
		if (i % 4) {
			if (hoy_rwlock_read_lock_until(&rw, patience(i)) == 0)
				read_it();
		} else if (hoy_rwlock_lock_until(&rw, patience(i)) == 0) {
			write_it();
			++*(atomic_long *)written;
		}
	return 0;
}

TEST(readers_share_and_writers_do_not)
{
	atomic_long written = 0;

	do_everywhere(read_and_write, &written);
	CHECK_INT(guarded, written);
	CHECK(most > 1);
	CHECK_INT(hoy_rwlock_try_lock(&rw), 1);		/* nobody has it */
	CHECK_INT(hoy_rwlock_try_lock(&rw), 0);
	CHECK_INT(hoy_rwlock_try_read_lock(&rw), 0);
	hoy_rwlock_unlock(&rw);
	CHECK_INT(hoy_rwlock_try_read_lock(&rw), 1);
	CHECK_INT(hoy_rwlock_try_read_lock(&rw), 1);
	CHECK_INT(hoy_rwlock_try_lock(&rw), 0);
	hoy_rwlock_read_unlock(&rw);
	hoy_rwlock_read_unlock(&rw);
	hoy_rwlock_read_lock(&rw);
	hoy_rwlock_read_unlock(&rw);
	hoy_rwlock_lock(&rw);
	hoy_rwlock_unlock(&rw);
}

static int write_once(void *order)
{
	hoy_rwlock_lock(&rw);
	*(*(char **)order)++ = 'w';
	hoy_rwlock_unlock(&rw);
	return 0;
}

static int read_once(void *order)
{
	hoy_rwlock_read_lock(&rw);
	*(*(char **)order)++ = 'r';
	hoy_rwlock_read_unlock(&rw);
	return 0;
}

static int wait_in_order(void *text)
{
	char *order = text;
	hoy_group *g = hoy_group_new();

	hoy_rwlock_read_lock(&rw);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(hoy_group_go(g, i % 2 ? read_once : write_once, &order), 0);
		hoy_yield();
	}
	CHECK_INT(hoy_rwlock_try_read_lock(&rw), 0);	/* a writer waits */
	CHECK_INT(hoy_rwlock_lock_until(&rw, hoy_in(HOY_MILLISECOND)), HOY_ETIMEOUT);
	hoy_rwlock_read_unlock(&rw);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

TEST(nobody_overtakes_a_writer)
{
	static char text[8];

	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, wait_in_order, text), 0);
	CHECK_STR(text, "wrwr", "order");
}

/* A writer that gives up lets the readers behind it go on. */
static int read_behind(void *unused)
{
	hoy_group *g = hoy_group_new();
	char text[2], *order = text;

	(void)unused;
	hoy_rwlock_read_lock(&rw);
	everywhere = read_once;
	CHECK_INT(hoy_group_go(g, read_once, &order), 0);
	CHECK_INT(hoy_rwlock_lock_until(&rw, hoy_in(5 * HOY_MILLISECOND)), HOY_ETIMEOUT);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_rwlock_read_unlock(&rw);
	hoy_group_free(g);
	return 0;
}

TEST(a_writer_that_gives_up)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, read_behind, NULL), 0);
}

/* --- the semaphore -------------------------------------------------------------------------------- */

static hoy_sem sem;
static atomic_int inside;

static int pass(void *unused)
{
	(void)unused;
	for (int i = 0; i < SCALED(2000); i++) {
		if (hoy_sem_wait_until(&sem, patience(i)) < 0)
			continue;
		CHECK(++inside <= 3);
		hoy_yield();
		inside--;
		hoy_sem_post(&sem);
	}
	return 0;
}

TEST(permits_are_kept)
{
	sem = (hoy_sem){ .permits = 3 };
	do_everywhere(pass, NULL);
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_sem_try_wait(&sem), 0);
	CHECK_INT(hoy_sem_try_wait(&sem), -EAGAIN);
	CHECK_INT(hoy_sem_wait_until(&sem, hoy_in(HOY_MILLISECOND)), HOY_ETIMEOUT);
	hoy_sem_post(&sem);
	CHECK_INT(hoy_sem_wait(&sem), 0);
}

/* --- the condition ---------------------------------------------------------------------------------- */

static struct {
	hoy_mutex m;
	hoy_cond changed;
	int items, done;
} queue;

static int put_items(void *unused)
{
	(void)unused;
	for (int i = 0; i < SCALED(2000); i++) {
		hoy_mutex_lock(&queue.m);
		queue.items++;
		if (i % 10)
			hoy_cond_signal(&queue.changed);
		else
			hoy_cond_broadcast(&queue.changed);
		hoy_mutex_unlock(&queue.m);
	}
	return 0;
}

static int take_items(void *taken)
{
	hoy_mutex_lock(&queue.m);
	for (int i = 0;; i++) {
		while (queue.items == 0 && !queue.done)
			hoy_cond_wait_until(&queue.changed, &queue.m, patience(i++));
		if (queue.items == 0)
			break;
		queue.items--;
		++*(atomic_long *)taken;
	}
	hoy_mutex_unlock(&queue.m);
	return 0;
}

static int put_and_take(void *taken)
{
	hoy_group *putting = hoy_group_new(), *taking = hoy_group_new();

	for (int i = 0; i < HANDS; i++) {
		CHECK_INT(hoy_group_go_with(taking, &spread, take_items, taken), 0);
		CHECK_INT(hoy_group_go_with(putting, &spread, put_items, NULL), 0);
	}
	CHECK_INT(hoy_group_wait(putting), 0);
	hoy_mutex_lock(&queue.m);
	queue.done = 1;
	hoy_cond_broadcast(&queue.changed);
	hoy_mutex_unlock(&queue.m);
	CHECK_INT(hoy_group_wait(taking), 0);
	hoy_group_free(putting);
	hoy_group_free(taking);
	return 0;
}

TEST(a_condition_wakes_who_waits)
{
	atomic_long taken = 0;

	CHECK_INT(hoy_run_with(&two, put_and_take, &taken), 0);
	CHECK_INT(taken, HANDS * SCALED(2000));
	hoy_mutex_lock(&queue.m);
	CHECK_INT(hoy_cond_wait_until(&queue.changed, &queue.m, hoy_in(HOY_MILLISECOND)), HOY_ETIMEOUT);
	CHECK_INT(hoy_mutex_try_lock(&queue.m), 0);	/* it is ours again */
	hoy_mutex_unlock(&queue.m);
}

static int signal_soon(void *unused)
{
	(void)unused;
	hoy_mutex_lock(&queue.m);
	queue.items = 1;
	hoy_mutex_unlock(&queue.m);
	hoy_cond_signal(&queue.changed);	/* also without the mutex */
	return 0;
}

static int wait_for_signal(void *unused)
{
	(void)unused;
	hoy_mutex_lock(&queue.m);
	CHECK_INT(hoy_go(signal_soon, NULL), 0);
	while (queue.items == 0)
		CHECK_INT(hoy_cond_wait(&queue.changed, &queue.m), 0);
	hoy_mutex_unlock(&queue.m);
	return 0;
}

TEST(a_signal_without_the_mutex)
{
	CHECK_INT(hoy_run_with(&two, wait_for_signal, NULL), 0);
}

/* --- the mutex and the wait group, with a deadline ---------------------------------------------------- */

static hoy_mutex mutex;

static int lock_with_patience(void *locked)
{
	for (int i = 0; i < SCALED(3000); i++)
		if (hoy_mutex_lock_until(&mutex, patience(i)) == 0) {
			guarded++;
			if (i % 16 == 0)
				hoy_yield();
			hoy_mutex_unlock(&mutex);
			++*(atomic_long *)locked;
		}
	return 0;
}

TEST(a_mutex_with_a_deadline)
{
	atomic_long locked = 0;

	do_everywhere(lock_with_patience, &locked);
	CHECK_INT(guarded, locked);
	hoy_mutex_lock(&mutex);
	CHECK_INT(hoy_mutex_lock_until(&mutex, hoy_in(HOY_MILLISECOND)), HOY_ETIMEOUT);
	hoy_mutex_unlock(&mutex);
	CHECK_INT(hoy_mutex_lock_until(&mutex, (hoy_time){ 0 }), 0);
}

/* One thread keeps the mutex for as long as the other is willing to wait, so unlocking and giving up happen at once. */
static void *give_up_often(void *stop)
{
	while (!*(atomic_bool *)stop)
		if (hoy_mutex_lock_until(&mutex, hoy_in(30 * HOY_MICROSECOND)) == 0)
			hoy_mutex_unlock(&mutex);
	return NULL;
}

TEST(the_only_waiter_gives_up)
{
	hoy_time end = hoy_in(HOY_SECOND);
	atomic_bool stop = false;
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, give_up_often, &stop), 0);
	while (hoy_time_before(hoy_now(), end)) {
		hoy_time until;

		hoy_mutex_lock(&mutex);
		until = hoy_in(30 * HOY_MICROSECOND);
		while (hoy_time_before(hoy_now(), until))
			;
		hoy_mutex_unlock(&mutex);
	}
	stop = true;
	pthread_join(thread, NULL);
	CHECK_INT(hoy_mutex_try_lock(&mutex), 1);
}

TEST(a_wait_group_with_a_deadline)
{
	hoy_wait_group g = { 0 };

	CHECK_INT(hoy_wait_group_wait_until(&g, hoy_in(-HOY_SECOND)), 0);
	hoy_wait_group_add(&g, 1);
	CHECK_INT(hoy_wait_group_wait_until(&g, hoy_in(HOY_MILLISECOND)), HOY_ETIMEOUT);
	hoy_wait_group_done(&g);
	CHECK_INT(hoy_wait_group_wait_until(&g, (hoy_time){ 0 }), 0);
}

/* --- once ------------------------------------------------------------------------------------------------- */

static hoy_once once;
static atomic_int times;

static void do_it(void *unused)
{
	(void)unused;
	hoy_sleep(5 * HOY_MILLISECOND);
	times++;
}

static int do_once(void *unused)
{
	(void)unused;
	hoy_once_do(&once, do_it, NULL);
	CHECK_INT(times, 1);
	return 0;
}

TEST(once_is_once)
{
	do_everywhere(do_once, NULL);
	CHECK_INT(times, 1);
}
