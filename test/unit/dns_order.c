/* The orders of RFC 6724 and RFC 2782, fact by fact from test/vectors. */
#include <hoy.h>

#include "dns/order.h"
#include "support/tsv.h"
#include "t.h"

enum { MOST = 16 };

static char joined[1000];

static void join(const char *gap, const char *text)
{
	if (*joined)
		strcat(joined, gap);
	strcat(joined, text);
}

static int cut(char *text, const char *gap, char **parts)
{
	int count = 0;

	for (char *part = strtok(text, gap); part; part = strtok(NULL, gap))
		parts[count++] = part;
	return count;
}

TEST(rfc6724_policy_table)
{
	struct tsv t;

	tsv_open(&t, "rfc6724_policy");
	while (tsv_next(&t)) {
		struct hoy__policy policy;
		char text[3][8];
		hoy_ip ip;

		CHECK_INT(hoy_parse_ip(tsv(&t, "ip"), &ip, NULL), 0);
		policy = hoy__policy_of(ip);
		snprintf(text[0], sizeof text[0], "%d", policy.precedence);
		snprintf(text[1], sizeof text[1], "%d", policy.label);
		snprintf(text[2], sizeof text[2], "%x", policy.scope);
		CHECK_STR(text[0], tsv(&t, "precedence"), tsv(&t, "ip"));
		CHECK_STR(text[1], tsv(&t, "label"), tsv(&t, "ip"));
		CHECK_STR(text[2], tsv(&t, "scope_hex"), tsv(&t, "ip"));
	}
	CHECK(t.row > 20);
}

/* Sources that were given beforehand, and how many were asked for. */
struct sources {
	hoy_ip list[MOST];
	int asked;
};

static hoy_ip given_source(void *ctx, size_t index)
{
	struct sources *sources = ctx;

	sources->asked++;
	return sources->list[index];
}

TEST(rfc6724_sorting)
{
	struct tsv t;

	tsv_open(&t, "rfc6724_sort");
	while (tsv_next(&t)) {
		struct hoy__destination list[MOST] = { 0 };
		struct sources sources = { 0 };
		char to[1000], from[1000], *tos[MOST], *froms[MOST], text[HOY_IP_STRLEN];
		int count;

		strcpy(to, tsv(&t, "destinations"));
		strcpy(from, tsv(&t, "sources"));
		count = cut(to, ",", tos);
		CHECK_INT(cut(from, ",", froms), count);
		for (int i = 0; i < count; i++) {
			CHECK_INT(hoy_parse_ip(tos[i], &list[i].ip, NULL), 0);
			if (strcmp(froms[i], "NIL") != 0)
				CHECK_INT(hoy_parse_ip(froms[i], &sources.list[i], NULL), 0);
			list[i].index = (size_t)i;
		}
		hoy__order_destinations(list, (size_t)count, given_source, &sources);
		CHECK(sources.asked <= count);
		*joined = 0;
		for (int i = 0; i < count; i++)
			join(",", hoy_ip_string_4in6(list[i].ip, text));
		CHECK_STR(joined, tsv(&t, "sorted"), tsv(&t, "destinations"));
	}
	CHECK(t.row > 30);
}

TEST(mapped_addresses_are_ipv4)
{
	struct hoy__destination list[2] = { 0 };
	struct sources none = { 0 };
	struct hoy__policy policy;
	hoy_ip ip;

	hoy_parse_ip("::ffff:127.0.0.1", &ip, NULL);
	policy = hoy__policy_of(ip);
	CHECK_INT(policy.precedence, 35);
	CHECK_INT(policy.scope, 2);
	hoy__order_destinations(list, 2, given_source, &none);	/* no addresses at all: nothing to trip over */
	hoy__order_destinations(NULL, 0, given_source, &none);
}

/* Destinations with their sources ("-": no route), and how many of these have to be asked for. */
static const struct {
	const char *to[3], *from[3];
	int asked;
	const char *sorted;
} routes_asked_for[] = {
	{ { "192.0.2.1" }, { "192.0.2.2" }, 0, "192.0.2.1" },
	{ { "192.0.2.1", "2001:db8::1" }, { "192.0.2.2", "2001:db8::2" }, 1, "2001:db8::1,192.0.2.1" },
	{ { "192.0.2.1", "2001:db8::1" }, { "-", "2001:db8::2" }, 1, "2001:db8::1,192.0.2.1" },
	{ { "192.0.2.1", "2001:db8::1" }, { "192.0.2.2", "-" }, 1, "192.0.2.1,2001:db8::1" },
	{ { "192.0.2.1", "2001:db8::1" }, { "192.0.2.2", "fe80::2" }, 2, "192.0.2.1,2001:db8::1" },
	{ { "192.0.2.1", "2001:db8::1" }, { "-", "fe80::2" }, 2, "2001:db8::1,192.0.2.1" },
	{ { "192.0.2.1", "192.0.2.2" }, { "-", "192.0.2.3" }, 2, "192.0.2.2,192.0.2.1" },
	{ { "192.0.2.1", "192.0.2.2", "2001:db8::1" }, { "-", "-", "-" }, 2, "192.0.2.1,192.0.2.2,2001:db8::1" },
};

