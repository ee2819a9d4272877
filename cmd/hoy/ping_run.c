/* Who probes what, and when: a task for each target, at most AT_ONCE of them at the same time. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "ping.h"

/* Between the first probes of two targets, so that a sweep is no flood. */
#define GAP HOY_MILLISECOND

/* ---- when ---- */

static hoy_time first_due(void)
{
	static hoy_mutex lock;
	static hoy_time last;
	hoy_time due = hoy_now();

	hoy_mutex_lock(&lock);
	if (last.ns && hoy_time_before(due, hoy_time_add(last, GAP)))
		due = hoy_time_add(last, GAP);
	last = due;
	hoy_mutex_unlock(&lock);
	return due;
}

/* An interval after the one before, or now when that has passed: what was missed is not made up for. */
bool next_due(struct target *t)
{
	hoy_time now = hoy_now();

	if (ping.count && t->stats.sent == ping.count)
		return false;
	t->due = t->due.ns ? hoy_time_add(t->due, ping.interval) : first_due();
	if (hoy_time_before(t->due, now))
		t->due = now;
	return !ping.until.ns || hoy_time_before(t->due, ping.until);
}

hoy_time reply_deadline(void)
{
	hoy_time deadline = hoy_in(ping.timeout);

	return ping.until.ns && hoy_time_before(ping.until, deadline) ? ping.until : deadline;
}

/* ---- each target ---- */

void ask_each(struct target *t)
{
	while (next_due(t) && hoy_sleep(hoy_time_sub(t->due, hoy_now())) == 0) {
		struct reply r = { .ttl = -1 };
		int64_t i = show_sent(t);
		hoy_err err = { 0 };
		int code = t->probe->ask(t, reply_deadline(), &r, &err);

		if (code == 0)
			show_reply(t, i, &r);
		else
			show_loss(t, i, hoy_is_timeout(code) ? NULL : hoy_strerror(code), NULL);
	}
}

static void find(struct target *t)
{
	hoy_addr addr;
	hoy_err err;

	if (!t->probe->find)
		return;
	if (t->probe->find(t, &addr, &err) < 0)
		show_failure(t, &err);
	else
		show_found(t, &addr);
}

static void run(struct target *t)
{
	if (t->exit == EXIT_YES)
		t->probe->run(t);
}

/* ---- tasks ---- */

static struct crew {
	void (*fn)(struct target *t);
	atomic_size_t next;
	hoy_wait_group working;
} crew;

static int work(void *unused)
{
	size_t i;

	(void)unused;
	while ((i = atomic_fetch_add(&crew.next, 1)) < targets.count)
		crew.fn(&targets.list[i]);
	hoy_wait_group_done(&crew.working);
	return 0;
}

/* Calls fn for every target, and returns when all calls have. It goes on with as many tasks as could be started. */
static int each_target(void (*fn)(struct target *t))
{
	const hoy_go_opts opts = { .stack = 64 * 1024, .name = "ping" };
	size_t most = targets.count < AT_ONCE ? targets.count : AT_ONCE, started = 0;
	int code = 0;

	crew.fn = fn;
	atomic_store(&crew.next, 0);
	for (; started < most && code == 0; started += code == 0) {
		hoy_wait_group_add(&crew.working, 1);
		code = hoy_go_with(&opts, work, NULL);
		if (code < 0)
			hoy_wait_group_done(&crew.working);
	}
	hoy_wait_group_wait(&crew.working);
	return started ? EXIT_YES : fail_code(code, "go");
}

/*
 * Ctrl-\ shows the statistics so far, Ctrl-C shows them and ends, and a second Ctrl-C ends at once. This is a thread
 * and no task, since a full pipe on standard output blocks the tasks of a worker.
 */
static void *watch_signals(void *unused)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGQUIT };
	int number;

	while ((number = hoy_signal_wait(numbers, LEN(numbers))) == SIGQUIT)
		show_so_far();
	if (number > 0) {
		signal(number, SIG_DFL);
		show_end_and_leave(128 + number);
	}
	return unused;
}

int run_targets(void)
{
	pthread_t thread;
	int code = pthread_create(&thread, NULL, watch_signals, NULL);

	if (code)
		return fail_code(-code, "pthread_create");
	pthread_detach(thread);
	code = each_target(find);
	if (ping.deadline)
		ping.until = hoy_in(ping.deadline);
	if (code == EXIT_YES)
		code = each_target(run);
	return code == EXIT_YES ? show_end() : code;
}
