/* From the name a caller gives to the names that are queried. */
#ifndef HOY_DNS_SEARCH_H
#define HOY_DNS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#define HOY__FQDN_STRLEN 256	/* a full name with its final dot, and its NUL */

enum hoy__fate {
	HOY__ASK_DNS,
	HOY__NO_SUCH_NAME,	/* .onion (RFC 7686), .invalid (RFC 6761), the empty name: never sent */
	HOY__LOOPBACK		/* localhost and names below it (RFC 6761): answered here */
};

/* What becomes of a name, with or without its final dot, before any server sees it. */
enum hoy__fate hoy__fate_of(const char *name);

/* The names to query, one after the other. Set the first four, the rest zero. */
struct hoy__search {
	const char *name;
	unsigned ndots;
	char *const *suffixes;		/* each with its final dot */
	size_t count;
	size_t next;
};

/*
 * The next name, with its final dot; false when there is none left. Names that are too
 * long or that no server may see are left out. *typed, if not NULL: is it the name as it
 * was given, without a suffix? Its error is the one to report.
 */
bool hoy__search_next(struct hoy__search *search, char fqdn[HOY__FQDN_STRLEN], bool *typed);

#endif
