/* Giving a descriptor's number back to the system, which may block. */
#ifndef HOY_FD_CLOSING_H
#define HOY_FD_CLOSING_H

#include <stdbool.h>

struct hoy__closing;

/*
 * Closes sys. If that may block, and the caller is a task, on a thread of the pool: then returns what
 * hoy__closing_wait waits for, if `wanted`. So too for a plain thread in a scope that wants to wait. Else
 * NULL, and sys is closed, or will be.
 */
struct hoy__closing *hoy__closing_begin(int sys, bool is_socket, bool may_block, bool wanted);
/* Returns when sys is closed or the caller's scope cancelled; then the thread goes on by itself. */
void hoy__closing_wait(struct hoy__closing *c);

#endif
