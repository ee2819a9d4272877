/* A thread beside a run that watches it, if hoy_run_opts or $HOY_DEBUG ask for that. */
#ifndef HOY_TASK_MONITOR_H
#define HOY_TASK_MONITOR_H

#include "task/debug.h"

struct hoy__runtime;

/* When the workers' threads have begun. 0 or a code; then there is nothing to end. */
int hoy__monitor_begin(struct hoy__runtime *rt, const struct hoy__reports *asked);
void hoy__monitor_end(void);

#endif
