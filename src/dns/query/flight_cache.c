/*
 * What a client remembers: a flight that is done is put into the cache as it is, and counted
 * once more; a question that the cache knows takes that flight. So a hit copies
 * no message, and nothing here can fail. Its clock goes on while the machine sleeps: a TTL
 * is time in the world.
 */
#include <errno.h>

#include "base/base.h"
#include "dns/query/flight_cache.h"
#include "dns/query/query.h"
#include "os/os.h"

enum {
	EACH = 4096,			/* bytes for an entry, on the average */
	BYTES_LEAST = 256 * 1024,	/* a few messages of any size */
	SILENCE_MOST = 30		/* s that servers are taken for silent: the network may be back any moment */
};

static void drop(struct hoy__cached *entry)
{
	hoy__flight_release(container_of(entry, struct hoy__flight, cached));
}

int hoy__client_remember(struct hoy__client *c, size_t entries, int64_t stale)
{
	struct hoy__cache_setup setup = {
		.entries = entries, .bytes = BYTES_LEAST, .stale = stale > 0 ? stale : 0, .key = c->key, .drop = drop,
	};

	if (!entries)
		return 0;
	if (entries > BYTES_LEAST / EACH)
		setup.bytes = entries < SIZE_MAX / EACH ? entries * EACH : SIZE_MAX;
	c->cache = hoy__cache_new(&setup);
	return c->cache ? 0 : -ENOMEM;
}

/* ---- what was found out ---- */

/* What a server is to blame for, and for how long. 0: our own trouble, or a network that is not there. */
static uint32_t blame(int code)
{
	switch (code) {
	case HOY_ESERVFAIL: case HOY_EREFUSED: case HOY_ELAME: case HOY_EMESSAGE:
		return HOY__CACHE_FAILURE_MOST;
	case HOY_ETIMEOUT: case HOY_EEOF: case -ECONNREFUSED: case -ECONNRESET: case -ETIMEDOUT: case -EPIPE:
		return SILENCE_MOST;
	default:
		return 0;
	}
}

/* A few types are questions only (RFC 6895 section 3.1), such as ANY and AXFR: their answers are no record set. */
static bool is_data_type(uint16_t type)
{
	return type != HOY__OPT && (type < 128 || type > 255);
}

/* With a chain the name is there, only its end is not. */
static bool is_for_all_types(const struct hoy__flight *f)
{
	return f->code == HOY_ENOHOST && !f->reply.links;
}

static void describe(struct hoy__flight *f)
{
	bool answered = f->code == 0 || f->code == HOY_ENOHOST || f->code == HOY_ENODATA;
	bool lasts = f->reply.has_ttl && !f->reply.truncated;

	f->cached = (struct hoy__cached){
		.kind = f->code == 0 ? HOY__CACHED_DATA : answered ? HOY__CACHED_NEGATIVE : HOY__CACHED_FAILURE,
		.type = is_for_all_types(f) ? HOY__CACHE_ALL : f->type,
		.name = &f->name,
		.ttl = !answered ? blame(f->code) : lasts ? f->reply.ttl : 0,
		.size = sizeof *f + f->len,
	};
}

void hoy__flight_cache_store(struct hoy__client *c, struct hoy__flight *f)
{
	if (!c->cache || f->epoch != c->epoch || !is_data_type(f->type))
		return;
	describe(f);
	if (f->cached.kind == HOY__CACHED_FAILURE && !f->cached.ttl)
		return;
	if (hoy__cache_put(c->cache, &f->cached, hoy__os_boottime()))
		atomic_fetch_add(&f->refs, 1);
}

/* ---- what is known ---- */

static void take(struct hoy__flight_member *member, struct hoy__cached *entry, int64_t now)
{
	struct hoy__client *c = member->query->client;
	bool fresh = hoy__cached_is_fresh(entry, now);

	++*(fresh ? &c->cache_hits : &c->stale);
	member->source = fresh ? HOY_SOURCE_CACHE : HOY_SOURCE_STALE;
	member->seconds = now > entry->since ? (uint32_t)((now - entry->since) / HOY_SECOND) : 0;
	member->flight = container_of(entry, struct hoy__flight, cached);
	atomic_fetch_add(&member->flight->refs, 1);
}

bool hoy__flight_cache_take(struct hoy__flight_member *member, uint16_t type)
{
	struct hoy__client *c = member->query->client;
	int64_t now = c->cache ? hoy__os_boottime() : 0;
	struct hoy__cached *entry = c->cache ? hoy__cache_find(c->cache, member->query->name, type, now) : NULL;

	if (entry)
		take(member, entry, now);
	else
		c->misses++;
	return entry != NULL;
}

bool hoy__flight_cache_has_stale(struct hoy__client *c, const struct hoy__name *name, uint16_t type)
{
	return c->cache && hoy__cache_find_old(c->cache, name, type, hoy__os_boottime());
}

/* A query whose time is up (HOY_ETIMEOUT) gets the old answer, too. */
static bool is_no_answer(int code)
{
	return code && code != HOY_ENOHOST && code != HOY_ENODATA && code != HOY_ECLOSED && code != HOY_ECANCELED &&
	       code != -ENOMEM;
}

void hoy__flight_cache_serve_stale(struct hoy__flight_member *member, int code)
{
	struct hoy__client *c = member->query->client;
	struct hoy__flight *f = member->flight;
	struct hoy__cached *entry;
	int64_t now;

	if (!c->cache || f->epoch != c->epoch || member->source != HOY_SOURCE_DNS || !is_no_answer(code))
		return;
	now = hoy__os_boottime();
	if (!(entry = hoy__cache_find_old(c->cache, &f->name, f->type, now)))
		return;
	take(member, entry, now);
	hoy__flight_release(f);
}

/* ---- telling it ---- */

uint32_t hoy__found_ttl(const struct hoy__found *found, uint32_t ttl)
{
	if (found->source == HOY_SOURCE_STALE)
		return HOY__CACHE_STALE_TTL;
	return ttl > found->seconds ? ttl - found->seconds : 0;
}

/*
 * The name gets the letters of this question. An answer past its TTL no longer counts as authenticated: its
 * signatures may have expired, too.
 */
void hoy__flight_cache_age(const struct hoy__flight_member *member, struct hoy__found *found)
{
	if (member->source == HOY_SOURCE_DNS)
		return;
	found->reply.ttl = hoy__found_ttl(found, found->reply.ttl);
	found->reply.authenticated &= member->source == HOY_SOURCE_CACHE;
	if (found->reply.name.len && !found->reply.links)
		found->reply.name = *member->query->name;
}
