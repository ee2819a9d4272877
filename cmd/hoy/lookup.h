/* The parts of hoy lookup: what was found, how it is shown, how it came about. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "names.h"

/* A record; what it points at belongs to its finding. */
struct item {
	const char *owner;
	int type;
	int has_ttl;
	uint32_t ttl;
	int section;		/* 1 the answer; 2 and 3 come with --raw only */
	char *data;		/* as in a zone file */
	const char *host;	/* of MX, NS, SRV, PTR, CNAME, and of HTTPS and SVCB in words */
	const char *bytes;	/* of TXT: its strings joined */
	size_t len;
	int number[3];		/* preference; priority, weight, port; priority */
};

/* What became of a lookup. */
struct finding {
	const char *name;	/* as typed */
	int type;		/* 0: the addresses that a program gets */
	hoy_err err;		/* code 0: found */
	hoy_answer answer;
	char asked[HOY_NAME_STRLEN];	/* the name of the search list that was asked for last, or "" */
	char cname[HOY_NAME_STRLEN];
	hoy_duration took;
	struct item *item;
	size_t n;
	void *list;
};

/* The verb's flags that others than lookup.c look at. */
struct lookup_flags {
	int raw, brief, explain, compare, reverse, dnssec, nsid;
	hoy_duration timeout;
};
extern struct lookup_flags lookup;

/* What the command line asks for. */
struct question {
	int *type;
	size_t types;
	const char *type_word;	/* the first of them, as typed */
	char **name;
	int names;
	struct servers servers;
	hoy_resolver *resolver;
	struct outcomes outcomes;
};

/* lookup.c */
/* With the verb's flags; servers NULL: the system's. */
hoy_resolver *lookup_resolver(const char *const *servers, hoy_err *err);

/* lookup_hint.c */
/* After a name was not found: what was meant, if it looks like something else. */
void hint(const struct question *q, const char *name);

/* lookup_compare.c */
/*
 * Lays the answers of all sides side by side and counts whether they agree. EXIT_YES, or the
 * exit code when there is nothing to compare with.
 */
int compare(struct question *q, const char *name, int type);

/* lookup_getent.c */
/* The addresses that the C library finds, each given to add; type 0: of both families. 0 or a code. */
int getent(const char *name, int type, void (*add)(void *arg, const char *address), void *arg, hoy_err *err);

/* lookup_find.c */
/* Asks; the finding is to be cleared, whatever became of it. */
void find(hoy_resolver *r, const char *name, int type, struct finding *f);
void finding_clear(struct finding *f);
/* "MX", or what stands for the addresses that a program gets. */
const char *question_string(int type, char buf[HOY_TYPE_STRLEN]);
/* "nxdomain", "timeout": why there is nothing, in one word; "ok". */
const char *result_word(int code);

/* lookup_transfer.c */
/* Shows the records of a zone while they come. EXIT_PARTIAL: some came, and then an error. */
int transfer(hoy_resolver *r, const char *zone);

/* lookup_service.c */
/* "1 www.example.com.; port 8443; h2, h3; try 192.0.2.80": the caller's to free. */
char *service_string(const hoy_svcb *s);

/* lookup_show.c */
/* Prints it in the way that was asked for; returns its exit code. */
int show(const struct finding *f);

/* A server's reason (RFC 8914), if it has given one. */
void reason_json(struct json *j, int has, unsigned code, const char *words);

/* lookup_explain.c */

/* "hosts", "dns": where it came from, in one word. */
const char *source_word(enum hoy_source source);
/* A lookup's story, which the resolver tells event by event. */
struct story {
	hoy_time start;
	hoy_trace done;
	char asked[HOY_NAME_STRLEN];
	int sent, received, lost, ignored;
};
extern struct story story;
void story_begin(void);
/* The trace of every resolver that find is given. */
void story_event(const hoy_trace *event, void *arg);
/* A server that was given by name. */
void story_server(const char *name, const char *address);

#endif
