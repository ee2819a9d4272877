/*
 * Prefixes and ranges. An address is a number here; a prefix is a range that begins at a
 * multiple of its size, and that is all the arithmetic there is.
 */
#include <hoy/addr.h>
#include <hoy/ip.h>

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "ip/parse.h"
#include "ip/scan.h"
#include "ip/text.h"
#include "ip/wide.h"

/* How many bits of the address lie beyond the prefix. */
static int host_bits(const hoy_prefix *p)
{
	return p->ip.len * 8 - p->bits;
}

int hoy_prefix_is_valid(hoy_prefix p)
{
	return (p.ip.len == 4 || p.ip.len == 16) && p.bits >= 0 && p.bits <= p.ip.len * 8;
}

hoy_prefix hoy_prefix_from(hoy_ip ip, int bits)
{
	hoy_prefix p = { ip, (int16_t)(bits >= 0 && bits <= ip.len * 8 ? bits : -1) };

	return p;
}

int hoy_prefix_bits(hoy_prefix p)
{
	return hoy_prefix_is_valid(p) ? p.bits : -1;
}

int hoy_prefix_is_single_ip(hoy_prefix p)
{
	return hoy_prefix_is_valid(p) && host_bits(&p) == 0;
}

hoy_prefix hoy_prefix_masked(hoy_prefix p)
{
	if (!hoy_prefix_is_valid(p))
		return (hoy_prefix){ { 0 }, -1 };
	int whole = (p.bits + 7) / 8;

	if (p.bits % 8)
		p.ip.bytes[whole - 1] &= (uint8_t)(0xff00 >> p.bits % 8);
	memset(p.ip.bytes + whole, 0, p.ip.len - whole);
	return p;
}

int hoy_ip_prefix(hoy_ip ip, int bits, hoy_prefix *prefix)
{
	hoy_prefix p = hoy_prefix_from(ip, bits);

	if (!hoy_prefix_is_valid(p))
		return HOY_EPREFIXLEN;
	*prefix = hoy_prefix_masked(p);
	return 0;
}

/* The length after the slash: digits, without a sign or a leading zero. */
static int scan_bits(const char *s, const char *end, int limit, int16_t *bits)
{
	uint64_t n;

	if (end - s > 1 && *s == '0')
		return HOY_EPREFIXBITS;
	if (!hoy__scan_decimal(s, end, INT64_MAX, &n))
		return HOY_EPREFIXBITS;
	if (n > (uint64_t)limit)
		return HOY_EPREFIXLEN;
	*bits = (int16_t)n;
	return 0;
}

static int scan_prefix(const char *text, hoy_prefix *p, const char **at)
{
	const char *end = text + strlen(text), *slash = strrchr(text, '/'), *zone;
	int code;

	*at = end;
	if (!slash)
		return HOY_ENOSLASH;
	code = hoy__scan_ip(text, slash, &p->ip, &zone, at);
	if (code < 0)
		return code;
	*at = zone ? zone - 1 : slash + 1;
	return zone ? HOY_EPREFIXZONE : scan_bits(slash + 1, end, p->ip.len * 8, &p->bits);
}

int hoy_parse_prefix(const char *text, hoy_prefix *prefix, hoy_err *err)
{
	hoy_prefix got = { 0 };
	const char *at;
	int code = scan_prefix(text, &got, &at);

	if (code < 0)
		return hoy__netip_fail(code, "ParsePrefix", text, at - text, err);
	*prefix = got;
	return 0;
}

char *hoy_prefix_string(hoy_prefix p, char buf[HOY_PREFIX_STRLEN])
{
	char *end = buf;

	if (!hoy_prefix_is_valid(p)) {
		end = hoy__put_text(buf, "invalid Prefix");
	} else {
		end = hoy__put_ip_4in6(buf, &p.ip);
		*end++ = '/';
		end = hoy__put_decimal(end, (unsigned)p.bits);
	}
	*end = '\0';
	return buf;
}

hoy_ip_range hoy_prefix_range(hoy_prefix p)
{
	hoy_ip_range range = { { 0 }, { 0 } };

	if (!hoy_prefix_is_valid(p))
		return range;
	range.first = hoy_prefix_masked(p).ip;
	range.last = hoy__wide_ip(hoy__wide_add(hoy__wide_of(&range.first), hoy__wide_ones(host_bits(&p))), p.ip.len);
	return range;
}

int hoy_prefix_contains(hoy_prefix p, hoy_ip ip)
{
	hoy_ip_range range = hoy_prefix_range(p);

	return range.first.len > 0 && hoy_ip_compare(range.first, ip) <= 0 && hoy_ip_compare(ip, range.last) <= 0;
}

int hoy_prefix_contains_addr(hoy_prefix p, const hoy_addr *addr)
{
	return !addr->zone[0] && hoy_prefix_contains(p, addr->ip);
}

