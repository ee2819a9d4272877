/* Connections to name servers, which the queries of one client share. All of it is done under the client's lock. */
#ifndef HOY_DNS_STREAM_H
#define HOY_DNS_STREAM_H

#include "dns/query/query.h"

enum {
	HOY__SERVER_STREAMS = 8,	/* connections to one server that take new questions */
	HOY__STREAM_CROWDED = 16,	/* users of one, before another is opened */
	HOY__STREAM_SKIPPED = 64,	/* messages that answer no query, before the connection is closed */
	HOY__IDLE_STREAMS = 8		/* kept without a question */
};

/* A message that answered no question. */
struct hoy__skipped {
	uint16_t id, len;		/* as far as it had an id */
};

struct hoy__stream {
	struct hoy__link link;		/* among the client's */
	struct hoy__client *client;
	hoy_addr server;
	struct hoy__fd *fd;
	unsigned users;			/* sockets of queries */
	struct hoy__query *reader;	/* waits for the socket, on behalf of all; or NULL */
	int code;			/* when dead: why */
	bool served;			/* has answered a question */
	bool retired;			/* it let a question time out: no new ones */
	struct hoy__skipped skipped[HOY__STREAM_SKIPPED];
	unsigned skips, noted;		/* so far; and of these, those that hoy__stream_skipped gave */
	int64_t idle_since;
	int64_t idle_for;		/* before it is closed; 0: takes no new questions either */

	struct hoy__link requests;
	uint8_t *out;			/* not sent yet */
	size_t out_len, out_room;
	uint8_t head[2];		/* of the message that is coming in */
	uint8_t *message;
	size_t len, got;		/* got counts the head too */
};

/*
 * A connection to the server for one more socket of a query; with `fresh` none that has answered yet. The first that is not
 * crowded, else a new one, else, when there are enough, the least crowded. NULL: *code says why.
 */
struct hoy__stream *hoy__stream_take(struct hoy__client *c, const hoy_addr *server, bool fresh, int *code);
/* That socket does not need it any more. */
void hoy__stream_leave(struct hoy__stream *s);

/* Queues a query; it goes out with the next pump. r's query, handle, question and has_opt are set. 0 or -ENOMEM. */
int hoy__stream_ask(struct hoy__stream *s, struct hoy__request *r, const uint8_t *query, size_t len);
/* Takes the request back. Does nothing when its answer has come, or it was never queued. */
void hoy__stream_withdraw(struct hoy__request *r);

/* Sends and receives what can be without waiting; answers go to their requests, whose queries are poked. */
void hoy__stream_pump(struct hoy__stream *s);
/* What this query has to wait for: nothing if another one reads for it. How many. */
unsigned hoy__stream_wait(struct hoy__stream *s, struct hoy__query *q, struct hoy__interest *on);
/* It waits no longer; if it has no question here, another one is to read. */
void hoy__stream_waited(struct hoy__stream *s, struct hoy__query *q);
/* The next message that was skipped; false when there is no other. */
bool hoy__stream_skipped(struct hoy__stream *s, struct hoy__skipped *skipped);

/* Takes the server's limit for an idle connection, ns (RFC 7828). */
void hoy__stream_keep(struct hoy__stream *s, int64_t idle_for);

/* Closes the connections that have been idle for their limit; or, with all, every idle one. */
void hoy__streams_sweep(struct hoy__client *c, bool all);
/* In a child of a fork: closes them all. The parent goes on using its own descriptors. */
void hoy__streams_close(struct hoy__client *c);

#endif
