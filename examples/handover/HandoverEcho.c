/*
 * An echo server that replaces itself: on SIGHUP it starts its program anew, which may be another version by then, hands it the
 * listening socket, and serves its own connections to their end. No client is refused in between.
 *
 *	HandoverEcho ADDRESS PATH	PATH: of the Unix socket at which the successor connects
 */
#include <err.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include <hoy.h>

extern char **environ;

static struct {
	char **argv;
	hoy_handover *handover;
	hoy_listener *listener;
	hoy_wait_group serving;
} server;

static void echo(hoy_conn *c, void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

static int serve(void *arg)
{
	(void)arg;
	hoy_serve(server.listener, echo, NULL, NULL, NULL);
	hoy_wait_group_done(&server.serving);
	return 0;
}

static int spawn(void *arg)
{
	pid_t pid;

	(void)arg;
	return -posix_spawnp(&pid, server.argv[0], NULL, NULL, server.argv, environ);
}

static int start_successors(void *arg)
{
	const int hangup = SIGHUP;
	int code;

	(void)arg;
	while (hoy_signal_wait(&hangup, 1) > 0)
		if ((code = hoy_offload(spawn, NULL)) < 0)
			warnx("%s: %s", server.argv[0], hoy_strerror(code));
	return 0;
}

static int stop_on_signal(void *arg)
{
	const int signals[] = { SIGTERM, SIGINT };

	(void)arg;
	if (hoy_signal_wait(signals, 2) > 0)
		hoy_listener_close(server.listener, NULL);
	return 0;
}

static int be_replaced(void *arg)
{
	(void)arg;
	if (hoy_handover_wait(server.handover, NULL) == 0)
		hoy_listener_close(server.listener, NULL);
	return 0;
}

static void start(hoy_fn *fn)
{
	int code = hoy_go(fn, NULL);

	if (code < 0)
		errx(1, "%s", hoy_strerror(code));
}

static int run(void *arg)
{
	char text[HOY_ERR_STRLEN], state[64];
	hoy_err err;

	(void)arg;
	server.handover = hoy_handover_open(server.argv[2], &err);
	if (server.handover)
		server.listener = hoy_handover_listen(server.handover, NULL, "tcp", server.argv[1], &err);
	if (!server.listener)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_wait_group_add(&server.serving, 1);
	start(serve);
	start(start_successors);
	start(stop_on_signal);
	if (hoy_handover_ready(server.handover, &err) < 0)
		warnx("%s", hoy_err_string(&err, text));
	start(be_replaced);
	snprintf(state, sizeof state, "READY=1\nMAINPID=%d", (int)getpid());
	hoy_notify(state, NULL);
	hoy_wait_group_wait(&server.serving);
	return 0;
}

int main(int argc, char **argv)
{
	int code;

	if (argc != 3) {
		fprintf(stderr, "Usage: %s host:port path\n", argv[0]);
		return 1;
	}
	server.argv = argv;
	code = hoy_run(run, NULL);
	hoy_handover_free(server.handover);
	hoy_listener_free(server.listener);
	return code < 0;
}
