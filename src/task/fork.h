/* What a fork leaves of the tasks: in the child nothing but the thread that forked, which is a plain one from then on. */
#ifndef HOY_TASK_FORK_H
#define HOY_TASK_FORK_H

#include <hoy/task.h>

#include "os/fork.h"

/* Before the first worker: forks are looked after from now on. 0 or a code. */
int hoy__task_watch_forks(void);

/* The user's fn(arg), which does not return in a child that it forked. */
static inline int hoy__call_user(hoy_fn *fn, void *arg)
{
	unsigned lineage = hoy__fork_lineage();
	int value = fn(arg);

	hoy__fork_end_child(lineage, value);
	return value;
}

#endif
