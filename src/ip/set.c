/*
 * A set is the sorted list of addresses where it begins or ends: an address is inside when
 * the number of them that are not after it is odd. Searching a big list by halves costs a
 * cache miss for each half, so above the list lies one of every 16th entry, above that
 * one of every 256th, and so on, like the rungs of a ladder. The upper rungs stay in the
 * cache, and on the lowest one the search meets a single new line of 16 IPv4 addresses.
 */
#include <hoy/ip.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "ip/fail.h"
#include "ip/mapped.h"
#include "ip/wide.h"

#define STEP 16		/* entries that one entry of the rung above stands for */
#define LINE 64		/* bytes of a cache line, where every rung begins */
#define RUNGS 16	/* 16 to the 16th entries: more than any memory holds */

struct span { struct hoy__wide first, last; };

/* The ranges of one family. Entries are uint32_t for IPv4, struct hoy__wide for IPv6. */
struct ladder {
	void *block;		/* what was allocated */
	void *rung[RUNGS];	/* [0] has every beginning, and the address after every end but the very last */
	size_t count[RUNGS];
	int rungs;		/* 0: no ranges */
};

struct hoy_ip_set {
	struct ladder v4, v6;
};

static int by_first(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return hoy__wide_less(y->first, x->first) - hoy__wide_less(x->first, y->first);
}

/* Sorts and joins spans that overlap or touch; how many are left. */
static size_t join(struct span *spans, size_t n)
{
	const struct hoy__wide one = { 0, 1 }, max = { UINT64_MAX, UINT64_MAX };
	size_t kept = 0;

	qsort(spans, n, sizeof *spans, by_first);
	for (size_t i = 0; i < n; i++) {
		struct span *top = kept ? &spans[kept - 1] : NULL;

		if (top && (hoy__wide_equal(top->last, max) ||
			    !hoy__wide_less(hoy__wide_add(top->last, one), spans[i].first)))
			top->last = hoy__wide_less(top->last, spans[i].last) ? spans[i].last : top->last;
		else
			spans[kept++] = spans[i];
	}
	return kept;
}

/*
 * Parts the ranges by family, IPv4 at the front of spans and IPv6 at its end. The number
 * of the first that is no range, or n.
 */
static size_t sort_out(const hoy_ip_range *ranges, size_t n, struct span *spans, size_t *n4)
{
	size_t n6 = 0;

	*n4 = 0;
	for (size_t i = 0; i < n; i++) {
		hoy_ip first = ranges[i].first, last = ranges[i].last;

		if (hoy__is_mapped(&first) && hoy__is_mapped(&last)) {
			first = hoy_ip_to4(first);
			last = hoy_ip_to4(last);
		}
		if (first.len != last.len || (first.len != 4 && first.len != 16) || hoy_ip_compare(first, last) > 0)
			return i;
		struct span *place = first.len == 4 ? &spans[(*n4)++] : &spans[n - ++n6];

		*place = (struct span){ hoy__wide_of(&first), hoy__wide_of(&last) };
	}
	return n;
}

static void put(struct ladder *l, int r, size_t i, struct hoy__wide number, bool six)
{
	if (six)
		((struct hoy__wide *)l->rung[r])[i] = number;
	else
		((uint32_t *)l->rung[r])[i] = (uint32_t)number.lo;
}

static struct hoy__wide get(const struct ladder *l, int r, size_t i, bool six)
{
	if (six)
		return ((struct hoy__wide *)l->rung[r])[i];
	return (struct hoy__wide){ 0, ((uint32_t *)l->rung[r])[i] };
}

