/*
 * A descriptor as the poller sees it: for each direction, is it perhaps ready, and who
 * waits. Readiness is remembered, so that in the steady state no system call is made
 * that would only say EAGAIN, and the poller is told of a descriptor once.
 *
 * The record must be type-stable memory: an event that comes late carries the
 * generation it was registered with, and is dropped.
 */
#ifndef HOY_TASK_SOURCE_H
#define HOY_TASK_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <hoy/task.h>

#include "task/park.h"

enum hoy__direction { HOY__IN, HOY__OUT, HOY__NEITHER /* of a call that only holds the descriptor */ };

/*
 * In a source's kind: the poller reports that it can be written only after a task had to wait for that. Every datagram
 * that leaves a socket makes it writable anew, and each such event would end the poller's sleep for nothing.
 */
enum { HOY__SOURCE_IN_ONLY = 0x8000 };

struct hoy__slot;

struct hoy__source {			/* with the word of its owner, most of one cache line */
	struct hoy__task *_Atomic waiter[2];
	_Atomic uint32_t events;	/* bit 0 hang-up seen, bit 1 is 0; above, how many there were so far */
	_Atomic uint32_t empty[2];	/* what that was when the direction was found not to be ready */
	_Atomic uint32_t home;		/* the worker whose poller knows it; 0 none */
	int sys;			/* the descriptor */
	_Atomic uint16_t generation;
	uint16_t kind;			/* else for the layer above, which looks at it in every call */
};

/* A new descriptor in the record: the generation moves on, both directions are perhaps ready. */
void hoy__source_open(struct hoy__source *s, int sys);
/* Before the descriptor is closed; leaves the poller explicitly if others share it. */
void hoy__source_close(struct hoy__source *s, bool shared);

/* The number of events before a try, for the others here. */
static inline uint32_t hoy__source_look(struct hoy__source *s)
{
	return atomic_load_explicit(&s->events, memory_order_acquire);
}
/* Is it worth trying? The answer may be yes for what happened to the other direction. */
static inline bool hoy__source_maybe(struct hoy__source *s, enum hoy__direction d, uint32_t seen)
{
	return seen != atomic_load_explicit(&s->empty[d], memory_order_relaxed);
}
static inline bool hoy__source_hung_up(uint32_t seen) { return seen & 1; }
/* The system said EAGAIN, or a stream gave less than was asked: not ready, unless an event came since. */
static inline void hoy__source_drained(struct hoy__source *s, enum hoy__direction d, uint32_t seen)
{
	atomic_store_explicit(&s->empty[d], seen, memory_order_relaxed);
}
/*
 * Waits until the direction may be ready again. One waiter a direction. 0 also when
 * kicked: look again. Otherwise hoy__park's codes, or a failure to register.
 */
int hoy__source_wait(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline);
/* The same for a descriptor that the poller need not know: only a kick ends the wait early. */
int hoy__source_wait_kick(struct hoy__source *s, enum hoy__direction d, enum hoy__why why, int64_t deadline);
/* One of several things to wait for: a direction, or with HOY__NEITHER any event or kick of the source after `seen`. */
struct hoy__interest {
	struct hoy__source *source;
	enum hoy__direction direction;
	uint32_t seen;
};

/*
 * The calling task, whose hoy__self is not NULL, is woken when it happens, from now until unwatch. 0, or a failure to register:
 * then unwatch does no harm.
 */
int hoy__source_watch(const struct hoy__interest *on);
/* To be asked between arming and parking. */
bool hoy__source_has_happened(const struct hoy__interest *on);
void hoy__source_unwatch(const struct hoy__interest *on);

/*
 * Waits until one of them has happened, or until *told is set and then the waiter woken
 * by hoy__wake; n may be 0. Not HOY__NEITHER and HOY__IN of one source. 0 also without a reason: look again. Otherwise as
 * hoy__source_wait.
 */
int hoy__source_wait_any(const struct hoy__interest *on, unsigned n, const atomic_bool *told, enum hoy__why why,
			 int64_t deadline);
/*
 * Makes the waiter of this direction, and one that is just about to wait, look again:
 * closed, or the deadline moved. The direction counts as perhaps ready afterwards.
 */
void hoy__source_kick(struct hoy__source *s, enum hoy__direction d);
/*
 * Starts a task when the direction is perhaps ready, or kicked; no stack waits. It takes
 * the place of the one waiter. site: where the user asked. 0 or a code.
 */
int hoy__source_start_when(struct hoy__source *s, enum hoy__direction d, hoy_fn *fn, void *arg, const void *site);
/* Starts it now, if it still waits here. */
void hoy__source_give_up(struct hoy__source *s, enum hoy__direction d, struct hoy__slot *slot);

#endif
