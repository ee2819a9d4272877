/*
 * Reading and writing: each operation fills in an attempt and lets the loop run it.
 * Sockets are read by recv and written by send, which take their flags per call, so a
 * descriptor that others share keeps its mode and a broken peer raises no signal.
 */
#include <errno.h>

#include "base/base.h"
#include "fd/aside.h"
#include "fd/fd.h"
#include "os/os.h"

enum {
	CHUNK = 1 << 30,	/* the most a call moves; some systems refuse more than 2 GiB */
	MAX_VECTORS = 1024	/* and the most pieces, Linux's UIO_MAXIOV */
};

static ssize_t run_recv(int sys, const struct hoy__attempt *a)
{
	return hoy__os_recv(sys, a->at, a->len, a->flags);
}

static ssize_t run_read(int sys, const struct hoy__attempt *a)
{
	return hoy__os_read(sys, a->at, a->len);
}

static ssize_t run_readv(int sys, const struct hoy__attempt *a)
{
	return hoy__os_readv(sys, a->at, (int)a->len);
}

/* One datagram's place, and its other end's address. */
struct datagram {
	void *data;
	struct sockaddr *sa;
	socklen_t sa_len;
};

static ssize_t run_recvfrom(int sys, const struct hoy__attempt *a)
{
	struct datagram *d = a->at;

	return hoy__os_recvfrom(sys, d->data, a->len, a->flags, d->sa, &d->sa_len);
}

static ssize_t run_sendto(int sys, const struct hoy__attempt *a)
{
	const struct datagram *d = a->at;

	return hoy__os_sendto(sys, d->data, a->len, a->flags, d->sa, d->sa_len);
}

static ssize_t run_recvmsg(int sys, const struct hoy__attempt *a)
{
	return hoy__os_recvmsg(sys, a->at, a->flags);
}

static ssize_t run_send(int sys, const struct hoy__attempt *a)
{
	return hoy__os_send(sys, a->at, a->len, a->flags);
}

static ssize_t run_write(int sys, const struct hoy__attempt *a)
{
	return hoy__os_write(sys, a->at, a->len);
}

static ssize_t run_writev(int sys, const struct hoy__attempt *a)
{
	return hoy__os_writev(sys, a->at, (int)a->len);
}

static ssize_t run_sendmsg(int sys, const struct hoy__attempt *a)
{
	return hoy__os_sendmsg(sys, a->at, a->flags);
}

ssize_t hoy__fd_read(struct hoy__fd *fd, void *buf, size_t len)
{
	struct hoy__attempt a = {
		.run = fd->source.kind & HOY__FD_SOCKET ? run_recv : run_read,
		.at = buf,
		.len = len < CHUNK ? len : CHUNK,
		.flags = hoy__fd_flags(fd),
		.why = HOY__WHY_READ,
	};

	if (fd->source.kind & HOY__FD_STREAM)
		a.full = a.len;
	if (len == 0)		/* never the end of the stream, nor a datagram thrown away */
		return 0;
	if (fd->source.kind & HOY__FD_BLOCKING)
		return hoy__aside_read(fd, &(struct iovec){ buf, len }, 1);
	return hoy__fd_try(fd, HOY__IN, &a);
}

static size_t total(const struct iovec *iov, int n)
{
	size_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += iov[i].iov_len;
	return sum;
}

ssize_t hoy__fd_readv(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	int count = n < MAX_VECTORS ? n : MAX_VECTORS;
	size_t len = total(iov, count);
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = count };
	struct hoy__attempt a = {
		.at = (void *)iov,
		.len = count,
		.why = HOY__WHY_READ,
		.run = run_readv,
		.full = fd->source.kind & HOY__FD_STREAM ? len : 0,
	};

	if (len == 0)
		return 0;
	if (fd->source.kind & HOY__FD_BLOCKING)
		return hoy__aside_read(fd, iov, count);
	if (fd->source.kind & HOY__FD_SOCKET) {
		a.run = run_recvmsg;
		a.at = &msg;
		a.flags = hoy__fd_flags(fd);
	}
	return hoy__fd_try(fd, HOY__IN, &a);
}

ssize_t hoy__fd_recvfrom(struct hoy__fd *fd, void *buf, size_t len, struct sockaddr *sa, socklen_t *sa_len)
{
	struct datagram d = { buf, sa, *sa_len };
	ssize_t n = hoy__fd_try(fd, HOY__IN, &(struct hoy__attempt){
		.run = run_recvfrom, .at = &d, .len = len, .flags = hoy__fd_flags(fd), .why = HOY__WHY_READ,
	});

	*sa_len = d.sa_len;
	return n;
}

