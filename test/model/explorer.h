/* What the parts of the explorer share. */
#ifndef MODEL_EXPLORER_H
#define MODEL_EXPLORER_H

#include "model.h"

enum action { LOAD, STORE, EXCHANGE, ADD, SUB, AND, OR, XOR, NAND, COMPARE };

struct operation {
	uint8_t action, size, order;
	uint8_t order_failed;		/* of a compare-exchange */
	uintptr_t at;
	uint64_t operand, expected;
	const void *site;
};

/* explore.c */
struct explored {
	unsigned long complete;
	unsigned long blocked;		/* a thread has not read yet what ends its wait */
	unsigned long dropped;		/* not consistent in the end, or covered by another */
};
struct explored explore(const struct scenario *s);
/* The value before it. */
uint64_t explore_atomic(const struct operation *op);
void explore_fence(int order, const void *site);
/* A store that is not atomic, to a location that is shared; it is executed after this. */
void explore_plain_store(uintptr_t at, const void *site);
/* The execution as far as it has come. */
const struct graph *explore_graph(void);
/* What happens before this point of the running thread, and the index of its next event. */
const struct clock *explore_happened(void);
uint8_t explore_next(void);

/* fibre.c. Thread 0 is not one of the scenario's. */
extern int fibre_self;
void fibre_make(int thread, void (*run)(void));
/* Runs the thread until it yields. */
void fibre_resume(int thread);
void fibre_yield(void);
/* The running thread uses this address, which may be of its stack; the stack, as far as it was used. */
void fibre_note_use(uintptr_t at);
void *fibre_stack(size_t *size);

/* place.c. Locations of atomic operations. */
struct place {
	uintptr_t at;
	uint8_t size;
	unsigned users;		/* a bit for each thread */
	bool stored;
	bool shared;		/* by two threads, one of which stores */
	uint64_t initial;	/* in the execution */
};
/* Makes it if there is none. */
struct place *place_find(uintptr_t at, uint8_t size);
/* The running thread uses it. True: it turns out to be shared. */
bool place_use(struct place *p, bool stores);
/* The executions begin: as it is now. */
void place_note_initial(void);
void place_forget(void);
uint64_t place_load(uintptr_t at, uint8_t size);
void place_store(uintptr_t at, uint8_t size, uint64_t value);
/* A load or exchange at this site is repeated as long as it reads the value. */
void site_learn(const void *site, uint64_t value);
bool site_waits(const void *site, uint64_t *value);

/* race.c */
void race_reset(void);
void race_plain(uintptr_t at, size_t size, bool stores, const void *site);
void race_atomic(uintptr_t at, size_t size, bool stores, const void *site);
void race_free(const void *block, size_t size);
/* A plain store to it is to be told to explore_plain_store. */
void race_track(uintptr_t at);
void race_track_none(void);

/* memory.c */
void memory_reset(void);
void memory_check(void);

/* main.c. The order that an operation at this site has, and that it has one. */
int site_order(const void *site, int order);
void site_note(const void *site, int order);

/* report.c */
void report_graph(const struct graph *g);
void outcomes_begin(void);
/* Are they those of the text? */
bool outcomes_are(const char *expected);

#endif
