/* What the parts of the master file's reader share: words, text, and where in the file it is. */
#ifndef ZONE_READ_H
#define ZONE_READ_H

#include "zone.h"

/* zone_lex.c: the words of an entry, which is a line, or several in parentheses. */
struct token {
	const char *at;		/* escapes are still in it */
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
/* Goes behind a mistake: to the next line that begins an entry. */
void lex_recover(struct lexer *l);
bool token_is(const struct token *t, const char *word);

/* Text that grows, NUL-terminated. */
struct text {
	char *at;
	size_t len, room;
};

/* zone_data.c. False when there is no memory. */
bool text_add(struct text *t, const char *bytes, size_t len);
/* The words one after the other, quoted as they were. */
bool text_of_words(struct text *t, const struct token *at, const struct token *end);

enum { DATA_MOST = 65535, ORIGIN_STRLEN = 1024 };

/* Whom mistakes are given to, when the first does not end the reading. */
struct checking {
	mistake_fn *tell;
	void *arg;
	int mistakes;
};

/* What is read is a master file; what it includes has another `reading`, a copy, and leaves this one as it was. */
struct reading {
	struct zones *zones;
	const char *file;
	const struct reading *outer;	/* of the file that includes this one, */
	unsigned outer_line;		/* and where */
	char *mistake;
	struct checking *checking;	/* NULL: the first mistake ends the reading */
	char origin[ORIGIN_STRLEN];	/* as text */
	struct name owner;
	bool owner_is_wrong;		/* so what continues it would have another owner */
	bool has_owner, has_ttl, has_default, has_origin;
	uint32_t ttl, default_ttl;
	int depth;
	struct text *text;		/* for the words of a record; shared, as are its data */
	uint8_t *data;
	size_t size;
};

/* Says "file:line: what is wrong", and by which files this one is included. Returns -1. */
PRINTF(3, 4) int wrong(struct reading *r, unsigned line, const char *format, ...);
/* After a mistake: is the rest to be read as well? */
bool goes_on(const struct reading *r);

/* zone_data.c. NULL, or what is wrong. */
const char *read_name(struct reading *r, struct name *name, const char *text);
const char *read_ttl(uint32_t *ttl, const struct token *t);
/* MX, or TYPE15; -1 when there is none. */
int read_type(const struct token *t);
/* The data of a record into r->data. */
const char *read_data(struct reading *r, int type, const char *text);
void set_origin(struct reading *r, const struct name *origin);

/* zone_file.c. All but wrong are 0, or -1 after wrong. */
/* The record of r->owner that is in r->data. */
int add_record(struct reading *r, unsigned line, int type);
/*
 * [TTL] [class] in either order and the type, from token i on. Where the data is, or -1; *type, and whether there was
 * a time to live, which is in r->ttl then.
 */
int read_front(struct reading *r, const struct entry *e, size_t i, int *type, bool *has_ttl);
/* A record without a time to live has $TTL's, else that of the one before, else its SOA's minimum. */
int choose_ttl(struct reading *r, unsigned line, int type, bool given);

/* zone_generate.c: $GENERATE RANGE OWNER [TTL] [CLASS] TYPE DATA */
int generate(struct reading *r, const struct entry *e);

/* zone_check.c: sorts, drops what is there twice, and looks for what may not be in a zone. */
int check_zones(struct reading *r);

#endif
