/*
 * What tasks cost on one worker: giving way, a pair of switches, out of the task and into
 * the next; and a task that does nothing, from hoy_go to its end. CPU time in nanoseconds;
 * the middle and the extremes of the rounds.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <hoy.h>

enum { ROUNDS = 15, YIELDS = 2000000, STARTS = 1000000, BATCH = 100 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int give_way(void *count)
{
	for (int i = *(int *)count; i > 0; i--)
		hoy_yield();
	return 0;
}

static int nothing(void *unused)
{
	return unused != NULL;
}

/* Two tasks take turns. */
static double pair_of_switches(void)
{
	int count = YIELDS;
	double began = now();

	if (hoy_go(give_way, &count) < 0)
		errx(1, "no task");
	give_way(&count);
	return (now() - began) / YIELDS / 2;
}

/* As many at a time as a busy server may start between two looks at its sockets. */
static double start_to_end(void)
{
	double began = now();

	for (int i = 0; i < STARTS / BATCH; i++) {
		for (int j = 0; j < BATCH; j++)
			if (hoy_go(nothing, NULL) < 0)
				errx(1, "no task");
		hoy_yield();
	}
	return (now() - began) / STARTS;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell(const char *what, double ns[ROUNDS])
{
	qsort(ns, ROUNDS, sizeof *ns, compare);
	printf("%-24s %6.1f   %6.1f .. %.1f\n", what, ns[ROUNDS / 2], ns[0], ns[ROUNDS - 1]);
}

static int measure(void *unused)
{
	double pair[ROUNDS], task[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		pair[i] = pair_of_switches();
		task[i] = start_to_end();
	}
	printf("%-24s median   lowest .. highest ns\n", "");
	tell("a pair of switches", pair);
	tell("a task, start to end", task);
	return unused != NULL;
}

int main(void)
{
	static const hoy_run_opts one = { .workers = 1 };

	return hoy_run_with(&one, measure, NULL);
}
