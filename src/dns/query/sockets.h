/* The sockets of a query: a datagram socket of its own, or a share of a connection, for each of the exchange's. */
#ifndef HOY_DNS_SOCKETS_H
#define HOY_DNS_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"
#include "dns/query/client.h"

struct hoy__fd;
struct hoy__stream;

struct hoy__query_socket {
	uint32_t handle;	/* by which the exchange knows it; 0: not in use */
	bool looked;		/* has been looked at without the poller */
	struct hoy__fd *udp;
	struct hoy__stream *tcp;
};

/* A question on its way over TCP. Under the client's lock, until the answer has been taken. */
struct hoy__request {
	struct hoy__link link;		/* among the stream's */
	struct hoy__stream *stream;	/* while it waits there */
	struct hoy__query *query;
	uint32_t handle;
	uint16_t id, wire_id;
	struct hoy__question question;
	bool has_opt;			/* the query has an OPT record */
	uint8_t *message;		/* the answer, the query's to release */
	size_t len;
};

/* Does the exchange's actions; one that fails is an event to it. */
void hoy__sockets_act(struct hoy__query *q);
/* Gives the exchange what has come, and does its actions. */
void hoy__sockets_read(struct hoy__query *q);
/* Gives the exchange an event, and does its actions. */
void hoy__sockets_feed(struct hoy__query *q, struct hoy__event_in event);
/* Finishes the flights whose questions are settled. */
void hoy__sockets_publish(struct hoy__query *q);
void hoy__sockets_clear(struct hoy__query *q);
/* Counts an event, and gives it to the policy's trace. */
void hoy__query_trace(struct hoy__query *q, hoy_trace event);

/* datagram.c. A connected socket to the server. NULL: *code says why. */
struct hoy__fd *hoy__datagram_open(const struct hoy__client *c, const hoy_addr *server, int *code);
int hoy__datagram_send(struct hoy__fd *fd, const void *data, size_t len);
/* The length of the next datagram, which may be more than there was room for; -EAGAIN: wait. */
ssize_t hoy__datagram_receive(struct hoy__fd *fd, void *room, size_t size);

#endif
