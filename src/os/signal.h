/* Signals, touched only when the user asks: hoy_signal_wait, the overflow report. */
#ifndef HOY_OS_SIGNAL_H
#define HOY_OS_SIGNAL_H

#include <pthread.h>
#include <stddef.h>

#include "os/registers.h"

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
/*
 * Stops the thread by SIGURG, which is ignored by default and hardly used, calls fn with its registers, and lets it go on. Between
 * hoy__os_stop_begin, which returns 1 if nobody else handles the signal, 0 if somebody does, or a code, and hoy__os_stop_end.
 * 0; -EBUSY: another thread is being stopped; -ETIMEDOUT: it did not stop within a second, as while it has the signal blocked.
 */
int hoy__os_stop_begin(void);
void hoy__os_stop_end(void);
int hoy__os_stop(pthread_t thread, void (*fn)(const struct hoy__registers *r, void *arg), void *arg);
/* The calling thread's alternate stack; NULL takes it away. */
int hoy__os_alternate_stack(void *stack, size_t size);

#endif
