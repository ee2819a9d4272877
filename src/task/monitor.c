/*
 * The thread waits in calls of hoy's own, as a plain thread may: for SIGQUIT, and for the time of the next look at the workers.
 * It is a helper, which is not counted among the threads that could end a deadlock.
 */
#include "task/monitor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/group.h>
#include <hoy/time.h>

#include "base/moment.h"
#include "os/signal.h"
#include "task/deadlock.h"
#include "task/dump.h"
#include "task/report.h"
#include "task/runtime.h"
#include "task/stall.h"

enum { EXIT_DEADLOCK = 70 };

#define LOOK_EVERY (100 * HOY_MILLISECOND)

static struct {
	struct hoy__runtime *rt;
	struct hoy__reports asked;
	hoy_duration every;		/* between two looks; 0: none */
	pthread_t thread;
	bool begun, stops;		/* stops: threads can be stopped, to see where they are */

	pthread_mutex_t lock;
	pthread_cond_t ready;
	hoy_scope scope;		/* cancelled at the end; entered by the thread */
	int code;			/* of its beginning; 1: not known yet */
} monitor = { .lock = PTHREAD_MUTEX_INITIALIZER, .ready = PTHREAD_COND_INITIALIZER };

static void dump(void)
{
	static const char text[] = "hoy: SIGQUIT: these are the tasks:\n";

	hoy__report_write(STDERR_FILENO, text, sizeof text - 1);
	hoy__dump_tasks(hoy__report_write, STDERR_FILENO);
}

/* Waits for SIGQUIT, or until then: SIGQUIT, or a code; HOY_ECANCELED also when it is over. */
static int wait_until(hoy_time t, bool *over)
{
	static const int quit = SIGQUIT;
	hoy_scope scope;
	int code;

	hoy_scope_enter(&scope, t);
	code = monitor.asked.quit ? hoy_signal_wait(&quit, 1) : hoy_sleep(INT64_MAX);
	*over = hoy_scope_leave(&scope) != HOY_ETIMEOUT && code == HOY_ECANCELED;
	return code;
}

/* False: it is over. Other tasks may have all the places that wait for signals: then it tries again a moment later. */
static bool wait(void)
{
	bool over;
	int code = wait_until(monitor.every ? hoy_in(monitor.every) : (hoy_time){ 0 }, &over);

	if (code == SIGQUIT)
		dump();
	else if (code < 0 && code != HOY_ECANCELED)
		over = hoy_sleep(LOOK_EVERY) < 0;
	return !over;
}

static void look(void)
{
	if (atomic_load(&hoy__runtime) != monitor.rt)
		return;		/* it has not begun yet */
	if (monitor.asked.stall)
		hoy__stalls_look(monitor.rt);
	if (monitor.asked.deadlock && hoy__is_deadlocked(monitor.rt))
		hoy__deadlock_report(EXIT_DEADLOCK);
}

static void tell_beginning(int code)
{
	pthread_mutex_lock(&monitor.lock);
	monitor.code = code;
	pthread_cond_signal(&monitor.ready);
	pthread_mutex_unlock(&monitor.lock);
}

/* From now on SIGQUIT does not end the process. 0 or a code. */
static int begin(void)
{
	int code = hoy__become_helper();
	bool over;

	if (code < 0)
		return code;
	code = wait_until((hoy_time){ HOY__PAST }, &over);
	return code < 0 && code != HOY_ECANCELED ? code : 0;
}

static void *run(void *unused)
{
	int code = begin();

	(void)unused;
	hoy_scope_enter(&monitor.scope, (hoy_time){ 0 });
	tell_beginning(code);
	while (code == 0 && wait())
		look();
	hoy_scope_leave(&monitor.scope);
	return NULL;
}

static int await_beginning(void)
{
	int code;

	pthread_mutex_lock(&monitor.lock);
	while (monitor.code > 0)
		pthread_cond_wait(&monitor.ready, &monitor.lock);
	code = monitor.code;
	pthread_mutex_unlock(&monitor.lock);
	return code;
}

static hoy_duration period(const struct hoy__reports *asked)
{
	hoy_duration every = asked->deadlock ? LOOK_EVERY : 0, stall = asked->stall / 4;

	if (!asked->stall)
		return every;
	if (stall < HOY_MILLISECOND)
		stall = HOY_MILLISECOND;
	return every && every < stall ? every : stall;
}

int hoy__monitor_begin(struct hoy__runtime *rt, const struct hoy__reports *asked)
{
	int code;

	monitor.begun = monitor.stops = false;	/* after a fork it is the parent's */
	if (!asked->deadlock && !asked->quit && !asked->stall)
		return 0;
	monitor.rt = rt;
	monitor.asked = *asked;
	monitor.every = period(asked);
	monitor.code = 1;
	hoy__stalls_begin(asked->stall);
	code = -pthread_create(&monitor.thread, NULL, run, NULL);
	if (code == 0 && (code = await_beginning()) < 0)
		pthread_join(monitor.thread, NULL);
	monitor.begun = code == 0;
	if (monitor.begun)
		monitor.stops = hoy__os_stop_begin() == 1;
	hoy__inspect_may_stop(monitor.stops);
	return code;
}

void hoy__monitor_end(void)
{
	if (!monitor.begun)
		return;
	hoy_scope_cancel(&monitor.scope);
	pthread_join(monitor.thread, NULL);
	hoy__inspect_may_stop(false);
	if (monitor.stops)
		hoy__os_stop_end();
	monitor.begun = monitor.stops = false;
}
