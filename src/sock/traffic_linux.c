/* The kernel counts the bytes of each TCP connection, so hoy need not. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>

#include "os/os.h"
#include "sock/traffic.h"

/* Sent bytes are counted since Linux 4.19; each one counts once, however often it was sent. */
int hoy__sock_traffic(int fd, struct hoy__traffic *traffic)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;
	int code = hoy__os_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);

	if (code < 0)
		return code;
	if (len < offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans)
		return -ENOPROTOOPT;
	traffic->received = info.tcpi_bytes_received;
	traffic->sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
	return 0;
}
