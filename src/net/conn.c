/*
 * Connections. Each call is the same sentence: the descriptor's way or the ops' way,
 * and if it failed, its story. The hoy__fd under every connection, even one without a
 * descriptor, lets one reader and one writer in, keeps the deadlines, and holds the
 * memory until the last call inside has left.
 *
 * Having failed is not yet having left: the story names the connection. So whoever
 * wants it told holds on from the beginning; without err, read and write save that.
 */
#include <errno.h>
#include <string.h>

#include "base/moment.h"
#include "net/net.h"
#include "task/lent.h"

static void released(void *owner)
{
	hoy_conn *c = owner;

	if (c->ops && c->ops->free)
		c->ops->free(c->self);
	hoy__release(c);
}

hoy_conn *hoy__conn_new(int sys, unsigned fd_kind, int kind, const char *network)
{
	hoy_conn *c = hoy__alloc(sizeof *c);

	if (!c)
		return NULL;
	c->kind = (uint8_t)kind;
	c->network = network;
	c->fd = hoy__fd_new(sys, fd_kind, released, c);
	if (!c->fd) {
		hoy__release(c);
		return NULL;
	}
	return c;
}

hoy_conn *hoy_conn_new(const hoy_conn_ops *ops, void *self, hoy_err *err)
{
	hoy_conn *c = hoy__conn_new(-1, HOY__FD_NONE, HOY_ADDR_NONE, ops->network);

	if (!c) {
		hoy__fail(err, "open", ops->network, NULL, -ENOMEM);
		return NULL;
	}
	c->ops = ops;
	c->self = self;
	return c;
}

/* The time a call may take counts from its beginning, unless the user keeps the deadlines. */
void hoy__conn_renew(hoy_conn *c, enum hoy__direction d)
{
	if (c->idle && !c->own_deadline[d])
		hoy__fd_set_deadline(c->fd, d, hoy__moment_add(hoy__coarse_now(), c->idle));
}

static ssize_t own_read(hoy_conn *c, void *buf, size_t len)
{
	ssize_t n;

	if (len == 0)
		return hoy__fd_read(c->fd, buf, 0);	/* does not queue behind one that waits */
	n = hoy__fd_enter(c->fd, HOY__IN);
	if (n < 0)
		return n;
	n = c->ops->read ? c->ops->read(c->self, buf, len) : HOY_EWRONGKIND;
	hoy__fd_leave(c->fd, HOY__IN);
	return n;
}

ssize_t hoy__conn_read(hoy_conn *c, void *buf, size_t len)
{
	hoy__conn_renew(c, HOY__IN);
	return c->ops ? own_read(c, buf, len) : hoy__fd_read(c->fd, buf, len);
}

/* 0 when the call holds on, for hoy__conn_done. */
static int stay(hoy_conn *c, const hoy_err *err)
{
	return err ? hoy__fd_hold(c->fd) : 1;
}

HOT ssize_t hoy_conn_read(hoy_conn *c, void *buf, size_t len, hoy_err *err)
{
	int held = stay(c, err);
	ssize_t n = hoy__conn_read(c, buf, len);

	hoy__conn_done(c, held, "read", "read", n < 0 ? (int)n : 0, err);
	return n;
}

ssize_t hoy_conn_readv(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err)
{
	ssize_t got;
	int held;

	if (c->ops) {
		while (n > 1 && iov->iov_len == 0)
			iov++, n--;
		return n > 0 ? hoy_conn_read(c, iov->iov_base, iov->iov_len, err) : hoy_conn_read(c, NULL, 0, err);
	}
	held = stay(c, err);
	hoy__conn_renew(c, HOY__IN);
	got = hoy__fd_readv(c->fd, iov, n);
	hoy__conn_done(c, held, "read", "readv", got < 0 ? (int)got : 0, err);
	return got;
}

/* Inside the write lock: all of one buffer. A write that takes nothing would never end. */
static int own_write_all(hoy_conn *c, const char *buf, size_t len, size_t *done)
{
	if (!c->ops->write)
		return HOY_EWRONGKIND;
	while (len > 0) {
		ssize_t n = c->ops->write(c->self, buf, len);

		if (n <= 0)
			return n < 0 ? (int)n : HOY_EEOF;
		buf += n;
		len -= (size_t)n;
		*done += (size_t)n;
	}
	return 0;
}

static int own_writev(hoy_conn *c, const struct iovec *iov, int n, size_t *done)
{
	int code = hoy__fd_enter(c->fd, HOY__OUT);

	if (code < 0)
		return code;
	for (int i = 0; i < n && code == 0; i++)
		code = own_write_all(c, iov[i].iov_base, iov[i].iov_len, done);
	hoy__fd_leave(c->fd, HOY__OUT);
	return code;
}

/* Lent data is for descriptors; a connection of another kind may let others run before it has taken all of it. */
COLD static int write_lent(hoy_conn *c, const void *data, size_t len, size_t *done)
{
	struct iovec iov = { .iov_len = len };
	int code = -ENOMEM;

	if (!c->ops)
		return hoy__fd_write_lent(c->fd, data, len, done);
	if ((iov.iov_base = hoy__alloc(len + 1))) {
		memcpy(iov.iov_base, data, len);
		code = own_writev(c, &iov, 1, done);
	}
	hoy__release(iov.iov_base);
	return code;
}

