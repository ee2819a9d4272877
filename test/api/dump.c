/* The list of tasks, and what each line of it says. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

#include "pair.h"

static const hoy_run_opts one = { .workers = 1 };
static char text[256 << 10];
static int lines;
static hoy_mutex mutex;
static hoy_wait_group group;
static hoy_conn *end[2];
static hoy_listener *listener;
static atomic_bool stop;

/* What a dump says now, in text; what it returned, in lines. */
static void dump(void)
{
	FILE *f = tmpfile();
	size_t n;

	if (!CHECK(f != NULL))
		return;
	lines = hoy_dump(fileno(f));
	rewind(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = 0;
	fclose(f);
}

/* How many lines begin like this. */
static int count_lines(const char *begin)
{
	int n = strncmp(text, begin, strlen(begin)) == 0;

	for (const char *at = text; (at = strchr(at, '\n')); at++)
		n += strncmp(at + 1, begin, strlen(begin)) == 0;
	return n;
}

/* The first line with this in it, until the next call; "" when there is none. */
static const char *line_with(const char *part)
{
	static char line[800];
	const char *at = strstr(text, part), *start = at;

	while (start && start > text && start[-1] != '\n')
		start--;
	snprintf(line, sizeof line, "%.*s", start ? (int)strcspn(start, "\n") : 0, start ? start : "");
	return line;
}

static void check_line(const char *name, const char *want)
{
	const char *line = line_with(name);

	CHECK_STR(strstr(line, want) ? want : line, want, name);
}

static int sleeps(void *arg)
{
	(void)arg;
	return hoy_sleep(HOY_HOUR);
}

static int names_itself(void *arg)
{
	hoy_set_name("renamed");
	return sleeps(arg);
}

static int reads(void *arg)
{
	char byte;

	(void)arg;
	return (int)hoy_conn_read(end[0], &byte, 1, NULL);
}

static int accepts(void *arg)
{
	(void)arg;
	hoy_conn_free(hoy_listener_accept(listener, NULL));
	return 0;
}

static int locks(void *arg)
{
	(void)arg;
	hoy_mutex_lock(&mutex);
	hoy_mutex_unlock(&mutex);
	return 0;
}

static int waits(void *arg)
{
	(void)arg;
	hoy_wait_group_wait(&group);
	return 0;
}

static int yields(void *arg)
{
	(void)arg;
	while (!stop)
		hoy_yield();
	return 0;
}

static const struct { const char *name; hoy_fn *fn; const char *function, *want; } tasks[] = {
	{ "sleeper", sleeps, "sleeps", "s for sleep; " },
	{ "reader", reads, "reads", "s for read: descriptor " },
	{ "acceptor", accepts, "accepts", "s for accept: descriptor " },
	{ "locker", locks, "locks", ", which task 1 main has locked; " },
	{ "waiter", waits, "waits", "s for wait group: 0x" },
	{ "yielder", yields, "yields", "s for its turn; " },
};

/* Each says what it waits for, on which worker, and which function it runs. */
static void check_tasks(void)
{
	char function[80], name[40];

	for (size_t i = 0; i < LEN(tasks); i++) {
		snprintf(name, sizeof name, " %s,", tasks[i].name);
		check_line(name, tasks[i].want);
		check_line(name, ", worker 0: waits ");
		snprintf(function, sizeof function, " of stack; function %s+0 (api_dump+0x", tasks[i].function);
		check_line(name, function);
	}
	check_line(" renamed,", "s for sleep; ");
	CHECK_STR(line_with("first name"), "", "a new name replaces the old one");
	check_line(" -,", "s for sleep; ");
	check_line(" main,", ": running; ");
	check_line(" unstarted,", ": not started yet; ");
}

static int dump_all(void *arg)
{
	in_tasks = true;
	listener = listen_on("tcp", "127.0.0.1:0");
	make_pair(&end[0], &end[1]);
	hoy_mutex_lock(&mutex);
	hoy_wait_group_add(&group, 1);
	for (size_t i = 0; i < LEN(tasks); i++)
		CHECK_INT(hoy_go_with(&(hoy_go_opts){ .name = tasks[i].name }, tasks[i].fn, arg), 0);
	hoy_go_with(&(hoy_go_opts){ .name = "first name" }, names_itself, arg);
	hoy_go(sleeps, arg);
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_go_with(&(hoy_go_opts){ .name = "unstarted" }, sleeps, arg);
	dump();
	CHECK_INT(lines, LEN(tasks) + 4);
	CHECK_INT(count_lines("task "), lines);
	check_tasks();
	stop = true;
	hoy_mutex_unlock(&mutex);
	hoy_wait_group_done(&group);
	return 0;
}

TEST(a_dump_tells_what_each_task_waits_for)
{
	CHECK_INT(hoy_run_with(&one, dump_all, NULL), 0);
	dump();
	CHECK_INT(lines, 0);
	CHECK_STR(text, "", "after the run");
	for (int i = 0; i < 2; i++)
		hoy_conn_free(end[i]);
	hoy_listener_free(listener);
}

static int dump_many(void *arg)
{
	for (int i = 0; i < 300; i++)
		CHECK_INT(hoy_go(sleeps, arg), 0);
	dump();
	CHECK_INT(lines, 301);
	CHECK_INT(count_lines("task "), 101);
	check_line("and ", "and 200 more");
	return 0;
}

TEST(a_long_dump_is_cut)
{
	CHECK_INT(hoy_run_with(&one, dump_many, NULL), 0);
}

static int returns(void *arg)
{
	(void)arg;
	return 0;
}

static int dump_awaiting(void *arg)
{
	in_tasks = true;
	make_pair(&end[0], &end[1]);
	CHECK_INT(hoy_when_readable(end[0], returns, arg, NULL), 0);
	dump();
	CHECK_INT(lines, 2);
	check_line("connection is readable", ": starts when a connection is readable: descriptor ");
	hoy_conn_write(end[1], "x", 1, NULL);
	hoy_sleep(10 * HOY_MILLISECOND);
	for (int i = 0; i < 2; i++)
		hoy_conn_free(end[i]);
	return 0;
}

TEST(a_dump_tells_of_tasks_that_have_no_stack_yet)
{
	CHECK_INT(hoy_run_with(&one, dump_awaiting, NULL), 0);
}

static int dump_nowhere(void *arg)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)arg;
	CHECK_INT(hoy_dump(full), -ENOSPC);
	close(full);
	CHECK_INT(hoy_dump(full), -EBADF);
	return 0;
}

