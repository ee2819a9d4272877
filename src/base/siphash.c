/*
 * SipHash-2-4 as Aumasson and Bernstein describe it: two rounds for each eight bytes,
 * the length in the last word's top byte, four rounds at the end. The result does not
 * depend on the byte order of the machine.
 */
#include "base/siphash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static void compress(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static uint64_t little_endian(const uint8_t *p, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)p[i] << 8 * i;
	return word;
}

uint64_t hoy__siphash(const struct hoy__siphash_key *key, const void *data, size_t len)
{
	/* "somepseudorandomlygeneratedbytes" */
	struct state s = {
		key->k0 ^ 0x736f6d6570736575, key->k1 ^ 0x646f72616e646f6d,
		key->k0 ^ 0x6c7967656e657261, key->k1 ^ 0x7465646279746573,
	};
	const uint8_t *p = data;
	size_t left = len;

	for (; left >= 8; p += 8, left -= 8)
		compress(&s, little_endian(p, 8));
	compress(&s, (uint64_t)len << 56 | little_endian(p, left));

	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
