/* DNS messages: the header, the question and the records, as RFC 1035 and its heirs lay them out. */
#ifndef HOY_DNS_MESSAGE_H
#define HOY_DNS_MESSAGE_H

#include <hoy/ip.h>

#include "dns/msg/name.h"

/* The types that the resolver itself looks into; all others are in type.c only. */
enum hoy__rrtype {
	HOY__A = 1, HOY__NS = 2, HOY__CNAME = 5, HOY__SOA = 6, HOY__PTR = 12, HOY__MX = 15, HOY__TXT = 16,
	HOY__AAAA = 28, HOY__SRV = 33, HOY__OPT = 41, HOY__SVCB = 64, HOY__HTTPS = 65, HOY__ANY = 255
};

enum hoy__class { HOY__CLASS_IN = 1 };

enum { HOY__HEADER_SIZE = 12 };

enum hoy__rcode {
	HOY__NOERROR, HOY__FORMERR, HOY__SERVFAIL, HOY__NXDOMAIN, HOY__NOTIMP, HOY__REFUSED, HOY__BADVERS = 16
};

/* The second word of the header. The low four bits are the rcode. */
enum hoy__flag {
	HOY__QR = 0x8000, HOY__OPCODE = 0x7800, HOY__AA = 0x0400, HOY__TC = 0x0200, HOY__RD = 0x0100,
	HOY__RA = 0x0080, HOY__AD = 0x0020, HOY__CD = 0x0010, HOY__RCODE = 0x000f
};

enum hoy__section { HOY__QUESTION, HOY__ANSWER, HOY__AUTHORITY, HOY__ADDITIONAL };

struct hoy__question {
	struct hoy__name name;
	uint16_t type, class;
};

/* A message being read. Its bytes stay the caller's and must outlive it. */
struct hoy__message {
	const uint8_t *data;
	size_t len;
	uint16_t id, flags;
	uint16_t count[4];		/* as the header claims, by section */
	struct hoy__question question;
	struct hoy__reader records, at;	/* the first record, the next one */
	unsigned section, taken;	/* records taken of this section */
	bool has_opt;
};

struct hoy__record {
	struct hoy__name name;
	unsigned section;
	uint16_t type, class;
	uint32_t ttl;			/* seconds, 31 bits (RFC 2181 section 8); of an OPT as it came */
	const uint8_t *data;
	uint16_t size;
};

/* Bytes inside the message. */
struct hoy__bytes {
	const uint8_t *at;
	size_t len;
};

/* The data of a record. The type picks the member. */
struct hoy__rdata {
	uint16_t type;
	union {
		hoy_ip ip;				/* A AAAA */
		struct hoy__name name;			/* CNAME NS PTR */
		struct { uint16_t preference; struct hoy__name host; } mx;
		struct { uint16_t priority, weight, port; struct hoy__name target; } srv;
		struct {
			struct hoy__name server, mailbox;
			uint32_t serial, refresh, retry, expire, minimum;
		} soa;
		struct hoy__bytes txt;			/* strings, each with its length before it */
		struct {				/* SVCB HTTPS */
			uint16_t priority;
			struct hoy__name target;
			struct hoy__bytes params;	/* checked: key, length, value; keys ascend */
		} svcb;
		struct {
			uint16_t udp_size, flags;
			uint8_t rcode_high, version;
			struct hoy__bytes options;	/* checked: code, length, value */
		} opt;
		struct hoy__bytes raw;			/* every other type: as it came */
	};
};

/*
 * Reads the header and the question. HOY_EMESSAGE when there is not exactly one
 * question, or the header claims more records than the bytes could hold.
 */
int hoy__message_open(struct hoy__message *m, const void *data, size_t len);

/* The same for a message of a transfer, which may leave the question out (RFC 5936 section 2.2.1). */
int hoy__message_open_later(struct hoy__message *m, const void *data, size_t len);

/*
 * The same for a message that may have been cut short: its counts are not checked. On failure, id, flags and counts
 * are set nevertheless if there is a whole header.
 */
int hoy__message_peek(struct hoy__message *m, const void *data, size_t len);
/* Are its claims possible? Makes a message that was peeked at one that was opened. */
int hoy__message_check(const struct hoy__message *m);

/*
 * The next record, of any section: 1, or 0 after the last, or HOY_EMESSAGE, and then
 * HOY_EMESSAGE for ever. A second OPT or one outside the additional section is an error.
 */
int hoy__message_next(struct hoy__message *m, struct hoy__record *rr);

/* Goes back to the first record. */
void hoy__message_rewind(struct hoy__message *m);

/*
 * Reads the record's data. HOY_EMESSAGE when its data is shorter or longer than its type has it, or of another form;
 * the data of types that have no member above may be anything (hoy__rdata_print checks it).
 */
int hoy__record_read(const struct hoy__message *m, const struct hoy__record *rr, struct hoy__rdata *data);

/*
 * The next string of a TXT, or of any sequence of strings with a length octet: true, and
 * the string and the rest; false at the end.
 */
bool hoy__next_string(struct hoy__bytes *rest, struct hoy__bytes *string);

enum hoy__option { HOY__OPTION_NSID = 3, HOY__OPTION_KEEPALIVE = 11, HOY__OPTION_EXTENDED = 15 };

/* The next parameter of SVCB or option of OPT: a number, a length and bytes. */
bool hoy__next_option(struct hoy__bytes *rest, uint16_t *code, struct hoy__bytes *value);

struct hoy__message_query {
	uint16_t id;
	uint16_t flags;		/* HOY__RD, HOY__AD, HOY__CD */
	uint16_t udp_size;	/* announced by an OPT record; 0 sends none */
	bool keepalive;		/* with the keepalive option (RFC 7828) */
	bool nsid;		/* with the NSID option: the server's name (RFC 5001) */
	bool dnssec;		/* sets its DO bit (RFC 3225) */
};

#define HOY__QUERY_SIZE 292	/* room for the longest query */

/* A query for one question: its length, or HOY_EMESSAGE when it does not fit. */
int hoy__message_write_query(const struct hoy__message_query *q, const struct hoy__question *question, void *room, size_t len);

#endif