TEST(a_dump_that_cannot_be_written_says_so)
{
	CHECK_INT(hoy_run_with(&one, dump_nowhere, NULL), 0);
}

/* ---- what each kind of wait says of its object ---- */

static hoy_sem sem;
static hoy_rwlock written, read_locked;
static hoy_cond cond;
static hoy_mutex of_cond, of_thread;
static hoy_chan *full, *empty;
static hoy_resolver *resolver;
static int silent;			/* a socket that never answers */
static hoy_conn *pipes[2], *unix_conn;

static int waits_for_sem(void *arg) { return (void)arg, hoy_sem_wait(&sem); }
static int writes_locked(void *arg) { return (void)arg, hoy_rwlock_lock_until(&written, (hoy_time){ 0 }); }
static int writes_read_locked(void *arg) { return (void)arg, hoy_rwlock_lock_until(&read_locked, (hoy_time){ 0 }); }
static int sends(void *arg) { return (void)arg, hoy_chan_send(full, "x"); }
static int receives(void *arg) { return (void)arg, hoy_chan_recv(empty, NULL); }
static int locks_threads(void *arg) { return (void)arg, hoy_mutex_lock_until(&of_thread, (hoy_time){ 0 }); }
static int offloads(void *arg) { return hoy_offload(waits_for_sem, arg); }

static int waits_for_cond(void *arg)
{
	hoy_mutex_lock(&of_cond);
	hoy_cond_wait(&cond, &of_cond);
	hoy_mutex_unlock(&of_cond);
	return arg != NULL;
}

static int selects(void *arg)
{
	hoy_case cases[] = { HOY_RECV(empty, NULL), HOY_UNTIL(hoy_in(HOY_HOUR)) };

	hoy_select(cases, LEN(cases), NULL);
	return arg != NULL;
}

static int groups(void *arg)
{
	hoy_group *g = hoy_group_new();

	hoy_group_go_with(g, &(hoy_go_opts){ .name = "child" }, waits_for_sem, arg);
	hoy_group_wait(g);
	hoy_group_free(g);
	return 0;
}

static int reads_pipe(void *arg)
{
	char byte;

	hoy_conn_read(pipes[0], &byte, 1, NULL);
	return arg != NULL;
}

static int reads_unix(void *arg)
{
	char byte;

	hoy_conn_read(unix_conn, &byte, 1, NULL);
	return arg != NULL;
}

static int waits_for_signal(void *arg)
{
	int signo = SIGUSR2;

	hoy_signal_wait(&signo, 1);
	return arg != NULL;
}

static int looks_up(void *arg)
{
	hoy_ip *list = NULL;

	hoy_resolver_lookup_ip(resolver, "ip4", "silent.example.", &list, NULL);
	hoy_free(list);
	return arg != NULL;
}

