/* What the verbs that look names up share: @SERVER words, and how several lookups went together. */
#ifndef NAMES_H
#define NAMES_H

#include "cmd.h"

enum { SERVERS_MOST = 8 };

/* As hoy_resolver_opts takes them. */
struct servers {
	const char *list[SERVERS_MOST + 1];
	char text[SERVERS_MOST][HOY_ADDR_STRLEN];
	size_t n;
	int port;		/* of those that have none of their own; 0: 53 */
	const char *by_name[SERVERS_MOST];	/* how it was given, unless as an address */
};

/*
 * Adds what "@192.0.2.1:5353" or "@dns.example" names; a name is looked up by the
 * system's resolver, which has so long for it. EXIT_YES, or the exit code after having said why not.
 */
int servers_add(struct servers *s, const char *word, hoy_duration timeout);

/* How many targets ended how. */
struct outcomes {
	int yes, no, unasked;
};

/* Counts an exit code of one target, EXIT_YES, EXIT_NO or EXIT_UNASKED; EXIT_PARTIAL is both the first and the last. */
void outcomes_add(struct outcomes *o, int code);
/* The exit code of all together. */
int outcomes_exit(const struct outcomes *o);

/* Says why a lookup failed and what to do next. EXIT_NO when that is an answer, else EXIT_UNASKED. */
int fail_lookup(const hoy_err *err);

#endif
