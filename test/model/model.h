/*
 * A stateless model checker for C11 programs of a few threads. It runs a scenario again and again, until every execution
 * that the memory model allows was run once, up to what no thread can tell apart.
 *
 * The algorithm is TruSt ("Truly Stateless, Optimal Dynamic Partial Order Reduction", Kokologiannakis, Marmanis, Gladstein,
 * Vafeiadis, POPL 2022). An execution is a graph (graph.h). Run on: a read may take its value from any write that leaves
 * the graph consistent, and a write may take any place in the order of modification; one choice goes on, the others are
 * kept as graphs to be run later. A write may also become the source of a read that was there before it: then what
 * depends on the old value is taken out of the graph, provided it is such as a run makes it by itself, so
 * that no two ways lead to the same graph. See explore.c.
 *
 * The code under test is compiled unchanged, with -fsanitize=thread: the compiler then calls a function for each access
 * to memory and each atomic operation, and these functions are the explorer (hooks.c) instead of TSan's run-time. Threads
 * are fibres of one process (fibre.c). Accesses that are not atomic are executed as they come, and checked for data races
 * in each graph (race.c), also with the end of a block or of a thread's stack.
 *
 * What ends with an error: a data race, a failed assertion, a thread that waits for ever, a use after free, a leak,
 * an execution with more than EVENTS events.
 *
 * Approximations. A weak compare-exchange does not fail for nothing. A loop that only reads (and a test-and-set that only
 * fails) is run twice and then reads the same until there is something else to read: who counts the iterations is not
 * told apart. Atomic locations that one thread uses alone are plain memory. The rest is in graph.h.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph.h"

struct scenario {
	const char *name;
	void (*prepare)(void);			/* before each execution: makes all data anew */
	void (*thread[THREADS - 1])(void);	/* up to the first NULL */
	void (*check)(void);			/* after each in which all threads have ended; or NULL */
	const char *outcomes;			/* those of model_outcome, each exactly: "0 1|1 1"; or NULL */
};

/*
 * Runs the scenarios that the arguments name, or else the quick ones, and with --all the slow ones as well. An error ends the program with 1
 * and the execution on stderr. --sites: lists the sites of code that have another order than relaxed; --weaken=SITE,SITE:
 * they have none.
 */
int model_main(const struct scenario *const *quick, const struct scenario *const *slow, int argc, char **argv);

/* What each thread does first; or NULL. */
extern void (*model_begin)(void);

/* For a thread. From here on what it reads ends a model_wait, when it changes. */
void model_watch(void);
/* The thread goes on only in executions in which it reads something else after model_watch. */
_Noreturn void model_wait(void);
/* The same for a thread that has nothing more to do: that it waits for ever is no error. */
_Noreturn void model_idle(void);

/* In check: notes a text about the execution. */
void model_outcome(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Reports an error with the execution, and ends the program. */
_Noreturn void model_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define MODEL_CHECK(condition) ((condition) ? (void)0 : model_fail("%s:%d: %s", __FILE__, __LINE__, #condition))

/* realloc's contract without moving a block; size 0 frees. Blocks are not used twice in an execution. */
void *model_realloc(void *block, size_t size);
/* Blocks that may remain at the end. */
void model_keep(const void *block);

#endif
