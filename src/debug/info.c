/* What a running program may ask about itself. */
#include <string.h>

#include <hoy/debug.h>

#include "task/dump.h"
#include "task/guard.h"
#include "task/runtime.h"

const char *hoy_version(void)
{
	return HOY_VERSION;
}

int hoy_dump(int fd)
{
	return hoy__dump_tasks(hoy__os->write, fd);
}

void hoy_runtime_info(struct hoy_runtime_info *info)
{
	struct hoy__runtime *rt = hoy__runtime_locked();

	memset(info, 0, sizeof *info);
	info->workers = rt ? (int)rt->n : 0;
	hoy__runtime_unlock();
	info->guard = hoy__guard_name();
	info->poller = "epoll";
}

static void add(struct hoy_stats *sum, const struct hoy__counters *count)
{
	sum->started += count->started;
	sum->switches += count->switches;
	sum->steals += count->steals;
	sum->polls += count->polls;
	sum->sleeps += count->sleeps;
	sum->wakes += count->wakes;
	sum->stalls += count->stalls;
}

void hoy_stats(struct hoy_stats *stats)
{
	struct hoy__runtime *rt = hoy__runtime_locked();
	uint64_t ended = 0;

	memset(stats, 0, sizeof *stats);
	for (unsigned i = 0; rt && i < rt->n; i++)	/* first: then the difference is never too small */
		ended += rt->workers[i]->count.ended;
	for (unsigned i = 0; rt && i < rt->n; i++)
		add(stats, &rt->workers[i]->count);
	stats->tasks = stats->started - ended;
	hoy__runtime_unlock();
}
