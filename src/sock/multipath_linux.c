/* MPTCP. A socket of it is one of TCP once the peer, or a box on the way, did not know MPTCP. */
#include <errno.h>

#include "os/os.h"
#include "sock/sock.h"

enum { SOL_OF_MPTCP = 284, INFO = 1 };	/* SOL_MPTCP and MPTCP_INFO, younger than Debian 12's headers */

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
