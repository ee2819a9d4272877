/*
 * Backtraces of stacks that another thread owns. Memory is read only between the bounds of the stack, which stays mapped, so a
 * stack that changes meanwhile gives a wrong list and no fault; who needs a right one checks afterwards that it did not change.
 */
#ifndef HOY_TASK_UNWIND_H
#define HOY_TASK_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "os/registers.h"

struct hoy__stack_bounds {
	uintptr_t low, high;
};

/*
 * Where each call returns to, innermost first: how many. exact: pc is where a signal interrupted the thread, else where a call
 * returns to. Without unwind tables for its code, a frame is taken to begin with the frame pointer.
 */
unsigned hoy__unwind(const struct hoy__registers *r, struct hoy__stack_bounds bounds, bool exact, void **frame, unsigned most);
/* The registers that hoy__switch has left at sp; false: they lie out of bounds. */
bool hoy__registers_saved(struct hoy__registers *r, struct hoy__stack_bounds bounds, const void *sp);

#endif
