/* The table of record types: IANA's registry of those that have a name. */
#ifndef HOY_DNS_TYPE_H
#define HOY_DNS_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hoy__type {
	uint16_t number;
	const char *name;
	const char *format;	/* a letter for each field of the data (field.c); NULL: read and written as \# (RFC 3597) */
};

/* The row of a type; one without a name gets a row without name and format. */
const struct hoy__type *hoy__type_find(uint16_t number);

/* All rows, by number. */
const struct hoy__type *hoy__types(size_t *count);

/* May stand in questions and messages only, but is never data of a zone (RFC 6895 section 3.1)? */
bool hoy__type_is_meta(uint16_t number);

/* The type of that name, in any case, or of TYPEnnn; -EINVAL when there is none. */
int hoy__type_parse(const char *text, size_t len);

/* "MX", "TYPE65280" */
#define HOY__TYPE_STRLEN 12
char *hoy__type_text(uint16_t type, char text[HOY__TYPE_STRLEN]);

#endif
