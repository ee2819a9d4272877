/* A pinger and its socket. */
#ifndef HOY_NET_PINGER_H
#define HOY_NET_PINGER_H

#include <hoy/ping.h>

#include "net/net.h"
#include "net/ping_window.h"

struct hoy_pinger {
	struct hoy__fd *fd;
	const char *network;		/* "ip4:icmp", "ip6:ipv6-icmp" */
	uint8_t family;
	bool raw;
	bool is_group;			/* of several systems: the socket is not connected */
	uint16_t id;
	struct hoy__endpoint local;	/* kind HOY_ADDR_NONE: the kernel picks one for each request */
	hoy_addr remote;
	union hoy__sockaddr to;		/* remote, of to_len bytes */
	socklen_t to_len;
	struct hoy__ping_window window;
	size_t len;			/* of the data */
	uint8_t *data, *request, *received;	/* of len, request_size, received_size bytes, behind this record */
	size_t request_size, received_size;
};

/*
 * pinger_open.c. The descriptor of a socket for p, whose family and remote are set: a datagram ICMP socket, else a raw
 * one, unless o names one of them. Sets the other fields down to to_len. A code when it fails, and *call.
 */
int hoy__pinger_open(struct hoy_pinger *p, const hoy_ping_opts *o, const char **call);

#endif
