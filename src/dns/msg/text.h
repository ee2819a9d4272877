/* The text of records, as zone files and dig write it. */
#ifndef HOY_DNS_TEXT_H
#define HOY_DNS_TEXT_H

#include "dns/msg/message.h"
#include "dns/msg/type.h"

/*
 * Text that goes into a caller's array as far as there is room, and is measured in
 * full. It always ends in a NUL when size is not 0.
 */
struct hoy__text {
	char *at;
	size_t size, len;	/* len counts what was wanted, as snprintf does */
};

void hoy__text_char(struct hoy__text *t, char c);
void hoy__text_string(struct hoy__text *t, const char *string);
void hoy__text_number(struct hoy__text *t, uint32_t number);
void hoy__text_name(struct hoy__text *t, const struct hoy__name *name);
void hoy__text_hex(struct hoy__text *t, struct hoy__bytes bytes);
void hoy__text_lower_hex(struct hoy__text *t, struct hoy__bytes bytes);
void hoy__text_base64(struct hoy__text *t, struct hoy__bytes bytes);
/* As it stands between double quotes; what is not printable ASCII becomes \DDD, so no terminal is moved by it. */
void hoy__text_octet(struct hoy__text *t, uint8_t c);
/* All of them, and the double quotes. */
void hoy__text_quoted(struct hoy__text *t, struct hoy__bytes bytes);

/* "IN", "CLASS3"; "NXDOMAIN", "RCODE4000". */
char *hoy__class_text(uint16_t class, char text[HOY__TYPE_STRLEN]);
char *hoy__rcode_text(unsigned rcode, char text[HOY__TYPE_STRLEN]);

/*
 * The whole line, `name ttl class type data`: the length wanted, as snprintf; HOY_EMESSAGE for a record whose data is
 * malformed.
 */
int hoy__record_text(const struct hoy__message *m, const struct hoy__record *rr, char *text, size_t size);

#endif
