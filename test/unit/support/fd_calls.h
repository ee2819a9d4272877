/* One call on a descriptor, from its beginning to its end; the calls of fd/fd.h are made inside. */
#ifndef FD_CALLS_H
#define FD_CALLS_H

#include "fd/fd.h"

/* RESULT is the call, and is not made when the caller cannot come in. */
#define FD_CALL(fd, d, type, result) ({ \
	type n_ = hoy__fd_enter(fd, d); \
	if (n_ == 0) { \
		n_ = (result); \
		hoy__fd_leave(fd, d); \
	} \
	n_; \
})

__attribute__((unused)) static ssize_t fd_read(struct hoy__fd *fd, void *buf, size_t len)
{
	return FD_CALL(fd, HOY__IN, ssize_t, hoy__fd_read(fd, buf, len));
}

__attribute__((unused)) static ssize_t fd_readv(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	return FD_CALL(fd, HOY__IN, ssize_t, hoy__fd_readv(fd, iov, n));
}

__attribute__((unused)) static ssize_t fd_recvfrom(struct hoy__fd *fd, void *buf, size_t len, struct sockaddr *sa,
						   socklen_t *sa_len)
{
	return FD_CALL(fd, HOY__IN, ssize_t, hoy__fd_recvfrom(fd, buf, len, sa, sa_len));
}

__attribute__((unused)) static int fd_write(struct hoy__fd *fd, const void *buf, size_t len, size_t *done)
{
	size_t sent = 0;
	int code = FD_CALL(fd, HOY__OUT, int, hoy__fd_write(fd, buf, len, &sent));

	if (done)
		*done = sent;
	return code;
}

__attribute__((unused)) static int fd_writev(struct hoy__fd *fd, const struct iovec *iov, int n, size_t *done)
{
	size_t sent = 0;
	int code = FD_CALL(fd, HOY__OUT, int, hoy__fd_writev(fd, iov, n, &sent));

	if (done)
		*done = sent;
	return code;
}

__attribute__((unused)) static ssize_t fd_sendto(struct hoy__fd *fd, const void *buf, size_t len,
						 const struct sockaddr *sa, socklen_t sa_len)
{
	return FD_CALL(fd, HOY__OUT, ssize_t, hoy__fd_sendto(fd, buf, len, sa, sa_len));
}

__attribute__((unused)) static int fd_accept(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len)
{
	return FD_CALL(fd, HOY__IN, int, hoy__fd_accept(fd, sa, len));
}

#endif
