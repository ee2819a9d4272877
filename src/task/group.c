/*
 * A group is a scope that its children share, and a list of those that run. Each child puts itself in and takes itself out;
 * the last one out wakes the task that waits. What a task needs to know of its groups is a list, too: a cancellation goes
 * from task to groups to tasks, always downwards, with the locks of the way held.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/list.h"
#include "base/moment.h"
#include "base/spin.h"
#include "os/fork.h"
#include "task/fork.h"
#include "task/runtime.h"
#include "task/scope.h"
#include "task/waiters.h"

struct hoy_group {
	hoy_scope scope;		/* of the children; its task made the group */
	struct hoy_group *next;		/* of the same task, older */
	atomic_uint lock;		/* of what follows */
	struct hoy__link children;	/* those that have started */
	unsigned running;		/* and those that will */
	int failure;			/* the first, or 0 */
	struct hoy__waiter *waiter;	/* the task that made the group waits for running to be 0 */
	unsigned lineage;		/* the process that the children are in */
};

/* On the child's stack, before the copy of its argument. */
struct child {
	struct hoy__link link;
	hoy_group *group;
	struct hoy__task *task;
	hoy_fn *fn;
	void *arg;
	_Alignas(16) char copy[];
};

hoy_group *hoy_group_new(void)
{
	struct hoy__task *me = hoy__self();
	hoy_group *g = me ? hoy__alloc(sizeof *g) : NULL;

	if (!g)
		return NULL;
	hoy__list_init(&g->children);
	g->lineage = hoy__fork_lineage();
	g->scope = (hoy_scope){ .parent = me->scope, .task = me, .deadline.ns = HOY__NEVER };
	hoy__spin_lock(&me->groups_lock);
	g->next = me->groups;
	me->groups = g;
	hoy__spin_unlock(&me->groups_lock);
	return g;
}

/* g is older than what me has made. */
static void hand_to(struct hoy__task *me, hoy_group *g)
{
	hoy_group **last = &me->groups;

	hoy__spin_lock(&me->groups_lock);
	while (*last)
		last = &(*last)->next;
	*last = g;
	hoy__spin_unlock(&me->groups_lock);
	g->next = NULL;
	g->scope.task = me;
}

/*
 * In the child of a fork: the group's children are the parent's, as is a task that held the lock. A plain thread's record goes on,
 * a task's does not, and then the group is the thread's.
 */
COLD static void adopt(hoy_group *g)
{
	struct hoy__task *me = hoy__self();

	g->lineage = hoy__fork_lineage();
	atomic_store(&g->lock, 0);
	hoy__list_init(&g->children);
	g->running = 0;
	g->waiter = NULL;
	if (me && me != g->scope.task)
		hand_to(me, g);
}

static void lock(hoy_group *g)
{
	if (g->lineage != hoy__fork_lineage())
		adopt(g);
	hoy__spin_lock(&g->lock);
}

bool hoy__group_is_inside(const hoy_group *g, const hoy_scope *s)
{
	for (const hoy_scope *around = g->scope.parent; around; around = around->parent)
		if (around == s)
			return true;
	return false;
}

hoy_group *hoy__group_next(const hoy_group *g)
{
	return g->next;
}

void hoy__group_kick(hoy_group *g)
{
	lock(g);
	for (struct hoy__link *l = g->children.next; l != &g->children; l = l->next)
		hoy__scope_kick(container_of(l, struct child, link)->task);
	hoy__spin_unlock(&g->lock);
}

void hoy_group_cancel(hoy_group *g)
{
	hoy__scope_mark(&g->scope);
	hoy__group_kick(g);
}

static void join(struct child *c)
{
	hoy_group *g = c->group;

	c->task = hoy__this->current;
	c->task->scope = &g->scope;
	c->task->scoped = true;
	lock(g);
	hoy__list_push(&g->children, &c->link);
	hoy__spin_unlock(&g->lock);
}

/* One fewer. After the unlocking the group may be gone. */
static void leave(hoy_group *g, struct hoy__link *child)
{
	struct hoy__waiter *waiter = NULL;

	lock(g);
	hoy__list_remove(child);
	if (--g->running == 0) {
		waiter = g->waiter;
		g->waiter = NULL;
	}
	hoy__spin_unlock(&g->lock);
	if (waiter)
		hoy__waiter_grant(waiter);
}

static void fail(hoy_group *g, int code)
{
	lock(g);
	if (!g->failure)
		g->failure = code;
	hoy__spin_unlock(&g->lock);
	hoy_group_cancel(g);
}