int hoy_prefix_overlaps(hoy_prefix a, hoy_prefix b)
{
	return hoy_prefix_contains(a, hoy_prefix_masked(b).ip) || hoy_prefix_contains(b, hoy_prefix_masked(a).ip);
}

static int order(int a, int b)
{
	return (a > b) - (a < b);
}

int hoy_prefix_compare(hoy_prefix a, hoy_prefix b)
{
	int c = order(hoy_prefix_is_valid(a), hoy_prefix_is_valid(b));

	if (c == 0)	/* the shorter form comes first, so this is the family too */
		c = hoy_ip_compare(hoy_prefix_masked(a).ip, hoy_prefix_masked(b).ip);
	if (c == 0)
		c = order(hoy_prefix_bits(a), hoy_prefix_bits(b));
	return c ? c : hoy_ip_compare(a.ip, b.ip);
}

int hoy_prefix_split(hoy_prefix p, int bits, uint64_t i, hoy_prefix *part)
{
	struct hoy__wide step = { 0, i };
	int more = bits - p.bits;

	if (!hoy_prefix_is_valid(p) || more < 0 || bits > p.ip.len * 8)
		return HOY_EPREFIXLEN;
	if (more < 64 && i >> more)
		return HOY_ERANGEEND;
	p = hoy_prefix_masked(p);
	p.ip = hoy__wide_ip(hoy__wide_add(hoy__wide_of(&p.ip), hoy__wide_shift(step, p.ip.len * 8 - bits)), p.ip.len);
	p.bits = (int16_t)bits;
	*part = p;
	return 0;
}

static int by_order(const void *a, const void *b)
{
	return hoy_prefix_compare(*(const hoy_prefix *)a, *(const hoy_prefix *)b);
}

/* Two halves of the prefix that is one bit shorter than both? */
static int are_halves(hoy_prefix a, hoy_prefix b)
{
	if (a.ip.len != b.ip.len || a.bits != b.bits || a.bits == 0)
		return 0;
	a.bits--;
	b.bits--;
	return hoy_ip_compare(hoy_prefix_masked(a).ip, hoy_prefix_masked(b).ip) == 0;
}

size_t hoy_prefix_merge(hoy_prefix *list, size_t n)
{
	size_t kept = 0, valid = 0;

	for (size_t i = 0; i < n; i++)
		if (hoy_prefix_is_valid(list[i]))
			list[valid++] = hoy_prefix_masked(list[i]);
	if (valid)	/* an empty list may be NULL, which qsort must not get */
		qsort(list, valid, sizeof *list, by_order);
	/* Sorted, a prefix comes right before all it covers, and halves meet at the top of the kept ones. */
	for (size_t i = 0; i < valid; i++) {
		if (kept > 0 && hoy_prefix_contains(list[kept - 1], list[i].ip))
			continue;
		list[kept++] = list[i];
		while (kept > 1 && are_halves(list[kept - 2], list[kept - 1])) {
			kept--;
			list[kept - 1].bits--;
		}
	}
	return kept;
}

/* How many zero bits the number ends with, up to limit. */
static int trailing_zeros(struct hoy__wide w, int limit)
{
	int n = 0;

	while (n < limit && !(w.lo >> n % 64 & 1)) {
		if (++n == 64)
			w.lo = w.hi;
	}
	return n;
}

int hoy_range_prefixes(hoy_ip_range range, hoy_prefix *list, int max)
{
	struct hoy__wide at = hoy__wide_of(&range.first), last = hoy__wide_of(&range.last);
	int width = range.first.len * 8, n = 0;

	if (range.first.len != range.last.len || width == 0 || hoy__wide_less(last, at))
		return HOY_EUNSUITABLE;
	for (;;) {
		/* the biggest block that begins here and does not reach past the end */
		int host = trailing_zeros(at, width);
		struct hoy__wide end = hoy__wide_add(at, hoy__wide_ones(host));

		while (hoy__wide_less(last, end))
			end = hoy__wide_add(at, hoy__wide_ones(--host));
		if (n < max)
			list[n] = hoy_prefix_from(hoy__wide_ip(at, range.first.len), width - host);
		n++;
		if (hoy__wide_equal(end, last))
			return n;
		at = hoy__wide_add(end, (struct hoy__wide){ 0, 1 });
	}
}

hoy_ip hoy_ip_next(hoy_ip ip)
{
	for (int i = ip.len; i-- > 0;)
		if (++ip.bytes[i] != 0)
			return ip;
	return (hoy_ip){ 0 };
}

hoy_ip hoy_ip_prev(hoy_ip ip)
{
	for (int i = ip.len; i-- > 0;)
		if (ip.bytes[i]-- != 0)
			return ip;
	return (hoy_ip){ 0 };
}
