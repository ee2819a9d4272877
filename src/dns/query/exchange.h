/*
 * The queries for one name, as a machine without sockets, clock or randomness: events go in with the
 * time, actions and reports come out. Its driver owns the sockets.
 *
 *	hoy__exchange_start(&x, &setup, now);
 *	for (;;) {
 *		while (hoy__exchange_action(&x, &action))
 *			... open, send or close as it says; if that fails, a HOY__SOCKET_FAILED event ...
 *		if (x.done)
 *			break;
 *		... wait for a socket, or until x.until ...
 *		hoy__exchange_step(&x, now, &event);
 *	}
 *	... x.question[i].code, x.question[i].reply, x.question[i].message ...
 *	hoy__exchange_clear(&x);
 */
#ifndef HOY_DNS_EXCHANGE_H
#define HOY_DNS_EXCHANGE_H

#include <hoy/dns.h>

#include "dns/msg/reply.h"

enum {
	HOY__QUESTIONS = 2,			/* questions at once: A and AAAA */
	HOY__ACTIONS = 16,		/* never reached */
	HOY__REPORTS = 4,		/* likewise: a step makes 2 at most */
	HOY__EXCHANGE_SERVERS = 8,
	HOY__UDP_SIZE = 1232,		/* fits every path without fragments */
	HOY__PACKETS_MOST = 64,		/* for one name, whatever the configuration has */
	HOY__CASE_DRAWS = 4		/* random numbers for the case of a query's letters, beside its id */
};

/* What is known about a server from one lookup to the next. All zero: nothing yet. */
struct hoy__server_health {
	unsigned failures;	/* in a row, counted up to a limit */
	int64_t probe_at;	/* after failures: when it may be tried before the others again */
	int64_t plain_until;	/* chokes on EDNS: until then without */
	int64_t rtt;		/* smoothed, ns; 0 unknown */
	uint64_t rejected;	/* replies that were not to our question */
};

struct hoy__exchange_setup {
	struct hoy__name name;
	uint16_t type[HOY__QUESTIONS];
	unsigned types;
	struct hoy__server_health *health;	/* one for each server */
	unsigned servers;			/* 1 to HOY__EXCHANGE_SERVERS */
	unsigned first;				/* rotation: the server to begin with */
	unsigned attempts;			/* rounds over all servers, at least 1 */
	int64_t timeout;			/* of one query, ns */
	unsigned budget;			/* packets; 0: what the rounds need and a few more */
	bool use_tcp, single_request, trust_ad;
	bool dnssec, nsid;			/* contents of the OPT record, see hoy__message_query */
	bool mixed_case;			/* over UDP: letters in random case, which the reply has to have */
	uint16_t (*random)(void *ctx);
	void *ctx;
};

enum hoy__action_kind {
	HOY__OPEN_UDP,		/* open a fresh connected datagram socket to the server; `handle` is its name from now on */
	HOY__OPEN_TCP,		/* a connection, new if `fresh`, else a kept one will do; sends may come before it stands */
	HOY__SEND,		/* data on the socket; on TCP with its length before it */
	HOY__CLOSE		/* the socket is not needed any more */
};

struct hoy__action {
	enum hoy__action_kind kind;
	uint32_t handle;	/* of the socket; never used for another one again */
	unsigned server;
	unsigned question;	/* of a query to send */
	bool fresh;
	const uint8_t *data;	/* good until the next step */
	size_t len;
};

enum hoy__event_kind {
	HOY__DATAGRAM,		/* data came on a UDP socket; `cut`: there was more than the buffer held */
	HOY__STREAM_MESSAGE,	/* data is one message of a TCP connection */
	HOY__SOCKET_FAILED,	/* with code; `kept`: a kept connection had been closed meanwhile. The socket is gone. */
	HOY__TIMER,		/* x.until may have come */
	HOY__CANCEL		/* with code: the caller waits no longer */
};

struct hoy__event_in {
	enum hoy__event_kind kind;
	uint32_t handle;
	const uint8_t *data;
	size_t len;
	bool cut, kept;
	int code;
};

/* What a step has made of its event, as the trace is to have it. */
struct hoy__report {
	enum hoy_trace_kind kind;	/* _RECEIVED, _IGNORED, _TIMEOUT, _FAILED, _TRUNCATED, _PLAIN */
	unsigned server;
	bool tcp;
	uint16_t type, id;		/* type 0: of no question of ours */
	int code;
	unsigned rcode;			/* of a message, with its size */
	size_t size;
	const struct hoy__reply *reply;	/* of a message that was read: good until the next step */
};

struct hoy__exchange_question {
	struct hoy__question asked;
	enum { HOY__QUESTION_WAITS, HOY__QUESTION_SENT, HOY__QUESTION_SETTLED } state;
	int code;		/* when settled: 0, or why there is no data; before, what the last turn met */
	unsigned server;	/* the one that answered so, or was asked last */
	struct hoy__reply reply;	/* when a server answered */
	uint8_t *message;	/* the answer's bytes, for code 0, HOY_ENOHOST, HOY_ENODATA */
	size_t len;

	unsigned turn;		/* which server of which round */
	uint32_t handle;
	uint16_t id;
	bool plain, fell_back, redialled;
	int64_t sent, until;
	uint8_t query[HOY__QUERY_SIZE];
	size_t query_len;
};

struct hoy__exchange_socket {
	uint32_t handle;	/* 0: not in use */
	unsigned server, turn;
	bool tcp, judged;	/* judged: it has counted in the server's health */
};

struct hoy__exchange {
	struct hoy__exchange_setup setup;
	struct hoy__exchange_question question[HOY__QUESTIONS];
	bool done;
	int64_t until;		/* the next moment the timer is needed; HOY__NEVER when done */
	unsigned packets;	/* sent so far */

	unsigned order[HOY__EXCHANGE_SERVERS], probes;	/* probes: a bit for each server tried on approval */
	struct hoy__exchange_socket socket[HOY__QUESTIONS];
	uint32_t handles;
	struct hoy__action action[HOY__ACTIONS];
	unsigned actions;
	struct hoy__report report[HOY__REPORTS];	/* of the last step */
	unsigned reports;
};

/* How many packets at most; as many ids are drawn, and with mixed_case HOY__CASE_DRAWS beside each. */
unsigned hoy__exchange_packets(unsigned types, unsigned servers, unsigned attempts);
void hoy__exchange_start(struct hoy__exchange *x, const struct hoy__exchange_setup *setup, int64_t now);
void hoy__exchange_step(struct hoy__exchange *x, int64_t now, const struct hoy__event_in *event);
/* The next thing to do; false when there is nothing until the next step. */
bool hoy__exchange_action(struct hoy__exchange *x, struct hoy__action *action);
void hoy__exchange_clear(struct hoy__exchange *x);

#endif
