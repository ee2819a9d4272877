/*
 * Data races: two accesses to a byte, one of them a store and one of them not atomic, of which none happens before the other.
 * Each byte remembers which of them each thread made last.
 */
#include <string.h>
#include <sys/mman.h>

#include "explorer.h"

struct byte {
	uint32_t execution;		/* else nothing is known */
	uint8_t store, store_thread;	/* not atomic: the next event of the thread at that time, from 1 */
	bool freed;
	uint8_t users;			/* a bit for each thread */
	uint8_t load[THREADS], atomic_load[THREADS], atomic_store[THREADS];
};

extern char __data_start[], _end[];	/* all memory of scenarios is static */

static struct byte *bytes;
static bool *tracked;
static uint32_t execution;

static size_t size_of_all(void) { return (size_t)(_end - __data_start); }

static void *reserve(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

void race_reset(void)
{
	if (!bytes) {
		bytes = reserve(size_of_all() * sizeof *bytes);
		tracked = reserve(size_of_all());
	}
	execution++;
}

/* NULL: of no interest, such as a thread-local variable. */
static struct byte *byte_at(uintptr_t at)
{
	struct byte *b;

	if (at - (uintptr_t)__data_start >= size_of_all())
		return NULL;
	b = &bytes[at - (uintptr_t)__data_start];
	if (b->execution != execution)
		*b = (struct byte){ .execution = execution };
	return b;
}

static void check(uintptr_t at, int thread, uint8_t index, const char *what, const void *site)
{
	if (thread != fibre_self && index > explore_happened()->of[thread])
		model_fail("data race at %p: thread %d, %p: %s of thread %d (before its event %d) does not happen before",
			   (void *)at, fibre_self, site, what, thread, index);
}

static void check_all(uintptr_t at, const uint8_t index[THREADS], const char *what, const void *site)
{
	for (int t = 1; t < THREADS; t++)
		check(at, t, index[t], what, site);
}

/* NULL: of no interest. *alone: no other thread has used it yet. */
static struct byte *enter(uintptr_t at, const void *site, bool *alone)
{
	struct byte *b = byte_at(at);

	if (!b)
		return NULL;
	fibre_note_use(at);
	if (b->freed)
		model_fail("thread %d uses freed memory at %p, %p", fibre_self, (void *)at, site);
	b->users |= (uint8_t)(1u << fibre_self);
	*alone = !(b->users & ~(1u << fibre_self));
	if (!*alone)
		check(at, b->store_thread, b->store, "a store", site);
	return b;
}

static void plain(uintptr_t at, bool stores, const void *site)
{
	bool alone;
	struct byte *b = enter(at, site, &alone);

	if (!b)
		return;
	if (!alone)
		check_all(at, b->atomic_store, "an atomic store", site);
	if (!alone && stores) {
		check_all(at, b->load, "a load", site);
		check_all(at, b->atomic_load, "an atomic load", site);
	}
	if (stores) {
		b->store = explore_next();
		b->store_thread = (uint8_t)fibre_self;
	} else
		b->load[fibre_self] = explore_next();
}

void race_plain(uintptr_t at, size_t size, bool stores, const void *site)
{
	if (!fibre_self)
		return;
	for (size_t i = 0; i < size; i++)
		plain(at + i, stores, site);
	for (size_t i = 0; stores && site && i < size; i++)
		if (byte_at(at + i) && tracked[at + i - (uintptr_t)__data_start])
			explore_plain_store(at + i, site);
}

void race_atomic(uintptr_t at, size_t size, bool stores, const void *site)
{
	for (size_t i = 0; i < size; i++) {
		bool alone;
		struct byte *b = enter(at + i, site, &alone);

		if (!b)
			return;
		if (!alone && stores)
			check_all(at, b->load, "a load", site);
		(stores ? b->atomic_store : b->atomic_load)[fibre_self] = explore_next();
	}
}

void race_free(const void *block, size_t size)
{
	race_plain((uintptr_t)block, size, true, NULL);
	for (size_t i = 0; i < size; i++)
		byte_at((uintptr_t)block + i)->freed = true;
}

void race_track_none(void)
{
	if (tracked)
		memset(tracked, 0, size_of_all());
}

void race_track(uintptr_t at)
{
	if (at - (uintptr_t)__data_start < size_of_all())
		tracked[at - (uintptr_t)__data_start] = true;
}
