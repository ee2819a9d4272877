/* Linux puts off an acknowledgement by up to 40 ms, in the hope of data to send along with it. */
#include <netinet/tcp.h>

#include "sock/sock.h"

int hoy__sock_ack_now(int fd)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}
