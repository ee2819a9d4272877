/*
 * Arithmetic of moments: int64_t, nanoseconds of the monotonic clock. A result beyond the range is its
 * nearest end and never wraps round, because one of the numbers may be the caller's: "a very long time
 * from now" must not become "long ago". tools/clock.sh finds additions that are made without these.
 */
#ifndef HOY_BASE_MOMENT_H
#define HOY_BASE_MOMENT_H

#include <stdint.h>
#include <time.h>

#include <hoy/time.h>

/* Deadlines: none, and one that has passed. Only in the public interface is "none" 0. */
#define HOY__NEVER INT64_MAX
#define HOY__PAST INT64_C(1)

/* A deadline of the public interface. */
static inline int64_t hoy__deadline_of(hoy_time t)
{
	return t.ns ? t.ns : HOY__NEVER;
}

static inline int64_t hoy__earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t hoy__moment_add(int64_t moment, hoy_duration d)
{
	int64_t sum;

	if (!__builtin_add_overflow(moment, d, &sum))
		return sum;
	return d < 0 ? INT64_MIN : INT64_MAX;
}

/* a - b */
static inline hoy_duration hoy__moment_sub(int64_t a, int64_t b)
{
	int64_t difference;

	if (!__builtin_sub_overflow(a, b, &difference))
		return difference;
	return a < b ? INT64_MIN : INT64_MAX;
}

/* As the C library takes it, which refuses one before the clock's beginning. */
static inline struct timespec hoy__moment_timespec(int64_t moment)
{
	if (moment < 0)
		moment = 0;
	return (struct timespec){ .tv_sec = moment / HOY_SECOND, .tv_nsec = moment % HOY_SECOND };
}

#endif
