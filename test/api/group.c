/* Groups: children are waited for, the first failure and every cancellation reaches all of them. */
#include <pthread.h>
#include <sys/wait.h>

#include <hoy.h>

#include "child.h"
#include "t.h"

static const hoy_run_opts two = { .workers = 2 };
static atomic_int ran, canceled;

static int count(void *arg)
{
	(void)arg;
	ran++;
	return 0;
}

static int wait_long(void *arg)
{
	int code = hoy_sleep(20 * HOY_SECOND);

	(void)arg;
	ran++;
	canceled += code == HOY_ECANCELED;
	return code == HOY_ECANCELED ? 0 : 1;
}

static int start_all(void *arg)
{
	enum { MANY = 1000 };
	static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };
	hoy_group *g = hoy_group_new();

	(void)arg;
	CHECK_INT(hoy_group_wait(g), 0);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(hoy_group_go_with(g, i % 2 ? &spread : NULL, count, NULL), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(ran, MANY);
	CHECK_INT(hoy_group_go(g, count, NULL), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(ran, MANY + 1);
	hoy_group_free(g);
	hoy_group_free(NULL);
	return 0;
}

TEST(wait_joins_all)
{
	CHECK_INT(hoy_run_with(&two, start_all, NULL), 0);
}

static int fail_with(void *code)
{
	return *(int *)code;
}

static int one_fails(void *arg)
{
	static int code = -EPIPE, later = -EIO;
	hoy_group *g = hoy_group_new();

	(void)arg;
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy_group_go(g, wait_long, NULL), 0);
	CHECK_INT(hoy_group_go_copy(g, fail_with, &code, sizeof code), 0);
	CHECK_INT(hoy_group_wait(g), -EPIPE);
	CHECK_INT(canceled, 10);
	CHECK_INT(hoy_group_go(g, fail_with, &later), 0);
	CHECK_INT(hoy_group_wait(g), -EPIPE);		/* the first */
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);	/* the parent is not cancelled */
	hoy_group_free(g);
	return 0;
}

TEST(the_first_failure_cancels_the_others)
{
	CHECK_INT(hoy_run_with(&two, one_fails, NULL), 0);
}

/* Each child waits, and so do two children of its own. */
static int nest(void *depth)
{
	intptr_t below = (intptr_t)depth - 1;
	hoy_group *g = hoy_group_new();

	for (int i = 0; below > 0 && i < 2; i++)
		CHECK_INT(hoy_group_go(g, nest, (void *)below), 0);
	wait_long(NULL);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

static void *cancel_from_thread(void *g)
{
	usleep(20000);
	hoy_group_cancel(g);
	return NULL;
}

static int cancel_a_tree(void *arg)
{
	hoy_group *g = hoy_group_new();
	pthread_t thread;

	(void)arg;
	CHECK_INT(hoy_group_go(g, nest, (void *)5), 0);
	CHECK_INT(pthread_create(&thread, NULL, cancel_from_thread, g), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	pthread_join(thread, NULL);
	CHECK_INT(canceled, 31);
	hoy_group_free(g);
	return 0;
}

TEST(a_cancellation_reaches_children_of_children)
{
	CHECK_INT(hoy_run_with(&two, cancel_a_tree, NULL), 0);
}

/* The parent's scope ends while it waits for the group. */
static int end_by_scope(void *arg)
{
	hoy_scope s;
	hoy_group *g;

	(void)arg;
	hoy_scope_enter(&s, hoy_in(20 * HOY_MILLISECOND));
	g = hoy_group_new();
	CHECK_INT(hoy_group_go(g, nest, (void *)3), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(canceled, 7);
	hoy_group_free(g);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	return 0;
}

TEST(a_scope_ends_the_children_of_its_groups)
{
	CHECK_INT(hoy_run_with(&two, end_by_scope, NULL), 0);
}

static int free_at_once(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	for (int i = 0; i < 100; i++)
		CHECK_INT(hoy_group_go(g, wait_long, NULL), 0);
	hoy_group_free(g);
	CHECK_INT(ran, 100);
	CHECK_INT(canceled, 100);
	return 0;
}

TEST(free_cancels_and_joins)
{
	CHECK_INT(hoy_run_with(&two, free_at_once, NULL), 0);
}

/* The run ends: the group of a task that main leaves behind, too. */
static int end_of_run(void *arg)
{
	(void)arg;
	CHECK_INT(hoy_go(nest, (void *)3), 0);
	return hoy_sleep(5 * HOY_MILLISECOND);
}

TEST(the_end_of_the_run_reaches_groups)
{
	CHECK_INT(hoy_run_with(&two, end_of_run, NULL), 0);
	CHECK_INT(canceled, 7);
}

static int wrong_uses(void *arg)
{
	static char big[20 << 10];
	hoy_group *g = hoy_group_new();

	(void)arg;
	CHECK_INT(hoy_group_go_copy(g, count, big, sizeof big), -E2BIG);
	CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .stack = 100 << 20 }, count, NULL), -EINVAL);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

TEST(a_child_that_cannot_start)
{
	hoy_group *g = hoy_group_new();

	CHECK_INT(hoy_group_go(g, count, NULL), HOY_ENORUNTIME);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	CHECK_INT(hoy_run_with(&two, wrong_uses, NULL), 0);
	CHECK_INT(ran, 0);
}

/* --- with a deadline --------------------------------------------------------------------------- */

static const hoy_time never;

/* The children go on, and the group can be used as before. */
static void give_up_and_wait_again(hoy_group *g)
{
	hoy_time begin = hoy_now();

	CHECK_INT(hoy_group_wait_until(g, hoy_in(20 * HOY_MILLISECOND)), HOY_ETIMEOUT);
	CHECK(hoy_time_sub(hoy_now(), begin) >= 20 * HOY_MILLISECOND);
	CHECK_INT(hoy_group_wait_until(g, hoy_in(-HOY_SECOND)), HOY_ETIMEOUT);
	CHECK_INT(ran, 0);
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait_until(g, never), 0);
	CHECK_INT(hoy_group_wait_until(g, hoy_in(-HOY_SECOND)), 0);
	CHECK_INT(hoy_group_wait(g), 0);
}

