/* The process must end even if standard error is a full pipe. */
#include "task/report.h"

#include <errno.h>
#include <sched.h>

#include "base/moment.h"
#include "os/os.h"

ssize_t hoy__report_write(int fd, const void *text, size_t len)
{
	int64_t until = hoy__moment_add(hoy__os_monotonic(), HOY_SECOND);

	while (hoy__os_ready(fd, HOY__WRITABLE) == 0) {
		if (hoy__os_monotonic() >= until)
			return -EAGAIN;
		sched_yield();
	}
	return hoy__os_write(fd, text, len);
}
