/*
 * One client of bench/dns: CLIENT PORT NAME COUNT AT_ONCE looks both families of COUNT names
 * up, a number before NAME, AT_ONCE at a time, and prints one line of JSON.
 */
#ifndef BENCH_DNS_H
#define BENCH_DNS_H

#include <err.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOOKUP_NAME = 300 };

static struct {
	int port;
	const char *name;
	long count, at_once;
	atomic_long next, done, bad;
	int64_t *took, wall, cpu;	/* nanoseconds */
} lookups;

static int64_t clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void lookups_begin(int argc, char **argv)
{
	if (argc != 5 || (lookups.count = atol(argv[3])) < 1 || (lookups.at_once = atol(argv[4])) < 1)
		errx(2, "usage: %s PORT NAME COUNT AT_ONCE", argv[0]);
	lookups.port = atoi(argv[1]);
	lookups.name = argv[2];
	if (!(lookups.took = calloc(lookups.count, sizeof *lookups.took)))
		err(1, "calloc");
	lookups.wall = clock_of(CLOCK_MONOTONIC);
	lookups.cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* The next name; false when there are no more. *start is for lookups_took. */
static int lookups_next(char name[LOOKUP_NAME], int64_t *start)
{
	long number = atomic_fetch_add(&lookups.next, 1);

	if (number >= lookups.count)
		return 0;
	snprintf(name, LOOKUP_NAME, "h%ld.%s", number, lookups.name);
	*start = clock_of(CLOCK_MONOTONIC);
	return 1;
}

static void lookups_took(int64_t start, int right)
{
	lookups.took[atomic_fetch_add(&lookups.done, 1)] = clock_of(CLOCK_MONOTONIC) - start;
	if (!right)
		atomic_fetch_add(&lookups.bad, 1);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int lookups_end(const char *who)
{
	double n = (double)lookups.count, wall = (double)(clock_of(CLOCK_MONOTONIC) - lookups.wall),
	       cpu = (double)(clock_of(CLOCK_PROCESS_CPUTIME_ID) - lookups.cpu);

	qsort(lookups.took, lookups.count, sizeof *lookups.took, by_size);
	printf("{\"who\":\"%s\",\"conc\":%ld,\"n\":%ld,\"bad\":%ld,\"per_s\":%.0f,\"cpu_us\":%.2f,"
	       "\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
	       who, lookups.at_once, lookups.count, atomic_load(&lookups.bad), n / wall * 1e9, cpu / n / 1e3,
	       (double)lookups.took[lookups.count / 2] / 1e3, (double)lookups.took[lookups.count * 99 / 100] / 1e3);
	return 0;
}

#endif