int hoy__conn_write(hoy_conn *c, const void *buf, size_t len, size_t *done)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };

	*done = 0;
	hoy__conn_renew(c, HOY__OUT);
	if (hoy__is_lent(buf))
		return write_lent(c, buf, len, done);
	return c->ops ? own_writev(c, &iov, 1, done) : hoy__fd_write(c->fd, buf, len, done);
}

static ssize_t written(hoy_conn *c, int held, const char *call, int code, size_t done, hoy_err *err)
{
	hoy__conn_done(c, held, "write", call, code, err);
	if (code == 0)
		return (ssize_t)done;
	if (err)
		err->done = done;
	return code;
}

HOT ssize_t hoy_conn_write(hoy_conn *c, const void *buf, size_t len, hoy_err *err)
{
	size_t done;
	int held = stay(c, err), code = hoy__conn_write(c, buf, len, &done);

	return written(c, held, "write", code, done, err);
}

ssize_t hoy_conn_writev(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err)
{
	size_t done = 0;
	int held = stay(c, err), code;

	hoy__conn_renew(c, HOY__OUT);
	code = c->ops ? own_writev(c, iov, n, &done) : hoy__fd_writev(c->fd, iov, n, &done);
	return written(c, held, "writev", code, done, err);
}

/* Calls that are inside will fail, and their errors name both ends. Only the first close calls ops->close. */
int hoy__conn_shut(hoy_conn *c)
{
	int code;

	if (hoy__fd_is_in_use(c->fd))
		hoy__conn_keep_local(c);
	code = hoy__fd_close(c->fd);
	if (code == 0 && c->ops && c->ops->close)
		code = c->ops->close(c->self);
	return code;
}

int hoy_conn_close(hoy_conn *c, hoy_err *err)
{
	int held = hoy__fd_hold(c->fd), code = held < 0 ? held : hoy__conn_shut(c);

	if (code < 0)
		hoy__conn_fail(c, "close", "close", code, err);
	if (held == 0)
		hoy__fd_drop_and_wait(c->fd);
	return code;
}

void hoy_conn_free(hoy_conn *c)
{
	if (!c)
		return;
	hoy__conn_shut(c);
	hoy__fd_free(c->fd);
}

/* Both go in beside a call that waits, and end it. */
static int shut_half(hoy_conn *c, int how)
{
	int (*half)(void *self);

	if (hoy__fd_is(c->fd, HOY__FD_DATAGRAM))
		return HOY_EWRONGKIND;
	if (!c->ops)
		return hoy__os_shutdown(hoy__fd_sys(c->fd), how);
	half = how == SHUT_RD ? c->ops->close_read : c->ops->close_write;
	return half ? half(c->self) : HOY_EWRONGKIND;
}

static int close_half(hoy_conn *c, int how, hoy_err *err)
{
	int held = hoy__fd_hold(c->fd);

	return hoy__conn_done(c, held, "close", "shutdown", held < 0 ? held : shut_half(c, how), err);
}

int hoy_conn_close_read(hoy_conn *c, hoy_err *err)
{
	return close_half(c, SHUT_RD, err);
}

int hoy_conn_close_write(hoy_conn *c, hoy_err *err)
{
	return close_half(c, SHUT_WR, err);
}

static int set_deadline(hoy_conn *c, enum hoy__direction d, hoy_time t)
{
	int (*own)(void *self, hoy_time t) = NULL;
	int code;

	if (c->ops) {
		own = d == HOY__IN ? c->ops->set_read_deadline : c->ops->set_write_deadline;
		if (!own)
			return HOY_EWRONGKIND;
	}
	code = hoy__fd_set_deadline(c->fd, d, hoy__deadline_of(t));
	if (code < 0)
		return code;
	atomic_store(&c->own_deadline[d], t.ns != 0);
	return own ? own(c->self, t) : 0;
}

/* The end of a call that set something. */
static int set_done(hoy_conn *c, int held, const char *call, int code, hoy_err *err)
{
	if (code < 0)
		hoy__conn_fail_near(c, "set", call, code, err);
	if (held == 0)
		hoy__fd_drop(c->fd);
	return code;
}

int hoy_conn_set_read_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int held = hoy__fd_hold(c->fd);

	return set_done(c, held, NULL, held < 0 ? held : set_deadline(c, HOY__IN, t), err);
}

int hoy_conn_set_write_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int held = hoy__fd_hold(c->fd);

	return set_done(c, held, NULL, held < 0 ? held : set_deadline(c, HOY__OUT, t), err);
}

int hoy_conn_set_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int code = hoy_conn_set_read_deadline(c, t, err);

	return code < 0 ? code : hoy_conn_set_write_deadline(c, t, err);
}

static int set_buffer(hoy_conn *c, int bytes, int (*set)(int fd, int bytes), hoy_err *err)
{
	int held = hoy__fd_hold(c->fd);
	int code = held < 0 ? held : c->ops ? HOY_EWRONGKIND : set(hoy__fd_sys(c->fd), bytes);

	return set_done(c, held, "setsockopt", code, err);
}

int hoy_conn_set_read_buffer(hoy_conn *c, int bytes, hoy_err *err)
{
	return set_buffer(c, bytes, hoy__sock_set_read_buffer, err);
}

int hoy_conn_set_write_buffer(hoy_conn *c, int bytes, hoy_err *err)
{
	return set_buffer(c, bytes, hoy__sock_set_write_buffer, err);
}
