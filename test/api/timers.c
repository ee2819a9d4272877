/* Timers that start tasks, and tickers: in tasks of one worker and of two, and in plain threads. */
#include <limits.h>
#include <sys/wait.h>

#include "pair.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };

static int count(void *n)
{
	atomic_fetch_add((atomic_int *)n, 1);
	return 0;
}

/* Waits until *n is at least that. */
static bool reaches(atomic_int *n, int wanted)
{
	for (int i = 0; i < 10000 * t_scale() && *n < wanted; i++)
		hoy_sleep(HOY_MILLISECOND);
	return *n >= wanted;
}

/* --- hoy_after ------------------------------------------------------------------------------- */

struct firing {
	hoy_time set, fired;
	hoy_duration after;
	hoy_chan *done;
};

static int note_time(void *arg)
{
	struct firing *f = arg;

	f->fired = hoy_now();
	return hoy_chan_send(f->done, NULL);
}

static int fire_in_order(void *unused)
{
	static const hoy_duration after[] = { 0, -1, INT64_MIN, 20 * HOY_MILLISECOND, 5 * HOY_MILLISECOND, HOY_NANOSECOND };
	struct firing f[LEN(after)];
	hoy_chan *done = hoy_chan_new(0, 0);

	(void)unused;
	for (size_t i = 0; i < LEN(after); i++) {
		f[i] = (struct firing){ .set = hoy_now(), .after = after[i], .done = done };
		CHECK_INT(hoy_after(after[i], note_time, &f[i], NULL), 0);
	}
	for (size_t i = 0; i < LEN(after); i++)
		CHECK_INT(hoy_chan_recv(done, NULL), 0);
	for (size_t i = 0; i < LEN(after); i++) {
		CHECK(!hoy_time_before(f[i].fired, hoy_time_add(f[i].set, f[i].after)));
		CHECK(hoy_time_sub(f[i].fired, f[i].set) < 5 * t_scale() * HOY_SECOND);
	}
	hoy_chan_free(done);
	return 0;
}

TEST(timers_fire_in_time)
{
	CHECK_INT(hoy_run_with(&one, fire_in_order, NULL), 0);
	CHECK_INT(hoy_run_with(&two, fire_in_order, NULL), 0);
}

static int stop_and_reset(void *unused)
{
	atomic_int fired = 0;
	int starts;
	hoy_timer t = { 0 };

	(void)unused;
	CHECK_INT(hoy_timer_stop(&t), 0);
	CHECK_INT(hoy_timer_reset(&t, 0), -EINVAL);
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, &t), 0);
	CHECK_INT(hoy_timer_stop(&t), 1);
	CHECK_INT(hoy_timer_stop(&t), 0);
	CHECK_INT(hoy_timer_reset(&t, INT64_MAX), 0);	/* stopped: it starts anew, and never fires */
	CHECK_INT(hoy_timer_reset(&t, HOY_HOUR), 1);
	CHECK_INT(hoy_timer_reset(&t, HOY_MILLISECOND), 1);
	CHECK(reaches(&fired, 1));
	CHECK_INT(hoy_timer_stop(&t), 0);
	CHECK_INT(hoy_timer_reset(&t, -1), 0);		/* fired: it starts anew */
	CHECK(reaches(&fired, 2));
	for (starts = 3;; starts++) {		/* the record refers to another one now, which is moved before it fires */
		CHECK_INT(hoy_after(20 * HOY_MILLISECOND, count, &fired, &t), 0);
		if (hoy_timer_reset(&t, HOY_HOUR) == 1)
			break;
		CHECK(reaches(&fired, starts));
		CHECK_INT(hoy_timer_stop(&t), 1);
	}
	hoy_sleep(40 * HOY_MILLISECOND);
	CHECK_INT(hoy_timer_stop(&t), 1);
	CHECK_INT(fired, starts - 1);
	return 0;
}

TEST(a_timer_is_stopped_and_moved)
{
	CHECK_INT(hoy_run_with(&one, stop_and_reset, NULL), 0);
	CHECK_INT(hoy_run_with(&two, stop_and_reset, NULL), 0);
}

