/*
 * After a fork parent and child share no event, no query and no lock: whatever one of them does,
 * the other one waits, looks up, is woken and runs tasks as if it were alone.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/name_server.h"
#include "child.h"
#include "os/fork.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

enum { CHECKED_BY_TSAN = __has_feature(thread_sanitizer) };

enum { LOOKUPS = 200, THREADS = 4, FORKS = 30 };

static const hoy_run_opts two = { .workers = 2 };
static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };

/* fn in the child, whose failures are counted as ours; what waitpid says of it is checked by join. */
static pid_t start(void (*fn)(void))
{
	pid_t child = fork();

	if (child == 0) {
		fn();
		_exit(0);
	}
	CHECK(child > 0);
	return child;
}

static void join_with(pid_t child, int want)
{
	int status = -1;

	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, want << 8);
}

static void in_both(void (*fn)(void))
{
	pid_t child = start(fn);

	fn();
	join_with(child, 0);
}

/* ---- what the kernel would share ---- */

/* Descriptors whose link in /proc/self/fd is this. */
static int count_of(const char *link)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[300], target[64];
	int n = 0;

	if (!CHECK(dir != NULL))
		return -1;
	while ((entry = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
		len = readlink(path, target, sizeof target - 1);
		target[len < 0 ? 0 : len] = 0;
		n += strcmp(target, link) == 0;
	}
	closedir(dir);
	return n;
}

static int pollers(void) { return count_of("anon_inode:[eventpoll]"); }
static int wakers(void) { return count_of("anon_inode:[eventfd]"); }

static void check_child_has_one_poller(void)
{
	CHECK_INT(pollers(), 0);
	CHECK_INT(wakers(), 0);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	CHECK_INT(pollers(), 1);
	CHECK_INT(wakers(), 1);
}

TEST(a_child_closes_the_pollers_and_makes_one_when_it_waits)
{
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	join_with(start(check_child_has_one_poller), 0);
	CHECK_INT(pollers(), 1);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
}

static pthread_barrier_t met;

static void *wait_and_stay(void *unused)
{
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	pthread_barrier_wait(&met);
	pthread_barrier_wait(&met);
	return unused;
}

TEST(a_child_closes_the_pollers_of_all_threads)
{
	pthread_t thread[THREADS];

	pthread_barrier_init(&met, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, wait_and_stay, NULL);
	pthread_barrier_wait(&met);
	CHECK_INT(pollers(), THREADS);
	join_with(start(check_child_has_one_poller), 0);
	CHECK_INT(pollers(), THREADS);
	pthread_barrier_wait(&met);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static int fork_with_workers(void *unused)
{
	(void)unused;
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	join_with(start(check_child_has_one_poller), 0);
	CHECK_INT(pollers(), 2);
	return 0;
}

TEST(a_child_closes_the_pollers_of_the_workers)
{
	CHECK_INT(hoy_run_with(&two, fork_with_workers, NULL), 0);
}

static void check_grandchild(void)
{
	check_child_has_one_poller();
	join_with(start(check_child_has_one_poller), 0);
	CHECK_INT(pollers(), 1);
}

TEST(a_child_forks_like_its_parent)
{
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	join_with(start(check_grandchild), 0);
}

/* ---- waits ---- */

static int wakes[2];		/* a pipe that both processes were given */

static void *write_later(void *conn)
{
	usleep(20000);
	CHECK_INT(hoy_conn_write(conn, "x", 1, NULL), 1);
	return NULL;
}

static void read_what_another_thread_writes(void)
{
	hoy_conn *a, *b;
	pthread_t thread;
	int ends[2];
	char byte;

	if (!CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0))
		return;
	a = hoy_conn_from_fd(ends[0], 0, NULL);
	b = hoy_conn_from_fd(ends[1], 0, NULL);
	for (int i = 0; i < 5; i++) {
		pthread_create(&thread, NULL, write_later, b);
		CHECK_INT(hoy_conn_read(a, &byte, 1, NULL), 1);
		pthread_join(thread, NULL);
	}
	hoy_conn_free(a);
	hoy_conn_free(b);
}

