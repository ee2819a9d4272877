/* The reports that hoy_run makes on request: deadlocks, stalls, leaks, and the tasks on SIGQUIT. */
#include <pthread.h>
#include <sys/resource.h>

#include <hoy.h>

#include "../child.h"

static hoy_run_opts opts;
static hoy_fn *scenario;
static const char *debug;

/* Runs fn in a process of its own, with opts, or with $HOY_DEBUG. */
static void run_it(void)
{
	if (debug)
		setenv("HOY_DEBUG", debug, 1);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	_exit(hoy_run_with(&opts, scenario, NULL));
}

static struct child child_of(hoy_fn *fn)
{
	struct child c = { .status = 0 };

	scenario = fn;
	child_run(&c, run_it);
	return c;
}

static void check_said_not(const struct child *c, const char *unwanted, const char *label)
{
	CHECK_STR(strstr(c->text, unwanted) ? c->text : "", "", label);
}

/* ---- deadlock ---- */

static hoy_mutex mutex[2];
static hoy_cond cond;
static hoy_sem sem;
static hoy_rwlock rwlock;
static hoy_wait_group group;
static hoy_chan *chan;
static hoy_conn *end[2];

static int locks_both_ways(void *first)
{
	hoy_mutex *a = first, *b = a == &mutex[0] ? &mutex[1] : &mutex[0];

	hoy_mutex_lock(a);
	hoy_sleep(10 * HOY_MILLISECOND);
	hoy_mutex_lock(b);
	return 0;
}

static int mutexes(void *arg)
{
	hoy_group *g = hoy_group_new();

	hoy_group_go_with(g, &(hoy_go_opts){ .name = "first" }, locks_both_ways, &mutex[0]);
	hoy_group_go_with(g, &(hoy_go_opts){ .name = "second" }, locks_both_ways, &mutex[1]);
	hoy_group_wait(g);
	return arg != NULL;
}

static int condition(void *arg)
{
	hoy_mutex_lock(&mutex[0]);
	hoy_cond_wait(&cond, &mutex[0]);
	return arg != NULL;
}

static int semaphore(void *arg)
{
	hoy_sem_wait(&sem);
	return arg != NULL;
}

static int rwlocks(void *arg)
{
	hoy_rwlock_lock(&rwlock);
	hoy_rwlock_read_lock(&rwlock);
	return arg != NULL;
}

static int wait_group(void *arg)
{
	hoy_wait_group_add(&group, 1);
	hoy_wait_group_wait(&group);
	return arg != NULL;
}

static int receives(void *arg)
{
	hoy_chan_recv(chan, NULL);
	return arg != NULL;
}

static int channel(void *arg)
{
	chan = hoy_chan_new(0, 0);
	hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, receives, arg);
	return receives(arg);
}

static int selects(void *arg)
{
	hoy_case cases[] = { HOY_RECV(NULL, NULL), HOY_SEND(NULL, NULL) };

	hoy_select(cases, 2, NULL);
	return arg != NULL;
}

static int pipe_read(void *arg)
{
	char byte;

	hoy_pipe(&end[0], &end[1], NULL);
	hoy_conn_read(end[0], &byte, 1, NULL);
	return arg != NULL;
}

static void *thread_receives(void *unused)
{
	hoy_chan_recv(chan, unused);
	return NULL;
}

/* A plain thread that waits for the tasks cannot help them. */
static int with_thread(void *arg)
{
	pthread_t t;

	chan = hoy_chan_new(0, 0);
	pthread_create(&t, NULL, thread_receives, NULL);
	return receives(arg);
}

static int returns(void *arg)
{
	return arg != NULL;
}

/* A thread of the pool is idle afterwards. */
static int after_offload(void *arg)
{
	hoy_offload(returns, arg);
	return semaphore(arg);
}

