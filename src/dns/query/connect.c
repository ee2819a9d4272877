/*
 * The sockets on which servers are asked: of the system's making, or of the resolver's own dial.
 *
 * One UDP socket for each turn of an exchange. The kernel chooses its port at random, and connecting makes the kernel drop
 * what comes from elsewhere: a forger has to guess port and id while this one question is open.
 */
#include <errno.h>
#include <fcntl.h>

#include <hoy/err.h>

#include "dns/query/client.h"
#include "os/os.h"
#include "sock/sock.h"

static int sockaddr_of(union hoy__sockaddr *sa, const hoy_addr *server)
{
	int len = hoy__sockaddr_of(sa, server, 4);

	return len < 0 ? hoy__sockaddr_of(sa, server, 6) : len;
}

/* Connected, or with the connection under way. */
static int connect_to(int type, const hoy_addr *server)
{
	union hoy__sockaddr sa;
	int len = sockaddr_of(&sa, server), sys, code;

	if (len < 0)
		return len;
	sys = hoy__os_socket(sa.any.sa_family, type, 0);
	if (sys < 0)
		return sys;
	code = type == SOCK_STREAM ? hoy__sock_set_no_delay(sys, true) : 0;
	if (code == 0)
		code = hoy__os_connect(sys, &sa.any, (socklen_t)len);
	if (code < 0 && code != -EINPROGRESS) {
		hoy__os_close(sys);
		return code;
	}
	return sys;
}

/* A stream where a stream is wanted, and non-blocking. */
static int adopt(int sys, int type)
{
	int is, flags, code = hoy__sock_get_int(sys, SOL_SOCKET, SO_TYPE, &is);

	if (code < 0)
		return code;
	if ((is == SOCK_STREAM) != (type == SOCK_STREAM))
		return HOY_EWRONGKIND;
	flags = hoy__os_get_flags(sys);
	return flags < 0 ? flags : hoy__os_set_flags(sys, flags | O_NONBLOCK);
}

int hoy__client_connect(const struct hoy__client *c, int type, const hoy_addr *server)
{
	int sys, code;

	if (!c->dial)
		return connect_to(type, server);
	sys = c->dial(type == SOCK_STREAM ? "tcp" : "udp", server, c->dial_arg);
	if (sys < 0)
		return sys;
	code = adopt(sys, type);
	if (code < 0)
		hoy__os_close(sys);
	return code < 0 ? code : sys;
}