static int wait_with_deadline(void *arg)
{
	static int code = -EPIPE;
	hoy_group *g = hoy_group_new();

	(void)arg;
	CHECK_INT(hoy_group_wait_until(g, hoy_in(-HOY_SECOND)), 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_group_go(g, wait_long, NULL), 0);
	give_up_and_wait_again(g);
	CHECK_INT(canceled, 3);
	CHECK_INT(hoy_group_go(g, fail_with, &code), 0);
	CHECK_INT(hoy_group_wait_until(g, hoy_in(HOY_HOUR)), -EPIPE);
	hoy_group_free(g);
	return 0;
}

TEST(wait_until_gives_up_at_the_deadline)
{
	CHECK_INT(hoy_run_with(&two, wait_with_deadline, NULL), 0);
}

static int free_after_deadline(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	CHECK_INT(hoy_group_go(g, nest, (void *)3), 0);
	CHECK_INT(hoy_group_wait_until(g, hoy_in(5 * HOY_MILLISECOND)), HOY_ETIMEOUT);
	hoy_group_free(g);
	CHECK_INT(canceled, 7);
	return 0;
}

TEST(free_after_wait_until_gave_up)
{
	CHECK_INT(hoy_run_with(&two, free_after_deadline, NULL), 0);
}

/* Scopes that were entered after the group was made end the wait, but not the children. */
static void wait_in_scopes(hoy_group *g)
{
	hoy_scope outer, inner, shield;

	hoy_scope_enter(&outer, hoy_in(10 * HOY_MILLISECOND));
	hoy_scope_enter(&inner, never);
	CHECK_INT(hoy_group_wait_until(g, hoy_in(HOY_HOUR)), HOY_ECANCELED);
	hoy_shield_enter(&shield, 10 * HOY_MILLISECOND);
	CHECK_INT(hoy_group_wait_until(g, never), HOY_ECANCELED);
	CHECK_INT(hoy_shield_leave(&shield), HOY_ETIMEOUT);
	CHECK_INT(hoy_scope_leave(&inner), 0);
	CHECK_INT(hoy_scope_leave(&outer), HOY_ETIMEOUT);
}

static int wait_canceled(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	CHECK_INT(hoy_group_go(g, wait_long, NULL), 0);
	wait_in_scopes(g);
	give_up_and_wait_again(g);
	CHECK_INT(canceled, 1);
	hoy_group_free(g);
	return 0;
}

TEST(a_scope_ends_wait_until)
{
	CHECK_INT(hoy_run_with(&two, wait_canceled, NULL), 0);
}

/* The children end at about the deadline: either is seen, and nothing is left of a wait that gave up. */
static int end_at_deadline(void *arg)
{
	static const hoy_go_opts spread = { .place = HOY_PLACE_SPREAD };
	hoy_group *g = hoy_group_new();
	int code;

	(void)arg;
	for (int i = 1; i <= SCALED(1000); i++) {
		CHECK_INT(hoy_group_go_with(g, i % 2 ? &spread : NULL, count, NULL), 0);
		code = hoy_group_wait_until(g, hoy_in(i % 20 * HOY_MICROSECOND));
		CHECK(code == 0 || code == HOY_ETIMEOUT);
		CHECK_INT(hoy_group_wait(g), 0);
		CHECK_INT(ran, i);
	}
	hoy_group_free(g);
	return 0;
}

TEST(children_that_end_at_the_deadline)
{
	CHECK_INT(hoy_run_with(&two, end_at_deadline, NULL), 0);
}

/* --- many at once ---------------------------------------------------------------------------- */

static int churn(void *arg)
{
	(void)arg;
	for (int i = 0; i < SCALED(200); i++) {
		hoy_group *g = hoy_group_new();

		for (int k = 0; k < 5; k++)
			CHECK_INT(hoy_group_go(g, k % 2 ? count : wait_long, NULL), 0);
		if (i % 2)
			hoy_yield();
		hoy_group_free(g);
	}
	return 0;
}

