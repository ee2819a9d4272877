/*
 * A spin lock for data that one worker uses most of the time, such as a channel between its tasks. After many uses in a row the
 * worker owns the lock, and then takes it by plain stores and loads. The first other thread that comes revokes the ownership
 * for good.
 *
 * The owner stores `busy` and then loads `owner`; the revoker stores `owner` and then loads `busy`. Each needs a memory barrier
 * between its two steps, and the revoker has both executed: by membarrier(2), in every thread of the process.
 */
#ifndef HOY_TASK_BIASED_H
#define HOY_TASK_BIASED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/spin.h"
#include "task/worker.h"

struct hoy__biased {			/* all-zero: unlocked, without an owner */
	struct hoy__worker *_Atomic owner;
	atomic_uint busy;		/* the owner holds the lock, or tries to */
	atomic_uint lock;		/* of all others, and of the revoker while it waits for busy */
	/* protected by the lock */
	bool by_owner;			/* its owner holds it */
	uint32_t uses;			/* by the same worker, in a row */
	struct hoy__worker *user;	/* the last one; NULL: a thread that has none */
};

/* Once in a process, before its first worker begins: whether locks can have owners. */
void hoy__biased_prepare(void);
/* By the owner. False: another worker is, or none. */
static inline bool hoy__biased_lock_owned(struct hoy__biased *l)
{
	struct hoy__worker *w = hoy__this;

	if (!w || atomic_load_explicit(&l->owner, memory_order_relaxed) != w)
		return false;
	atomic_store_explicit(&l->busy, 1, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&l->owner, memory_order_relaxed) == w) {
		l->by_owner = true;
		return true;
	}
	atomic_store_explicit(&l->busy, 0, memory_order_relaxed);	/* the ownership is being revoked */
	return false;
}

/* By anyone else. True: this has revoked the ownership. */
bool hoy__biased_lock_shared(struct hoy__biased *l);

static inline void hoy__biased_unlock_owned(struct hoy__biased *l)
{
	atomic_store_explicit(&l->busy, 0, memory_order_release);
}

static inline void hoy__biased_unlock(struct hoy__biased *l)
{
	atomic_store_explicit(l->by_owner ? &l->busy : &l->lock, 0, memory_order_release);
}

#endif
