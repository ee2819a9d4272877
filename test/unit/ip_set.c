/* Sets of ranges: what they hold, say of themselves and refuse, and random ones against a plain search. */
#include <hoy.h>

#include "base/base.h"
#undef LEN
#include "t.h"

static hoy_ip I(const char *text)
{
	hoy_ip ip = { 0 };

	CHECK_INT(hoy_parse_ip(text, &ip, NULL), 0);
	return ip;
}

static const char *range_text(hoy_ip_range r, char buf[2 * HOY_IP_STRLEN])
{
	char a[HOY_IP_STRLEN], b[HOY_IP_STRLEN];

	snprintf(buf, 2 * HOY_IP_STRLEN, "%s-%s", hoy_ip_string_4in6(r.first, a), hoy_ip_string_4in6(r.last, b));
	return buf;
}

static hoy_ip_range R(const char *first, const char *last)
{
	return (hoy_ip_range){ I(first), I(last) };
}

TEST(set)
{
	hoy_ip_range ranges[] = {
		R("10.0.0.5", "10.0.0.9"), R("10.0.0.10", "10.0.0.20"), R("10.0.0.7", "10.0.0.8"), R("1.1.1.1", "1.1.1.1"),
		R("255.255.255.0", "255.255.255.255"), R("255.255.255.255", "255.255.255.255"),
		R("2001:db8::", "2001:db8::ffff"), R("2001:db8::1:0", "2001:db8::2:0"), R("fe80::1", "fe80::1"),
		R("::ffff:9.0.0.0", "::ffff:9.0.0.255"),
		R("ffff:ffff:ffff:ffff:ffff:ffff:ffff:0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
	};
	static const struct { const char *ip; int in; } cases[] = {
		{ "10.0.0.4", 0 }, { "10.0.0.5", 1 }, { "10.0.0.15", 1 }, { "10.0.0.21", 0 }, { "1.1.1.1", 1 },
		{ "1.1.1.0", 0 }, { "1.1.1.2", 0 }, { "0.0.0.0", 0 }, { "255.255.255.255", 1 }, { "255.255.254.255", 0 },
		{ "::ffff:10.0.0.6", 1 }, { "9.0.0.77", 1 }, { "2001:db8::1:5", 1 }, { "2001:db8::2:1", 0 },
		{ "2001:db7:ffff::", 0 }, { "fe80::1", 1 }, { "fe80::2", 0 }, { "::", 0 },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1 },
	};
	static const char *const merged[] = {
		"1.1.1.1-1.1.1.1", "9.0.0.0-9.0.0.255", "10.0.0.5-10.0.0.20", "255.255.255.0-255.255.255.255",
		"2001:db8::-2001:db8::2:0", "fe80::1-fe80::1",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	hoy_ip_set *set = hoy_ip_set_new(ranges, sizeof ranges / sizeof *ranges, NULL);
	char text[2 * HOY_IP_STRLEN];

	if (!CHECK(set != NULL))
		return;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!CHECK_INT(hoy_ip_set_contains(set, I(cases[i].ip)), cases[i].in))
			printf("%s\n", cases[i].ip);
	CHECK(!hoy_ip_set_contains(set, (hoy_ip){ 0 }));
	CHECK_INT(hoy_ip_set_size(set), sizeof merged / sizeof *merged);
	for (size_t i = 0; i < sizeof merged / sizeof *merged; i++)
		CHECK_STR(range_text(hoy_ip_set_at(set, i), text), merged[i], "range of the set");
	CHECK_INT(hoy_ip_set_at(set, 99).first.len, 0);
	for (size_t i = 0; i < 8; i++)		/* twice that is small again */
		CHECK_INT(hoy_ip_set_at(set, SIZE_MAX / 2 + 1 + i).first.len, 0);
	hoy_ip_set_free(set);
	hoy_ip_set_free(NULL);
}

