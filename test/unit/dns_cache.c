/* The cache with a clock of the test's: what is kept, for how long, and what has to go. */
#include <stdlib.h>

#include <hoy/time.h>

#include "base/base.h"
#include "dns/query/cache.h"
#include "dns/msg/message.h"
#include "t.h"

enum { ITEMS = 64 };

static struct item {
	struct hoy__cached cached;
	struct hoy__name name;
	bool kept;
	unsigned dropped;
} items[ITEMS];
static unsigned used;

static struct hoy__cache *cache;
static int64_t now = 1000 * HOY_SECOND;

static void drop(struct hoy__cached *c)
{
	struct item *item = container_of(c, struct item, cached);

	CHECK(item->kept);
	item->kept = false;
	item->dropped++;
}

static void start(size_t entries, size_t bytes, int64_t stale)
{
	struct hoy__cache_setup setup = { .entries = entries, .bytes = bytes, .stale = stale, .key = { 1, 2 },
					  .drop = drop };

	cache = hoy__cache_new(&setup);
	CHECK(cache != NULL);
}

static void usual(int64_t stale)
{
	start(ITEMS, SIZE_MAX, stale);
}

/* Nothing is left behind: what was kept is dropped once. */
static void end(void)
{
	hoy__cache_free(cache);
	for (unsigned i = 0; i < used; i++) {
		CHECK(!items[i].kept);
		CHECK(items[i].dropped <= 1);
	}
	used = 0;
	memset(items, 0, sizeof items);
}

static struct hoy__name name_of(const char *text)
{
	struct hoy__name name;

	hoy__name_parse(&name, text, strlen(text));
	return name;
}

static struct item *put_sized(enum hoy__cached_kind kind, const char *name, uint32_t type, uint32_t ttl, size_t size)
{
	struct item *item = &items[used++ % ITEMS];

	*item = (struct item){ .name = name_of(name) };
	item->cached = (struct hoy__cached){ .kind = kind, .type = type, .name = &item->name, .ttl = ttl, .size = size };
	item->kept = true;
	if (!hoy__cache_put(cache, &item->cached, now))
		item->kept = false;
	return item;
}

static struct item *put(enum hoy__cached_kind kind, const char *name, uint32_t type, uint32_t ttl)
{
	return put_sized(kind, name, type, ttl, 100);
}

static struct item *data(const char *name, uint32_t ttl)
{
	return put(HOY__CACHED_DATA, name, HOY__A, ttl);
}

static struct item *fail(const char *name)
{
	return put(HOY__CACHED_FAILURE, name, HOY__A, HOY__CACHE_FAILURE_MOST);
}

static struct item *find(const char *text, uint32_t type)
{
	struct hoy__name name = name_of(text);
	struct hoy__cached *c = hoy__cache_find(cache, &name, type, now);

	return c ? container_of(c, struct item, cached) : NULL;
}

static struct item *find_old(const char *text)
{
	struct hoy__name name = name_of(text);
	struct hoy__cached *c = hoy__cache_find_old(cache, &name, HOY__A, now);

	return c ? container_of(c, struct item, cached) : NULL;
}

static void pass(int64_t seconds)
{
	now += seconds * HOY_SECOND;
}

/* How many seconds pass until it is not said any more. */
static int64_t lasts(const char *name, int64_t most)
{
	int64_t start = now, n = 0;

	while (n <= most && find(name, HOY__A)) {
		n++;
		now = start + n * HOY_SECOND - 1;
		if (!find(name, HOY__A))
			break;
		now++;
	}
	now = start + n * HOY_SECOND;
	return n;
}

TEST(a_question_is_a_name_in_any_case_and_a_type)
{
	struct item *a, *aaaa;

	usual(0);
	a = data("www.Example.", 60);
	aaaa = put(HOY__CACHED_DATA, "www.example.", HOY__AAAA, 60);
	CHECK(find("WWW.example", HOY__A) == a);
	CHECK(find("www.EXAMPLE", HOY__AAAA) == aaaa);
	CHECK(!find("www.example", HOY__MX));
	CHECK(!find("ww.example", HOY__A));
	CHECK(!find("www.example.net", HOY__A));
	CHECK(!find(".", HOY__A));
	CHECK_INT(hoy__cache_count(cache), 2);
	end();
}

