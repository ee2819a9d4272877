/* Deadlock: every task waits, and nothing can ever wake one. */
#ifndef HOY_TASK_DEADLOCK_H
#define HOY_TASK_DEADLOCK_H

#include <stdbool.h>

struct hoy__runtime;

/*
 * Certain, or false. In a thread that is marked as a helper. A deadlock among some of the tasks does not count while another
 * task, a timer, a descriptor, a call on a thread of the pools, or any thread that hoy does not know may still do something.
 */
bool hoy__is_deadlocked(struct hoy__runtime *rt);
/* Lists the tasks on standard error and leaves the process. */
_Noreturn void hoy__deadlock_report(int status);

#endif
