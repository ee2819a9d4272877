/*
 * The holder of such a mutex takes locks of the layers below, so a fork takes the mutexes first. The child does not unlock them,
 * which would wake tasks of the parent, but makes them anew.
 */
#include "fd/fork_mutex.h"

#include <pthread.h>

#include "base/base.h"
#include "fd/slab.h"
#include "os/fork.h"

enum { TRIES = 1000 };

static struct {
	pthread_mutex_t lock;
	struct hoy__link all;
} mutexes = { PTHREAD_MUTEX_INITIALIZER, { &mutexes.all, &mutexes.all } };

static struct hoy__fork_mutex *mutex_of(struct hoy__link *l)
{
	return container_of(l, struct hoy__fork_mutex, link);
}

static bool lock_soon(hoy_mutex *m)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (hoy_mutex_try_lock(m))
			return true;
		sched_yield();
	}
	return false;
}

static void lock_all(void)
{
	pthread_mutex_lock(&mutexes.lock);
	for (struct hoy__link *l = mutexes.all.next; l != &mutexes.all; l = l->next)
		mutex_of(l)->held = lock_soon(&mutex_of(l)->mutex);
}

static void unlock_all(void)
{
	for (struct hoy__link *l = mutexes.all.next; l != &mutexes.all; l = l->next)
		if (mutex_of(l)->held)
			hoy_mutex_unlock(&mutex_of(l)->mutex);
	pthread_mutex_unlock(&mutexes.lock);
}

/* Those who waited for one are not here either. */
static void forget_all(void)
{
	for (struct hoy__link *l = mutexes.all.next; l != &mutexes.all; l = l->next) {
		mutex_of(l)->mutex = (hoy_mutex){ 0 };
		mutex_of(l)->torn |= !mutex_of(l)->held;
	}
	pthread_mutex_unlock(&mutexes.lock);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int unwatched;

static void watch_forks(void)
{
	if ((unwatched = hoy__slab_watch_forks()) == 0)
		unwatched = hoy__fork_guard(lock_all, unlock_all, forget_all);
}

int hoy__fork_mutex_init(struct hoy__fork_mutex *m)
{
	pthread_once(&once, watch_forks);
	if (unwatched)
		return unwatched;
	m->lineage = hoy__fork_lineage();
	pthread_mutex_lock(&mutexes.lock);
	hoy__list_push(&mutexes.all, &m->link);
	pthread_mutex_unlock(&mutexes.lock);
	return 0;
}

void hoy__fork_mutex_end(struct hoy__fork_mutex *m)
{
	pthread_mutex_lock(&mutexes.lock);
	hoy__list_remove(&m->link);
	pthread_mutex_unlock(&mutexes.lock);
}

bool hoy__fork_mutex_inherited(struct hoy__fork_mutex *m, bool *torn)
{
	if (m->lineage == hoy__fork_lineage())
		return false;
	m->lineage = hoy__fork_lineage();
	*torn = m->torn;
	m->torn = false;
	return true;
}
