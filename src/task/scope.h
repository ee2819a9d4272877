/* Scopes as parking sees them: what ends a wait of this task before its own deadline. */
#ifndef HOY_TASK_SCOPE_H
#define HOY_TASK_SCOPE_H

#include <stdint.h>

#include <hoy/group.h>

#include "task/worker.h"

/*
 * HOY_ECANCELED when a scope around the task is cancelled or over; else 0, and *until is at most the earliest of their
 * deadlines.
 */
int hoy__scope_check(struct hoy__task *me, int64_t *until);
/* Sets the state that hoy__scope_check finds. */
void hoy__scope_mark(hoy_scope *s);
bool hoy__scope_is_marked(const hoy_scope *s);
/* A task that waits checks its scopes again, and so do the children of its groups. It does not end meanwhile. */
void hoy__scope_kick(struct hoy__task *task);
/* A task has ended: it must have left its scopes and freed its groups. */
void hoy__scope_end(struct hoy__task *task);

/* Kicks the children. */
void hoy__group_kick(struct hoy_group *g);
/* In the list of its task's groups, whose lock is held: the one made before. */
struct hoy_group *hoy__group_next(const struct hoy_group *g);
/* Was it made in this scope, or in one inside? */
bool hoy__group_is_inside(const struct hoy_group *g, const hoy_scope *s);

#endif
