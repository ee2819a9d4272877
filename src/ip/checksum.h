/* The Internet checksum over several pieces. */
#ifndef HOY_IP_CHECKSUM_H
#define HOY_IP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Adds the 16-bit words of data to sum; only the last piece may have an odd length. */
uint64_t hoy__checksum_add(uint64_t sum, const void *data, size_t len);
uint16_t hoy__checksum_end(uint64_t sum);

#endif
