/* SipHash-2-4: tables keyed by what strangers send must not let them choose the bucket. */
#ifndef HOY_BASE_SIPHASH_H
#define HOY_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct hoy__siphash_key {
	uint64_t k0, k1;	/* from hoy__os_random, once a process */
};

uint64_t hoy__siphash(const struct hoy__siphash_key *key, const void *data, size_t len);

#endif
