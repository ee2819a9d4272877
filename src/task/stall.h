/* Tasks that keep their worker for too long, while all its other tasks wait. */
#ifndef HOY_TASK_STALL_H
#define HOY_TASK_STALL_H

#include <hoy/time.h>

struct hoy__runtime;

/* Before the first look: what is too long. */
void hoy__stalls_begin(hoy_duration limit);
/* Reports on standard error, once for each stall. To be called several times within the limit. */
void hoy__stalls_look(struct hoy__runtime *rt);

#endif
