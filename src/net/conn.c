/*
 * Connections. Each call is the same sentence: the descriptor's way or the ops' way,
 * and if it failed, its story. The hoy__fd under every connection, even one without a
 * descriptor, lets one reader and one writer in, keeps the deadlines, and holds the
 * memory until the last call inside has left.
 */
#include <errno.h>
#include <string.h>

#include "base/moment.h"
#include "net/net.h"
#include "task/leaks.h"
#include "task/lent.h"

static void released(void *owner)
{
	hoy_conn *c = owner;

	hoy__leak_end(c);
	if (c->ops && c->ops->free)
		c->ops->free(c->self);
	hoy__release(c);
}

hoy_conn *hoy__conn_new(int sys, unsigned fd_kind, int kind, const char *network)
{
	hoy_conn *c = hoy__alloc(sizeof *c + (hoy__is_unix(kind) ? sizeof *c->unix_ends : 0));

	if (!c)
		return NULL;
	c->kind = (uint8_t)kind;
	c->network = network;
	c->fd = hoy__fd_new(sys, fd_kind, released, c);
	if (!c->fd) {
		hoy__release(c);
		return NULL;
	}
	hoy__leak_begin(c, &hoy__leak_conn);
	return c;
}

hoy_conn *hoy__socket_new(int sys, unsigned fd_kind, int kind, int family, const char *network)
{
	static const unsigned fd_kinds[] = {
		[HOY_ADDR_TCP] = HOY__FD_STREAM,
		[HOY_ADDR_IP] = HOY__FD_DATAGRAM | HOY__SOURCE_IN_ONLY,
		[HOY_ADDR_UDP] = HOY__FD_DATAGRAM | HOY__SOURCE_IN_ONLY,
		[HOY_ADDR_UNIX] = HOY__FD_UNIX | HOY__FD_STREAM,
		[HOY_ADDR_UNIXGRAM] = HOY__FD_UNIX | HOY__FD_DATAGRAM | HOY__SOURCE_IN_ONLY,
		[HOY_ADDR_UNIXPACKET] = HOY__FD_UNIX | HOY__FD_DATAGRAM,
	};
	hoy_conn *c = hoy__conn_new(sys, fd_kind | HOY__FD_SOCKET | fd_kinds[kind], kind, network);

	if (c)
		c->family = (uint8_t)family;
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

/* NULL: a user-made connection that has none. */
static int (*own_setter(const hoy_conn *c, enum hoy__direction d))(void *self, hoy_time t)
{
	return d == HOY__IN ? c->ops->set_read_deadline : c->ops->set_write_deadline;
}

COLD static void renew_now(hoy_conn *c, enum hoy__direction d)
{
	int64_t deadline = hoy__moment_add(hoy__coarse_now(), c->idle);

	hoy__fd_set_deadline(c->fd, d, deadline);
	if (c->ops && own_setter(c, d))
		own_setter(c, d)(c->self, (hoy_time){ deadline });
}

/* The time a call may take counts from its beginning, unless the user keeps the deadlines. */
static inline void renew(hoy_conn *c, enum hoy__direction d)
{
	if (c->idle && d != HOY__NEITHER && !c->own_deadline[d])
		renew_now(c, d);
}

void hoy__conn_renew(hoy_conn *c, enum hoy__direction d)
{
	renew(c, d);
}

/* The PROXY header is read first, within its own limit. On failure the reference stays, as hoy__fd_begin has it. */
COLD static int begin_with_header(hoy_conn *c)
{
	int begun = hoy__fd_begin(c->fd, HOY__IN), code = begun ? begun : hoy__proxy_header_read(c);

	if (begun || code == 0)
		return code;
	begun = hoy__fd_hold(c->fd);
	hoy__fd_leave(c->fd, HOY__IN);
	return begun < 0 ? begun : -code;
}

int hoy__conn_begin(hoy_conn *c, enum hoy__direction d)
{
	if (d == HOY__IN && atomic_load_explicit(&c->proxy_state, memory_order_acquire))
		return begin_with_header(c);
	renew(c, d);
	return hoy__fd_begin(c->fd, d);
}

static ssize_t read_own(hoy_conn *c, void *buf, size_t len)
{
	return c->ops->read ? c->ops->read(c->self, buf, len) : HOY_EWRONGKIND;
}

/* This does not queue behind a call that waits. */
COLD static ssize_t read_nothing(hoy_conn *c, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);

	return hoy__conn_end(c, HOY__NEITHER, begun, "read", "read", begun, err);
}

HOT ssize_t hoy_conn_read(hoy_conn *c, void *buf, size_t len, hoy_err *err)
{
	int begun;
	ssize_t n;

	if (len == 0)
		return read_nothing(c, err);
	begun = hoy__conn_begin(c, HOY__IN);
	n = hoy__fd_begun(begun);
	if (n == 0)
		n = c->ops ? read_own(c, buf, len) : hoy__fd_read(c->fd, buf, len);
	return hoy__conn_end(c, HOY__IN, begun, "read", "read", n, err);
}

ssize_t hoy_conn_readv(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err)
{
	ssize_t got;
	int begun;

	while (n > 0 && iov->iov_len == 0)
		iov++, n--;
	if (n <= 0)
		return read_nothing(c, err);
	if (c->ops)
		return hoy_conn_read(c, iov->iov_base, iov->iov_len, err);
	begun = hoy__conn_begin(c, HOY__IN);
	got = hoy__fd_begun(begun);
	if (got == 0)
		got = hoy__fd_readv(c->fd, iov, n);
	return hoy__conn_end(c, HOY__IN, begun, "read", "readv", got, err);
}

