/*
 * A flight is a question on its way to the servers, for all the queries that ask it at the same time. One of them leads:
 * its exchange asks.
 */
#ifndef HOY_DNS_FLIGHT_H
#define HOY_DNS_FLIGHT_H

#include "base/list.h"
#include "dns/query/cache.h"
#include "dns/query/client.h"

/* Under the client's lock until it is done; from then on nothing in it changes but what is marked. */
struct hoy__flight {
	atomic_uint refs;		/* one of each member, later of each found, and the cache's */
	struct hoy__link link;		/* in its bucket, until it is done */
	struct hoy__link members;
	struct hoy__query *leader;	/* NULL: it ended early, another member is to lead */
	struct hoy__name name;
	uint16_t type;
	uint64_t epoch;			/* queries of other epochs do not join */
	bool has_stale;			/* the cache has an old answer, to fall back on */

	atomic_bool done;
	int code;
	hoy_addr server;
	struct hoy__reply reply;
	uint8_t *message;
	size_t len;
	struct hoy__cached cached;	/* under the lock, also when done */
};

/* One question of one query: in a flight that is under way, or that was remembered. */
struct hoy__flight_member {
	struct hoy__link link;		/* among the flight's, unless it was remembered */
	struct hoy__query *query;
	struct hoy__flight *flight;
	bool joined;			/* the flight was under way already */
	enum hoy_source source;
	uint32_t seconds;		/* for which it has been remembered */
};

/* Where the flights about this name are. Not under the lock. */
struct hoy__link *hoy__flight_bucket(struct hoy__client *c, const struct hoy__name *name);
/*
 * The query's next question joins a flight: one that the cache has, one under way, or a new one. 0 or -ENOMEM. Under the
 * lock.
 */
int hoy__flight_join(struct hoy__query *q, uint16_t type);
/* Makes the query the leader of its flights that have none, and lists them in q->led. How many. Under the lock. */
unsigned hoy__flight_elect(struct hoy__query *q);
/* The exchange has settled its question i: the flight is done, and its members are woken. Not under the lock. */
void hoy__flight_finish(struct hoy__query *q, unsigned i);
/* Are all flights of this query done? */
bool hoy__flight_all_done(const struct hoy__query *q);
/* The result of a member's flight, which is done. found does not count as a holder. */
void hoy__flight_result(const struct hoy__flight_member *member, struct hoy__found *found);
/* Leaves the flight, at the end, with its result. Under the lock. */
void hoy__flight_leave(struct hoy__query *q, struct hoy__flight_member *member, struct hoy__found *found);
/* One holder less; the last one releases it. */
void hoy__flight_release(struct hoy__flight *f);

#endif
