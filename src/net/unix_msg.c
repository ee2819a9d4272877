/* Messages of Unix sockets, with descriptors and credentials. On any other connection each call is HOY_EWRONGKIND. */
#include <errno.h>

#include "net/net.h"
#include "sock/unix.h"

static enum hoy__direction direction(const hoy_conn *c, enum hoy__direction d)
{
	return !c->ops && hoy__is_unix(c->kind) ? d : HOY__NEITHER;
}

struct reading {
	int kind;
	hoy_unix_msg *msg;
};

static ssize_t run_receive(int sys, const struct hoy__attempt *a)
{
	const struct reading *r = a->at;

	return hoy__unix_receive(sys, r->kind, r->msg, a->flags);
}

static ssize_t receive(hoy_conn *c, hoy_unix_msg *m)
{
	struct reading r = { c->kind, m };

	return hoy__fd_try(c->fd, HOY__IN, &(struct hoy__attempt){
		.run = run_receive, .at = &r, .flags = hoy__fd_flags(c->fd), .why = HOY__WHY_READ,
	});
}

ssize_t hoy_unix_read_msg(hoy_conn *c, hoy_unix_msg *m, hoy_err *err)
{
	enum hoy__direction d = direction(c, HOY__IN);
	int begun = hoy__conn_begin(c, d);
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0)
		n = d == HOY__NEITHER ? HOY_EWRONGKIND : receive(c, m);
	return hoy__conn_end(c, d, begun, "read", "recvmsg", n, err);
}

ssize_t hoy_unix_recv_fds(hoy_conn *c, void *data, size_t size, int *fds, int *n, hoy_err *err)
{
	enum hoy__direction d = direction(c, HOY__IN);
	hoy_unix_msg m = { .data = data, .size = size, .fds = fds, .fds_size = *n > 0 ? (unsigned)*n : 0 };
	int begun = hoy__conn_begin(c, d);
	ssize_t got = hoy__fd_begun(begun);

	if (got == 0)
		got = d == HOY__NEITHER ? HOY_EWRONGKIND : receive(c, &m);
	if (got >= 0 && m.flags & HOY_UNIX_FDS_LOST) {
		hoy__unix_close_fds(&m);
		got = -EMSGSIZE;
	}
	if (got >= 0)
		*n = (int)m.fds_len;
	hoy__conn_end(c, d, begun, "read", "recvmsg", got, err);
	if (got == -EMSGSIZE && err)
		err->done = m.len;
	return got;
}

struct writing {
	const hoy_unix_msg *msg;
	union hoy__sockaddr sa;
	socklen_t sa_len;
};

static ssize_t run_send(int sys, const struct hoy__attempt *a)
{
	const struct writing *w = a->at;

	return hoy__unix_send(sys, w->msg, &w->sa, w->sa_len, a->flags);
}

/* Where m is sent: the length of the address, 0 for the peer, or a code. */
static int address_of(const hoy_conn *c, const hoy_unix_msg *m, union hoy__sockaddr *sa)
{
	const hoy_addr *to = m->addr.kind != HOY_ADDR_NONE ? &m->addr : NULL;
	bool has_peer = c->kind != HOY_ADDR_UNIXGRAM || c->remote.kind != HOY_ADDR_NONE;

	if (has_peer && (!to || hoy_addr_equal(to, &c->unix_ends->remote)))
		return 0;
	return hoy__conn_sockaddr(c, to, sa);
}

/* The descriptors go with the first byte; of a stream, the rest may need further calls. */
static int send_all(hoy_conn *c, const hoy_unix_msg *m, size_t *done)
{
	struct writing w = { .msg = m };
	int len = address_of(c, m, &w.sa), code;
	size_t rest = 0;
	ssize_t n;

	if (len < 0)
		return len;
	if (c->kind == HOY_ADDR_UNIX && m->len == 0 && m->fds_len)
		return -EINVAL;	/* the system would send nothing, and say that it did */
	w.sa_len = (socklen_t)len;
	n = hoy__fd_try(c->fd, HOY__OUT, &(struct hoy__attempt){
		.run = run_send, .at = &w, .flags = hoy__fd_flags(c->fd), .why = HOY__WHY_WRITE, .no_event = len > 0,
	});
	if (n < 0)
		return (int)n;
	*done = (size_t)n;
	if (*done == m->len)
		return 0;
	code = hoy__fd_write(c->fd, (const char *)m->data + *done, m->len - *done, &rest);
	*done += rest;
	return code;
}

ssize_t hoy_unix_write_msg(hoy_conn *c, const hoy_unix_msg *m, hoy_err *err)
{
	enum hoy__direction d = direction(c, HOY__OUT);
	int begun = hoy__conn_begin(c, d), code = hoy__fd_begun(begun);
	size_t done = 0;

	if (code == 0)
		code = d == HOY__NEITHER ? HOY_EWRONGKIND : send_all(c, m, &done);
	hoy__conn_end(c, d, begun, "write", "sendmsg", code, err);
	if (code == 0)
		return (ssize_t)done;
	if (m->addr.kind != HOY_ADDR_NONE)
		hoy__conn_fail_to(&m->addr, code, err);
	if (err)
		err->done = done;
	return code;
}

ssize_t hoy_unix_send_fds(hoy_conn *c, const void *data, size_t len, const int *fds, int n, hoy_err *err)
{
	const hoy_unix_msg m = {
		.data = (void *)data, .len = len, .fds = (int *)fds, .fds_len = n > 0 ? (unsigned)n : 0,
	};

	return hoy_unix_write_msg(c, &m, err);
}

/* ---- credentials ---- */

int hoy_unix_peer_cred(hoy_conn *c, hoy_unix_cred *cred, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER), code = begun;

	if (code == 0)
		code = direction(c, HOY__IN) == HOY__NEITHER ? HOY_EWRONGKIND : hoy__unix_peer_cred(hoy__fd_sys(c->fd), cred);
	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "get", "getsockopt", code, err);
}

int hoy_unix_set_pass_cred(hoy_conn *c, int on, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER), code = begun;

	if (code == 0)
		code = direction(c, HOY__IN) == HOY__NEITHER
			? HOY_EWRONGKIND : hoy__sock_set_int(hoy__fd_sys(c->fd), SOL_SOCKET, SO_PASSCRED, on != 0);
	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "set", "setsockopt", code, err);
}
