/*
 * Tasks: cheap threads of control, Go's goroutines. A started task stays on its OS
 * thread for life, so thread-local variables are safe to use; what the thread
 * shares, errno above all, is stale after every call that may wait.
 *
 * Calls that may wait also work from a plain thread; hoy_go needs a runtime.
 *
 * C++: exceptions belong to the task, so a catch block and a destructor may wait. An exception that
 * leaves a task's function ends the program. What else the language keeps for a thread is shared by its
 * tasks: thread_local objects, the floating-point environment (restore it before a call that may wait),
 * uselocale.
 */
/*
 * fork: the child has the thread that called fork, and nothing else of hoy is running in it.
 * - Outside hoy_run, parent and child go on independently. The child's calls wait, look names up and
 *   may start a hoy_run of their own; resolvers and connections made before the fork work in both,
 *   and a connection's data goes to whichever process reads first, as with any descriptor.
 * - In a task, the child is no task any more: it is a plain thread, which may do all of the above.
 *   The other tasks, what they hold and what waits for them stay with the parent, and so do timers (hoy/timer.h) and the task's
 *   scopes (hoy/group.h). Any group of the thread that forked has no children in the child: hoy_group_wait returns at once, and
 *   hoy_group_free frees it. A task's function
 *   (or one given to hoy_run, hoy_offload or, of hoy/conn.h, hoy_serve) that returns in the child ends it, as return
 *   in main does: with its value as the exit status.
 * - Handlers of hoy_signal_wait are inherited; each process returns the signals that it got itself.
 * - A hoy_mutex, hoy_wait_group (hoy/sync.h), channel or connection that another task or thread was using at the
 *   fork stays as it was, and no one in the child will unlock it: assign {0}, or make another one.
 * - In a callback of hoy's (a trace), or after vfork, the child may only call exec or _exit.
 */
#ifndef HOY_TASK_H
#define HOY_TASK_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/err.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int hoy_fn(void *arg);

typedef struct hoy_run_opts {
	int workers;		/* threads; 0: $HOY_WORKERS, else one per allowed CPU */
	int report_overflow;	/* explain a stack overflow on stderr before dying of it */
	hoy_duration grace;	/* for tasks to end after fn returned; 0: 10 s; negative: none */
	int offload_threads;	/* for hoy_offload, in the ordinary case; 0: 64 */
	int offload_most;	/* and when all of those are stuck; 0: 1024, or offload_threads if that is more */
	int *result;		/* gets fn's value, which is then not returned; NULL: hoy_run returns it */
	/*
	 * The program ignores SIGPIPE (SIG_IGN), and will until hoy_run returns. hoy never lets one through; this spares it two system
	 * calls for each write to a pipe or file, and for each that hoy_copy and hoy_proxy splice.
	 */
	int sigpipe_ignored;
	/* What follows is written to stderr. $HOY_DEBUG asks for each of these too: see hoy/debug.h. */
	int report_deadlock;	/* when no task can ever go on, list them and exit with 70 */
	int report_leaks;	/* at the end: connections, listeners and channels made in this run and not freed, and where */
	int dump_on_quit;	/* list all tasks on SIGQUIT, which then does not end the process */
	hoy_duration report_stalls;	/* tasks that keep their worker for longer than this, with a backtrace; 0: none */
	/*
	 * The path of a control socket, which `hoy top PATH` reads while the run lasts: see hoy/debug.h. "": in the usual place, for
	 * `hoy top PID`. NULL: none, unless $HOY_DEBUG asks for one. hoy_run_with fails when it cannot be made.
	 */
	const char *control;
	uint64_t reserved[2];
} hoy_run_opts;

/*
 * Runs fn(arg) as the first task, on this thread and on as many others as there are
 * CPUs. When fn returns, everything still blocked gets HOY_ECANCELED, and hoy_run
 * returns after the last task has ended. If tasks are left after the grace period,
 * they are listed on stderr and the process exits with 70. A scope (hoy/group.h) of the calling thread does not apply.
 *
 * Returns fn's value; or, without calling fn, a negative code when the runtime cannot
 * start: -EBUSY while another hoy_run is in progress in this process, also one that
 * this call is inside of; -ENOMEM; -EMFILE and -ENFILE for want of the two descriptors
 * that each worker needs. With opts.result the two cannot be taken for each other:
 * *result is fn's value, and 0 is returned; after a negative code *result is unchanged.
 */
