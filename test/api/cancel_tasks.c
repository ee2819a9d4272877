/* Cancelling what waits for other tasks: sleep, channels, locks, groups, offloaded calls, signals. */
#define TEST_LIMIT 60

#include <signal.h>

#include "cancel.h"

static const hoy_time never;

/* ---- channels: one item in all ---- */

static hoy_chan *chan;

static void open_chan(void) { chan = hoy_chan_new(sizeof(int), 0); }
static void open_empty(void) { chan = hoy_chan_new(sizeof(int), 1); }
static void close_chan(void) { hoy_chan_free(chan); }

static void open_full(void)
{
	open_empty();
	CHECK_INT(hoy_chan_send(chan, &(int){ 7 }), 0);
}

static int receive(void)
{
	int got = -1, code = hoy_chan_recv(chan, &got);

	CHECK_INT(got, code == 0 ? 7 : -1);
	return code;
}

static void feed_receive(void) { receive(); }
static int send(void) { return hoy_chan_send(chan, &(int){ 7 }); }
static void feed_send(void) { CHECK_INT(send(), 0); }

static int select_receive(void)
{
	int got = -1, code, at;
	hoy_case cases[] = { HOY_RECV(NULL, NULL), HOY_RECV(chan, &got), HOY_UNTIL(hoy_in(HOY_HOUR)) };

	at = hoy_select(cases, LEN(cases), &code);
	CHECK_INT(got, at == 1 ? 7 : -1);
	CHECK(at == 1 || at == HOY_ECANCELED);
	return at;
}

/* Both cases are of the same channel, but only one sends. */
static int select_send(void)
{
	hoy_case cases[] = { HOY_SEND(chan, &(int){ 7 }), HOY_SEND(chan, &(int){ 7 }) };
	int code;

	return hoy_select(cases, LEN(cases), &code);
}

static int sleep_long(void) { return hoy_sleep(HOY_HOUR); }

/* From the feed on, a tick is always due. */
static hoy_ticker ticker;

static void open_ticker(void) { hoy_ticker_reset(&ticker, HOY_HOUR); }
static int wait_for_tick(void) { return hoy_ticker_wait(&ticker); }
static void feed_tick(void) { hoy_ticker_reset(&ticker, -1); }

