/*
 * Memory that LeakSanitizer has to look through, since it knows only the stacks that threads run on
 * at the moment: those of tasks, and what lies below hoy_run on a thread's own. The program brings the
 * symbols if it has the sanitizer; hoy itself need not be compiled with it.
 */
#ifndef HOY_TASK_ROOTS_H
#define HOY_TASK_ROOTS_H

#include <stddef.h>

extern void __lsan_register_root_region(const void *at, size_t len) __attribute__((weak));
extern void __lsan_unregister_root_region(const void *at, size_t len) __attribute__((weak));

struct hoy__root {
	const void *at;
	size_t len;
};

static inline void hoy__root_add(struct hoy__root r)
{
	if (__lsan_register_root_region && r.len)
		__lsan_register_root_region(r.at, r.len);
}

/* Of one that was added. */
static inline void hoy__root_remove(struct hoy__root r)
{
	if (__lsan_unregister_root_region && r.len)
		__lsan_unregister_root_region(r.at, r.len);
}

/* The calling thread's stack, from this frame to its beginning; empty without the sanitizer. */
struct hoy__root hoy__root_below(const void *frame);

#endif
