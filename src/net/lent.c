/*
 * Reading without a buffer of one's own. A descriptor that does not block is read into the thread's buffer once there
 * is something to read; another kind of connection may let other tasks run while it reads, so it gets memory of its
 * own, and the result is copied.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"
#include "task/lent.h"

COLD static ssize_t read_and_copy(hoy_conn *c, const void **data)
{
	char *own = hoy__alloc(HOY__LENT), *lent;
	ssize_t n = own ? hoy__conn_read(c, own, HOY__LENT) : -ENOMEM;
	int code;

	if (n >= 0) {
		lent = hoy__lent(&code);
		if (lent) {
			hoy__lent_open();
			memcpy(lent, own, (size_t)n);
			*data = lent;
		} else {
			n = code;
		}
	}
	hoy__release(own);
	return n;
}

ssize_t hoy__conn_read_lent(hoy_conn *c, const void **data)
{
	if (c->ops || hoy__fd_is(c->fd, HOY__FD_BLOCKING))
		return read_and_copy(c, data);
	hoy__conn_renew(c, HOY__IN);
	return hoy__fd_read_lent(c->fd, data);
}

HOT ssize_t hoy_conn_read_lent(hoy_conn *c, const void **data, hoy_err *err)
{
	int held = err ? hoy__fd_hold(c->fd) : 1;
	ssize_t n = hoy__conn_read_lent(c, data);

	hoy__conn_done(c, held, "read", "read", n < 0 ? (int)n : 0, err);
	return n;
}
