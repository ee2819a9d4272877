/*
 * The test harness. Each TEST runs in a child process of its own, so a crash, a hang or
 * a leak belongs to one test; failures are counted in shared memory, so a CHECK may
 * stand in any task or thread, and nothing ever jumps off a task's stack.
 *
 *	#include "t.h"
 *	TEST(loopback_is_loopback) { CHECK(hoy_ip_is_loopback(hoy_ipv4(127, 0, 0, 1))); }
 *
 * That is the whole program; main is below. argv[1] runs only the tests whose name
 * contains it. HOY_TEST_SCALE=N says that this run is N times slower than a plain one
 * (a sanitizer, an emulator): limits grow by N, and SCALED(count) shrinks by N. With
 * CI=true a skip that the file HOY_SKIPS does not list is a failure.
 */
#ifndef HOY_TEST_T_H
#define HOY_TEST_T_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef TEST_LIMIT
#define TEST_LIMIT 20	/* seconds for each test of this file */
#endif

#define LEN(array) (sizeof(array) / sizeof(array)[0])
#define SCALED(count) ((count) > t_scale() ? (count) / t_scale() : 1)

#define TEST(name) \
	static void test_##name(void); \
	__attribute__((constructor)) static void add_##name(void) \
	{ \
		static struct t_test test = { #name, test_##name, NULL }; \
		*t_last = &test; \
		t_last = &test.next; \
	} \
	static void test_##name(void)

/* Each is true when the check held, so a test may stop: if (!CHECK(c)) return; */
#define CHECK(cond) t_check(cond, __FILE__, __LINE__, #cond)
#define CHECK_INT(got, want) t_check_int(got, want, __FILE__, __LINE__, #got)
#define CHECK_STR(got, want, label) t_check_str(got, want, __FILE__, __LINE__, label)
/* Ends the test, from wherever it stands. */
#define SKIP(reason) t_skip(reason)

struct t_test {
	const char *name;
	void (*run)(void);
	struct t_test *next;
};

static struct {
	atomic_int failures;		/* of the test that runs now */
	char reason[200];		/* why it was skipped */
} *t_shared;

static struct t_test *t_first, **t_last = &t_first;

#ifdef HOY_TEST_AT_EXIT
void HOY_TEST_AT_EXIT(void);	/* what _exit leaves out: the leak check, or writing coverage */
#else
#define HOY_TEST_AT_EXIT() ((void)0)
#endif

/*
 * A build with HOY_TEST_SEEN records which public functions a program called, and how they ended (tools/seen.sh): in memory
 * that all its processes share, then, once every test has passed, in the file $HOY_SEEN/PROGRAM.
 */
#ifdef HOY_SEEN
unsigned char *t_seen = (unsigned char[2 * HOY_SEEN_COUNT]){ 0 };

static void t_seen_begin(void)
{
	void *shared = mmap(NULL, 2 * HOY_SEEN_COUNT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	t_seen = shared == MAP_FAILED ? t_seen : shared;
}

static void t_seen_end(const char *program, bool passed, int skipped)
{
#define HOY_SEEN_TEXT(x, failed) #x,
	static const char *const names[] = { HOY_SEEN_NAMES(HOY_SEEN_TEXT) };
	const char *dir = getenv("HOY_SEEN");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir ? dir : "", program);
	if (!dir || !passed || !(f = fopen(path, "w")))
		return;
	for (int i = 0; i < 2 * HOY_SEEN_COUNT; i++)
		if (t_seen[i])
			fprintf(f, "%s %c\n", names[i / 2], "+-"[i % 2]);
	if (skipped)
		fprintf(f, "skipped %s\n", program);
	fclose(f);
}
#else
#define t_seen_begin() ((void)0)
#define t_seen_end(program, passed, skipped) ((void)0)
#endif

__attribute__((unused)) static int t_scale(void)
{
	const char *text = getenv("HOY_TEST_SCALE");
	int scale = text ? atoi(text) : 1;

	return scale > 1 ? scale : 1;
}

/* qemu-user accepts calls that it does not carry out, and says when a signal kills what it runs. */
__attribute__((unused)) static bool t_emulated(void)
{
	return getenv("HOY_TEST_EMULATED") != NULL;
}

/* ThreadSanitizer has a thread of its own, and calls handlers of signals later, when the registers they are shown are stale. */
__attribute__((unused)) static bool t_under_tsan(void)
{
#if defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
	return true;
#endif
#endif
	return false;
}

/* Valgrind answers some system calls itself, and not as Linux would. */
__attribute__((unused)) static bool t_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/* One write for one line, so that lines of several threads never mix. */
__attribute__((format(printf, 4, 5))) static bool t_fail(const char *file, int line, const char *what,
							 const char *format, ...)
{
	char text[1024];
	va_list args;
	int n, count = atomic_fetch_add(&t_shared->failures, 1);

	if (count >= 20)
		return false;
	n = snprintf(text, sizeof text, "%s:%d: %s: ", file, line, what);
	if (n < (int)sizeof text - 2) {
		va_start(args, format);
		n += vsnprintf(text + n, sizeof text - n, format, args);
		va_end(args);
	}
	n = n < (int)sizeof text - 1 ? n : (int)sizeof text - 2;
	text[n++] = '\n';
	return write(STDERR_FILENO, text, n) < 0;
}

__attribute__((unused)) static bool t_check(bool ok, const char *file, int line, const char *what)
{
	return ok || t_fail(file, line, what, "is false");
}

__attribute__((unused)) static bool t_check_int(long long got, long long want, const char *file, int line,
						const char *what)
{
	return got == want || t_fail(file, line, what, "got %lld, want %lld", got, want);
}

__attribute__((unused)) static bool t_check_str(const char *got, const char *want, const char *file, int line,
						const char *what)
{
	if (got && want ? strcmp(got, want) == 0 : got == want)
		return true;
	return t_fail(file, line, what, "got %s%s%s, want %s%s%s", got ? "\"" : "", got ? got : "NULL",
		      got ? "\"" : "", want ? "\"" : "", want ? want : "NULL", want ? "\"" : "");
}

__attribute__((unused, noreturn)) static void t_skip(const char *reason)
{
	snprintf(t_shared->reason, sizeof t_shared->reason, "%s", reason);
	_exit(77);
}

/* Is "program.test reason", or "program.* reason", a line of the list of skips that are expected? */
static bool t_skip_is_listed(const char *program, const char *test)
{
	const char *ci = getenv("CI"), *list = getenv("HOY_SKIPS");
	char want[200], all[200], line[400];
	bool found = false;
	FILE *f;

	if (!ci || strcmp(ci, "true") != 0)
		return true;
	snprintf(want, sizeof want, "%s.%s ", program, test);
	snprintf(all, sizeof all, "%s.* ", program);
	if (!list || !(f = fopen(list, "r")))
		return false;
	while (!found && fgets(line, sizeof line, f))
		found = strncmp(line, want, strlen(want)) == 0 || strncmp(line, all, strlen(all)) == 0;
	fclose(f);
	return found;
}

/* valgrind maps the first thread's stack as far as it was used, and no further to deliver a signal. */
static void t_use_stack(void)
{
	volatile char deep[64 << 10];

	for (size_t i = 0; i < sizeof deep; i += 1024)
		deep[i] = 0;
}

/* The child: a process group of its own, which dies with the parent. */
static void t_child(const struct t_test *test, const sigset_t *mask)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	t_use_stack();
	test->run();
	fflush(NULL);
	HOY_TEST_AT_EXIT();
	_exit(atomic_load(&t_shared->failures) != 0);
}

