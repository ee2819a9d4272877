/*
 * Looking inside a running program. Nothing here is needed to write one.
 *
 * Read from the environment, unless the program runs with more rights than its caller:
 * $HOY_DEBUG=overflow	a stack overflow is explained on stderr (as by report_overflow of hoy/task.h), and
 *			each stack has a guard larger by 1 MiB, which stops frames that step over the usual one
 * $HOY_GUARD=KIND	madvise, mprotect or canary: what guards are made of, instead of the best that works
 * $HOY_WORKERS=N	threads of a run
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
 * tables that compilers write by default: a program linked with -static needs -Wl,--eh-frame-hdr as well. A task that runs has
 * none, unless it is the caller.
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
