/* Runs a function in a process of its own, for what ends a process or changes it for good. */
#ifndef HOY_TEST_CHILD_H
#define HOY_TEST_CHILD_H

#include "t.h"

struct child {
	int status;		/* the exit status, or minus the signal's number */
	char text[16 << 10];	/* what it wrote to stderr */
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CHECKED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { CHECKED = 1 };	/* by a sanitizer, which reports faults its own way */
#else
enum { CHECKED = 0 };
#endif
#else
enum { CHECKED = 0 };
#endif

__attribute__((unused)) static void child_run(struct child *c, void (*fn)(void))
{
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	fflush(NULL);
	if (!CHECK(pipe(ends) == 0) || !CHECK((pid = fork()) >= 0))
		return;
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		fn();
		fflush(NULL);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], c->text + len, sizeof c->text - 1 - len)) > 0)
		len += (size_t)n;
	c->text[len] = 0;
	if (t_emulated() && strncmp(c->text, "qemu: uncaught", 14) == 0)
		c->text[0] = 0;		/* what the emulator says of a signal; after the child's own words if there are any */
	close(ends[0]);
	waitpid(pid, &status, 0);
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Shows the child's text when the check fails. */
__attribute__((unused)) static void child_said(const struct child *c, const char *want, const char *label)
{
	CHECK_STR(strstr(c->text, want) ? want : c->text, want, label);
}

#endif
