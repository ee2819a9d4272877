/* hoy_offload for the library's own functions. */
#ifndef HOY_TASK_OFFLOAD_H
#define HOY_TASK_OFFLOAD_H

#include <hoy/task.h>

#include "task/pool.h"

/*
 * fn(arg)'s value. A task waits for a thread of the pool to run it; a plain thread runs it itself,
 * and so does a task when the system gives no thread. HOY_ECANCELED or -EAGAIN as from hoy_offload:
 * it never ran.
 */
int hoy__offload(enum hoy__pool pool, hoy_fn *fn, void *arg);

#endif
