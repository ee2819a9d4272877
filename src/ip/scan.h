/* IP addresses inside longer texts: what parse_ip, host:port, CIDR and prefixes share. */
#ifndef HOY_IP_SCAN_H
#define HOY_IP_SCAN_H

#include <stdbool.h>

#include <hoy/ip.h>

/*
 * Reads the address that takes exactly [s, end); *end can be read and is no hexadecimal
 * digit. 0, or a code with *at on the character
 * that was wrong. With a zone pointer, %zone may follow an IPv6 address: *zone is then its
 * first character, or NULL; without one, a zone is HOY_EIP_ZONE.
 */
int hoy__scan_ip(const char *s, const char *end, hoy_ip *ip, const char **zone, const char **at);

/* The first byte c in [s, end), or end. */
const char *hoy__find(const char *s, const char *end, char c);
/* Decimal digits only, the whole of [s, end), at least one; false too when above limit (at least 9). */
bool hoy__scan_decimal(const char *s, const char *end, uint64_t limit, uint64_t *value);

#endif
