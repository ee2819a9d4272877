/*
 * What the C library finds, by a child: getent calls getaddrinfo in a process of its own,
 * which can be ended when it takes too long, as no call inside this one could.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lookup.h"

extern char **environ;

enum { OUTPUT_MOST = 1 << 20, NOTHING = 2 };

static int start(const char *const *argv, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(pid, argv[0], &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

/* Where its output comes from, or a code. */
static int spawn(const char *const *argv, pid_t *pid)
{
	int ends[2], code;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	code = start(argv, ends[1], pid);
	close(ends[1]);
	if (code == 0)
		return ends[0];
	close(ends[0]);
	return code;
}

/* All that comes until it ends, in time; the caller's to hoy_free. */
static ssize_t read_output(int in, char **text)
{
	hoy_err err;
	hoy_conn *c = hoy_conn_from_fd(in, 0, &err);
	ssize_t n;

	if (!c) {
		close(in);
		return err.code;
	}
	if (lookup.timeout)
		hoy_conn_set_deadline(c, hoy_in(lookup.timeout), NULL);
	n = hoy_read_all(c, text, OUTPUT_MOST, NULL);
	hoy_conn_free(c);
	return n;
}

/* Each address of the output; there is a line per kind of socket. */
static void take_lines(const char *text, int type, void (*add)(void *arg, const char *address), void *arg)
{
	char address[HOY_ADDR_STRLEN];
	hoy_addr addr;

	while (*text) {
		snprintf(address, sizeof address, "%.*s", (int)strcspn(text, " \t\n"), text);
		/* ahostsv6 shows the IPv4 addresses of a name without IPv6 in IPv6's form */
		if (hoy_parse_addr(address, &addr, NULL) == 0 && !(type == HOY_TYPE_AAAA && hoy_ip_to4(addr.ip).len))
			add(arg, hoy_addr_string(&addr, address));
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

/* Its exit status, 0 found and 2 nothing, and its output; or a code. */
static int run(const char *const *argv, char **text, hoy_err *err)
{
	int in, status = 0;
	ssize_t n;
	pid_t pid;

	*err = (hoy_err){ .kind = HOY_ERR_PLAIN, .call = "getent" };
	if ((in = spawn(argv, &pid)) < 0)
		return err->code = in;
	n = read_output(in, text);
	if (n < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n < 0)
		return err->code = (int)n;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/*
 * -A: both families, as hoy asks, also where this machine has addresses of one only.
 * musl's getent does not know it.
 */
int getent(const char *name, int type, void (*add)(void *arg, const char *address), void *arg, hoy_err *err)
{
	const char *database = type == HOY_TYPE_A ? "ahostsv4" : type == HOY_TYPE_AAAA ? "ahostsv6" : "ahosts";
	const char *const whole[] = { "getent", "-A", "--", database, name, NULL };
	const char *const plain[] = { "getent", database, name, NULL };
	char *text;
	int status = run(whole, &text, err);

	if (status > 0 && status != NOTHING) {
		hoy_free(text);
		status = run(plain, &text, err);
	}
	if (status < 0)
		return status;
	take_lines(text, type, add, arg);
	hoy_free(text);
	err->code = status && status != NOTHING ? -EOPNOTSUPP : 0;
	return err->code;
}
