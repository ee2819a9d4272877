/* Zones from a master file (RFC 1035 section 5), and answers from them. */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>

#include "cmd.h"

enum { NAME_MOST = 255, LABEL_MOST = 63 };

enum {
	TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_DS = 43,
	TYPE_IXFR = 251, TYPE_AXFR = 252, TYPE_ANY = 255
};

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

struct rr {
	struct key key;
	uint16_t type, size;
	uint32_t ttl;
	uint8_t *data;
	unsigned line;
};

/* All records of a file, sorted by key, type and line. Each SOA begins a zone. */
struct zones {
	struct rr *rr;
	size_t count, room;
};

#define MISTAKE_STRLEN 320

/*
 * Reads a master file, and the files it includes. Relative names before the first
 * $ORIGIN belong to `origin`. -1: mistake says "file:line: what is wrong".
 */
int zones_read(struct zones *z, const char *path, const char *origin, char mistake[MISTAKE_STRLEN]);
/* The same for text in memory, called `name` in the mistake. */
int zones_parse(struct zones *z, const char *name, const char *text, size_t len, const char *origin,
		char mistake[MISTAKE_STRLEN]);
void zones_clear(struct zones *z);

/* The first record of a name, or NULL; the others follow it. */
const struct rr *zones_find(const struct zones *z, const struct key *key);
/* Is there such a name, with records of its own or only with names below it (RFC 4592)? */
bool zones_has(const struct zones *z, const struct key *key);
/* The SOA of the zone that a name belongs to, or NULL. */
const struct rr *zones_soa(const struct zones *z, const struct key *key);
/* One record's own set of this type (TYPE_ANY: any): the first from rr on, or NULL. Then the next: rr + 1. */
const struct rr *zones_set(const struct zones *z, const struct rr *rr, uint16_t type);

/* By bytes, a name before all that lie below it. */
int key_compare(const struct key *a, const struct key *b);
bool key_equal(const struct key *a, const struct key *b);
/* Is the name at or below this one? */
bool key_within(const struct key *key, const struct key *top);
/* The length of the key without its last label, which is the name's first. */
uint8_t key_parent(const struct key *key);
/* The key of a name; wire ends in the root's zero. */
void key_of(struct key *key, const uint8_t *wire);

/* zone_lex.c: the words of an entry, which is a line, or several in parentheses. */
struct token {
	const char *at;		/* escapes not resolved */
	size_t len;
	bool quoted;
};

struct entry {
	struct token *token;
	size_t count, room;
	unsigned line;
	bool blank;		/* begins with white space: the owner stays */
};

struct lexer {
	const char *at, *end;
	unsigned line;
	bool start;		/* of an entry */
};

/* 1, 0 at the end of the text, -1: *mistake says why. */
int lex_entry(struct lexer *l, struct entry *e, const char **mistake);
bool token_is(const struct token *t, const char *word);
/* The character at *at, an escape resolved, and *at behind it; -1 for a bad escape. */
int lex_char(const char **at, const char *end);

/* zone_data.c: what stands behind the type. All return NULL, or what is wrong. */
struct rdata {
	const struct token *at, *end;	/* what is left */
	const struct name *origin;
	size_t size;
	uint8_t data[65535];
};

const char *read_name(struct name *name, const struct token *t, const struct name *origin);
const char *read_ttl(uint32_t *ttl, const struct token *t);
/* MX, or TYPE15; 0 when there is none. */
uint16_t read_type(const struct token *t);
const char *read_data(struct rdata *d, uint16_t type);
char *type_name(uint16_t type, char buf[16]);
const char *put_bytes(struct rdata *d, const void *bytes, size_t len);
const char *put_number(struct rdata *d, uint32_t number, unsigned bytes);
/* zone_wire.c: are these bytes what the letters of a type say? */
bool data_has_fields(const uint8_t *data, size_t size, const char *fields);
/* zone_svcb.c: the parameters of SVCB and HTTPS (RFC 9460). */
const char *put_params(struct rdata *d);

/* zone_answer.c */
struct asked {
	char name[HOY_HOST_STRLEN * 4];	/* for people */
	char type[16];
	unsigned rcode;
};

/*
 * The reply to a message, at most size bytes: its length, or 0 when it deserves none.
 * Over UDP it also keeps to what the asker announced.
 */
size_t zones_answer(const struct zones *z, const uint8_t *query, size_t len, bool udp, uint8_t *reply, size_t size,
		    struct asked *asked);

#endif
