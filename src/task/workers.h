/* The workers of the run, for those above that spread their work over them by themselves. */
#ifndef HOY_TASK_WORKERS_H
#define HOY_TASK_WORKERS_H

#include <hoy/task.h>

enum { HOY__MAX_WORKERS = 256 };

/* How many the run in progress has; without one, how many it would have. */
int hoy__workers(void);
/* hoy_group_go_with, told where it was called, on the worker of this index, modulo their number, and never elsewhere. */
int hoy__group_go_on(struct hoy_group *g, unsigned index, const hoy_go_opts *opts, hoy_fn *fn, void *arg, const void *site);

#endif
