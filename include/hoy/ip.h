/*
 * IP addresses, masks, networks and prefixes as plain values: Go's net.IP,
 * net.IPMask, net.IPNet and netip.Prefix. Nothing here waits, and only hoy_ip_set_new allocates.
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

/* Addresses that have names. */
extern const hoy_ip hoy_ipv4_zero;				/* 0.0.0.0 */
extern const hoy_ip hoy_ipv4_bcast;				/* 255.255.255.255 */
extern const hoy_ip hoy_ipv4_all_sys;				/* 224.0.0.1 */
extern const hoy_ip hoy_ipv4_all_router;			/* 224.0.0.2 */
extern const hoy_ip hoy_ipv6_zero;				/* :: */
extern const hoy_ip hoy_ipv6_loopback;				/* ::1 */
extern const hoy_ip hoy_ipv6_interface_local_all_nodes;		/* ff01::1 */
extern const hoy_ip hoy_ipv6_link_local_all_nodes;		/* ff02::1 */
extern const hoy_ip hoy_ipv6_link_local_all_routers;		/* ff02::2 */

/* The 4-byte form of ::ffff:192.0.2.1, any other as it is. Go's Addr.Unmap. */
hoy_ip hoy_ip_unmap(hoy_ip ip);
/* The neighbours; no address past either end of the form's range. Go's Addr.Next and Prev. */
hoy_ip hoy_ip_next(hoy_ip ip);
hoy_ip hoy_ip_prev(hoy_ip ip);

#define HOY_REVERSE_STRLEN 74	/* the longest reverse name, with its NUL */

/* The name that PTR records are asked for, 1.2.0.192.in-addr.arpa.; "" for no address. */
char *hoy_ip_reverse_name(hoy_ip ip, char buf[HOY_REVERSE_STRLEN]);

/* A mask: 4 or 16 bytes; 0 is no mask (Go's nil). It need not be ones before zeros. */
typedef struct hoy_ipmask {
	uint8_t len;
	uint8_t bytes[16];
} hoy_ipmask;

#define HOY_IPMASK_STRLEN 34

