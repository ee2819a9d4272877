/* What stops a stack that grows too far: page-table guards, protected pages, or a canary. */
#ifndef HOY_TASK_GUARD_H
#define HOY_TASK_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum hoy__guard_kind { HOY__GUARD_UNKNOWN, HOY__GUARD_MADVISE, HOY__GUARD_MPROTECT, HOY__GUARD_CANARY };

/* Makes [at, at + len) a guard and tells of which kind; UNKNOWN when there is no memory for it. */
enum hoy__guard_kind hoy__guard_install(char *at, size_t len);
/* False: a stack has grown over the canary of this guard. */
bool hoy__canary_intact(const char *at, size_t len);
/* The kind that new guards are made of, and its name. */
enum hoy__guard_kind hoy__guard_kind(void);
const char *hoy__guard_name(void);
/* Chooses anew, as at start; for tests that force one by $HOY_GUARD. */
void hoy__guard_choose(void);

#endif
