/*
 * A scope is a state that its tasks look at, each before it waits and when it is woken: whoever cancels sets the state and
 * wakes the tasks, which find out for themselves. So the memory of a scope is read only by the task that entered it and by
 * tasks that end before it is left.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/err.h>

#include "base/moment.h"
#include "base/spin.h"
#include "task/report.h"
#include "task/scope.h"

enum { CANCELED = 1, EXPIRED = 2 };	/* its deadline has ended a wait */

static _Atomic uint32_t *state_of(hoy_scope *s)
{
	return (_Atomic uint32_t *)&s->state;
}

static bool is_over(hoy_scope *s, int64_t now)
{
	if (atomic_load_explicit(state_of(s), memory_order_relaxed) & CANCELED)
		return true;
	if (s->deadline.ns > now)
		return false;
	atomic_fetch_or_explicit(state_of(s), EXPIRED, memory_order_relaxed);
	return true;
}

int hoy__scope_check(struct hoy__task *me, int64_t *until)
{
	int64_t now = hoy__coarse_now();

	for (hoy_scope *s = me->scope; s; s = s->parent) {
		if (is_over(s, now))
			return HOY_ECANCELED;
		*until = hoy__earlier(*until, s->deadline.ns);
		if (s->shields)
			return 0;
	}
	return me->worker->canceled ? HOY_ECANCELED : 0;
}

void hoy__scope_mark(hoy_scope *s)
{
	atomic_fetch_or_explicit(state_of(s), CANCELED, memory_order_relaxed);
	/* either the task finds the state before it waits, or we find the task armed */
	atomic_thread_fence(memory_order_seq_cst);
}

bool hoy__scope_is_marked(const hoy_scope *s)
{
	return atomic_load_explicit(state_of((hoy_scope *)s), memory_order_relaxed) & CANCELED;
}

/* The groups made in s; NULL: all. The newest are the innermost. */
static void kick(struct hoy__task *task, const hoy_scope *s)
{
	hoy__wake(task, 0);
	hoy__spin_lock(&task->groups_lock);
	for (struct hoy_group *g = task->groups; g && (!s || hoy__group_is_inside(g, s)); g = hoy__group_next(g))
		hoy__group_kick(g);
	hoy__spin_unlock(&task->groups_lock);
}

void hoy__scope_kick(struct hoy__task *task)
{
	kick(task, NULL);
}

/* A plain thread without memory for its record does without the scope: its waits fail for the same reason. */
static void enter(hoy_scope *s, int64_t deadline, uint32_t shields)
{
	struct hoy__task *me = hoy__self();

	*s = (hoy_scope){ .task = me, .deadline.ns = deadline, .shields = shields };
	if (!me)
		return;
	s->parent = me->scope;
	me->scope = s;
	me->scoped = true;
}

void hoy_scope_enter(hoy_scope *s, hoy_time deadline)
{
	enter(s, hoy__deadline_of(deadline), 0);
}

void hoy_shield_enter(hoy_scope *s, hoy_duration limit)
{
	enter(s, limit > 0 ? hoy__limit(limit) : HOY__PAST, 1);
}

void hoy_scope_cancel(hoy_scope *s)
{
	struct hoy__task *task = s->task;	/* once it is marked the task may leave it */

	hoy__scope_mark(s);
	if (task)
		kick(task, s);
}

/* The children would go on to read a scope that is no more. */
_Noreturn static void die_of_groups(const char *message)
{
	hoy__report_write(2, message, strlen(message));
	abort();
}

static bool has_groups_inside(const struct hoy__task *task, const hoy_scope *s)
{
	return task->groups && hoy__group_is_inside(task->groups, s);	/* the newest is the innermost */
}

/* After a fork in a task, the child's thread has another record, and nothing to take out. */
int hoy_scope_leave(hoy_scope *s)
{
	struct hoy__task *me = s->task;
	uint32_t state;

	if (me && me == hoy__self()) {
		if (has_groups_inside(me, s))
			die_of_groups("hoy: a scope is left before a group that was made in it is freed\n");
		assert(me->scope == s);
		me->scope = s->parent;
		me->scoped = me->scope != NULL;
	}
	state = atomic_load_explicit(state_of(s), memory_order_relaxed);
	return state & CANCELED ? HOY_ECANCELED : state & EXPIRED ? HOY_ETIMEOUT : 0;
}

int hoy_shield_leave(hoy_scope *s)
{
	return hoy_scope_leave(s);
}

void hoy__scope_end(struct hoy__task *task)
{
	if (task->groups)
		die_of_groups("hoy: a task ends before a group that it made is freed\n");
}
