/* What is reported: outcomes, and an execution that has gone wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explorer.h"

enum { OUTCOMES = 64, LENGTH = 64 };

static char outcomes[OUTCOMES][LENGTH];
static int outcome_count;

void outcomes_begin(void)
{
	outcome_count = 0;
}

void model_outcome(const char *format, ...)
{
	char text[LENGTH];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (int i = 0; i < outcome_count; i++)
		if (!strcmp(outcomes[i], text))
			return;
	if (outcome_count == OUTCOMES)
		model_fail("more than %d outcomes", OUTCOMES);
	strcpy(outcomes[outcome_count++], text);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool outcomes_are(const char *expected)
{
	char seen[OUTCOMES * LENGTH] = "";

	qsort(outcomes, (size_t)outcome_count, LENGTH, compare);
	for (int i = 0; i < outcome_count; i++) {
		strcat(seen, i ? "|" : "");
		strcat(seen, outcomes[i]);
	}
	if (!strcmp(seen, expected))
		return true;
	fprintf(stderr, "outcomes: %s\nexpected: %s\n", seen, expected);
	return false;
}

static void name_site(const void *site, char *text, size_t size)
{
	char command[200], exe[100];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	FILE *f;

	snprintf(text, size, "%p", site);
	if (!site || n < 0)
		return;
	exe[n] = '\0';
	snprintf(command, sizeof command, "addr2line -s -e '%s' %p 2>&1", exe, (const void *)((const char *)site - 1));
	if (!(f = popen(command, "r")))
		return;
	if (fgets(text, (int)size, f))
		text[strcspn(text, "\n")] = '\0';
	pclose(f);
}

static void report_event(const struct graph *g, const struct event *e)
{
	static const char *const kinds[] = { "read", "write", "fence" };
	static const char *const orders[] = { "relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst" };
	char site[80];

	name_site(e->site, site, sizeof site);
	fprintf(stderr, "%*sthread %d.%d  %s %s%s %s", 4 * (e->thread - 1), "", e->thread, e->index, site,
		e->exclusive ? " exclusive" : "", kinds[e->kind], e->plain ? "plain" : orders[e->order]);
	if (e->kind != FENCE)
		fprintf(stderr, " %#lx = %#llx", (unsigned long)e->at, (unsigned long long)e->value);
	if (e->kind == READ && e->from == INITIAL)
		fprintf(stderr, " from the beginning");
	else if (e->kind == READ)
		fprintf(stderr, " from %d.%d", g->e[e->from].thread, g->e[e->from].index);
	else if (e->kind == WRITE)
		fprintf(stderr, " (number %d)", e->place);
	fprintf(stderr, "\n");
}

void report_graph(const struct graph *g)
{
	for (int i = 0; i < g->n; i++)
		report_event(g, &g->e[i]);
}

_Noreturn void model_fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	report_graph(explore_graph());
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	_exit(1);
}
