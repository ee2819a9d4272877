/* A source's events against those who wait for them. */
#include "hoy.h"

#include <errno.h>
#include <stdatomic.h>

#include "task/source.h"

static struct hoy__source s;
static int file, code;
static atomic_int reason;

static void prepare(int threads)
{
	prepare_threads(threads);
	file = file_open();
	hoy__source_open(&s, file);
	code = 1;
	reason = 0;
}

static void prepare_2(void) { prepare(2); }
static void prepare_3(void) { prepare(3); }

/* Try, and wait while there is nothing: as fd/try.c does. */
static void read_once(int64_t deadline)
{
	do {
		uint32_t seen = hoy__source_look(&s);

		if (atomic_load(&reason)) {
			code = HOY_ECLOSED;
			return;
		}
		if (hoy__source_maybe(&s, HOY__IN, seen)) {
			if ((code = file_read(file)) != -EAGAIN)
				return;
			hoy__source_drained(&s, HOY__IN, seen);
		}
		code = hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, deadline);
	} while (code == 0);
}

static void read_it(void) { read_once(HOY__NEVER); }
static void read_until(void) { read_once(EARLY + 1); }
static void make_readable(void) { file_make_readable(file); }

static void kick(void)
{
	atomic_store(&reason, 1);
	hoy__source_kick(&s, HOY__IN);
}

static void check_read(void) { MODEL_CHECK(code == 1); }
static void check_kicked(void) { MODEL_CHECK(code == HOY_ECLOSED); }
static void check_either(void)
{
	MODEL_CHECK(code == 1 || code == HOY_ECLOSED);
	model_outcome("%s", code == 1 ? "read" : "kicked");
}

static void check_until(void)
{
	MODEL_CHECK(code == 1 || code == HOY_ETIMEOUT);
	model_outcome("%s", code == 1 ? "read" : "timeout");
}

static const struct scenario event = { "source-event", prepare_2, { read_it, make_readable }, check_read, NULL };
static const struct scenario kicked = { "source-kick", prepare_2, { read_it, kick }, check_kicked, NULL };
static const struct scenario either = { "source-event-and-kick", prepare_3, { read_it, make_readable, kick }, check_either, "kicked|read" };
static const struct scenario until = { "source-deadline", prepare_3, { read_until, make_readable, set_clock_late }, check_until, "read|timeout" };

/* The task's worker has the descriptor in its poller. */
static void prepare_task_1(void)
{
	prepare(2);
	prepare_task(1, read_it);
}

static const struct scenario task = { "source-task", prepare_task_1, { run_tasks, make_readable }, check_read, NULL };
static const struct scenario task_kicked = { "source-task-kick", prepare_task_1, { run_tasks, kick }, check_kicked, NULL };

/* A task of one worker waits, and another worker's poller has the descriptor. */
static void prepare_elsewhere(void)
{
	prepare(1);
	prepare_task(1, read_it);
	prepare_worker(2);
	prepare_home(&s, 2);
}

static const struct scenario elsewhere = { "source-elsewhere", prepare_elsewhere, { run_tasks, run_tasks, make_readable }, check_read, NULL };

static void prepare_thread_elsewhere(void)
{
	prepare(1);
	prepare_worker(2);
	prepare_home(&s, 2);
}

static const struct scenario thread_elsewhere = { "source-elsewhere-thread", prepare_thread_elsewhere, { read_it, run_tasks, make_readable }, check_read, NULL };

/* Tasks of two workers wait first: one poller gets the descriptor, which is readable already. */
static void wait_in(void) { code = hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, HOY__NEVER); }
static void wait_out(void) { hoy__source_wait(&s, HOY__OUT, HOY__WHY_WRITE, HOY__NEVER); }

static void prepare_unsettled(void)
{
	prepare(0);
	prepare_task(1, wait_in);
	prepare_task(2, wait_out);
	file_make_readable(file);
	hoy__source_drained(&s, HOY__IN, hoy__source_look(&s));
}

static void check_woken(void) { MODEL_CHECK(code == 0); }

static const struct scenario settling = { "source-settle", prepare_unsettled, { run_tasks, run_tasks }, check_woken, NULL };

/* Without a try before, which would order the thread's new record before the event. */
static void prepare_waiting_elsewhere(void)
{
	prepare_thread_elsewhere();
	hoy__source_drained(&s, HOY__IN, hoy__source_look(&s));
}

static const struct scenario waiting_elsewhere = { "source-elsewhere-wait", prepare_waiting_elsewhere, { wait_in, run_tasks, make_readable }, check_woken, NULL };

/* One of several reasons to wake: readable, anything at all, or told so. */
static atomic_bool told;
static bool is_to_be_told;
static int news;
static struct hoy__task *_Atomic waiting;

static void wait_any(void)
{
	const struct hoy__interest on = { &s, HOY__IN, 0 };

	atomic_store(&waiting, hoy__self());
	code = hoy__source_wait_any(&on, 1, &told, HOY__WHY_READ, HOY__NEVER);
	MODEL_CHECK(!is_to_be_told || news == 1);
}

static uint32_t seen;

static void wait_change(void)
{
	const struct hoy__interest on = { &s, HOY__NEITHER, seen };

	code = hoy__source_wait_any(&on, 1, &told, HOY__WHY_READ, HOY__NEVER);
}

static void prepare_any(void)
{
	prepare(2);
	hoy__source_drained(&s, HOY__IN, hoy__source_look(&s));
	waiting = NULL;
	seen = hoy__source_look(&s);
	told = is_to_be_told = false;
	news = 0;
}

static void kick_source(void) { hoy__source_kick(&s, HOY__IN); }

static void tell(void)
{
	struct hoy__task *woken;

	news = 1;
	atomic_store(&told, true);
	if ((woken = atomic_load(&waiting)))
		hoy__wake(woken, 0);
}

static const struct scenario any = { "source-any", prepare_any, { wait_any, kick_source }, check_woken, NULL };
static const struct scenario any_event = { "source-any-event", prepare_any, { wait_any, make_readable }, check_woken, NULL };
static const struct scenario any_change = { "source-any-change", prepare_any, { wait_change, kick_source }, check_woken, NULL };
static void prepare_told(void)
{
	prepare_any();
	is_to_be_told = true;
}

static const struct scenario any_told = { "source-any-told", prepare_told, { wait_any, tell }, check_woken, NULL };

/* A task that starts when something happens: once. */
static int started;

static int start(void *arg)
{
	(void)arg;
	started++;
	return 0;
}

static void start_when(void) { code = hoy__source_start_when(&s, HOY__IN, start, NULL, NULL); }

/* As if there had been nothing to read. */
static void prepare_start(void)
{
	prepare(2);
	started = 0;
	hoy__source_drained(&s, HOY__IN, hoy__source_look(&s));
	prepare_task(1, start_when);
}

static void check_started(void) { MODEL_CHECK(code == 0 && started == 1); }

static const struct scenario starting = { "source-start", prepare_start, { run_tasks, kick }, check_started, NULL };
static const struct scenario starting_event = { "source-start-event", prepare_start, { run_tasks, make_readable }, check_started, NULL };

static const struct scenario *const quick[] = { &event, &kicked, &task, &task_kicked, &until, &either, &starting, &starting_event, &settling, &elsewhere, &thread_elsewhere, &waiting_elsewhere, &any, &any_event, &any_told, &any_change, NULL };

int main(int argc, char **argv)
{
	return model_main(quick, NULL, argc, argv);
}
