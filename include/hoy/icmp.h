/*
 * ICMP messages of both families as bytes: RFC 792 with RFC 1191 and 4884 for IPv4, RFC 4443
 * for IPv6. Nothing here waits or allocates. Go's golang.org/x/net/icmp.
 */
#ifndef HOY_ICMP_H
#define HOY_ICMP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <hoy/ip.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hoy_err;

/* What a message is, whatever number its family gives it. */
enum hoy_icmp_kind {
	HOY_ICMP_OTHER,		/* see type and code */
	HOY_ICMP_ECHO,		/* a ping */
	HOY_ICMP_ECHO_REPLY,
	HOY_ICMP_UNREACHABLE,
	HOY_ICMP_TOO_BIG,	/* in IPv4 "unreachable" with code 4, fragmentation needed */
	HOY_ICMP_TIME_EXCEEDED,
	HOY_ICMP_PARAMETER	/* parameter problem */
};

typedef struct hoy_icmp {
	int kind;		/* one of enum hoy_icmp_kind */
	int family;		/* 4 or 6 */
	uint8_t type, code;	/* the numbers on the wire */
	uint16_t id, seq;	/* of an echo and its reply */
	uint32_t mtu;		/* too big: bytes that the next hop takes; 0: an old IPv4 router did not say */
	uint32_t pointer;	/* parameter problem: offset of the wrong byte in the quoted packet */
	/*
	 * Echo and reply: the payload. Errors: the start of the packet that caused them, from its
	 * IP header on, without RFC 4884 extensions. Other kinds: all that follows the checksum.
	 */
	const void *data;
	size_t len;
} hoy_icmp;

/*
 * Writes m into buf. A known kind decides the type; HOY_ICMP_OTHER takes m->type. ICMPv6 sums
 * a pseudo-header too: without both addresses (len 0) its checksum is 0, and the kernel fills
 * it in when the message is sent. For IPv4 the addresses are ignored.
 * Returns the length, or -EMSGSIZE when size is too small, -EINVAL when m->family or m->kind is
 * unknown, a field has no room in this family, or the addresses are not IPv6.
 */
ssize_t hoy_icmp_marshal(const hoy_icmp *m, hoy_ip source, hoy_ip destination, void *buf, size_t size,
			 struct hoy_err *err);

/*
 * Reads the message at packet, which begins with the ICMP header, as hoy_conn_read_from
 * (hoy/conn.h) delivers it; m->data points into it. The checksum is not verified; over an intact ICMPv4 message
 * hoy_checksum is 0, and an ICMPv6 one was verified by the kernel.
 * 0; HOY_ESHORT when bytes are missing; -EINVAL when family is neither 4 nor 6.
 */
int hoy_icmp_parse(int family, const void *packet, size_t len, hoy_icmp *m, struct hoy_err *err);

/* The packet that caused an error, as far as the error message quotes it. */
typedef struct hoy_icmp_quote {
	hoy_ip source, destination;
	uint8_t protocol;	/* what data holds: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6 */
	uint16_t source_port, destination_port;	/* of TCP and UDP; else, or not quoted, 0 */
	uint16_t id, seq;	/* of an echo; else 0 */
	const void *data;	/* what follows the IP header and its extension headers */
	size_t len;
} hoy_icmp_quote;

/*
 * Reads the packet quoted by the error m, to find the request that caused it.
 * 0; HOY_EWRONGKIND when m is not an error; HOY_ESHORT when the quote ends in an IP header;
 * -EBADMSG when it is no packet of m's family.
 */
int hoy_icmp_quoted(const hoy_icmp *m, hoy_icmp_quote *quote, struct hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
