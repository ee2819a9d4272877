/* Runs and threads: one at a time, anywhere, again and again, and nothing is left behind. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <hoy.h>

#include "../t.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static atomic_int ran, ended;

static int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static int answer(void *arg)
{
	ran++;
	return arg ? *(int *)arg : 5;
}

static void *run_in_thread(void *want)
{
	CHECK_INT(hoy_run(answer, NULL), *(int *)want);
	return NULL;
}

static void thread_runs(int want)
{
	pthread_t thread;

	if (CHECK_INT(pthread_create(&thread, NULL, run_in_thread, &want), 0))
		pthread_join(thread, NULL);
}

static int run_inside(void *arg)
{
	CHECK_INT(hoy_run(answer, NULL), -EBUSY);
	CHECK_INT(hoy_run_with(&one, answer, NULL), -EBUSY);
	thread_runs(-EBUSY);
	CHECK_INT(ran, 0);
	return hoy_sleep(HOY_MILLISECOND) + (arg != NULL);	/* this one goes on */
}

TEST(there_is_one_run_at_a_time)
{
	CHECK_INT(hoy_run_with(&two, run_inside, NULL), 0);
	CHECK_INT(hoy_run(answer, NULL), 5);
	thread_runs(5);
	CHECK_INT(ran, 2);
}

static int hand_over(void *c)
{
	CHECK_INT(hoy_sleep(2 * HOY_MILLISECOND), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
	return 0;
}

static void *hand_over_in_thread(void *c)
{
	hand_over(c);
	return NULL;
}

/* Waits for the clock and for a conn that another thread writes to. */
static int block(void *arg)
{
	hoy_conn *a, *b;
	pthread_t thread;
	char byte = 0;

	(void)arg;
	if (!CHECK_INT(hoy_pipe(&a, &b, NULL), 0))
		return 1;
	CHECK_INT(pthread_create(&thread, NULL, hand_over_in_thread, a), 0);
	CHECK_INT(hoy_conn_read(b, &byte, 1, NULL), 1);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	pthread_join(thread, NULL);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return byte;
}

/* The thread that runs is a plain one before, between and afterwards. */
TEST(a_thread_blocks_before_and_after_its_runs)
{
	int value = -3;

	CHECK_INT(block(NULL), 'x');
	CHECK_INT(hoy_run(block, NULL), 'x');
	CHECK_INT(block(NULL), 'x');
	CHECK_INT(hoy_run_with(&one, answer, &value), -3);
	CHECK_INT(hoy_run_with(&two, block, NULL), 'x');
	CHECK_INT(block(NULL), 'x');
	CHECK_INT(hoy_go(answer, NULL), HOY_ENORUNTIME);
	CHECK_INT(ran, 1);
}

static int start_some(void *arg)
{
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy_go_with(&(hoy_go_opts){ .place = i % 3 }, answer, NULL), 0);
	return block(arg);
}

TEST(many_short_runs_leave_no_descriptor)
{
	int before = count_files(), n = SCALED(200);

	for (int i = 0; i < n; i++)
		CHECK_INT(hoy_run_with(i % 2 ? &one : &two, start_some, NULL), 'x');
	CHECK_INT(ran, 10 * n);
	CHECK_INT(count_files(), before);
}

static void *block_in_thread(void *files)
{
	int before = count_files();

	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	*(int *)files = count_files() - before;
	return NULL;
}

TEST(a_thread_that_ends_gives_its_descriptors_back)
{
	int before = count_files(), more = 0;
	pthread_t thread;

	for (int i = 0; i < 20; i++) {
		CHECK_INT(pthread_create(&thread, NULL, block_in_thread, &more), 0);
		pthread_join(thread, NULL);
		CHECK(more > 0);
		CHECK_INT(count_files(), before);
	}
}

static int wait_for_end(void *arg)
{
	ran++;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	ended++;
	return arg != NULL;
}

