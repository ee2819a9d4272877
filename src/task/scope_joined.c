/*
 * A scope that many tasks share, although nobody has a list of them. A list would cost each of them more than the scope does, and
 * so would looking at the scope before each wait; it is cancelled once at most. So the canceller looks at all tasks, and only then
 * do those inside begin to look at their scope. Each worker does that for its own tasks, of which none runs meanwhile.
 */
#include <errno.h>

#include "base/moment.h"
#include "task/scope.h"
#include "task/scope_joined.h"
#include "task/workers.h"

void hoy__scope_join(hoy_scope *s)
{
	struct hoy__task *me = hoy__this->current;

	me->scope = s;
	me->scoped = hoy__scope_is_marked(s);
}

void hoy__scope_part(void)
{
	struct hoy__task *me = hoy__this->current;

	me->scope = NULL;
	me->scoped = false;
}

static bool is_inside(const struct hoy__task *task, const hoy_scope *s)
{
	const hoy_scope *around = task->scope;

	while (around && around != s)
		around = around->parent;
	return around;
}

/* The state first: another worker sets itself before the state. */
static bool is_mine(const struct hoy__slot *slot)
{
	return atomic_load(&slot->state) == HOY__SLOT_LIVE && atomic_load(&slot->worker) == hoy__this;
}

static void cancel_if_inside(struct hoy__slot *slot, void *s)
{
	struct hoy__task *task = hoy__slot_task(slot);

	if (!is_mine(slot) || !is_inside(task, s))
		return;
	task->scoped = true;
	hoy__wake(task, 0);
}

static int cancel_on_worker(void *s)
{
	hoy__slot_each(cancel_if_inside, s);
	return 0;
}

int hoy__scope_cancel_joined(hoy_scope *s)
{
	static const hoy_go_opts go = { .name = "cancel" };
	hoy_group *g = hoy_group_new();
	int code = g ? 0 : -ENOMEM;

	hoy__scope_mark(s);
	for (int i = 0; code == 0 && i < hoy__workers(); i++)
		code = hoy__group_go_on(g, (unsigned)i, &go, cancel_on_worker, s, (const void *)hoy__scope_cancel_joined);
	hoy_group_free(g);
	return code;
}
