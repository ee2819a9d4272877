/* Options that every system with sockets knows. Keepalive's times differ: keepalive_*.c. */
#include <errno.h>
#include <netinet/tcp.h>

#include "os/os.h"
#include "sock/sock.h"
#include "task/inspect.h"

int hoy__sock_set_int(int fd, int level, int name, int value)
{
	return hoy__os_setsockopt(fd, level, name, &value, sizeof value);
}

int hoy__sock_get_int(int fd, int level, int name, int *value)
{
	int got = 0;
	socklen_t len = sizeof got;
	int code = hoy__os_getsockopt(fd, level, name, &got, &len);

	if (code == 0)
		*value = got;
	return code;
}

int hoy__sock_set_ip(int fd, int family, int name4, int name6, int value)
{
	int code = family == 6 ? hoy__sock_set_int(fd, IPPROTO_IPV6, name6, value) : 0;

	return code < 0 ? code : hoy__sock_set_int(fd, IPPROTO_IP, name4, value);
}

int hoy__sock_set_reuse_addr(int fd)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

int hoy__sock_set_reuse_port(int fd)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

int hoy__sock_set_v6only(int fd, bool on)
{
	return hoy__sock_set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, on);
}

int hoy__sock_set_broadcast(int fd)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

int hoy__sock_set_no_delay(int fd, bool on)
{
	return hoy__sock_set_int(fd, IPPROTO_TCP, TCP_NODELAY, on);
}

int hoy__sock_set_keep_alive(int fd, bool on)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_KEEPALIVE, on);
}

int hoy__sock_set_linger(int fd, int seconds)
{
	struct linger l = { .l_onoff = seconds >= 0, .l_linger = seconds >= 0 ? seconds : 0 };

	return hoy__os_setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

int hoy__sock_set_read_buffer(int fd, int bytes)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

int hoy__sock_set_write_buffer(int fd, int bytes)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_SNDBUF, bytes);
}

/* Every stream of IP counts as TCP: MPTCP behaves alike. */
static int kind_of(int domain, int type, int protocol)
{
	if (domain == AF_UNIX)
		return type == SOCK_STREAM ? HOY_ADDR_UNIX : type == SOCK_DGRAM ? HOY_ADDR_UNIXGRAM : HOY_ADDR_UNIXPACKET;
	if (domain != AF_INET && domain != AF_INET6)
		return HOY_ADDR_NONE;
	if (type == SOCK_STREAM)
		return HOY_ADDR_TCP;
	if (type == SOCK_RAW)
		return HOY_ADDR_IP;
	return type == SOCK_DGRAM && protocol == IPPROTO_UDP ? HOY_ADDR_UDP : HOY_ADDR_NONE;
}

int hoy__sock_describe(int fd, struct hoy__sock_info *info)
{
	int domain = 0, type = 0, protocol = 0, listening = 0, code;

	atomic_store_explicit(&hoy__describe_socket, hoy__sock_text, memory_order_relaxed);
	if ((code = hoy__sock_get_int(fd, SOL_SOCKET, SO_DOMAIN, &domain)) < 0 ||
	    (code = hoy__sock_get_int(fd, SOL_SOCKET, SO_TYPE, &type)) < 0 ||
	    (code = hoy__sock_get_int(fd, SOL_SOCKET, SO_PROTOCOL, &protocol)) < 0)
		return code;
	/* A family that does not have this option cannot listen. */
	hoy__sock_get_int(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening);
	*info = (struct hoy__sock_info){
		.kind = kind_of(domain, type, protocol),
		.family = domain == AF_INET ? 4 : domain == AF_INET6 ? 6 : 0,
		.listening = listening,
	};
	return 0;
}
