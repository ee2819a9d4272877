/* The report of a stack overflow, when the user asks for it. */
#ifndef HOY_TASK_OVERFLOW_H
#define HOY_TASK_OVERFLOW_H

#include <stdbool.h>

struct hoy__slot;

/* Does $HOY_DEBUG ask for it? */
bool hoy__overflow_debugged(void);
/* For the length of a run; asked: by hoy_run_opts (or $HOY_DEBUG=overflow). 0 or a code. */
int hoy__overflow_begin(int asked);
void hoy__overflow_end(void);
/* For each thread of the run; signals: handlers of other signals than the fault's need room, too. */
void hoy__overflow_thread_begin(bool signals);
void hoy__overflow_thread_end(void);
/* A task has ended and its canary is gone: memory below its stack is spoilt. */
_Noreturn void hoy__overflowed(const struct hoy__slot *slot);

#endif
