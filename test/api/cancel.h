/*
 * Calls that wait, cancelled before, while and after they wait: by scope and by group, from the same worker, another worker
 * and a plain thread, by a deadline, and by the end of hoy_run. A table says how each call is made to wait and what ends the
 * wait; the driver tries every column on every row:
 *
 *	static const struct point channels[] = {
 *		{ "hoy_chan_recv", open_chan, receive, send_one, .close = close_chan },
 *	};
 *
 *	CANCEL(channels)
 *
 * Each attempt is one call that returns once, with the right code. Afterwards nothing is lost or doubled: what a cancelled
 * call did not take can still be taken, exactly once. And nothing is left: no descriptor, no task. tools/waits.sh compares
 * the rows' names with the functions that can wait.
 */
#ifndef HOY_TEST_CANCEL_H
#define HOY_TEST_CANCEL_H

#include <sched.h>

#include "left.h"

enum point_trait {
	HOLDS = 1,	/* waits as long as it takes: a cancellation does not end it, as its header says */
	LASTS = 2,	/* what feed did is not used up: the call can be repeated */
	BREAKS = 4,	/* a cancelled call ends what it was made on, as its header says: it is not repeated */
	IN_TASKS = 8,	/* has a meaning only in tasks */
	SLOW = 16,	/* waits 100 ms and more: it is not raced */
	ADDS_UP = 32	/* can be fed several times in advance, or waits for the call: for as many calls */
};

struct point {
	const char *name;	/* the public function; after a comma: of what */
	void (*open)(void);	/* makes what the call waits for: each attempt has its own; may be NULL, as close */
	int (*call)(void);	/* 0 or more, or a code */
	void (*feed)(void);	/* lets one call return with success; may wait for it. NULL: nothing can */
	void (*close)(void);
	unsigned traits;
	void (*check)(int code);	/* after the call and feed; NULL: repeats the call, as the traits allow */
	bool is_quiet;			/* a cancelled call returns 0 */
};

enum when { BEFORE, DURING, AT_ONCE, AFTER, WHENS };
enum by { SAME_WORKER, OTHER_WORKER, A_THREAD, DEADLINE, BYS };

struct attempt {
	const struct point *point;
	enum when when;
	enum by by;
	bool is_group;
	int round;
	hoy_scope scope;
	hoy_group *group;
	int code;
	atomic_bool is_fed;
	pthread_t home;		/* the caller's */
	struct started canceling, feeding;
};

static int canceled(const struct point *p)
{
	return p->is_quiet ? 0 : HOY_ECANCELED;
}

/* A check that names the row and the column. */
static bool attempt_int(const struct attempt *a, const char *what, long long got, long long want)
{
	static const char *const whens[] = { "before", "during", "at once", "after" };
	static const char *const bys[] = { "same worker", "other worker", "a thread", "deadline" };
	char label[200];

	if (got == want)
		return true;
	snprintf(label, sizeof label, "%s (%s, %s, %s, %s, round %d): %s", a->point->name, whens[a->when], bys[a->by],
		 a->is_group ? "group" : "scope", in_tasks ? "in tasks" : "in threads", a->round, what);
	return t_check_int(got, want, __FILE__, __LINE__, label);
}

/* ---- who cancels ---- */

static void spin(int rounds)
{
	for (volatile int i = 0; i < rounds * 40; i++)
		;
}

static int cancel_attempt(void *at)
{
	struct attempt *a = at;

	if (a->when == DURING)
		hoy_sleep(3 * HOY_MILLISECOND);
	else
		spin(a->round);
	if (a->is_group)
		hoy_group_cancel(a->group);
	else
		hoy_scope_cancel(&a->scope);
	return 0;
}

/* A task that starts where it must not goes on to another place. */
static int cancel_in_place(void *at)
{
	struct attempt *a = at;
	const hoy_go_opts go = { .place = a->by == SAME_WORKER ? HOY_PLACE_LOCAL : HOY_PLACE_SPREAD };

	if (a->by == OTHER_WORKER && pthread_equal(a->home, pthread_self()))
		return hoy_go_with(&go, cancel_in_place, a);
	return run_started(&a->canceling);
}

static void start_cancel(struct attempt *a)
{
	pthread_t thread;

	a->home = pthread_self();
	a->canceling = (struct started){ .fn = cancel_attempt, .arg = a };
	if (a->by == DEADLINE)
		return;
	hoy_wait_group_add(&a->canceling.done, 1);
	if (a->by != A_THREAD) {
		CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_LOCAL }, cancel_in_place, a), 0);
	} else {
		CHECK_INT(pthread_create(&thread, NULL, run_thread, &a->canceling), 0);
		pthread_detach(thread);
	}
}

