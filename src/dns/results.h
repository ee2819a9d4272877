/* What a lookup has found so far, whatever it looks for: numbers, addresses, and text in one pool. */
#ifndef HOY_DNS_RESULTS_H
#define HOY_DNS_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/ip.h>

struct hoy__result {
	hoy_ip ip;
	char zone[16];
	uint16_t number[3];		/* MX: preference. SRV: priority, weight, port. Any record: type, class, section */
	uint32_t ttl;
	size_t text, len;		/* where its text is in the pool; a NUL follows */
	size_t name, data, size;	/* of any record: its name's text, its data; of SVCB: room, its parameters */
};

struct hoy__results {
	struct hoy__result *list;
	size_t count, room;
	char *pool;
	size_t used, size;
};

/* All 0 or -ENOMEM. Bytes go into the pool, with a NUL behind; *at is where they are. */
int hoy__results_keep(struct hoy__results *results, const void *bytes, size_t len, size_t *at);
/* The same for len bytes that are to be filled in later, aligned for any type. */
int hoy__results_room(struct hoy__results *results, size_t len, size_t *at);
int hoy__results_add(struct hoy__results *results, const struct hoy__result *result);
void hoy__results_clear(struct hoy__results *results);

#endif
