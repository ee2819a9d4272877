/* The control socket: when it is there, what it answers, to whom, and that nothing in the program holds it up. */
#include <fcntl.h>

#include "unix_dir.h"

enum { MOST = 4 << 20 };

static atomic_bool go_on;
static char *path;

/* What the socket answers to these lines: the caller's to hoy_free; NULL, and its code, when it does not. */
static char *asked(const char *at, const char *lines, int *code)
{
	const hoy_dialer d = { .timeout = 10 * HOY_SECOND };
	hoy_err err = { 0 };
	char *text = NULL;
	hoy_conn *c = hoy_dialer_dial(&d, "unix", at, &err);

	if (c) {
		hoy_conn_set_deadline(c, hoy_in(10 * HOY_SECOND), NULL);
		if (hoy_conn_write(c, lines, strlen(lines), &err) >= 0)
			hoy_conn_close_write(c, NULL);
		hoy_read_all(c, &text, MOST, &err);
	}
	hoy_conn_free(c);
	*code = err.code;
	return text;
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (; text && (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void check_has(const char *text, const char *part)
{
	CHECK_STR(text && strstr(text, part) ? part : text ? text : "no answer", part, part);
}

static int run_with_control(hoy_fn *fn, void *arg)
{
	const hoy_run_opts opts = { .control = path = in_dir("control") };

	return hoy_run_with(&opts, fn, arg);
}

/* ---- what it answers ---- */

static int ask_each(void *arg)
{
	static const struct { const char *request, *want; } cases[] = {
		{ "stats\n", "\"stats\":{\"tasks\":" },
		{ "tasks\n", "\"tasks\":[{\"id\":" },
		{ "backtraces\n", "\"frames\":[" },
		{ "connections\n", "\"connections\":[" },
		{ "snapshot\n", "],\"connections\":[" },
		{ "snapshot", "],\"connections\":[" },
		{ "nonsense\n", "\"error\":\"unknown request: snapshot, stats, tasks, backtraces or connections\"}\n" },
		{ "\n", "\"error\":" },
	};
	struct stat st;

	(void)arg;
	CHECK(stat(path, &st) == 0 && S_ISSOCK(st.st_mode));
	CHECK_INT(st.st_mode & 07777, 0600);
	for (size_t i = 0; i < LEN(cases); i++) {
		int code;
		char *text = asked(path, cases[i].request, &code);

		check_has(text, cases[i].want);
		check_has(text, "{\"v\":1,");
		CHECK_INT(count(text, "\n"), 1);
		hoy_free(text);
	}
	return 7;
}

TEST(each_request_is_answered_by_a_line)
{
	CHECK_INT(run_with_control(ask_each, NULL), 7);
	CHECK(!exists(path));
	tidy();
}

static int ask_twice(void *arg)
{
	char longer[200];
	int code;
	char *text = asked(path, "stats\ntasks\n", &code);

	(void)arg;
	CHECK_INT(count(text, "\n"), 2);
	CHECK_INT(count(text, "\"stats\":"), 1);
	CHECK_INT(count(text, "\"tasks\":["), 1);
	hoy_free(text);
	memset(longer, 'x', sizeof longer);
	memcpy(longer + sizeof longer - 2, "\n", 2);
	text = asked(path, longer, &code);
	CHECK_STR(text ? text : "", "", "a line that is too long");
	hoy_free(text);
	return 0;
}

TEST(several_lines_and_one_that_is_too_long)
{
	CHECK_INT(run_with_control(ask_twice, NULL), 0);
	tidy();
}

static int sleep_long(void *arg)
{
	(void)arg;
	hoy_sleep(HOY_HOUR);
	return 0;
}

static int show_tasks(void *arg)
{
	const hoy_go_opts named = { .name = "quote \" and \xff byte" }, small = { .stack = 64 << 10, .name = "many" };
	int code;
	char *text;

	(void)arg;
	hoy_go_with(&named, sleep_long, NULL);
	for (int i = 0; i < 500; i++)
		hoy_go_with(&small, sleep_long, NULL);
	hoy_sleep(50 * HOY_MILLISECOND);
	text = asked(path, "tasks\n", &code);
	check_has(text, "\"name\":\"quote \\\" and \xef\xbf\xbd byte\"");
	check_has(text, "\"function\":\"sleep_long\"");
	CHECK_INT(count(text, "\"waits_for\":\"sleep\""), 501);
	CHECK_INT(count(text, "\"deadline_us\":"), 502);	/* and this task, which reads until its deadline */
	CHECK_INT(count(text, "\"name\":\"many\""), 500);
	hoy_free(text);
	return 0;
}

TEST(tasks_are_shown_with_what_they_wait_for)
{
	CHECK_INT(run_with_control(show_tasks, NULL), 0);
	tidy();
}

static int show_connections(void *arg)
{
	hoy_listener *l = hoy_listen("tcp4", "127.0.0.1:0", NULL);
	char address[HOY_ADDR_STRLEN], want[400], ends[2][HOY_ADDR_STRLEN], bytes[1000] = "";
	hoy_conn *c, *accepted;
	hoy_addr addr;
	int code;
	char *text;

	(void)arg;
	hoy_listener_addr(l, &addr);
	c = dial("tcp", hoy_addr_string(&addr, address));
	accepted = accept_from(l);
	hoy_conn_write(c, bytes, 1000, NULL);
	hoy_read_full(accepted, bytes, 1000, NULL);
	hoy_conn_write(accepted, bytes, 30, NULL);
	hoy_read_full(c, bytes, 30, NULL);
	text = asked(path, "connections\n", &code);
	hoy_conn_local_addr(c, &addr);
	hoy_addr_string(&addr, ends[0]);
	hoy_conn_remote_addr(c, &addr);
	hoy_addr_string(&addr, ends[1]);
	snprintf(want, sizeof want, "\"network\":\"tcp\",\"local\":\"%s\",\"listens\":1}", address);
	check_has(text, want);
	snprintf(want, sizeof want, "\"local\":\"%s\",\"remote\":\"%s\",\"received_bytes\":30,\"sent_bytes\":1000}", ends[0], ends[1]);
	check_has(text, want);
	snprintf(want, sizeof want, "\"local\":\"%s\",\"remote\":\"%s\",\"received_bytes\":1000,\"sent_bytes\":30}", ends[1], ends[0]);
	check_has(text, want);
	CHECK_INT(count(text, "\"network\":\"tcp\""), 3);
	CHECK_INT(count(text, "\"network\":\"unix\""), 1);	/* this client's own end; the socket's own are not shown */
	hoy_free(text);
	hoy_conn_free(c);
	hoy_conn_free(accepted);
	hoy_listener_free(l);
	return 0;
}

TEST(connections_are_shown_with_the_bytes_they_carried)
{
	CHECK_INT(run_with_control(show_connections, NULL), 0);
	tidy();
}

/* ---- what does not hold it up ---- */

static int spin(void *arg)
{
	(void)arg;
	while (!atomic_load(&go_on))
		;
	return 0;
}

static void *ask_from_thread(void *arg)
{
	int code;
	char *text;

	(void)arg;
	usleep(50 * 1000);
	text = asked(path, "tasks\n", &code);
	CHECK_INT(count(text, "\"state\":\"running\""), 2);
	hoy_free(text);
	atomic_store(&go_on, true);
	return NULL;
}

static int get_stuck(void *arg)
{
	const hoy_go_opts elsewhere = { .place = HOY_PLACE_SPREAD };
	pthread_t thread;

	pthread_create(&thread, NULL, ask_from_thread, NULL);
	hoy_go_with(&elsewhere, spin, arg);
	hoy_sleep(HOY_MILLISECOND);	/* it may have been placed here */
	spin(arg);
	pthread_join(thread, NULL);
	return 0;
}

TEST(it_answers_while_every_worker_is_stuck)
{
	const hoy_run_opts opts = { .control = path = in_dir("control"), .workers = 2 };

	CHECK_INT(hoy_run_with(&opts, get_stuck, NULL), 0);
	tidy();
}

static hoy_conn *silent;
static hoy_time returned;

static int be_silent(void *arg)
{
	hoy_time begin = hoy_now();
	char byte;

	(void)arg;
	silent = dial("unix", path);
	hoy_conn_set_deadline(silent, hoy_in(20 * HOY_SECOND), NULL);
	CHECK_INT(hoy_conn_read(silent, &byte, 1, NULL), 0);
	CHECK(hoy_time_sub(hoy_now(), begin) >= 900 * HOY_MILLISECOND);
	hoy_conn_free(silent);
	silent = dial("unix", path);
	hoy_sleep(50 * HOY_MILLISECOND);
	returned = hoy_now();
	return 0;
}

TEST(a_silent_client_is_disconnected_and_does_not_hold_up_the_end)
{
	CHECK_INT(run_with_control(be_silent, NULL), 0);
	CHECK(hoy_time_sub(hoy_now(), returned) < 500 * HOY_MILLISECOND);
	CHECK(!exists(path));
	hoy_conn_free(silent);
	tidy();
}

static int lock_twice(void *arg)
{
	hoy_mutex *m = arg;

	hoy_mutex_lock(m);
	hoy_mutex_lock(m);
	return 0;
}

TEST(a_deadlock_is_reported_all_the_same)
{
	int status;
	pid_t child;

	if (t_under_tsan())
		SKIP("the checker has a thread of its own");
	path = in_dir("control");
	if ((child = fork()) == 0) {
		hoy_run_opts opts = { .control = path, .report_deadlock = 1 };
		hoy_mutex mutex = { 0 };

		dup2(open("/dev/null", O_WRONLY), 2);
		_exit(hoy_run_with(&opts, lock_twice, &mutex));
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 70);
	unlink(path);
	tidy();
}

/* ---- when it is there ---- */

static int is_there(void *at)
{
	int code;
	char *text = asked(at, "stats\n", &code);

	check_has(text, "\"stats\":");
	hoy_free(text);
	return 5;
}

TEST(the_environment_asks_for_one)
{
	char usual[160], words[160];

	snprintf(words, sizeof words, "quiet,control=%s,other", in_dir("named"));
	setenv("HOY_DEBUG", words, 1);
	CHECK_INT(hoy_run(is_there, in_dir("named")), 5);
	snprintf(usual, sizeof usual, "%s/hoy-%d.sock", dir, (int)getpid());
	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("HOY_DEBUG", "control", 1);
	CHECK_INT(hoy_run(is_there, usual), 5);
	unsetenv("HOY_DEBUG");
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .control = "" }, is_there, usual), 5);
	tidy();
}

