/*
 * Sockets from a service manager, by sd_listen_fds(3): their numbers begin at 3, and three variables say how many there are, for
 * which process, and their names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/handover.h>

#include "net/net.h"

enum { FIRST = 3, MOST = 1024 };

static struct {
	hoy_mutex guard;
	bool marked;		/* all are close-on-exec */
	uint8_t taken[MOST];
} passed;

static long number_in(const char *name)
{
	const char *text = secure_getenv(name);
	char *end;
	long value = text ? strtol(text, &end, 10) : -1;

	return text && *text && !*end ? value : -1;
}

int hoy_activation_count(void)
{
	long n = number_in("LISTEN_FDS");

	if (n <= 0 || number_in("LISTEN_PID") != hoy__os_process())
		return 0;
	n = n < MOST ? n : MOST;
	hoy_mutex_lock(&passed.guard);
	for (int i = 0; i < n && !passed.marked; i++)
		hoy__os_close_on_exec(FIRST + i);
	passed.marked = true;
	hoy_mutex_unlock(&passed.guard);
	return (int)n;
}

/* Is that the i-th of the names with colons between them? */
static bool has_name(int i, const char *name)
{
	const char *at = secure_getenv("LISTEN_FDNAMES");
	size_t len = strlen(name);

	for (; at && i > 0; i--)
		at = (at = strchr(at, ':')) ? at + 1 : NULL;
	return at && strncmp(at, name, len) == 0 && (at[len] == ':' || at[len] == '\0');
}

/* The number of the first that is not taken, has this name, and listens or not; or a code. */
static int take(const char *name, bool listening)
{
	int n = hoy_activation_count(), fd = -ENOENT;

	hoy_mutex_lock(&passed.guard);
	for (int i = 0; i < n && fd < 0; i++) {
		struct hoy__sock_info info = { .listening = false };

		if (passed.taken[i] || (name && !has_name(i, name)))
			continue;
		if (hoy__sock_describe(FIRST + i, &info) < 0 || info.listening != listening)
			continue;
		passed.taken[i] = 1;
		fd = FIRST + i;
	}
	hoy_mutex_unlock(&passed.guard);
	return fd;
}

static void give_back(int fd)
{
	hoy_mutex_lock(&passed.guard);
	passed.taken[fd - FIRST] = 0;
	hoy_mutex_unlock(&passed.guard);
}

static void *fail(const char *name, int code, hoy_err *err)
{
	hoy__fail(err, "activation", name ? name : "", NULL, code);
	return NULL;
}

hoy_listener *hoy_activation_listener(const hoy_listen_config *lc, const char *name, hoy_err *err)
{
	int fd = take(name, true);
	hoy_listener *l = fd < 0 ? fail(name, fd, err) : hoy__listener_adopt(fd, lc, err);

	if (fd >= 0 && !l)
		give_back(fd);
	return l;
}

hoy_conn *hoy_activation_conn(const char *name, hoy_err *err)
{
	int fd = take(name, false);
	hoy_conn *c = fd < 0 ? fail(name, fd, err) : hoy_conn_from_fd(fd, 0, err);

	if (fd >= 0 && !c)
		give_back(fd);
	return c;
}
