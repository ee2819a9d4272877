/* How a run starts, and what is left when it cannot. */
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

#include <hoy.h>

#include "child.h"
#include "os/os.h"
#include "support/fault_os.h"
#include "support/threads.h"
#include "task/runtime.h"

static int seventeen(void *arg)
{
	(void)arg;
	return 17;
}

static int sleeps(void *arg)
{
	(void)arg;
	return hoy_sleep(HOY_MILLISECOND);
}

/* A little of everything that takes a resource; 17 when all went well. */
static int busy_main(void *arg)
{
	int codes[] = { hoy_go(sleeps, NULL), hoy_offload(seventeen, NULL), hoy_sleep(HOY_MILLISECOND) };

	(void)arg;
	CHECK(codes[0] == 0 || codes[0] == -ENOMEM || codes[0] == -EAGAIN);
	CHECK(codes[1] == 17);
	return codes[0] ? codes[0] : 17;
}

static const hoy_run_opts two = { .workers = 2 };
static long fault_number;
static void (*set_fault)(long n);

static void set_poller(long n) { fault_entry_at(FAULT_poller_open, n, 0); }
static void set_waker(long n) { fault_entry_at(FAULT_waker_open, n, 0); }
static void set_map(long n) { fault_entry_at(FAULT_map, n, 0); }
static void set_guard(long n) { fault_entry_at(FAULT_guard, n, -ENOMEM); }
static void set_alloc(long n) { fault_alloc_at(n); }

/* In a fresh process, so that nothing is kept from before: fails once, then works, and leaves nothing open. */
static void start_with_a_fault(void)
{
	int before, code;

	fault_install();
	before = fault_open_descriptors();
	fault_reset();
	set_fault(fault_number);
	code = hoy_run_with(&two, busy_main, NULL);
	CHECK(code == 17 || code == -ENOMEM || code == -EMFILE || code == -EAGAIN);
	if (!fault_fired())
		_exit(2);
	CHECK_INT(fault_open_descriptors(), before);
	CHECK_INT(fault_bad_descriptors(), 0);
	fault_reset();
	CHECK_INT(hoy_run_with(&two, busy_main, NULL), 17);
	long mapped = fault_mapped_bytes(), blocks = fault_live_blocks();
	CHECK_INT(hoy_run_with(&two, busy_main, NULL), 17);
	CHECK_INT(fault_mapped_bytes(), mapped);
	CHECK_INT(fault_live_blocks(), blocks);
	CHECK_INT(fault_open_descriptors(), before);
}

static const struct {
	const char *what;
	void (*set)(long n);
	int least;		/* so many calls of it there are */
} faults[] = {
	{ "poller_open", set_poller, 2 },
	{ "waker_open", set_waker, 2 },
	{ "map", set_map, 5 },
	{ "guard", set_guard, 1 },
	{ "allocation", set_alloc, 4 },
};

TEST(each_failure_of_starting_is_told_and_leaves_nothing)
{
	for (size_t i = 0; i < LEN(faults); i++) {
		struct child c = { .status = 0 };

		set_fault = faults[i].set;
		for (fault_number = 1; c.status == 0 && fault_number < 50; fault_number++)
			child_run(&c, start_with_a_fault);
		if (c.status != 2)
			CHECK_STR(c.text, "", faults[i].what);
		CHECK_INT(c.status, 2);
		CHECK(fault_number - 2 >= faults[i].least);
	}
}

static void run_refused(void)
{
	fault_install();
	fault_entry_at(FAULT_poller_open, 1, 0);
	CHECK_INT(hoy_run(seventeen, NULL), -EMFILE);
	fault_entry_at(FAULT_waker_open, 2, 0);
	CHECK_INT(hoy_run_with(&two, seventeen, NULL), -EMFILE);
	fault_entry_at(FAULT_map, 1, 0);
	CHECK_INT(hoy_run(seventeen, NULL), -ENOMEM);
	fault_alloc_at(1);
	CHECK_INT(hoy_run(seventeen, NULL), -ENOMEM);
	CHECK_INT(fault_open_descriptors(), 0);
}

TEST(the_codes_of_a_run_that_cannot_start)
{
	run_refused();
}

static int count_workers(void *arg)
{
	struct hoy_runtime_info info;

	(void)arg;
	hoy_runtime_info(&info);
	return info.workers;
}

