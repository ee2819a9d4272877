/*
 * Moments and durations. A moment is a point of the monotonic clock; a duration is
 * nanoseconds. They are different types, so that one cannot stand for the other.
 *
 * One rule holds for every duration in an option or an argument:
 *	0		the default, which the field's comment states
 *	negative	no time at all: a limit has passed already, and what would happen after or for
 *			that time (keep-alive probes, a second lane, a stale answer) is switched off
 *	INT64_MAX	for ever, as is every duration that ends beyond the clock's range, in 292 years
 * Nothing wraps round: a sum beyond the range is the range's end.
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
/* The moment that is d from now; with a negative d one in the past; never {0}. */
hoy_time hoy_in(hoy_duration d);
/* t + d, a - b and a < b; sum and difference end where the range does. */
hoy_time hoy_time_add(hoy_time t, hoy_duration d);
/* Negative when a came first. */
hoy_duration hoy_time_sub(hoy_time a, hoy_time b);
int hoy_time_before(hoy_time a, hoy_time b);

#ifdef __cplusplus
}
#endif
#endif
