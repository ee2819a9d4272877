/*
 * The file of a Unix socket. bind creates it, and the system never removes it: a listener does that when it closes. What
 * a server that crashed left behind stands in the way of the next one, until somebody finds out that no socket is bound
 * to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "net/net.h"

bool hoy__unix_has_file(const hoy_addr *addr)
{
	size_t len = hoy__path_len(addr);

	return hoy__is_unix(addr->kind) && len > 0 && !hoy__path_is_abstract(addr->path, len);
}

/* ---- replacing a stale file ---- */

/*
 * 1 when no socket is bound to the file, 0 when one is, or a code. A datagram socket tries to connect: Linux refuses that
 * with EPROTOTYPE if a socket of another type is bound, whether it listens or not, and a server does not notice it.
 */
static int is_stale(const hoy_addr *addr)
{
	struct hoy__file_info info;
	union hoy__sockaddr sa;
	int len = hoy__sockaddr_of(&sa, addr, 0), code = hoy__os_lstat(addr->path, &info), probe;

	if (code < 0 || !info.is_socket)
		return code < 0 ? code : 0;
	probe = hoy__sock_open(0, SOCK_DGRAM, 0, false);
	if (probe < 0)
		return probe;
	code = hoy__os_connect(probe, &sa.any, (socklen_t)len);
	hoy__os_close(probe);
	switch (code) {
	case -ECONNREFUSED: return 1;
	case -EPROTOTYPE: case -EPERM: case -EACCES: return 0;
	default: return code;
	}
}

enum { LOCK_TRIES = 200 };

/*
 * A lock of the file's folder, a descriptor, so that of several servers that start at once one looks and binds after the
 * other. Others hold it for microseconds.
 */
static int lock_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[HOY__SUN_PATH + 1];
	int fd, code;

	if (slash)
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
	fd = hoy__os_open(slash ? folder : ".", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	for (int i = 0; (code = hoy__os_try_lock(fd)) == -EAGAIN && i < LOCK_TRIES; i++)
		if ((code = hoy_sleep(5 * HOY_MILLISECOND)) < 0)
			break;
	if (code < 0)
		hoy__os_close(fd);
	return code < 0 ? code : fd;
}

/* The file is there. */
static int replace(int sys, const hoy_addr *addr)
{
	int lock = lock_folder(addr->path), code;

	if (lock < 0)
		return lock;
	code = is_stale(addr);
	if (code > 0)
		code = hoy__os_unlink(addr->path);
	else if (code == 0)
		code = -EADDRINUSE;
	if (code == 0 || code == -ENOENT)	/* its server has removed it meanwhile */
		code = hoy__sock_bind(sys, addr, 0);
	hoy__os_close(lock);
	return code;
}

/* ---- permissions ---- */

/* The file has those of the socket, less umask. What umask took away is given back; a link is not followed. */
static int widen(const char *path, unsigned mode)
{
	struct hoy__file_info info;
	int fd = hoy__os_open(path, O_PATH | O_NOFOLLOW), code;

	if (fd < 0)
		return fd;
	code = hoy__os_stat(fd, &info);
	if (code == 0 && info.is_socket && info.mode != mode)
		code = hoy__os_set_mode(fd, mode);
	hoy__os_close(fd);
	return code;
}

int hoy__unix_bind(int sys, const struct hoy__opening *o, const char **call)
{
	bool has_file = hoy__unix_has_file(o->laddr);
	unsigned mode = has_file ? o->unix_mode & 0777 : 0;
	int code = 0;

	if (mode) {
		*call = "fchmod";
		code = hoy__os_set_mode(sys, mode);
	}
	if (code < 0)
		return code;
	*call = "bind";
	code = hoy__sock_bind(sys, o->laddr, 0);
	if (code == -EADDRINUSE && has_file && o->unix_replace)
		code = replace(sys, o->laddr);
	if (code < 0 || !mode)
		return code;
	*call = "chmod";
	code = widen(o->laddr->path, mode);
	if (code < 0)
		hoy__os_unlink(o->laddr->path);
	return code;
}

/* ---- removing it ---- */

/* Without knowing which file it is, it is the one of that name, as for Go. */
void hoy__unix_own_file(hoy_listener *l, bool own)
{
	struct hoy__file_info file = { 0 };

	own = own && hoy__unix_has_file(&l->addr);
	if (own)
		hoy__os_lstat(l->addr.path, &file);
	hoy_mutex_lock(&l->guard);
	l->unlink_on_close = own;
	l->file = file;
	hoy_mutex_unlock(&l->guard);
}

static bool has_kept_file(const hoy_listener *l)
{
	struct hoy__file_info now;

	return !l->file.inode || (hoy__os_lstat(l->addr.path, &now) == 0 && now.inode == l->file.inode &&
				  now.device == l->file.device);
}

void hoy__unix_unlink(hoy_listener *l)
{
	hoy_mutex_lock(&l->guard);
	if (l->unlink_on_close && has_kept_file(l))
		hoy__os_unlink(l->addr.path);
	hoy_mutex_unlock(&l->guard);
}

int hoy_listener_set_unlink_on_close(hoy_listener *l, int on, hoy_err *err)
{
	int begun = hoy__fd_begin(l->fd, HOY__NEITHER), code = begun;

	if (code == 0 && !hoy__is_unix(l->kind))
		code = HOY_EWRONGKIND;
	else if (code == 0)
		hoy__unix_own_file(l, on);
	return hoy__listener_end(l, HOY__NEITHER, begun, "set", NULL, code, err);
}