/* ---- what ends the wait ---- */

static int feed_attempt(void *at)
{
	struct attempt *a = at;

	if (a->point->traits & HOLDS && a->when != AT_ONCE)
		hoy_sleep(30 * HOY_MILLISECOND);
	a->is_fed = true;
	a->point->feed();
	return 0;
}

static void start_feed(struct attempt *a)
{
	a->is_fed = false;
	start(&a->feeding, feed_attempt, a);
}

static bool is_fed_early(const struct attempt *a)
{
	return a->point->traits & HOLDS || a->when >= AT_ONCE;
}

/* ---- an attempt ---- */

static int call_point(void *at)
{
	struct attempt *a = at;

	hoy_time begin = hoy_now();

	a->code = a->point->call();
	attempt_int(a, "is in time", since(begin) < 5 * t_scale() * HOY_SECOND, true);
	if (a->point->traits & HOLDS)
		attempt_int(a, "was fed when it returned", a->is_fed, true);
	return 0;
}

static hoy_time deadline_of(const struct attempt *a)
{
	return a->by == DEADLINE ? hoy_in(10 * HOY_MILLISECOND) : (hoy_time){ 0 };
}

/* What hoy_scope_leave has to return: a wait that the deadline ends is late in it, if there was one. */
static void leave(struct attempt *a)
{
	int code = hoy_scope_leave(&a->scope);

	if (a->by != DEADLINE)
		attempt_int(a, "left", code, a->is_group ? 0 : HOY_ECANCELED);
	else if (a->code == HOY_ECANCELED)
		attempt_int(a, "left", code, HOY_ETIMEOUT);
}

static void run_in_scope(struct attempt *a)
{
	hoy_scope_enter(&a->scope, deadline_of(a));
	if (a->when == BEFORE)
		hoy_scope_cancel(&a->scope);
	else if (a->when < AFTER)
		start_cancel(a);
	call_point(a);
	if (a->when == AFTER)
		hoy_scope_cancel(&a->scope);
	else if (a->when != BEFORE)
		finish(&a->canceling);
	leave(a);
}

/* In a child of a group. A deadline is that of the scope around it. */
static void run_in_group(struct attempt *a)
{
	const hoy_go_opts go = { .place = HOY_PLACE_LOCAL };

	hoy_scope_enter(&a->scope, deadline_of(a));
	a->group = hoy_group_new();
	if (a->when == BEFORE)
		hoy_group_cancel(a->group);
	else if (a->when < AFTER)
		start_cancel(a);
	attempt_int(a, "start", hoy_group_go_with(a->group, &go, call_point, a), 0);
	attempt_int(a, "wait", hoy_group_wait(a->group), 0);
	if (a->when == DURING || a->when == AT_ONCE)
		finish(&a->canceling);
	hoy_group_free(a->group);
	leave(a);
}

static int call_canceled(const struct point *p)
{
	hoy_scope s;
	int code;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	code = p->call();
	hoy_scope_leave(&s);
	return code;
}

static void repeat(struct attempt *a)
{
	const struct point *p = a->point;

	if (a->code < 0)
		attempt_int(a, "repeated", p->call() < 0, false);
	if (!(p->traits & (LASTS | HOLDS)))
		attempt_int(a, "repeated once more", call_canceled(p), HOY_ECANCELED);
}

static void check_after(struct attempt *a)
{
	if (a->point->check)
		a->point->check(a->code);
	else if (a->code >= 0 || !(a->point->traits & BREAKS))
		repeat(a);
}

static void check_code(struct attempt *a)
{
	bool may_be_canceled = !(a->point->traits & HOLDS) && a->when < AFTER;
	bool may_succeed = is_fed_early(a);

	if (a->code != canceled(a->point) || !may_be_canceled)
		if (a->code < 0 || !may_succeed)
			attempt_int(a, "code", a->code, may_succeed ? 0 : canceled(a->point));
}

/* What is fed late is fed for the repetition. */
static void attempt(struct attempt *a)
{
	const struct point *p = a->point;

	if (p->open)
		p->open();
	if (is_fed_early(a))
		start_feed(a);
	(a->is_group ? run_in_group : run_in_scope)(a);
	check_code(a);
	if (p->feed && !is_fed_early(a))
		start_feed(a);
	if (p->feed) {
		check_after(a);
		finish(&a->feeding);
	}
	if (p->close)
		p->close();
}

/* ---- a storm: many calls in a cancelled scope, while a thread feeds ---- */

struct storm {
	const struct point *point;
	int n;
	atomic_bool is_over;
};

