/* Connections and listeners in words, for the report of those that a run has left. */
#include <stdio.h>

#include <hoy/err.h>

#include "net/net.h"
#include "task/leaks.h"

static void describe(struct hoy__fd *fd, const char *network, char *text, size_t size)
{
	int n;

	if (hoy__fd_check(fd, HOY__IN) == HOY_ECLOSED) {
		snprintf(text, size, ", closed");
	} else if (hoy__fd_is(fd, HOY__FD_NONE)) {
		snprintf(text, size, ", %s", network ? network : "user-made");
	} else {
		n = snprintf(text, size, ", descriptor %d", hoy__fd_sys(fd));
		hoy__sock_text(hoy__fd_sys(fd), text + n, size - (size_t)n);
	}
}

static void describe_conn(const void *object, char *text, size_t size)
{
	const hoy_conn *c = object;

	describe(c->fd, c->network, text, size);
}

static void describe_listener(const void *object, char *text, size_t size)
{
	const hoy_listener *l = object;

	describe(l->fd, l->network, text, size);
}

const struct hoy__leak_kind hoy__leak_conn = { "connection", describe_conn };
const struct hoy__leak_kind hoy__leak_listener = { "listener", describe_listener };
