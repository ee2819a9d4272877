/*
 * IP addresses, masks, networks and prefixes as plain values: Go's net.IP,
 * net.IPMask, net.IPNet and netip.Prefix. Nothing here waits or allocates.
 *
 * A text that does not parse gives a negative code that says why, HOY_EIP4_VALUE for
 * instance; err then has the text in subject and the place of the mistake in offset.
 */
#ifndef HOY_IP_H
#define HOY_IP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hoy_err;

/* An address. len is 4 or 16; 0 is no address at all (Go's nil). No zone. */
typedef struct hoy_ip {
	uint8_t len;
	uint8_t bytes[16];	/* the first len count, network order; the rest are 0 */
} hoy_ip;

#define HOY_IP_STRLEN 40	/* the longest text, with its NUL */

/*
 * Reads 192.0.2.1, 2001:db8::1 or ::ffff:192.0.2.1; nothing shorter, no leading zeros in
 * IPv4, no zone, nothing around it. The written form is kept: the last of these three
 * has 16 bytes. Go's net.ParseIP.
 */
int hoy_parse_ip(const char *text, hoy_ip *ip, struct hoy_err *err);
/*
 * The address as Go's net prints it: RFC 5952, IPv4 in its 16-byte form dotted, no
 * address as <nil>.
 */
char *hoy_ip_string(hoy_ip ip, char buf[HOY_IP_STRLEN]);
/* As netip prints it: the 16-byte form of IPv4 as ::ffff:192.0.2.1, no address as "invalid IP". */
char *hoy_ip_string_4in6(hoy_ip ip, char buf[HOY_IP_STRLEN]);
/* All digits, 2001:0db8:0000:0000:0000:0000:0000:0001. Go's Addr.StringExpanded. */
char *hoy_ip_string_expanded(hoy_ip ip, char buf[HOY_IP_STRLEN]);

/* a.b.c.d, 4 bytes. */
hoy_ip hoy_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
/* From network order bytes; len 4 or 16, anything else gives no address. Go's AddrFromSlice. */
hoy_ip hoy_ip_from_bytes(const void *bytes, size_t len);
/* The 4-byte form of an IPv4 address in either form; no address for any other. */
hoy_ip hoy_ip_to4(hoy_ip ip);
/* The 16-byte form. */
hoy_ip hoy_ip_to16(hoy_ip ip);

/* Go's IP.Equal: both forms of an IPv4 address are the same address; no address equals only itself. */
int hoy_ip_equal(hoy_ip a, hoy_ip b);
/*
 * netip's order, -1, 0 or 1: no address, then 4-byte addresses, then 16-byte ones, each
 * by value. Both forms of an IPv4 address differ here.
 */
int hoy_ip_compare(hoy_ip a, hoy_ip b);
/* Go's Is4, Is6, Is4In6 of netip, which look at the form. */
int hoy_ip_is4(hoy_ip ip);
int hoy_ip_is6(hoy_ip ip);
int hoy_ip_is_4in6(hoy_ip ip);

/*
 * What kind of address, as net's IP says; IPv4 in either form is looked at as IPv4. No
 * address is none of them. netip agrees except about ::ffff:0.0.0.0, which is the
 * unspecified address here and a global unicast one there.
 */
int hoy_ip_is_unspecified(hoy_ip ip);
int hoy_ip_is_loopback(hoy_ip ip);
int hoy_ip_is_private(hoy_ip ip);		/* RFC 1918 and fc00::/7; not 100.64.0.0/10 */
int hoy_ip_is_multicast(hoy_ip ip);
int hoy_ip_is_interface_local_multicast(hoy_ip ip);
int hoy_ip_is_link_local_multicast(hoy_ip ip);
int hoy_ip_is_link_local_unicast(hoy_ip ip);
int hoy_ip_is_global_unicast(hoy_ip ip);	/* private ones too */

#ifdef __cplusplus
}
#endif
#endif
