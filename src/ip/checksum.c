/*
 * RFC 1071: the complement of the one's complement sum of 16-bit words. The carries are
 * kept in a wide sum and folded in at the end.
 */
#include "ip/checksum.h"

#include <hoy/ip.h>

uint64_t hoy__checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		sum += (uint64_t)(p[0] << 8 | p[1]);
	return len ? sum + ((uint64_t)p[0] << 8) : sum;
}

uint16_t hoy__checksum_end(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t hoy_checksum(const void *data, size_t len)
{
	return hoy__checksum_end(hoy__checksum_add(0, data, len));
}