TEST(S10_every_kind_has_its_time_and_its_most)
{
	static const struct { enum hoy__cached_kind kind; uint32_t ttl; int64_t want; } cases[] = {
		{ HOY__CACHED_DATA, 0, 0 },
		{ HOY__CACHED_DATA, 1, 1 },
		{ HOY__CACHED_DATA, 60, 60 },
		{ HOY__CACHED_DATA, 86400, 86400 },
		{ HOY__CACHED_DATA, 86401, 86400 },
		{ HOY__CACHED_DATA, INT32_MAX, 86400 },
		{ HOY__CACHED_NEGATIVE, 0, 0 },
		{ HOY__CACHED_NEGATIVE, 300, 300 },
		{ HOY__CACHED_NEGATIVE, 10801, 10800 },
		{ HOY__CACHED_NEGATIVE, INT32_MAX, 10800 },
		{ HOY__CACHED_FAILURE, 300, 5 },
		{ HOY__CACHED_FAILURE, 3, 3 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct item *item;

		usual(0);
		item = put(cases[i].kind, "n.example", HOY__A, cases[i].ttl);
		CHECK_INT(item->kept, cases[i].want > 0);
		if (cases[i].want) {
			pass(cases[i].want - 1);
			CHECK(find("n.example", HOY__A) == item);
			pass(1);
		}
		CHECK(!find("n.example", HOY__A));
		CHECK(!find_old("n.example"));
		CHECK_INT(hoy__cache_count(cache), cases[i].kind == HOY__CACHED_FAILURE);
		end();
	}
}

TEST(the_last_moment_is_exact)
{
	usual(0);
	data("n.example", 60);
	CHECK_INT(lasts("n.example", 100), 60);
	end();
}

TEST(a_clock_that_lags_behind_does_no_harm)
{
	struct item *item;

	usual(HOY_SECOND);
	item = data("n.example", 1);
	now -= 5 * HOY_SECOND;	/* another worker's */
	CHECK(find("n.example", HOY__A) == item);
	CHECK(item->cached.since > now);
	now += 5 * HOY_SECOND;
	end();
}

TEST(RFC2308_no_such_name_is_for_all_types_and_no_data_for_one)
{
	struct item *none;

	usual(0);
	put(HOY__CACHED_NEGATIVE, "v4.example", HOY__AAAA, 60);
	CHECK(find("v4.example", HOY__AAAA) != NULL);
	CHECK(!find("v4.example", HOY__A));
	none = put(HOY__CACHED_NEGATIVE, "gone.example", HOY__CACHE_ALL, 60);
	CHECK(find("gone.example", HOY__A) == none);
	CHECK(find("gone.example", HOY__MX) == none);
	CHECK(find("gone.example", 65280) == none);
	CHECK(!find("www.gone.example", HOY__A));
	end();
}

/* What was there, what comes, and which of the three types are still known of afterwards. */
TEST(the_latest_word_counts)
{
	static const uint16_t types[] = { HOY__A, HOY__AAAA };
	static const struct {
		enum hoy__cached_kind kind;
		uint32_t type;
		uint32_t ttl;
		bool old[2], any[2];	/* the old one, or anything, for A and AAAA */
	} cases[] = {
		{ HOY__CACHED_DATA, HOY__A, 60, { false, true }, { true, true } },
		{ HOY__CACHED_DATA, HOY__A, 0, { false, true }, { false, true } },
		{ HOY__CACHED_NEGATIVE, HOY__A, 60, { false, true }, { true, true } },
		{ HOY__CACHED_NEGATIVE, HOY__A, 0, { false, true }, { false, true } },
		{ HOY__CACHED_NEGATIVE, HOY__CACHE_ALL, 60, { false, false }, { true, true } },
		{ HOY__CACHED_NEGATIVE, HOY__CACHE_ALL, 0, { false, false }, { false, false } },
		{ HOY__CACHED_FAILURE, HOY__A, 60, { true, true }, { true, true } },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct item *old[2];

		usual(HOY_HOUR);
		for (size_t t = 0; t < LEN(types); t++)
			old[t] = put(HOY__CACHED_DATA, "n.example", types[t], 600);
		put(cases[i].kind, "N.example", cases[i].type, cases[i].ttl);
		for (size_t t = 0; t < LEN(types); t++) {
			struct item *got = find("n.example", types[t]);

			CHECK_INT(got == old[t], cases[i].old[t]);
			CHECK_INT(got != NULL, cases[i].any[t]);
			CHECK_INT(old[t]->kept, cases[i].old[t]);
		}
		end();
	}
}

TEST(a_name_that_appears_ends_no_such_name)
{
	struct item *none, *there;

	usual(HOY_HOUR);
	none = put(HOY__CACHED_NEGATIVE, "new.example", HOY__CACHE_ALL, 600);
	there = data("new.example", 60);
	CHECK(find("new.example", HOY__A) == there);
	CHECK(!find("new.example", HOY__MX));
	CHECK_INT(none->dropped, 1);
	end();
}

TEST(RFC9520_failures_last_longer_each_time_up_to_five_minutes)
{
	static const int64_t want[] = { 5, 10, 20, 40, 80, 160, 300, 300, 300 };

	usual(0);
	for (size_t i = 0; i < LEN(want); i++) {
		fail("n.example");
		CHECK_INT(lasts("n.example", 1000), want[i]);
	}
	/* long ago is no row */
	pass(HOY__CACHE_FAILURE_MOST - 1);
	fail("n.example");
	CHECK_INT(lasts("n.example", 1000), 300);
	pass(HOY__CACHE_FAILURE_MOST);
	fail("n.example");
	CHECK_INT(lasts("n.example", 1000), 5);
	/* an answer ends it */
	fail("n.example");
	data("n.example", 0);
	fail("n.example");
	CHECK_INT(lasts("n.example", 1000), 5);
	/* one name's trouble is its own */
	fail("n.example");
	fail("m.example");
	CHECK_INT(lasts("m.example", 1000), 5);
	end();
}

TEST(a_long_row_of_failures_overflows_nothing)
{
	struct item *item;

	usual(0);
	item = fail("n.example");
	item->cached.failures = UINT32_MAX - 1;
	for (int i = 0; i < 3; i++) {
		item = fail("n.example");
		CHECK(item->cached.until > now && item->cached.until - now <= HOY__CACHE_FAILURE_MOST * HOY_SECOND);
	}
	end();
}

TEST(RFC8767_an_old_answer_stands_in_only_while_a_failure_is_fresh)
{
	struct item *old, *failure, *fresh;

	usual(HOY_HOUR);
	old = data("n.example", 60);
	pass(59);
	fail("n.example");
	CHECK(find("n.example", HOY__A) == old);		/* fresh yet */
	pass(1);
	CHECK(find("n.example", HOY__A) == old);		/* S11: stale, after a failure */
	CHECK(!hoy__cached_is_fresh(&old->cached, now));
	pass(4);
	CHECK(!find("n.example", HOY__A));			/* it is time to ask */
	CHECK(find_old("n.example") == old);
	failure = fail("n.example");
	CHECK_INT(failure->cached.until - now, HOY__CACHE_STALE_RECHECK * HOY_SECOND);
	CHECK(find("n.example", HOY__A) == old);
	pass(HOY__CACHE_STALE_RECHECK);
	CHECK(!find("n.example", HOY__A));
	fresh = data("n.example", 60);
	CHECK(find("n.example", HOY__A) == fresh);
	CHECK(!old->kept && !failure->kept);
	end();
}

/* A full cache when no server answers any more: what it is for. */
TEST(RFC8767_failures_push_out_no_answer)
{
	enum { NAMES = 4 };
	char name[] = "n0.example";
	struct item *old[NAMES];

	start(NAMES, 100 * NAMES, HOY_HOUR);
	for (int i = 0; i < NAMES; i++, name[1]++)
		old[i] = data(name, 60);
	pass(60);
	for (int turn = 0; turn < 3; turn++) {
		name[1] = '0';
		for (int i = 0; i < NAMES; i++, name[1]++) {
			CHECK(!find(name, HOY__A));
			CHECK(find_old(name) == old[i]);
			fail(name);
			CHECK(find(name, HOY__A) == old[i]);
		}
		CHECK_INT(hoy__cache_count(cache), 2 * NAMES);
		pass(HOY__CACHE_STALE_RECHECK);
	}
	fail("m.example");
	CHECK(!find("n0.example", HOY__A) && find("m.example", HOY__A));
	CHECK_INT(hoy__cache_count(cache), 2 * NAMES);
	end();
}

TEST(RFC8767_an_old_answer_has_its_end)
{
	struct item *old, *failure;

	usual(HOY_HOUR);
	old = data("n.example", 60);
	pass(60 + 3600 - 1);
	CHECK(find_old("n.example") == old);
	failure = fail("n.example");
	CHECK(find("n.example", HOY__A) == old);
	pass(1);
	CHECK(!find_old("n.example"));
	CHECK(find("n.example", HOY__A) == failure);	/* which is remembered nonetheless */
	CHECK(!old->kept);
	end();
}

TEST(stale_for_ever_overflows_nothing)
{
	struct item *old;

	usual(INT64_MAX);
	old = data("n.example", 60);
	now = INT64_MAX - HOY_HOUR;
	CHECK(find_old("n.example") == old);
	end();
	now = 1000 * HOY_SECOND;
}

TEST(without_stale_no_old_answer_stands_in)
{
	struct item *failure;

	usual(0);
	data("n.example", 60);
	pass(60);
	CHECK(!find_old("n.example"));
	failure = fail("n.example");
	CHECK_INT(failure->cached.until - now, 5 * HOY_SECOND);
	CHECK(find("n.example", HOY__A) == failure);
	end();
}

TEST(F9_entries_are_bounded_and_the_least_used_goes)
{
	char name[30];

	start(4, SIZE_MAX, 0);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		data(name, 60);
	}
	CHECK(find("n0.example", HOY__A) != NULL);
	data("n4.example", 60);
	CHECK_INT(hoy__cache_count(cache), 4);
	CHECK(find("n0.example", HOY__A) != NULL);
	CHECK(!find("n1.example", HOY__A));
	data("n5.example", 60);
	CHECK(!find("n2.example", HOY__A));
	data("n5.example", 60);		/* again: nobody has to go */
	CHECK(find("n3.example", HOY__A) != NULL);
	CHECK_INT(hoy__cache_count(cache), 4);
	end();
}

