/* A scope that many tasks share, for those above that start tasks of no group. */
#ifndef HOY_TASK_SCOPE_JOINED_H
#define HOY_TASK_SCOPE_JOINED_H

#include <hoy/group.h>

/*
 * A scope { .deadline.ns = HOY__NEVER } that any number of tasks share. The running task, which is in no scope, joins it, and parts
 * before the scope's memory goes.
 */
void hoy__scope_join(hoy_scope *s);
void hoy__scope_part(void);
/*
 * For those that have joined, those that will, and the children of their groups. Waits until each worker has cancelled its tasks.
 * 0 or a code: tasks that wait have perhaps not been woken.
 */
int hoy__scope_cancel_joined(hoy_scope *s);

#endif