/* A record whose timer has fired does not touch the one that has taken its place since. */
static int keep_a_stale_record(void *unused)
{
	atomic_int fired = 0, later = 0;
	hoy_timer old = { 0 }, t = { 0 }, copy;

	(void)unused;
	CHECK_INT(hoy_after(0, count, &fired, &old), 0);
	CHECK(reaches(&fired, 1));
	CHECK_INT(hoy_after(HOY_HOUR, count, &later, &t), 0);
	CHECK_INT(hoy_timer_stop(&old), 0);
	copy = t;
	CHECK_INT(hoy_timer_stop(&copy), 1);
	CHECK_INT(hoy_timer_stop(&t), 0);
	CHECK_INT(later, 0);
	return 0;
}

TEST(a_stale_record_does_nothing)
{
	CHECK_INT(hoy_run_with(&one, keep_a_stale_record, NULL), 0);
}

/* --- many, from everywhere --------------------------------------------------------------------- */

enum { TIMERS = 64 };

static struct {
	hoy_timer timer[TIMERS];
	atomic_int fired[TIMERS], may[TIMERS];	/* how often it fired; how often it may at most */
	atomic_bool over;
} crowd;

/* Each start of a timer ends in one way: its task runs, or a stop was in time. */
static void meddle(unsigned seed, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		int at = (int)(seed = seed * 1103515245 + 12345) / 65536 % TIMERS;
		hoy_timer *t = &crowd.timer[at < 0 ? -at : at];
		atomic_int *may = &crowd.may[t - crowd.timer];

		if (seed & 1 << 20) {
			atomic_fetch_sub(may, hoy_timer_stop(t));
		} else {
			int code = hoy_timer_reset(t, (seed >> 8) % 500 * HOY_MICROSECOND);

			CHECK(code >= 0);
			atomic_fetch_add(may, code == 0);
		}
		if (i % 50 == 0)
			hoy_sleep(200 * HOY_MICROSECOND);
	}
}

static int meddle_in_task(void *seed)
{
	meddle((unsigned)(intptr_t)seed, SCALED(4000));
	return 0;
}

static void *meddle_in_thread(void *seed)
{
	meddle_in_task(seed);
	return NULL;
}

