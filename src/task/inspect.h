/*
 * A picture of the tasks while they run on: what hoy_dump, the reports and the control socket show. Nothing is stopped for it
 * and no lock of a task is taken, so it also works while a task hangs, and from a debugger. The fields of one task are of one
 * moment: if the task runs meanwhile, they are read again.
 */
#ifndef HOY_TASK_INSPECT_H
#define HOY_TASK_INSPECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hoy/task.h>

#include "task/park.h"

struct hoy__worker;

enum hoy__task_state {
	HOY__TASK_QUEUED,	/* has not started yet */
	HOY__TASK_AWAITING,	/* starts when a connection is readable */
	HOY__TASK_RUNNING,
	HOY__TASK_READY,	/* can go on when its turn comes */
	HOY__TASK_WAITING
};

enum { HOY__FRAMES = 48, HOY__DETAIL = 200 };

struct hoy__task_info {
	uint64_t id;			/* no other task of the run has it; 0: a plain thread */
	enum hoy__task_state state;
	unsigned worker;
	const char *name;		/* NULL: none */
	hoy_fn *fn;			/* the user's */
	const void *site;		/* where it was started: the address behind the call */
	/* of those that have started */
	enum hoy__why why;		/* of WAITING and READY, without flags */
	unsigned flags;			/* HOY__WHY_MORTAL, _EVENT, _ANY */
	const void *object;		/* that it waits for, or NULL; by then it may be gone */
	int64_t since, deadline;	/* of the wait, monotonic nanoseconds; HOY__NEVER: none */
	uint32_t runs;			/* how often it has got the thread */
	size_t stack_size, stack_used;	/* used: 0 of a task that runs */
	unsigned depth;			/* of frame; 0: unknown, as of a task that runs */
	void *frame[HOY__FRAMES];	/* where its calls return to, innermost first */
	char detail[HOY__DETAIL];	/* the object in words, such as "descriptor 7, tcp 127.0.0.1:80->127.0.0.1:40000"; "" */
};

/* Calls fn for each task, and for each plain thread that waits in a call of hoy's; info is valid until it returns. How many tasks. */
unsigned hoy__inspect(void (*fn)(const struct hoy__task_info *info, void *arg), void *arg);
/* The task that runs on this worker, with its backtrace if threads may be stopped; false: none. */
bool hoy__inspect_running(const struct hoy__worker *w, struct hoy__task_info *info);
/* From now on the threads of tasks that run are stopped by hoy__os_stop for a moment, so that these have backtraces, too. */
void hoy__inspect_may_stop(bool may);
/* What a task waits for, in one or two words: "read", "mutex"; "a name server". */
const char *hoy__why_name(enum hoy__why why);
/* In one or two words. */
const char *hoy__state_name(enum hoy__task_state state);

/*
 * The words for an object, from layers above; NULL until such a layer has been used. The object may be gone, or another thread
 * may be changing it: it is read by hoy__os_peek.
 */
typedef void hoy__describe_fn(const void *object, char *text, size_t size);
extern hoy__describe_fn *_Atomic hoy__describe_lookup;		/* object: what hoy__source_wait_any was given as `told` */
/* Of a descriptor that is a socket: ", " and its two addresses; else nothing. */
extern void (*_Atomic hoy__describe_socket)(int sys, char *text, size_t size);

#endif
