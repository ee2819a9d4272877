/* Configuration files: read whole, within bounds, and read again when they change. */
#ifndef HOY_DNS_FILE_H
#define HOY_DNS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

/*
 * Reads a regular file whole: the length, and its bytes in *text (for hoy__release) and
 * what it was in *info. -errno; -EINVAL for anything but a regular file, -EFBIG for one
 * larger than the limit. Never waits for a FIFO's other end.
 */
ssize_t hoy__file_read(const char *path, size_t limit, char **text, struct hoy__file_info *info);

/* When to look at a file again. Zero: never looked yet. */
struct hoy__file_watch {
	int64_t checked;		/* monotonic */
	struct hoy__file_info seen;	/* zero for a missing file */
};

/* Has it been five seconds since the last look? Then takes `now` as that of this one. */
bool hoy__file_is_due(struct hoy__file_watch *watch, int64_t now);
/* Has the file changed, appeared or gone since it was last seen? Takes what it is now as seen. */
bool hoy__file_changed(struct hoy__file_watch *watch, const char *path);

#endif
