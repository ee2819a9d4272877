/*
 * Two ends in memory without a buffer. A writer leaves the place of its bytes in the
 * channel and waits until a reader, on whatever thread, has copied the last of them: so
 * a pipe holds nothing of its own, and a write that returned was read.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "net/net.h"

struct channel {			/* one way */
	const char *at;			/* what the writer still offers */
	size_t left;
	struct hoy__task *reader, *writer;	/* while they wait */
};

struct end {
	struct pipe *pipe;
	int side;
	bool closed;
	int64_t deadline[2];		/* by direction */
};

struct pipe {
	hoy_mutex guard;		/* of everything here */
	struct channel way[2];		/* way[i] is read by end[i] */
	struct end end[2];
	atomic_int ends;		/* not yet freed */
};

/* Waits with the guard released; who wakes it, or wants to, finds it in *place. */
static int wait_at(struct pipe *p, struct hoy__task **place, int64_t deadline)
{
	struct hoy__task *me = hoy__self();
	int code;

	if (!me)
		return hoy__self_failure();
	hoy__arm(me);
	*place = me;
	hoy_mutex_unlock(&p->guard);
	code = hoy__park(HOY__WHY_PIPE, p, deadline);
	hoy_mutex_lock(&p->guard);
	*place = NULL;
	return code;
}

static void wake(struct hoy__task *task)
{
	if (task)
		hoy__wake(task, 0);
}

static int check(const struct end *e, enum hoy__direction d)
{
	if (e->closed)
		return HOY_ECLOSED;
	if (e->deadline[d] <= hoy_now().ns)
		return HOY_ETIMEOUT;
	return 0;
}

static size_t take(struct channel *ch, void *buf, size_t len)
{
	size_t n = len < ch->left ? len : ch->left;

	memcpy(buf, ch->at, n);
	ch->at += n;
	ch->left -= n;
	if (ch->left == 0)
		wake(ch->writer);
	return n;
}

static ssize_t pipe_read(void *self, void *buf, size_t len)
{
	struct end *e = self;
	struct pipe *p = e->pipe;
	struct channel *ch = &p->way[e->side];
	ssize_t n;

	hoy_mutex_lock(&p->guard);
	while ((n = check(e, HOY__IN)) == 0 && ch->left == 0 && !p->end[!e->side].closed) {
		n = wait_at(p, &ch->reader, e->deadline[HOY__IN]);
		if (n < 0 && n != HOY_ETIMEOUT)
			break;
	}
	if (n == 0 && ch->left > 0)
		n = (ssize_t)take(ch, buf, len);
	hoy_mutex_unlock(&p->guard);
	return n;
}

/* A part that was read counts as written; what then ended the rest is met by the next try. */
static ssize_t pipe_write(void *self, const void *buf, size_t len)
{
	struct end *e = self;
	struct pipe *p = e->pipe;
	struct channel *ch = &p->way[!e->side];
	size_t done;
	int code;

	hoy_mutex_lock(&p->guard);
	ch->at = buf;
	ch->left = len;
	wake(ch->reader);
	while ((code = check(e, HOY__OUT)) == 0 && ch->left > 0) {
		if (p->end[!e->side].closed)
			code = HOY_EPIPE;
		else
			code = wait_at(p, &ch->writer, e->deadline[HOY__OUT]);
		if (code < 0 && code != HOY_ETIMEOUT)
			break;
	}
	done = len - ch->left;
	ch->left = 0;
	hoy_mutex_unlock(&p->guard);
	return done ? (ssize_t)done : code;
}

static void wake_all(struct pipe *p)
{
	for (int i = 0; i < 2; i++) {
		wake(p->way[i].reader);
		wake(p->way[i].writer);
	}
}

static int pipe_close(void *self)
{
	struct end *e = self;

	hoy_mutex_lock(&e->pipe->guard);
	e->closed = true;
	wake_all(e->pipe);
	hoy_mutex_unlock(&e->pipe->guard);
	return 0;
}

static int set_deadline(struct end *e, enum hoy__direction d, hoy_time t)
{
	hoy_mutex_lock(&e->pipe->guard);
	e->deadline[d] = hoy__deadline_of(t);
	wake_all(e->pipe);
	hoy_mutex_unlock(&e->pipe->guard);
	return 0;
}

static int set_read_deadline(void *self, hoy_time t)
{
	return set_deadline(self, HOY__IN, t);
}

static int set_write_deadline(void *self, hoy_time t)
{
	return set_deadline(self, HOY__OUT, t);
}

static void pipe_addr(void *self, hoy_addr *addr)
{
	(void)self;
	*addr = (hoy_addr){ .kind = HOY_ADDR_PIPE };
}

static void pipe_free(void *self)
{
	struct pipe *p = ((struct end *)self)->pipe;

	if (atomic_fetch_sub(&p->ends, 1) == 1)
		hoy__release(p);
}

static const hoy_conn_ops ops = {
	.network = "pipe",
	.read = pipe_read,
	.write = pipe_write,
	.close = pipe_close,
	.set_read_deadline = set_read_deadline,
	.set_write_deadline = set_write_deadline,
	.local_addr = pipe_addr,
	.remote_addr = pipe_addr,
	.free = pipe_free,
};

int hoy_pipe(hoy_conn **a, hoy_conn **b, hoy_err *err)
{
	struct pipe *p = hoy__alloc(sizeof *p);
	hoy_conn *made[2] = { NULL, NULL };

	if (!p)
		return hoy__fail(err, "open", "pipe", NULL, -ENOMEM);
	for (int i = 0; i < 2; i++) {
		p->end[i] = (struct end){ .pipe = p, .side = i, .deadline = { HOY__NEVER, HOY__NEVER } };
		made[i] = hoy_conn_new(&ops, &p->end[i], err);
		if (!made[i])
			break;
		p->ends++;
	}
	if (p->ends < 2) {
		if (made[0])
			hoy_conn_free(made[0]);
		else
			hoy__release(p);
		return -ENOMEM;
	}
	*a = made[0];
	*b = made[1];
	return 0;
}
