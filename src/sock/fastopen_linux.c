/* TCP Fast Open, tcp(7): data in the SYN, for peers that have met before. */
#include <netinet/tcp.h>

#include "sock/sock.h"

int hoy__sock_set_fast_open(int fd, int queue)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_FASTOPEN, queue);
}

/* connect(2) then does nothing but choose a port, and the first send(2) connects. */
int hoy__sock_set_fast_open_connect(int fd)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
}