static int feed_storm(void *at)
{
	struct storm *s = at;

	for (int i = 0; i < s->n; i++)
		s->point->feed();
	s->is_over = true;
	return 0;
}

/* How many calls succeed although they may not wait. */
static int call_in_storm(struct storm *s)
{
	int taken = 0;

	for (int i = 0; !s->is_over; i++) {
		taken += call_canceled(s->point) >= 0;
		if (i % 16 == 0)
			sched_yield();
	}
	return taken;
}

static void storm(const struct point *p)
{
	struct attempt a = { .point = p, .when = AT_ONCE, .by = A_THREAD };
	struct storm s = { .point = p, .n = SCALED(500) };
	pthread_t thread;
	int taken;

	a.feeding = (struct started){ .fn = feed_storm, .arg = &s };
	hoy_wait_group_add(&a.feeding.done, 1);
	p->open();
	CHECK_INT(pthread_create(&thread, NULL, run_thread, &a.feeding), 0);
	taken = call_in_storm(&s);
	finish(&a.feeding);
	pthread_join(thread, NULL);
	for (; taken < s.n; taken++)
		if (!attempt_int(&a, "left by the storm", p->call() < 0, false))
			break;
	attempt_int(&a, "taken in the storm", taken, s.n);
	attempt_int(&a, "after the storm", call_canceled(p), HOY_ECANCELED);
	if (p->close)
		p->close();
}

/* ---- all columns ---- */

static bool has_column(const struct point *p, enum when when, enum by by, bool is_group)
{
	if (!in_tasks && (is_group || by < A_THREAD))
		return false;
	if (when == BEFORE || when == AFTER)	/* the caller itself cancels */
		return by == A_THREAD && (p->feed || when == BEFORE);
	return when == DURING || (by != DEADLINE && p->feed && !(p->traits & SLOW));
}

static void cancel_point(const struct point *p)
{
	enum { ROUNDS = 10 };

	for (int is_group = 0; is_group < 2; is_group++)
		for (int by = 0; by < BYS; by++)
			for (int when = 0; when < WHENS; when++)
				for (int i = 0; i < (when == AT_ONCE ? SCALED(ROUNDS) : 1); i++)
					if (has_column(p, when, by, is_group))
						attempt(&(struct attempt){ .point = p, .when = when, .by = by,
									   .is_group = is_group, .round = i });
}

/* The first attempt makes what is kept for later ones. */
static void check_point(const struct point *p)
{
	struct left before;

	attempt(&(struct attempt){ .point = p, .when = DURING, .by = A_THREAD });
	before = count_left();
	cancel_point(p);
	if (p->traits & ADDS_UP)
		storm(p);
	check_nothing_left(p->name, before);
}

struct table {
	const struct point *points;
	size_t n;
};

static int check_points(void *at)
{
	const struct table *t = at;

	for (const struct point *p = t->points; p < t->points + t->n; p++)
		if (in_tasks || !(p->traits & IN_TASKS))
			check_point(p);
	return 0;
}

/* ---- the end of a run ---- */

static int wait_for_end(void *at)
{
	struct attempt *a = at;

	a->code = a->point->call();
	return 0;
}

static int end_run_at_once(void *at)
{
	struct attempt *a = at;

	CHECK_INT(hoy_go(wait_for_end, a), 0);
	return hoy_sleep(3 * HOY_MILLISECOND);
}

/* The call is a task's, and what it waits for a thread's. */
static void check_end_of_run(const struct point *p)
{
	struct attempt a = { .point = p };

	if (p->open)
		p->open();
	attempt_int(&a, "hoy_run", hoy_run(end_run_at_once, &a), 0);
	attempt_int(&a, "the end of hoy_run", a.code, canceled(p));
	if (p->feed) {
		start_feed(&a);
		check_after(&a);
		finish(&a.feeding);
	}
	if (p->close)
		p->close();
}

/* ---- both together ---- */

static void cancel_in_tasks(const struct table *t)
{
	in_tasks = true;
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 2 }, check_points, (void *)t), 0);
}

static void cancel_in_threads(const struct table *t)
{
	in_tasks = false;
	check_points((void *)t);
	for (const struct point *p = t->points; p < t->points + t->n; p++)
		if (!(p->traits & (HOLDS | IN_TASKS | SLOW)))
			check_end_of_run(p);
}

#define CANCEL(rows) \
	TEST(rows##_in_tasks) { cancel_in_tasks(&(struct table){ rows, LEN(rows) }); } \
	TEST(rows##_in_threads) { cancel_in_threads(&(struct table){ rows, LEN(rows) }); }

#endif
