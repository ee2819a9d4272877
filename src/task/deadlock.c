/*
 * What could wake a task: another task, a timer, an event of a poller, a call that returns on a thread of the pools, or a plain
 * thread that makes a call of hoy's. The last is why all threads of the process are counted: each must be a worker that sleeps, a
 * thread of the pools that is idle, a thread that waits in a call of hoy's for good, or a helper. A handler of a signal may not
 * call hoy.
 *
 * That is looked at piece by piece while threads may run. But every thread that did anything meanwhile has either moved a counter of
 * its worker, woken a worker that slept, or is one thread too many. So if the counters are what they were before, and all workers
 * are asleep as before, all pieces were true at once, and stay true.
 */
#include "task/deadlock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "task/dump.h"
#include "task/pool.h"
#include "task/report.h"
#include "task/runtime.h"

enum { THREADS = 256 };

/* Waits that only a call of another task or thread ends. */
static bool is_for_others(int why)
{
	switch (why & 0xff) {
	case HOY__WHY_LOCK: case HOY__WHY_MUTEX: case HOY__WHY_WAIT_GROUP: case HOY__WHY_PIPE: case HOY__WHY_CHAN:
	case HOY__WHY_SELECT: case HOY__WHY_COND: case HOY__WHY_SEMAPHORE: case HOY__WHY_RWLOCK: case HOY__WHY_GROUP:
	case HOY__WHY_SERVE: case HOY__WHY_PROXY:
		return !(why & HOY__WHY_EVENT);
	default:
		return false;
	}
}

static bool waits_for_good(struct hoy__task *task)
{
	return hoy__is_armed(task) && is_for_others(atomic_load(&task->why)) && hoy__deadline(task) == HOY__NEVER;
}

struct tasks {
	bool all_wait;
	unsigned n;
};

static void look_at_task(struct hoy__slot *slot, void *arg)
{
	struct tasks *all = arg;
	struct hoy__task *task = hoy__slot_task(slot);

	all->n++;
	if (atomic_load(&slot->state) != HOY__SLOT_LIVE || atomic_load(&task->runs) % 2 || !waits_for_good(task))
		all->all_wait = false;
}

static bool all_tasks_wait(void)
{
	struct tasks all = { .all_wait = true };

	hoy__slot_each(look_at_task, &all);
	return all.all_wait && all.n > 0;
}

/* A sum that changes when one of the workers does anything; 0: one of them is awake. */
static uint64_t sum_of(struct hoy__worker **workers, unsigned n)
{
	uint64_t sum = 1;

	for (unsigned i = 0; i < n; i++) {
		const struct hoy__counters *count = &workers[i]->count;

		if (!atomic_load(&workers[i]->asleep))
			return 0;
		sum += atomic_load(&count->switches) + atomic_load(&count->polls) + atomic_load(&count->started);
	}
	return sum;
}

static bool is_quiet(uint64_t sums[2], struct hoy__runtime *rt, struct hoy__worker **native, unsigned n)
{
	sums[0] = sum_of(rt->workers, rt->n);
	sums[1] = sum_of(native, n);
	return sums[0] && sums[1];
}

/* How many threads the process has; -1: unknown. */
static int count_threads(void)
{
	char text[4096], *line;
	int fd = hoy__os_open("/proc/self/status", O_RDONLY);
	ssize_t n = fd < 0 ? fd : hoy__os_read(fd, text, sizeof text - 1);

	if (fd >= 0)
		hoy__os_close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	line = strstr(text, "\nThreads:");
	return line ? atoi(line + strlen("\nThreads:")) : -1;
}

static bool all_wait_for_good(struct hoy__worker **native, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!waits_for_good(&native[i]->stand_in))
			return false;
	return all_tasks_wait();
}

bool hoy__is_deadlocked(struct hoy__runtime *rt)
{
	struct hoy__worker *native[THREADS];
	unsigned helpers, n = hoy__workers_native(native, THREADS, &helpers);
	uint64_t before[2], after[2];
	int idle;

	if (n == THREADS || atomic_load(&rt->canceled) || !is_quiet(before, rt, native, n) || !all_wait_for_good(native, n))
		return false;
	idle = hoy__pools_idle();
	if (idle < 0 || count_threads() != (int)(rt->n + n + helpers) + idle)
		return false;
	return is_quiet(after, rt, native, n) && after[0] == before[0] && after[1] == before[1];
}

void hoy__deadlock_report(int status)
{
	static const char text[] = "hoy: deadlock: every task waits for another, and no timer, descriptor or thread is left to wake one:\n";

	hoy__report_write(STDERR_FILENO, text, sizeof text - 1);
	hoy__dump_tasks(hoy__report_write, STDERR_FILENO);
	_exit(status);
}
