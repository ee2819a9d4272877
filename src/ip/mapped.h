/* IPv4 inside IPv6, ::ffff:0:0/96. */
#ifndef HOY_IP_MAPPED_H
#define HOY_IP_MAPPED_H

#include <stdbool.h>
#include <string.h>

#include <hoy/ip.h>

static inline bool hoy__is_mapped(const hoy_ip *ip)
{
	static const uint8_t head[12] = { [10] = 0xff, [11] = 0xff };

	return ip->len == 16 && memcmp(ip->bytes, head, sizeof head) == 0;
}

#endif
