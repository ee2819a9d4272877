/* Addresses as numbers of 128 bits; IPv4 is the low 32. */
#ifndef HOY_IP_WIDE_H
#define HOY_IP_WIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <hoy/ip.h>

struct hoy__wide {
	uint64_t hi, lo;
};

static inline uint32_t hoy__load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t hoy__load64(const uint8_t *p)
{
	return (uint64_t)hoy__load32(p) << 32 | hoy__load32(p + 4);
}

static inline struct hoy__wide hoy__wide_of(const hoy_ip *ip)
{
	if (ip->len == 4)
		return (struct hoy__wide){ 0, hoy__load32(ip->bytes) };
	return (struct hoy__wide){ hoy__load64(ip->bytes), hoy__load64(ip->bytes + 8) };
}

/* Back to an address of len bytes. */
static inline hoy_ip hoy__wide_ip(struct hoy__wide w, uint8_t len)
{
	hoy_ip ip = { .len = len };

	for (int i = len; i-- > 0; w.lo = w.lo >> 8 | w.hi << 56, w.hi >>= 8)
		ip.bytes[i] = (uint8_t)w.lo;
	return ip;
}

static inline bool hoy__wide_less(struct hoy__wide a, struct hoy__wide b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline bool hoy__wide_equal(struct hoy__wide a, struct hoy__wide b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static inline struct hoy__wide hoy__wide_add(struct hoy__wide a, struct hoy__wide b)
{
	uint64_t lo = a.lo + b.lo;

	return (struct hoy__wide){ a.hi + b.hi + (lo < a.lo), lo };
}

static inline struct hoy__wide hoy__wide_sub(struct hoy__wide a, struct hoy__wide b)
{
	return (struct hoy__wide){ a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };
}

/* 2 to the n, n below 128; shifted left by n, n up to 128. */
static inline struct hoy__wide hoy__wide_shift(struct hoy__wide a, int n)
{
	if (n >= 128)
		return (struct hoy__wide){ 0, 0 };
	if (n >= 64)
		return (struct hoy__wide){ a.lo << (n - 64), 0 };
	if (n == 0)
		return a;
	return (struct hoy__wide){ a.hi << n | a.lo >> (64 - n), a.lo << n };
}

/* n ones at the low end, n up to 128. */
static inline struct hoy__wide hoy__wide_ones(int n)
{
	struct hoy__wide one = { 0, 1 };

	return hoy__wide_sub(hoy__wide_shift(one, n), one);
}

#endif
