/*
 * Descriptors from elsewhere, and duplicates for elsewhere. Without HOY_FD_SHARED the
 * descriptor is ours and becomes non-blocking. With it, its mode stays as it is, since
 * the mode belongs to everybody who has the file open: what may block then runs in the
 * offload pool, once the poller has said that it need not wait; except on sockets, which
 * can be asked not to wait call by call.
 */
#include <errno.h>
#include <fcntl.h>

#include "net/net.h"

struct found {
	int kind;		/* enum hoy_addr_kind */
	const char *network;
	unsigned fd_kind;
	bool listening;
	bool slow_close;	/* closing it may block */
	int family;
	int restore;		/* flags to put back if it comes to nothing; -1 none */
};

static int look_at_socket(const struct hoy__sock_info *info, struct found *f)
{
	if (info->kind == HOY_ADDR_NONE)
		return HOY_EWRONGKIND;
	f->kind = info->kind;
	f->network = hoy__network_of(info->kind, 0)->name;
	f->listening = info->listening;
	f->family = info->family;
	f->fd_kind = HOY__FD_SOCKET;
	f->slow_close = info->kind == HOY_ADDR_TCP;	/* it may linger */
	return 0;
}

static int look_at_file(int fd, struct found *f)
{
	struct hoy__file_info info;
	int code = hoy__os_stat(fd, &info);

	f->network = "file";
	if (code < 0)
		return code;
	if (info.is_regular || info.is_disk)
		f->fd_kind = HOY__FD_BLOCKING;
	f->slow_close = info.is_regular || info.is_disk || info.is_device;
	return 0;
}

/* The mode: taken over, or worked around. */
static int settle_mode(int fd, unsigned flags, struct found *f)
{
	int mode = hoy__os_get_flags(fd);

	if (mode < 0)
		return mode;
	if (flags & HOY_FD_SHARED) {
		f->fd_kind |= HOY__FD_SHARED;
		if (!(mode & O_NONBLOCK) && (f->listening || !(f->fd_kind & HOY__FD_SOCKET)))
			f->fd_kind |= HOY__FD_BLOCKING;
		return 0;
	}
	if (mode & O_NONBLOCK || f->fd_kind & HOY__FD_BLOCKING)
		return 0;
	f->restore = mode;
	return hoy__os_set_flags(fd, mode | O_NONBLOCK);
}

static int look_at(int fd, unsigned flags, struct found *f)
{
	struct hoy__sock_info info;
	int code = hoy__sock_describe(fd, &info);

	*f = (struct found){ .restore = -1 };
	if (code == 0)
		code = look_at_socket(&info, f);
	else if (code == -ENOTSOCK)
		code = look_at_file(fd, f);
	return code < 0 ? code : settle_mode(fd, flags, f);
}

static void *refuse(int fd, const struct found *f, int code, hoy_err *err)
{
	if (f->restore >= 0)
		hoy__os_set_flags(fd, f->restore);
	hoy__fail(err, "file", "file+net", NULL, code);
	return NULL;
}

hoy_conn *hoy_conn_from_fd(int fd, unsigned flags, hoy_err *err)
{
	struct found f;
	int code = look_at(fd, flags, &f);
	hoy_conn *c;

	if (code == 0 && f.listening)
		code = HOY_EWRONGKIND;
	if (code < 0)
		return refuse(fd, &f, code, err);
	c = f.kind == HOY_ADDR_NONE ? hoy__conn_new(fd, f.fd_kind, f.kind, f.network)
				    : hoy__socket_new(fd, f.fd_kind, f.kind, f.family, f.network);
	if (!c)
		return refuse(fd, &f, -ENOMEM, err);
	if (f.slow_close)
		hoy__fd_expect_slow_close(c->fd);
	if (f.kind != HOY_ADDR_NONE)
		hoy__conn_find_ends(c);
	return c;
}

hoy_listener *hoy_listener_from_fd(int fd, unsigned flags, hoy_err *err)
{
	struct found f;
	int code = look_at(fd, flags, &f);
	hoy_listener *l;

	if (code == 0 && !f.listening)
		code = HOY_EWRONGKIND;
	if (code < 0)
		return refuse(fd, &f, code, err);
	l = hoy__listener_new(fd, f.fd_kind, f.kind, f.network);
	if (!l)
		return refuse(fd, &f, -ENOMEM, err);
	hoy__fd_expect_slow_close(l->fd);
	hoy__fd_expect_others(l->fd);
	return l;
}

hoy_listener *hoy__listener_adopt(int fd, const hoy_listen_config *lc, hoy_err *err)
{
	static const hoy_listen_config defaults;
	struct hoy__sock_info info = { .kind = HOY_ADDR_NONE };
	struct hoy__proxy_gate *gate;
	hoy_listener *l = NULL;
	int code;

	lc = lc ? lc : &defaults;
	hoy__sock_describe(fd, &info);
	code = hoy__proxy_gate_new(lc->proxy, info.kind, &gate);
	if (code < 0)
		hoy__fail(err, "file", "file+net", NULL, code);
	else
		l = hoy_listener_from_fd(fd, 0, err);
	if (l) {
		l->gate = gate;
		l->keep_alive = hoy__keep_alive_of(lc->keep_alive, &lc->keep_alive_config);
	} else if (code == 0) {
		hoy__release(gate);
	}
	return l;
}

int hoy_conn_fd(hoy_conn *c, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);
	int fd = begun < 0 ? begun : c->ops ? HOY_EWRONGKIND : hoy__fd_export(c->fd);

	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "file", "dup", fd, err);
}

int hoy_listener_fd(hoy_listener *l, hoy_err *err)
{
	int begun = hoy__fd_begin(l->fd, HOY__NEITHER);
	int fd = begun < 0 ? begun : l->ops || l->is_shard ? HOY_EWRONGKIND : hoy__fd_export(l->fd);

	return hoy__listener_end(l, HOY__NEITHER, begun, "file", "dup", fd, err);
}