static int must_not_run(void *arg)
{
	(void)arg;
	CHECK(!"run");
	return 0;
}

static int returns_six(void *arg)
{
	(void)arg;
	return 6;
}

TEST(what_stands_at_its_path)
{
	int stale = raw_socket(SOCK_STREAM, in_dir("stale"), strlen(in_dir("stale"))), saved = dup(2), said[2];
	hoy_listener *l = hoy_listen("unix", in_dir("live"), NULL);
	char line[300] = "", want[300];

	close(stale);
	path = in_dir("stale");
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .control = path }, is_there, path), 5);
	path = in_dir("live");
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .control = path }, must_not_run, NULL), -EADDRINUSE);
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .control = "/nonexistent/x" }, must_not_run, NULL), -ENOENT);

	/* what the environment asks for in vain is said, and the program runs */
	snprintf(line, sizeof line, "control=%s", path);
	setenv("HOY_DEBUG", line, 1);
	CHECK(pipe(said) == 0 && dup2(said[1], 2) == 2);
	CHECK_INT(hoy_run(returns_six, NULL), 6);
	dup2(saved, 2);
	close(said[1]);
	line[read(said[0], line, sizeof line - 1)] = '\0';
	snprintf(want, sizeof want, "hoy: control socket %s: address already in use\n", path);
	CHECK_STR(line, want, "on standard error");
	hoy_listener_free(l);
	tidy();
}