ssize_t hoy__fd_sendto(struct hoy__fd *fd, const void *buf, size_t len, const struct sockaddr *sa, socklen_t sa_len)
{
	struct datagram d = { (void *)buf, (struct sockaddr *)sa, sa_len };

	return hoy__fd_try(fd, HOY__OUT, &(struct hoy__attempt){
		.run = run_sendto, .at = &d, .len = len, .flags = hoy__fd_flags(fd), .why = HOY__WHY_WRITE,
		.no_event = hoy__fd_is(fd, HOY__FD_UNIX),
	});
}

/* A part of one buffer; the caller is inside. */
static ssize_t write_some(struct hoy__fd *fd, const void *buf, size_t len)
{
	if (fd->source.kind & HOY__FD_BLOCKING)
		return hoy__aside_write(fd, &(struct iovec){ (void *)buf, len }, 1);
	return hoy__fd_try(fd, HOY__OUT, &(struct hoy__attempt){
		.run = fd->source.kind & HOY__FD_SOCKET ? run_send : run_write,
		.at = (void *)buf,
		.len = len < CHUNK ? len : CHUNK,
		.flags = hoy__fd_flags(fd),
		.why = HOY__WHY_WRITE,
	});
}

static ssize_t writev_some(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = n };
	bool is_socket = fd->source.kind & HOY__FD_SOCKET;

	if (fd->source.kind & HOY__FD_BLOCKING)
		return hoy__aside_write(fd, iov, n);
	return hoy__fd_try(fd, HOY__OUT, &(struct hoy__attempt){
		.run = is_socket ? run_sendmsg : run_writev,
		.at = is_socket ? (void *)&msg : (void *)iov,
		.len = n,
		.flags = hoy__fd_flags(fd),
		.why = HOY__WHY_WRITE,
	});
}

/*
 * Where a write stands. The caller's array is not ours to change, so the rest of a
 * buffer that went out in part is sent alone, and the array goes on behind it.
 */
struct place {
	const struct iovec *iov;
	int n;
	size_t offset;		/* in the first */
};

static void advance(struct place *p, size_t by)
{
	for (p->offset += by; p->n && p->offset >= p->iov->iov_len; p->n--)
		p->offset -= p->iov++->iov_len;
}

static ssize_t write_from(struct hoy__fd *fd, const struct place *p)
{
	int n = p->offset ? 1 : p->n < MAX_VECTORS ? p->n : MAX_VECTORS;

	if (n == 1)
		return write_some(fd, (char *)p->iov->iov_base + p->offset, p->iov->iov_len - p->offset);
	return writev_some(fd, p->iov, n);
}

int hoy__fd_writev(struct hoy__fd *fd, const struct iovec *iov, int n, size_t *done)
{
	struct place p = { iov, n, 0 };
	size_t len = total(iov, n);
	ssize_t moved;

	*done = 0;
	if (n > MAX_VECTORS && hoy__fd_is(fd, HOY__FD_DATAGRAM))
		return -EMSGSIZE;	/* in two calls it would be two messages */
	if (len)
		advance(&p, 0);
	do {	/* once even for nothing: it may be an empty datagram */
		moved = write_from(fd, &p);
		if (moved == 0 && len)
			moved = -EIO;
		if (moved > 0) {
			*done += (size_t)moved;
			advance(&p, moved);
		}
	} while (moved > 0 && *done < len);
	return moved < 0 ? (int)moved : 0;
}

/* One buffer is the common case, and needs no place to be kept. */
int hoy__fd_write(struct hoy__fd *fd, const void *buf, size_t len, size_t *done)
{
	const char *at = buf;
	ssize_t moved;

	*done = 0;
	do {
		moved = write_some(fd, at, len - *done);
		if (moved == 0 && len)
			moved = -EIO;
		if (moved > 0) {
			*done += (size_t)moved;
			at += moved;
		}
	} while (moved > 0 && *done < len);
	return moved < 0 ? (int)moved : 0;
}

ssize_t hoy__fd_recv_now(struct hoy__fd *fd, void *buf, size_t len, int flags)
{
	return hoy__fd_try(fd, HOY__IN, &(struct hoy__attempt){
		.run = run_recv, .at = buf, .len = len, .flags = flags | hoy__fd_flags(fd), .why = HOY__WHY_READ,
		.full = hoy__fd_is(fd, HOY__FD_STREAM) ? len : 0, .no_wait = true, .no_yield = true,
	});
}

ssize_t hoy__fd_send_now(struct hoy__fd *fd, const void *buf, size_t len)
{
	return hoy__fd_try(fd, HOY__OUT, &(struct hoy__attempt){
		.run = run_send, .at = (void *)buf, .len = len, .flags = hoy__fd_flags(fd), .why = HOY__WHY_WRITE,
		.no_wait = true, .no_yield = true,
	});
}
