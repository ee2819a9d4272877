/*
 * What an asker remembers: what flights brought is put into the cache as it is, counted
 * and shared, and a question that the cache knows takes its seat with it. So a hit copies
 * no message, and nothing here can fail. Its clock goes on while the machine sleeps: a TTL
 * is time in the world.
 */
#include <errno.h>

#include "base/base.h"
#include "dns/query/asker.h"
#include "os/os.h"

enum {
	EACH = 4096,			/* bytes for an entry, on the average */
	BYTES_LEAST = 256 * 1024,	/* a few messages of any size */
	SILENCE_MOST = 30		/* s that servers are taken for silent: the network may be back any moment */
};

static void drop(struct hoy__cached *c)
{
	hoy__shared_drop(container_of(c, struct hoy__shared, cached));
}

int hoy__asker_remember(struct hoy__asker *a, size_t entries, int64_t stale)
{
	struct hoy__cache_setup setup = {
		.entries = entries, .bytes = BYTES_LEAST, .stale = stale > 0 ? stale : 0, .key = a->key, .drop = drop,
	};

	if (!entries)
		return 0;
	if (entries > BYTES_LEAST / EACH)
		setup.bytes = entries < SIZE_MAX / EACH ? entries * EACH : SIZE_MAX;
	a->cache = hoy__cache_new(&setup);
	return a->cache ? 0 : -ENOMEM;
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

/* A few numbers ask for more than data of one name (RFC 6895 section 3.1); what they bring is no record set. */
static bool is_data_type(uint16_t type)
{
	return type != HOY__OPT && (type < 128 || type > 255);
}

/* With a chain the name is there, only its end is not. */
static bool is_for_all_types(const struct hoy__shared *s)
{
	return s->code == HOY_ENOHOST && !s->reply.links;
}

static void describe(struct hoy__shared *s)
{
	bool answered = s->code == 0 || s->code == HOY_ENOHOST || s->code == HOY_ENODATA;
	bool lasts = s->reply.has_ttl && !s->reply.truncated;

	s->cached = (struct hoy__cached){
		.kind = s->code == 0 ? HOY__CACHED_DATA : answered ? HOY__CACHED_NEGATIVE : HOY__CACHED_FAILURE,
		.type = is_for_all_types(s) ? HOY__CACHE_ALL : s->type,
		.name = &s->name,
		.ttl = !answered ? blame(s->code) : lasts ? s->reply.ttl : 0,
		.size = sizeof *s + s->len,
	};
}

void hoy__kept_keep(struct hoy__asker *a, struct hoy__shared *s)
{
	if (!a->cache || s->epoch != a->epoch || !is_data_type(s->type))
		return;
	describe(s);
	if (s->cached.kind == HOY__CACHED_FAILURE && !s->cached.ttl)
		return;
	if (hoy__cache_put(a->cache, &s->cached, hoy__os_boottime()))
		atomic_fetch_add(&s->refs, 1);
}

/* ---- what is known ---- */

static void take(struct hoy__seat *seat, struct hoy__cached *c, int64_t now)
{
	struct hoy__asker *a = seat->call->asker;
	bool fresh = hoy__cached_is_fresh(c, now);

	++*(fresh ? &a->hits : &a->stale);
	seat->source = fresh ? HOY_SOURCE_CACHE : HOY_SOURCE_STALE;
	seat->seconds = now > c->since ? (uint32_t)((now - c->since) / HOY_SECOND) : 0;
	seat->shared = container_of(c, struct hoy__shared, cached);
	atomic_fetch_add(&seat->shared->refs, 1);
}

bool hoy__kept_take(struct hoy__seat *seat, uint16_t type)
{
	struct hoy__asker *a = seat->call->asker;
	int64_t now = a->cache ? hoy__os_boottime() : 0;
	struct hoy__cached *c = a->cache ? hoy__cache_find(a->cache, seat->call->name, type, now) : NULL;

	if (c)
		take(seat, c, now);
	else
		a->misses++;
	return c != NULL;
}

bool hoy__kept_backs(struct hoy__asker *a, const struct hoy__name *name, uint16_t type)
{
	return a->cache && hoy__cache_find_old(a->cache, name, type, hoy__os_boottime());
}

/* Whoever has no time left is better off with the old answer, too. */
static bool is_no_answer(int code)
{
	return code && code != HOY_ENOHOST && code != HOY_ENODATA && code != HOY_ECLOSED && code != HOY_ECANCELED &&
	       code != -ENOMEM;
}

void hoy__kept_stand_in(struct hoy__seat *seat, int code)
{
	struct hoy__asker *a = seat->call->asker;
	struct hoy__shared *s = seat->shared;
	struct hoy__cached *c;
	int64_t now;

	if (!a->cache || s->epoch != a->epoch || seat->source != HOY_SOURCE_DNS || !is_no_answer(code))
		return;
	now = hoy__os_boottime();
	if (!(c = hoy__cache_find_old(a->cache, &s->name, s->type, now)))
		return;
	take(seat, c, now);
	hoy__shared_drop(s);
}

/* ---- telling it ---- */

uint32_t hoy__found_ttl(const struct hoy__found *found, uint32_t ttl)
{
	if (found->source == HOY_SOURCE_STALE)
		return HOY__CACHE_STALE_TTL;
	return ttl > found->seconds ? ttl - found->seconds : 0;
}

/*
 * The name is told as it was asked for this time. What was authenticated may not be any
 * more when its time is over: signatures end, too.
 */
void hoy__kept_tell(const struct hoy__seat *seat, struct hoy__found *found)
{
	if (seat->source == HOY_SOURCE_DNS)
		return;
	found->reply.ttl = hoy__found_ttl(found, found->reply.ttl);
	found->reply.authenticated &= seat->source == HOY_SOURCE_CACHE;
	if (found->reply.name.len && !found->reply.links)
		found->reply.name = *seat->call->name;
}
