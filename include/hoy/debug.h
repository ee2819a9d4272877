/*
 * Looking inside a running program. Nothing here is needed to write one.
 *
 * Read from the environment, unless the program runs with more rights than its caller:
 * $HOY_GUARD=KIND	madvise, mprotect or canary: what guards are made of, instead of the best that works
 * $HOY_WORKERS=N	threads of a run
 * $HOY_DEBUG=WORDS	any of these words with commas between them. Reports are written to stderr.
 *	overflow	Explains a stack overflow (as report_overflow of hoy/task.h), and makes the guard below each stack larger by 1 MiB,
 *			which stops frames that step over the usual one.
 *	deadlock	When every task waits for another one, and nothing is left that could wake one, lists the tasks and exits with 70
 *			(report_deadlock). It is reported only if it is certain: not while any task runs, sleeps, has a deadline or waits for a
 *			descriptor or a signal, while a call of hoy_offload (hoy/task.h) runs, nor while the process has a thread that hoy does not
 *			know or that does not itself wait in hoy for good. A signal handler may not call hoy.
 *	leaks		When the function of hoy_run (hoy/task.h) returns, lists the tasks that are left; at the end of the run, lists what was made
 *			in it and is not freed: connections, listeners and channels, each with the calls that made it (report_leaks).
 *	quit		Lists the tasks, as hoy_dump does, when SIGQUIT comes (Ctrl-\); the program goes on (dump_on_quit).
 *	stall=100ms	Reports each task that keeps its worker for longer than that, with its backtrace (report_stalls). "ms" or "s"; 100 ms if
 *			nothing is said.
 *	control=PATH	Opens a control socket at that path, for hoy top PATH (control). Without =PATH it is hoy-PID.sock in
 *			$XDG_RUNTIME_DIR, or in /tmp if that is not set, for hoy top PID.
 *
 * With deadlock, quit or stall a thread watches the run. To see where a task is that runs, it stops the task's thread for a moment by
 * SIGURG, if the program does not handle that signal: a system call may then end with EINTR that does not otherwise.
 */
/*
 * The control socket, which hoy_run_opts.control (hoy/task.h) or $HOY_DEBUG=control asks for, is a stream socket that exists while
 * hoy_run does. Its file has mode 0600, and only the process' own user and root are answered. A
 * thread of its own serves it, one client after the other, also while the workers are stuck. A line is a request, and each is answered with
 * one line, a JSON object:
 *
 *	stats		the counters of hoy_stats
 *	tasks		each task, and each plain thread that waits in a call of hoy's: id (0: a thread), state, name, function, started_at,
 *			worker, runs (how often it has run), stack_bytes, stack_used_bytes; of one that waits: waits_for, detail,
 *			waited_us, deadline_us (from now)
 *	backtraces	the same, with frames: where its calls return to, innermost first
 *	connections	each open socket: descriptor, network, local, remote, listens (1); of a TCP connection received_bytes and sent_bytes, as
 *			the system counts them
 *	snapshot	stats, tasks and connections
 *
 * Each has v (1: inside of a version, members are only added), version, pid, now_us (of the monotonic clock) and workers. What is not known
 * is left out. Another line is answered with an object that has v and error. A client that sends nothing for a second is
 * disconnected.
 */
#ifndef HOY_DEBUG_H
#define HOY_DEBUG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
const char *hoy_version(void);

/*
 * Writes a line for each task to the descriptor: its id, which no other task of the run has, its name and worker; what it
 * waits for (a descriptor with both its addresses, a channel, a lock, the name server of a lookup) and since when; how much of its stack it
 * uses; its function, and where it was started. Then come plain threads that wait in a call of hoy's. The number of tasks, or a
 * negative code.
 *
 * Below tasks that wait at the same place is the backtrace that they have in common. Of such a group a hundred are listed, in all
 * a thousand, and the others counted. What is in parentheses is for addr2line -e PROGRAM. Backtraces are read from the unwind
 * tables that compilers write by default: a program linked with -static needs -Wl,--eh-frame-hdr as well, and in a C library without such tables, as musl is, a backtrace ends. A task that runs has
 * none, unless it is the caller, or $HOY_DEBUG says quit or stall.
 *
 * Nothing is stopped, no lock of a task is taken and nothing is allocated, so a debugger may call it. The descriptor is written
 * to as it is: a full pipe blocks the calling thread.
 */
int hoy_dump(int fd);

struct hoy_runtime_info {
	int workers;		/* threads that run tasks; 0 outside a runtime */
	const char *guard;	/* "madvise", "mprotect" or "canary" */
	const char *poller;	/* "epoll" */
	uint64_t reserved[8];
};

void hoy_runtime_info(struct hoy_runtime_info *info);

struct hoy_stats {
	uint64_t tasks;		/* alive now, queued ones included */
	uint64_t started;	/* since the runtime began */
	uint64_t switches;	/* times a task was resumed */
	uint64_t steals;	/* tasks that started on another worker than they were queued on */
	uint64_t polls;		/* times a worker asked the system for events */
	uint64_t sleeps;	/* … and was ready to wait for them */
	uint64_t wakes;		/* wake-ups written to sleeping workers */
	uint64_t stalls;	/* tasks that kept a worker for more than 20 ms */
	uint64_t reserved[8];
};

/* Sums the workers' counters; they move while they are read. */
void hoy_stats(struct hoy_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
