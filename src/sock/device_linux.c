/* Which way packets take: the interface, and the mark that rules of routing and filtering look at. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "os/os.h"
#include "sock/sock.h"

/* Linux cuts a longer name to IF_NAMESIZE - 1 bytes, and could find another interface. */
int hoy__sock_set_device(int fd, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= IF_NAMESIZE)
		return -ENODEV;
	return hoy__os_setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)len + 1);
}

int hoy__sock_set_mark(int fd, uint32_t mark)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
}
