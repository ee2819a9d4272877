/*
 * IP addresses, masks, networks and prefixes as plain values: Go's net.IP,
 * net.IPMask, net.IPNet and netip.Prefix. Nothing here waits or allocates.
 */
#ifndef HOY_IP_H
#define HOY_IP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An address. len is 4 or 16; 0 is no address at all (Go's nil). No zone. */
typedef struct hoy_ip {
	uint8_t len;
	uint8_t bytes[16];	/* the first len count, network order; the rest are 0 */
} hoy_ip;

#define HOY_IP_STRLEN 40	/* the longest text, with its NUL */

#ifdef __cplusplus
}
#endif
#endif
