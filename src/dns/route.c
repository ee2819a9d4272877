/*
 * Which address the system would send from tells how well a destination can be reached.
 * A datagram socket that is connected asks the routing table and sends nothing.
 */
#include <string.h>

#include "base/base.h"
#include "dns/order.h"
#include "dns/resolver.h"
#include "os/os.h"
#include "sock/sock.h"

enum { SORT_MOST = 100 };	/* a reply may hold thousands; the others keep the server's order behind these */

/* No ip: it cannot be reached. */
static hoy_ip source_of(void *hits, size_t index)
{
	const struct hoy__hit *hit = &((struct hoy__hits *)hits)->list[index];
	int family = hoy_ip_to4(hit->ip).len ? AF_INET : AF_INET6;
	hoy_addr to = { .kind = HOY_ADDR_UDP, .port = 53, .ip = hit->ip }, from = { 0 };
	struct hoy__endpoint local = { 0 };
	union hoy__sockaddr sa;
	int len, sys;

	memcpy(to.zone, hit->zone, sizeof to.zone);
	if ((len = hoy__sockaddr_of(&sa, &to, family)) < 0)
		return from.ip;
	if ((sys = hoy__os_socket(family, SOCK_DGRAM, 0)) < 0)
		return from.ip;
	if (hoy__os_connect(sys, &sa.any, (socklen_t)len) == 0) {
		hoy__sock_ends(sys, HOY_ADDR_UDP, &local, NULL);
		hoy__endpoint_addr(&local, &from);
	}
	hoy__os_close(sys);
	return from.ip;
}

/* Without memory to sort in, the order stays: that is no reason to fail. */
void hoy__lookup_sort(struct hoy__hits *hits)
{
	size_t n = hits->count < SORT_MOST ? hits->count : SORT_MOST;
	struct hoy__destination *to = n < 2 ? NULL : hoy__alloc(n * sizeof *to);
	struct hoy__hit *sorted = to ? hoy__alloc(n * sizeof *sorted) : NULL;

	for (size_t i = 0; sorted && i < n; i++)
		to[i] = (struct hoy__destination){ .ip = hits->list[i].ip, .index = i };
	if (sorted) {
		hoy__order_destinations(to, n, source_of, hits);
		for (size_t i = 0; i < n; i++)
			sorted[i] = hits->list[to[i].index];
		memcpy(hits->list, sorted, n * sizeof *sorted);
	}
	hoy__release(sorted);
	hoy__release(to);
}
