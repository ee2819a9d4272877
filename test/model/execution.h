/* The execution in progress: its graph, and where its threads are. */
#ifndef MODEL_EXECUTION_H
#define MODEL_EXECUTION_H

#include "explorer.h"

enum { STREAK = 32 };

enum thread_state { RUNS, WAITS, IDLE, ENDED };

struct thread {
	enum thread_state state;
	uint8_t done;			/* events executed */
	uint8_t watched;		/* the index of the first event that ends its wait */
	int unknown;			/* plain stores whose values are in memory, but not in the graph yet */
	int16_t stored[EVENTS];
	struct {			/* reads without an effect in between */
		const void *site;
		uintptr_t at;
		int16_t n;
	} read[STREAK];
	int reads, stutters;
	int effect;			/* the last event that was no read, or INITIAL */
};

extern struct execution {
	struct graph g;
	int left;			/* events of the graph that were not executed again yet */
	int16_t number[THREADS][EVENTS + 1];	/* of events, by thread and index; else -1 */
	struct thread thread[THREADS];
} x;

static inline struct thread *running(void) { return &x.thread[fibre_self]; }
static inline bool is_write_to(const struct event *e, uintptr_t at) { return e->kind == WRITE && is_at(e, at); }
static inline bool was_executed(const struct event *e) { return x.thread[e->thread].done >= e->index; }

/* explore.c. The next event of the running thread, whose turn it is now: one that is in the graph, or a new one, not complete. */
int explore_arrive(uint8_t kind, uintptr_t at, bool *is_new);
/* No execution goes on from here; or what was just learned changes the executions before, too. */
_Noreturn void explore_drop(void);
_Noreturn void explore_restart(void);
/* Values that plain stores have left in memory. Before anything else that the thread does. */
void explore_learn_values(void);

/* follow.c. A new event is completed one way, and the executions with other ways are kept for later. */
void follow_read(int n);
void follow_write(int n);
void follow_set_source(int n, int from);
void follow_push(const struct graph *g);
bool follow_pop(struct graph *g);
/* A read that waits for another value than this. */
static inline bool is_vain(const struct event *e) { return e->awaits && e->value == e->expected; }

#endif
