/* A JSON document (RFC 8259) that is built in memory, on one line. Want of memory is kept, and asked for once, at the end. */
#ifndef HOY_DEBUG_JSON_H
#define HOY_DEBUG_JSON_H

#include <stddef.h>
#include <stdint.h>

struct hoy__json {
	char *text;		/* len bytes; the caller releases it */
	size_t len, size;
	int code;		/* 0, or -ENOMEM: then text is worth nothing */
};

/* A member of an object; key NULL: an element of an array, or the document itself. Bytes that are not UTF-8 become U+FFFD. */
void hoy__json_text(struct hoy__json *j, const char *key, const char *text);
void hoy__json_number(struct hoy__json *j, const char *key, uint64_t n);
/* bracket: '{' or '['. */
void hoy__json_open(struct hoy__json *j, const char *key, char bracket);
/* '}' or ']' */
void hoy__json_close(struct hoy__json *j, char bracket);
/* The line feed. */
void hoy__json_end(struct hoy__json *j);

#endif