static const struct point channels[] = {
	{ "hoy_sleep", NULL, sleep_long, NULL, .close = NULL },
	{ "hoy_ticker_wait", open_ticker, wait_for_tick, feed_tick, .traits = LASTS },
	{ "hoy_chan_recv, without a buffer", open_chan, receive, feed_send, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_chan_recv, with a buffer", open_empty, receive, feed_send, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_chan_send, without a buffer", open_chan, send, feed_receive, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_chan_send, with a buffer", open_full, send, feed_receive, .close = close_chan },
	{ "hoy_select, to receive", open_chan, select_receive, feed_send, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_select, to receive from a buffer", open_empty, select_receive, feed_send, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_select, to send", open_chan, select_send, feed_receive, .close = close_chan, .traits = ADDS_UP },
	{ "hoy_select, to send into a buffer", open_full, select_send, feed_receive, .close = close_chan },
};

CANCEL(channels)

/* ---- locks: who has the lock keeps it until the attempt is over ---- */

static struct {
	hoy_mutex mutex;
	hoy_rwlock rwlock;
	hoy_cond cond;
	hoy_sem sem;
	hoy_wait_group wait_group;
	hoy_once once;
	bool happened;		/* what cond is about */
} on;

static void open_sem(void) { memset(&on, 0, sizeof on); }

static void open_mutex(void)
{
	open_sem();
	hoy_mutex_lock(&on.mutex);
}

static void open_written(void)
{
	open_sem();
	hoy_rwlock_lock(&on.rwlock);
}

static void open_read(void)
{
	open_sem();
	hoy_rwlock_read_lock(&on.rwlock);
}

static void open_wait_group(void)
{
	open_sem();
	hoy_wait_group_add(&on.wait_group, 1);
}

static int lock(void) { return hoy_mutex_lock(&on.mutex), 0; }
static int lock_until(void) { return hoy_mutex_lock_until(&on.mutex, never); }
static int write_lock(void) { return hoy_rwlock_lock(&on.rwlock), 0; }
static int write_lock_until(void) { return hoy_rwlock_lock_until(&on.rwlock, never); }
static int read_lock(void) { return hoy_rwlock_read_lock(&on.rwlock), 0; }
static int read_lock_until(void) { return hoy_rwlock_read_lock_until(&on.rwlock, never); }
static int take_permit(void) { return hoy_sem_wait(&on.sem); }
static int take_permit_until(void) { return hoy_sem_wait_until(&on.sem, hoy_in(HOY_HOUR)); }
static int wait_for_all(void) { return hoy_wait_group_wait(&on.wait_group), 0; }
static int wait_for_all_until(void) { return hoy_wait_group_wait_until(&on.wait_group, never); }

static void unlock(void) { hoy_mutex_unlock(&on.mutex); }
static void write_unlock(void) { hoy_rwlock_unlock(&on.rwlock); }
static void read_unlock(void) { hoy_rwlock_read_unlock(&on.rwlock); }
static void give_permit(void) { hoy_sem_post(&on.sem); }
static void all_done(void) { hoy_wait_group_done(&on.wait_group); }

static int wait_for_condition(int (*wait)(void))
{
	int code = 0;

	hoy_mutex_lock(&on.mutex);
	while (code == 0 && !on.happened)
		code = wait();
	if (on.happened)
		code = 0;
	on.happened = false;
	CHECK_INT(hoy_mutex_try_lock(&on.mutex), 0);
	hoy_mutex_unlock(&on.mutex);
	return code;
}

static int wait_cond(void) { return hoy_cond_wait(&on.cond, &on.mutex); }
static int wait_cond_until(void) { return hoy_cond_wait_until(&on.cond, &on.mutex, hoy_in(HOY_HOUR)); }
static int condition(void) { return wait_for_condition(wait_cond); }
static int condition_until(void) { return wait_for_condition(wait_cond_until); }

static void let_it_happen(void)
{
	hoy_mutex_lock(&on.mutex);
	on.happened = true;
	hoy_cond_signal(&on.cond);
	hoy_mutex_unlock(&on.mutex);
}

/* Readers share a lock, and each gives back what it took. */
static int read_lock_and_unlock(void)
{
	int code = read_lock_until();

	if (code == 0)
		read_unlock();
	return code;
}

static const struct point locks[] = {
	{ "hoy_mutex_lock", open_mutex, lock, unlock, .traits = HOLDS },
	{ "hoy_mutex_lock_until", open_mutex, lock_until, unlock, .close = NULL },
	{ "hoy_rwlock_lock", open_written, write_lock, write_unlock, .traits = HOLDS },
	{ "hoy_rwlock_lock_until", open_written, write_lock_until, write_unlock, .close = NULL },
	{ "hoy_rwlock_lock_until, behind a reader", open_read, write_lock_until, read_unlock, .close = NULL },
	{ "hoy_rwlock_read_lock", open_written, read_lock, write_unlock, .traits = HOLDS },
	{ "hoy_rwlock_read_lock_until", open_written, read_lock_and_unlock, write_unlock, .traits = LASTS },
	{ "hoy_cond_wait", open_sem, condition, let_it_happen, .close = NULL },
	{ "hoy_cond_wait_until", open_sem, condition_until, let_it_happen, .close = NULL },
	{ "hoy_sem_wait", open_sem, take_permit, give_permit, .traits = ADDS_UP },
	{ "hoy_sem_wait_until", open_sem, take_permit_until, give_permit, .traits = ADDS_UP },
	{ "hoy_wait_group_wait", open_wait_group, wait_for_all, all_done, .traits = HOLDS },
	{ "hoy_wait_group_wait_until", open_wait_group, wait_for_all_until, all_done, .traits = LASTS },
};

CANCEL(locks)

/* ---- what is waited for to its end ---- */

static void do_once(void *arg)
{
	(void)arg;
	wait_for_all();
}

static struct started doing;

static int begin_once(void *arg)
{
	hoy_once_do(&on.once, do_once, arg);
	return 0;
}

static void open_once(void)
{
	open_wait_group();
	start(&doing, begin_once, NULL);
	while (hoy_mutex_try_lock(&on.once.mutex)) {	/* not begun yet */
		hoy_mutex_unlock(&on.once.mutex);
		hoy_sleep(HOY_MILLISECOND);
	}
}

static int call_once(void) { return begin_once(NULL); }
static void close_once(void) { finish(&doing); }

static int child(void *arg)
{
	(void)arg;
	return wait_for_all();
}

static int join_group(void)
{
	hoy_group *g = hoy_group_new();
	int code;

	CHECK_INT(hoy_group_go(g, child, NULL), 0);
	code = hoy_group_wait(g);
	hoy_group_free(g);
	return code;
}

/* In the caller's scope: with it, its child is cancelled, too. */
static int wait_for_all_as_child(void *arg)
{
	(void)arg;
	return wait_for_all_until();
}

static int join_group_until(void)
{
	hoy_group *g = hoy_group_new();
	int code;

	CHECK_INT(hoy_group_go(g, wait_for_all_as_child, NULL), 0);
	code = hoy_group_wait_until(g, never);
	hoy_group_free(g);
	return code;
}

static int free_group(void)
{
	hoy_group *g = hoy_group_new();

	CHECK_INT(hoy_group_go(g, child, NULL), 0);
	hoy_group_free(g);
	return 0;
}

static int ends[2];

static void open_pipe(void) { CHECK_INT(pipe(ends), 0); }
static void fill_pipe(void) { CHECK_INT(write(ends[1], "x", 1), 1); }

static void close_pipe(void)
{
	close(ends[0]);
	close(ends[1]);
}

static int read_pipe(void *arg)
{
	char byte;

	(void)arg;
	return (int)read(ends[0], &byte, 1);
}

static int offload(void) { return hoy_offload(read_pipe, NULL); }

static int offload_with(void)
{
	int n = 0, code = hoy_offload_with(&(hoy_offload_opts){ .deadline = hoy_in(HOY_HOUR), .result = &n }, read_pipe, NULL);

	CHECK_INT(n, 1);
	return code;
}

static const struct point held[] = {
	{ "hoy_once_do", open_once, call_once, all_done, .close = close_once, .traits = HOLDS },
	{ "hoy_group_wait", open_wait_group, join_group, all_done, .traits = HOLDS | IN_TASKS },
	{ "hoy_group_wait_until", open_wait_group, join_group_until, all_done, .traits = LASTS | IN_TASKS },
	{ "hoy_group_free", open_wait_group, free_group, all_done, .traits = HOLDS | IN_TASKS },
	{ "hoy_offload", open_pipe, offload, fill_pipe, .close = close_pipe, .traits = HOLDS },
	{ "hoy_offload_with", open_pipe, offload_with, fill_pipe, .close = close_pipe, .traits = HOLDS },
};

CANCEL(held)

/* ---- signals ---- */

static int wait_for_signal(void) { return hoy_signal_wait(&(int){ SIGUSR2 }, 1); }

/* Not before the call has installed its handler. */
static void raise_signal(void)
{
	struct sigaction now = { .sa_handler = SIG_DFL };

	while (sigaction(SIGUSR2, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		hoy_sleep(HOY_MILLISECOND);
	kill(getpid(), SIGUSR2);
}

static const struct point signals[] = {
	{ "hoy_signal_wait", NULL, wait_for_signal, raise_signal, .close = NULL },
};

CANCEL(signals)
