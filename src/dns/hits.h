/* What a lookup has found so far, whatever it looks for: numbers, addresses, and text in one pool. */
#ifndef HOY_DNS_HITS_H
#define HOY_DNS_HITS_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/ip.h>

struct hoy__hit {
	hoy_ip ip;
	char zone[16];
	uint16_t number[3];		/* MX: preference. SRV: priority, weight, port. Any record: type, class, section */
	uint32_t ttl;
	size_t text, len;		/* where its text is in the pool; a NUL follows */
	size_t name, data, size;	/* of any record: its name's text, its data; of SVCB: room, its parameters */
};

struct hoy__hits {
	struct hoy__hit *list;
	size_t count, room;
	char *pool;
	size_t used, size;
};

/* All 0 or -ENOMEM. Bytes go into the pool, with a NUL behind; *at is where they are. */
int hoy__hits_keep(struct hoy__hits *hits, const void *bytes, size_t len, size_t *at);
/* The same for len bytes that are to be filled in later, aligned for any type. */
int hoy__hits_room(struct hoy__hits *hits, size_t len, size_t *at);
int hoy__hits_add(struct hoy__hits *hits, const struct hoy__hit *hit);
void hoy__hits_clear(struct hoy__hits *hits);

#endif
