/*
 * A server has thousands of tasks and few places where they wait, so tasks with equal backtraces are listed together, followed
 * by the backtrace. Of each such group the first hundred are listed, and a thousand in all; the others are counted. What this
 * needs is mapped memory: the allocator's lock may be held by a thread that a debugger has stopped.
 */
#include "task/dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "os/os.h"
#include "os/symbol.h"
#include "task/report.h"
#include "task/runtime.h"

enum { GROUPS = 1024, ENTRIES = 2048, LINES_MOST = 1000, LINES_OF_GROUP = 100 };

struct entry {
	struct entry *next;
	struct hoy__task_info info;	/* but for the frames, which are the group's */
};

struct group {
	unsigned count, listed;
	bool printed;
	struct hoy__task_info like;	/* the first */
	struct entry *first, **last;
};

struct dump {
	unsigned groups, entries, ungrouped;
	struct group group[GROUPS];
	struct entry entry[ENTRIES];
};

/* ---- collecting ---- */

static bool is_like(const struct hoy__task_info *a, const struct hoy__task_info *b)
{
	return a->depth == b->depth && a->state == b->state && a->why == b->why && a->site == b->site && a->fn == b->fn &&
	       (a->id == 0) == (b->id == 0) && memcmp(a->frame, b->frame, a->depth * sizeof *a->frame) == 0;
}

static struct group *group_of(struct dump *d, const struct hoy__task_info *info)
{
	struct group *g = d->group;

	for (; g < d->group + d->groups; g++)
		if (is_like(&g->like, info))
			return g;
	if (d->groups == GROUPS)
		return NULL;
	d->groups++;
	g->like = *info;
	g->last = &g->first;
	return g;
}

static void collect(const struct hoy__task_info *info, void *arg)
{
	struct dump *d = arg;
	struct group *g = group_of(d, info);
	struct entry *e;

	if (!g) {
		d->ungrouped++;
		return;
	}
	g->count++;
	if (g->listed == LINES_OF_GROUP || d->entries == ENTRIES)
		return;
	g->listed++;
	e = &d->entry[d->entries++];
	e->info = *info;
	*g->last = e;
	g->last = &e->next;
}

/* ---- writing ---- */

struct writer {
	hoy__write_fn *write;
	int fd, code;		/* nothing follows what could not be written */
	unsigned lines;		/* left for tasks */
	struct hoy__symbols symbols;
};

static void put(struct writer *w, const char *text, size_t len)
{
	while (len > 0 && w->code == 0) {
		ssize_t n = w->write(w->fd, text, len);

		if (n < 0)
			w->code = (int)n;
		else
			text += n, len -= (size_t)n;
	}
}

/* The place of the call that returns there. */
static char *caller(const struct hoy__symbols *symbols, const void *address, char text[HOY__SYMBOL])
{
	return hoy__symbol_text(symbols, (uintptr_t)address - 1, text);
}

static int put_state(const struct hoy__task_info *info, char *text, size_t size)
{
	int64_t now = hoy__os_monotonic();
	double waited = now > info->since ? (double)(now - info->since) / 1e9 : 0;
	const char *between = info->detail[0] ? ": " : "";

	switch (info->state) {
	case HOY__TASK_WAITING:
		return snprintf(text, size, "waits %.3f s for %s%s%s", waited, hoy__why_name(info->why), between, info->detail);
	case HOY__TASK_READY:
		return snprintf(text, size, "waits %.3f s for its turn", waited);
	case HOY__TASK_AWAITING:
		return snprintf(text, size, "starts when a connection is readable%s%s", between, info->detail);
	case HOY__TASK_RUNNING:
		return snprintf(text, size, "running");
	default:
		return snprintf(text, size, "not started yet");
	}
}

static int put_stack(const struct hoy__task_info *info, char *text, size_t size)
{
	if (info->stack_used)
		return snprintf(text, size, "; %.1f of %zu KiB of stack", (double)info->stack_used / 1024, info->stack_size >> 10);
	return 0;
}

char *hoy__task_line(const struct hoy__task_info *info, const struct hoy__symbols *symbols, char text[HOY__TASK_LINE])
{
	char function[HOY__SYMBOL], site[HOY__SYMBOL];
	size_t size = HOY__TASK_LINE;
	int n;

	if (!info->id) {
		n = snprintf(text, size, "a plain thread ");
		put_state(info, text + n, size - (size_t)n);
		return text;
	}
	n = snprintf(text, size, "task %" PRIu64 " %.64s, worker %u: ", info->id, info->name ? info->name : "-", info->worker);
	n += put_state(info, text + n, size - (size_t)n);
	n += put_stack(info, text + n, size - (size_t)n);
	snprintf(text + n, size - (size_t)n, "; function %s, started at %s",
		 hoy__symbol_text(symbols, (uintptr_t)info->fn, function), caller(symbols, info->site, site));
	return text;
}

static void put_entry(struct writer *w, const struct hoy__task_info *info)
{
	char line[HOY__TASK_LINE + 1];
	size_t len = strlen(hoy__task_line(info, &w->symbols, line));

	line[len++] = '\n';
	put(w, line, len);
}

static void put_frames(struct writer *w, const struct hoy__task_info *info)
{
	char symbol[HOY__SYMBOL], line[HOY__SYMBOL + 16];

	for (unsigned i = 0; i < info->depth; i++)
		put(w, line, (size_t)snprintf(line, sizeof line, "    at %s\n", caller(&w->symbols, info->frame[i], symbol)));
}

static void put_rest(struct writer *w, unsigned more)
{
	char line[64];

	if (more)
		put(w, line, (size_t)snprintf(line, sizeof line, "and %u more\n", more));
}

static void put_group(struct writer *w, const struct group *g)
{
	unsigned listed = 0;

	for (const struct entry *e = g->first; e && w->lines > 0; e = e->next, w->lines--, listed++)
		put_entry(w, &e->info);
	put_rest(w, g->count - listed);
	put_frames(w, &g->like);
}

/* The largest comes first. */
static struct group *next_group(struct dump *d)
{
	struct group *largest = NULL;

	for (struct group *g = d->group; g < d->group + d->groups; g++)
		if (!g->printed && (!largest || g->count > largest->count))
			largest = g;
	return largest;
}

static void put_all(struct writer *w, struct dump *d)
{
	struct group *g;

	hoy__symbols_open(&w->symbols);
	while ((g = next_group(d))) {
		g->printed = true;
		put_group(w, g);
	}
	put_rest(w, d->ungrouped);
	hoy__symbols_close(&w->symbols);
}

int hoy__dump_tasks(hoy__write_fn *write, int fd)
{
	struct writer w = { .write = write, .fd = fd, .lines = LINES_MOST };
	void *at;
	int code = hoy__os_map(sizeof(struct dump), &at);
	unsigned n;

	if (code < 0)
		return code;
	n = hoy__inspect(collect, at);
	put_all(&w, at);
	hoy__os_unmap(at, sizeof(struct dump));
	return w.code < 0 ? w.code : (int)n;
}

int hoy__dump_task(const struct hoy__task_info *info, hoy__write_fn *write, int fd)
{
	struct writer w = { .write = write, .fd = fd };

	hoy__symbols_open(&w.symbols);
	put_entry(&w, info);
	put_frames(&w, info);
	hoy__symbols_close(&w.symbols);
	return w.code;
}

void hoy__tasks_left(int status)
{
	static const char text[] = "hoy: these tasks have not ended within the grace period:\n";

	hoy__report_write(STDERR_FILENO, text, sizeof text - 1);
	hoy__dump_tasks(hoy__report_write, STDERR_FILENO);
	_exit(status);
}