/* No more address space than there is, and a little for whoever writes a message. */
static void limit_memory(struct rlimit *before)
{
	struct rlimit tight;
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	CHECK(f && fscanf(f, "%lu", &pages) == 1);
	if (f)
		fclose(f);
	getrlimit(RLIMIT_AS, before);
	tight = *before;
	tight.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE) + (1 << 20);
	CHECK_INT(setrlimit(RLIMIT_AS, &tight), 0);
}

/* Big stacks come 16 at a time, so soon one is refused: of that task nothing is there. */
static int start_until_refused(void *arg)
{
	static const hoy_go_opts big = { .stack = 8 << 20 };
	struct rlimit before;
	struct hoy_stats stats;
	int started = 0, code;

	CHECK_INT(hoy_go_with(&big, wait_for_end, arg), 0);
	limit_memory(&before);
	while ((code = hoy_go_with(&big, wait_for_end, arg)) == 0 && started < 100)
		started++;
	CHECK_INT(code, -ENOMEM);
	CHECK_INT(hoy_go_with(&big, wait_for_end, arg), -ENOMEM);
	hoy_stats(&stats);
	CHECK_INT((long long)stats.started, started + 2);
	CHECK_INT((long long)stats.tasks, started + 2);
	CHECK_INT(hoy_sleep(5 * HOY_MILLISECOND), 0);
	CHECK_INT(ran, started + 1);
	CHECK_INT(setrlimit(RLIMIT_AS, &before), 0);
	CHECK_INT(hoy_go_with(&big, wait_for_end, arg), 0);
	CHECK_INT(hoy_sleep(5 * HOY_MILLISECOND), 0);
	CHECK_INT(ran, started + 2);
	return 0;
}

static int close_all_and_sleep(void *arg)
{
	clock_t before;

	(void)arg;
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	before = clock();
	CHECK_INT(hoy_sleep(500 * HOY_MILLISECOND), 0);
	CHECK((clock() - before) * 10 < CLOCKS_PER_SEC * (clock_t)t_scale());
	return 4;
}

/*
 * As daemons do: the worker's own poller is among them, and what is left must not use a whole CPU. One
 * worker, since another that is asleep just then would not wake up again.
 */
TEST(a_program_that_closes_every_descriptor_still_sleeps)
{
	CHECK_INT(hoy_run_with(&one, close_all_and_sleep, NULL), 4);
}

TEST(a_task_without_memory_does_not_start)
{
	if (t_scale() > 1)
		SKIP("sanitizers and emulators need the address space");
	CHECK_INT(hoy_run_with(&one, start_until_refused, NULL), 0);
	CHECK_INT(ended, ran);
}

/* A promise that the program may break: only then does a signal come through. */
static volatile sig_atomic_t broken_pipes;

static void count_broken_pipe(int number)
{
	(void)number;
	broken_pipes++;
}

static int write_to_broken_pipe(void *arg)
{
	int fd[2];
	hoy_conn *c;

	(void)arg;
	CHECK_INT(pipe(fd), 0);
	close(fd[0]);
	c = hoy_conn_from_fd(fd[1], 0, NULL);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), -EPIPE);
	hoy_conn_free(c);
	return 0;
}

TEST(sigpipe_is_held_back_unless_it_is_ignored)
{
	const hoy_run_opts ignored = { .sigpipe_ignored = 1 };

	signal(SIGPIPE, count_broken_pipe);
	CHECK_INT(hoy_run(write_to_broken_pipe, NULL), 0);
	CHECK_INT(broken_pipes, 0);
	CHECK_INT(hoy_run_with(&ignored, write_to_broken_pipe, NULL), 0);
	CHECK_INT(broken_pipes, 1);
	CHECK_INT(write_to_broken_pipe(NULL), 0);
	CHECK_INT(broken_pipes, 1);
	signal(SIGPIPE, SIG_IGN);
	CHECK_INT(hoy_run_with(&ignored, write_to_broken_pipe, NULL), 0);
}
