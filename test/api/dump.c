/* The list of tasks, and what each line of it says. */
#include <fcntl.h>

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
	{ "locker", locks, "locks", "s for mutex: 0x" },
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
		check_line(name, ", worker 0: waits 0.");
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
	for (int i = 0; i < 1500; i++)
		CHECK_INT(hoy_go(sleeps, arg), 0);
	dump();
	CHECK_INT(lines, 1501);
	CHECK_INT(count_lines("task "), 101);
	check_line("and ", "and 1400 more");
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
