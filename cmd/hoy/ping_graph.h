/* The graph of a target's last round-trip times, as text. It depends on nothing but its arguments. */
#ifndef PING_GRAPH_H
#define PING_GRAPH_H

#include "ping_stats.h"

struct graph {
	int columns, rows;	/* of the whole: a line of figures, and rows - 1 lines of bars */
	bool colour, unicode;
};

/*
 * Appends the graph of s to `to`: rows lines, each ended by \n, none wider than columns. A column stands for one
 * probe, the last one on the right; an x is a probe without a reply, and a blank one that is pending.
 */
void graph_draw(FILE *to, const struct graph *g, const char *name, const struct stats *s);

#endif