static void sleep_for_the_right_time(void)
{
	for (int i = 0; i < 10; i++) {
		hoy_time t = hoy_now();
		hoy_duration took;

		CHECK_INT(hoy_sleep(20 * HOY_MILLISECOND), 0);
		took = hoy_time_sub(hoy_now(), t);
		CHECK(took >= 20 * HOY_MILLISECOND && took < 5 * HOY_SECOND);
	}
}

static void wait_for_deadline(void)
{
	hoy_conn *c = hoy_conn_from_fd(dup(wakes[0]), 0, NULL);
	hoy_err err = { 0 };
	char byte;

	CHECK_INT(hoy_conn_set_deadline(c, hoy_in(30 * HOY_MILLISECOND), NULL), 0);
	CHECK(hoy_conn_read(c, &byte, 1, &err) < 0);
	CHECK_INT(err.code, HOY_ETIMEOUT);
	hoy_conn_free(c);
}

static void do_waits(void)
{
	read_what_another_thread_writes();
	sleep_for_the_right_time();
	wait_for_deadline();
}

TEST(waits_and_timers_of_parent_and_child_are_their_own)
{
	CHECK_INT(pipe(wakes), 0);
	do_waits();
	in_both(do_waits);
	do_waits();
}

/* ---- lookups ---- */

static struct ns *ns;
static hoy_resolver *resolver;

static void answer(struct ns_query *q, void *unused)
{
	(void)unused;
	ns_answer(q);
}

static void look_up_at(int from, int n)
{
	int late = 0, wrong = 0;

	for (int i = from; i < from + n; i++) {
		hoy_time t = hoy_now();
		char name[64];
		hoy_ip *ips = NULL;

		snprintf(name, sizeof name, "n%d.example.", i);
		if (hoy_resolver_lookup_ip(resolver, "ip4", name, &ips, NULL) == 1)
			hoy_free(ips);
		else
			wrong++;
		late += hoy_time_sub(hoy_now(), t) > HOY_SECOND * t_scale();
	}
	CHECK_INT(late, 0);
	CHECK_INT(wrong, 0);
}

static void look_up(void) { look_up_at(2, (int)SCALED(LOOKUPS)); }

static void start_lookups(unsigned flags)
{
	char text[HOY_ADDR_STRLEN];
	const char *servers[] = { text, NULL };
	hoy_resolver_opts opts = { .servers = servers, .timeout = 2 * HOY_SECOND * t_scale(), .flags = flags };
	hoy_addr at;

	ns = ns_start(answer, NULL);
	at = ns_addr(ns);
	hoy_addr_string(&at, text);
	resolver = hoy_resolver_new(&opts, NULL);
}

static void stop_lookups(void)
{
	hoy_resolver_free(resolver);
	ns_stop(ns);
}

TEST(lookups_over_udp_do_not_take_each_others_events)
{
	start_lookups(0);
	look_up_at(1, 1);
	in_both(look_up);
	stop_lookups();
}

TEST(lookups_over_tcp_do_not_share_the_connection)
{
	start_lookups(HOY_RESOLVER_TCP);
	look_up_at(1, 1);
	CHECK_INT(ns_connections(ns), 1);
	in_both(look_up);
	CHECK_INT(ns_connections(ns), 2);
	look_up_at(1, 1);
	CHECK_INT(ns_connections(ns), 2);
	stop_lookups();
}

static void free_resolver(void)
{
	hoy_resolver_free(resolver);
}

TEST(a_child_that_frees_the_resolver_leaves_the_parents_connection)
{
	start_lookups(HOY_RESOLVER_TCP);
	look_up_at(1, 1);
	join_with(start(free_resolver), 0);
	look_up();
	CHECK_INT(ns_connections(ns), 1);
	stop_lookups();
}

/* ---- runs ---- */

