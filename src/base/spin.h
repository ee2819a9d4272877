/* A lock for a few instructions. Whoever holds it neither waits nor calls out. */
#ifndef HOY_BASE_SPIN_H
#define HOY_BASE_SPIN_H

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static inline bool hoy__spin_try(atomic_uint *lock)
{
	return !atomic_exchange_explicit(lock, 1, memory_order_acquire);
}

static inline void hoy__spin_lock(atomic_uint *lock)
{
	/* with more threads than CPUs the holder may not be running: let it */
	for (unsigned spins = 1; !hoy__spin_try(lock); spins++)
		if (spins % 64 == 0)
			sched_yield();
}

static inline void hoy__spin_unlock(atomic_uint *lock)
{
	atomic_store_explicit(lock, 0, memory_order_release);
}

#endif