static int churn_everywhere(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	for (int i = 0; i < 8; i++)
		CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, churn, NULL), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

TEST(groups_made_and_freed_everywhere)
{
	CHECK_INT(hoy_run_with(&two, churn_everywhere, NULL), 0);
	CHECK_INT(ran, 8 * 5 * SCALED(200));
}

/* --- after a fork: the children are the parent's ------------------------------------------------ */

static int add_to(void *g)
{
	return hoy_group_go(g, count, NULL);
}

static int make_another(void *unused)
{
	hoy_group *g = hoy_group_new();

	(void)unused;
	CHECK_INT(hoy_group_go(g, wait_long, NULL), 0);
	hoy_yield();
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

/* In the child, where g was inherited from a task or a thread. */
static void use_inherited(hoy_group *g, bool wait_first)
{
	hoy_scope s;

	ran = canceled = 0;
	if (wait_first)
		CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(hoy_group_go(g, count, NULL), HOY_ENORUNTIME);
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(hoy_run_with(&two, add_to, g), 0);	/* from any task, while it is not freed */
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(ran, 1);
	CHECK_INT(hoy_run_with(&two, make_another, NULL), 0);
	CHECK_INT(canceled, 1);
	hoy_scope_enter(&s, (hoy_time){ 0 });		/* beside a group of its own */
	hoy_group_free(hoy_group_new());
	CHECK_INT(hoy_scope_leave(&s), 0);
	hoy_group_free(g);
}

static void fork_with(hoy_group *g, bool wait_first)
{
	int status = -1;
	pid_t child = fork();

	if (CHECK(child >= 0) && child == 0) {
		use_inherited(g, wait_first);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(status, 0);
}

static int fork_in_task(void *unused)
{
	hoy_group *g = hoy_group_new();

	(void)unused;
	for (int i = 0; i < 4; i++)
		CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, wait_long, NULL), 0);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			hoy_sleep(5 * HOY_MILLISECOND);		/* the first two are forked before their children wait */
		fork_with(g, i % 2);
	}
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(canceled, 4);
	hoy_group_free(g);
	return 0;
}

TEST(a_task_forks_with_its_group)
{
	CHECK_INT(hoy_run_with(&two, fork_in_task, NULL), 0);
}

static struct {
	hoy_group *group;
	hoy_chan *started, *over;
} thread;

static int start_for_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_group_go(thread.group, wait_long, NULL), 0);
	CHECK_INT(hoy_chan_send(thread.started, NULL), 0);
	return hoy_chan_recv(thread.over, NULL);
}

static void *run_aside(void *unused)
{
	CHECK_INT(hoy_run_with(&two, start_for_thread, unused), 0);
	return NULL;
}

/* The group of a thread, whose three children are tasks of a run in another one, which use cancels. */
static void with_group_of_a_thread(void (*use)(hoy_group *g))
{
	pthread_t runner;

	thread.group = hoy_group_new();
	thread.started = hoy_chan_new(0, 0);
	thread.over = hoy_chan_new(0, 0);
	CHECK_INT(pthread_create(&runner, NULL, run_aside, NULL), 0);
	CHECK_INT(hoy_chan_recv(thread.started, NULL), 0);
	use(thread.group);
	CHECK_INT(canceled, 3);
	CHECK_INT(hoy_chan_send(thread.over, NULL), 0);
	pthread_join(runner, NULL);
	hoy_group_free(thread.group);
	hoy_chan_free(thread.started);
	hoy_chan_free(thread.over);
}

/* Not before the run's threads sleep: the lock of a checker's allocator that one of them held would stay held in the child. */
static void fork_twice(hoy_group *g)
{
	hoy_sleep(20 * HOY_MILLISECOND * t_scale());
	for (int i = 0; i < 2; i++)
		fork_with(g, i);
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait(g), 0);
}

TEST(a_thread_forks_with_its_group)
{
	with_group_of_a_thread(fork_twice);
}

static void wait_in_thread(hoy_group *g)
{
	wait_in_scopes(g);
	give_up_and_wait_again(g);
}

TEST(a_thread_waits_until_a_deadline)
{
	with_group_of_a_thread(wait_in_thread);
}

/* --- groups that outlive what they belong to --------------------------------------------------- */

static int leave_too_early(void *arg)
{
	hoy_scope s;

	(void)arg;
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_group_new();
	return hoy_scope_leave(&s);
}

static int end_too_early(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	return hoy_group_go(g, wait_long, NULL);
}

static void run_leave_too_early(void) { hoy_run(leave_too_early, NULL); }
static void run_end_too_early(void) { hoy_run(end_too_early, NULL); }

TEST(a_group_that_is_left_behind_ends_the_program)
{
	struct child c;

	child_run(&c, run_leave_too_early);
	CHECK_INT(c.status, -SIGABRT);
	CHECK(strstr(c.text, "hoy: a scope is left before a group that was made in it is freed\n"));
	child_run(&c, run_end_too_early);
	CHECK_INT(c.status, -SIGABRT);
	CHECK(strstr(c.text, "hoy: a task ends before a group that it made is freed\n"));
}
