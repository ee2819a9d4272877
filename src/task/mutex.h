#ifndef HOY_TASK_MUTEX_H
#define HOY_TASK_MUTEX_H

#include <stdbool.h>

#include <hoy/sync.h>

/* Of a copy that was made for a dump. */
bool hoy__mutex_is_locked(const hoy_mutex *copy);

#endif
