/*
 * Zones as one sorted array. Names are kept turned round (struct key), so that a zone, a
 * name in it and everything below that name are each one stretch of the array, and every
 * question (which zone, is there such a name, is anything below it) is a binary search.
 */
#include <stdlib.h>
#include <string.h>

#include "zone.h"

void key_of(struct key *key, const uint8_t *wire)
{
	size_t len = 0;

	while (wire[len])
		len += wire[len] + 1u;
	key->len = (uint8_t)len;
	for (const uint8_t *label = wire; *label; label += *label + 1) {
		len -= *label + 1u;
		key->at[len] = *label;
		for (unsigned i = 1; i <= *label; i++)
			key->at[len + i] = label[i] >= 'A' && label[i] <= 'Z' ? label[i] | 0x20 : label[i];
	}
}

uint8_t key_parent(const struct key *key)
{
	unsigned at = 0;

	while (at + key->at[at] + 1u < key->len)
		at += key->at[at] + 1u;
	return (uint8_t)at;
}

bool key_equal(const struct key *a, const struct key *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

bool key_within(const struct key *key, const struct key *top)
{
	return key->len >= top->len && memcmp(key->at, top->at, top->len) == 0;
}

int key_compare(const struct key *a, const struct key *b)
{
	int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

	return order ? order : a->len - b->len;
}

/* The first record that does not come before this name and type. */
static const struct rr *lower_bound(const struct zones *z, const struct key *key, uint16_t type)
{
	size_t low = 0, high = z->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = key_compare(&z->rr[middle].key, key);

		if (order < 0 || (order == 0 && z->rr[middle].type < type))
			low = middle + 1;
		else
			high = middle;
	}
	return z->rr + low;
}

static bool is_at(const struct zones *z, const struct rr *rr, const struct key *key)
{
	return rr < z->rr + z->count && key_equal(&rr->key, key);
}

const struct rr *zones_find(const struct zones *z, const struct key *key)
{
	const struct rr *rr = lower_bound(z, key, 0);

	return is_at(z, rr, key) ? rr : NULL;
}

bool zones_has(const struct zones *z, const struct key *key)
{
	const struct rr *rr = lower_bound(z, key, 0);

	return rr < z->rr + z->count && key_within(&rr->key, key);
}

const struct rr *zones_set(const struct zones *z, const struct rr *node, uint16_t type)
{
	const struct rr *rr = node;

	if (node && type != HOY_TYPE_ANY)
		rr = lower_bound(z, &node->key, type);
	return node && is_at(z, rr, &node->key) && (type == rr->type || type == HOY_TYPE_ANY) ? rr : NULL;
}

const struct rr *zones_soa(const struct zones *z, const struct key *key)
{
	struct key apex = *key;

	for (;;) {
		const struct rr *soa = zones_set(z, zones_find(z, &apex), HOY_TYPE_SOA);

		if (soa || !apex.len)
			return soa;
		apex.len = key_parent(&apex);
	}
}

const struct rr *zones_next_soa(const struct zones *z, const struct rr *soa)
{
	const struct rr *rr = soa ? soa + 1 : z->rr, *end = z->rr + z->count;

	while (rr < end && rr->type != HOY_TYPE_SOA)
		rr++;
	return rr < end ? rr : NULL;
}

size_t zones_records(const struct zones *z, const struct rr *soa)
{
	const struct rr *rr = zones_find(z, &soa->key), *end = z->rr + z->count;
	size_t count = 0;

	for (; rr < end && key_within(&rr->key, &soa->key); rr++)
		count += zones_soa(z, &rr->key) == soa;
	return count;
}

char *key_string(const struct key *key, char text[KEY_STRLEN])
{
	uint8_t wire[NAME_MOST];
	struct key rest = *key;
	size_t len = 0;

	while (rest.len) {
		rest.len = key_parent(&rest);
		memcpy(wire + len, rest.at + rest.len, rest.at[rest.len] + 1u);
		len += rest.at[rest.len] + 1u;
	}
	wire[len++] = 0;
	hoy_rdata_string(HOY_TYPE_NS, wire, len, text, KEY_STRLEN);
	return text;
}

void zones_clear(struct zones *z)
{
	for (size_t i = 0; i < z->count; i++)
		free(z->rr[i].data);
	for (size_t i = 0; i < z->files; i++)
		free(z->file[i]);
	free(z->file);
	free(z->rr);
	*z = (struct zones){ 0 };
}
