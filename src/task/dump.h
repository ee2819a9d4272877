/* The list of tasks as text. */
#ifndef HOY_TASK_DUMP_H
#define HOY_TASK_DUMP_H

#include <sys/types.h>

#include "task/inspect.h"

/* As hoy__os_write; a call to write to standard error is hoy__report_write. */
typedef ssize_t hoy__write_fn(int fd, const void *text, size_t len);

/* All tasks, those with equal backtraces together, to a descriptor; how many there are, or a negative code. */
int hoy__dump_tasks(hoy__write_fn *write, int fd);

/* One task, with its backtrace. 0 or a code. */
int hoy__dump_task(const struct hoy__task_info *info, hoy__write_fn *write, int fd);

/* One line for one task, without a line feed; returns text. */
enum { HOY__TASK_LINE = 800 };
struct hoy__symbols;
char *hoy__task_line(const struct hoy__task_info *info, const struct hoy__symbols *symbols, char text[HOY__TASK_LINE]);

/* Tasks would not end: lists them on standard error and leaves the process. */
_Noreturn void hoy__tasks_left(int status);

#endif