static atomic_int ran;

static int add_after_sleep(void *group)
{
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	atomic_fetch_add(&ran, 1);
	hoy_wait_group_done(group);
	return 0;
}

static int seven(void *unused)
{
	(void)unused;
	return 7;
}

static int run_all(void *unused)
{
	hoy_wait_group group = { 0 };

	(void)unused;
	atomic_store(&ran, 0);
	hoy_wait_group_add(&group, 50);
	for (int i = 0; i < 50; i++)
		CHECK_INT(hoy_go_with(&spread, add_after_sleep, &group), 0);
	hoy_wait_group_wait(&group);
	CHECK_INT(ran, 50);
	CHECK_INT(hoy_offload(seven, NULL), 7);
	if (resolver)
		look_up_at(2, 20);
	return 5;
}

/* TSan looks away from the thread that forked, and then takes what that one does before a task for a race with the task. */
static void run_again(void)
{
	if (CHECKED_BY_TSAN && hoy__fork_lineage() > 0)
		return;
	CHECK_INT(hoy_run_with(&two, run_all, NULL), 5);
}

static void run_between_waits(void)
{
	struct hoy_runtime_info info;

	hoy_runtime_info(&info);
	CHECK_INT(info.workers, 0);
	CHECK_INT(hoy_go(seven, NULL), HOY_ENORUNTIME);
	sleep_for_the_right_time();
	run_again();
	sleep_for_the_right_time();
	run_again();
}

TEST(both_run_tasks_after_a_run)
{
	start_lookups(HOY_RESOLVER_TCP);
	run_again();
	in_both(run_between_waits);
	stop_lookups();
}

static int fork_in_task(void *unused)
{
	hoy_wait_group group = { 0 };
	pid_t child;

	(void)unused;
	run_all(NULL);
	hoy_wait_group_add(&group, 1);
	CHECK_INT(hoy_go(add_after_sleep, &group), 0);
	child = start(run_between_waits);
	hoy_wait_group_wait(&group);
	run_all(NULL);
	join_with(child, 0);
	return 3;
}

TEST(a_task_that_forks_is_a_plain_thread_in_the_child)
{
	start_lookups(0);
	CHECK_INT(hoy_run_with(&two, fork_in_task, NULL), 3);
	stop_lookups();
}

static _Atomic pid_t returning;

static int return_in_child(void *unused)
{
	pid_t child = fork();

	(void)unused;
	if (child == 0) {
		CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
		return 42;
	}
	returning = child;
	return 1;
}

static int fork_and_return(void *unused)
{
	CHECK_INT(hoy_go(return_in_child, unused), 0);
	while (!returning)
		CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	join_with(returning, 42);
	return 2;
}

/* exit looks for leaks, and what the parent's threads hold looks like them. */
__attribute__((used)) const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

TEST(a_function_that_returns_in_the_child_ends_it)
{
	CHECK_INT(hoy_run_with(&two, return_in_child, NULL), 1);
	join_with(returning, 42);
	returning = 0;
	CHECK_INT(hoy_run_with(&two, fork_and_return, NULL), 2);
}

static int offload_and_return(void *unused)
{
	CHECK_INT(hoy_offload(return_in_child, unused), 1);
	return 2;
}

TEST(so_does_one_that_was_offloaded)
{
	CHECK_INT(hoy_run_with(&two, offload_and_return, NULL), 2);
	join_with(returning, 42);
}

static void fork_for_connection(hoy_conn *c, void *arg)
{
	char byte = 0;

	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	*(pid_t *)arg = fork();
	if (*(pid_t *)arg == 0) {
		CHECK_INT(hoy_conn_write(c, &byte, 1, NULL), 1);
		return;
	}
}

struct service { hoy_listener *listener; pid_t child; };

static int serve(void *arg)
{
	struct service *s = arg;

	return hoy_serve(s->listener, fork_for_connection, &s->child, NULL, NULL);
}

