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
 * hoy_serve's limit for each call is one for the proxying as a whole: meanwhile no call has one, and what an earlier one
 * left behind as its deadline is taken away.
 */
static hoy_duration take_idle(hoy_conn *c)
{
	hoy_duration idle = c->idle;

	if (idle && !c->own_deadline[HOY__IN])
		hoy_conn_set_read_deadline(c, (hoy_time){ 0 }, NULL);
	if (idle && !c->own_deadline[HOY__OUT])
		hoy_conn_set_write_deadline(c, (hoy_time){ 0 }, NULL);
	c->idle = 0;
	return idle;
}

static hoy_duration shorter(hoy_duration a, hoy_duration b)
{
	return !a || (b && b < a) ? b : a;
}

/* The header of an accepted connection is not part of its data. */
static int await_header(hoy_conn *c, hoy_err *err)
{
	return atomic_load(&c->proxy_state) ? hoy_proxy_header_await(c, err) : 0;
}

static int run(struct hoy__proxy *p, hoy_conn *a, hoy_conn *b, hoy_duration idle)
{
	hoy_duration idle_of_a = take_idle(a), idle_of_b = take_idle(b);
	int code;

	p->idle = idle ? idle : shorter(idle_of_a, idle_of_b);
	code = is_waited_for_in_calls(a) || is_waited_for_in_calls(b) ? hoy__proxy_tasks(p) : hoy__proxy_ready(p);
	a->idle = idle_of_a;
	b->idle = idle_of_b;
	return code;
}

int hoy_proxy(hoy_conn *a, hoy_conn *b, const hoy_proxy_opts *opts, hoy_err *err)
{
	static const hoy_proxy_opts defaults;
	const hoy_proxy_opts *o = opts ? opts : &defaults;
	int64_t moved[2] = { 0 };
	struct hoy__proxy p = { .stream = { { a, b, &moved[0] }, { b, a, &moved[1] } }, .err = err };
	int code = a == b ? hoy__conn_fail(a, "proxy", NULL, -EINVAL, err) : await_header(a, err);

	if (code == 0)
		code = await_header(b, err);
	if (code == 0)
		code = run(&p, a, b, o->idle);
	if (o->a_to_b)
		*o->a_to_b = moved[0];
	if (o->b_to_a)
		*o->b_to_a = moved[1];
	return code;
}
