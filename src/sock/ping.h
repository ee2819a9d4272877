/* The sockets of ICMP echo, and what comes out of them. */
#ifndef HOY_SOCK_PING_H
#define HOY_SOCK_PING_H

#include "sock/sock.h"

/*
 * A new socket of family 4 or 6, a raw one or a datagram ICMP socket (icmp(7)), which reports time stamps, TTLs and ICMP
 * errors; a raw one delivers nothing but echo replies. A descriptor, or a code and what refused in *call.
 */
int hoy__ping_open(int family, bool raw, const char **call);
/* For every packet, also of multicast. */
int hoy__ping_set_ttl(int fd, int family, int ttl);
int hoy__ping_set_dont_fragment(int fd, int family);

struct hoy__ping_packet {
	void *buf;			/* as received: a raw IPv4 socket's begins with the IP header */
	size_t size;			/* of buf */
	struct hoy__endpoint from;	/* who sent it; of an error, whom the request was sent to */
	struct hoy__ping_report {
		int ttl;		/* time to live or hop limit of the packet; -1: not reported */
		int64_t arrived;	/* nanoseconds since 1970; 0: not reported */
		/* An ICMP error (IP_RECVERR): buf holds the start of the request's ICMP message. */
		bool has_error;
		uint8_t icmp_type, icmp_code;
		int code;		/* what the error means to a connection: -EHOSTUNREACH … */
		uint32_t info;		/* of "too big", the MTU */
		struct hoy__endpoint from;	/* who sent the error */
	} report;
};

/* ping_report_linux.c: what the control messages of msg say. */
void hoy__ping_report_read(const struct msghdr *msg, struct hoy__ping_report *r);

/* The next packet, or the next ICMP error. The number of bytes in buf; -EAGAIN when there is neither. */
ssize_t hoy__ping_receive(int fd, struct hoy__ping_packet *p);

enum { HOY__PING_HINT_SIZE = 256 };

/* What would permit this process to open a datagram ICMP socket or a raw one; without `datagram`, a raw one. */
void hoy__ping_hint(bool datagram, char hint[HOY__PING_HINT_SIZE]);

#endif
