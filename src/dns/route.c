/*
 * RFC 6724 orders destinations by the source address that the system would use for each.
 * To connect a datagram socket makes the kernel choose it, and sends nothing. Connecting
 * it elsewhere costs a third of making another, so one socket serves both families and all
 * lookups that are under way; the last of them closes it. A source is remembered
 * for less time than a reply takes from a server far away.
 */
#include "dns/route.h"

#include <string.h>

#include "base/base.h"
#include "base/moment.h"
#include "dns/order.h"
#include "os/os.h"
#include "sock/sock.h"
#include "task/park.h"

enum { SORT_MOST = 100 };	/* a reply may hold thousands; the others keep the server's order behind these */

static const int64_t believed = 100 * HOY_MILLISECOND;

static void close_socket(struct hoy__route_socket *s)
{
	if (s->open)
		hoy__os_close(s->sys);
	*s = (struct hoy__route_socket){ 0 };
}

/* Without IPv6 in the system, one of IPv4 alone: the others cannot be reached. */
static void open_socket(struct hoy__route_socket *s)
{
	s->family = 6;
	s->sys = hoy__sock_open(s->family, SOCK_DGRAM, 0, false);
	if (s->sys < 0) {
		s->family = 4;
		s->sys = hoy__sock_open(s->family, SOCK_DGRAM, 0, false);
	}
	s->open = s->sys >= 0;
}

/* Its old source would bind it, so it is disconnected first. */
static int disconnect(struct hoy__route_socket *s)
{
	int code = s->connected ? hoy__sock_disconnect(s->sys) : 0;

	s->connected = false;
	return code;
}

static bool is_ready(struct hoy__route_socket *s)
{
	if (s->open && disconnect(s) < 0)
		close_socket(s);
	if (!s->open)
		open_socket(s);
	return s->open;
}

/* The argument of the sources' search. */
struct asking {
	struct hoy__routes *routes;
	const struct hoy__result *list;
	int64_t now;
};

/* No ip: it cannot be reached. */
static hoy_ip ask(struct hoy__route_socket *s, const struct hoy__result *result)
{
	hoy_addr to = { .kind = HOY_ADDR_UDP, .port = 53, .ip = result->ip };
	struct hoy__endpoint local = { 0 };
	union hoy__sockaddr sa;
	hoy_ip source = { 0 };
	int len;

	memcpy(to.zone, result->zone, sizeof to.zone);
	if ((len = hoy__sockaddr_of(&sa, &to, s->family)) < 0)
		return source;
	s->connected = true;	/* or not: a zone binds it all the same */
	if (hoy__os_connect(s->sys, &sa.any, (socklen_t)len) == 0)
		hoy__sock_ends(s->sys, HOY_ADDR_UDP, &local, NULL);
	source.len = local.len;
	memcpy(source.bytes, local.ip, sizeof source.bytes);
	return source;
}

static struct hoy__route_known *known_of(struct hoy__routes *routes, hoy_ip to)
{
	unsigned mixed = 0;

	for (unsigned i = 0; i < to.len; i++)
		mixed = mixed * 31 + to.bytes[i];
	return &routes->known[mixed % HOY__ROUTES_KNOWN];
}

static hoy_ip source_of(void *asking, size_t index)
{
	struct asking *a = asking;
	const struct hoy__result *result = &a->list[index];
	struct hoy__route_known *known = known_of(a->routes, result->ip);
	hoy_ip source = { 0 };

	if (!*result->zone && a->now < known->until && hoy_ip_compare(known->to, result->ip) == 0)
		return known->source;
	if (!is_ready(&a->routes->socket))
		return source;
	source = ask(&a->routes->socket, result);
	if (!*result->zone)
		*known = (struct hoy__route_known){ result->ip, source, hoy__moment_add(a->now, believed) };
	return source;
}

/* Without memory to sort in, the order stays: that is no reason to fail. */
static void sort(struct hoy__routes *routes, struct hoy__result *list, size_t n)
{
	struct asking asking = { routes, list, hoy__coarse_now() };
	struct hoy__destination *to = hoy__alloc(n * sizeof *to);
	struct hoy__result *sorted = hoy__alloc(n * sizeof *sorted);

	for (size_t i = 0; to && i < n; i++)
		to[i] = (struct hoy__destination){ .ip = list[i].ip, .index = i };
	if (to && sorted) {
		hoy__order_destinations(to, n, source_of, &asking);
		for (size_t i = 0; i < n; i++)
			sorted[i] = list[to[i].index];
		memcpy(list, sorted, n * sizeof *sorted);
	}
	hoy__release(sorted);
	hoy__release(to);
}

void hoy__routes_sort(struct hoy__routes *routes, struct hoy__results *results)
{
	struct hoy__routes own = { 0 };
	bool taken;

	if (results->count < 2)
		return;
	taken = atomic_exchange(&routes->taken, true);
	sort(taken ? &own : routes, results->list, results->count < SORT_MOST ? results->count : SORT_MOST);
	if (taken)
		close_socket(&own.socket);
	else
		atomic_store(&routes->taken, false);
}

void hoy__routes_enter(struct hoy__routes *routes)
{
	atomic_fetch_add(&routes->lookups, 1);
}

/* If it is taken, another lookup has begun since, and will close the socket when it is the last. */
void hoy__routes_leave(struct hoy__routes *routes)
{
	if (atomic_fetch_sub(&routes->lookups, 1) != 1 || atomic_exchange(&routes->taken, true))
		return;
	close_socket(&routes->socket);
	atomic_store(&routes->taken, false);
}

void hoy__routes_clear(struct hoy__routes *routes)
{
	close_socket(&routes->socket);
	memset(routes, 0, sizeof *routes);
}
