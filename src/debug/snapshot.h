/* What the control socket sends: the tasks, the connections and the counters of this process as a JSON document. */
#ifndef HOY_DEBUG_SNAPSHOT_H
#define HOY_DEBUG_SNAPSHOT_H

#include <stdbool.h>

#include "debug/json.h"

enum hoy__part {
	HOY__PART_STATS = 1,
	HOY__PART_TASKS = 2,
	HOY__PART_FRAMES = 4,		/* with TASKS: their backtraces, too */
	HOY__PART_CONNECTIONS = 8
};

struct hoy__fd;
typedef bool hoy__hidden(const struct hoy__fd *fd);

/* Appends these parts as one document, which hoy/debug.h describes. Hidden descriptors are not among the connections. */
void hoy__snapshot(struct hoy__json *j, unsigned parts, hoy__hidden *is_hidden);

#endif
