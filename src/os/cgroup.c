/*
 * /proc/self/cgroup names the group, in version 2 by a line `0::/path`, in version 1 by
 * `4:cpu,cpuacct:/path`. Every group from there up to the root may set a quota, and the
 * tightest counts. In a container the path may be the host's and not exist here: then
 * its upper parts are missing too, and the root that is mounted tells the truth.
 */
#include "os/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"

enum { UNLIMITED = 0, PATH_ROOM = 4096 };

struct path {
	char text[PATH_ROOM];
	size_t len;
	bool bad;
};

static void append(struct path *p, const char *text, size_t len)
{
	if (len >= sizeof p->text - p->len) {
		p->bad = true;
		return;
	}
	memcpy(p->text + p->len, text, len);
	p->text[p->len += len] = 0;
}

/* Files in /proc may come in pieces; what does not fit is left off. False if there is nothing. */
static bool read_text(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd = hoy__os_open(path, O_RDONLY);

	if (fd < 0)
		return false;
	while (len < size - 1 && (n = hoy__os_read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	hoy__os_close(fd);
	buf[len] = 0;
	return len > 0;
}

/* The file `name` in the group, with as many numbers as wanted; "max" and -1 are no numbers. */
static bool read_numbers(const struct path *group, const char *name, int64_t *out, int wanted)
{
	struct path file = *group;
	char text[64], *at = text;

	append(&file, name, strlen(name));
	if (file.bad || !read_text(file.text, text, sizeof text))
		return false;
	for (int i = 0; i < wanted; i++) {
		char *end;

		out[i] = strtoll(at, &end, 10);
		if (end == at || out[i] <= 0)
			return false;
		at = end;
	}
	return true;
}

static int cpus(int64_t quota, int64_t period)
{
	int64_t up = (quota - 1) / period + 1;

	return up < INT_MAX ? (int)up : UNLIMITED;
}

static int quota_v2(const struct path *group)
{
	int64_t n[2];

	return read_numbers(group, "/cpu.max", n, 2) ? cpus(n[0], n[1]) : UNLIMITED;
}

static int quota_v1(const struct path *group)
{
	int64_t quota, period;

	if (!read_numbers(group, "/cpu.cfs_quota_us", &quota, 1)
	    || !read_numbers(group, "/cpu.cfs_period_us", &period, 1))
		return UNLIMITED;
	return cpus(quota, period);
}

static int tighter(int a, int b)
{
	if (a == UNLIMITED || b == UNLIMITED)
		return a + b;
	return a < b ? a : b;
}

/* To the group above; false at the top. */
static bool go_up(struct path *p, size_t top)
{
	char *slash = strrchr(p->text + top, '/');

	if (!slash)
		return false;
	*slash = 0;
	p->len = (size_t)(slash - p->text);
	return true;
}

static int walk(const char *root, const char *mount, const char *group, size_t len,
		int (*quota)(const struct path *group))
{
	struct path p = { .len = 0 };
	int limit = UNLIMITED;

	append(&p, root, strlen(root));
	append(&p, mount, strlen(mount));
	size_t top = p.len;
	append(&p, group, len);
	if (p.bad)
		return UNLIMITED;
	do
		limit = tighter(limit, quota(&p));
	while (go_up(&p, top));
	return limit;
}

static bool has_controller(const char *list, size_t len, const char *name)
{
	size_t want = strlen(name);

	for (const char *end = list + len; list < end; ) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t item = (size_t)((comma ? comma : end) - list);

		if (item == want && !memcmp(list, name, want))
			return true;
		list += item + 1;
	}
	return false;
}

/* One line of /proc/self/cgroup: number ':' controllers ':' path. */
static int line_limit(const char *root, const char *line, size_t len)
{
	const char *end = line + len;
	const char *list = memchr(line, ':', len);
	const char *path = list ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;

	if (!path)
		return UNLIMITED;
	list++;
	size_t list_len = (size_t)(path++ - list), path_len = (size_t)(end - path);

	if (!list_len)
		return walk(root, "/sys/fs/cgroup", path, path_len, quota_v2);
	if (has_controller(list, list_len, "cpu"))
		return walk(root, "/sys/fs/cgroup/cpu", path, path_len, quota_v1);
	return UNLIMITED;
}

int hoy__os_cpu_limit(const char *root)
{
	struct path file = { .len = 0 };
	char text[8192];
	int limit = UNLIMITED;

	append(&file, root, strlen(root));
	append(&file, "/proc/self/cgroup", strlen("/proc/self/cgroup"));
	if (file.bad || !read_text(file.text, text, sizeof text))
		return UNLIMITED;
	for (const char *line = text; *line; ) {
		size_t len = strcspn(line, "\n");

		limit = tighter(limit, line_limit(root, line, len));
		line += len + (line[len] == '\n');
	}
	return limit;
}
