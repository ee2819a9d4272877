/* The words of a record's data as a master file has them (RFC 1035 section 5.1), and what single words can be. */
#ifndef HOY_DNS_WORDS_H
#define HOY_DNS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/msg/name.h"

/* Escapes are still in it. The quotes around a quoted word are not. */
struct hoy__word {
	const char *at, *end;
	bool quoted;
};

/* The text that is left. Like a cursor it keeps the first mistake, and yields no words from then on. */
struct hoy__words {
	const char *at, *end;
	const struct hoy__name *origin;	/* what relative names belong to */
	const char *mistake;		/* static text; NULL: none */
};

/* Keeps the mistake if it is the first. */
void hoy__words_wrong(struct hoy__words *in, const char *mistake);

bool hoy__words_left(struct hoy__words *in);
/* The next word; false when there is none left, or after a mistake. */
bool hoy__words_next(struct hoy__words *in, struct hoy__word *word);
/* The next word, which must be there; an empty one after a mistake. */
struct hoy__word hoy__words_need(struct hoy__words *in);

size_t hoy__word_len(const struct hoy__word *word);
/* Without regard to ASCII case; a quoted word is never equal. */
bool hoy__word_is(const struct hoy__word *word, const char *text);
/* A decimal number up to most; false when the word is anything else. */
bool hoy__word_number(const struct hoy__word *word, uint64_t most, uint64_t *number);
/* Copies a short word; false when it does not fit with its NUL. */
bool hoy__word_copy(const struct hoy__word *word, char *text, size_t size);

/* The next word as a number of so many octets. */
uint64_t hoy__words_number(struct hoy__words *in, unsigned octets);
/* The next word as a domain name; a relative one gets the origin behind it, and @ is the origin. */
void hoy__words_name(struct hoy__words *in, struct hoy__name *name);

/* A time to live, 3600 or 1h30m, at most 2^31 - 1 seconds: NULL, or what is wrong. */
const char *hoy__ttl_parse(const char *text, size_t len, uint32_t *ttl);

#endif