static const struct { const char *name; hoy_fn *fn; const char *want; } deadlocks[] = {
	{ "mutexes", mutexes, "s for mutex: 0x" },
	{ "condition", condition, "s for condition: 0x" },
	{ "semaphore", semaphore, "s for semaphore: 0x" },
	{ "read-write lock", rwlocks, ", which task 1 main has locked; " },
	{ "wait group", wait_group, ", whose count is 1" },
	{ "channel", channel, "s for channel: receive from 0x" },
	{ "select", selects, "s for select" },
	{ "pipe", pipe_read, "s for pipe: 0x" },
	{ "with a thread", with_thread, "a plain thread waits " },
	{ "after an offloaded call", after_offload, "s for semaphore: 0x" },
};

TEST(a_deadlock_is_reported_and_ends_the_process)
{
	if (t_under_tsan())
		SKIP("the checker has a thread of its own");
	for (size_t i = 0; i < LEN(deadlocks); i++) {
		opts = (hoy_run_opts){ .workers = 2, .report_deadlock = i % 2 };
		debug = i % 2 ? NULL : "deadlock";
		struct child c = child_of(deadlocks[i].fn);

		CHECK_INT(c.status, 70);
		child_said(&c, "hoy: deadlock: every task waits for another, and no timer, descriptor or thread is left to wake one:\n",
			   deadlocks[i].name);
		child_said(&c, deadlocks[i].want, deadlocks[i].name);
	}
}

/* ---- what looks like one, and is none ---- */

#define LATER (400 * HOY_MILLISECOND)	/* several looks */

static int sleeps(void *arg)
{
	hoy_sleep(LATER);
	return arg != NULL;
}

static int posts_later(void *arg)
{
	hoy_sleep(LATER);
	hoy_sem_post(&sem);
	return arg != NULL;
}

static int near_sleeper(void *arg)
{
	hoy_go(posts_later, arg);
	return semaphore(arg);
}

static int near_deadline(void *arg)
{
	return hoy_sem_wait_until(&sem, hoy_in(LATER)) != HOY_ETIMEOUT || arg;
}

static int near_scope(void *arg)
{
	hoy_scope scope;
	int code;

	hoy_scope_enter(&scope, hoy_in(LATER));
	code = hoy_sem_wait(&sem);
	hoy_scope_leave(&scope);
	return code != HOY_ECANCELED || arg;
}

static int near_select_moment(void *arg)
{
	hoy_case cases[] = { HOY_RECV(NULL, NULL), HOY_UNTIL(hoy_in(LATER)) };

	return hoy_select(cases, 2, NULL) != 1 || arg;
}

static int blocks(void *arg)
{
	usleep(LATER / HOY_MICROSECOND);
	return arg != NULL;
}

static int near_offload(void *arg)
{
	return hoy_offload(blocks, arg);
}

static int reads_and_posts(void *arg)
{
	char byte;

	hoy_conn_read(end[0], &byte, 1, NULL);
	hoy_sem_post(&sem);
	return arg != NULL;
}

/* Another process writes. */
static int near_descriptor(void *arg)
{
	int fd[2];

	if (pipe(fd) < 0)
		return 1;
	end[0] = hoy_conn_from_fd(fd[0], 0, NULL);
	if (fork() == 0) {
		usleep(LATER / HOY_MICROSECOND);
		_exit(write(fd[1], "x", 1) != 1);
	}
	hoy_go(reads_and_posts, arg);
	return semaphore(arg);
}

static int when_readable(void *arg)
{
	hoy_sem_post(&sem);
	return arg != NULL;
}

static int near_awaiting(void *arg)
{
	int fd[2];

	if (pipe(fd) < 0)
		return 1;
	end[0] = hoy_conn_from_fd(fd[0], 0, NULL);
	if (fork() == 0) {
		usleep(LATER / HOY_MICROSECOND);
		_exit(write(fd[1], "x", 1) != 1);
	}
	hoy_when_readable(end[0], when_readable, NULL, NULL);
	return semaphore(arg);
}

