/*
 * Proxying: what arrives at one connection is sent to the other, both ways at once. How depends on the connections:
 * proxy_ready.c and proxy_tasks.c.
 */
#include <errno.h>

#include "net/proxy.h"

int hoy__stream_fail(const struct hoy__stream *s, hoy_conn *c, const char *op, const char *call, int code, hoy_err *err)
{
	hoy__conn_fail(c, op, call, code, err);
	if (err)
		err->done = (size_t)*s->moved;
	return code;
}

bool hoy__stream_is_end(const struct hoy__stream *s, ssize_t n)
{
	return n == 0 && !hoy__conn_has_no_end(s->from);
}

static bool is_waited_for_in_calls(const hoy_conn *c)
{
	return c->ops || hoy__fd_is(c->fd, HOY__FD_BLOCKING);
}

/*
 * The limit that hoy_serve sets for each call. The proxying is one long call; what an earlier one left behind as its
 * deadline must not end it.
 */
static hoy_duration take_idle(hoy_conn *c)
{
	for (int d = HOY__IN; c->idle && d <= HOY__OUT; d++)
		if (!c->own_deadline[d])
			hoy__fd_set_deadline(c->fd, (enum hoy__direction)d, HOY__NEVER);
	return c->idle;
}

static hoy_duration shorter(hoy_duration a, hoy_duration b)
{
	return !a || (b && b < a) ? b : a;
}

int hoy_proxy(hoy_conn *a, hoy_conn *b, const hoy_proxy_opts *opts, hoy_err *err)
{
	static const hoy_proxy_opts defaults;
	const hoy_proxy_opts *o = opts ? opts : &defaults;
	hoy_duration idle = shorter(take_idle(a), take_idle(b));
	int64_t moved[2] = { 0 };
	struct hoy__proxy p = {
		.stream = { { a, b, &moved[0] }, { b, a, &moved[1] } }, .idle = o->idle ? o->idle : idle, .err = err,
	};
	int code;

	if (a == b)
		code = hoy__conn_fail(a, "proxy", NULL, -EINVAL, err);
	else
		code = is_waited_for_in_calls(a) || is_waited_for_in_calls(b) ? hoy__proxy_tasks(&p) : hoy__proxy_ready(&p);
	if (o->a_to_b)
		*o->a_to_b = moved[0];
	if (o->b_to_a)
		*o->b_to_a = moved[1];
	return code;
}