TEST(F9_bytes_are_bounded)
{
	struct item *big;

	start(ITEMS, 1000, 0);
	for (int i = 0; i < 10; i++)
		put_sized(HOY__CACHED_DATA, (char[]){ 'a' + (char)i, 0 }, HOY__A, 60, 100);
	CHECK_INT(hoy__cache_count(cache), 10);
	big = put_sized(HOY__CACHED_DATA, "big", HOY__A, 60, 750);
	CHECK_INT(hoy__cache_count(cache), 3);
	CHECK(find("j", HOY__A) && find("i", HOY__A) && !find("h", HOY__A));
	CHECK(find("big", HOY__A) == big);
	put_sized(HOY__CACHED_DATA, "all", HOY__A, 60, 1000);
	CHECK_INT(hoy__cache_count(cache), 1);
	CHECK(!put_sized(HOY__CACHED_DATA, "more", HOY__A, 60, 1001)->kept);
	CHECK_INT(hoy__cache_count(cache), 1);
	end();
}

TEST(one_entry_is_a_cache_too)
{
	start(1, SIZE_MAX, HOY_HOUR);
	data("a", 60);
	data("b", 60);
	CHECK(!find("a", HOY__A) && find("b", HOY__A));
	fail("b");
	fail("c");
	CHECK_INT(hoy__cache_count(cache), 2);
	CHECK(find("b", HOY__A) && find("c", HOY__A));
	end();
}

