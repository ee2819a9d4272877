/* The command line of a program of scenarios. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explorer.h"

enum { SITES = 512 };

static bool all, list_sites;
static const void *weakened[SITES];
static struct { const void *site; int order; } seen[SITES];
static int weakened_count, seen_count;

int site_order(const void *site, int order)
{
	for (int i = 0; i < weakened_count; i++)
		if (weakened[i] == site)
			return memory_order_relaxed;
	return order;
}

void site_note(const void *site, int order)
{
	if (!list_sites || order == memory_order_relaxed)
		return;
	for (int i = 0; i < seen_count; i++)
		if (seen[i].site == site)
			return;
	if (seen_count == SITES)
		model_fail("more than %d sites", SITES);
	seen[seen_count].site = site;
	seen[seen_count++].order = order;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool run(const struct scenario *s)
{
	double begin = seconds();
	struct explored e = explore(s);

	if (!list_sites)
		printf("%-28s %9lu executions %9lu blocked %9lu dropped %7.2f s\n", s->name, e.complete, e.blocked, e.dropped,
		       seconds() - begin);
	fflush(stdout);
	return !s->outcomes || outcomes_are(s->outcomes);
}

/* An option; false: it is the name of a scenario. */
static bool take_option(char *text)
{
	if (!strcmp(text, "--all"))
		all = true;
	else if (!strcmp(text, "--sites"))
		list_sites = true;
	else if (!strncmp(text, "--weaken=", 9))
		for (char *at = strtok(text + 9, ","); at && weakened_count < SITES; at = strtok(NULL, ","))
			weakened[weakened_count++] = (const void *)(uintptr_t)strtoull(at, NULL, 16);
	else
		return false;
	return true;
}

static bool is_named(const struct scenario *s, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], s->name))
			return true;
	return false;
}

/* Those that are named; with no names: all of them if wanted. */
static bool run_all(const struct scenario *const *s, bool wanted, char **names, int count)
{
	bool good = true;

	for (; s && *s; s++)
		if (count ? is_named(*s, names, count) : wanted)
			good &= run(*s);
	return good;
}

int model_main(const struct scenario *const *quick, const struct scenario *const *slow, int argc, char **argv)
{
	int names = 0;
	bool good;

	for (int i = 1; i < argc; i++)
		if (!take_option(argv[i]))
			argv[names++] = argv[i];
	good = run_all(quick, true, argv, names);
	good &= run_all(slow, all, argv, names);
	for (int i = 0; i < seen_count; i++)
		printf("%p %d\n", seen[i].site, seen[i].order);
	return !good;
}
