/*
 * hoy ping: targets are probed side by side, each by a task of its own. A kind of probe is a file with one
 * `const struct probe`; what comes back goes to ping_show.c, which counts it and shows it.
 */
#ifndef PING_H
#define PING_H

#include "names.h"
#include "ping_stats.h"

enum {
	TARGETS_MOST = 65536,
	AT_ONCE = 256		/* targets that are probed at the same time */
};

/* ping.c: the flags. */
extern struct ping {
	hoy_duration interval, timeout, deadline, lookup;
	int count;		/* 0: until interrupted */
	int size, ttl, need;
	int bytes, graph, quiet, ipv4, ipv6;
	const char *query;
	hoy_time until;		/* {0}: no deadline */
	hoy_resolver *resolver;	/* for the names of targets */
} ping;

struct target {
	const struct probe *probe;
	char *word;			/* as it was given; NULL: an address of a network */
	hoy_addr addr;
	hoy_time due;			/* of the probe that is sent next, or was sent last; {0}: none yet */
	hoy_time start, end;		/* of the first probe and the last event */
	struct stats stats;
	int exit;			/* why it cannot be probed; EXIT_YES: it can */
};

/* A network that was given: its addresses are count targets from first. */
struct network {
	char *word;
	size_t first, count;
};

extern struct targets {
	struct target *list;
	struct network *networks;
	size_t count, size, network_count;
} targets;

/* What a probe brought. */
struct reply {
	hoy_duration rtt;
	hoy_addr from;		/* kind 0: the target itself */
	int ttl;		/* -1: unknown */
	size_t bytes;
	char what[HOY_TYPE_STRLEN + 8];		/* the begin of its line: "64 bytes", "connection", "NOERROR" */
};

struct probe {
	const char *name;
	/* Reads the word of a target. EXIT_YES, or the exit code after having said what is wrong. */
	int (*read)(const char *word);
	/* Finds the target's address. A negative code with err. NULL: read has done that. */
	int (*find)(const struct target *t, hoy_addr *addr, hoy_err *err);
	/* Sends the target's probes and shows what comes back. */
	void (*run)(struct target *t);
	/* Where run is ask_each: one probe, which ends by the deadline. A negative code with err. */
	int (*ask)(struct target *t, hoy_time deadline, struct reply *r, hoy_err *err);
};

extern const struct probe probe_icmp, probe_tcp, probe_dns;

/* ping_targets.c */

/* The targets that the arguments name. An exit code. */
int targets_read(char **words);
/* Another target; word NULL for an address of a network. It is moved by the next call. */
struct target *target_add(const struct probe *probe, const char *word);
/* The addresses of a network, for ICMP. An exit code. */
int targets_add_network(const char *word, hoy_prefix p);
void targets_free(void);
/* An address of host, a name or an address, in the wanted family. A negative code with err. */
int find_host(const char *host, hoy_addr *addr, hoy_err *err);
#define WHO_STRLEN (HOY_HOST_STRLEN + HOY_ADDR_STRLEN + 8)
/* "localhost (127.0.0.1)", or the address alone. */
char *target_string(const struct target *t, char buf[WHO_STRLEN]);

/* ping_run.c */

/* Finds all names, probes all targets, and shows the statistics. The exit code. */
int run_targets(void);
/* When the next probe of this target is to be sent: t->due. False when there is no further one. */
bool next_due(struct target *t);
/* When a probe that is sent now counts as lost. */
hoy_time reply_deadline(void);
/* A run whose probes do not overlap. */
void ask_each(struct target *t);

/* ping_show.c: counts and shows what happens, from any task. */

void show_found(struct target *t, const hoy_addr *addr);
/* The number of the probe. */
int64_t show_sent(struct target *t);
void show_reply(struct target *t, int64_t i, const struct reply *r);
void show_duplicate(struct target *t, int64_t i, const struct reply *r);
/* No reply in time (what is NULL), or an error in its place, and who reported it (NULL: this system). */
void show_loss(struct target *t, int64_t i, const char *what, const hoy_addr *from);
/* The target cannot be probed. */
void show_failure(struct target *t, const hoy_err *err);
/* Nothing can be probed; ends the process. */
_Noreturn void show_forbidden(const hoy_err *err);
/* The statistics so far. */
void show_so_far(void);
/* All statistics; the exit code. */
int show_end(void);
/* The same, and ends the process with that code; returns when show_end came first. */
void show_end_and_leave(int code);

/* ping_screen.c: the graph, live on a terminal, and as one last picture elsewhere. */

bool screen_is_live(void);
/* Draws it anew, unless that was a moment ago. */
void screen_update(void);
void screen_draw(void);
/* Later pictures are drawn below what is printed now. */
void screen_release(void);

/* ping_bytes.c */

/* --bytes, the guide's exchange. An exit code. */
int exchange_bytes(struct target *t);
#define BYTES_STRLEN 4096	/* of a thousand bytes; what is longer is cut */
/* The bytes as decimal numbers, "8 0 247 205". */
char *bytes_string(const void *message, size_t len, char buf[BYTES_STRLEN]);

#endif