static void ask_service(const struct service *s)
{
	char text[HOY_ADDR_STRLEN], byte = 0;
	hoy_addr at;
	hoy_conn *c;

	hoy_listener_addr(s->listener, &at);
	c = hoy_dial("tcp", hoy_addr_string(&at, text), NULL);
	if (!CHECK(c != NULL))
		return;
	CHECK_INT(hoy_conn_set_deadline(c, hoy_in(20 * HOY_SECOND), NULL), 0);
	CHECK_INT(hoy_conn_write(c, "y", 1, NULL), 1);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	CHECK_INT(byte, 'y');
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
	hoy_conn_free(c);
}

static int serve_by_forks(void *unused)
{
	struct service s = { .listener = hoy_listen("tcp", "127.0.0.1:0", NULL) };

	(void)unused;
	CHECK_INT(hoy_go(serve, &s), 0);
	for (int i = 0; i < 3; i++) {
		ask_service(&s);
		join_with(s.child, 0);
	}
	hoy_listener_free(s.listener);
	return 0;
}

TEST(a_server_may_fork_for_each_connection)
{
	CHECK_INT(hoy_run_with(&two, serve_by_forks, NULL), 0);
}

static hoy_listener *shared;

static void answer_one(hoy_conn *c, void *unused)
{
	(void)unused;
	CHECK_INT(hoy_conn_write(c, "z", 1, NULL), 1);
}

static int serve_shared(void *unused)
{
	(void)unused;
	return hoy_serve(shared, answer_one, NULL, NULL, NULL);
}

static void serve_until_killed(void)
{
	hoy_run_with(&two, serve_shared, NULL);
	_exit(1);
}

