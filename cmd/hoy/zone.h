/* Zones from a master file (RFC 1035 section 5), and answers from them. */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>

#include "cmd.h"

enum { NAME_MOST = 255, LABEL_MOST = 63 };

/* A domain name as on the wire: labels, each with its length before it, and the root's zero. */
struct name {
	uint8_t len;
	uint8_t wire[NAME_MOST];
};

/*
 * A domain name turned round, in lower case and without the root: 3com7example. So a
 * name sorts before all that lie below it, and begins each of them.
 */
struct key {
	uint8_t len;
	uint8_t at[NAME_MOST - 1];
};

#define KEY_STRLEN 1024	/* every octet escaped */

struct rr {
	struct key key;
	uint16_t type, size;
	uint32_t ttl;
	uint8_t *data;
	const char *file;	/* belongs to the zones */
	unsigned line;
	uint32_t order;		/* in which it was read */
};

/* All records of a file, sorted by key, type and order. Each SOA begins a zone. */
struct zones {
	struct rr *rr;
	size_t count, room;
	char **file;			/* the names of the files that were read */
	size_t files;
	bool is_root_by_accident;	/* a relative name, `@` as a rule, has made the root a zone */
};

#define MISTAKE_STRLEN 640

/*
 * Reads a master file, and the files it includes. Relative names before the first
 * $ORIGIN belong to `origin`. -1: mistake says "file:line: what is wrong".
 */
int zones_read(struct zones *z, const char *path, const char *origin, char mistake[MISTAKE_STRLEN]);
/* The same for text in memory, called `name` in the mistake. */
int zones_parse(struct zones *z, const char *name, const char *text, size_t len, const char *origin,
		char mistake[MISTAKE_STRLEN]);
void zones_clear(struct zones *z);

/* A mistake of a zone file. */
struct mistake {
	const char *file;
	unsigned line;		/* 0: it is about the whole file */
	const char *what;
	const char *text;	/* "FILE:LINE: what", and by which files it is included */
};
typedef void mistake_fn(void *arg, const struct mistake *m);
enum { MISTAKES_MOST = 1000 };	/* then reading ends */

/*
 * Reads on behind each mistake, and gives them all to tell. How many there were, and zones that are whole if there were
 * none; or -1, and why[MISTAKE_STRLEN] says why the file cannot be read.
 */
int zones_check(struct zones *z, const char *path, const char *origin, mistake_fn *tell, void *arg, char *why);
/* zone_warn.c: gives tell what others refuse in a zone, although it can be served. How much that is. */
int zones_warn(const struct zones *z, mistake_fn *tell, void *arg);

/* The first record of a name, or NULL; the others follow it. */
const struct rr *zones_find(const struct zones *z, const struct key *key);
/* Is there such a name, with records of its own or only with names below it (RFC 4592)? */
bool zones_has(const struct zones *z, const struct key *key);
/* The SOA of the zone that a name belongs to, or NULL. */
const struct rr *zones_soa(const struct zones *z, const struct key *key);
/* The first SOA of all, or the next one behind soa; NULL after the last. And how many records that zone has. */
const struct rr *zones_next_soa(const struct zones *z, const struct rr *soa);
size_t zones_records(const struct zones *z, const struct rr *soa);
/*
 * The first record of this type (HOY_TYPE_ANY: of any) of the name whose first record is node, which may be NULL; or
 * NULL. The others of the type follow it.
 */
const struct rr *zones_set(const struct zones *z, const struct rr *node, uint16_t type);

/* By bytes, a name before all that lie below it. */
int key_compare(const struct key *a, const struct key *b);
bool key_equal(const struct key *a, const struct key *b);
/* Is the name at or below this one? */
bool key_within(const struct key *key, const struct key *top);
/* The length of the key without its last label, which is the name's first. */
uint8_t key_parent(const struct key *key);
/* The key of a name; wire ends in the root's zero. */
void key_of(struct key *key, const uint8_t *wire);
/* A key as text, with the final dot. */
char *key_string(const struct key *key, char text[KEY_STRLEN]);

/* zone_answer.c */
struct asked {
	char name[KEY_STRLEN];	/* for people */
	char type[HOY_TYPE_STRLEN];
	unsigned rcode;
};

/*
 * The reply to a message, at most size bytes: its length, or 0 when it deserves none.
 * Over UDP it also keeps to what the asker announced.
 */
size_t zones_answer(const struct zones *z, const uint8_t *query, size_t len, bool udp, uint8_t *reply, size_t size,
		    struct asked *asked);

#endif
