/* A process in which pthread_create fails. */
#ifndef HOY_TEST_THREADS_H
#define HOY_TEST_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * From now on no thread can be had: its stack would be larger than the address space. False where the
 * C library has no such default, or limits it, as musl does to 8 MiB.
 */
static inline bool refuse_threads(void)
{
	const size_t huge = (size_t)1 << 47;
	pthread_attr_t attr;
	size_t size = 0;
	bool refused;

	pthread_attr_init(&attr);
	refused = pthread_attr_setstacksize(&attr, huge) == 0 && pthread_setattr_default_np(&attr) == 0 &&
		  pthread_getattr_default_np(&attr) == 0 && pthread_attr_getstacksize(&attr, &size) == 0 && size >= huge;
	pthread_attr_destroy(&attr);
	return refused;
}

#endif
