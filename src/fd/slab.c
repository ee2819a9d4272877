/*
 * The poller may still tell of a descriptor that has gone, so a record is never given
 * back to the allocator: a late event finds a record, if of another generation. They
 * come in chunks, each record on cache lines of its own.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "fd/fd.h"
#include "fd/slab.h"
#include "os/fork.h"
#include "task/fork.h"

enum { LINE = 64, CHUNK = 31 };

_Static_assert(sizeof(struct hoy__fd) <= 2 * LINE, "two cache lines a descriptor");
_Static_assert(offsetof(struct hoy__fd, queue_guard) <= LINE, "a call touches one of them");

static struct {
	pthread_mutex_t lock;
	struct hoy__fd *free;
	void **chunks;			/* each begins with the one before it: leak checkers follow */
	pthread_once_t once;
	int unwatched;
} slab = { .lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT };

static void lock(void)
{
	pthread_mutex_lock(&slab.lock);
}

static void unlock(void)
{
	pthread_mutex_unlock(&slab.lock);
}

static void watch_forks(void)
{
	if ((slab.unwatched = hoy__task_watch_forks()) == 0)
		slab.unwatched = hoy__fork_guard(lock, unlock, unlock);
}

int hoy__slab_watch_forks(void)
{
	pthread_once(&slab.once, watch_forks);
	return slab.unwatched;
}

static struct hoy__fd *record(void **chunk, int i)
{
	uintptr_t first = ((uintptr_t)chunk + 2 * LINE - 1) & ~(uintptr_t)(LINE - 1);

	return (struct hoy__fd *)(first + (uintptr_t)i * 2 * LINE);
}

static void add_chunk(void)
{
	void **chunk = hoy__alloc((CHUNK * 2 + 2) * LINE);

	if (!chunk)
		return;
	*chunk = slab.chunks;
	slab.chunks = chunk;
	for (int i = 0; i < CHUNK; i++) {
		struct hoy__fd *fd = record(chunk, i);

		fd->next_free = slab.free;
		slab.free = fd;
	}
}

struct hoy__fd *hoy__fd_slab_take(void)
{
	struct hoy__fd *fd;

	if (hoy__slab_watch_forks() < 0)
		return NULL;
	lock();
	if (!slab.free)
		add_chunk();
	fd = slab.free;
	if (fd)
		slab.free = fd->next_free;
	unlock();
	return fd;
}

/* A chunk, once there, stays as it is. */
void hoy__fd_each(void (*fn)(struct hoy__fd *fd, void *arg), void *arg)
{
	void **chunk;

	lock();
	chunk = slab.chunks;
	unlock();
	for (; chunk; chunk = *chunk)
		for (int i = 0; i < CHUNK; i++) {
			struct hoy__fd *fd = record(chunk, i);

			if (!hoy__fd_hold_open(fd))
				continue;
			fn(fd, arg);
			hoy__fd_drop(fd);
		}
}

void hoy__fd_slab_give(struct hoy__fd *fd)
{
	lock();
	fd->next_free = slab.free;
	slab.free = fd;
	unlock();
}
