/* Flights that are done, in the client's cache. All under the client's lock. */
#ifndef HOY_DNS_FLIGHT_CACHE_H
#define HOY_DNS_FLIGHT_CACHE_H

#include "dns/query/flight.h"

/* The member takes the flight that the cache has of its query's name and this type. False: there is none. */
bool hoy__flight_cache_take(struct hoy__flight_member *member, uint16_t type);
/* Is there an old answer to fall back on? */
bool hoy__flight_cache_has_stale(struct hoy__client *c, const struct hoy__name *name, uint16_t type);
/* Remembers a flight that is done, if it is worth it. */
void hoy__flight_cache_store(struct hoy__client *c, struct hoy__flight *f);
/* code says that no server gave an answer: the member takes the old one, if there is one. */
void hoy__flight_cache_serve_stale(struct hoy__flight_member *member, int code);
/* Makes the result of a flight that was remembered one of now: its TTL, its name. */
void hoy__flight_cache_age(const struct hoy__flight_member *member, struct hoy__found *found);

#endif
