/*
 * Waiting without a stack. The poller starts a task instead of resuming one. Until then
 * the read lock stays taken, so nobody else reads meanwhile, and close finds somebody
 * inside to wake.
 */
#include <errno.h>

#include "net/net.h"

struct when {
	hoy_conn *conn;
	hoy_fn *fn;
	void *arg;
};

static int ready(void *at)
{
	struct when w = *(struct when *)at;

	hoy__release(at);
	hoy__fd_leave(w.conn->fd, HOY__IN);
	return w.fn(w.arg);
}

static int start_when(hoy_conn *c, struct when *w, const void *site)
{
	int code = hoy__fd_enter(c->fd, HOY__IN);

	if (code < 0)
		return code;
	code = hoy__fd_start_when(c->fd, ready, w, site);
	if (code < 0)
		hoy__fd_leave(c->fd, HOY__IN);
	return code;
}

NOTES_CALLER int hoy_when_readable(hoy_conn *c, int (*fn)(void *arg), void *arg, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);
	bool can = !c->ops && !hoy__fd_is(c->fd, HOY__FD_BLOCKING);
	struct when *w = can ? hoy__alloc(sizeof *w) : NULL;
	int code = begun < 0 ? begun : !can ? HOY_EWRONGKIND : !w ? -ENOMEM : 0;

	if (code == 0) {
		*w = (struct when){ c, fn, arg };
		code = start_when(c, w, __builtin_return_address(0));
	}
	if (code < 0)
		hoy__release(w);
	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "read", NULL, code, err);
}