/* How the test ended, as wait tells it; -1 when its time was up. */
static int t_run(const struct t_test *test)
{
	struct timespec limit = { TEST_LIMIT * t_scale(), 0 };
	sigset_t child, mask;
	int status = -1;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &mask);
	atomic_store(&t_shared->failures, 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		t_child(test, &mask);
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0)
		if (sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return -1;
		}
	if (pid > 0)
		kill(-pid, SIGKILL);	/* what it left running */
	return status;
}

/* Prints how it ended; 1 passed, 0 skipped, -1 failed. */
static int t_tell(const char *program, const struct t_test *test, int status, double seconds)
{
	int code = status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	int failures = atomic_load(&t_shared->failures);

	if (code == 77 && !failures) {
		bool listed = t_skip_is_listed(program, test->name);

		printf("%s %s: %s\n", listed ? "skip" : "FAIL (skip not listed)", test->name, t_shared->reason);
		return listed ? 0 : -1;
	}
	printf("%s %s", code || failures ? "FAIL" : "ok  ", test->name);
	if (status == -1)
		printf(": not done after %d s", TEST_LIMIT * t_scale());
	else if (WIFSIGNALED(status))
		printf(": signal %d, %s", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (code && !(code == 1 && failures))
		printf(": exit status %d", code);
	printf(" (%.2f s)\n", seconds);
	return code || failures ? -1 : 1;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *program = slash ? slash + 1 : argv[0];
	int count[3] = { 0 };	/* failed, skipped, passed */

	setvbuf(stdout, NULL, _IOLBF, 0);
	t_shared = mmap(NULL, sizeof *t_shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t_shared == MAP_FAILED)
		return 1;
	t_seen_begin();
	for (struct t_test *test = t_first; test; test = test->next) {
		struct timespec a, b;

		if (argc > 1 && !strstr(test->name, argv[1]))
			continue;
		clock_gettime(CLOCK_MONOTONIC, &a);
		int status = t_run(test);
		clock_gettime(CLOCK_MONOTONIC, &b);
		count[1 + t_tell(program, test, status, b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9)]++;
	}
	t_seen_end(program, argc == 1 && !count[0], count[1]);
	printf("%d passed, %d failed, %d skipped\n", count[2], count[0], count[1]);
	if (count[0] || count[0] + count[1] + count[2] == 0)
		return 1;
	return count[2] ? 0 : 77;
}

#endif
