/* What is read in IP packets and ICMP messages beside the public calls. */
#ifndef HOY_IP_PACKET_H
#define HOY_IP_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* One of enum hoy_icmp_kind. */
int hoy__icmp_kind(int family, uint8_t type, uint8_t code);

/* The length of the IPv4 header that the packet begins with; 0 when it begins with none. */
static inline size_t hoy__ip4_header_len(const void *packet, size_t len)
{
	const uint8_t *bytes = packet;
	size_t header_len = len >= 20 && bytes[0] >> 4 == 4 ? (bytes[0] & 0x0f) * 4u : 0;

	return header_len >= 20 && header_len <= len ? header_len : 0;
}

#endif
