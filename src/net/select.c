/* Connections and listeners as cases of hoy_select. */
#include "fd/select.h"
#include "net/net.h"

/* The time that a call may take (hoy_conn_set_idle) begins here, as for any call. */
static void begin_conn(hoy_case *a)
{
	hoy_conn *c = hoy__fd_of_case(a)->owner;

	if (c->ops) {
		hoy__fd_case_fail(a, HOY_EWRONGKIND);
		return;
	}
	hoy__conn_renew(c, a->kind == HOY_CASE_WRITABLE ? HOY__OUT : HOY__IN);
	hoy__fd_case_begin(a);
}

/* The data, or the room, is the next call's. */
static int take_nothing(hoy_case *a)
{
	(void)a;
	return 0;
}

static const struct hoy__case_ops conn_ops = {
	.begin = begin_conn, .look = hoy__fd_case_look, .take = take_nothing, .watch = hoy__fd_case_watch,
	.has_changed = hoy__fd_case_has_changed, .unwatch = hoy__fd_case_unwatch, .end = hoy__fd_case_end,
};

hoy_case hoy_case_readable(hoy_conn *c)
{
	return c ? hoy__fd_case(HOY_CASE_READABLE, c->fd, &conn_ops) : hoy__case_never();
}

hoy_case hoy_case_writable(hoy_conn *c)
{
	return c ? hoy__fd_case(HOY_CASE_WRITABLE, c->fd, &conn_ops) : hoy__case_never();
}

/* An accept in blocking mode cannot be taken back when another process is faster. */
static void begin_accept(hoy_case *a)
{
	hoy_listener *l = hoy__fd_of_case(a)->owner;

	if (l->ops || l->is_shard || hoy__fd_is(l->fd, HOY__FD_BLOCKING))
		hoy__fd_case_fail(a, HOY_EWRONGKIND);
	else
		hoy__fd_case_begin(a);
}

static int take_conn(hoy_case *a)
{
	return hoy__listener_accept_now(hoy__fd_of_case(a)->owner, a->item);
}

static const struct hoy__case_ops accept_ops = {
	.begin = begin_accept, .look = hoy__fd_case_look, .take = take_conn, .watch = hoy__fd_case_watch,
	.has_changed = hoy__fd_case_has_changed, .unwatch = hoy__fd_case_unwatch, .end = hoy__fd_case_end,
};

hoy_case hoy_case_accept(hoy_listener *l, hoy_conn **conn)
{
	hoy_case a = l ? hoy__fd_case(HOY_CASE_ACCEPT, l->fd, &accept_ops) : hoy__case_never();

	a.item = l ? conn : NULL;
	return a;
}
