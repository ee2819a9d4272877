/*
 * Reading without a buffer of one's own. A descriptor that does not block is read into the thread's buffer once there
 * is something to read; another kind of connection may let other tasks run while it reads, so it gets memory of its
 * own, and the result is copied.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"
#include "task/lent.h"

COLD static ssize_t read_and_copy(hoy_conn *c, const void **data, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER), code;
	char *own = hoy__alloc(HOY__LENT), *lent;
	ssize_t n = begun < 0 ? begun : own ? hoy_conn_read(c, own, HOY__LENT, NULL) : -ENOMEM;

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
	return hoy__conn_end(c, HOY__NEITHER, begun, "read", "read", n, err);
}

HOT ssize_t hoy_conn_read_lent(hoy_conn *c, const void **data, hoy_err *err)
{
	int begun;
	ssize_t n;

	if (c->ops || hoy__fd_is(c->fd, HOY__FD_BLOCKING))
		return read_and_copy(c, data, err);
	begun = hoy__conn_begin(c, HOY__IN);
	n = hoy__fd_begun(begun);
	if (n == 0)
		n = hoy__fd_read_lent(c->fd, data);
	return hoy__conn_end(c, HOY__IN, begun, "read", "read", n, err);
}