static int use_a_crowd(void *unused)
{
	hoy_group *g = hoy_group_new();
	pthread_t thread;
	int sum = 0, may = 0;

	(void)unused;
	memset(&crowd, 0, sizeof crowd);
	for (int i = 0; i < TIMERS; i++) {
		crowd.may[i] = 1;
		CHECK_INT(hoy_after(HOY_MILLISECOND, count, &crowd.fired[i], &crowd.timer[i]), 0);
	}
	CHECK_INT(pthread_create(&thread, NULL, meddle_in_thread, (void *)(intptr_t)77), 0);
	for (int i = 1; i <= 3; i++)
		CHECK_INT(hoy_group_go_with(g, &spread, meddle_in_task, (void *)(intptr_t)i), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	while (pthread_tryjoin_np(thread, NULL) != 0)
		hoy_sleep(HOY_MILLISECOND);
	hoy_sleep(5 * HOY_MILLISECOND);
	for (int i = 0; i < TIMERS; i++) {
		atomic_fetch_sub(&crowd.may[i], hoy_timer_stop(&crowd.timer[i]));
		may += crowd.may[i];
		for (int n = 0; n < 10000 && crowd.fired[i] < crowd.may[i]; n++)
			hoy_sleep(HOY_MILLISECOND);
		sum += crowd.fired[i];
	}
	CHECK_INT(sum, may);
	CHECK(sum > 0);
	return 0;
}

TEST(each_start_ends_once)
{
	CHECK_INT(hoy_run_with(&one, use_a_crowd, NULL), 0);
	CHECK_INT(hoy_run_with(&two, use_a_crowd, NULL), 0);
}

static int fire_many(void *unused)
{
	int n = SCALED(20000);
	atomic_int fired = 0;

	(void)unused;
	for (int i = 0; i < n; i++)
		if (!CHECK_INT(hoy_after((i % 10) * HOY_MILLISECOND, count, &fired, NULL), 0))
			break;
	CHECK(reaches(&fired, n));
	return 0;
}

TEST(many_timers)
{
	CHECK_INT(hoy_run_with(&two, fire_many, NULL), 0);
}

static int sleep_long(void *unused)
{
	(void)unused;
	return hoy_sleep(HOY_HOUR) == HOY_ECANCELED ? 0 : -EIO;
}

static void *set_from_thread(void *fired)
{
	hoy_timer t = { 0 };

	CHECK_INT(hoy_after(HOY_HOUR, count, fired, &t), 0);
	CHECK_INT(hoy_timer_reset(&t, 0), 1);
	CHECK_INT(hoy_after(HOY_MILLISECOND, count, fired, NULL), 0);
	return NULL;
}

/* Workers that sleep for long are woken for an earlier timer that a thread sets. */
static int let_a_thread_set(void *unused)
{
	atomic_int fired = 0;
	pthread_t thread;

	(void)unused;
	CHECK_INT(hoy_go_with(&spread, sleep_long, NULL), 0);
	CHECK_INT(hoy_go_with(&spread, sleep_long, NULL), 0);
	CHECK_INT(pthread_create(&thread, NULL, set_from_thread, &fired), 0);
	CHECK(reaches(&fired, 2));
	return pthread_join(thread, NULL);
}

TEST(a_thread_sets_timers_of_a_run)
{
	CHECK_INT(hoy_run_with(&two, let_a_thread_set, NULL), 0);
}

/* --- the end of a run ------------------------------------------------------------------------------ */

static hoy_timer left;

static int leave_timers(void *fired)
{
	for (int i = 0; i < 100; i++)
		CHECK_INT(hoy_after(i % 2 ? HOY_HOUR : 5 * HOY_MILLISECOND, count, fired, &left), 0);
	return 7;
}

static int leave_due_timers(void *fired)
{
	for (int i = 0; i < 100; i++)
		CHECK_INT(hoy_after(0, count, fired, NULL), 0);
	return 7;
}

TEST(no_timer_fires_after_its_run)
{
	atomic_int fired = 0;
	hoy_time begin = hoy_now();

	CHECK_INT(hoy_timer_stop(&left), 0);
	CHECK_INT(hoy_after(0, count, &fired, &left), HOY_ENORUNTIME);
	for (int i = 0; i < 20; i++)
		CHECK_INT(hoy_run_with(i % 2 ? &one : &two, leave_timers, &fired), 7);
	CHECK_INT(fired, 0);
	CHECK_INT(hoy_timer_stop(&left), 0);
	CHECK_INT(hoy_timer_reset(&left, 0), HOY_ENORUNTIME);
	for (int i = 0; i < SCALED(200); i++)	/* each of them fires before the end, or not at all */
		CHECK_INT(hoy_run_with(i % 2 ? &one : &two, leave_due_timers, &fired), 7);
	CHECK(since(begin) < 15 * t_scale() * HOY_SECOND);
}

/* A plain thread goes on setting timers while runs begin and end. */
static void *set_all_the_time(void *fired)
{
	while (!atomic_load(&crowd.over)) {
		hoy_timer t = { 0 };
		int code = hoy_after(20 * HOY_MICROSECOND, count, fired, &t);

		CHECK(code == 0 || code == HOY_ENORUNTIME);
		if (code == 0)
			hoy_timer_stop(&t);
	}
	return NULL;
}

static int rest(void *unused)
{
	(void)unused;
	return hoy_sleep(100 * HOY_MICROSECOND);
}

TEST(timers_while_runs_come_and_go)
{
	atomic_int fired = 0;
	pthread_t thread;

	crowd.over = false;
	CHECK_INT(pthread_create(&thread, NULL, set_all_the_time, &fired), 0);
	for (int i = 0; i < SCALED(200); i++)
		CHECK_INT(hoy_run_with(&two, rest, NULL), 0);
	atomic_store(&crowd.over, true);
	pthread_join(thread, NULL);
}

/* The timers stay with the parent. */
static int fork_with_timer(void *unused)
{
	atomic_int fired = 0, in_child = 0;
	hoy_timer t = { 0 };
	int status;
	pid_t child;

	(void)unused;
	CHECK_INT(hoy_after(HOY_HOUR, count, &fired, &t), 0);
	if (CHECK((child = fork()) >= 0) && child == 0) {
		CHECK_INT(hoy_timer_stop(&t), 0);
		CHECK_INT(hoy_timer_reset(&t, 0), HOY_ENORUNTIME);
		CHECK_INT(hoy_run_with(&two, fire_in_order, NULL), 0);
		CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
		CHECK_INT(in_child, 0);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(status, 0);
	CHECK_INT(hoy_timer_reset(&t, 0), 1);
	CHECK(reaches(&fired, 1));
	return 0;
}

TEST(timers_stay_with_the_parent)
{
	CHECK_INT(hoy_run_with(&two, fork_with_timer, NULL), 0);
}

/* Scopes of the one who set it do not apply to its task. */
static int sleep_a_little(void *fired)
{
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	return count(fired);
}

static int set_in_cancelled_scope(void *unused)
{
	atomic_int fired = 0;
	hoy_scope s;

	(void)unused;
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	CHECK_INT(hoy_after(0, sleep_a_little, &fired, NULL), 0);
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
	CHECK(reaches(&fired, 1));
	return 0;
}

TEST(a_timer_is_in_no_scope)
{
	CHECK_INT(hoy_run_with(&one, set_in_cancelled_scope, NULL), 0);
}

/* --- tickers ---------------------------------------------------------------------------------- */

BOTH(ticks_keep_their_moments)
{
	hoy_ticker t = { 0 };
	hoy_time begin = hoy_now();

	hoy_ticker_reset(&t, 5 * HOY_MILLISECOND);
	for (int i = 1; i <= 6; i++) {
		CHECK_INT(hoy_ticker_wait(&t), 0);
		CHECK(since(begin) >= i * 5 * HOY_MILLISECOND);
	}
	hoy_ticker_stop(&t);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_UNTIL(hoy_in(20 * HOY_MILLISECOND)) }, 2, NULL), 1);
	return 0;
}

