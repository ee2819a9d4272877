/* Asking where a stack lies makes the C library read /proc/self/maps, so it is done for the sanitizer only. */
#include "task/roots.h"

#include <pthread.h>
#include <stdint.h>

struct hoy__root hoy__root_below(const void *frame)
{
	struct hoy__root below = { .at = frame };
	pthread_attr_t attr;
	size_t size, used;
	void *bottom;

	if (!__lsan_register_root_region || pthread_getattr_np(pthread_self(), &attr))
		return below;
	pthread_attr_getstack(&attr, &bottom, &size);
	pthread_attr_destroy(&attr);
	used = (uintptr_t)bottom + size - (uintptr_t)frame;
	if (used < size)
		below.len = used;	/* else the frame is on another stack, such as a task's in a child of fork */
	return below;
}
