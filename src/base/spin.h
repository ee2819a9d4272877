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
	/*
	 * Read until it is free: each exchange would take the cache line from the holder, which is at work on it. With more threads
	 * than CPUs the holder may not be running: let it.
	 */
	while (!hoy__spin_try(lock))
		for (unsigned reads = 1; atomic_load_explicit(lock, memory_order_relaxed); reads++)
			if (reads % 256 == 0)
				sched_yield();
}

static inline void hoy__spin_unlock(atomic_uint *lock)
{
	atomic_store_explicit(lock, 0, memory_order_release);
}

#endif
