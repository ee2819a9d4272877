/*
 * Reads into the thread's lent buffer, and writes out of it. Between a read and the end of the write no other task may
 * run on this thread, as it could read into the same buffer: so neither yields, and a write that has to wait moves what
 * is left into memory of its own first.
 */
#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "fd/fd.h"
#include "os/os.h"
#include "task/lent.h"

static ssize_t run_recv(int sys, const struct hoy__attempt *a)
{
	hoy__lent_open();
	return hoy__os_recv(sys, a->at, a->len, a->flags);
}

static ssize_t run_read(int sys, const struct hoy__attempt *a)
{
	hoy__lent_open();
	return hoy__os_read(sys, a->at, a->len);
}

static inline ssize_t read_lent(struct hoy__fd *fd, const void **data, bool wait)
{
	int code;
	void *buf = hoy__lent(&code);
	const struct hoy__attempt a = {
		.run = fd->source.kind & HOY__FD_SOCKET ? run_recv : run_read,
		.at = buf,
		.len = HOY__LENT,
		.flags = hoy__fd_flags(fd),
		.why = HOY__WHY_READ,
		.full = fd->source.kind & HOY__FD_STREAM ? HOY__LENT : 0,
		.no_yield = true,
		.no_wait = !wait,
	};
	ssize_t n;

	if (!buf)
		return code;
	if (wait)
		hoy__spend();		/* now, as the read itself does not */
	n = hoy__fd_try(fd, HOY__IN, &a);
	if (n >= 0)
		*data = buf;
	return n;
}

ssize_t hoy__fd_read_lent(struct hoy__fd *fd, const void **data)
{
	return read_lent(fd, data, true);
}

ssize_t hoy__fd_read_lent_now(struct hoy__fd *fd, const void **data)
{
	return read_lent(fd, data, false);
}

static ssize_t run_send(int sys, const struct hoy__attempt *a)
{
	return hoy__os_send(sys, a->at, a->len, a->flags);
}

static ssize_t run_write(int sys, const struct hoy__attempt *a)
{
	return hoy__os_write(sys, a->at, a->len);
}

int hoy__fd_write_now(struct hoy__fd *fd, const void *data, size_t len, size_t *sent)
{
	struct hoy__attempt a = {
		.run = fd->source.kind & HOY__FD_SOCKET ? run_send : run_write,
		.flags = hoy__fd_flags(fd),
		.why = HOY__WHY_WRITE,
		.no_yield = true,
		.no_wait = true,
	};

	*sent = 0;
	if (fd->source.kind & HOY__FD_BLOCKING)
		return -EAGAIN;
	do {
		ssize_t n;

		a.at = (char *)data + *sent;
		a.len = len - *sent;
		n = hoy__fd_try(fd, HOY__OUT, &a);
		if (n < 0 || (n == 0 && len))
			return n < 0 ? (int)n : -EIO;
		*sent += (size_t)n;
	} while (*sent < len);
	return 0;
}

/* The rest, from memory of its own. */
static int write_moved(struct hoy__fd *fd, const char *data, size_t len, size_t *sent)
{
	char *own = hoy__alloc(len ? len : 1);
	int code = -ENOMEM;

	if (own) {
		memcpy(own, data, len);
		code = hoy__fd_write(fd, own, len, sent);
	}
	hoy__release(own);
	return code;
}

int hoy__fd_write_lent(struct hoy__fd *fd, const void *data, size_t len, size_t *done)
{
	size_t sent, rest = 0;
	int code = hoy__fd_write_now(fd, data, len, &sent);

	if (code == -EAGAIN)
		code = write_moved(fd, (const char *)data + sent, len - sent, &rest);
	*done = sent + rest;
	return code;
}
