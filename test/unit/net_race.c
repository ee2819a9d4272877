/*
 * Which address is tried when, with a clock that only moves when told: the examples that
 * RFC 8305 and Go's documentation give, and every order of failures and delays held to
 * the rules.
 */
#include <hoy.h>

#include "net/race.h"
#include "task/park.h"
#include "t.h"

enum { MS = 1000000, MOST = 12 };

static const hoy_addr *family(char digit, uint16_t number, hoy_addr *addr)
{
	*addr = (hoy_addr){ .kind = HOY_ADDR_TCP, .port = number };
	addr->ip = digit == '4' ? hoy_ipv4(192, 0, 2, 1) : (hoy_ip){ 16, { 0x20, 1, [15] = 1 } };
	return addr;
}

/* Families as digits; what comes out is where each stood. */
static const struct { const char *families, *turns, *parts; size_t primaries; } orders[] = {
	{ "4",      "0",      "0",      1 },
	{ "46",     "01",     "01",     1 },
	{ "64",     "01",     "01",     1 },
	{ "444",    "012",    "012",    3 },
	{ "4466",   "0213",   "0123",   2 },
	{ "6644",   "0213",   "0123",   2 },
	{ "66664",  "04123",  "01234",  4 },
	{ "46666",  "01234",  "01234",  1 },
	{ "464646", "012345", "024135", 3 },
	{ "664646", "021435", "013524", 4 },
};

static char *numbers(const hoy_addr *list, size_t n, char text[16])
{
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('0' + list[i].port);
	text[n] = '\0';
	return text;
}

TEST(families_take_turns_or_stand_together)
{
	for (size_t i = 0; i < LEN(orders); i++) {
		size_t n = strlen(orders[i].families), got;
		hoy_addr list[8];
		char text[16];

		for (size_t j = 0; j < n; j++)
			family(orders[i].families[j], (uint16_t)j, &list[j]);
		hoy__race_interleave(list, n);
		CHECK_STR(numbers(list, n, text), orders[i].turns, orders[i].families);
		for (size_t j = 0; j < n; j++)
			family(orders[i].families[j], (uint16_t)j, &list[j]);
		got = hoy__race_partition(list, n);
		CHECK_INT(got, orders[i].primaries);
		CHECK_STR(numbers(list, n, text), orders[i].parts, orders[i].families);
	}
}

/* A race and what it did: all there is to say of a moment. */
struct play {
	struct hoy__race r;
	int64_t now, until[MOST], began[MOST];
	bool running[MOST];
	unsigned started, under_way;
	int64_t moment;		/* of the last wait */
	bool lost;
	const char *broken;
};

static void broken(struct play *p, const char *rule)
{
	if (!p->broken)
		p->broken = rule;
}

/* Begins all that may begin now. */
static void go_on(struct play *p)
{
	size_t index = MOST;

	for (;;) {
		switch (hoy__race_next(&p->r, p->now, &index, &p->moment)) {
		case HOY__RACE_BEGIN:
			if (index >= p->r.n || p->began[index])
				broken(p, "each address once");
			if (p->now >= p->r.deadline)
				broken(p, "nothing begins after the deadline");
			p->began[index] = p->now;
			p->until[index] = p->moment;
			p->running[index] = true;
			p->started++;
			p->under_way++;
			continue;
		case HOY__RACE_WAIT:
			if (!p->under_way && p->now >= p->r.hold)
				broken(p, "there is something to wait for");
			if (p->moment <= p->now)
				broken(p, "the next moment is still to come");
			return;
		case HOY__RACE_LOST:
			if (p->under_way)
				broken(p, "lost only when all have failed");
			if (p->started < p->r.n && p->now < p->r.deadline)
				broken(p, "lost only when all were tried, or it is too late");
			p->lost = true;
			return;
		}
	}
}

static void play(struct play *p, struct hoy__race r)
{
	*p = (struct play){ .r = r, .now = 1000 * HOY_SECOND };
	p->r.deadline = r.deadline ? p->now + r.deadline : HOY__NEVER;	/* from now; 0: none */
	hoy__race_start(&p->r, p->now);
	go_on(p);
}

static void after(struct play *p, int64_t ms)
{
	p->now += ms * MS;
	go_on(p);
}

static void fails(struct play *p, size_t index)
{
	p->running[index] = false;
	p->under_way--;
	hoy__race_failed(&p->r, index, p->now);
	go_on(p);
}