TEST(routes_are_asked_for_only_where_they_matter)
{
	for (size_t row = 0; row < sizeof routes_asked_for / sizeof *routes_asked_for; row++) {
		struct hoy__destination list[3] = { 0 };
		struct sources sources = { 0 };
		char text[HOY_IP_STRLEN];
		size_t n = 0;

		for (; n < 3 && routes_asked_for[row].to[n]; n++) {
			CHECK_INT(hoy_parse_ip(routes_asked_for[row].to[n], &list[n].ip, NULL), 0);
			hoy_parse_ip(routes_asked_for[row].from[n], &sources.list[n], NULL);
			list[n].index = n;
		}
		hoy__order_destinations(list, n, given_source, &sources);
		*joined = 0;
		for (size_t i = 0; i < n; i++)
			join(",", hoy_ip_string(list[i].ip, text));
		snprintf(text, sizeof text, "row %zu", row);
		CHECK_STR(joined, routes_asked_for[row].sorted, text);
		if (sources.asked != routes_asked_for[row].asked)
			t_fail(__FILE__, __LINE__, text, "%d routes asked for", sources.asked);
	}
}

/* Draws that were given beforehand; after the last one, zeros. */
struct draws {
	uint32_t list[MOST];
	int count, next;
};

static uint32_t given_draw(void *ctx, uint32_t limit)
{
	struct draws *draws = ctx;
	uint32_t draw = draws->next < draws->count ? draws->list[draws->next++] : 0;

	CHECK(limit > 0 && draw < limit);
	return draw;
}

static uint32_t pseudo_draw(void *ctx, uint32_t limit)
{
	uint64_t *state = ctx;

	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % limit;
}

struct set {
	struct hoy__ranked list[MOST];
	char text[500], *records[MOST], *names[MOST];
	int count;
};

/* "target priority weight;…", and for MX "preference host;…". */
static void read_set(struct set *set, const char *text, bool mx)
{
	memset(set, 0, sizeof *set);
	strcpy(set->text, text);
	set->count = cut(set->text, ";", set->records);
	for (int i = 0; i < set->count; i++) {
		char *words[3];

		cut(set->records[i], " ", words);
		set->names[i] = words[mx];
		set->list[i].priority = (uint16_t)atoi(words[!mx]);
		set->list[i].weight = mx ? 0 : (uint16_t)atoi(words[2]);
		set->list[i].index = (size_t)i;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The order, in groups of one priority: names sorted inside, '|' between. */
static const char *groups_of(const struct set *set)
{
	*joined = 0;
	for (int i = 0, first = 0; i < set->count; first = i) {
		char *names[MOST];
		int count = 0;

		while (i < set->count && set->list[i].priority == set->list[first].priority)
			names[count++] = set->names[set->list[i++].index];
		qsort(names, (size_t)count, sizeof *names, compare_names);
		for (int k = 0; k < count; k++)
			join(k ? "," : "|", names[k]);
	}
	return joined;
}

static void check_given_draws(const struct tsv *t, struct set *set)
{
	struct draws draws = { 0 };
	char text[200], *numbers[MOST];

	strcpy(text, tsv(t, "draws"));
	draws.count = strcmp(text, "-") ? cut(text, ",", numbers) : 0;
	for (int i = 0; i < draws.count; i++)
		draws.list[i] = (uint32_t)atoi(numbers[i]);
	hoy__order_srv(set->list, (size_t)set->count, given_draw, &draws);
	*joined = 0;
	for (int i = 0; i < set->count; i++)
		join(",", set->names[set->list[i].index]);
	CHECK_STR(joined, tsv(t, "expected"), tsv(t, "records"));
}

/* "a=0.600000,b=…": how often each came first, within three hundredths. */
static void check_chances(const struct tsv *t)
{
	enum { ROUNDS = 10000 };
	int first[MOST] = { 0 };
	uint64_t state = 1;
	struct set set;

	for (int i = 0; i < ROUNDS; i++) {
		read_set(&set, tsv(t, "records"), false);
		hoy__order_srv(set.list, (size_t)set.count, pseudo_draw, &state);
		first[set.list[0].index]++;
	}
	for (int i = 0; i < set.count; i++) {
		char want[100];
		const char *found;

		snprintf(want, sizeof want, "%s=", set.names[i]);
		found = strstr(tsv(t, "expected"), want);
		double chance = found ? atof(found + strlen(want)) : 0;
		CHECK(first[i] > (chance - 0.03) * ROUNDS && first[i] < (chance + 0.03) * ROUNDS);
	}
}

TEST(srv_order)
{
	uint64_t state = 7;
	struct tsv t;

	tsv_open(&t, "srv_order");
	while (tsv_next(&t)) {
		struct set set;

		read_set(&set, tsv(&t, "records"), false);
		if (tsv_is(&t, "kind", "groups")) {
			hoy__order_srv(set.list, (size_t)set.count, pseudo_draw, &state);
			CHECK_STR(groups_of(&set), tsv(&t, "expected"), tsv(&t, "records"));
		} else if (tsv_is(&t, "kind", "draw_go")) {
			check_given_draws(&t, &set);	/* draw_rfc2782 is the other way to draw */
		} else if (tsv_is(&t, "kind", "first_prob")) {
			check_chances(&t);
		}
	}
	CHECK(t.row > 30);
}

TEST(mx_order)
{
	uint64_t state = 3;
	struct tsv t;

	tsv_open(&t, "mx_order");
	while (tsv_next(&t)) {
		struct set set;

		read_set(&set, tsv(&t, "records"), true);
		hoy__order_mx(set.list, (size_t)set.count, pseudo_draw, &state);
		CHECK_STR(groups_of(&set), tsv(&t, "groups"), tsv(&t, "records"));
	}
}

TEST(equal_mx_are_shuffled)
{
	int first[3] = { 0 };
	uint64_t state = 5;

	for (int i = 0; i < 3000; i++) {
		struct hoy__ranked list[3] = { { 10, 0, 0 }, { 10, 0, 1 }, { 10, 0, 2 } };

		hoy__order_mx(list, 3, pseudo_draw, &state);
		first[list[0].index]++;
	}
	for (int i = 0; i < 3; i++)
		CHECK(first[i] > 850 && first[i] < 1150);
}
