/*
 * The accept loop that every server grows into: a task for each connection, pauses when
 * the system is out of something, a limit, and an orderly end. Whatever the loop waits
 * for beside accept itself (a place, the end of a pause, the last connection), whoever
 * changes it wakes the one task that looks.
 */
#include <errno.h>
#include <stdatomic.h>

#include <hoy/task.h>

#include "net/net.h"
#include "base/moment.h"
#include "os/fork.h"
#include "task/scope_joined.h"

/*
 * One word, so that a connection that ends counts itself out and sees in the same step whether the loop waits for
 * that: after this step the record may be gone. The loop accepts, and is left alone, as long as it does not wait.
 */
enum { LOOP_WAITS = 1, ONE = 2 };

/* How long a handshake may take that was under way at a close. */
#define HANDSHAKE (10 * HOY_MILLISECOND)

struct hoy__serve {
	hoy_listener *listener;
	void (*fn)(hoy_conn *conn, void *arg);
	void *arg;
	const hoy_serve_opts *opts;
	struct hoy__task *task;		/* in the loop */
	atomic_uint conns_served;	/* in steps of ONE, and LOOP_WAITS; without connections the record may go */
	hoy_scope scope;		/* of all calls of fn */
	hoy_mutex guard;
	hoy_conn *conns;
	struct hoy__serve *next;	/* on the same listener */
};

static bool is_open(struct hoy__serve *s)
{
	return hoy__fd_check(s->listener->fd, HOY__IN) != HOY_ECLOSED;
}

static bool is_at_limit(struct hoy__serve *s)
{
	return s->opts->max_conns > 0 && atomic_load(&s->conns_served) / ONE >= (unsigned)s->opts->max_conns;
}

static bool is_full(struct hoy__serve *s)
{
	return is_at_limit(s) && is_open(s);
}

static bool is_busy(struct hoy__serve *s)
{
	return atomic_load(&s->conns_served) / ONE > 0;
}

static int wait_while(struct hoy__serve *s, bool (*holds)(struct hoy__serve *s), unsigned why, int64_t deadline)
{
	int code = 0;

	if (!holds(s))
		return 0;
	atomic_fetch_or(&s->conns_served, LOOP_WAITS);
	while (code == 0 && holds(s)) {
		hoy__arm(s->task);
		if (holds(s) || !hoy__disarm(s->task))
			code = hoy__park(why, s, deadline);
	}
	atomic_fetch_and(&s->conns_served, ~(unsigned)LOOP_WAITS);
	return code;
}

void hoy__serve_wake(hoy_listener *l)
{
	hoy_mutex_lock(&l->guard);
	for (struct hoy__serve *s = l->serves; s; s = s->next)
		hoy__wake(s->task, 0);
	hoy_mutex_unlock(&l->guard);
}

/* While it accepts, the listener knows of it, and stays in memory. */
static int join(struct hoy__serve *s)
{
	hoy_listener *l = s->listener;
	int code = s->task ? hoy__fd_hold(l->fd) : hoy__self_failure();

	if (code < 0)
		return code;
	hoy_mutex_lock(&l->guard);
	s->next = l->serves;
	l->serves = s;
	hoy_mutex_unlock(&l->guard);
	return 0;
}

static void part(struct hoy__serve *s)
{
	hoy_listener *l = s->listener;
	struct hoy__serve **at = &l->serves;

	hoy_mutex_lock(&l->guard);
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	hoy_mutex_unlock(&l->guard);
	hoy__fd_drop(l->fd);
}

static void add(struct hoy__serve *s, hoy_conn *c)
{
	atomic_fetch_add(&s->conns_served, ONE);
	c->serve = s;
	c->idle = s->opts->idle;
	hoy_mutex_lock(&s->guard);
	c->next = s->conns;
	c->at = &s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	hoy_mutex_unlock(&s->guard);
}

/* After the last connection is counted out, the loop and s with it may be gone; the memory of tasks stays. */
static void remove_and_free(struct hoy__serve *s, hoy_conn *c)
{
	struct hoy__task *task = s->task;

	hoy_mutex_lock(&s->guard);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	hoy_mutex_unlock(&s->guard);
	hoy_conn_free(c);
	if (atomic_fetch_sub(&s->conns_served, ONE) & LOOP_WAITS)
		hoy__wake(task, 0);
}

/* noinline: err must not lie below the whole connection. */
__attribute__((noinline))
static bool has_header(struct hoy__serve *s, hoy_conn *c)
{
	hoy_err err;

	if (hoy_proxy_header_await(c, &err) == 0)
		return true;
	if (s->opts->refused)
		s->opts->refused(&err, s->arg);
	return false;
}

static int serve_one(void *arg)
{
	hoy_conn *c = arg;
	struct hoy__serve *s = c->serve;
	unsigned lineage = hoy__fork_lineage();

	hoy__scope_join(&s->scope);
	if (!atomic_load(&c->proxy_state) || has_header(s, c))
		s->fn(c, s->arg);
	hoy__fork_end_child(lineage, 0);
	hoy__scope_part();
	remove_and_free(s, c);
	return 0;
}

