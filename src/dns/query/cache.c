/*
 * Buckets by the name alone, so that one walk sees all there is of it: the type's answer,
 * one for all types (no such name), and a failure. A walk removes entries that have expired; an entry
 * that is not looked up moves to the old end of its list, where room is made.
 * Failures have a list of their own: when no server answers, those of all questions asked
 * would push out the very answers that could stand in.
 */
#include "dns/query/cache.h"

#include <hoy/time.h>

#include "base/base.h"
#include "base/moment.h"
#include "dns/msg/slice.h"

enum { ENTRIES_MOST = 1 << 20 };	/* its buckets are 16 MiB */

struct shelf {
	struct hoy__link age;		/* the oldest first */
	size_t count, bytes;
};

struct hoy__cache {
	struct hoy__cache_setup setup;
	struct shelf answers, failures;
	size_t mask;			/* buckets less one, a power of two */
	struct hoy__link bucket[];
};

struct hoy__cache *hoy__cache_new(const struct hoy__cache_setup *setup)
{
	struct hoy__cache *cache;
	size_t buckets = 1, entries = setup->entries < ENTRIES_MOST ? setup->entries : ENTRIES_MOST;

	while (buckets < entries)
		buckets *= 2;
	if (!(cache = hoy__alloc(sizeof *cache + buckets * sizeof *cache->bucket)))
		return NULL;
	cache->setup = *setup;
	cache->setup.entries = entries;
	cache->mask = buckets - 1;
	hoy__list_init(&cache->answers.age);
	hoy__list_init(&cache->failures.age);
	for (size_t i = 0; i < buckets; i++)
		hoy__list_init(&cache->bucket[i]);
	return cache;
}

static struct shelf *shelf_of(struct hoy__cache *cache, const struct hoy__cached *entry)
{
	return entry->kind == HOY__CACHED_FAILURE ? &cache->failures : &cache->answers;
}

static void forget(struct hoy__cache *cache, struct hoy__cached *entry)
{
	struct shelf *shelf = shelf_of(cache, entry);

	hoy__list_remove(&entry->bucket);
	hoy__list_remove(&entry->age);
	shelf->count--;
	shelf->bytes -= entry->size;
	cache->setup.drop(entry);
}

static void forget_oldest(struct hoy__cache *cache, struct shelf *shelf)
{
	forget(cache, container_of(shelf->age.next, struct hoy__cached, age));
}

void hoy__cache_clear(struct hoy__cache *cache)
{
	while (cache->answers.count)
		forget_oldest(cache, &cache->answers);
	while (cache->failures.count)
		forget_oldest(cache, &cache->failures);
}

void hoy__cache_free(struct hoy__cache *cache)
{
	if (!cache)
		return;
	hoy__cache_clear(cache);
	hoy__release(cache);
}

size_t hoy__cache_count(const struct hoy__cache *cache)
{
	return cache->answers.count + cache->failures.count;
}

/* ---- how long ---- */

static uint32_t at_most(uint32_t most, uint32_t n)
{
	return n < most ? n : most;
}

static uint32_t failure_time(unsigned failures)
{
	uint32_t time = HOY__CACHE_FAILURE_FIRST;

	while (--failures && time < HOY__CACHE_FAILURE_MOST)
		time *= 2;
	return at_most(HOY__CACHE_FAILURE_MOST, time);
}

static uint32_t life_of(const struct hoy__cached *entry)
{
	switch (entry->kind) {
	case HOY__CACHED_DATA: return at_most(HOY__CACHE_ANSWER_MOST, entry->ttl);
	case HOY__CACHED_NEGATIVE: return at_most(HOY__CACHE_NEGATIVE_MOST, entry->ttl);
	default: return at_most(entry->ttl, failure_time(entry->failures));
	}
}

/* Of no use any more; a failure is remembered a while longer, for the next to be one in a row. */
static bool is_over(const struct hoy__cache *cache, const struct hoy__cached *entry, int64_t now)
{
	int64_t grace = entry->kind == HOY__CACHED_FAILURE ? HOY__CACHE_FAILURE_MOST * HOY_SECOND : cache->setup.stale;

	return now >= entry->until && now - entry->until >= grace;
}

/* ---- what there is of a name ---- */

static uint64_t hash_of(const struct hoy__cache *cache, const struct hoy__name *name)
{
	uint8_t folded[HOY__NAME_SIZE];

	for (size_t i = 0; i < name->len; i++)
		folded[i] = (uint8_t)hoy__lower((char)name->wire[i]);
	return hoy__siphash(&cache->setup.key, folded, name->len);
}