static int near_select(void *arg)
{
	hoy_case cases[] = { HOY_RECV(NULL, NULL), HOY_READABLE(NULL) };
	int fd[2];

	if (pipe(fd) < 0)
		return 1;
	cases[1] = HOY_READABLE(end[0] = hoy_conn_from_fd(fd[0], 0, NULL));
	if (fork() == 0) {
		usleep(LATER / HOY_MICROSECOND);
		_exit(write(fd[1], "x", 1) != 1);
	}
	return hoy_select(cases, 2, NULL) != 1 || arg;
}

static void *thread_posts(void *unused)
{
	usleep(LATER / HOY_MICROSECOND);
	hoy_sem_post(&sem);
	return unused;
}

static int near_thread(void *arg)
{
	pthread_t t;

	pthread_create(&t, NULL, thread_posts, NULL);
	semaphore(arg);
	return pthread_join(t, NULL);
}

static void *thread_sleeps_and_posts(void *unused)
{
	hoy_sleep(LATER);
	hoy_sem_post(&sem);
	return unused;
}

static int near_waiting_thread(void *arg)
{
	pthread_t t;

	pthread_create(&t, NULL, thread_sleeps_and_posts, NULL);
	semaphore(arg);
	return pthread_join(t, NULL);
}

static int waits_for_signal(void *arg)
{
	int signo = SIGUSR1;

	hoy_signal_wait(&signo, 1);
	hoy_sem_post(&sem);
	return arg != NULL;
}

static int near_signal(void *arg)
{
	hoy_go(waits_for_signal, arg);
	if (fork() == 0) {
		usleep(LATER / HOY_MICROSECOND);
		_exit(kill(getppid(), SIGUSR1) != 0);
	}
	return semaphore(arg);
}

static int computes(void *arg)
{
	for (hoy_time until = hoy_in(LATER); hoy_time_before(hoy_now(), until); )
		;
	hoy_sem_post(&sem);
	return arg != NULL;
}

