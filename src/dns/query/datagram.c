/*
 * Datagrams to and from a server. Queries are far below any path's MTU, so none is fragmented; the size that a query
 * announces (EDNS) keeps answers small.
 */
#include <errno.h>
#include <sys/socket.h>

#include "dns/query/sockets.h"
#include "fd/fd.h"
#include "os/os.h"

struct hoy__fd *hoy__datagram_open(const struct hoy__client *c, const hoy_addr *server, int *code)
{
	int sys = hoy__client_connect(c, SOCK_DGRAM, server);
	struct hoy__fd *fd;

	*code = sys;
	if (sys < 0)
		return NULL;
	fd = hoy__fd_new(sys, HOY__FD_SOCKET | HOY__SOURCE_IN_ONLY, NULL, NULL);
	if (!fd) {
		hoy__os_close(sys);
		*code = -ENOMEM;
		return NULL;
	}
	hoy__fd_expect_event(fd, HOY__IN);	/* nothing can have come yet */
	return fd;
}

int hoy__datagram_send(struct hoy__fd *fd, const void *data, size_t len)
{
	ssize_t n = hoy__os_send(hoy__fd_sys(fd), data, len, 0);

	/* without room in the queue it is lost as any datagram may be */
	return n < 0 && n != -EAGAIN && n != -ENOBUFS ? (int)n : 0;
}

ssize_t hoy__datagram_receive(struct hoy__fd *fd, void *room, size_t size)
{
	return hoy__fd_recv_now(fd, room, size, MSG_TRUNC);
}
