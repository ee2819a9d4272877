/* Domain names: in messages, as text, and what counts as the name of a host. */
#ifndef HOY_DNS_NAME_H
#define HOY_DNS_NAME_H

#include "base/cursor.h"

#define HOY__NAME_SIZE 255	/* octets of the longest name, the root label included */
#define HOY__NAME_STRLEN 1008	/* its longest text, every octet escaped, with the NUL */
#define HOY__NAME_POINTERS 128	/* more than any name of 255 octets can need */

/* As on the wire, never compressed; len counts the root's zero, and is 0 for no name. */
struct hoy__name {
	uint8_t len;
	uint8_t wire[HOY__NAME_SIZE];
};

/* Where the names of a message under construction begin, for later ones to point at. */
struct hoy__name_table {
	unsigned count;
	uint16_t offset[64];
};

enum hoy__pointers { HOY__POINTERS_REFUSED, HOY__POINTERS_FOLLOWED };

/*
 * The name at r, a reader inside the message that starts at `message`. Every mistake
 * (a pointer that does not go back, a reserved label type, a name too long, the end)
 * makes r bad and the name empty.
 */
void hoy__name_read(struct hoy__reader *r, const uint8_t *message, enum hoy__pointers pointers,
		    struct hoy__name *name);

/*
 * Puts the name into w, whose start is the message's. With a table, a tail that is in
 * the message already becomes a pointer; table NULL writes the name in full.
 */
void hoy__name_write(struct hoy__writer *w, const struct hoy__name *name, struct hoy__name_table *table);

/*
 * From text with the escapes \. and \DDD; the final dot may be missing. 0, or -EINVAL
 * for an empty label, one over 63 octets, a name over 255, a bad escape.
 */
int hoy__name_parse(struct hoy__name *name, const char *text, size_t len);
/* The same, with the reason: NULL, or what is wrong with the text. *is_absolute: it ends in a dot. */
const char *hoy__name_scan(struct hoy__name *name, const char *text, size_t len, bool *is_absolute);

/* The octet at *at, which is before end, an escape resolved; moves *at behind it. -EINVAL for a bad escape. */
int hoy__octet_parse(const char **at, const char *end);
extern const char hoy__bad_escape[];

/* With the final dot; what a terminal or a zone file could misread is escaped. */
char *hoy__name_text(const struct hoy__name *name, char text[HOY__NAME_STRLEN]);

/* Without regard to ASCII case, whatever the locale (RFC 4343). */
bool hoy__name_equal(const struct hoy__name *a, const struct hoy__name *b);

/* Is it the zone's name, or one below it? Nothing is within no name. */
bool hoy__name_is_within(const struct hoy__name *name, const struct hoy__name *zone);

/*
 * Go's idea of a name that may be asked for and handed to callers: labels of letters,
 * digits, hyphens inside, and underscores; at most 253 octets without the final dot;
 * not a number alone. The root is one.
 */
bool hoy__is_domain_name(const char *text, size_t len);

/* The same for a name out of a message: nothing in it needs an escape. */
bool hoy__name_is_domain(const struct hoy__name *name);

#endif
