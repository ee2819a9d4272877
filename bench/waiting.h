/* What the programs of bench/waiting share: both clocks, a busy pause, one line for each cost. */
#ifndef BENCH_WAITING_H
#define BENCH_WAITING_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	SWITCHES = 500000, ITEMS = 500000, CAPACITY = 64, LOCKS = 2000000, GROUPS = 20000, CHILDREN = 10, SCOPES = 2000000,
	ITEMS_ACROSS = 100000, CONTENDERS = 4, LOCKS_EACH = 100000,
	WAKES = 300, PAUSE_US = 300	/* after which a worker that has nothing to do has gone to sleep */
};

static inline double clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Of the whole process: what other processes do does not count. For costs on one CPU. */
static inline double cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
static inline double wall_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static inline void pause_busily(void)
{
	for (double end = wall_ns() + PAUSE_US * 1e3; wall_ns() < end;)
		;
}

static inline void report(const char *cost, double ns)
{
	printf("%s\t%.1f\n", cost, ns);
	fflush(stdout);
}

static inline int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

#endif
