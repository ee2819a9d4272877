/* The small services of the guide and of RFCs 862 to 867, over any connection and over datagrams. */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdatomic.h>

#include "cmd.h"

/* What one connection moved, as the server sees it. */
struct tally {
	int64_t in, out;
};

enum { NO_ANSWER = -1 };	/* an empty datagram is an answer too */

struct service {
	const char *name;
	/*
	 * Talks with one client until either side is done. A service that would never
	 * end looks at *stop between writes. 0, or the code that ended it.
	 */
	int (*talk)(hoy_conn *c, struct tally *t, const atomic_int *stop);	/* NULL: not over TCP */
	/* Over UDP: the length of the datagram that answers one, or NO_ANSWER. NULL: not over UDP. */
	ssize_t (*answer)(const uint8_t *query, size_t len, uint8_t *reply, size_t size);
};

extern const struct service services[];		/* ends with a NULL name */
const struct service *find_service(const char *name);

/* serve_dns.c */
int dns_talk(hoy_conn *c, struct tally *t, const atomic_int *stop);

#define DAYTIME_STRLEN 96
/* The time as Go's time.Now().String() has it: 2017-01-02 20:13:21.934698384 +1100 AEDT */
char *daytime_text(char buf[DAYTIME_STRLEN]);

#endif