/* The connection's task. The system has spread those of a shard already. */
static int start(struct hoy__serve *s, hoy_conn *c, hoy_err *err)
{
	const hoy_go_opts go = {
		.stack = s->opts->stack, .name = "serve", .place = s->listener->is_shard ? HOY_PLACE_LOCAL : HOY_PLACE_SPREAD,
	};
	int code;

	add(s, c);
	code = hoy_go_with(&go, serve_one, c);
	if (code < 0) {
		remove_and_free(s, c);
		hoy__listener_fail(s->listener, "accept", NULL, code, err);
	}
	return code;
}

static int accept_one(struct hoy__serve *s, hoy_err *err)
{
	hoy_conn *c = hoy__listener_accept(s->listener, err);

	return c ? start(s, c, err) : err->code;
}

bool hoy__accept_may_pass(int code)
{
	static const int passing[] = {
		EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EPERM, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH,
		EHOSTDOWN, EHOSTUNREACH, ENONET
	};

	for (size_t i = 0; i < LEN(passing); i++)
		if (code == -passing[i])
			return true;
	return false;
}

static int rest(struct hoy__serve *s, hoy_duration pause, const hoy_err *trouble)
{
	int code;

	if (s->opts->trouble)
		s->opts->trouble(trouble, pause, s->arg);
	code = wait_while(s, is_open, HOY__WHY_SERVE, hoy_in(pause).ns);
	return code == HOY_ETIMEOUT ? 0 : code;
}

/* Until something that does not pass. */
static int accept_all(struct hoy__serve *s, hoy_err *err)
{
	hoy_duration pause = 0;
	int code;

	for (;;) {
		code = wait_while(s, is_full, HOY__WHY_SERVE, HOY__NEVER);
		if (code < 0)
			return code;
		code = accept_one(s, err);
		if (code == 0) {
			pause = 0;
			continue;
		}
		if (!hoy__accept_may_pass(code))
			return code;
		pause = pause ? 2 * pause : 5 * HOY_MILLISECOND;
		if (pause > HOY_SECOND)
			pause = HOY_SECOND;
		if ((code = rest(s, pause, err)) < 0)
			return code;
	}
}

static void accept_queued(struct hoy__serve *s)
{
	hoy_err ignored;
	hoy_conn *c;

	for (int most = hoy__sock_backlog(); most > 0 && !is_at_limit(s); most--)
		if (!(c = hoy__listener_accept_rest(s->listener)) || start(s, c, &ignored) < 0)
			return;
}

static bool until_time_is_over(struct hoy__serve *s)
{
	(void)s;
	return true;
}

/*
 * A client in the queue of a closed listener is connected, as far as it knows; so is one whose last segment of the handshake is
 * still on its way, for which there is a moment. Accepting ends, since no client is added: of a queue that others have as well,
 * that cannot be said, and they go on accepting from it.
 */
static void accept_rest(struct hoy__serve *s)
{
	if (s->opts->drain < 0 || s->listener->ops || hoy__fd_is_shared(s->listener->fd))
		return;
	hoy__listener_stop_queue(s->listener);
	accept_queued(s);
	wait_while(s, until_time_is_over, HOY__WHY_SERVE | HOY__WHY_MORTAL, hoy__limit(HANDSHAKE));
	accept_queued(s);
}

static int wait_for_conns(struct hoy__serve *s, int64_t deadline)
{
	return wait_while(s, is_busy, HOY__WHY_SERVE | HOY__WHY_MORTAL, deadline);
}

/* This takes memory, but if there is none, it is tried again until it succeeds. */
static void cancel_all(struct hoy__serve *s)
{
	while (is_busy(s) && hoy__accept_may_pass(hoy__scope_cancel_joined(&s->scope)))
		wait_for_conns(s, hoy__limit(5 * HOY_MILLISECOND));
}

static void shut_all(struct hoy__serve *s)
{
	hoy_mutex_lock(&s->guard);
	for (hoy_conn *c = s->conns; c; c = c->next)
		hoy__conn_shut(c);	/* all at once, also where each would linger */
	hoy_mutex_unlock(&s->guard);
}

/* In their own time, or as much of it as they are given; then fn is cancelled, and what it does nevertheless fails. */
static void drain(struct hoy__serve *s)
{
	if (wait_for_conns(s, hoy__limit(s->opts->drain)) == 0)
		return;
	cancel_all(s);
	if (s->opts->goodbye > 0 && wait_for_conns(s, hoy__limit(s->opts->goodbye)) == 0)
		return;
	shut_all(s);
	wait_for_conns(s, HOY__NEVER);
}

int hoy__serve_one(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
		   hoy_err *err)
{
	static const hoy_serve_opts plain;
	struct hoy__serve s = {
		.listener = l, .fn = fn, .arg = arg, .opts = opts ? opts : &plain, .task = hoy__self(),
		.scope.deadline.ns = HOY__NEVER,
	};
	hoy_err failure = { 0 };
	int code = join(&s);

	if (code < 0)
		return code == HOY_ECLOSED ? 0 : hoy__listener_fail(l, "accept", NULL, code, err);
	code = accept_all(&s, &failure);
	if (code == HOY_ECLOSED)
		accept_rest(&s);
	part(&s);
	drain(&s);
	if (code == HOY_ECLOSED || code == HOY_ECANCELED)
		return 0;
	if (err)
		*err = failure;
	return code;
}

int hoy_serve(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
	      hoy_err *err)
{
	return (l->is_shard ? hoy__serve_shards : hoy__serve_one)(l, fn, arg, opts, err);
}
