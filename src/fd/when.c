/* A task that starts when a descriptor is readable. */
#include "fd/fd.h"

/* A descriptor that was never found empty counts as readable, unless the look finds that it is not. */
int hoy__fd_start_when(struct hoy__fd *fd, hoy_fn *fn, void *arg, const void *site)
{
	uint32_t seen = hoy__source_look(&fd->source);

	if (hoy__source_maybe(&fd->source, HOY__IN, seen) || hoy__fd_may_hide_data(fd))
		hoy__fd_look(fd, HOY__IN);
	return hoy__source_start_when(&fd->source, HOY__IN, fn, arg, site);
}