static int near_computation(void *arg)
{
	hoy_go_with(&(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, computes, arg);
	return semaphore(arg);
}

static int yields(void *arg)
{
	for (hoy_time until = hoy_in(LATER); hoy_time_before(hoy_now(), until); )
		hoy_yield();
	hoy_sem_post(&sem);
	return arg != NULL;
}

static int near_yield(void *arg)
{
	hoy_go(yields, arg);
	return semaphore(arg);
}

/* The end of a run wakes what waits. */
static int near_end(void *arg)
{
	hoy_go(semaphore, arg);
	hoy_sleep(10 * HOY_MILLISECOND);
	return 0;
}

static const struct { const char *name; hoy_fn *fn; } near[] = {
	{ "a sleeper alone", sleeps }, { "a sleeper will post", near_sleeper }, { "a deadline", near_deadline },
	{ "a scope's deadline", near_scope }, { "a select's moment", near_select_moment }, { "an offloaded call", near_offload },
	{ "a descriptor", near_descriptor }, { "a task that awaits data", near_awaiting }, { "a select's descriptor", near_select }, { "a thread", near_thread },
	{ "a thread that sleeps in hoy", near_waiting_thread }, { "a signal", near_signal }, { "a computation", near_computation },
	{ "a task that yields", near_yield }, { "the end", near_end },
};

TEST(what_is_no_deadlock_is_not_reported)
{
	debug = NULL;
	for (size_t i = 0; i < LEN(near); i++) {
		opts = (hoy_run_opts){ .workers = 1 + i % 2, .report_deadlock = 1 };
		struct child c = child_of(near[i].fn);

		CHECK_STR(c.text, "", near[i].name);
		CHECK_INT(c.status, 0);
	}
}

/* Nothing is reported that was not asked for: the process hangs, as others do. */
static int hangs(void *arg)
{
	hoy_go(posts_later, arg);
	hoy_sleep(1);
	return sleeps(arg);
}

TEST(nothing_is_reported_unasked)
{
	opts = (hoy_run_opts){ .workers = 2 };
	debug = "leak,deadlocks,quitter,=,,stalls";
	struct child c = child_of(hangs);

	CHECK_STR(c.text, "", "text");
	CHECK_INT(c.status, 0);
}

/* ---- stalls ---- */

/* Hardly ever outside itself, as a C library may have no unwind tables. */
__attribute__((noinline)) static int spins(void *arg)
{
	for (hoy_time until = hoy_in(300 * HOY_MILLISECOND * t_scale()); hoy_time_before(hoy_now(), until); )
		for (volatile int i = 0; i < 100000; i++)
			;
	return arg != NULL;
}

__attribute__((noinline, unused)) static int sleeps_in_the_system(void *arg)
{
	for (hoy_time until = hoy_in(300 * HOY_MILLISECOND * t_scale()); hoy_time_before(hoy_now(), until); )
		usleep(100000);
	return arg != NULL;
}

static hoy_fn *stalls;

static int stall(void *arg)
{
	hoy_go_with(&(hoy_go_opts){ .name = "greedy" }, stalls, arg);
	hoy_sleep(500 * HOY_MILLISECOND);
	return 0;
}

TEST(a_stall_is_reported_once_with_its_backtrace)
{
	static const struct { hoy_fn *fn; const char *want; } cases[] = {
		{ spins, "    at spins+0x" },
#ifdef __GLIBC__
		{ sleeps_in_the_system, "    at sleeps_in_the_system+0x" },
#endif
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		stalls = cases[i].fn;
		opts = (hoy_run_opts){ .workers = 1 };
		debug = i ? "quit,stall=100ms" : NULL;
		opts.report_stalls = i ? 0 : 100 * HOY_MILLISECOND;
		struct child c = child_of(stall);

		CHECK_INT(c.status, 0);
		child_said(&c, "hoy: stall: a task has kept worker 0 for ", "stall");
		child_said(&c, " greedy, worker 0: running; ", "task");
		if (!t_under_tsan())
			child_said(&c, cases[i].want, "backtrace");
		const char *first = strstr(c.text, "hoy: stall");
		CHECK(first && !strstr(first + 1, "hoy: stall"));
	}
}

static int works_in_pieces(void *arg)
{
	for (int i = 0; i < 100; i++) {
		for (hoy_time until = hoy_in(3 * HOY_MILLISECOND); hoy_time_before(hoy_now(), until); )
			;
		hoy_yield();
	}
	return arg != NULL;
}

TEST(tasks_that_give_way_do_not_stall)
{
	opts = (hoy_run_opts){ .workers = 1, .report_stalls = t_scale() * 2 * HOY_SECOND };
	debug = NULL;
	struct child c = child_of(works_in_pieces);

	CHECK_STR(c.text, "", "text");
	CHECK_INT(c.status, 0);
}

/* ---- SIGQUIT ---- */

static int quit_twice(void *arg)
{
	hoy_go_with(&(hoy_go_opts){ .name = "waiter" }, semaphore, arg);
	for (int i = 0; i < 2; i++) {
		hoy_sleep(50 * HOY_MILLISECOND);
		kill(getpid(), SIGQUIT);
		hoy_sleep(200 * HOY_MILLISECOND);
	}
	return 0;
}

TEST(the_tasks_are_listed_on_sigquit_if_asked_for)
{
	opts = (hoy_run_opts){ .workers = 1, .dump_on_quit = 1 };
	debug = NULL;
	struct child c = child_of(quit_twice);

	CHECK_INT(c.status, 0);
	child_said(&c, "hoy: SIGQUIT: these are the tasks:\n", "heading");
	child_said(&c, " waiter, worker 0: waits 0.", "task");
	child_said(&c, "    at semaphore+0x", "backtrace");
	CHECK(strstr(strstr(c.text, "hoy: SIGQUIT") + 1, "hoy: SIGQUIT") != NULL);
	opts.dump_on_quit = 0;
	c = child_of(quit_twice);
	CHECK_INT(c.status, -SIGQUIT);
	check_said_not(&c, "SIGQUIT", "not asked");
}

/* Also while the only worker is busy: its thread is stopped for a moment to see where it is. */
static int quit_while_busy(void *arg)
{
	if (fork() == 0) {
		usleep(100000);
		_exit(kill(getppid(), SIGQUIT) != 0);
	}
	return spins(arg);
}

TEST(a_task_that_runs_is_listed_with_its_backtrace)
{
	opts = (hoy_run_opts){ .workers = 1 };
	debug = "quit";
	struct child c = child_of(quit_while_busy);

	CHECK_INT(c.status, 0);
	child_said(&c, " main, worker 0: running; ", "task");
	if (!t_under_tsan())
		child_said(&c, "    at spins+0x", "backtrace");
}

/* ---- leaks ---- */

__attribute__((noinline)) static hoy_chan *makes_channel(void)
{
	hoy_chan *volatile made = hoy_chan_new(1, 3);	/* its frame stays below the call */

	return made;
}

/* A listener is left, one end of a connection, a closed one, one without a descriptor, a channel with an item. */
static int leaves_some(void *arg)
{
	char text[HOY_ADDR_STRLEN];
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_conn *freed, *closed;
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	freed = hoy_dial("tcp", hoy_addr_string(&addr, text), NULL);
	end[0] = hoy_listener_accept(l, NULL);
	hoy_conn_free(freed);
	closed = hoy_dial("tcp", text, NULL);
	hoy_conn_close(closed, NULL);
	hoy_pipe(&end[1], &freed, NULL);
	hoy_conn_free(freed);
	chan = makes_channel();
	hoy_chan_send(chan, "x");
	hoy_chan_free(hoy_chan_new(0, 0));
	hoy_go_with(&(hoy_go_opts){ .name = "left" }, semaphore, arg);
	hoy_sleep(10 * HOY_MILLISECOND);
	return 0;
}

static int frees_all(void *arg)
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);

	hoy_conn_free(end[0]);		/* made before the run: not its business */
	hoy_chan_free(makes_channel());
	hoy_listener_free(l);
	return arg != NULL;
}

