/*
 * One line for each task. The records are read while their tasks run on: every field
 * read here is atomic, and a line may be a moment out of date but never wrong in kind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "task/report.h"
#include "task/runtime.h"

static const char *const reasons[] = {
	[HOY__WHY_NONE] = "running", [HOY__WHY_READ] = "read", [HOY__WHY_WRITE] = "write",
	[HOY__WHY_ACCEPT] = "accept", [HOY__WHY_CONNECT] = "connect", [HOY__WHY_LOCK] = "another call's turn",
	[HOY__WHY_SLEEP] = "sleep", [HOY__WHY_MUTEX] = "mutex", [HOY__WHY_WAIT_GROUP] = "wait group",
	[HOY__WHY_OFFLOAD] = "offloaded call", [HOY__WHY_SIGNAL] = "signal", [HOY__WHY_PIPE] = "pipe",
	[HOY__WHY_YIELD] = "its turn", [HOY__WHY_LOOKUP] = "a name server", [HOY__WHY_CLOSE] = "close",
	[HOY__WHY_PROXY] = "either side", [HOY__WHY_CHAN] = "channel", [HOY__WHY_SELECT] = "select",
	[HOY__WHY_COND] = "condition", [HOY__WHY_SEMAPHORE] = "semaphore", [HOY__WHY_RWLOCK] = "read-write lock",
};

enum { LINES_MOST = 1000 };

struct dump {
	ssize_t (*write)(int fd, const void *text, size_t len);
	int fd, n, code;
	int64_t now;
};

/* Nothing follows a line that could not be written. */
static void put_line(struct dump *dump, const char *line, int n, size_t size)
{
	ssize_t sent = dump->code < 0 ? dump->code : dump->write(dump->fd, line, (size_t)n < size ? (size_t)n : size - 1);

	if (sent < 0)
		dump->code = (int)sent;
}

static int describe_live(const struct hoy__slot *slot, char *text, size_t size, int64_t now)
{
	const struct hoy__task *task = hoy__slot_task(slot);
	int why = atomic_load_explicit(&task->why, memory_order_relaxed) & ~HOY__WHY_MORTAL;
	int64_t since = atomic_load_explicit(&task->since, memory_order_relaxed);
	const void *object = atomic_load_explicit(&task->object, memory_order_relaxed);

	if (why == HOY__WHY_NONE || (size_t)why >= LEN(reasons))
		return snprintf(text, size, "running");
	if (!object)
		return snprintf(text, size, "waits %.3f s for %s", (double)(now - since) / 1e9, reasons[why]);
	return snprintf(text, size, "waits %.3f s for %s of %p", (double)(now - since) / 1e9, reasons[why], object);
}

static void describe(struct hoy__slot *slot, void *arg)
{
	struct dump *dump = arg;
	const char *name = atomic_load(&slot->name);
	struct hoy__worker *w = atomic_load(&slot->worker);
	char state[128], line[320];
	int n;

	switch (atomic_load(&slot->state)) {
	case HOY__SLOT_LIVE:
		describe_live(slot, state, sizeof state, dump->now);
		break;
	case HOY__SLOT_FREE:
		return;
	case HOY__SLOT_AWAITING:
		snprintf(state, sizeof state, "starts when a connection is readable");
		break;
	default:
		snprintf(state, sizeof state, "not started yet");
	}
	if (dump->n++ >= LINES_MOST)
		return;
	n = snprintf(line, sizeof line, "task %p %s, worker %u: %s; function %p, started at %p\n", (void *)slot,
		     name ? name : "-", w ? w->index : 0, state, (void *)(uintptr_t)slot->fn, slot->site);
	put_line(dump, line, n, sizeof line);
}

static void tell_rest(struct dump *dump)
{
	char line[64];
	int n = snprintf(line, sizeof line, "and %d more\n", dump->n - LINES_MOST);

	put_line(dump, line, n, sizeof line);
}

static int dump_all(struct dump *dump)
{
	dump->now = hoy__os_monotonic();
	hoy__slot_each(describe, dump);
	if (dump->n > LINES_MOST)
		tell_rest(dump);
	return dump->code < 0 ? dump->code : dump->n;
}

int hoy__dump_tasks(int fd)
{
	return dump_all(&(struct dump){ .write = hoy__os->write, .fd = fd });
}

void hoy__tasks_left(int status)
{
	static const char text[] = "hoy: these tasks have not ended within the grace period:\n";
	struct dump dump = { .write = hoy__report_write, .fd = STDERR_FILENO };

	put_line(&dump, text, sizeof text - 1, sizeof text);
	dump_all(&dump);
	_exit(status);
}
