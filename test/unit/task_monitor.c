/* The thread that watches a run, and dumps: every system call and allocation of theirs made to fail, one after the other. */
#include <fcntl.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "t.h"
#include "task/debug.h"

static hoy_run_opts opts = {
	.workers = 1, .report_deadlock = 1, .report_leaks = 1, .dump_on_quit = 1, .report_stalls = HOY_SECOND,
};
static int null;

static int dumps(void *arg)
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	int code = hoy_dump(null);

	hoy_listener_free(l);
	(void)arg;
	return code < 0 ? code : 0;
}

/* What a failure may be: the dump is complete in what it has, or it says why there is none. */
static void check(int code, const char *kind, long n)
{
	char story[600];

	if (code != 0 && code != fault_fired_code())
		t_fail(__FILE__, __LINE__, kind, "%ld failed with %d, told %d: %s", n, fault_fired_code(), code,
		       fault_story(story, sizeof story));
}

static void sweep_all(void (*set)(long n), const char *kind)
{
	long n, blocks;
	int open_before;

	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fault_install();
	CHECK_INT(hoy_run_with(&opts, dumps, NULL), 0);
	CHECK_INT(hoy_run_with(&opts, dumps, NULL), 0);
	open_before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = 1;; n++) {
		fault_reset();
		set(n);
		int code = hoy_run_with(&opts, dumps, NULL);
		if (!fault_fired())
			break;
		check(code, kind, n);
		CHECK_INT(fault_open_descriptors(), open_before);
		CHECK(fault_live_blocks() <= blocks + 1);	/* a chunk of records that is kept */
		CHECK_INT(fault_bad_descriptors(), 0);
		blocks = fault_live_blocks();
	}
	CHECK(n > 3);
}

static void set_call(long n) { fault_at(n, 0); }
static void set_allocation(long n) { fault_alloc_at(n); }

TEST(any_system_call_of_a_watched_run_may_fail)
{
	sweep_all(set_call, "call");
}

TEST(any_allocation_of_a_watched_run_may_fail)
{
	sweep_all(set_allocation, "allocation");
}

/* Words of $HOY_DEBUG, and their values. */
TEST(the_words_of_the_environment_are_found_whole)
{
	static const struct { const char *debug, *word, *value; } cases[] = {
		{ "leaks", "leaks", "" }, { "a,leaks,b", "leaks", "" }, { "leaks=", "leaks", "" }, { "a,stall=5ms", "stall", "5ms" },
		{ "stall=5ms,b=c", "stall", "5ms" }, { "stall=5ms,b=c", "b", "c" }, { "leaks", "leak", NULL }, { "leak", "leaks", NULL },
		{ "noleaks", "leaks", NULL }, { "", "leaks", NULL }, { ",,=,", "leaks", NULL }, { "leaks leaks", "leaks", NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char got[100] = "";
		const char *value = NULL;
		size_t len = 0;
		bool found;

		setenv("HOY_DEBUG", cases[i].debug, 1);
		found = hoy__debug_word(cases[i].word, &value, &len);
		snprintf(got, sizeof got, "%.*s", (int)len, value ? value : "");
		CHECK_STR(found ? got : NULL, cases[i].value, cases[i].debug);
	}
}

TEST(the_limit_of_stalls_has_a_unit)
{
	static const struct { const char *debug; hoy_duration want; } cases[] = {
		{ "stall=250ms", 250 * HOY_MILLISECOND }, { "stall=2s", 2 * HOY_SECOND }, { "stall", 100 * HOY_MILLISECOND },
		{ "stall=", 100 * HOY_MILLISECOND }, { "stall=7", 100 * HOY_MILLISECOND }, { "stall=-1s", 100 * HOY_MILLISECOND },
		{ "stall=99999999999999999999s", 100 * HOY_MILLISECOND }, { "stall=x", 100 * HOY_MILLISECOND }, { "leaks", 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		setenv("HOY_DEBUG", cases[i].debug, 1);
		CHECK_INT(hoy__reports_asked(&(hoy_run_opts){ 0 }).stall, cases[i].want);
	}
}