int hoy_run(hoy_fn *fn, void *arg);
/* opts NULL is hoy_run. */
int hoy_run_with(const hoy_run_opts *opts, hoy_fn *fn, void *arg);

/*
 * Where a task starts; it stays there. AUTO keeps tasks that were made together on one worker, where waking each other costs
 * nanoseconds. Tasks that are to compute on all CPUs while they wait for each other are better spread.
 */
enum hoy_place {
	HOY_PLACE_AUTO,		/* spread after an accept, else local; an idle worker takes what is not started soon */
	HOY_PLACE_LOCAL,	/* on the caller's worker, never elsewhere */
	HOY_PLACE_SPREAD	/* on the less loaded of two workers chosen at random */
};

/*
 * A task's stack does not grow, and has a guard below it: 64 KiB, or 16 KiB in the smallest class, which
 * are part of the size. Compile with -fstack-clash-protection: then a frame that is too large meets the
 * guard. Without it, a frame larger than the guard (char line[100000]) may step over it, into the stack of
 * another task. $HOY_DEBUG=overflow finds most of these: see hoy/debug.h.
 */
typedef struct hoy_go_opts {
	size_t stack;		/* bytes; rounded up to 64 KiB, 256 KiB, 1 MiB or 8 MiB; 0: 256 KiB */
	const char *name;	/* shown by hoy_dump (hoy/debug.h); static text */
	int place;		/* one of enum hoy_place */
	uint64_t reserved[8];
} hoy_go_opts;

/*
 * Queues fn(arg) as a new task. After 0 nothing can fail any more; after a negative
 * code fn never runs and arg is still the caller's: HOY_ENORUNTIME outside hoy_run, -ENOMEM,
 * -EAGAIN with two million tasks on this worker, -EINVAL for a stack over 8 MiB or an unknown place.
 */
int hoy_go(hoy_fn *fn, void *arg);
/* opts NULL is hoy_go. */
int hoy_go_with(const hoy_go_opts *opts, hoy_fn *fn, void *arg);
/* As hoy_go, with a copy of the len bytes at arg that lives as long as the task. -E2BIG: over 16 KiB. */
int hoy_go_copy(hoy_fn *fn, const void *arg, size_t len);

/* Lets the other ready tasks of this worker run first. */
void hoy_yield(void);
/*
 * Waits for d, and lets other tasks run; 0 or negative: no longer than that takes. 0; or HOY_ECANCELED in a scope that is over
 * (hoy/group.h), whatever d is, so hoy_sleep(0) finds out about that. Go's time.Sleep.
 */
int hoy_sleep(hoy_duration d);

typedef struct hoy_offload_opts {
	hoy_time deadline;	/* to be given a thread; {0}: none */
	/*
	 * Where fn's value goes: the call then returns 0 when fn has run, and a negative value is
	 * hoy's. NULL: the call returns fn's value or hoy's code.
	 */
	int *result;
	uint64_t reserved[8];
} hoy_offload_opts;

/*
 * Runs fn(arg) on a thread aside, so that it may block in the C library or compute for long, waits
 * for it, and returns its value. A plain thread runs fn itself.
 *
 * A run has 64 threads for these calls (hoy_run_opts.offload_threads), started on demand and ended
 * after ten idle seconds; more calls queue. When all threads have been busy for 100 ms without one
 * of them coming free, their number doubles, up to 1,024 (offload_most), since the calls under way
 * may be waiting for one that is queued. hoy's own calls that block (files, shared pipes, closes
 * that linger) have threads of their own, as many again for each of the two kinds.
 *
 * A negative code of hoy's means that fn never ran and arg is as it was: HOY_ETIMEOUT past the
 * deadline, HOY_ECANCELED when the call was queued for 100 ms in a cancelled scope, -EAGAIN when the
 * system gives no thread, or when without a deadline nothing in the queue has moved for ten seconds
 * although there are offload_most threads. A call that has started is waited for, whatever comes: it
 * cannot be interrupted. opts NULL: the defaults.
 */
int hoy_offload(hoy_fn *fn, void *arg);
int hoy_offload_with(const hoy_offload_opts *opts, hoy_fn *fn, void *arg);
/*
 * Waits for one of n signals and returns its number, or a negative code. The first
 * call for a signal installs a handler, which stays until hoy_run returns; a signal
 * that arrives between two calls is not lost.
 */
int hoy_signal_wait(const int *signals, size_t n);
/* Names the calling task in dumps; static text. */
void hoy_set_name(const char *name);

#ifdef __cplusplus
}
#endif
#endif
