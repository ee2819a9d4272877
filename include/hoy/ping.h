/*
 * Pinging: ICMP echo requests to one address, and what comes back, for both families. A pinger sends through the
 * datagram ICMP socket of Linux, which needs no privilege but a permitted group; where that is refused, through a raw
 * socket. Callers see no difference between the two.
 */
#ifndef HOY_PING_H
#define HOY_PING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <hoy/addr.h>
#include <hoy/err.h>
#include <hoy/icmp.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hoy_resolver;

enum hoy_ping_socket {
	HOY_PING_ANY,		/* a datagram ICMP socket; else a raw one */
	HOY_PING_DATAGRAM,
	HOY_PING_RAW
};

/* The longest data of a request: 65535 bytes without the headers of IPv4 and ICMP. */
#define HOY_PING_DATA_MAX 65507

/* All-zero, or NULL, are the defaults. */
typedef struct hoy_ping_opts {
	int socket;			/* one of enum hoy_ping_socket */
	uint16_t id;			/* the identifier of every request; 0: a free one */
	uint8_t ttl;			/* of the requests; IPv6: hop limit; 0: the system's default */
	uint8_t dont_fragment;		/* too long a request is -EMSGSIZE, or HOY_ICMP_TOO_BIG from a router */
	const void *data;		/* what every request carries; NULL: len bytes 0, 1, 2 … */
	size_t len;			/* of the data, at most HOY_PING_DATA_MAX */
	const hoy_addr *local_addr;	/* an address of this system to send from; NULL: the kernel picks */
	/* only for hoy_ping */
	const char *network;		/* "ip", "ip4" or "ip6"; NULL: "ip" */
	struct hoy_resolver *resolver;	/* for a name; NULL: the system's */
	hoy_duration timeout;		/* for the lookup and the reply; 0: 3 s; negative: over, HOY_ETIMEOUT */
	uint64_t reserved[8];
} hoy_ping_opts;

/* What came back: the echo reply, or an error in its place. */
typedef struct hoy_ping_reply {
	int kind;		/* HOY_ICMP_ECHO_REPLY, _UNREACHABLE, _TOO_BIG, _TIME_EXCEEDED, _PARAMETER, _OTHER */
	int code;		/* 0; for an error what it means to a connection: -EHOSTUNREACH … */
	uint8_t icmp_type, icmp_code;	/* the numbers on the wire */
	uint16_t seq;		/* of the request */
	int duplicate;		/* the request has had a reply already */
	int ttl;		/* of the packet that came; IPv6: hop limit; -1: unknown */
	hoy_duration rtt;	/* from sending to arrival, the latter by the kernel's time stamp; -1: the request is forgotten */
	hoy_addr from;		/* who sent it: the peer, or the router that reports the error; kind 0: this system */
	uint32_t mtu;		/* too big: bytes that the next hop takes; 0: unknown */
	const void *message;	/* an echo reply from its ICMP header on; NULL for an error, and from hoy_ping */
	size_t len;		/* of message */
	uint64_t reserved[4];
} hoy_ping_reply;

/*
 * Sends one request to host, a name or an address, and waits for what comes back. 0 with *reply for an echo reply. A
 * negative code otherwise: HOY_ETIMEOUT, or the code of the error that came instead; who sent that error, only a pinger
 * can tell.
 */
int hoy_ping(const char *host, const hoy_ping_opts *opts, hoy_ping_reply *reply, hoy_err *err);

typedef struct hoy_pinger hoy_pinger;

/*
 * A pinger for this address, HOY_ADDR_IP with its zone; a multicast or broadcast address gets the replies of all who
 * answer. Does not wait. NULL on failure. When the system permits neither kind of socket, that is -EPERM, and err tells
 * what would help: err->kind is HOY_ERR_HINT, and err->subject the hint.
 */
hoy_pinger *hoy_pinger_new(const hoy_addr *addr, const hoy_ping_opts *opts, hoy_err *err);

/*
 * Sends a request with this sequence number. The last 1024 requests are remembered, so many may be under way; sending a
 * number again forgets the earlier request. Returns the length of the ICMP message; *message (NULL: not wanted) points
 * to its bytes, which are valid until the next send. ICMPv6 to a multicast address is given without its checksum, which
 * the kernel fills in. Does not wait: while the socket's buffer is full, it is -ENOBUFS.
 */
ssize_t hoy_pinger_send(hoy_pinger *p, uint16_t seq, const void **message, hoy_err *err);
/*
 * Waits for what comes back next to any of the requests. reply->message points to the pinger's memory, which is valid
 * until the next receive. 0, or a negative code: HOY_ETIMEOUT past the deadline, HOY_ECLOSED, HOY_ECANCELED.
 */
int hoy_pinger_receive(hoy_pinger *p, hoy_ping_reply *reply, hoy_err *err);
/* An absolute deadline of pending and future receives; {0}: none. */
int hoy_pinger_set_deadline(hoy_pinger *p, hoy_time t, hoy_err *err);

/* Which kind of socket it has: HOY_PING_DATAGRAM or HOY_PING_RAW. */
int hoy_pinger_socket(const hoy_pinger *p);
/* The identifier of its requests. */
uint16_t hoy_pinger_id(const hoy_pinger *p);
/* The address it sends from; kind 0 when the kernel picks one for each request. */
void hoy_pinger_local_addr(const hoy_pinger *p, hoy_addr *addr);

/* Pending sends and receives of the pinger return HOY_ECLOSED; so does a second close. */
int hoy_pinger_close(hoy_pinger *p, hoy_err *err);
/* Closes if still open and gives the memory back; NULL is nothing. Once, by the owner. */
void hoy_pinger_free(hoy_pinger *p);

#ifdef __cplusplus
}
#endif
#endif
