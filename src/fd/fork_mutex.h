/* Mutexes of the layers above that a fork leaves in order. */
#ifndef HOY_FD_FORK_MUTEX_H
#define HOY_FD_FORK_MUTEX_H

#include <stdbool.h>

#include <hoy/sync.h>

#include "base/list.h"

/*
 * The mutex of a record that children go on using. A fork waits until it has it, but not for long, since its holder may be a
 * task that waits for its turn on this very thread. In the child it is free.
 */
struct hoy__fork_mutex {
	hoy_mutex mutex;
	struct hoy__link link;
	unsigned lineage;	/* of the process that the record has been made ready for */
	bool held;		/* by the fork */
	bool torn;		/* by a fork that it was not held by */
};

/* 0 or a code; before any other use. */
int hoy__fork_mutex_init(struct hoy__fork_mutex *m);
void hoy__fork_mutex_end(struct hoy__fork_mutex *m);
/*
 * With the mutex: true once in each child, which then makes the record ready for itself. torn: it may have been in the middle of
 * a change.
 */
bool hoy__fork_mutex_inherited(struct hoy__fork_mutex *m, bool *torn);

#endif
