/*
 * A ticker does nothing by itself: it is the moment of its next tick, at which those who wait for it look whether it is still
 * there. So it needs neither a run nor a thread, and costs nothing while nobody waits.
 */
#include <errno.h>

#include <hoy/timer.h>

#include "base/base.h"
#include "base/moment.h"
#include "base/spin.h"
#include "os/os.h"
#include "task/case.h"
#include "task/park.h"

_Static_assert(sizeof(hoy_ticker) == 64, "part of the binary interface");

/* In the case's reserved fields. */
struct tick {
	const struct hoy__case_ops *ops;
	hoy_ticker *ticker;
	struct hoy__task *task;
	struct tick *next;	/* in the ticker's waiters */
	int64_t awaited;	/* the tick that the wait takes into account */
};

_Static_assert(sizeof(struct tick) <= sizeof ((hoy_case *)0)->reserved, "fits into the case");

static struct tick *part_of(hoy_case *a)
{
	return (struct tick *)(void *)a->reserved;
}

static hoy_ticker *lock(hoy_case *a)
{
	hoy_ticker *t = part_of(a)->ticker;

	hoy__spin_lock((atomic_uint *)&t->guard);
	return t;
}

static void unlock(hoy_ticker *t)
{
	hoy__spin_unlock((atomic_uint *)&t->guard);
}

/* With the ticker locked. */
static bool is_due(const hoy_ticker *t, int64_t now)
{
	return hoy__deadline_of(t->next) <= now;
}

static void begin(hoy_case *a)
{
	(void)a;
}

static int look(hoy_case *a)
{
	int64_t now = hoy__os_monotonic();
	hoy_ticker *t = lock(a);
	bool due = is_due(t, now);

	unlock(t);
	return due ? 0 : -EAGAIN;
}

/* Ticks that were missed are dropped, and the next one comes when it would have come. */
static void advance(hoy_ticker *t, int64_t now)
{
	int64_t late = hoy__moment_sub(now, t->next.ns);

	if (t->period > 0)
		t->next.ns = hoy__moment_add(hoy__moment_sub(now, late % t->period), t->period);
}

static int take(hoy_case *a)
{
	int64_t now = hoy__os_monotonic();
	hoy_ticker *t = lock(a);
	bool due = is_due(t, now);

	if (due)
		advance(t, now);
	unlock(t);
	return due ? 0 : -EAGAIN;
}

static int watch(hoy_case *a, int64_t *until)
{
	struct tick *me = part_of(a);
	hoy_ticker *t = lock(a);

	me->task = hoy__self();
	me->awaited = hoy__deadline_of(t->next);
	*until = hoy__earlier(*until, me->awaited);
	me->next = t->waiters;
	t->waiters = me;
	unlock(t);
	return 0;
}

static bool has_changed(hoy_case *a)
{
	hoy_ticker *t = lock(a);
	bool changed = hoy__deadline_of(t->next) != part_of(a)->awaited;

	unlock(t);
	return changed;
}

static void unwatch(hoy_case *a)
{
	struct tick *me = part_of(a);
	hoy_ticker *t = lock(a);
	struct tick **at = (struct tick **)&t->waiters;

	while (*at && *at != me)
		at = &(*at)->next;
	if (*at)
		*at = me->next;
	unlock(t);
}

static void end(hoy_case *a)
{
	(void)a;
}

static const struct hoy__case_ops ops = {
	.begin = begin, .look = look, .take = take, .watch = watch, .has_changed = has_changed, .unwatch = unwatch, .end = end,
};

hoy_case hoy_case_tick(hoy_ticker *t)
{
	hoy_case a = { .kind = HOY_CASE_TICK };

	if (!t)
		return hoy__case_never();
	*part_of(&a) = (struct tick){ .ops = &ops, .ticker = t };
	return a;
}

int hoy_ticker_wait(hoy_ticker *t)
{
	hoy_case a = HOY_TICK(t);
	int code, i = hoy_select(&a, 1, &code);

	return i < 0 ? i : code;
}

/* {0}: it is stopped. */
static void set(hoy_ticker *t, hoy_time next, hoy_duration period)
{
	hoy__spin_lock((atomic_uint *)&t->guard);
	t->next = next;
	t->period = period;
	for (struct tick *w = t->waiters; w; w = w->next)
		hoy__wake(w->task, 0);
	unlock(t);
}

void hoy_ticker_reset(hoy_ticker *t, hoy_duration d)
{
	set(t, d ? hoy_in(d) : (hoy_time){ 0 }, d);
}

void hoy_ticker_stop(hoy_ticker *t)
{
	set(t, (hoy_time){ 0 }, 0);
}
