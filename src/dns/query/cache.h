/*
 * What is remembered of answers, by name and type: a table that forgets with time and
 * stays within its bounds. It knows nothing of messages, clocks or locks; its records
 * live inside others, and the time comes with each call.
 */
#ifndef HOY_DNS_CACHE_H
#define HOY_DNS_CACHE_H

#include "base/list.h"
#include "base/siphash.h"
#include "dns/msg/name.h"

enum {
	HOY__CACHE_ANSWER_MOST = 86400,		/* s; a wrong record is forgotten within a day, whatever its TTL */
	HOY__CACHE_NEGATIVE_MOST = 10800,	/* s; RFC 2308 section 5 */
	HOY__CACHE_FAILURE_FIRST = 5,		/* s, then twice as long each time; RFC 9520 section 3.2, as the next */
	HOY__CACHE_FAILURE_MOST = 300,
	HOY__CACHE_STALE_TTL = 30,		/* s; RFC 8767 section 4 */
	HOY__CACHE_STALE_RECHECK = 30,		/* s; section 5 */
	HOY__CACHE_ALL = 1 << 16		/* in place of a type: a record of all types of its name */
};

enum hoy__cached_kind {
	HOY__CACHED_DATA,
	HOY__CACHED_NEGATIVE,
	HOY__CACHED_FAILURE	/* no server answered: not asked again for a while, longer each time */
};

struct hoy__cached {
	enum hoy__cached_kind kind;
	uint32_t type;			/* or HOY__CACHE_ALL */
	const struct hoy__name *name;	/* stays; its case does not matter */
	uint32_t ttl;			/* s, as the records have it; how long a failure is remembered at most */
	size_t size;			/* of all that is kept with it */

	int64_t since, until;		/* the cache's from here on: fresh in between */
	unsigned failures;		/* in a row */
	uint64_t hash;
	struct hoy__link bucket, age;
};

struct hoy__cache_setup {
	size_t entries, bytes;		/* bounds, of failures by themselves; at least one entry */
	int64_t stale;			/* ns that an answer may stand in after its time */
	struct hoy__siphash_key key;
	void (*drop)(struct hoy__cached *entry);	/* it is not in the cache any more */
};

struct hoy__cache;

/* NULL for want of memory. */
struct hoy__cache *hoy__cache_new(const struct hoy__cache_setup *setup);
void hoy__cache_free(struct hoy__cache *cache);
/* Forgets all. */
void hoy__cache_clear(struct hoy__cache *cache);
size_t hoy__cache_count(const struct hoy__cache *cache);

/*
 * Puts the latest result for a question in the place of the one before; but an answer stays beside a
 * failure. True: it is kept, until drop is called with it.
 */
bool hoy__cache_put(struct hoy__cache *cache, struct hoy__cached *entry, int64_t now);

/*
 * The result to return without a query: an answer that is fresh; or, while a failure is fresh, an
 * old answer that may stand in, or the failure. NULL: the servers are to be asked.
 */
struct hoy__cached *hoy__cache_find(struct hoy__cache *cache, const struct hoy__name *name, uint32_t type,
				    int64_t now);
/* An answer that may stand in if no server answers now; or NULL. */
struct hoy__cached *hoy__cache_find_old(struct hoy__cache *cache, const struct hoy__name *name, uint32_t type,
					int64_t now);

static inline bool hoy__cached_is_fresh(const struct hoy__cached *entry, int64_t now)
{
	return now < entry->until;
}

#endif