static bool under_way(const struct play *p, const char *want)
{
	char got[MOST + 1] = "";
	size_t len = 0;

	for (size_t i = 0; i < p->r.n; i++)
		if (p->running[i])
			got[len++] = (char)('0' + i);
	return CHECK_STR(got, want, "under way");
}

TEST(staggered_attempts_begin_a_delay_apart)
{
	struct play p;

	play(&p, (struct hoy__race){ .staggered = true, .n = 4, .delay = 250 * MS });
	under_way(&p, "0");
	after(&p, 249);
	under_way(&p, "0");
	after(&p, 1);
	under_way(&p, "01");
	after(&p, 100);
	fails(&p, 0);			/* the next at once, and the delay counts from it */
	under_way(&p, "12");
	after(&p, 249);
	under_way(&p, "12");
	after(&p, 1);
	under_way(&p, "123");
	CHECK_INT(p.moment, HOY__NEVER);
	fails(&p, 3);
	fails(&p, 1);
	CHECK(!p.lost);
	fails(&p, 2);
	CHECK(p.lost && !p.broken);
}

TEST(the_second_lane_waits_for_its_delay_or_the_end_of_the_first)
{
	const struct hoy__race two_and_two = { .first = 2, .n = 4, .delay = 300 * MS };
	struct play p;

	play(&p, two_and_two);
	under_way(&p, "0");
	after(&p, 299);
	under_way(&p, "0");
	after(&p, 1);
	under_way(&p, "02");
	fails(&p, 2);
	under_way(&p, "03");
	fails(&p, 0);
	under_way(&p, "13");
	fails(&p, 3);
	fails(&p, 1);
	CHECK(p.lost && !p.broken);
	play(&p, two_and_two);
	fails(&p, 0);
	under_way(&p, "1");		/* in its own lane first */
	fails(&p, 1);
	under_way(&p, "2");
	CHECK_INT(p.now, p.began[2]);
	fails(&p, 2);
	fails(&p, 3);
	CHECK(p.lost && !p.broken);
}

TEST(one_lane_is_one_after_the_other)
{
	struct play p;

	play(&p, (struct hoy__race){ .first = 3, .n = 3 });
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(p.under_way, 1);
		after(&p, 100000);
		CHECK_INT(p.started, i + 1);
		fails(&p, i);
	}
	CHECK(p.lost && !p.broken);
}

TEST(the_time_is_shared_in_a_lane_and_common_when_staggered)
{
	struct play p;

	play(&p, (struct hoy__race){ .first = 2, .n = 3, .delay = 300 * MS, .deadline = 10 * HOY_SECOND });
	CHECK_INT(p.until[0] - p.now, 5 * HOY_SECOND);
	after(&p, 300);
	CHECK_INT(p.until[2] - p.r.deadline, 0);	/* alone in its lane */
	play(&p, (struct hoy__race){ .staggered = true, .n = 3, .delay = MS, .deadline = 10 * HOY_SECOND });
	CHECK_INT(p.until[0] - p.r.deadline, 0);
	after(&p, 10000);
	CHECK_INT(p.started, 1);		/* too late for another */
	fails(&p, 0);
	CHECK(p.lost && !p.broken);
}

TEST(no_more_descriptors_than_a_dial_is_worth)
{
	struct hoy__race r = { .staggered = true, .n = 100, .delay = MS, .deadline = HOY__NEVER };
	size_t index;
	int64_t moment, now = 0;
	int begun = 0;

	hoy__race_start(&r, now);
	for (int i = 0; i < 1000; i++, now += MS)
		begun += hoy__race_next(&r, now, &index, &moment) == HOY__RACE_BEGIN;
	CHECK_INT(begun, HOY__RACE_MOST);
	CHECK_INT(moment, HOY__NEVER);
	hoy__race_failed(&r, 5, now);
	CHECK_INT(hoy__race_next(&r, now, &index, &moment), HOY__RACE_BEGIN);
	CHECK_INT(index, HOY__RACE_MOST);
}

/* A race of the first list; then those of the second join. What each is doing is told by where it stood. */
static const struct { const char *first, *late; size_t begun; const char *order; } joins[] = {
	{ "4", "6", 0, "01" }, { "44", "66", 0, "0213" },	/* nothing had begun: the preferred family is the caller's to choose */
	{ "4", "6", 1, "01" }, { "44", "66", 1, "0213" }, { "666", "44", 1, "03142" }, { "666", "4", 2, "0132" },
	{ "44", "666", 2, "01234" }, { "4", "666", 1, "0123" },
};

