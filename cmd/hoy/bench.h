/*
 * hoy bench: connections that ask a server over and over. A protocol is a file with one `const struct protocol`; what its
 * requests bring goes to bench_tally.c, which counts it, and from there to bench_show.c.
 */
#ifndef BENCH_H
#define BENCH_H

#include "bench_histogram.h"
#include "cmd.h"

struct protocol;

/* bench.c */
extern struct bench {
	int connections, rate, size, remote;	/* flags; rate 0: the closed loop */
	hoy_duration duration, warm_up, timeout;
	const struct protocol *protocol;
	const char *network;
	hoy_addr addr;			/* that every connection is dialled to */
	const char *target;		/* the same for people, or the URL */
	hoy_time origin, start;		/* of the load, and of the measurement after its warm-up; {0}: not yet */
	atomic_llong end;		/* a moment, earlier than planned after Ctrl-C */
} bench;

/* A client asks one request after the other, on one connection at a time. */
struct client {
	int number;			/* from 0 */
	hoy_conn *conn;			/* NULL: to be dialled for the next request */
	long long conn_number;		/* of all that were dialled, from 0 */
	uint64_t offset;		/* how many bytes were sent on it and came back */
	int64_t answers;		/* on it */
	bool is_last;			/* the server ends it after this answer */
	bool counts;			/* the request belongs to the measurement */
	char *message;			/* room for bench.size bytes */
	hoy_reader *reader;		/* HTTP's; NULL: none yet */
};

enum answer {
	ANSWER_RIGHT,
	ANSWER_WRONG,			/* tally_wrong has its story */
	ANSWER_STALE			/* none: the server had ended the connection, which was idle, before the request */
};

struct protocol {
	const char *name;
	/* Sends a request on c->conn and reads its answer. One of enum answer, or a negative code with err. */
	int (*ask)(struct client *c, hoy_err *err);
};

extern const struct protocol protocol_stream, protocol_datagram, protocol_http;

/* bench_client.c */

/* A task: dials, waits until `started` is closed, and asks until the end. */
int client_run(void *client);
/* Passed by all clients when all are connected, and when all are finished: then the channel is closed. */
struct gate {
	atomic_int left;
	hoy_chan *opened;
};
extern struct gate connected, finished;
extern hoy_chan *started;
/* Where a stream ended too early: HOY_EEOF, with err. */
int client_cut(const struct client *c, hoy_err *err);

/* bench_http.c. Reads the URL's host and path; its address goes to address. An exit code. */
int http_read_url(const char *text, char address[URL_ADDRESS_STRLEN]);

/* bench_tally.c */

struct failure {
	long long count;
	hoy_err err;			/* the first of those with this op and this code */
};

enum { FAILURES_MOST = 16, STATUS_END = 600, WRONG_STRLEN = 160 };

extern struct tally {
	atomic_llong requests, answered;	/* wrong answers included */
	atomic_llong failed, unsent, in_flight;	/* due but not sent by the end; sent, but Ctrl-C came first */
	atomic_llong duplicates, reconnects, sent_bytes, received_bytes;
	atomic_llong statuses[STATUS_END];
	atomic_llong last_answer;	/* a moment */
	struct histogram latency;	/* also of what was given up, with the time until then */
	struct histogram lateness;	/* of this program, which wakes up later than it should */
	hoy_mutex lock;			/* for what follows */
	long long wrong;
	char first_wrong[WRONG_STRLEN];
	atomic_bool is_web_server;	/* an echo server that answers in HTTP is none */
	int failure_kinds;
	struct failure failures[FAILURES_MOST];	/* the last one has all kinds that are too many */
} tally;

/* Each belongs to the request that c is asking, and does nothing when that does not count. */
void tally_answer(const struct client *c, hoy_duration latency);
void tally_failure(const struct client *c, hoy_duration waited, const hoy_err *err);
/* For want of time, before it was sent (tally.unsent) or answered (tally.in_flight). */
void tally_given_up(const struct client *c, hoy_duration waited, atomic_llong *what);
void tally_status(const struct client *c, int status);
void tally_count(const struct client *c, atomic_llong *what, long long n);
/* A wrong answer, and where it is wrong. It counts in the warm-up too. */
void tally_wrong(const char *format, ...) PRINTF(1, 2);

/* From the start of the measurement to its end, or a later last answer, or until now. */
hoy_duration tally_elapsed(void);
double tally_per_second(long long n);

/* bench_json.c */
void show_json(bool complete);

/* bench_show.c */

extern const struct percentile {
	const char *name;
	int thousandths;
} percentiles[];			/* ends with a NULL name */

/* What was measured until now. */
void show_result(bool complete);
/* One line on a terminal, over the one before. */
void show_progress(void);
/* Clears that line. */
void end_progress(void);
/* Hints on standard error; the exit code. */
int show_hints(void);

#endif
