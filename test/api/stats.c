/* What a program may ask about itself, in a run and outside: counters and constants. */
#include <pthread.h>
#include <stdatomic.h>

#include <hoy.h>

#include "../t.h"

static const hoy_run_opts one = { .workers = 1 }, three = { .workers = 3 };

static int sleeps(void *arg)
{
	(void)arg;
	return hoy_sleep(HOY_HOUR);
}

static int ends(void *arg)
{
	return arg != NULL;
}

static bool all_zero(const void *at, size_t len)
{
	const char *bytes = at;

	while (len && !bytes[len - 1])
		len--;
	return len == 0;
}

static int look_at_stats(void *arg)
{
	struct hoy_stats a, b;

	hoy_stats(&a);
	CHECK_INT((long long)a.started, 1);
	CHECK_INT((long long)a.tasks, 1);
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy_go(ends, arg), 0);
	CHECK_INT(hoy_go(sleeps, arg), 0);
	hoy_stats(&b);
	CHECK_INT((long long)b.started, 12);
	CHECK_INT((long long)b.tasks, 12);
	hoy_sleep(10 * HOY_MILLISECOND);
	hoy_stats(&b);
	CHECK_INT((long long)b.started, 12);
	CHECK_INT((long long)b.tasks, 2);
	CHECK_INT((long long)(b.switches - a.switches), 12);	/* eleven starts, and back here */
	CHECK(b.polls > a.polls && b.sleeps > a.sleeps && b.sleeps <= b.polls);
	CHECK_INT((long long)b.steals, 0);
	CHECK(all_zero(b.reserved, sizeof b.reserved));
	return 0;
}

TEST(stats_count_what_happens)
{
	struct hoy_stats stats;

	for (int run = 0; run < 2; run++) {	/* each run counts from nothing */
		CHECK_INT(hoy_run_with(&one, look_at_stats, NULL), 0);
		hoy_stats(&stats);
		CHECK(all_zero(&stats, sizeof stats));
	}
}

static int look_at_runtime(void *arg)
{
	struct hoy_runtime_info info;
	int major, minor, patch, end_at = 0;

	hoy_runtime_info(&info);
	CHECK_STR(info.poller, "epoll", "poller");
	CHECK(!strcmp(info.guard, "madvise") || !strcmp(info.guard, "mprotect") || !strcmp(info.guard, "canary"));
	CHECK(all_zero(info.reserved, sizeof info.reserved));
	CHECK(sscanf(hoy_version(), "%d.%d.%d%n", &major, &minor, &patch, &end_at) == 3 && !hoy_version()[end_at]);
	return info.workers + (arg != NULL);
}

TEST(the_runtime_describes_itself)
{
	CHECK_INT(look_at_runtime(NULL), 0);
	CHECK_INT(hoy_run_with(&one, look_at_runtime, NULL), 1);
	CHECK_INT(hoy_run_with(&three, look_at_runtime, NULL), 3);
	CHECK_INT(look_at_runtime(NULL), 0);
}

static atomic_bool over;

static void *keep_looking(void *arg)
{
	struct hoy_runtime_info info;
	struct hoy_stats stats;

	while (!atomic_load(&over)) {
		hoy_stats(&stats);
		hoy_runtime_info(&info);
		CHECK(info.workers == 0 || info.workers == 3);
		CHECK(stats.tasks <= 2);
	}
	return arg;
}

/* The watcher of a program does not know when its runs begin and end. */
TEST(runs_come_and_go_under_whoever_looks)
{
	pthread_t thread;
	int x = 1;

	CHECK_INT(pthread_create(&thread, NULL, keep_looking, NULL), 0);
	for (int run = 0; run < SCALED(300); run++)
		CHECK_INT(hoy_run_with(&three, ends, &x), 1);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}