TEST(late_addresses_take_turns_with_those_that_have_not_begun)
{
	for (size_t i = 0; i < LEN(joins); i++) {
		size_t n = strlen(joins[i].first), more = strlen(joins[i].late);
		struct play p;
		hoy_addr list[8];
		char text[16];

		for (size_t j = 0; j < n + more; j++)
			family((j < n ? joins[i].first : joins[i].late - n)[j], (uint16_t)j, &list[j]);
		play(&p, (struct hoy__race){ .staggered = true, .n = n, .delay = 250 * MS,
					     .hold = joins[i].begun ? 0 : 2000 * HOY_SECOND });
		while (p.started < joins[i].begun)
			after(&p, 250);
		hoy__race_join(&p.r, list, more);
		p.r.hold = HOY__PAST;
		CHECK_STR(numbers(list, n + more, text), joins[i].order, joins[i].first);
		for (int j = 0; j < 10; j++)
			after(&p, 250);
		CHECK_INT(p.started, n + more);
		CHECK_STR(p.broken ? p.broken : "", "", "rule");
	}
}

TEST(a_race_that_was_lost_goes_on_when_others_join)
{
	hoy_addr list[3];
	struct play p;

	for (int staggered = 0; staggered < 2; staggered++) {
		play(&p, (struct hoy__race){ .staggered = staggered, .first = 1, .n = 1, .delay = 250 * MS });
		family('6', 0, &list[0]);
		family('4', 1, &list[1]);
		family('4', 2, &list[2]);
		fails(&p, 0);
		CHECK(p.lost);
		p.lost = false;
		hoy__race_join(&p.r, list, 2);
		go_on(&p);
		under_way(&p, "1");
		CHECK_INT(p.began[1], p.now);
		fails(&p, 1);
		fails(&p, 2);
		CHECK(p.lost && !p.broken);
	}
}

TEST(nothing_begins_while_a_race_is_held)
{
	struct play p;
	int64_t start = 1000 * HOY_SECOND;

	play(&p, (struct hoy__race){ .staggered = true, .n = 2, .delay = 250 * MS, .hold = start + 50 * MS });
	under_way(&p, "");
	CHECK_INT(p.moment, start + 50 * MS);
	after(&p, 49);
	under_way(&p, "");
	after(&p, 1);
	under_way(&p, "0");
	after(&p, 250);
	under_way(&p, "01");
	CHECK(!p.broken && !p.lost);
	play(&p, (struct hoy__race){ .staggered = true, .n = 1, .hold = start + 50 * MS, .deadline = 20 * MS });
	after(&p, 20);
	CHECK(p.lost && !p.started);
}

static unsigned choose(uint64_t *random, unsigned below)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*random >> 33) % below;
}

static void hold_to_the_rules(struct play *p)
{
	unsigned lanes[2] = { 0, 0 };

	for (size_t i = 0; i < p->r.n; i++) {
		lanes[i >= p->r.first] += p->running[i];
		if (p->running[i] && p->until[i] > p->r.deadline)
			broken(p, "no attempt outlives the deadline");
	}
	if (!p->r.staggered && (lanes[0] > 1 || lanes[1] > 1))
		broken(p, "one at a time in each lane");
	if (!p->lost && p->started < p->r.n && p->moment == HOY__NEVER && !p->under_way)
		broken(p, "there is always something to come");
}

/* Any order of failures, waits to the moment and waits short of it. */
TEST(every_order_keeps_the_rules)
{
	uint64_t random = 8305;

	for (int round = 0; round < SCALED(200000); round++) {
		unsigned n = 1 + choose(&random, 8);
		struct play p;

		play(&p, (struct hoy__race){
			.staggered = choose(&random, 2), .n = n, .first = 1 + choose(&random, n),
			.delay = (1 + choose(&random, 400)) * (int64_t)MS,
			.deadline = choose(&random, 3) ? 0 : (1 + choose(&random, 9000)) * (int64_t)MS,
		});
		for (int step = 0; step < 200 && !p.lost && !p.broken; step++) {
			unsigned i = choose(&random, n);

			if (choose(&random, 2) && p.running[i])
				fails(&p, i);
			else if (choose(&random, 2) && p.moment != HOY__NEVER)
				after(&p, (p.moment - p.now + MS - 1) / MS);
			else
				after(&p, choose(&random, 500));
			for (i = 0; i < n; i++)		/* a caller ends what is past its time */
				if (p.running[i] && p.until[i] <= p.now)
					fails(&p, i);
			hold_to_the_rules(&p);
		}
		if (!CHECK_STR(p.broken ? p.broken : "", "", "rule"))
			return;
	}
}