/* ---- whom it answers ---- */

static int let_nobody_in(void *arg)
{
	pid_t child;
	int status;

	(void)arg;
	for (int opened_up = 0; opened_up < 2; opened_up++) {
		if (opened_up) {
			chmod(dir, 0755);
			chmod(path, 0666);
		}
		if ((child = fork()) == 0) {
			char *text;
			int code;

			if (setuid(65534) < 0)
				_exit(99);
			text = asked(path, "stats\n", &code);
			_exit(text && *text ? 98 : -code);
		}
		CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
		if (opened_up)	/* disconnected, perhaps before the request was read */
			CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ECONNRESET || WEXITSTATUS(status) == EPIPE);
		else
			CHECK_INT(WEXITSTATUS(status), EACCES);
	}
	return 0;
}

TEST(another_user_is_not_answered)
{
	if (geteuid() != 0)
		SKIP("only root can be another user");
	CHECK_INT(run_with_control(let_nobody_in, NULL), 0);
	tidy();
}

/* ---- forks ---- */

static int fork_and_die(void *pipe_end)
{
	if (fork() == 0) {
		char byte;

		_exit((int)read(*(int *)pipe_end, &byte, 1));	/* until the test has ended */
	}
	_exit(0);
}

TEST(a_forked_child_does_not_keep_the_socket_open)
{
	int ends[2], status, code;
	pid_t child;

	path = in_dir("control");
	CHECK(pipe(ends) == 0);
	if ((child = fork()) == 0) {
		close(ends[1]);
		run_with_control(fork_and_die, &ends[0]);
		_exit(1);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	for (int tries = 0; tries < 500; tries++) {	/* the grandchild may not yet have run after the fork */
		hoy_free(asked(path, "stats\n", &code));
		if (code == -ECONNREFUSED)
			break;
		usleep(10 * 1000);
	}
	CHECK_INT(code, -ECONNREFUSED);
	close(ends[1]);
	unlink(path);
	tidy();
}
