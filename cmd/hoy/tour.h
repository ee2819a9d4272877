/* What a step of the tour is, and how it tells what it saw. Each part of the guide has a file of steps. */
#ifndef TOUR_H
#define TOUR_H

#include "cmd.h"

enum verdict { STEP_OK, STEP_WRONG, STEP_SKIPPED };

/* A step while it runs. */
struct step {
	int number;
	char command[256];	/* the hoy command line that does the same */
	char output[8192];	/* lines, each ended by \n */
	size_t len;
	char reason[HOY_ERR_STRLEN + 128];	/* why wrong, or skipped */
};

struct tour_step {
	const char *heading;	/* the guide's */
	const char *example;	/* the C program that does the same */
	enum verdict (*run)(struct step *s);
};

extern const struct tour_step tour_ip[], tour_dns[], tour_tcp[], tour_udp[], tour_unix[], tour_ping[];	/* end with a NULL heading */

/* The equivalent command; once, before the first line of output. */
void step_command(struct step *s, const char *format, ...) PRINTF(2, 3);
/* A line of output. */
void step_line(struct step *s, const char *format, ...) PRINTF(2, 3);
/* Both keep the reason and return the verdict. */
enum verdict step_wrong(struct step *s, const char *format, ...) PRINTF(2, 3);
enum verdict step_skipped(struct step *s, const char *format, ...) PRINTF(2, 3);
/* The same with an error's sentence. */
enum verdict step_failed(struct step *s, const hoy_err *err);
/* Whether the lines of output are these, each ended by \n; else tells the first that is not. */
enum verdict step_expect(struct step *s, const char *want);

/* tour_local.c */
#define PATIENCE (2 * HOY_SECOND)	/* the longest wait of any step */

/* A TCP server for one step: a task that runs `serve` until it is stopped. */
struct local {
	hoy_listener *listener;
	void (*handle)(hoy_conn *c, void *arg);
	char addr[HOY_ADDR_STRLEN];
	hoy_wait_group running;
};

/* For handle: the services of hoy serve. */
void local_echo(hoy_conn *c, void *arg);
void local_daytime(hoy_conn *c, void *arg);
/* 0, or -1 with err. */
int local_start(struct local *l, const char *network, const char *address, hoy_fn *serve, hoy_err *err);
void local_stop(struct local *l);
/* For local_start: a task for each connection. */
int serve_each(void *local);
/* With one deadline for all that follows. */
hoy_conn *local_dial(const char *network, const char *address, hoy_err *err);
/* A UDP server for one step: a task that answers each datagram, until it is stopped. */
struct packets {
	ssize_t (*answer)(const uint8_t *query, size_t len, uint8_t *reply, size_t size);	/* negative: none */
	hoy_conn *conn;
	char addr[HOY_ADDR_STRLEN];
	hoy_wait_group running;
};

/* Takes conn, which may be NULL with err saying why. 0, or -1 with err. */
int packets_start(struct packets *p, hoy_conn *conn, hoy_err *err);
void packets_stop(struct packets *p);
/* Sends the text and waits for it to come back. 0, 1 when something else came, or -1 with err. */
int ask_echo(hoy_conn *c, const char *text, hoy_err *err);
/* Whether the text starts with the time of now, give or take what a busy machine takes. */
int is_now(const char *text);

/* tour_names.c: a name server with the guide's records, and a resolver that asks it and nothing else. */
extern const char names_zone[];		/* as a master file */
extern struct names {
	hoy_resolver *resolver;
	char server[HOY_ADDR_STRLEN];
} names;

/* With another server, its address, in place of the tour's own. 0, or -1 with err. */
int names_start(const char *server, hoy_err *err);
void names_stop(void);

#endif
