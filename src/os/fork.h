/*
 * Forks of this process. A record that belongs to one process keeps the lineage it was made in;
 * when the current lineage differs, the record was inherited from a parent.
 */
#ifndef HOY_OS_FORK_H
#define HOY_OS_FORK_H

#include <stdatomic.h>

struct hoy__forks {
	atomic_uint count;	/* made by this process */
	atomic_uint lineage;	/* made on the way from the first process to this one */
};

extern struct hoy__forks hoy__forks;

/* Counts forks from now on, and must have succeeded before the numbers are used. 0 or a code. */
int hoy__fork_watch(void);

/*
 * What a layer does around each fork from now on: `lock` before it, so that the child does not get
 * records in the middle of a change, then `unlock` in the parent and `forget` in the child,
 * which unlocks too. The last to register locks first, so a layer registers after those below it. 0 or a code.
 */
int hoy__fork_guard(void (*lock)(void), void (*unlock)(void), void (*forget)(void));

static inline unsigned hoy__fork_count(void)
{
	return atomic_load_explicit(&hoy__forks.count, memory_order_relaxed);
}

static inline unsigned hoy__fork_lineage(void)
{
	return atomic_load_explicit(&hoy__forks.lineage, memory_order_relaxed);
}

/* exit(status), which runs what atexit registered. */
_Noreturn void hoy__fork_exit(int status);

/*
 * After a function of the user's has returned, which was called in this lineage. If it returns in a child that it forked, what
 * called it is the parent's business: the child ends as if main had returned.
 */
static inline void hoy__fork_end_child(unsigned lineage, int status)
{
	if (hoy__fork_lineage() != lineage)
		hoy__fork_exit(status);
}

#endif
