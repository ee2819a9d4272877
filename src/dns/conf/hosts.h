/* The hosts file: names to addresses and back. */
#ifndef HOY_DNS_HOSTS_H
#define HOY_DNS_HOSTS_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/addr.h>

enum { HOY__HOSTS_LIMIT = 32 * 1024 * 1024 };

struct hoy__host_addr {
	hoy_ip ip;
	char zone[16];
};

/* One name on one line. A name with a dot in it has a final one. */
struct hoy__host {
	const char *key;		/* lower case */
	const char *name;		/* as written */
	const char *canonical;		/* the key of the first name on the line */
	const struct hoy__host_addr *addr;
	uint32_t order;			/* its place in the file */
};

struct hoy__hosts {
	struct hoy__host *by_name;	/* sorted by key, then order */
	struct hoy__host **by_addr;	/* sorted by address, then order */
	size_t count;
	struct hoy__host_addr *addrs;
	char *words;
};

/* Reads the text of the file; a missing file is the empty text. 0 or -ENOMEM. */
int hoy__hosts_parse(struct hoy__hosts *hosts, const char *text, size_t len);
void hoy__hosts_clear(struct hoy__hosts *hosts);

/*
 * All entries of a name, in the order of the file: how many, and the first of them in
 * *first. first->canonical is the canonical name.
 */
size_t hoy__hosts_by_name(const struct hoy__hosts *hosts, const char *name, const struct hoy__host **first);
/* All entries of an address, zone included. */
size_t hoy__hosts_by_addr(const struct hoy__hosts *hosts, const hoy_addr *addr, struct hoy__host *const **first);

#endif
