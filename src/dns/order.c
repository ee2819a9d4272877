/*
 * Three orders and one way to sort: insertion, which is stable, and does not mind that
 * RFC 6724's rules are no order at all for some sets of addresses.
 */
#include "dns/order.h"

#include <string.h>

#include "base/base.h"
#include "ip/wide.h"

enum { LINK_LOCAL = 2, SITE_LOCAL = 5, GLOBAL = 14 };

/* RFC 6724 section 2.1, the longest prefixes first. */
static const struct {
	uint8_t prefix[16], bits, precedence, label;
} policies[] = {
	{ { [15] = 1 },				128, 50, 0 },
	{ { [10] = 0xff, [11] = 0xff },		 96, 35, 4 },	/* IPv4 */
	{ { 0 },				 96,  1, 3 },
	{ { 0x20, 0x01 },			 32,  5, 5 },	/* Teredo */
	{ { 0x20, 0x02 },			 16, 30, 2 },	/* 6to4 */
	{ { 0x3f, 0xfe },			 16,  1, 12 },
	{ { 0xfe, 0xc0 },			 10,  1, 11 },
	{ { 0xfc },				  7,  3, 13 },
	{ { 0 },				  0, 40, 1 },
};

static unsigned common_bits(const uint8_t a[16], const uint8_t b[16], unsigned most)
{
	uint64_t high = hoy__load64(a) ^ hoy__load64(b), low = hoy__load64(a + 8) ^ hoy__load64(b + 8);
	unsigned bits = high ? (unsigned)__builtin_clzll(high) : low ? 64 + (unsigned)__builtin_clzll(low) : 128;

	return bits < most ? bits : most;
}

static uint8_t scope_of(hoy_ip ip)
{
	if (hoy_ip_is_loopback(ip) || hoy_ip_is_link_local_unicast(ip))
		return LINK_LOCAL;
	if (hoy_ip_to4(ip).len)
		return GLOBAL;
	if (ip.bytes[0] == 0xff)
		return ip.bytes[1] & 15;
	return ip.bytes[0] == 0xfe && ip.bytes[1] >= 0xc0 ? SITE_LOCAL : GLOBAL;
}

struct hoy__policy hoy__policy_of(hoy_ip ip)
{
	hoy_ip wide = hoy_ip_to16(ip);
	size_t i = 0;

	while (common_bits(wide.bytes, policies[i].prefix, policies[i].bits) < policies[i].bits)
		i++;
	return (struct hoy__policy){ policies[i].precedence, policies[i].label, scope_of(ip) };
}

/* Where the sources come from. */
struct routes {
	hoy__source_of *source_of;
	void *ctx;
};

static void look_at(struct hoy__destination *to, const struct routes *routes)
{
	struct hoy__policy source;

	if (to->looked)
		return;
	to->looked = true;
	to->source = routes->source_of(routes->ctx, to->index);
	source = hoy__policy_of(to->source);
	to->same_scope = source.scope == to->policy.scope;
	to->same_label = source.label == to->policy.label;
	if (to->is6)	/* beyond 64 bits an interface is numbered, not a network */
		to->match = (uint8_t)common_bits(to->ip.bytes, hoy_ip_to16(to->source).bytes, 64);
}

/* RFC 6724 section 6: does a go before b? Rules 3, 4 and 7 need facts that the system does not give. */
static bool goes_before(struct hoy__destination *a, struct hoy__destination *b, const struct routes *routes)
{
	look_at(a, routes);
	if (!a->source.len)				/* 1 */
		return false;
	if (a->same_scope && a->same_label && a->policy.precedence > b->policy.precedence)
		return true;				/* wherever b would be reached from */
	look_at(b, routes);
	if (!b->source.len)				/* 1 */
		return true;
	if (a->same_scope != b->same_scope)		/* 2 */
		return a->same_scope;
	if (a->same_label != b->same_label)		/* 5 */
		return a->same_label;
	if (a->policy.precedence != b->policy.precedence)	/* 6 */
		return a->policy.precedence > b->policy.precedence;
	if (a->policy.scope != b->policy.scope)		/* 8 */
		return a->policy.scope < b->policy.scope;
	return a->is6 && b->is6 && a->match > b->match;	/* 9 */
}

void hoy__order_destinations(struct hoy__destination *list, size_t count, hoy__source_of *source_of, void *ctx)
{
	const struct routes routes = { source_of, ctx };

	for (size_t i = 0; i < count; i++) {
		struct hoy__destination moving = list[i];
		size_t at = i;

		moving.policy = hoy__policy_of(moving.ip);
		moving.is6 = !hoy_ip_to4(moving.ip).len;
		for (; at > 0 && goes_before(&moving, &list[at - 1], &routes); at--)
			list[at] = list[at - 1];
		list[at] = moving;
	}
}

static bool ranks_before(const struct hoy__ranked *a, const struct hoy__ranked *b, bool by_weight)
{
	return a->priority != b->priority ? a->priority < b->priority : by_weight && a->weight < b->weight;
}

static void sort_ranked(struct hoy__ranked *list, size_t count, bool by_weight)
{
	for (size_t i = 1; i < count; i++) {
		struct hoy__ranked moving = list[i];
		size_t at = i;

		for (; at > 0 && ranks_before(&moving, &list[at - 1], by_weight); at--)
			list[at] = list[at - 1];
		list[at] = moving;
	}
}

/* The place of the record in whose share of the sum the draw falls. */
static size_t drawn_place(const struct hoy__ranked *list, uint32_t drawn)
{
	size_t i = 0;
	uint32_t sum = list[0].weight;

	while (sum <= drawn)
		sum += list[++i].weight;
	return i;
}

/* Draws one after the other to the front; the rest keeps its order. */
static void order_by_weight(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += list[i].weight;
	for (; sum > 0 && count > 1; list++, count--) {
		size_t place = drawn_place(list, draw(ctx, sum));
		struct hoy__ranked chosen = list[place];

		memmove(list + 1, list, place * sizeof *list);
		list[0] = chosen;
		sum -= chosen.weight;
	}
}

void hoy__order_srv(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx)
{
	size_t first = 0;

	sort_ranked(list, count, true);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && list[i].priority == list[first].priority)
			continue;
		order_by_weight(list + first, i - first, draw, ctx);
		first = i;
	}
}

void hoy__order_mx(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx)
{
	for (size_t i = 1; i < count; i++) {
		size_t other = draw(ctx, (uint32_t)i + 1);
		struct hoy__ranked moving = list[i];

		list[i] = list[other];
		list[other] = moving;
	}
	sort_ranked(list, count, false);
}
