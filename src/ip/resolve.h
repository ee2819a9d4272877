/*
 * The steps from a network and a text to an address, for those who put a lookup of the
 * name between them.
 */
#ifndef HOY_IP_RESOLVE_H
#define HOY_IP_RESOLVE_H

#include <stdbool.h>

#include <hoy/addr.h>
#include <hoy/err.h>

#include "ip/network.h"

/* Cuts the text into host and service. For kind IP all is host. */
int hoy__resolve_parts(const struct hoy__network *net, const char *address, char host[HOY_HOST_STRLEN],
		       char service[HOY_HOST_STRLEN], hoy_err *err);
/* Is host an address, not a name? Its ip and zone then; IPv4 always in 4 bytes. */
bool hoy__resolve_literal(const char *host, hoy_addr *addr);
/*
 * Fits an address to the network's family: false when it is of the other one. As in Go,
 * "::" for IPv4 becomes 0.0.0.0.
 */
bool hoy__resolve_fit(const struct hoy__network *net, hoy_addr *addr);

#endif
