/*
 * Standard output, and what stands in for standard streams that were closed. Text is collected
 * until its line is whole, so that a reader at the other end of a pipe sees each line when it is
 * written. A write that fails ends the program: what follows would be lost as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static struct {
	char text[8192];
	size_t len;
} pending;

/*
 * The next descriptor that is opened would take the place of a closed one, and a socket would get what
 * is said on standard error. /dev/null is opened the wrong way round, so that its use fails like that
 * of a closed descriptor.
 */
void streams_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_UNASKED);
	signal(SIGPIPE, SIG_IGN);	/* a closed pipe is an error that out_failed handles */
}

/* What a shell expects of a filter whose reader has ended; also where SIGPIPE is blocked. */
static _Noreturn void die_of_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(EXIT_PIPE);
}

_Noreturn void out_failed(int code)
{
	static atomic_flag failed = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&failed))
		pause();	/* another task reports the failure and ends the process */
	if (code != -EPIPE || (running && running->is_server))
		say("write to standard output: %s", hoy_strerror(code));
	if (code == -EPIPE)
		die_of_pipe();
	_exit(EXIT_UNASKED);
}

/* A pipe that its owner set to non-blocking mode says EAGAIN while it is full. */
static void write_all(const char *bytes, size_t len)
{
	struct pollfd room = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EAGAIN)
			poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			out_failed(-errno);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
}

void out_flush(void)
{
	if (!pending.len)
		return;
	write_all(pending.text, pending.len);
	pending.len = 0;
}

void out_write(const char *bytes, size_t len)
{
	out_flush();
	write_all(bytes, len);
}

void out_bytes(const char *bytes, size_t len)
{
	if (len > sizeof pending.text - pending.len)
		out_flush();
	if (len > sizeof pending.text) {
		write_all(bytes, len);
		return;
	}
	memcpy(pending.text + pending.len, bytes, len);
	pending.len += len;
	if (len && bytes[len - 1] == '\n')
		out_flush();
}

void out_print(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	must(len < 0 ? NULL : text);
	out_bytes(text, (size_t)len);
	free(text);
}
