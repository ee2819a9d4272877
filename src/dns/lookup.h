/* What the lookups of a name share: the search list, the hosts file, and which failure is returned in the end. */
#ifndef HOY_DNS_LOOKUP_H
#define HOY_DNS_LOOKUP_H

#include "dns/resolver.h"

/* Which types to query at once, and what takes the data of one record into the results. */
struct hoy__want {
	uint16_t type[HOY__QUESTIONS];
	unsigned types;
	int (*add)(struct hoy__lookup *l, const struct hoy__rdata *data);
	bool chain;		/* a chain of CNAMEs is enough */
};

/*
 * Queries the names of the search list until one has data. Then 0, and l->answer has the
 * source; else the code, with the server and rcode it came from.
 */
int hoy__lookup_ask(struct hoy__lookup *l, const char *name, const struct hoy__want *w);
/* Takes the data of a reply into the results, by w->add. 0 or a code. */
int hoy__lookup_read(struct hoy__lookup *l, const struct hoy__want *w, const struct hoy__found *found);
/* The answer is from this reply, as well. */
void hoy__lookup_answer(struct hoy__lookup *l, const struct hoy__found *found);
/* The answer rests on an earlier one of the same lookup, as well. */
void hoy__lookup_join(hoy_answer *answer, const hoy_answer *earlier);
/* HOY_ENOHOST for a malformed name, or one that no server may see; 0: it may be queried. */
int hoy__lookup_refuse(struct hoy__lookup *l);
/* HOY_EBADNAMES: there were records, but with malformed names only. */
int hoy__lookup_badnames(struct hoy__lookup *l);
/* Runs take with the hosts file as it is now, under the lock: 0, whether or not there are results. */
typedef int hoy__take(struct hoy__lookup *l, const void *key);
int hoy__lookup_hosts(struct hoy__lookup *l, hoy__take *take, const void *key);
/* Closed, cancelled, no memory: to try the next name would be pointless. */
bool hoy__lookup_is_final(int code);

#endif
