/* A task that starts when a descriptor is readable. */
#include <errno.h>

#include "fd/fd.h"
#include "os/os.h"

/* A descriptor never found empty counts as readable. A socket can be peeked at, which takes nothing away. */
static void peek(struct hoy__fd *fd)
{
	uint32_t seen = hoy__source_look(&fd->source);
	char byte;

	if (hoy__source_maybe(&fd->source, HOY__IN, seen) && hoy__fd_is(fd, HOY__FD_SOCKET) &&
	    hoy__os_recv(fd->source.sys, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -EAGAIN)
		hoy__source_drained(&fd->source, HOY__IN, seen);
}

int hoy__fd_start_when(struct hoy__fd *fd, hoy_fn *fn, void *arg, const void *site)
{
	peek(fd);
	return hoy__source_start_when(&fd->source, HOY__IN, fn, arg, site);
}
