/* The data of a record as text and as octets, by the formats of type.c. */
#ifndef HOY_DNS_RDATA_H
#define HOY_DNS_RDATA_H

#include "dns/msg/message.h"
#include "dns/msg/text.h"
#include "dns/msg/words.h"

/*
 * Prints data as zone files have it; of a type without a format as \# (RFC 3597). message: where pointers in names
 * lead, or NULL. HOY_EMESSAGE when the data is not what its type consists of.
 */
int hoy__rdata_print(struct hoy__text *t, uint16_t type, struct hoy__bytes data, const uint8_t *message);

/* Copies data out of a message into w, names uncompressed. The data has been read before. */
void hoy__rdata_expand(struct hoy__writer *w, uint16_t type, struct hoy__bytes data, const uint8_t *message);

/*
 * Parses the words of a record's data, in the type's own form or as \#, and appends the data to w, which is empty.
 * NULL, or what is wrong: static text.
 */
const char *hoy__rdata_parse(struct hoy__writer *w, uint16_t type, struct hoy__words *in);

/*
 * Reads what the resolver itself looks at into `data`: 0 or HOY_EMESSAGE. Data of all other types is not looked into,
 * so that a malformed NSEC beside an answer does no harm. See hoy__record_read.
 */
int hoy__rdata_read(const struct hoy__record *rr, const uint8_t *message, struct hoy__rdata *data);

#endif
