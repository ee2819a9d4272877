#include "debug/snapshot.h"

#include <errno.h>
#include <string.h>

#include <hoy/debug.h>

#include "base/base.h"
#include "base/moment.h"
#include "fd/fd.h"
#include "ip/network.h"
#include "ip/path.h"
#include "os/os.h"
#include "os/symbol.h"
#include "sock/sock.h"
#include "sock/traffic.h"
#include "task/inspect.h"

enum { NAMES = 64 };

/* Thousands of tasks have few functions, and finding a name takes long: each place of the table keeps the last one. */
struct names {
	struct hoy__symbols symbols;
	struct {
		uintptr_t pc;
		char text[HOY__SYMBOL];
	} known[NAMES];
};

struct picture {
	struct hoy__json *json;
	struct names *names;
	unsigned parts;
	hoy__hidden *is_hidden;
	int64_t now;
};

static const char *name_of(struct names *n, uintptr_t pc)
{
	size_t i = pc / 4 % NAMES;

	if (n->known[i].pc != pc)
		hoy__symbol_text(&n->symbols, n->known[i].pc = pc, n->known[i].text);
	return n->known[i].text;
}

/* "handle (program+0x12a3)" of "handle+0x0 (program+0x12a3)" */
static void put_function(struct picture *p, const char *key, uintptr_t pc)
{
	const char *text = name_of(p->names, pc), *plus = strchr(text, '+');
	char name[HOY__SYMBOL];
	size_t len = plus && strchr(plus, ' ') ? (size_t)(plus - text) : strlen(text);

	memcpy(name, text, len);
	name[len] = '\0';
	hoy__json_text(p->json, key, name);
}

/* The place of the call that returns there. */
static void put_call(struct picture *p, const char *key, const void *address)
{
	hoy__json_text(p->json, key, name_of(p->names, (uintptr_t)address - 1));
}

static void put_wait(struct picture *p, const struct hoy__task_info *info)
{
	struct hoy__json *j = p->json;

	hoy__json_text(j, "waits_for", info->state == HOY__TASK_READY ? "its turn" : hoy__why_name(info->why));
	if (info->detail[0])
		hoy__json_text(j, "detail", info->detail);
	hoy__json_number(j, "waited_us", info->since < p->now ? (uint64_t)hoy__moment_sub(p->now, info->since) / 1000 : 0);
	if (info->deadline != HOY__NEVER)
		hoy__json_number(j, "deadline_us", info->deadline > p->now ? (uint64_t)hoy__moment_sub(info->deadline, p->now) / 1000 : 0);
}

static void put_frames(struct picture *p, const struct hoy__task_info *info)
{
	hoy__json_open(p->json, "frames", '[');
	for (unsigned i = 0; i < info->depth; i++)
		put_call(p, NULL, info->frame[i]);
	hoy__json_close(p->json, ']');
}

static void put_task(const struct hoy__task_info *info, void *arg)
{
	struct picture *p = arg;
	struct hoy__json *j = p->json;

	hoy__json_open(j, NULL, '{');
	hoy__json_number(j, "id", info->id);
	hoy__json_text(j, "state", hoy__state_name(info->state));
	if (info->name)
		hoy__json_text(j, "name", info->name);
	if (info->id) {
		hoy__json_number(j, "worker", info->worker);
		put_function(p, "function", (uintptr_t)info->fn);
		put_call(p, "started_at", info->site);
		hoy__json_number(j, "runs", info->runs);
	}
	if (info->stack_size)
		hoy__json_number(j, "stack_bytes", info->stack_size);
	if (info->stack_used)
		hoy__json_number(j, "stack_used_bytes", info->stack_used);
	if (info->state == HOY__TASK_WAITING || info->state == HOY__TASK_READY)
		put_wait(p, info);
	if (p->parts & HOY__PART_FRAMES)
		put_frames(p, info);
	hoy__json_close(j, '}');
}

static void put_tasks(struct picture *p)
{
	hoy__json_open(p->json, "tasks", '[');
	hoy__inspect(put_task, p);
	hoy__json_close(p->json, ']');
}

