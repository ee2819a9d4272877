/* The source address that the system would use for a destination, found with a socket that lookups share. */
#ifndef HOY_DNS_ROUTE_H
#define HOY_DNS_ROUTE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dns/results.h"

enum { HOY__ROUTES_KNOWN = 16 };	/* a power of two */

/* Connected somewhere, or about to be. All zero: none yet. */
struct hoy__route_socket {
	bool open, connected;
	int sys, family;
};

/* From where a destination was reached a moment ago. */
struct hoy__route_known {
	hoy_ip to, source;
	int64_t until;
};

struct hoy__routes {
	atomic_uint lookups;		/* under way */
	atomic_bool taken;		/* with all that follows; a lookup that finds it taken makes a socket of its own */
	struct hoy__route_socket socket;
	struct hoy__route_known known[HOY__ROUTES_KNOWN];	/* by the destination's bits */
};

/* A lookup begins, and ends: after the last one no socket is left. */
void hoy__routes_enter(struct hoy__routes *routes);
void hoy__routes_leave(struct hoy__routes *routes);
/* In a child of a fork, before any lookup: the parent uses the socket, and its lookups are not here to leave. */
void hoy__routes_clear(struct hoy__routes *routes);
/* Sorts addresses by RFC 6724, between enter and leave. Sends nothing: the source is the routing table's choice. */
void hoy__routes_sort(struct hoy__routes *routes, struct hoy__results *results);

#endif
