/*
 * Reading JSON (RFC 8259) in place: the reader walks through a text that it changes, and names and strings point into it.
 *
 *	json_enter(r, '{');
 *	while ((key = json_key(r)))
 *		if (!strcmp(key, "pid"))
 *			pid = json_number(r);
 *		else
 *			json_skip(r);
 *
 * It turns bad once, gives nothing from then on, and is asked once, at the end.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

struct json_reader {
	char *at;		/* in a text that ends with a NUL */
	bool bad;
};

/* '{' or '[': the next value has to begin so. */
void json_enter(struct json_reader *r, char bracket);
/* The name of the next member of the object, whose value has to be read next; NULL at the object's end. */
char *json_key(struct json_reader *r);
/* Has the array another element, which has to be read next? */
bool json_more(struct json_reader *r);
/* "" when the value is of another kind. */
char *json_string(struct json_reader *r);
double json_number_read(struct json_reader *r);
void json_skip(struct json_reader *r);
/* Nothing but space is left, and all was right. */
bool json_at_end(struct json_reader *r);

/* A member of an object that is kept: as a double, or as a const char *. */
struct json_field {
	const char *key;
	bool is_number;
	size_t offset;
};
/* Reads the value of that key into its place in the record; false: the list, which ends with a NULL key, does not have it. */
bool json_field(struct json_reader *r, const struct json_field *fields, const char *key, void *record);
/* Reads an object into a record. Other members are skipped. */
void json_fields(struct json_reader *r, const struct json_field *fields, void *record);

#endif