/* So many bytes, up to the end of a cache line. */
static size_t lines(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

/* One block for all rungs; the lowest has 2n entries, or one less when the last range has no address after it. */
static int ladder_build(struct ladder *l, const struct span *spans, size_t n, bool six)
{
	const struct hoy__wide one = { 0, 1 }, last = hoy__wide_ones(six ? 128 : 32);
	size_t total = LINE, size = six ? sizeof(struct hoy__wide) : sizeof(uint32_t);
	char *block;

	if (n == 0)
		return 0;
	n = 2 * n - hoy__wide_equal(spans[n - 1].last, last);
	for (size_t count = n; l->rungs == 0 || l->count[l->rungs - 1] > STEP; count = (count + STEP - 1) / STEP) {
		l->count[l->rungs++] = count;
		total += lines(count * size);
	}
	l->block = hoy__alloc(total);
	if (!l->block)
		return -ENOMEM;
	l->rung[0] = block = (char *)l->block + (LINE - (uintptr_t)l->block % LINE);
	for (size_t i = 0; i < n; i++)
		put(l, 0, i, i % 2 ? hoy__wide_add(spans[i / 2].last, one) : spans[i / 2].first, six);
	for (int r = 1; r < l->rungs; r++) {
		l->rung[r] = block += lines(l->count[r - 1] * size);
		for (size_t i = 0; i < l->count[r]; i++)
			put(l, r, i, get(l, r - 1, i * STEP, six), six);
	}
	return 0;
}

hoy_ip_set *hoy_ip_set_new(const hoy_ip_range *ranges, size_t n, hoy_err *err)
{
	struct span *spans = hoy__alloc((n + 1) * sizeof *spans);
	hoy_ip_set *set = hoy__alloc(sizeof *set);
	size_t n4, bad;

	if (!spans || !set)
		goto no_memory;
	bad = sort_out(ranges, n, spans, &n4);
	if (bad < n) {
		hoy__addr_fail(HOY_EUNSUITABLE, "", bad, err);
		goto fail;
	}
	if (ladder_build(&set->v4, spans, join(spans, n4), false) < 0 ||
	    ladder_build(&set->v6, spans + n4, join(spans + n4, n - n4), true) < 0)
		goto no_memory;
	hoy__release(spans);
	return set;
no_memory:
	hoy__plain_fail(-ENOMEM, err);
fail:
	hoy_ip_set_free(set);
	hoy__release(spans);
	return NULL;
}

void hoy_ip_set_free(hoy_ip_set *set)
{
	if (!set)
		return;
	hoy__release(set->v4.block);
	hoy__release(set->v6.block);
	hoy__release(set);
}

/*
 * How many of n entries are not after ip. The half is chosen by arithmetic: a branch would
 * be guessed wrong every second time.
 */
static size_t not_after4(const uint32_t *entries, size_t n, uint32_t ip)
{
	const uint32_t *base = entries;

	while (n > 1) {
		size_t half = n / 2;

		base += half & -(size_t)(base[half] <= ip);
		n -= half;
	}
	return base - entries + (*base <= ip);
}

static size_t not_after6(const struct hoy__wide *entries, size_t n, struct hoy__wide ip)
{
	const struct hoy__wide *base = entries;

	/* 16 of these are four cache lines; fetch them at once, not one after the other */
	for (size_t i = 4; i < n; i += 4)
		__builtin_prefetch(entries + i);
	while (n > 1) {
		size_t half = n / 2;

		base += half & -(size_t)!hoy__wide_less(ip, base[half]);
		n -= half;
	}
	return base - entries + !hoy__wide_less(ip, *base);
}

static bool ladder_holds(const struct ladder *l, struct hoy__wide ip, bool six)
{
	size_t found = 0;

	for (int r = l->rungs; r-- > 0;) {
		/* the entry found on the rung above is the first of this group */
		size_t start = found ? (found - 1) * STEP : 0, left = l->count[r] - start;

		left = left < STEP ? left : STEP;
		if (six)
			found = start + not_after6((const struct hoy__wide *)l->rung[r] + start, left, ip);
		else
			found = start + not_after4((const uint32_t *)l->rung[r] + start, left, (uint32_t)ip.lo);
	}
	return found % 2;
}

int hoy_ip_set_contains(const hoy_ip_set *set, hoy_ip ip)
{
	if (hoy__is_mapped(&ip))
		ip = hoy_ip_to4(ip);
	if (ip.len == 4)
		return ladder_holds(&set->v4, hoy__wide_of(&ip), false);
	return ip.len == 16 && ladder_holds(&set->v6, hoy__wide_of(&ip), true);
}

size_t hoy_ip_set_size(const hoy_ip_set *set)
{
	return (set->v4.count[0] + 1) / 2 + (set->v6.count[0] + 1) / 2;
}

hoy_ip_range hoy_ip_set_at(const hoy_ip_set *set, size_t i)
{
	const struct hoy__wide one = { 0, 1 };
	size_t n4 = (set->v4.count[0] + 1) / 2;
	bool six = i >= n4;
	const struct ladder *l = six ? &set->v6 : &set->v4;
	uint8_t len = six ? 16 : 4;
	hoy_ip_range range = { { 0 }, { 0 } };

	i = 2 * (six ? i - n4 : i);
	if (i >= l->count[0])
		return range;
	range.first = hoy__wide_ip(get(l, 0, i, six), len);
	range.last = hoy__wide_ip(i + 1 < l->count[0] ? hoy__wide_sub(get(l, 0, i + 1, six), one) : hoy__wide_ones(8 * len),
				  len);
	return range;
}
