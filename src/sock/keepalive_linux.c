/* When a silent peer is asked whether it is still there. Linux counts in seconds. */
#include <netinet/tcp.h>

#include "sock/sock.h"

enum { SECONDS_MOST = 32767 };	/* Linux refuses more: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL */

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
