/* What a test has left behind: descriptors and tasks. */
#ifndef HOY_TEST_LEFT_H
#define HOY_TEST_LEFT_H

#include <dirent.h>

#include "pair.h"

struct left {
	int descriptors;
	int tasks;
};

static struct left count_left(void)
{
	struct left left = { 0 };
	struct hoy_stats stats = { 0 };
	DIR *d = opendir("/proc/self/fd");

	while (d && readdir(d))
		left.descriptors++;
	if (d)
		closedir(d);
	hoy_stats(&stats);
	left.tasks = (int)stats.tasks;
	return left;
}

/* What closes on a thread aside, and tasks that have done their part, take a moment longer. */
static void check_nothing_left(const char *name, struct left before)
{
	struct left now = count_left();

	for (int i = 0; i < 1000 && (now.descriptors > before.descriptors || now.tasks > before.tasks); i++) {
		hoy_sleep(HOY_MILLISECOND);
		now = count_left();
	}
	if (now.descriptors > before.descriptors || now.tasks > before.tasks)
		t_fail(__FILE__, __LINE__, name, "%d descriptors and %d tasks are left", now.descriptors - before.descriptors,
		       now.tasks - before.tasks);
}

#endif