TEST(any_number_of_entries_may_be_asked_for)
{
	start(SIZE_MAX, SIZE_MAX, 0);
	data("a", 60);
	CHECK(find("a", HOY__A) != NULL);
	end();
}

TEST(clearing_forgets_all)
{
	usual(HOY_HOUR);
	data("a", 60);
	fail("a");
	put(HOY__CACHED_NEGATIVE, "b", HOY__CACHE_ALL, 60);
	hoy__cache_clear(cache);
	CHECK_INT(hoy__cache_count(cache), 0);
	CHECK(!find("a", HOY__A) && !find_old("a") && !find("b", HOY__A));
	data("a", 60);
	CHECK(find("a", HOY__A) != NULL);
	end();
}

/*
 * Whatever happens: bounds hold, what is said is of the question and in its time, and
 * everything that was taken is given back once.
 */
TEST(a_long_random_life_keeps_the_rules)
{
	enum { NAMES = 12, ENTRIES = 9, BYTES = 900 };
	unsigned seed = 7, hits = 0, old = 0;

	start(ENTRIES, BYTES, 20 * HOY_SECOND);
	for (int i = 0; i < SCALED(200000); i++) {
		char name[] = "a.example";
		uint16_t type = rand_r(&seed) % 2 ? HOY__A : HOY__AAAA;
		struct item *got;

		name[0] = (char)('a' + rand_r(&seed) % NAMES);
		now += rand_r(&seed) % 1000 * HOY_MILLISECOND;
		got = find(name, type);
		if (got) {
			struct hoy__name asked = name_of(name);

			CHECK(got->kept && hoy__name_equal(&got->name, &asked));
			CHECK(got->cached.type == type || got->cached.type == HOY__CACHE_ALL);
			CHECK(now - got->cached.until < 20 * HOY_SECOND);
			hits++;
			old += !hoy__cached_is_fresh(&got->cached, now);
		} else {
			int kind = rand_r(&seed) % 3;

			while (items[used % ITEMS].kept)
				used++;
			put_sized((enum hoy__cached_kind)kind, name, kind == 1 && rand_r(&seed) % 2 ? HOY__CACHE_ALL : type,
				  rand_r(&seed) % 30, 50 + rand_r(&seed) % 200);
		}
		CHECK(hoy__cache_count(cache) <= 2 * ENTRIES);
	}
	CHECK(hits > 100 && old > 0);
	used = ITEMS;
	end();
}