/* `ones` ones, then zeros; bits is 32 or 128. No mask when either is out of range. */
hoy_ipmask hoy_cidr_mask(int ones, int bits);
hoy_ipmask hoy_ipv4_mask(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
/* Hexadecimal, ffffff00; no mask as <nil>. */
char *hoy_ipmask_string(hoy_ipmask mask, char buf[HOY_IPMASK_STRLEN]);
/*
 * How many ones it begins with; bits (may be NULL) gets 32 or 128. Both are 0 when a one
 * stands after a zero.
 */
int hoy_ipmask_size(hoy_ipmask mask, int *bits);
/* The class A, B or C mask by the first byte; no mask for IPv6. */
hoy_ipmask hoy_ip_default_mask(hoy_ip ip);
/*
 * The address with the other bits cleared. Where one is of 4 bytes and the other of 16,
 * they still combine if the longer is a mapped address, or a mask of at least 96 ones;
 * otherwise no address. Go's IP.Mask.
 */
hoy_ip hoy_ip_mask(hoy_ip ip, hoy_ipmask mask);

/* A network by address and mask: Go's IPNet. Its Network() is always "ip+net". */
typedef struct hoy_ipnet {
	hoy_ip ip;
	hoy_ipmask mask;
} hoy_ipnet;

#define HOY_IPNET_STRLEN 74

/*
 * Reads 192.0.2.1/24: ip is the address as written, net the masked network (either may
 * be NULL). The length is decimal digits, leading zeros allowed. Go's ParseCIDR.
 */
int hoy_parse_cidr(const char *text, hoy_ip *ip, hoy_ipnet *net, struct hoy_err *err);
/* IPv4 in either form matches IPv4 networks only. Go's IPNet.Contains. */
int hoy_ipnet_contains(const hoy_ipnet *net, hoy_ip ip);
/* 192.0.2.0/24; with a mask that is no length 192.0.2.0/ff00ff00; <nil> if they do not fit. */
char *hoy_ipnet_string(const hoy_ipnet *net, char buf[HOY_IPNET_STRLEN]);

/*
 * A network by address and length: netip's Prefix. ip may have bits set beyond the
 * length. All-zero, or a length out of range, is no prefix.
 */
typedef struct hoy_prefix {
	hoy_ip ip;
	int16_t bits;
} hoy_prefix;

#define HOY_PREFIX_STRLEN 44

/*
 * Reads 2001:db8::1/48; no zone, no sign or leading zero in the length. The address is
 * kept as written. Go's netip.ParsePrefix.
 */
int hoy_parse_prefix(const char *text, hoy_prefix *prefix, struct hoy_err *err);
/* ip/bits as they are; no prefix (bits -1) when the length does not suit. Go's PrefixFrom. */
hoy_prefix hoy_prefix_from(hoy_ip ip, int bits);
/* The prefix of that length that ip lies in, or HOY_EPREFIXLEN. Go's Addr.Prefix. */
int hoy_ip_prefix(hoy_ip ip, int bits, hoy_prefix *prefix);
int hoy_prefix_is_valid(hoy_prefix p);
/* The length, -1 for no prefix. */
int hoy_prefix_bits(hoy_prefix p);
int hoy_prefix_is_single_ip(hoy_prefix p);
/* Without the bits beyond the length. */
hoy_prefix hoy_prefix_masked(hoy_prefix p);
/* ::ffff:192.0.2.0/120, the address as netip prints it; "invalid Prefix". */
char *hoy_prefix_string(hoy_prefix p, char buf[HOY_PREFIX_STRLEN]);
/* netip's sense: the forms must agree, so an IPv4 prefix has no ::ffff: addresses. */
int hoy_prefix_contains(hoy_prefix p, hoy_ip ip);
int hoy_prefix_overlaps(hoy_prefix a, hoy_prefix b);
/* -1, 0 or 1: validity, family, masked address, length, address. */
int hoy_prefix_compare(hoy_prefix a, hoy_prefix b);

/* From first to last, both included. */
typedef struct hoy_ip_range {
	hoy_ip first, last;
} hoy_ip_range;

/* All addresses of a prefix; last is IPv4's broadcast address. No addresses for no prefix. */
hoy_ip_range hoy_prefix_range(hoy_prefix p);
/*
 * The i-th of the prefixes of length bits that p splits into, from 0. HOY_EPREFIXLEN when
 * bits is shorter than p or too long, HOY_ERANGEEND when there is no i-th.
 */
int hoy_prefix_split(hoy_prefix p, int bits, uint64_t i, hoy_prefix *part);
/*
 * Merges in place: masks, sorts, drops what another covers or what is no prefix, and joins
 * neighbours that make a shorter one. The new count.
 */
size_t hoy_prefix_merge(hoy_prefix *list, size_t n);

#define HOY_RANGE_PREFIXES 254	/* a range never needs more */

/*
 * The fewest prefixes that are exactly this range, in order, at most max of them written.
 * How many there are; HOY_EUNSUITABLE when the forms differ or last is before first.
 */
int hoy_range_prefixes(hoy_ip_range range, hoy_prefix *list, int max);

/*
 * Many ranges, asked often: an allow or deny list. It never changes after it was made, so
 * any number of threads may ask. IPv4 in either form is IPv4 here. A range takes 35 bytes,
 * and a question to a million of them meets two or three cache misses.
 */
typedef struct hoy_ip_set hoy_ip_set;

/*
 * The union of these ranges. NULL for want of memory (-ENOMEM), or when a range is none
 * (HOY_EUNSUITABLE, err->offset says which). The caller frees it.
 */
hoy_ip_set *hoy_ip_set_new(const hoy_ip_range *ranges, size_t n, struct hoy_err *err);
int hoy_ip_set_contains(const hoy_ip_set *set, hoy_ip ip);
/* Its ranges, merged and sorted, IPv4 first; i below the size, else no addresses. */
size_t hoy_ip_set_size(const hoy_ip_set *set);
hoy_ip_range hoy_ip_set_at(const hoy_ip_set *set, size_t i);
void hoy_ip_set_free(hoy_ip_set *set);	/* NULL is nothing */

/* A hardware address, EUI-48, EUI-64 or InfiniBand: 6, 8 or 20 bytes; 0 is none. */
typedef struct hoy_mac {
	uint8_t len;
	uint8_t bytes[20];
} hoy_mac;

#define HOY_MAC_STRLEN 60

/* Reads 00:00:5e:00:53:01, 00-00-5e-00-53-01 or 0000.5e00.5301. Go's ParseMAC. */
int hoy_parse_mac(const char *text, hoy_mac *mac, struct hoy_err *err);
/* With colons; "" for none. */
char *hoy_mac_string(hoy_mac mac, char buf[HOY_MAC_STRLEN]);

/* The Internet checksum, RFC 1071; an odd byte counts as if a zero followed. */
uint16_t hoy_checksum(const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#ifndef HOY_ADDR_H	/* addr.h includes it after hoy_addr, which hoy_err has inside */
#include <hoy/err.h>
#endif
#endif