TEST(set_refuses_what_is_no_range)
{
	hoy_ip_range mixed[] = { R("1.1.1.1", "1.1.1.1"), R("1.1.1.1", "::1") }, backward = R("1.1.1.2", "1.1.1.1");
	hoy_ip_range odd = { { .len = 5 }, { .len = 5 } }, beyond_mapped = R("::ffff:1.1.1.1", "::1:0:0:0");
	hoy_ip_set *empty = hoy_ip_set_new(NULL, 0, NULL);
	hoy_err err;

	CHECK(hoy_ip_set_new(mixed, 2, &err) == NULL);
	CHECK_INT(err.code, HOY_EUNSUITABLE);
	CHECK_INT(err.offset, 1);
	CHECK(hoy_ip_set_new(&backward, 1, &err) == NULL);
	CHECK(hoy_ip_set_new(&odd, 1, &err) == NULL);
	CHECK_INT(err.code, HOY_EUNSUITABLE);
	CHECK(empty != NULL);
	CHECK(!hoy_ip_set_contains(empty, I("1.1.1.1")) && !hoy_ip_set_contains(empty, I("::1")));
	CHECK(!hoy_ip_set_contains(empty, odd.first) && hoy_ip_set_size(empty) == 0);
	hoy_ip_set_free(empty);

	/* mapped at one end only: a range of IPv6, which has no IPv4 in it */
	hoy_ip_set *six = hoy_ip_set_new(&beyond_mapped, 1, NULL);

	CHECK(hoy_ip_set_contains(six, I("::1:0:0:0")) && !hoy_ip_set_contains(six, I("1.1.1.1")));
	hoy_ip_set_free(six);
}

static int left;

static void *failing_realloc(void *block, size_t size)
{
	return size && left-- == 0 ? NULL : size ? realloc(block, size) : (free(block), NULL);
}

TEST(set_without_memory)
{
	hoy_ip_range range = R("1.1.1.1", "1.1.1.9");
	hoy_err err;

	hoy__realloc_hook = failing_realloc;
	for (int n = 0; n < 3; n++) {
		left = n;
		CHECK(hoy_ip_set_new(&range, 1, &err) == NULL);
		CHECK_INT(err.code, -ENOMEM);
	}
}

#define MOST 600	/* ranges: entries for four rungs */

/*
 * Addresses that crowd where a search could go wrong: at both ends of each family, on both
 * sides of an upper half's end, and many with the same upper half.
 */
static hoy_ip crowded_ip(void)
{
	static const char *const near[] = {
		"0.0.0.0", "10.0.0.0", "10.0.1.0", "255.255.255.0", "::", "0:0:0:1::", "2001:db8::", "2001:db8::100",
		"2001:db8:0:0:ffff:ffff:ffff:ff00", "2001:db8:0:1::", "ffff:ffff:ffff:ffff::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00",
	};
	hoy_ip ip = I(near[(size_t)rand() % LEN(near)]);

	ip.bytes[ip.len - 1] = (uint8_t)rand();
	return ip;
}

/* Mostly short, now and then from one crowd to another; IPv4 in either form. */
static hoy_ip_range crowded_range(void)
{
	hoy_ip_range r = { crowded_ip(), crowded_ip() };

	if (rand() % 256 || r.first.len != r.last.len || hoy_ip_compare(r.first, r.last) > 0) {
		r.last = r.first;
		r.last.bytes[r.last.len - 1] |= (uint8_t)(rand() & rand() & 7);
	}
	if (rand() % 2)
		return (hoy_ip_range){ hoy_ip_to16(r.first), hoy_ip_to16(r.last) };
	return r;
}

static int is_in_one(const hoy_ip_range *ranges, size_t n, hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	for (size_t i = 0; i < n; i++) {
		hoy_ip first = hoy_ip_unmap(ranges[i].first), last = hoy_ip_unmap(ranges[i].last);

		if (first.len == ip.len && hoy_ip_compare(first, ip) <= 0 && hoy_ip_compare(ip, last) <= 0)
			return 1;
	}
	return 0;
}