/* Inside the write lock: all of one buffer. A write that takes nothing would never end. */
static int write_own(hoy_conn *c, const char *buf, size_t len, size_t *done)
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

/*
 * Lent data is for descriptors that are free to be written; any other call lets other tasks run before it has taken
 * all of it, so it gets a copy.
 */
COLD static int write_lent(hoy_conn *c, const void *data, size_t len, size_t *done, hoy_err *err)
{
	int begun, code;
	void *own;

	renew(c, HOY__OUT);
	begun = c->ops ? -EAGAIN : hoy__fd_enter_now(c->fd, HOY__OUT);
	if (begun != -EAGAIN) {
		code = begun < 0 ? begun : hoy__fd_write_lent(c->fd, data, len, done);
		return (int)hoy__conn_end(c, HOY__OUT, begun, "write", "write", code, err);
	}
	if (!(own = hoy__alloc(len + 1))) {
		begun = hoy__conn_begin(c, HOY__NEITHER);
		return (int)hoy__conn_end(c, HOY__NEITHER, begun, "write", NULL, begun ? begun : -ENOMEM, err);
	}
	memcpy(own, data, len);
	code = hoy__conn_write(c, own, len, done, err);
	hoy__release(own);
	return code;
}

int hoy__conn_write(hoy_conn *c, const void *buf, size_t len, size_t *done, hoy_err *err)
{
	int begun, code;

	*done = 0;
	if (hoy__is_lent(buf))
		return write_lent(c, buf, len, done, err);
	begun = hoy__conn_begin(c, HOY__OUT);
	code = hoy__fd_begun(begun);
	if (code == 0)
		code = c->ops ? write_own(c, buf, len, done) : hoy__fd_write(c->fd, buf, len, done);
	return (int)hoy__conn_end(c, HOY__OUT, begun, "write", "write", code, err);
}

static ssize_t written(int code, size_t done, hoy_err *err)
{
	if (code == 0)
		return (ssize_t)done;
	if (err)
		err->done = done;
	return code;
}

HOT ssize_t hoy_conn_write(hoy_conn *c, const void *buf, size_t len, hoy_err *err)
{
	size_t done;
	int code = hoy__conn_write(c, buf, len, &done, err);

	return written(code, done, err);
}

static int write_pieces(hoy_conn *c, const struct iovec *iov, int n, size_t *done)
{
	int code = 0;

	for (int i = 0; i < n && code == 0; i++)
		code = write_own(c, iov[i].iov_base, iov[i].iov_len, done);
	return code;
}

ssize_t hoy_conn_writev(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err)
{
	size_t done = 0;
	int begun = hoy__conn_begin(c, HOY__OUT), code = hoy__fd_begun(begun);

	if (code == 0)
		code = c->ops ? write_pieces(c, iov, n, &done) : hoy__fd_writev(c->fd, iov, n, &done);
	return written((int)hoy__conn_end(c, HOY__OUT, begun, "write", "writev", code, err), done, err);
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
	int begun = hoy__fd_hold(c->fd), code = begun < 0 ? begun : hoy__conn_shut(c);

	if (code < 0)
		hoy__conn_fail(c, "close", "close", code, err);
	if (begun == 0)
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

	if (hoy__conn_has_no_end(c))
		return HOY_EWRONGKIND;
	if (!c->ops)
		return hoy__os_shutdown(hoy__fd_sys(c->fd), how);
	half = how == SHUT_RD ? c->ops->close_read : c->ops->close_write;
	return half ? half(c->self) : HOY_EWRONGKIND;
}

static int close_half(hoy_conn *c, int how, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER), code = begun < 0 ? begun : shut_half(c, how);

	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "close", "shutdown", code, err);
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

	if (c->ops && !(own = own_setter(c, d)))
		return HOY_EWRONGKIND;
	code = hoy__fd_set_deadline(c->fd, d, hoy__deadline_of(t));
	if (code < 0)
		return code;
	atomic_store(&c->own_deadline[d], t.ns != 0);
	return own ? own(c->self, t) : 0;
}

/* The end of a call that set something. */
static int end_set(hoy_conn *c, int begun, const char *call, int code, hoy_err *err)
{
	if (code < 0)
		hoy__conn_fail_near(c, "set", call, code, err);
	hoy__fd_end(c->fd, HOY__NEITHER, begun);
	return code;
}

int hoy_conn_set_read_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);

	return end_set(c, begun, NULL, begun < 0 ? begun : set_deadline(c, HOY__IN, t), err);
}

int hoy_conn_set_write_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);

	return end_set(c, begun, NULL, begun < 0 ? begun : set_deadline(c, HOY__OUT, t), err);
}

int hoy_conn_set_deadline(hoy_conn *c, hoy_time t, hoy_err *err)
{
	int code = hoy_conn_set_read_deadline(c, t, err);

	return code < 0 ? code : hoy_conn_set_write_deadline(c, t, err);
}

static int set_buffer(hoy_conn *c, int bytes, int (*set)(int fd, int bytes), hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);
	int code = begun < 0 ? begun : c->ops ? HOY_EWRONGKIND : set(hoy__fd_sys(c->fd), bytes);

	return end_set(c, begun, "setsockopt", code, err);
}

int hoy_conn_set_read_buffer(hoy_conn *c, int bytes, hoy_err *err)
{
	return set_buffer(c, bytes, hoy__sock_set_read_buffer, err);
}

int hoy_conn_set_write_buffer(hoy_conn *c, int bytes, hoy_err *err)
{
	return set_buffer(c, bytes, hoy__sock_set_write_buffer, err);
}
