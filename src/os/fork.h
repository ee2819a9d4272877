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

static inline unsigned hoy__fork_count(void)
{
	return atomic_load_explicit(&hoy__forks.count, memory_order_relaxed);
}

static inline unsigned hoy__fork_lineage(void)
{
	return atomic_load_explicit(&hoy__forks.lineage, memory_order_relaxed);
}

#endif