TEST(workers_are_as_asked)
{
	static const struct { int asked; const char *environment; int want; } cases[] = {
		{ 0, "1", 1 }, { 0, "3", 3 }, { 2, "3", 2 }, { 1, "3", 1 }, { 0, "99999", HOY__MAX_WORKERS },
		{ 100000, "1", HOY__MAX_WORKERS }, { -1, "2", 2 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		setenv("HOY_WORKERS", cases[i].environment, 1);
		CHECK_INT(hoy__worker_count(cases[i].asked, ""), cases[i].want);
	}
	setenv("HOY_WORKERS", "3", 1);
	CHECK_INT(hoy_run(count_workers, NULL), 3);
	CHECK_INT(hoy_run_with(&two, count_workers, NULL), 2);
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1000 }, count_workers, NULL), HOY__MAX_WORKERS);
	CHECK_INT(count_workers(NULL), 0);
}

/* What says nothing is as if it were not there. */
TEST(workers_by_affinity)
{
	static const char *const nothing[] = { "", "0", "-2", "many" };
	cpu_set_t one;
	int all;

	unsetenv("HOY_WORKERS");
	all = hoy__worker_count(0, "/nowhere");
	for (size_t i = 0; i < LEN(nothing); i++) {
		setenv("HOY_WORKERS", nothing[i], 1);
		CHECK_INT(hoy__worker_count(0, "/nowhere"), all);
	}
	CHECK_INT(all, hoy__os_cpus_allowed());
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
	CHECK_INT(hoy__worker_count(0, "/nowhere"), 1);
	fault_install();
	fault_entry_at(FAULT_cpus_allowed, 1, 0);
	CHECK_INT(hoy__worker_count(0, "/nowhere"), 1);
}

static void put(const char *root, const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s%s", root, name);
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(path, 0700);
	}
	if (!CHECK((f = fopen(path, "w")) != NULL))
		return;
	fputs(text, f);
	fclose(f);
}

static int eight_cpus(void) { return 8; }

/* The trees themselves: unit/os_cgroup.c. Here: the quota meets the number of CPUs. */
TEST(workers_by_cgroup)
{
	static const struct { const char *group, *file, *quota, *file2, *period; int want; } cases[] = {
		{ "0::/a\n", "/sys/fs/cgroup/a/cpu.max", "250000 100000\n", NULL, NULL, 3 },
		{ "0::/a\n", "/sys/fs/cgroup/a/cpu.max", "max 100000\n", NULL, NULL, 8 },
		{ "0::/a\n", "/sys/fs/cgroup/a/cpu.max", "6400000 100000\n", NULL, NULL, 8 },
		{ "0::/a\n", "/sys/fs/cgroup/a/cpu.max", "1000 100000\n", NULL, NULL, 1 },
		{ "2:cpu:/b\n", "/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us", "500000",
		  "/sys/fs/cgroup/cpu/b/cpu.cfs_period_us", "100000", 5 },
		{ "2:cpu:/b\n", "/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us", "-1",
		  "/sys/fs/cgroup/cpu/b/cpu.cfs_period_us", "100000", 8 },
	};
	static struct hoy__os eight;

	unsetenv("HOY_WORKERS");
	eight = *hoy__os;
	eight.cpus_allowed = eight_cpus;
	hoy__os = &eight;
	for (size_t i = 0; i < LEN(cases); i++) {
		char root[] = "/tmp/hoy-workers-XXXXXX", command[64];

		if (!CHECK(mkdtemp(root) != NULL))
			return;
		put(root, "/proc/self/cgroup", cases[i].group);
		put(root, cases[i].file, cases[i].quota);
		if (cases[i].file2)
			put(root, cases[i].file2, cases[i].period);
		CHECK_INT(hoy__worker_count(0, root), cases[i].want);
		snprintf(command, sizeof command, "rm -r %s", root);
		CHECK(system(command) == 0);
	}
}

/* Threads that cannot be had are done without: a default stack larger than memory refuses them all. */
TEST(threads_that_cannot_be_had)
{
	if (t_emulated())
		SKIP("the emulator tries to find the memory, and is killed");
	if (!refuse_threads())
		SKIP("this C library has no such default for threads' stacks");
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 4 }, count_workers, NULL), 1);
}
