/*
 * The end of a listener's queue. Closing a listening socket resets the connections in its queue, so they are accepted first; and
 * so that their number ends, the socket filter throws SYNs away. A client whose SYN was lost repeats it, and is refused then.
 */
#include <linux/filter.h>
#include <netinet/tcp.h>

#include "base/base.h"
#include "os/os.h"
#include "sock/sock.h"

enum { FLAGS = 13 };	/* the byte of the TCP header that has them */

int hoy__sock_drop_syns(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog filter = { LEN(code), code };

	return hoy__os_setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}
