/* The control socket of a run, which `hoy top` reads. hoy/debug.h describes what it understands. */
#ifndef HOY_DEBUG_CONTROL_H
#define HOY_DEBUG_CONTROL_H

#include <hoy/task.h>

/* If opts or $HOY_DEBUG ask for one: 0, or a code. What $HOY_DEBUG asks for in vain is said on standard error, and is no failure. */
int hoy__control_begin(const hoy_run_opts *opts);
void hoy__control_end(void);

#endif