/* The address, in the form it has and in the other. */
static bool agrees(const hoy_ip_set *set, const hoy_ip_range *ranges, size_t n, hoy_ip ip)
{
	char text[HOY_IP_STRLEN];
	int want = is_in_one(ranges, n, ip);

	if (CHECK_INT(hoy_ip_set_contains(set, ip), want) && CHECK_INT(hoy_ip_set_contains(set, hoy_ip_to16(ip)), want))
		return true;
	printf("%s among %zu\n", hoy_ip_string(ip, text), n);
	return false;
}

/* What the set says of itself: in order, with a gap after each range, and nothing but what was put in. */
static void check_ranges(const hoy_ip_set *set, const hoy_ip_range *ranges, size_t n)
{
	for (size_t i = 0; i < hoy_ip_set_size(set); i++) {
		hoy_ip_range r = hoy_ip_set_at(set, i);

		CHECK(hoy_ip_compare(r.first, r.last) <= 0);
		CHECK(i == 0 || hoy_ip_compare(hoy_ip_set_at(set, i - 1).last, r.first) < 0);
		CHECK(is_in_one(ranges, n, r.first) && is_in_one(ranges, n, r.last));
		CHECK(!is_in_one(ranges, n, hoy_ip_prev(r.first)) && !is_in_one(ranges, n, hoy_ip_next(r.last)));
	}
}

TEST(random_sets_agree_with_a_plain_search)
{
	static hoy_ip_range ranges[MOST];

	srand(2);
	for (int round = 0; round < SCALED(200); round++) {
		size_t n = (size_t)rand() % (round % 10 ? 40 : MOST);

		for (size_t i = 0; i < n; i++)
			ranges[i] = crowded_range();
		hoy_ip_set *set = hoy_ip_set_new(ranges, n, NULL);

		if (!CHECK(set != NULL))
			return;
		for (int i = 0; i < 1000; i++)
			if (!agrees(set, ranges, n, crowded_ip()))
				return;
		check_ranges(set, ranges, n);
		hoy_ip_set_free(set);
	}
}

/* Every address of both families, and the two ends that have no neighbour. */
TEST(everything)
{
	hoy_ip_range all[] = {
		R("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), R("0.0.0.0", "127.255.255.255"),
		R("128.0.0.0", "255.255.255.255"),
	};
	hoy_ip_set *set = hoy_ip_set_new(all, LEN(all), NULL);

	if (!CHECK(set != NULL))
		return;
	for (int i = 0; i < 1000; i++)
		agrees(set, all, LEN(all), crowded_ip());
	CHECK_INT(hoy_ip_set_size(set), 2);
	check_ranges(set, all, LEN(all));
	hoy_ip_set_free(set);
}

/* Entries for every number of rungs that a test can wait for, one below and above it. */
TEST(each_number_of_rungs)
{
	static hoy_ip_range ranges[8 * 8 * 8 * 8];

	for (size_t i = 0; i < LEN(ranges); i++)
		ranges[i].first = ranges[i].last = hoy_ipv4(9, (uint8_t)(i >> 6), (uint8_t)(i << 2), 7);
	for (size_t entries = 8; entries <= LEN(ranges); entries *= 8)
		for (size_t n = entries / 2 - 1; n <= entries / 2 + 1; n++) {
			hoy_ip_set *set = hoy_ip_set_new(ranges, n, NULL);
			size_t found = 0;

			if (!CHECK(set != NULL))
				return;
			for (size_t i = 0; i < LEN(ranges); i++) {
				CHECK(!hoy_ip_set_contains(set, hoy_ip_prev(ranges[i].first)));
				CHECK(!hoy_ip_set_contains(set, hoy_ip_next(ranges[i].last)));
				found += (size_t)hoy_ip_set_contains(set, ranges[i].first);
			}
			CHECK_INT(found, n);
			hoy_ip_set_free(set);
		}
}