static void put_address(struct hoy__json *j, const char *key, const hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];

	if (addr->kind != HOY_ADDR_NONE && !(hoy__is_unix(addr->kind) && hoy__path_len(addr) == 0))
		hoy__json_text(j, key, hoy_addr_string(addr, text));
}

static void put_traffic(struct hoy__json *j, int sys)
{
	struct hoy__traffic traffic;

	if (hoy__sock_traffic(sys, &traffic) < 0)
		return;
	hoy__json_number(j, "received_bytes", traffic.received);
	hoy__json_number(j, "sent_bytes", traffic.sent);
}

static void put_connection(struct hoy__fd *fd, void *arg)
{
	struct picture *p = arg;
	struct hoy__json *j = p->json;
	int sys = hoy__fd_sys(fd);
	struct hoy__sock_info info;
	hoy_addr local, remote;

	if (!hoy__fd_is(fd, HOY__FD_SOCKET) || p->is_hidden(fd))
		return;
	if (hoy__sock_describe(sys, &info) < 0 || info.kind == HOY_ADDR_NONE)
		return;
	hoy__sock_local(sys, info.kind, &local);
	hoy__sock_remote(sys, info.kind, &remote);
	hoy__json_open(j, NULL, '{');
	hoy__json_number(j, "descriptor", (uint64_t)sys);
	hoy__json_text(j, "network", hoy__network_of(info.kind, 0)->name);
	put_address(j, "local", &local);
	put_address(j, "remote", &remote);
	if (info.listening)
		hoy__json_number(j, "listens", 1);
	else if (info.kind == HOY_ADDR_TCP)
		put_traffic(j, sys);
	hoy__json_close(j, '}');
}

static void put_connections(struct picture *p)
{
	hoy__json_open(p->json, "connections", '[');
	hoy__fd_each(put_connection, p);
	hoy__json_close(p->json, ']');
}

static void put_stats(struct hoy__json *j)
{
	struct hoy_stats s;

	hoy_stats(&s);
	hoy__json_open(j, "stats", '{');
	hoy__json_number(j, "tasks", s.tasks);
	hoy__json_number(j, "started", s.started);
	hoy__json_number(j, "switches", s.switches);
	hoy__json_number(j, "steals", s.steals);
	hoy__json_number(j, "polls", s.polls);
	hoy__json_number(j, "sleeps", s.sleeps);
	hoy__json_number(j, "wakes", s.wakes);
	hoy__json_number(j, "stalls", s.stalls);
	hoy__json_close(j, '}');
}

static void put_process(struct hoy__json *j, int64_t now)
{
	struct hoy_runtime_info info;

	hoy_runtime_info(&info);
	hoy__json_number(j, "v", 1);
	hoy__json_text(j, "version", hoy_version());
	hoy__json_number(j, "pid", (uint64_t)hoy__os_process());
	hoy__json_number(j, "now_us", (uint64_t)now / 1000);
	hoy__json_number(j, "workers", (uint64_t)info.workers);
}

static void put_parts(struct picture *p)
{
	put_process(p->json, p->now);
	if (p->parts & HOY__PART_STATS)
		put_stats(p->json);
	if (p->parts & HOY__PART_TASKS)
		put_tasks(p);
	if (p->parts & HOY__PART_CONNECTIONS)
		put_connections(p);
}

void hoy__snapshot(struct hoy__json *j, unsigned parts, hoy__hidden *is_hidden)
{
	struct picture p = {
		.json = j, .parts = parts, .is_hidden = is_hidden, .now = hoy__os_monotonic(), .names = hoy__alloc(sizeof *p.names),
	};

	if (!p.names) {
		j->code = -ENOMEM;
		return;
	}
	hoy__symbols_open(&p.names->symbols);
	hoy__json_open(j, NULL, '{');
	put_parts(&p);
	hoy__json_close(j, '}');
	hoy__json_end(j);
	hoy__symbols_close(&p.names->symbols);
	hoy__release(p.names);
}
