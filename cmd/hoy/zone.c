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

/* The first record that does not come before this name. */
static const struct rr *lower_bound(const struct zones *z, const struct key *key)
{
	size_t low = 0, high = z->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_compare(&z->rr[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return z->rr + low;
}

const struct rr *zones_find(const struct zones *z, const struct key *key)
{
	const struct rr *rr = lower_bound(z, key);

	return rr < z->rr + z->count && key_equal(&rr->key, key) ? rr : NULL;
}

bool zones_has(const struct zones *z, const struct key *key)
{
	const struct rr *rr = lower_bound(z, key);

	return rr < z->rr + z->count && key_within(&rr->key, key);
}

const struct rr *zones_set(const struct zones *z, const struct rr *rr, uint16_t type)
{
	const struct key *key = rr ? &rr->key : NULL;

	for (; rr && rr < z->rr + z->count && key_equal(&rr->key, key); rr++)
		if (type == rr->type || type == TYPE_ANY)
			return rr;
	return NULL;
}

const struct rr *zones_soa(const struct zones *z, const struct key *key)
{
	struct key apex = *key;

	for (;;) {
		const struct rr *soa = zones_set(z, zones_find(z, &apex), TYPE_SOA);

		if (soa || !apex.len)
			return soa;
		apex.len = key_parent(&apex);
	}
}

void zones_clear(struct zones *z)
{
	for (size_t i = 0; i < z->count; i++)
		free(z->rr[i].data);
	free(z->rr);
	*z = (struct zones){ 0 };
}
