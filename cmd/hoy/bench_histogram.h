/*
 * Durations, counted in buckets that widen with the value, as in an HDR histogram: 128 buckets for each doubling, so a
 * percentile is at most 0.8 % too high, in 36 KB for any number of values. Any task may add one.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <hoy.h>

enum {
	HISTOGRAM_FIRST = 256,		/* buckets of one nanosecond each */
	HISTOGRAM_STEP = 128,		/* buckets for each doubling after that */
	HISTOGRAM_BUCKETS = HISTOGRAM_FIRST + 33 * HISTOGRAM_STEP	/* up to 2^41 ns, 36 minutes; the last one has all above */
};

/* All-zero is empty. */
struct histogram {
	atomic_llong buckets[HISTOGRAM_BUCKETS], count, sum, max;
};

/* Negative durations count as 0. */
void histogram_add(struct histogram *h, hoy_duration d);
/* The smallest value that so many thousandths of all values do not exceed; 0 without any. */
hoy_duration histogram_percentile(const struct histogram *h, int thousandths);
hoy_duration histogram_mean(const struct histogram *h);
typedef void histogram_row(hoy_duration above, hoy_duration to, int64_t n, void *arg);
/* For a picture: how many values n are above one and up to the other of 1, 2, 5, 10, 20, 50 us and so on. */
void histogram_each_row(const struct histogram *h, histogram_row *row, void *arg);

#endif