/* Of the ticks that were not received one is left, and the next comes at a multiple of the period. */
BOTH(missed_ticks_are_dropped)
{
	hoy_ticker t = { 0 };
	hoy_duration period = 100 * HOY_MILLISECOND, next;
	hoy_time begin;

	hoy_ticker_reset(&t, period);
	begin = hoy_now();
	hoy_sleep(350 * HOY_MILLISECOND);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_DEFAULT }, 2, NULL), 0);
	next = 4 * period - 10 * HOY_MILLISECOND;	/* the ticker may have begun a little earlier */
	if (hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_DEFAULT }, 2, NULL) == 1)
		CHECK_INT(hoy_ticker_wait(&t), 0);
	CHECK(since(begin) >= next);
	return 0;
}

BOTH(odd_periods)
{
	hoy_ticker t = { 0 };

	CHECK_INT(hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_TICK(NULL), HOY_DEFAULT }, 3, NULL), 2);
	hoy_ticker_reset(&t, -1);
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_ticker_wait(&t), 0);
	hoy_ticker_reset(&t, 0);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_DEFAULT }, 2, NULL), 1);
	hoy_ticker_reset(&t, INT64_MAX);
	CHECK_INT(hoy_select((hoy_case[]){ HOY_TICK(&t), HOY_UNTIL(hoy_in(HOY_MILLISECOND)) }, 2, NULL), 1);
	hoy_ticker_reset(&t, 1);
	CHECK_INT(hoy_ticker_wait(&t), 0);
	return 0;
}

struct ticking {
	hoy_ticker t;
	_Atomic int ticks;
	hoy_chan *quit;
};

static int take_ticks(void *arg)
{
	struct ticking *k = arg;
	hoy_case cases[] = { HOY_RECV(k->quit, NULL), HOY_TICK(&k->t) };

	while (hoy_select(cases, 2, NULL) == 1)
		k->ticks++;
	return 0;
}

