/*
 * A name server that does as the test says, good or bad: a thread with a UDP and a TCP
 * socket on the same port of loopback. For each query it calls the script, which answers,
 * lies, or says nothing. It knows nothing of hoy but how to read a question.
 *
 *	static void refuse(struct ns_query *q, void *arg) { ns_rcode(q, HOY__REFUSED); }
 *
 *	struct ns *ns = ns_start(refuse, NULL);
 *	... ask ns_addr(ns) ...
 *	ns_stop(ns);
 */
#ifndef HOY_TEST_NAME_SERVER_H
#define HOY_TEST_NAME_SERVER_H

#include <netinet/in.h>
#include <stdatomic.h>

#include <hoy/addr.h>

#include "dns/msg/message.h"

struct ns;

/* May be copied and answered later, from the script. */
struct ns_query {
	struct ns *ns;
	bool tcp;
	int fd;				/* the connection */
	struct sockaddr_in from;
	unsigned number;		/* queries before this one, */
	unsigned on_connection;		/* and on its connection */
	uint8_t data[600];
	size_t len;
	struct hoy__message m;		/* peeked: its question, id and flags */
};

typedef void ns_script(struct ns_query *q, void *arg);

/* On a port of the kernel's choice. */
struct ns *ns_start(ns_script *script, void *arg);
void ns_stop(struct ns *ns);
hoy_addr ns_addr(const struct ns *ns);
/* Queries so far, connections so far. */
unsigned ns_queries(const struct ns *ns);
unsigned ns_connections(const struct ns *ns);
/* No TCP from now on: what connects is refused. Before the first query. */
void ns_close_tcp(struct ns *ns);

/* Bytes as they are: one datagram, or one message with its length before it. */
void ns_send(const struct ns_query *q, const void *data, size_t len);
/* The same over TCP without a length. */
void ns_send_raw(const struct ns_query *q, const void *data, size_t len);
/* Ends the connection; abruptly: by a reset. */
void ns_hang_up(const struct ns_query *q, bool abruptly);

/* The empty reply with these flags beside QR, RD and RA. */
void ns_rcode(const struct ns_query *q, unsigned flags);
/* One address, made of the name by ns_address; ttl 60. NODATA for other types. */
void ns_answer(const struct ns_query *q);
/* The address of the i-th label: "n17.example" has 10.0.0.17, and 2001:db8::17 in hex. */
uint32_t ns_address(const struct hoy__name *name);
/* So many addresses of the question's type: replies of any size. */
void ns_answer_many(const struct ns_query *q, unsigned n);
/* How long ns_answer_many's reply is. */
size_t ns_size_of_many(const struct ns_query *q, unsigned n);

#endif
