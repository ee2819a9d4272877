/*
 * A worker counts the tasks that it has resumed. If it is awake, and the number has stayed the same for the limit, the task of
 * that number keeps it. Where the task is, only its thread knows, so it is stopped by a signal.
 */
#include "task/stall.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/moment.h"
#include "task/dump.h"
#include "task/report.h"
#include "task/runtime.h"

static struct {
	hoy_duration limit;
	struct {
		uint64_t switches;
		int64_t since;	/* seen first */
		bool reported;
	} worker[HOY__MAX_WORKERS];
} stalls;

void hoy__stalls_begin(hoy_duration limit)
{
	memset(&stalls, 0, sizeof stalls);
	stalls.limit = limit;
}

static void report(struct hoy__worker *w, hoy_duration held)
{
	struct hoy__task_info info;
	char text[100];

	if (!hoy__inspect_running(w, &info))
		return;		/* it has gone on meanwhile */
	hoy__report_write(STDERR_FILENO, text, (size_t)snprintf(text, sizeof text,
			  "hoy: stall: a task has kept worker %u for %lld ms:\n", w->index, (long long)(held / HOY_MILLISECOND)));
	hoy__dump_task(&info, hoy__report_write, STDERR_FILENO);
}

static void look(struct hoy__worker *w, int64_t now)
{
	uint64_t switches = atomic_load(&w->count.switches);
	hoy_duration held = hoy__moment_sub(now, stalls.worker[w->index].since);

	if (!stalls.worker[w->index].since || atomic_load(&w->asleep) || switches != stalls.worker[w->index].switches) {
		stalls.worker[w->index].switches = switches;
		stalls.worker[w->index].since = now;
		stalls.worker[w->index].reported = false;
	} else if (held >= stalls.limit && !stalls.worker[w->index].reported) {
		stalls.worker[w->index].reported = true;
		report(w, held);
	}
}

void hoy__stalls_look(struct hoy__runtime *rt)
{
	int64_t now = hoy__os_monotonic();

	for (unsigned i = 0; i < rt->n; i++)
		look(rt->workers[i], now);
}
