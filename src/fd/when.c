/* A task that starts when a descriptor is readable. */
#include <errno.h>

#include "fd/fd.h"
#include "os/os.h"

/* A descriptor never found empty counts as readable. A socket can be peeked at, which takes nothing away. */
static void peek(struct hoy__fd *fd)
{
	uint32_t seen = hoy__source_look(&fd->source);
	bool is_doubtful = hoy__source_maybe(&fd->source, HOY__IN, seen) || hoy__fd_may_hide_data(fd);
	char byte;

	if (!is_doubtful || !hoy__fd_is(fd, HOY__FD_SOCKET))
		return;
	if (hoy__os_recv(fd->source.sys, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -EAGAIN)
		hoy__source_drained(&fd->source, HOY__IN, seen);
	else
		hoy__source_kick(&fd->source, HOY__IN);
}

int hoy__fd_start_when(struct hoy__fd *fd, hoy_fn *fn, void *arg, const void *site)
{
	peek(fd);
	return hoy__source_start_when(&fd->source, HOY__IN, fn, arg, site);
}
