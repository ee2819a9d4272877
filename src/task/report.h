/* What is said on standard error before the process ends. */
#ifndef HOY_TASK_REPORT_H
#define HOY_TASK_REPORT_H

#include <sys/types.h>

/* As write, but a reader that does not read is waited for at most a second: then -EAGAIN. Also in a signal handler. */
ssize_t hoy__report_write(int fd, const void *text, size_t len);

#endif
