/*
 * What hoy_select does with a case that is not a channel's: it begins all of them, looks which can happen, and takes one; if none
 * can, it watches all, parks, and looks again. In the end it ends all that it began.
 */
#ifndef HOY_TASK_CASE_H
#define HOY_TASK_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include <hoy/chan.h>

struct hoy__case_ops {
	void (*begin)(hoy_case *a);
	/* The code with which the case can happen now, -EAGAIN if it cannot. Nothing changes by it. */
	int (*look)(hoy_case *a);
	/* After such a look. -EAGAIN: it cannot happen any more. */
	int (*take)(hoy_case *a);
	/*
	 * The task is woken when another look may say more, until unwatch, or should look at the moment *until, which is made earlier. 0
	 * or a code; then unwatch does no harm.
	 */
	int (*watch)(hoy_case *a, int64_t *until);
	/* Asked between arming and parking: may a look say more than before watch? */
	bool (*has_changed)(hoy_case *a);
	void (*unwatch)(hoy_case *a);
	void (*end)(hoy_case *a);
};

/* The first of a case's reserved fields, for the kinds from HOY_CASE_READABLE on. */
static inline const struct hoy__case_ops *hoy__case_ops(const hoy_case *a)
{
	return (const struct hoy__case_ops *)a->reserved[0];
}

/* A case that never happens, for what is NULL. */
static inline hoy_case hoy__case_never(void)
{
	return (hoy_case){ .kind = HOY_CASE_RECV };
}

#endif
