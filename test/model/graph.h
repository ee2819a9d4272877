/*
 * An execution as a graph of events: what each thread did to memory, in program order, which write each read takes its
 * value from, and in which order the writes of each location took effect (C11's modification order).
 *
 * Consistent is what RC11 allows ("Repairing Sequential Consistency in C/C++11", Lahav, Vafeiadis, Kang, Hur, Dreyer,
 * PLDI 2017), which C++20 has adopted: coherence, atomicity of read-modify-writes, the order of seq_cst, and no
 * load that takes its value from a store which depends on it (no load buffering). A release sequence is as C++20 has it,
 * without the later plain stores of its thread, which C11 still counts.
 */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	THREADS = 6,		/* number 0 prepares and checks; it makes no events */
	EVENTS = 240,		/* of one execution; an index of an event in its thread fits into a byte */
	INITIAL = -1		/* the number of the write that a location's first value stands for */
};

enum event_kind { READ, WRITE, FENCE };

/* How many events of each thread: always with all those before them. */
struct clock {
	uint8_t of[THREADS];
};

struct event {
	uint8_t kind, order;		/* a memory_order */
	uint8_t succeeds, fails;	/* of a compare-exchange: what its order is then */
	bool compares;			/* such: it stores if it reads what is expected */
	bool awaits;			/* a read that is repeated as long as it reads what is expected */
	uint8_t thread, index;		/* from 1, in the thread */
	bool exclusive;			/* half of a read-modify-write; the other half is its neighbour in the thread */
	bool plain;			/* a store that is not atomic, to a location that is atomic otherwise */
	uint8_t size;
	uintptr_t at;			/* the location; 0 of a fence */
	uint64_t value, expected;
	const void *site;		/* the code */
	int16_t from;			/* of a read: the number of the write, or INITIAL */
	int16_t place;			/* of a write: in the order of modification, from 1 */
	struct clock before;		/* program order and reads-from, transitively, with the event itself */
	struct clock happened;		/* happens-before, with the event itself */
	struct clock acquired;		/* what a later acquire fence will have happen before it */
	struct clock released;		/* what the last release fence had happen before it */
	struct clock message;		/* of a write: what happens before who acquires it */
};

/* Events stand in the order in which they were added. */
struct graph {
	int n;
	struct event e[EVENTS];
};

static inline bool covers(const struct clock *c, const struct event *e)
{
	return c->of[e->thread] >= e->index;
}

static inline void clock_join(struct clock *c, const struct clock *other)
{
	for (int t = 0; t < THREADS; t++)
		if (other->of[t] > c->of[t])
			c->of[t] = other->of[t];
}

/* Does a happen before b? */
static inline bool is_before(const struct event *a, const struct event *b)
{
	return a != b && covers(&b->happened, a);
}

static inline bool is_at(const struct event *e, uintptr_t at)
{
	return at && e->at == at;
}

/* Of a write, or of the write that a read takes its value from. */
static inline int place_of(const struct graph *g, const struct event *e)
{
	return e->kind == WRITE ? e->place : e->from == INITIAL ? 0 : g->e[e->from].place;
}

/* Is a before b by from-read, reads-from and modification order? Both are of one location. */
static inline bool is_earlier(const struct graph *g, const struct event *a, const struct event *b)
{
	int by = place_of(g, b) - place_of(g, a);

	return by > 0 || (by == 0 && a->kind == WRITE && b->kind == READ);
}

static inline bool is_seq_cst(const struct event *e) { return e->order == 5 /* memory_order_seq_cst */; }

/* graph.c. The event of this thread before number n; NULL if that is the first. */
const struct event *graph_previous(const struct graph *g, int n);
/* The last of the location's writes by the order of modification, or INITIAL. */
int graph_last(const struct graph *g, uintptr_t at);
/* Makes room for the write at this place. */
void graph_place(struct graph *g, int n, int place);
/* Gives a read its source, which has this value. */
void graph_set_source(struct graph *g, int n, int from, uint64_t value);
/* Takes the clocks of a new event from what it follows and reads. */
void graph_set_clocks(struct graph *g, int n);
/* Does RC11 allow the graph, whose last event of a thread is number n? The rest has been looked at. */
bool graph_allows(const struct graph *g, int n);
/* Is the order of seq_cst possible? See order.c. */
bool graph_orders(const struct graph *g);

#endif
