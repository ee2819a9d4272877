/* TCP's options that are Linux's own: tcp(7). */
#include <errno.h>
#include <netinet/tcp.h>

#include "os/os.h"
#include "sock/sock.h"

enum {
	SECONDS_MOST = 32767,	/* Linux refuses more: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL */
	SOL_OF_MPTCP = 284, INFO = 1	/* SOL_MPTCP and MPTCP_INFO, younger than Debian 12's headers */
};

/* Linux puts off an acknowledgement by up to 40 ms, in the hope of data to send along with it. */
int hoy__sock_ack_now(int fd)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

/* Rounded up: a shorter time than the caller's would be a surprise, and 0 is refused. */
static int seconds_up(hoy_duration d)
{
	hoy_duration s = d / HOY_SECOND + (d % HOY_SECOND > 0);

	return s < SECONDS_MOST ? (int)s : SECONDS_MOST;
}

int hoy__sock_set_keep_alive_idle(int fd, hoy_duration idle)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds_up(idle));
}

int hoy__sock_set_keep_alive_interval(int fd, hoy_duration interval)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds_up(interval));
}

int hoy__sock_set_keep_alive_count(int fd, int count)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
}

/* TCP Fast Open: data in the SYN, for peers that have met before. */
int hoy__sock_set_fast_open(int fd, int queue)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_FASTOPEN, queue);
}

/* connect(2) then does nothing but choose a port, and the first send(2) connects. */
int hoy__sock_set_fast_open_connect(int fd)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
}

/* A socket of MPTCP is one of TCP once the peer, or a box on the way, did not know MPTCP. */
int hoy__sock_is_multipath(int fd)
{
	unsigned char info[256];
	socklen_t len = sizeof info;
	int protocol, code = hoy__sock_get_int(fd, SOL_SOCKET, SO_PROTOCOL, &protocol);

	if (code < 0)
		return code;
	if (protocol != HOY__MPTCP)
		return 0;
	code = hoy__os_getsockopt(fd, SOL_OF_MPTCP, INFO, info, &len);
	return code == 0 ? 1 : code == -EOPNOTSUPP || code == -ENOPROTOOPT ? 0 : code;
}
