/* What the parts of asking share: the asker, one call inside it, and the sockets of the call. */
#ifndef HOY_DNS_ASKER_H
#define HOY_DNS_ASKER_H

#include <stdatomic.h>
#include <sys/types.h>

#include <hoy/sync.h>

#include "base/list.h"
#include "dns/ask.h"
#include "task/source.h"

struct hoy__call;
struct hoy__fd;
struct hoy__stream;

/* A server of the policy that was used last. */
struct hoy__known {
	hoy_addr addr;
	struct hoy__server_health health;
};

struct hoy__asker {
	hoy_mutex lock;				/* of everything that is not atomic; nobody waits with it */
	atomic_uint refs;			/* the owner's, and one of each call inside */
	atomic_bool closed;
	_Atomic int64_t deadline;
	struct hoy__link calls;			/* all inside */
	struct hoy__link streams;		/* connections, used or kept */
	struct hoy__known known[HOY__EXCHANGE_SERVERS];
	unsigned knowns, rotation;
	atomic_uint_fast64_t count[HOY_TRACE_DONE + 1];	/* events, by kind */
};

/* The socket of one line of the exchange. */
struct hoy__wire {
	uint32_t line;		/* 0: not in use */
	struct hoy__fd *udp;
	struct hoy__stream *tcp;
};

/* A question on its way over TCP. Under the lock, until the answer has been taken. */
struct hoy__request {
	struct hoy__link link;		/* among the stream's */
	struct hoy__stream *stream;	/* while it waits there */
	struct hoy__call *call;
	uint32_t line;
	uint16_t id, wire_id;
	uint8_t *message;		/* the answer, the call's to release */
	size_t len;
};

/* One exchange under way, on the stack of whoever asks. */
struct hoy__call {
	struct hoy__asker *asker;
	const struct hoy__ask_policy *policy;
	struct hoy__link link;
	struct hoy__task *task;
	atomic_bool told;	/* something outside the sockets has happened: look again */

	struct hoy__exchange x;
	struct hoy__wire wire[HOY__ASKS];
	struct hoy__request request[HOY__ASKS];	/* one a question */
	struct hoy__server_health health[HOY__EXCHANGE_SERVERS];	/* ours to change, */
	struct hoy__server_health before[HOY__EXCHANGE_SERVERS];	/* and as the asker knows it */
	uint16_t luck[HOY__PACKETS_MOST];
	unsigned drawn;
	uint8_t datagram[HOY__UDP_SIZE];
};

/* Under the lock. The policy's servers are the known ones from now on, those of before keep what is known. */
void hoy__health_take(struct hoy__call *c);
/* What the call has learned since becomes known, unless the server was forgotten meanwhile. */
void hoy__health_tell(struct hoy__call *c);

/* Makes a call look again: closed, another deadline, its answer has come. Under the lock. */
void hoy__call_poke(struct hoy__call *c);
/* Asks and waits until every question is settled. 0, or why nothing could be asked. */
int hoy__call_run(struct hoy__call *c, const struct hoy__name *name, const uint16_t *type, unsigned types);

/* A connected socket to the server. NULL: *code says why. */
struct hoy__fd *hoy__datagram_open(const hoy_addr *server, int *code);
int hoy__datagram_send(struct hoy__fd *fd, const void *data, size_t len);
/* The length of the next datagram, which may be more than there was room for; -EAGAIN: wait. */
ssize_t hoy__datagram_receive(struct hoy__fd *fd, void *room, size_t size);

#endif
