/*
 * A zone on its way over TCP (AXFR, RFC 5936), without the connection: the messages of the reply go in, in order, and
 * their records come out. The first and the last record are the zone's SOA.
 */
#ifndef HOY_DNS_TRANSFER_H
#define HOY_DNS_TRANSFER_H

#include "dns/results.h"
#include "dns/msg/message.h"

enum { HOY__SOA_SIZE = 2 * HOY__NAME_SIZE + 20 };	/* the longest data of a SOA record */

struct hoy__transfer {
	struct hoy__question question;
	uint16_t id;
	unsigned rcode;			/* of the last message */
	bool begun, done;		/* the first SOA has come, and the last */
	uint8_t soa[HOY__SOA_SIZE];	/* the data of the first, names in full */
	size_t soa_len;
};

/* Begins the transfer of a zone; the query is written into room. Its length. */
size_t hoy__transfer_begin(struct hoy__transfer *t, const struct hoy__name *zone, uint16_t id, uint8_t room[HOY__QUERY_SIZE]);
/*
 * Adds the records of the next message to results. 1 when the zone is complete, 0 when more is to come; else a code:
 * HOY_EREFUSED, HOY_ENOHOST or HOY_ESERVFAIL by the rcode, HOY_EMESSAGE when the message is no part of this transfer,
 * when the zone does not begin with its SOA, changes on the way, or goes on behind its end; -ENOMEM.
 */
int hoy__transfer_read(struct hoy__transfer *t, const void *message, size_t len, struct hoy__results *results);

/* question.c: any record into results, its data uncompressed and as text. 0 or a code. */
int hoy__record_keep(struct hoy__results *results, const struct hoy__message *m, const struct hoy__record *rr, uint32_t ttl);

#endif