/* Each tick goes to one of those who wait. */
BOTH(receivers_share_a_ticker)
{
	struct ticking k = { .quit = hoy_chan_new(0, 0) };
	struct started s[3];
	hoy_time begin;

	for (int i = 0; i < 3; i++)
		start(&s[i], take_ticks, &k);
	hoy_sleep(5 * HOY_MILLISECOND);
	begin = hoy_now();
	hoy_ticker_reset(&k.t, 2 * HOY_MILLISECOND);	/* this wakes them */
	CHECK(reaches(&k.ticks, 10));
	CHECK(k.ticks <= since(begin) / (2 * HOY_MILLISECOND));
	hoy_ticker_reset(&k.t, HOY_HOUR);
	hoy_chan_close(k.quit);
	for (int i = 0; i < 3; i++)
		CHECK_INT(finish(&s[i]), 0);
	hoy_chan_free(k.quit);
	return 0;
}

BOTH(a_scope_ends_the_wait_for_a_tick)
{
	hoy_ticker t = { 0 };
	hoy_scope s;

	hoy_ticker_reset(&t, HOY_HOUR);
	hoy_scope_enter(&s, hoy_in(5 * HOY_MILLISECOND));
	CHECK_INT(hoy_ticker_wait(&t), HOY_ECANCELED);
	hoy_ticker_reset(&t, -1);
	CHECK_INT(hoy_ticker_wait(&t), 0);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	return 0;
}

static int move_a_ticker(void *arg)
{
	struct ticking *k = arg;

	for (int i = 0; i < SCALED(2000); i++) {
		hoy_ticker_reset(&k->t, (1 + i % 20) * HOY_MICROSECOND);
		if (i % 64 == 0)
			hoy_sleep(50 * HOY_MICROSECOND);
	}
	return 0;
}

static void *move_in_thread(void *arg)
{
	move_a_ticker(arg);
	return NULL;
}

static int move_and_take(void *unused)
{
	struct ticking k = { .quit = hoy_chan_new(0, 0) };
	hoy_group *takers = hoy_group_new(), *movers = hoy_group_new();
	pthread_t thread;

	(void)unused;
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_group_go_with(takers, &spread, take_ticks, &k), 0);
	CHECK_INT(pthread_create(&thread, NULL, move_in_thread, &k), 0);
	for (int i = 0; i < 2; i++)
		CHECK_INT(hoy_group_go_with(movers, &spread, move_a_ticker, &k), 0);
	CHECK_INT(hoy_group_wait(movers), 0);
	pthread_join(thread, NULL);
	CHECK(reaches(&k.ticks, 1));
	hoy_chan_close(k.quit);
	CHECK_INT(hoy_group_wait(takers), 0);
	hoy_group_free(takers);
	hoy_group_free(movers);
	hoy_chan_free(k.quit);
	return 0;
}

TEST(a_ticker_moved_by_many)
{
	CHECK_INT(hoy_run_with(&one, move_and_take, NULL), 0);
	CHECK_INT(hoy_run_with(&two, move_and_take, NULL), 0);
}

/* --- sleep -------------------------------------------------------------------------------------- */

/* It says whether the scope is over, however short it is. */
BOTH(a_sleep_of_no_time)
{
	static const hoy_duration none[] = { 0, -1, INT64_MIN };
	hoy_scope s, shield;

	for (size_t i = 0; i < LEN(none); i++) {
		hoy_scope_enter(&s, (hoy_time){ 0 });
		CHECK_INT(hoy_sleep(none[i]), 0);
		hoy_scope_cancel(&s);
		CHECK_INT(hoy_sleep(none[i]), HOY_ECANCELED);
		hoy_shield_enter(&shield, HOY_SECOND);
		CHECK_INT(hoy_sleep(none[i]), 0);
		CHECK_INT(hoy_shield_leave(&shield), 0);
		CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
		hoy_scope_enter(&s, past());
		CHECK_INT(hoy_sleep(none[i]), HOY_ECANCELED);
		CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	}
	return 0;
}
