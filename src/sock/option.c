/* Options that every system with sockets knows. Keepalive's times differ: keepalive_*.c. */
#include <errno.h>
#include <netinet/tcp.h>

#include "os/os.h"
#include "sock/sock.h"

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

int hoy__sock_set_reuse_addr(int fd)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
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

int hoy__sock_describe(int fd, struct hoy__sock_info *info)
{
	struct hoy__sock_info got = { 0 };
	int listening = 0, code;

	if ((code = hoy__sock_get_int(fd, SOL_SOCKET, SO_DOMAIN, &got.family)) < 0 ||
	    (code = hoy__sock_get_int(fd, SOL_SOCKET, SO_TYPE, &got.type)) < 0 ||
	    (code = hoy__sock_get_int(fd, SOL_SOCKET, SO_PROTOCOL, &got.protocol)) < 0)
		return code;
	/* not every family knows the question, and those that do not cannot listen */
	hoy__sock_get_int(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening);
	got.listening = listening;
	*info = got;
	return 0;
}
