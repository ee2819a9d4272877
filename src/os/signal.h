/* Signals, touched only when the user asks: hoy_signal_wait, the overflow report. */
#ifndef HOY_OS_SIGNAL_H
#define HOY_OS_SIGNAL_H

#include <stddef.h>

enum { HOY__OS_SIGNALS = 65 };	/* numbers 1 to 64 */

/* Calls fn in a handler, which may use what is async-signal-safe; errno is kept. 0 or a code. */
int hoy__os_signal_catch(int signo, void (*fn)(int signo));
/* Puts back what was there before hoy__os_signal_catch. */
void hoy__os_signal_restore(int signo);

/*
 * Calls fn with the address of a memory fault, on the thread's alternate stack; then the
 * fault takes its usual end. Only where nobody else handles it: 1 when installed, 0 when
 * somebody does, or a code.
 */
int hoy__os_fault_catch(void (*fn)(const void *address));
void hoy__os_fault_restore(void);
/* The calling thread's alternate stack; NULL takes it away. */
int hoy__os_alternate_stack(void *stack, size_t size);

#endif
