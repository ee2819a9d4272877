/*
 * Moments and durations. A moment is a point of the monotonic clock; a duration is
 * nanoseconds. They are different types, so that one cannot stand for the other.
 */
#ifndef HOY_TIME_H
#define HOY_TIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t hoy_duration;			/* nanoseconds */
typedef struct hoy_time { int64_t ns; } hoy_time;	/* {0}: none */

#define HOY_NANOSECOND	((hoy_duration)1)
#define HOY_MICROSECOND	(1000 * HOY_NANOSECOND)
#define HOY_MILLISECOND	(1000 * HOY_MICROSECOND)
#define HOY_SECOND	(1000 * HOY_MILLISECOND)
#define HOY_MINUTE	(60 * HOY_SECOND)
#define HOY_HOUR	(60 * HOY_MINUTE)

/* This moment, precisely. Go's time.Now, without the wall clock. */
hoy_time hoy_now(void);
/* The moment that is d from now; one far beyond the clock's range is its last. */
hoy_time hoy_in(hoy_duration d);
hoy_time hoy_time_add(hoy_time t, hoy_duration d);
/* a - b; negative when a came first. */
hoy_duration hoy_time_sub(hoy_time a, hoy_time b);
int hoy_time_before(hoy_time a, hoy_time b);

#ifdef __cplusplus
}
#endif
#endif
