/*
 * A fork copies the calling thread and the memory of all. So the locks are taken before it, each
 * part's in the order in which they nest; and in the child each part forgets the threads that are
 * not there, and closes what the kernel would share with the parent.
 */
#include "task/fork.h"

#include <pthread.h>

#include "base/base.h"
#include "task/leaks.h"
#include "task/overflow.h"
#include "task/pool.h"
#include "task/runtime.h"
#include "task/timer.h"

static const struct {
	void (*lock)(void), (*unlock)(void), (*forget)(void);
} parts[] = {
	{ hoy__leaks_lock, hoy__leaks_unlock, hoy__leaks_forget },
	{ hoy__runtime_lock, hoy__runtime_unlock, hoy__runtime_forget },
	{ hoy__timers_lock, hoy__timers_unlock, hoy__timers_forget },
	{ hoy__pools_lock, hoy__pools_unlock, hoy__pools_forget },
	{ hoy__signals_lock, hoy__signals_unlock, hoy__signals_forget },
	{ hoy__slots_lock, hoy__slots_unlock, hoy__slots_forget },
	{ hoy__workers_lock, hoy__workers_unlock, hoy__workers_forget },
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int unwatched;

static void lock(void)
{
	for (size_t i = 0; i < LEN(parts); i++)
		parts[i].lock();
}

static void unlock(void)
{
	for (size_t i = LEN(parts); i-- > 0; )
		parts[i].unlock();
}

static void forget(void)
{
	for (size_t i = LEN(parts); i-- > 0; )
		parts[i].forget();
	hoy__overflow_thread_end();
	hoy__overflow_end();
}

static void watch(void)
{
	if ((unwatched = hoy__fork_watch()) == 0)
		unwatched = hoy__fork_guard(lock, unlock, forget);
}

int hoy__task_watch_forks(void)
{
	pthread_once(&once, watch);
	return unwatched;
}