TEST(what_a_run_leaves_is_listed_with_the_place_that_made_it)
{
	opts = (hoy_run_opts){ .workers = 1, .report_leaks = 1 };
	debug = NULL;
	struct child c = child_of(leaves_some);

	CHECK_INT(c.status, 0);
	child_said(&c, "hoy: leaks: these tasks were left when the function of hoy_run returned:\n", "tasks");
	child_said(&c, " left, worker 0: waits 0.", "task");
	child_said(&c, "hoy: leaks: 5 made in this run and not freed when it ends:\n", "count");
	child_said(&c, "listener 0x", "listener");
	child_said(&c, ", tcp 127.0.0.1:", "an address");
	child_said(&c, ", closed, made here:\n", "closed");
	child_said(&c, ", pipe, made here:\n", "pipe");
	child_said(&c, ", which holds 1 of 3 items, made here:\n", "channel");
	child_said(&c, "    at makes_channel+0x", "place");
	child_said(&c, "    at leaves_some+0x", "place");
}

static void run_twice(void)
{
	setenv("HOY_DEBUG", "leaks", 1);
	hoy_pipe(&end[0], &end[1], NULL);
	if (hoy_run_with(&opts, frees_all, NULL) == 0)
		_exit(hoy_run_with(&opts, scenario, NULL));
}

TEST(a_run_that_leaves_nothing_says_nothing)
{
	struct child c = { .status = 0 };

	opts = (hoy_run_opts){ .workers = 1 };
	scenario = returns;
	child_run(&c, run_twice);
	CHECK_INT(c.status, 0);
	CHECK_STR(c.text, "", "text");
}
