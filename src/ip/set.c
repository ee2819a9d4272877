/*
 * A set of ranges is two sorted arrays of disjoint ranges, one for each family. An
 * address can only be in the last range that does not begin after it, so one binary
 * search finds the answer. The beginnings stand apart from the ends, so that the search
 * touches few cache lines.
 */
#include <hoy/ip.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "ip/fail.h"
#include "ip/mapped.h"
#include "ip/wide.h"

struct span4 { uint32_t first, last; };
struct span6 { struct hoy__wide first, last; };

struct hoy_ip_set {
	size_t n4, n6;
	uint32_t *first4, *last4;
	struct hoy__wide *first6, *last6;
};

static int by_first4(const void *a, const void *b)
{
	uint32_t x = ((const struct span4 *)a)->first, y = ((const struct span4 *)b)->first;

	return (x > y) - (x < y);
}

static int by_first6(const void *a, const void *b)
{
	const struct span6 *x = a, *y = b;

	return hoy__wide_less(y->first, x->first) - hoy__wide_less(x->first, y->first);
}

/* Sorts and joins spans that overlap or touch; how many are left. */
static size_t join4(struct span4 *spans, size_t n)
{
	size_t kept = 0;

	qsort(spans, n, sizeof *spans, by_first4);
	for (size_t i = 0; i < n; i++) {
		struct span4 *top = kept ? &spans[kept - 1] : NULL;

		if (top && (top->last == UINT32_MAX || spans[i].first <= top->last + 1))
			top->last = spans[i].last > top->last ? spans[i].last : top->last;
		else
			spans[kept++] = spans[i];
	}
	return kept;
}

static size_t join6(struct span6 *spans, size_t n)
{
	const struct hoy__wide one = { 0, 1 }, max = { UINT64_MAX, UINT64_MAX };
	size_t kept = 0;

	qsort(spans, n, sizeof *spans, by_first6);
	for (size_t i = 0; i < n; i++) {
		struct span6 *top = kept ? &spans[kept - 1] : NULL;

		if (top && (hoy__wide_equal(top->last, max) ||
			    !hoy__wide_less(hoy__wide_add(top->last, one), spans[i].first)))
			top->last = hoy__wide_less(top->last, spans[i].last) ? spans[i].last : top->last;
		else
			spans[kept++] = spans[i];
	}
	return kept;
}

/* Parts the ranges by family; the number of the first bad one, or n. */
static size_t sort_out(const hoy_ip_range *ranges, size_t n, struct span4 *v4, size_t *n4, struct span6 *v6,
		       size_t *n6)
{
	for (size_t i = 0; i < n; i++) {
		hoy_ip first = ranges[i].first, last = ranges[i].last;

		if (hoy__is_mapped(&first) && hoy__is_mapped(&last)) {
			first = hoy_ip_to4(first);
			last = hoy_ip_to4(last);
		}
		if (first.len != last.len || first.len == 0 || hoy_ip_compare(first, last) > 0)
			return i;
		if (first.len == 4)
			v4[(*n4)++] = (struct span4){ hoy__load32(first.bytes), hoy__load32(last.bytes) };
		else
			v6[(*n6)++] = (struct span6){ hoy__wide_of(&first), hoy__wide_of(&last) };
	}
	return n;
}

/* The set itself: one block, the record and behind it the four arrays. */
static hoy_ip_set *pack(const struct span4 *v4, size_t n4, const struct span6 *v6, size_t n6)
{
	hoy_ip_set *set = hoy__alloc(sizeof *set + n6 * sizeof *v6 + n4 * sizeof *v4);

	if (!set)
		return NULL;
	set->n4 = n4;
	set->n6 = n6;
	set->first6 = (struct hoy__wide *)(set + 1);
	set->last6 = set->first6 + n6;
	set->first4 = (uint32_t *)(set->last6 + n6);
	set->last4 = set->first4 + n4;
	for (size_t i = 0; i < n4; i++) {
		set->first4[i] = v4[i].first;
		set->last4[i] = v4[i].last;
	}
	for (size_t i = 0; i < n6; i++) {
		set->first6[i] = v6[i].first;
		set->last6[i] = v6[i].last;
	}
	return set;
}

hoy_ip_set *hoy_ip_set_new(const hoy_ip_range *ranges, size_t n, hoy_err *err)
{
	struct span4 *v4 = hoy__alloc((n + 1) * sizeof *v4);
	struct span6 *v6 = hoy__alloc((n + 1) * sizeof *v6);
	size_t n4 = 0, n6 = 0, bad;
	hoy_ip_set *set = NULL;

	if (!v4 || !v6) {
		hoy__plain_fail(-ENOMEM, err);
		goto out;
	}
	bad = sort_out(ranges, n, v4, &n4, v6, &n6);
	if (bad < n) {
		hoy__addr_fail(HOY_EUNSUITABLE, "", bad, err);
		goto out;
	}
	n4 = join4(v4, n4);
	n6 = join6(v6, n6);
	set = pack(v4, n4, v6, n6);
	if (!set)
		hoy__plain_fail(-ENOMEM, err);
out:
	hoy__release(v6);
	hoy__release(v4);
	return set;
}

void hoy_ip_set_free(hoy_ip_set *set)
{
	hoy__release(set);
}

/*
 * The number of beginnings that are not after ip. The halves are chosen by arithmetic, not
 * by a branch: for random addresses each branch would be guessed wrong every second time.
 */
static size_t search4(const uint32_t *first, size_t n, uint32_t ip)
{
	const uint32_t *base = first;

	if (n == 0)
		return 0;
	while (n > 1) {
		size_t half = n / 2;

		base += (base[half] <= ip) * half;
		n -= half;
	}
	return base - first + (*base <= ip);
}

static size_t search6(const struct hoy__wide *first, size_t n, struct hoy__wide ip)
{
	const struct hoy__wide *base = first;

	if (n == 0)
		return 0;
	while (n > 1) {
		size_t half = n / 2;

		base += !hoy__wide_less(ip, base[half]) * half;
		n -= half;
	}
	return base - first + !hoy__wide_less(ip, *base);
}

int hoy_ip_set_contains(const hoy_ip_set *set, hoy_ip ip)
{
	size_t i;

	if (hoy__is_mapped(&ip))
		ip = hoy_ip_to4(ip);
	if (ip.len == 4) {
		uint32_t v4 = hoy__load32(ip.bytes);

		i = search4(set->first4, set->n4, v4);
		return i > 0 && v4 <= set->last4[i - 1];
	}
	if (ip.len != 16)
		return 0;
	struct hoy__wide v6 = hoy__wide_of(&ip);

	i = search6(set->first6, set->n6, v6);
	return i > 0 && !hoy__wide_less(set->last6[i - 1], v6);
}

size_t hoy_ip_set_size(const hoy_ip_set *set)
{
	return set->n4 + set->n6;
}

hoy_ip_range hoy_ip_set_at(const hoy_ip_set *set, size_t i)
{
	if (i < set->n4) {
		struct hoy__wide first = { 0, set->first4[i] }, last = { 0, set->last4[i] };

		return (hoy_ip_range){ hoy__wide_ip(first, 4), hoy__wide_ip(last, 4) };
	}
	i -= set->n4;
	if (i >= set->n6)
		return (hoy_ip_range){ { 0 }, { 0 } };
	return (hoy_ip_range){ hoy__wide_ip(set->first6[i], 16), hoy__wide_ip(set->last6[i], 16) };
}
