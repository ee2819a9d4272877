/*
 * The client of the name servers, one for each resolver: what its queries share, and the call by which lookups ask.
 */
#ifndef HOY_DNS_CLIENT_H
#define HOY_DNS_CLIENT_H

#include <stdatomic.h>

#include <hoy/dns.h>

#include "base/list.h"
#include "base/siphash.h"
#include "dns/query/exchange.h"
#include "dns/query/server.h"
#include "fd/fork_mutex.h"
#include "task/source.h"

struct hoy__cache;
struct hoy__found;
struct hoy__query;

enum { HOY__MEANWHILE_MOST = 32, HOY__FLIGHT_BUCKETS = 64, HOY__RANDOM_IDS = 512 };

/*
 * What the asking task does while a question is still open: dialling the addresses of the family that is known.
 * All three are called in that task, without any lock.
 */
struct hoy__meanwhile {
	/* One of two questions has data, the other is open. Called once; found is the client's. */
	void (*found)(struct hoy__meanwhile *m, const struct hoy__found *found);
	/* Goes on as far as it can without waiting. A negative code ends the query. */
	int (*step)(struct hoy__meanwhile *m);
	/* What to wait for before the next step, HOY__MEANWHILE_MOST at most: how many; and *until when, at the latest. */
	unsigned (*wait)(struct hoy__meanwhile *m, struct hoy__interest *on, int64_t *until);
};

/* How to ask this time; the configuration may have changed since the last time. All zero but for the servers is fine. */
struct hoy__client_policy {
	const hoy_addr *server;		/* 1 to HOY__EXCHANGE_SERVERS; health is remembered by address */
	unsigned servers, attempts;	/* attempts 0: 2 */
	bool use_tcp, rotate, single_request, trust_ad, mixed_case, dnssec, nsid;
	int64_t timeout;		/* of one packet, ns; 0: 5 s */
	int64_t deadline;		/* of all, monotonic ns; HOY__NEVER none */
	void (*trace)(const hoy_trace *event, void *arg);	/* in the asking task; may not wait on this client */
	void *arg;
	const char *name;		/* for the trace */
	struct hoy__meanwhile *meanwhile;	/* or NULL */
};

/* The part of a policy on which answers depend: those of other settings are not remembered. */
struct hoy__client_settings {
	unsigned attempts;
	int64_t timeout;
	bool use_tcp, trust_ad;
};

struct hoy__client {
	struct hoy__fork_mutex lock;		/* of everything that is not atomic; never held while waiting */
	atomic_uint refs;			/* the owner's, and one of each query */
	atomic_bool closed;
	_Atomic int64_t deadline;
	struct hoy__link queries;		/* under way */
	struct hoy__link streams;		/* connections, used or kept */
	struct hoy__link flights[HOY__FLIGHT_BUCKETS];	/* questions under way */
	struct hoy__siphash_key key;
	uint16_t random_id[HOY__RANDOM_IDS];	/* drawn at once for many queries */
	unsigned ids_left;
	struct hoy__server server[HOY__EXCHANGE_SERVERS];	/* of the policy that was used last */
	unsigned servers, rotation;
	struct hoy__client_settings settings;	/* likewise */
	int (*dial)(const char *network, const hoy_addr *server, void *arg);	/* NULL: the system's sockets */
	void *dial_arg;
	uint64_t epoch;				/* grows with each change of servers or settings */
	struct hoy__cache *cache;		/* of this epoch; NULL: nothing is remembered */
	uint64_t cache_hits, stale, misses;
	atomic_uint_fast64_t count[HOY_TRACE_DONE + 1];	/* events, by kind */
};

/* What became of one question. */
struct hoy__found {
	int code;			/* 0, HOY_ENOHOST, HOY_ENODATA: there is a message; else why not */
	enum hoy_source source;		/* HOY_SOURCE_DNS, _CACHE, _STALE */
	uint32_t seconds;		/* for which it was remembered; reply.ttl is without them */
	hoy_addr server;		/* that answered so, or was asked last; kind HOY_ADDR_NONE: none was */
	struct hoy__reply reply;	/* when a server answered */
	const uint8_t *message;		/* good until hoy__found_drop */
	size_t len;
	struct hoy__flight *flight;	/* holds the message; counted, other queries may hold it too */
};

/* NULL for want of memory, or of randomness. */
struct hoy__client *hoy__client_new(void);
/* Before the first question: it remembers so many answers at most, and old ones for so long. 0 or -ENOMEM. */
int hoy__client_remember(struct hoy__client *c, size_t entries, int64_t stale);
/* Before the first question: its sockets are made by dial, as hoy_resolver_opts has it. */
void hoy__client_dial_by(struct hoy__client *c, int (*dial)(const char *network, const hoy_addr *server, void *arg), void *arg);
/* All queries, those under way and later ones, end with HOY_ECLOSED. From any thread, any number of times. */
void hoy__client_close(struct hoy__client *c);
/* The owner's last call: closes if open; the memory is released when the last query has ended. */
void hoy__client_free(struct hoy__client *c);
/* Of all queries, those under way and later ones; HOY__NEVER none. From any thread. */
void hoy__client_set_deadline(struct hoy__client *c, int64_t deadline);
/* Fills in what is counted here: all but lookups. */
void hoy__client_get_stats(struct hoy__client *c, hoy_resolver_stats *stats);

/*
 * Asks for 1 or 2 types of one name at once. Identical questions under way are shared.
 * Waits, in a task or a plain thread. found[i] is filled for each, also on failure; the
 * return value is 0, or why nothing could be tried at all (-EINVAL, -ENOMEM, HOY_ECLOSED …).
 */
int hoy__client_ask(struct hoy__client *c, const struct hoy__client_policy *p, const struct hoy__name *name,
		    const uint16_t *type, unsigned types, struct hoy__found *found);
void hoy__found_drop(struct hoy__found *found);
/* How long one of its records may be used from now on. */
uint32_t hoy__found_ttl(const struct hoy__found *found, uint32_t ttl);

/* Below, for the files of this folder. What is done with the lock is short, so it is worth a try or two before parking. */
void hoy__client_lock(struct hoy__client *c);
void hoy__client_unlock(struct hoy__client *c);
/* Random ids for all the packets of a query, so that none can be wanting later. 0 or a code. Under the lock. */
int hoy__client_draw_ids(struct hoy__query *q, unsigned types);
/*
 * connect.c. A non-blocking socket to the server, connected or with the connection under way, of SOCK_DGRAM or
 * SOCK_STREAM; or a negative code. The client's dial makes it if there is one.
 */
int hoy__client_connect(const struct hoy__client *c, int type, const hoy_addr *server);

#endif
