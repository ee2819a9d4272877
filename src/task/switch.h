/* The context switch, in assembly; one file for each architecture. */
#ifndef HOY_TASK_SWITCH_H
#define HOY_TASK_SWITCH_H

#include <stdint.h>

/* Suspends the caller with its stack pointer in *save_sp and goes on where load_sp was saved. */
void hoy__switch(void **save_sp, void *load_sp);
/* What to switch to, so that fn(arg) begins on the stack that ends at top (16-aligned); fn never returns. */
void *hoy__prepare(void *top, void (*fn)(void *arg), void *arg);
/* The processor's own constant-rate counter: a third of the price of a clock. Only for fairness. */
uint64_t hoy__ticks(void);
/* In a loop that waits for another thread. */
void hoy__pause(void);

/*
 * For a function that suspends the running task as its last step. A ret after a switch is always mispredicted, since the
 * processor predicts it from the calls of the task before; that costs more than the switch. Such a function returns through
 * __x86_return_thunk instead, whose jump is predicted from where it went before.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RETURNS_BY_JUMP __attribute__((function_return("thunk-extern")))
#else
#define RETURNS_BY_JUMP
#endif

#endif