struct known {
	struct hoy__cached *answer, *failure;
};

static bool concerns(const struct hoy__cached *entry, uint64_t hash, const struct hoy__name *name, uint32_t type)
{
	return entry->hash == hash && (entry->type == type || entry->type == HOY__CACHE_ALL || type == HOY__CACHE_ALL) &&
	       hoy__name_equal(entry->name, name);
}

static struct known look(struct hoy__cache *cache, uint64_t hash, const struct hoy__name *name, uint32_t type,
			 int64_t now)
{
	struct hoy__link *list = &cache->bucket[hash & cache->mask], *next;
	struct known known = { 0 };

	for (struct hoy__link *l = list->next; l != list; l = next) {
		struct hoy__cached *entry = container_of(l, struct hoy__cached, bucket);

		next = l->next;
		if (is_over(cache, entry, now))
			forget(cache, entry);
		else if (concerns(entry, hash, name, type))
			*(entry->kind == HOY__CACHED_FAILURE ? &known.failure : &known.answer) = entry;
	}
	return known;
}

static struct hoy__cached *use(struct hoy__cache *cache, struct hoy__cached *entry)
{
	hoy__list_remove(&entry->age);
	hoy__list_push(&shelf_of(cache, entry)->age, &entry->age);
	return entry;
}

struct hoy__cached *hoy__cache_find(struct hoy__cache *cache, const struct hoy__name *name, uint32_t type,
				    int64_t now)
{
	struct known known = look(cache, hash_of(cache, name), name, type, now);
	bool failed = known.failure && hoy__cached_is_fresh(known.failure, now);

	if (known.answer && (failed || hoy__cached_is_fresh(known.answer, now)))
		return use(cache, known.answer);
	return failed ? use(cache, known.failure) : NULL;
}

struct hoy__cached *hoy__cache_find_old(struct hoy__cache *cache, const struct hoy__name *name, uint32_t type,
					int64_t now)
{
	struct hoy__cached *entry = look(cache, hash_of(cache, name), name, type, now).answer;

	return entry ? use(cache, entry) : NULL;
}

/* ---- keeping ---- */

/* What the newcomer contradicts. Nothing failed since, once there is an answer. */
static void supersede(struct hoy__cache *cache, const struct hoy__cached *entry)
{
	struct hoy__link *list = &cache->bucket[entry->hash & cache->mask], *next;

	for (struct hoy__link *l = list->next; l != list; l = next) {
		struct hoy__cached *old = container_of(l, struct hoy__cached, bucket);

		next = l->next;
		if (concerns(old, entry->hash, entry->name, entry->type) &&
		    (entry->kind != HOY__CACHED_FAILURE || old->kind == HOY__CACHED_FAILURE))
			forget(cache, old);
	}
}

static void make_room(struct hoy__cache *cache, struct shelf *shelf, size_t size)
{
	while (shelf->count && (shelf->count >= cache->setup.entries || shelf->bytes + size > cache->setup.bytes))
		forget_oldest(cache, shelf);
}

/* While an old answer stands in, servers are left alone at least as long as RFC 8767 has it. */
static void set_times(struct hoy__cached *entry, const struct known *known, int64_t now)
{
	bool failed = entry->kind == HOY__CACHED_FAILURE;
	uint32_t life;

	entry->failures = !failed ? 0 : known->failure ? known->failure->failures + 1 : 1;
	life = life_of(entry);
	if (failed && known->answer && !hoy__cached_is_fresh(known->answer, now) && life < HOY__CACHE_STALE_RECHECK)
		life = HOY__CACHE_STALE_RECHECK;
	entry->since = now;
	entry->until = hoy__moment_add(now, life * HOY_SECOND);
}

bool hoy__cache_put(struct hoy__cache *cache, struct hoy__cached *entry, int64_t now)
{
	struct shelf *shelf = shelf_of(cache, entry);
	struct known known;

	entry->hash = hash_of(cache, entry->name);
	known = look(cache, entry->hash, entry->name, entry->type, now);
	set_times(entry, &known, now);
	supersede(cache, entry);
	if (entry->until == now || entry->size > cache->setup.bytes)
		return false;
	make_room(cache, shelf, entry->size);
	hoy__list_push(&cache->bucket[entry->hash & cache->mask], &entry->bucket);
	hoy__list_push(&shelf->age, &entry->age);
	shelf->count++;
	shelf->bytes += entry->size;
	return true;
}
