/* What a program that has nothing to do costs: no memory of tasks that were, and no wake-ups. */
#include <dirent.h>
#include <sys/syscall.h>

#include <hoy/debug.h>

#include "fd_help.h"
#include "task/runtime.h"

enum { BURST = 1000, DEEP = 100 << 10 };

static const hoy_run_opts two_workers = { .workers = 2 };
static atomic_int inside;

/* A number of a file of /proc, after its label; -1 when there is none. */
static long number_in(const char *path, const char *label)
{
	FILE *f = fopen(path, "r");
	char line[200];
	long value = -1;

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, label, strlen(label)) == 0)
			value = atol(line + strlen(label));
	if (f)
		fclose(f);
	return value;
}

/* How often every thread but this one has gone to sleep so far; how many threads they are. */
static int sum_switches(long *sum)
{
	long me = syscall(SYS_gettid);
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300];
	int threads = 0;

	*sum = 0;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || atol(entry->d_name) == me)
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
		*sum += number_in(path, "voluntary_ctxt_switches:");
		threads++;
	}
	if (dir)
		closedir(dir);
	return threads;
}

/* A call of its own: a compiler that sees the array keeps only the bytes that are written. */
__attribute__((noinline)) static void touch(volatile char *pages, size_t len)
{
	for (size_t i = 0; i < len; i += 4096)
		pages[i] = 1;
}

/* Each holds 25 pages of its stack until all of them do. */
static int go_deep(void *arg)
{
	volatile char pages[DEEP];

	touch(pages, sizeof pages);
	inside++;
	while (inside < BURST)
		hoy_sleep(5 * HOY_MILLISECOND);
	hoy_wait_group_done(arg);
	return pages[0];
}

static long resident(void)
{
	return number_in("/proc/self/status", "VmRSS:");
}

/* A second after its last use a free stack is swept, 512 of them in one go. */
static int burst(void *arg)
{
	hoy_wait_group all = { 0 };
	long before = resident(), during, after;

	(void)arg;
	hoy_wait_group_add(&all, BURST);
	for (int i = 0; i < BURST; i++)
		CHECK_INT(hoy_go(go_deep, &all), 0);
	hoy_wait_group_wait(&all);
	during = resident() - before;
	hoy_sleep(3 * HOY_SECOND);
	after = resident() - before;
	printf("     KiB of memory after the burst: %ld, three seconds later: %ld\n", during, after);
	if (t_scale() > 1)
		return 0;	/* the memory of a sanitizer or an emulator is most of it */
	CHECK(during >= (long)BURST * DEEP / 1024 * 9 / 10);
	CHECK(after <= during / 20);
	return 0;
}

TEST(free_stacks_give_their_memory_back)
{
	CHECK_INT(hoy_run_with(&two_workers, burst, NULL), 0);
}

static int read_nothing(void *fd)
{
	char byte;

	CHECK_INT(fd_read(fd, &byte, 1), HOY_ECANCELED);
	return 0;
}

static int accept_nobody(void *fd)
{
	CHECK_INT(fd_accept(fd, NULL, NULL), HOY_ECANCELED);
	return 0;
}

struct idle {
	long switches;
	int threads;
	struct hoy_stats stats;
};

static void look(struct idle *idle)
{
	hoy_stats(&idle->stats);
	idle->threads = sum_switches(&idle->switches);
}

/* A plain thread, so that watching wakes nobody. */
static void *watch_two_seconds(void *arg)
{
	struct idle *idle = arg;
	struct timespec settle = { .tv_sec = 1, .tv_nsec = 500000000 }, two = { .tv_sec = 2 };

	nanosleep(&settle, NULL);	/* sweeping, which comes a second after a task has ended */
	look(&idle[0]);
	nanosleep(&two, NULL);
	look(&idle[1]);
	return NULL;
}

static struct hoy__fd *l, *pair[2];

/* A listener, a connection read at both ends, and a main that sleeps. */
static int do_nothing(void *arg)
{
	struct sockaddr_in at;
	struct idle idle[2];
	pthread_t watcher;

	(void)arg;
	l = listen_here(&at, 8);
	tcp_pair(pair);
	CHECK_INT(hoy_go(accept_nobody, l), 0);
	CHECK_INT(hoy_go(read_nothing, pair[0]), 0);
	CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, read_nothing, pair[1]), 0);
	CHECK_INT(pthread_create(&watcher, NULL, watch_two_seconds, idle), 0);
	CHECK_INT(hoy_sleep(4 * HOY_SECOND), 0);
	pthread_join(watcher, NULL);
	CHECK_INT((long long)(idle[1].stats.polls - idle[0].stats.polls), 0);
	CHECK_INT((long long)(idle[1].stats.switches - idle[0].stats.switches), 0);
	CHECK_INT(idle[1].threads, idle[0].threads);
	CHECK(idle[0].threads >= 2);
	if (t_scale() == 1)	/* sanitizers and emulators have threads of their own */
		CHECK_INT(idle[1].switches - idle[0].switches, 0);
	return 0;
}

TEST(an_idle_program_is_never_woken)
{
	CHECK_INT(hoy_run_with(&two_workers, do_nothing, NULL), 0);
	free_pair(pair);
	hoy__fd_free(l);
}