/* A listener that was made before the fork serves in each child. */
TEST(children_accept_from_one_listener)
{
	pid_t child[2];
	char text[HOY_ADDR_STRLEN];
	hoy_addr at;

	shared = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_listener_addr(shared, &at);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	for (int i = 0; i < 2; i++)
		child[i] = start(serve_until_killed);
	for (int i = 0; i < 40; i++) {
		hoy_conn *c = hoy_dial("tcp", hoy_addr_string(&at, text), NULL);
		char byte = 0;

		if (!CHECK(c != NULL))
			break;
		CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
		hoy_conn_free(c);
	}
	for (int i = 0; i < 2; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
	hoy_listener_free(shared);
}

/* ---- signals ---- */

static atomic_bool caught;

static void *send_until_caught(void *unused)
{
	while (!atomic_load(&caught)) {
		kill(getpid(), SIGUSR1);
		usleep(5000);
	}
	return unused;
}

/* The first wait installs the handler: before that, a signal would end the process. */
static void catch_first(void)
{
	static const int usr1 = SIGUSR1;
	pthread_t thread;

	signal(SIGUSR1, SIG_IGN);
	pthread_create(&thread, NULL, send_until_caught, NULL);
	CHECK_INT(hoy_signal_wait(&usr1, 1), SIGUSR1);
	atomic_store(&caught, true);
	pthread_join(thread, NULL);
}

static void wait_for_own_signal(void)
{
	static const int usr1 = SIGUSR1;

	for (int i = 0; i < 3; i++) {
		kill(getpid(), SIGUSR1);
		CHECK_INT(hoy_signal_wait(&usr1, 1), SIGUSR1);
	}
}

TEST(a_signal_is_that_of_the_process_which_got_it)
{
	catch_first();
	in_both(wait_for_own_signal);
}

/* A signal of the parent's would be there at once. */
static int no_signal_comes(void *unused)
{
	static const int usr1 = SIGUSR1;

	(void)unused;
	CHECK_INT(hoy_signal_wait(&usr1, 1), HOY_ECANCELED);
	return 0;
}

static int go_and_return(void *unused)
{
	CHECK_INT(hoy_go(no_signal_comes, unused), 0);
	return hoy_sleep(50 * HOY_MILLISECOND);
}

static void find_no_signal(void)
{
	CHECK_INT(hoy_run_with(&two, go_and_return, NULL), 0);
}

TEST(a_signal_that_the_parent_has_not_fetched_is_not_the_childs)
{
	static const int usr1 = SIGUSR1;

	if (t_under_valgrind())
		SKIP("valgrind delivers a signal that it has queued in the child, too");
	catch_first();
	kill(getpid(), SIGUSR1);
	join_with(start(find_no_signal), 0);
	CHECK_INT(hoy_signal_wait(&usr1, 1), SIGUSR1);
}

/* ---- locks ---- */

static atomic_bool stop;
static hoy_mutex mutex;

static void *keep_everything_busy(void *number)
{
	int from = 1000 * (int)(intptr_t)number;

	while (!atomic_load(&stop)) {
		hoy_conn *a, *b;

		look_up_at(from, 1);
		if (CHECK_INT(hoy_pipe(&a, &b, NULL), 0)) {
			hoy_conn_free(a);
			hoy_conn_free(b);
		}
		hoy_mutex_lock(&mutex);
		hoy_mutex_unlock(&mutex);
	}
	return NULL;
}

static void look_up_and_run(void)
{
	look_up_at(1, 3);
	run_again();
}

static void check_forks_among(void *(*fn)(void *), unsigned flags)
{
	pthread_t thread[THREADS];

	if (CHECKED || t_under_valgrind())
		SKIP("a checker's own locks stay held in the child, and what the parent's threads hold looks lost there");
	start_lookups(flags);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, fn, (void *)(intptr_t)(i + 1));
	for (int i = 0; i < (int)SCALED(FORKS) && t_shared->failures == 0; i++) {
		join_with(start(look_up_and_run), 0);
		look_up_at(1, 1);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	stop_lookups();
}

static void open_and_free(void)
{
	hoy_conn *c = hoy_listen_packet("udp4", "127.0.0.1:0", NULL);

	CHECK(c != NULL);
	hoy_conn_free(c);
}

/* TSan follows the locks of a child only when the parent had a single thread. */
TEST(no_lock_of_hoys_counts_as_held_in_the_child)
{
	open_and_free();
	in_both(open_and_free);
}

TEST(no_lock_of_hoys_stays_held_in_the_child)
{
	check_forks_among(keep_everything_busy, 0);
}

TEST(nor_while_threads_share_connections)
{
	check_forks_among(keep_everything_busy, HOY_RESOLVER_TCP);
}

static int keep_tasks_busy(void *unused)
{
	(void)unused;
	while (!atomic_load(&stop)) {
		run_all(NULL);
		hoy_yield();
	}
	return 0;
}

static void *run_tasks(void *number)
{
	if (number == (void *)1)
		CHECK_INT(hoy_run_with(&two, keep_tasks_busy, NULL), 0);
	return NULL;
}

TEST(nor_while_tasks_run)
{
	check_forks_among(run_tasks, 0);
}

static pthread_barrier_t locked;

static void *hold_mutex(void *unused)
{
	hoy_mutex_lock(&mutex);
	pthread_barrier_wait(&locked);
	pthread_barrier_wait(&locked);
	hoy_mutex_unlock(&mutex);
	return unused;
}

static void find_mutex_held(void)
{
	CHECK(!hoy_mutex_try_lock(&mutex));
	mutex = (hoy_mutex){ 0 };
	hoy_mutex_lock(&mutex);
	hoy_mutex_unlock(&mutex);
}

TEST(a_mutex_of_the_programs_is_as_it_was_at_the_fork)
{
	pthread_t thread;

	pthread_barrier_init(&locked, NULL, 2);
	pthread_create(&thread, NULL, hold_mutex, NULL);
	pthread_barrier_wait(&locked);
	join_with(start(find_mutex_held), 0);
	pthread_barrier_wait(&locked);
	pthread_join(thread, NULL);
	hoy_mutex_lock(&mutex);
	hoy_mutex_unlock(&mutex);
}
