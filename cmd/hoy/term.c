/*
 * Standard output and the terminal. Colour is a courtesy to people: only where a
 * terminal shows it, never against NO_COLOR, and --color has the last word.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static int is_coloured(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(common.color, "auto"))
		return !strcmp(common.color, "always");
	return isatty(fileno(to)) && !(no && *no) && term && strcmp(term, "dumb");
}

const char *ink(FILE *to, enum ink i)
{
	static const char *const escapes[] = {
		[INK_OFF] = "\033[0m", [INK_BOLD] = "\033[1m", [INK_DIM] = "\033[2m",
		[INK_GOOD] = "\033[32m", [INK_BAD] = "\033[31m", [INK_WARN] = "\033[33m",
	};

	return is_coloured(to) ? escapes[i] : "";
}

/* Nobody reads any more: die as the shell expects of a filter, also where the signal is blocked. */
static _Noreturn void leave_quietly(void)
{
	raise(SIGPIPE);
	_exit(EXIT_PIPE);
}

static int out_failed(int error)
{
	if (error == EPIPE)
		leave_quietly();
	say("write to standard output: %s", error ? strerror(error) : "it failed; is the disk full?");
	return EXIT_UNASKED;
}

void out_write(const char *bytes, size_t len)
{
	/* what printf still holds came first */
	fflush(stdout);
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(out_failed(errno));
		bytes += n;
		len -= (size_t)n;
	}
}

int out_flush(int code)
{
	errno = 0;	/* a write that failed earlier has left only its mark */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return out_failed(errno);
}

/* The end of the run of bytes from p that a terminal may see as they are. */
static const char *harmless(const char *p, const char *end)
{
	while (p < end && (*p == '\n' || *p == '\t' || !(((unsigned char)*p) < 0x20 || *p == 0x7f)))
		p++;
	return p;
}

void put_foreign(const char *bytes, size_t len)
{
	const char *end = bytes + len, *stop;

	if (!isatty(STDOUT_FILENO)) {
		fwrite(bytes, 1, len, stdout);
		return;
	}
	while (bytes < end) {
		stop = harmless(bytes, end);
		fwrite(bytes, 1, (size_t)(stop - bytes), stdout);
		if (stop < end && *stop != '\r')
			printf("\\x%02x", (unsigned char)*stop);
		bytes = stop + 1;
	}
}
