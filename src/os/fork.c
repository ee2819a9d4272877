/*
 * The numbers come from pthread_atfork, so vfork, posix_spawn and a raw clone do not change them:
 * their children may only call exec or _exit anyway.
 */
#include "os/fork.h"

#include <pthread.h>
#include <stdlib.h>

struct hoy__forks hoy__forks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int unwatched;

static void in_parent(void)
{
	atomic_fetch_add(&hoy__forks.count, 1);
}

static void in_child(void)
{
	atomic_fetch_add(&hoy__forks.lineage, 1);
}

static void watch(void)
{
	unwatched = -pthread_atfork(NULL, in_parent, in_child);
}

int hoy__fork_watch(void)
{
	pthread_once(&once, watch);
	return unwatched;
}

int hoy__fork_guard(void (*lock)(void), void (*unlock)(void), void (*forget)(void))
{
	return -pthread_atfork(lock, unlock, forget);
}

void hoy__fork_exit(int status)
{
	exit(status);
}