HOT static int run_child(void *arg)
{
	struct child *c = arg;
	hoy_group *g = c->group;
	int code;

	join(c);
	code = hoy__call_user(c->fn, c->arg);
	if (code < 0)
		fail(g, code);
	hoy__scope_end(c->task);
	leave(g, &c->link);
	return 0;
}

static void expect_one_more(hoy_group *g)
{
	lock(g);
	g->running++;
	hoy__spin_unlock(&g->lock);
}

/* arg is the child's own, or a block of len bytes to be copied. */
static int prepare(hoy_group *g, const hoy_go_opts *opts, hoy_fn *fn, const void *arg, size_t len, const void *site,
		   struct hoy__slot **slot)
{
	struct child *c;
	int code = len > HOY__COPY_MOST ? -E2BIG : hoy__go_prepare_room(opts, run_child, sizeof *c + len, site, slot);

	if (code < 0)
		return code;
	c = (*slot)->arg;
	(*slot)->shown = fn;
	*c = (struct child){ .group = g, .fn = fn, .arg = len ? c->copy : (void *)arg };
	if (len)
		memcpy(c->copy, arg, len);
	expect_one_more(g);
	return 0;
}

HOT static int start(hoy_group *g, const hoy_go_opts *opts, hoy_fn *fn, const void *arg, size_t len, const void *site)
{
	struct hoy__slot *slot;
	int code = prepare(g, opts, fn, arg, len, site, &slot);

	if (code == 0)
		hoy__go_launch(opts, slot);
	return code;
}

int hoy__group_go_on(hoy_group *g, unsigned index, const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site)
{
	struct hoy__slot *slot;
	int code = prepare(g, opts, fn, arg, 0, site, &slot);

	if (code == 0)
		hoy__go_launch_on(index, slot);
	return code;
}

static const hoy_go_opts defaults;

NOTES_CALLER int hoy_group_go(hoy_group *g, hoy_fn *fn, void *arg)
{
	return start(g, &defaults, fn, arg, 0, __builtin_return_address(0));
}

NOTES_CALLER int hoy_group_go_copy(hoy_group *g, hoy_fn *fn, const void *arg, size_t len)
{
	return start(g, &defaults, fn, arg, len, __builtin_return_address(0));
}

NOTES_CALLER int hoy_group_go_with(hoy_group *g, const hoy_go_opts *opts, hoy_fn *fn, void *arg)
{
	return start(g, opts ? opts : &defaults, fn, arg, 0, __builtin_return_address(0));
}

/* True: the children have ended, now or before. */
static bool withdraw(hoy_group *g, struct hoy__waiter *me)
{
	bool waits;

	lock(g);
	waits = g->waiter == me;
	if (waits)
		g->waiter = NULL;
	hoy__spin_unlock(&g->lock);
	if (!waits)
		hoy__waiter_wait(me, HOY__WHY_GROUP, g);
	return !waits;
}

static int failure_of(hoy_group *g)
{
	int code;

	lock(g);
	code = g->failure;
	hoy__spin_unlock(&g->lock);
	return code;
}

static int wait_until(hoy_group *g, int why, int64_t until)
{
	struct hoy__waiter me = { .task = hoy__self() };
	int code = 0;
	bool wait;

	lock(g);
	assert(me.task == g->scope.task);
	wait = g->running > 0;
	g->waiter = wait ? &me : NULL;
	hoy__spin_unlock(&g->lock);
	if (wait)
		code = hoy__waiter_wait_until(&me, (enum hoy__why)why, g, until);
	return code < 0 && !withdraw(g, &me) ? code : failure_of(g);
}

int hoy_group_wait(hoy_group *g)
{
	return wait_until(g, HOY__WHY_GROUP | HOY__WHY_MORTAL, HOY__NEVER);
}

int hoy_group_wait_until(hoy_group *g, hoy_time deadline)
{
	return wait_until(g, HOY__WHY_GROUP, hoy__deadline_of(deadline));
}

static void take_out(struct hoy__task *task, const hoy_group *g)
{
	hoy_group **at = &task->groups;

	hoy__spin_lock(&task->groups_lock);
	while (*at && *at != g)
		at = &(*at)->next;
	if (*at)
		*at = g->next;
	hoy__spin_unlock(&task->groups_lock);
}

void hoy_group_free(hoy_group *g)
{
	if (!g)
		return;
	hoy_group_cancel(g);
	hoy_group_wait(g);
	take_out(g->scope.task, g);
	hoy__release(g);
}
