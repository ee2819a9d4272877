/*
 * A thread of its own answers, so it does also when every worker is stuck. It serves one client after the other; a client
 * that says nothing for a second is sent away.
 */
#include "debug/control.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hoy/bufio.h>

#include "debug/snapshot.h"
#include "net/net.h"
#include "os/fork.h"
#include "task/debug.h"
#include "task/report.h"

enum { REQUEST_MOST = 64, PATH_SIZE = 256, STDERR = 2 };

#define PATIENCE HOY_SECOND		/* for a request, */
#define SEND_PATIENCE (5 * HOY_SECOND)	/* and for its answer to be read */

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	int unwatched;			/* forks are not looked after: the code */
	pthread_t thread;
	hoy_listener *listener;		/* NULL: there is no control socket */
	hoy_conn *client;		/* NULL: none is served */
	bool ending;
	hoy_listener *parents;		/* in a forked child: found by leak checkers */
} control = { .lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT };

/* ---- one client ---- */

static const struct {
	const char *request;
	unsigned parts;
} requests[] = {
	{ "snapshot", HOY__PART_STATS | HOY__PART_TASKS | HOY__PART_CONNECTIONS },
	{ "stats", HOY__PART_STATS },
	{ "tasks", HOY__PART_TASKS },
	{ "backtraces", HOY__PART_TASKS | HOY__PART_FRAMES },
	{ "connections", HOY__PART_CONNECTIONS },
};

static bool is_own(const struct hoy__fd *fd)
{
	return fd == control.listener->fd || fd == control.client->fd;
}

static void compose(struct hoy__json *j, const char *request)
{
	for (size_t i = 0; i < LEN(requests); i++)
		if (strcmp(requests[i].request, request) == 0) {
			hoy__snapshot(j, requests[i].parts, is_own);
			return;
		}
	hoy__json_open(j, NULL, '{');
	hoy__json_number(j, "v", 1);
	hoy__json_text(j, "error", "unknown request: snapshot, stats, tasks, backtraces or connections");
	hoy__json_close(j, '}');
	hoy__json_end(j);
}

/* False: the client is gone, or there is no memory to answer with. */
static bool answer(hoy_conn *c, const char *request)
{
	struct hoy__json j = { 0 };
	bool sent;

	compose(&j, request);
	hoy_conn_set_deadline(c, hoy_in(SEND_PATIENCE), NULL);
	sent = j.code == 0 && hoy_conn_write(c, j.text, j.len, NULL) >= 0;
	hoy__release(j.text);
	return sent;
}

/* The permissions of the socket's file keep all others away; but it may have been opened up, and this process have changed its user. */
static bool is_allowed(hoy_conn *c)
{
	hoy_unix_cred cred;

	return hoy_unix_peer_cred(c, &cred, NULL) == 0 && (cred.uid == 0 || cred.uid == hoy__os_user());
}

static void serve(hoy_conn *c)
{
	hoy_reader *r = is_allowed(c) ? hoy_reader_new(c, REQUEST_MOST, NULL) : NULL;
	char *request;

	do
		hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	while (r && hoy_reader_line(r, &request, NULL, NULL) == 1 && answer(c, request));
	hoy_reader_free(r);
}

/* ---- all of them ---- */

static void lock(void)
{
	pthread_mutex_lock(&control.lock);
}

static void unlock(void)
{
	pthread_mutex_unlock(&control.lock);
}

/* False: the run ends, and so the client is not served. */
static bool set_client(hoy_conn *c)
{
	bool serves;

	lock();
	control.client = c;
	serves = !control.ending;
	unlock();
	return serves;
}

/* 0, or why there will be no more. */
static int serve_next(hoy_listener *l)
{
	hoy_err err;
	hoy_conn *c = hoy_listener_accept(l, &err);

	if (!c)
		return hoy__accept_may_pass(err.code) ? hoy_sleep(100 * HOY_MILLISECOND) : err.code;
	if (set_client(c))
		serve(c);
	set_client(NULL);
	hoy_conn_free(c);
	return 0;
}

static void *serve_all(void *listener)
{
	int code = hoy__become_helper();

	while (code == 0)
		code = serve_next(listener);
	hoy_listener_close(listener, NULL);
	return NULL;
}

/* ---- forks: the child has the sockets, but no thread to serve them ---- */

static void forget(void)
{
	if (control.client)
		hoy__os_close(hoy__fd_sys(control.client->fd));
	if (control.listener)
		hoy__os_close(hoy__fd_sys(control.listener->fd));
	control.parents = control.listener;
	control.listener = NULL;
	control.client = NULL;
	unlock();
}

static void watch_forks(void)
{
	control.unwatched = hoy__fork_guard(lock, unlock, forget);
}

/* ---- begin and end ---- */

static int start(const char *path)
{
	const hoy_listen_config lc = { .unix_mode = 0600, .unix_replace = 1 };
	hoy_err err;
	int code;

	pthread_once(&control.once, watch_forks);
	if (control.unwatched < 0)
		return control.unwatched;
	control.listener = hoy_listen_config_listen(&lc, "unix", path, &err);
	if (!control.listener)
		return err.code;
	code = -pthread_create(&control.thread, NULL, serve_all, control.listener);
	if (code < 0) {
		hoy_listener_free(control.listener);
		control.listener = NULL;
	}
	return code;
}

/* The path that was asked for, or where `hoy top PID` looks. */
static void put_path(char path[PATH_SIZE], const char *asked, size_t len)
{
	const char *dir = secure_getenv("XDG_RUNTIME_DIR");

	if (len)
		snprintf(path, PATH_SIZE, "%.*s", (int)len, asked);
	else
		snprintf(path, PATH_SIZE, "%s/hoy-%d.sock", dir && *dir ? dir : "/tmp", hoy__os_process());
}

static void complain(const char *path, int code)
{
	char line[PATH_SIZE + 128];
	int n = snprintf(line, sizeof line, "hoy: control socket %s: %s\n", path, hoy_strerror(code));

	hoy__report_write(STDERR, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

int hoy__control_begin(const hoy_run_opts *opts)
{
	const char *asked = opts->control;
	size_t len = asked ? strlen(asked) : 0;
	char path[PATH_SIZE];
	int code;

	if (!asked && !hoy__debug_word("control", &asked, &len))
		return 0;
	put_path(path, asked, len);
	code = start(path);
	if (code == 0 || opts->control)
		return code;
	complain(path, code);
	return 0;
}

void hoy__control_end(void)
{
	if (!control.listener)
		return;
	hoy_listener_close(control.listener, NULL);
	lock();
	control.ending = true;
	if (control.client)
		hoy_conn_close(control.client, NULL);
	unlock();
	pthread_join(control.thread, NULL);
	hoy_listener_free(control.listener);
	control.listener = NULL;
	control.ending = false;
}
