/* The meaning of a reply for the question that was asked. */
#ifndef HOY_DNS_REPLY_H
#define HOY_DNS_REPLY_H

#include "dns/msg/extended.h"

enum { HOY__CHAIN_LINKS = 16 };		/* CNAMEs from the question to the data, at most */

struct hoy__reply {
	int code;		/* 0: there is data; else HOY_ENOHOST, HOY_ENODATA, HOY_ESERVFAIL … */
	bool present;		/* there is a reply */
	unsigned rcode;		/* with the high bits of an OPT record */
	bool truncated, authenticated, has_opt;
	bool lame;		/* no records, not authoritative, no recursion offered */
	struct hoy__name name;	/* where the chain of CNAMEs ends: the owner of the data */
	unsigned links;		/* its length */
	unsigned records;	/* of the type asked for, at the end of the chain */
	uint32_t ttl;		/* the least over the chain and the data; of a negative answer RFC 2308's */
	bool has_ttl;		/* false: a negative answer without SOA, not to be remembered */
	struct hoy__extended extended;
	bool has_keepalive;
	uint16_t keepalive;	/* a connection may be idle for so many tenths of a second (RFC 7828) */
};

/*
 * Reads the whole message; every record must be well formed. Only the chain that starts
 * at the question counts, in whatever order its records come. HOY_EMESSAGE for a message
 * that is malformed. It is also the code of a reply whose chain is longer than HOY__CHAIN_LINKS,
 * which a loop always is: nothing to use, but its records can be read.
 */
int hoy__reply_read(struct hoy__message *m, struct hoy__reply *reply);

/* The rcode; HOY_RCODE_NONE: there is no reply. */
unsigned hoy__reply_rcode(const struct hoy__reply *reply);

/* Is the message, which was peeked at, a reply to this question? Its id is the caller's to compare. */
bool hoy__reply_is_to(const struct hoy__message *m, const struct hoy__question *question);
/*
 * Is it a reply without the question, and without records? Servers older than EDNS answer a query that has an
 * OPT record so, with an error; a few send it with TC for what does not fit a datagram.
 */
bool hoy__reply_is_bare(const struct hoy__message *m);
/* Is it a bare reply by which a server may refuse the OPT record? */
bool hoy__reply_rejects_edns(const struct hoy__message *m);

/*
 * The next record of the answer: the question's type, at the end of the chain. 1, 0 after
 * the last, HOY_EMESSAGE. hoy__message_rewind starts over.
 */
int hoy__reply_next(struct hoy__message *m, const struct hoy__reply *reply, struct hoy__record *rr);

#endif
