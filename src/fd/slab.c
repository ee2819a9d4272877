/*
 * The poller may still tell of a descriptor that has gone, so a record is never given
 * back to the allocator: a late event finds a record, if of another generation. They
 * come in chunks, each record on cache lines of its own.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "fd/fd.h"
#include "fd/slab.h"

enum { LINE = 64, CHUNK = 31 };

_Static_assert(sizeof(struct hoy__fd) <= 2 * LINE, "two cache lines a descriptor");
_Static_assert(offsetof(struct hoy__fd, queue_guard) <= LINE, "a call touches one of them");

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	int unwatched;			/* forks cannot be counted */
	struct hoy__fd *free;
	void **chunks;			/* each begins with the one before it: leak checkers follow */
} slab = { .lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT };

static atomic_uint forks, lineage;

/*
 * In the parent only: what a child closes must not leave the poller, since child and
 * parent share that too.
 */
static void count_fork(void)
{
	atomic_fetch_add(&forks, 1);
}

static void count_generation(void)
{
	atomic_fetch_add(&lineage, 1);
}

static void watch_forks(void)
{
	slab.unwatched = pthread_atfork(NULL, count_fork, count_generation);
}

unsigned hoy__fd_forks(void)
{
	return atomic_load_explicit(&forks, memory_order_relaxed);
}

unsigned hoy__fd_lineage(void)
{
	pthread_once(&slab.once, watch_forks);
	return atomic_load_explicit(&lineage, memory_order_relaxed);
}

static void add_chunk(void)
{
	void **chunk = hoy__alloc((CHUNK * 2 + 2) * LINE);
	uintptr_t at = ((uintptr_t)chunk + 2 * LINE - 1) & ~(uintptr_t)(LINE - 1);

	if (!chunk)
		return;
	*chunk = slab.chunks;
	slab.chunks = chunk;
	for (int i = 0; i < CHUNK; i++, at += 2 * LINE) {
		struct hoy__fd *fd = (struct hoy__fd *)at;

		fd->next_free = slab.free;
		slab.free = fd;
	}
}

struct hoy__fd *hoy__fd_slab_take(void)
{
	struct hoy__fd *fd;

	pthread_once(&slab.once, watch_forks);
	if (slab.unwatched)
		return NULL;
	pthread_mutex_lock(&slab.lock);
	if (!slab.free)
		add_chunk();
	fd = slab.free;
	if (fd)
		slab.free = fd->next_free;
	pthread_mutex_unlock(&slab.lock);
	return fd;
}

void hoy__fd_slab_give(struct hoy__fd *fd)
{
	pthread_mutex_lock(&slab.lock);
	fd->next_free = slab.free;
	slab.free = fd;
	pthread_mutex_unlock(&slab.lock);
}
