/*
 * A set is the sorted list of numbers where it begins or ends: an address is inside when
 * the count of them that are not after it is odd. Searching a big list by halves costs a
 * cache miss for each half, so above the list lies one of every 8th entry, above that one
 * of every 64th, and so on, like the rungs of a ladder: the upper rungs stay in the cache,
 * and each rung adds one cache line of 8 entries. For this an entry must be short: a rung
 * has the upper 64 bits only, and the lower ones are looked at where those are equal.
 */
#include <hoy/ip.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/fail.h"
#include "ip/mapped.h"
#include "ip/wide.h"

#define STEP 8		/* entries that one entry of the rung above stands for: a cache line of them */
#define LINE 64		/* bytes of a cache line, where every rung begins */
#define RUNGS 22	/* 8 to the 22nd entries: more than any memory holds */

/* Of numbers of 128 bits; an IPv4 address is the first 32 of them, so both families are searched alike. */
struct span { struct hoy__wide first, last; };

/* The ranges of one family: every beginning, and the number after every end but the very last. */
struct ladder {
	void *block;		/* what was allocated */
	uint64_t *rung[RUNGS];	/* [0] has the upper half of every entry; filled up to a line with the highest number */
	uint64_t *low;		/* the lower half of each */
	size_t count[RUNGS];
	int rungs;		/* 0: no ranges */
};

struct hoy_ip_set {
	struct ladder v4, v6;
};

/*
 * A call passes a hoy_ip in pieces of 8 bytes, and a load that needs two of them waits until
 * all before it is done, the cache misses of the last question too. Hence the upper half
 * of the address is taken from one piece and a byte of the next.
 */
static uint64_t high_of(const hoy_ip *ip)
{
	if (ip->len == 4)
		return (uint64_t)hoy__load32(ip->bytes) << 32;
	return hoy__load64((const uint8_t *)ip) << 8 | ip->bytes[7];
}

static uint64_t low_of(const hoy_ip *ip)
{
	return ip->len == 4 ? 0 : hoy__load64(ip->bytes + 8);
}

static hoy_ip address_of(struct hoy__wide number, uint8_t len)
{
	return hoy_ip_from_bytes(hoy__wide_ip(number, 16).bytes, len);
}

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

		place->first = (struct hoy__wide){ high_of(&first), low_of(&first) };
		place->last = (struct hoy__wide){ high_of(&last), low_of(&last) };
		place->last = hoy__wide_add(place->last, hoy__wide_ones(128 - 8 * last.len));
	}
	return n;
}

/* So many entries, up to the end of a cache line. */
static size_t whole(size_t count)
{
	return (count + STEP - 1) / STEP * STEP;
}

/* One block for all; the lowest rung has 2n entries, or one less when the last range has no number after it. */
static int ladder_build(struct ladder *l, const struct span *spans, size_t n)
{
	const struct hoy__wide one = { 0, 1 }, max = { UINT64_MAX, UINT64_MAX };
	size_t total = STEP;
	uint64_t *place;

	if (n == 0)
		return 0;
	n = 2 * n - hoy__wide_equal(spans[n - 1].last, max);
	for (size_t count = n; l->rungs == 0 || l->count[l->rungs - 1] > STEP; count = whole(count) / STEP) {
		l->count[l->rungs++] = count;
		total += whole(count);
	}
	l->block = hoy__alloc((total + n) * sizeof *place);
	if (!l->block)
		return -ENOMEM;
	memset(l->block, 0xff, total * sizeof *place);
	place = (uint64_t *)((char *)l->block + (LINE - (uintptr_t)l->block % LINE));
	for (int r = 0; r < l->rungs; place += whole(l->count[r++]))
		l->rung[r] = place;
	l->low = place;
	for (size_t i = 0; i < n; i++) {
		struct hoy__wide entry = i % 2 ? hoy__wide_add(spans[i / 2].last, one) : spans[i / 2].first;

		l->rung[0][i] = entry.hi;
		l->low[i] = entry.lo;
	}
	for (int r = 1; r < l->rungs; r++)
		for (size_t i = 0; i < l->count[r]; i++)
			l->rung[r][i] = l->rung[r - 1][i * STEP];
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
	if (ladder_build(&set->v4, spans, join(spans, n4)) < 0 ||
	    ladder_build(&set->v6, spans + n4, join(spans + n4, n - n4)) < 0)
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

/* How many entries have an upper half that is not above this one. */
static size_t climb_down(const struct ladder *l, uint64_t high)
{
	size_t found = 0;

	for (int r = l->rungs; r-- > 0;) {
		/* the entry found on the rung above is the first of this line */
		size_t start = found ? (found - 1) * STEP : 0;
		const uint64_t *line = l->rung[r] + start;

		/* a branch would be guessed wrong every second time; a loop costs a fifth more */
		found = start + (line[0] <= high) + (line[1] <= high) + (line[2] <= high) + (line[3] <= high) +
			(line[4] <= high) + (line[5] <= high) + (line[6] <= high) + (line[7] <= high);
		found = found < l->count[r] ? found : l->count[r];
	}
	return found;
}

/*
 * How many entries are not after an address, when the n-th is the last with its upper half.
 * As few share it as a rule, steps back from there double until an entry is not after the
 * address, and only what was stepped over is searched by halves.
 */
static size_t step_back(const struct ladder *l, size_t n, uint64_t high, uint64_t low)
{
	size_t end = n, start = n;

	for (size_t step = 1; start > 0 && l->rung[0][start - 1] == high && l->low[start - 1] > low; step *= 2) {
		end = start - 1;
		start -= step < start ? step : start;
	}
	while (start < end) {
		size_t middle = start + (end - start) / 2;

		if (l->rung[0][middle] < high || l->low[middle] <= low)
			start = middle + 1;
		else
			end = middle;
	}
	return start;
}

int hoy_ip_set_contains(const hoy_ip_set *set, hoy_ip ip)
{
	if (ip.len == 16 && high_of(&ip) == 0)
		ip = hoy_ip_unmap(ip);
	if (ip.len != 4 && ip.len != 16)
		return 0;
	const struct ladder *l = ip.len == 4 ? &set->v4 : &set->v6;
	uint64_t high = high_of(&ip);
	size_t n = climb_down(l, high);

	if (n > 0 && l->rung[0][n - 1] == high)
		n = step_back(l, n, high, low_of(&ip));
	return n % 2;
}

size_t hoy_ip_set_size(const hoy_ip_set *set)
{
	return (set->v4.count[0] + 1) / 2 + (set->v6.count[0] + 1) / 2;
}

hoy_ip_range hoy_ip_set_at(const hoy_ip_set *set, size_t i)
{
	const struct hoy__wide one = { 0, 1 };
	size_t n4 = (set->v4.count[0] + 1) / 2;
	const struct ladder *l = i < n4 ? &set->v4 : &set->v6;
	uint8_t len = i < n4 ? 4 : 16;
	hoy_ip_range range = { { 0 }, { 0 } };
	struct hoy__wide end = { 0, 0 };

	if (i >= hoy_ip_set_size(set))
		return range;
	i = 2 * (i < n4 ? i : i - n4);
	range.first = address_of((struct hoy__wide){ l->rung[0][i], l->low[i] }, len);
	if (i + 1 < l->count[0])	/* else the very last has no end: it is all ones */
		end = (struct hoy__wide){ l->rung[0][i + 1], l->low[i + 1] };
	range.last = address_of(hoy__wide_sub(end, one), len);
	return range;
}
