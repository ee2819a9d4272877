/* Lines and words of configuration files: pieces of bytes that are never changed, NULs and all. */
#ifndef HOY_DNS_SLICE_H
#define HOY_DNS_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include <hoy/addr.h>

struct hoy__slice {
	const char *at;
	size_t len;
};

struct hoy__slice hoy__slice(const char *text);

/* The next line, without its end; false after the last. */
bool hoy__next_line(struct hoy__slice *rest, struct hoy__slice *line);
/* The next word between blanks, tabs and carriage returns; false when there is none left. */
bool hoy__next_word(struct hoy__slice *rest, struct hoy__slice *word);
/* What stands before the first '#'. */
struct hoy__slice hoy__before_comment(struct hoy__slice line);
/* Without blanks, tabs and carriage returns around it. */
struct hoy__slice hoy__trimmed(struct hoy__slice s);

bool hoy__slice_is(struct hoy__slice s, const char *text);
/* Does s begin with head? Then takes it off. */
bool hoy__slice_after(struct hoy__slice *s, const char *head);
/* The digits s begins with; none is 0, more than the limit is the limit. *digits counts them. */
unsigned hoy__slice_number(struct hoy__slice s, unsigned limit, size_t *digits);
/* The whole of s as a literal address, with its zone if it has one. */
bool hoy__slice_addr(struct hoy__slice s, hoy_addr *addr);

/* A to Z only, whatever the locale. */
char hoy__lower(char c);

#endif
