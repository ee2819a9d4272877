/*
 * Tasks that end before their parent goes on, and limits for all that waits. A group is what Go programs make of
 * errgroup, a scope what they make of context.WithDeadline; cancellation is a state that every wait heeds, not a signal.
 */
#ifndef HOY_GROUP_H
#define HOY_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/task.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A scope limits what the calling task does between enter and leave, and what the children of groups made there do.
 * After its deadline, or after hoy_scope_cancel, every call that would wait returns HOY_ECANCELED at once,
 * as often as it is made; a call that need not wait does its work as ever. Locks and hoy_wait_group_wait (hoy/sync.h), hoy_group_wait and a
 * function that hoy_offload has started are waited for all the same; hoy_serve (hoy/conn.h) accepts no more, and waits for its
 * connections as after a close; they are in a scope of its own.
 *
 * The record lies on the caller's stack; scopes nest, and are left in reverse order by the task that entered them.
 * The fields are hoy's.
 */
typedef struct hoy_scope {
	struct hoy_scope *parent;
	void *task;
	hoy_time deadline;
	uint32_t state, shields;
} hoy_scope;

/* deadline {0}: none, only hoy_scope_cancel or a scope around this one ends it. */
void hoy_scope_enter(hoy_scope *s, hoy_time deadline);
/* From any task or thread, while s is entered: the caller sees to it that it is not left meanwhile. */
void hoy_scope_cancel(hoy_scope *s);
/*
 * HOY_ECANCELED if s itself was cancelled, HOY_ETIMEOUT if its deadline ended a wait, else 0, even when a scope around it
 * ended. Groups made inside must have been freed: otherwise the program is ended with a message.
 */
int hoy_scope_leave(hoy_scope *s);

/*
 * Inside, neither a scope around nor the end of hoy_run ends a wait, for as long as limit: to say goodbye to a peer, to
 * flush, to give something back. Leave returns as hoy_scope_leave does. A limit of 0 or less is none at all.
 */
void hoy_shield_enter(hoy_scope *s, hoy_duration limit);
int hoy_shield_leave(hoy_scope *s);

/*
 * Children that run at the same time and are waited for together. The scope in which the group is made applies to all of
 * them. The first child that returns a negative value cancels the others. Only the task that made a group waits for it and frees it.
 */
typedef struct hoy_group hoy_group;

/* NULL for want of memory, or of descriptors in a thread that has not waited yet. */
hoy_group *hoy_group_new(void);
/*
 * As hoy_go, hoy_go_copy and hoy_go_with, for a child; from any task while the group is not freed, so children may start
 * more. A child of a cancelled group runs, and its first wait returns HOY_ECANCELED.
 */
int hoy_group_go(hoy_group *g, hoy_fn *fn, void *arg);
int hoy_group_go_copy(hoy_group *g, hoy_fn *fn, const void *arg, size_t len);
int hoy_group_go_with(hoy_group *g, const hoy_go_opts *opts, hoy_fn *fn, void *arg);
/*
 * Waits until all children have ended, however long that takes. The first negative value that one returned, or 0. More
 * children may be started afterwards; a group that was cancelled stays so.
 */
int hoy_group_wait(hoy_group *g);
/*
 * As hoy_group_wait, but gives up at the deadline, {0} for none: HOY_ETIMEOUT, or HOY_ECANCELED by a scope around the caller. A
 * child may have returned the same codes. The children go on, and the group can be waited for again, cancelled and freed.
 */
int hoy_group_wait_until(hoy_group *g, hoy_time deadline);
/* Every wait of the children, and of their own groups' children, returns HOY_ECANCELED. From any task or thread. */
void hoy_group_cancel(hoy_group *g);
/* Cancels, waits for the children, and frees. NULL does nothing. */
void hoy_group_free(hoy_group *g);

#ifdef __cplusplus
}
#endif
#endif