static const struct { const char *name; hoy_fn *fn; const char *want; } waiting[] = {
	{ "semaphore", waits_for_sem, "s for semaphore: 0x" },
	{ "written", writes_locked, ", which task 1 main has locked; " },
	{ "read-locked", writes_read_locked, ", which 1 readers have; " },
	{ "sender", sends, "s for channel: send to 0x" }, { "sender", sends, ", which holds 2 of 2 items; " },
	{ "receiver", receives, "s for channel: receive from 0x" }, { "receiver", receives, ", which holds 0 of 1 items; " },
	{ "thread's", locks_threads, ", which a plain thread has locked; " },
	{ "offloader", offloads, "s for offloaded call: 0x" },
	{ "condition", waits_for_cond, "s for condition: 0x" },
	{ "selector", selects, "s for select; " },
	{ "parent", groups, "s for group: 0x" },
	{ "in pipe", reads_pipe, "s for pipe: 0x" },
	{ "unix", reads_unix, ", unix @->@; " },
	{ "signal", waits_for_signal, "s for signal: descriptor " },
	{ "lookup", looks_up, " for silent.example.; " },
};

static void *locks_and_ends(void *m)
{
	hoy_mutex_lock(m);
	return NULL;
}

static hoy_resolver *ask_silence(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	char server[40];
	const char *const servers[] = { server, NULL };

	silent = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(bind(silent, (struct sockaddr *)&sa, len) == 0 && getsockname(silent, (struct sockaddr *)&sa, &len) == 0);
	snprintf(server, sizeof server, "127.0.0.1:%d", ntohs(sa.sin_port));
	return hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .timeout = HOY_HOUR }, NULL);
}

static void prepare(void)
{
	pthread_t thread;
	int fd[2];

	hoy_rwlock_lock(&written);
	hoy_rwlock_read_lock(&read_locked);
	full = hoy_chan_new(1, 2);
	empty = hoy_chan_new(1, 1);
	hoy_chan_send(full, "x");
	hoy_chan_send(full, "x");
	CHECK(pthread_create(&thread, NULL, locks_and_ends, &of_thread) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	unix_conn = hoy_conn_from_fd(fd[0], 0, NULL);
	hoy_pipe(&pipes[0], &pipes[1], NULL);
	resolver = ask_silence();
}

static int dump_waiting(void *arg)
{
	char name[40];

	prepare();
	for (size_t i = 0; i < LEN(waiting); i++)
		if (i == 0 || waiting[i].fn != waiting[i - 1].fn)
			CHECK_INT(hoy_go_with(&(hoy_go_opts){ .name = waiting[i].name }, waiting[i].fn, arg), 0);
	hoy_sleep(50 * HOY_MILLISECOND);
	dump();
	for (size_t i = 0; i < LEN(waiting); i++) {
		snprintf(name, sizeof name, " %s,", waiting[i].name);
		check_line(name, waiting[i].want);
	}
	check_line("a plain thread waits", "a plain thread waits ");
	for (int i = 0; i < 3; i++)
		hoy_sem_post(&sem);
	return 0;
}

TEST(a_dump_describes_what_is_waited_for)
{
	CHECK_INT(hoy_run_with(&one, dump_waiting, NULL), 0);
	hoy_resolver_free(resolver);
	hoy_conn_free(unix_conn);
	hoy_conn_free(pipes[0]);
	hoy_conn_free(pipes[1]);
	hoy_chan_free(full);
	hoy_chan_free(empty);
}

/* Tasks at one place are listed together, before the backtrace that they have in common. */
static int dump_groups(void *arg)
{
	for (int i = 0; i < 5; i++) {
		hoy_go_with(&(hoy_go_opts){ .name = "same" }, sleeps, arg);
		hoy_go_with(&(hoy_go_opts){ .name = "other" }, waits_for_sem, arg);
	}
	hoy_sleep(20 * HOY_MILLISECOND);
	dump();
	for (int i = 0; i < 5; i++)
		hoy_sem_post(&sem);
	return 0;
}

TEST(tasks_at_one_place_are_listed_together)
{
	const char *at = text;
	int places = 0, same = 0;

	CHECK_INT(hoy_run_with(&one, dump_groups, NULL), 0);
	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		places += strncmp(at, "    at hoy_sleep+", 17) == 0;
		same = strncmp(at, "task ", 5) == 0 && strstr(at, " same,") && strstr(at, " same,") < strchr(at, '\n') ? same + 1 : same;
		if (places == 1 && same != 5)
			break;
	}
	CHECK_INT(places, 1);
	CHECK_INT(same, 5);
}
