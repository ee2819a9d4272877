/*
 * Asking the name servers: the exchange with sockets under it. Meeting point of the
 * driver (below) and the lookups (above).
 */
#ifndef HOY_DNS_ASK_H
#define HOY_DNS_ASK_H

#include <hoy/dns.h>

#include "dns/query/exchange.h"
#include "task/source.h"

struct hoy__found;
struct hoy__asker;	/* what the lookups of one resolver share: health, kept connections, those under way */

enum { HOY__MEANWHILE_MOST = 32 };

/*
 * What the asking task does while a question is still open: dialling the addresses of the family that is known.
 * All three are called in that task, without any lock.
 */
struct hoy__meanwhile {
	/* One of two questions has data, the other is open. Once; found is the asker's. */
	void (*found)(struct hoy__meanwhile *m, const struct hoy__found *found);
	/* Goes on as far as it can without waiting. A negative code ends the asking. */
	int (*step)(struct hoy__meanwhile *m);
	/* What to wait for before the next step, HOY__MEANWHILE_MOST at most: how many; and *until when, at the latest. */
	unsigned (*wait)(struct hoy__meanwhile *m, struct hoy__interest *on, int64_t *until);
};

/* How to ask this time; the configuration may have changed since the last time. All zero but for the servers is fine. */
struct hoy__ask_policy {
	const hoy_addr *server;		/* 1 to HOY__EXCHANGE_SERVERS; health is remembered by address */
	unsigned servers, attempts;	/* attempts 0: 2 */
	bool use_tcp, rotate, single_request, trust_ad, mixed_case, dnssec, nsid;
	int64_t timeout;		/* of one query, ns; 0: 5 s */
	int64_t deadline;		/* of all, monotonic ns; HOY__NEVER none */
	void (*trace)(const hoy_trace *event, void *arg);	/* in the asking task; may not wait on this asker */
	void *arg;
	const char *name;		/* for the trace */
	struct hoy__meanwhile *meanwhile;	/* or NULL */
};

/* What became of one question. */
struct hoy__found {
	int code;			/* 0, HOY_ENOHOST, HOY_ENODATA: there is a message; else why not */
	enum hoy_source source;		/* HOY_SOURCE_DNS, _CACHE, _STALE */
	uint32_t seconds;		/* for which it was remembered; reply.ttl is without them */
	hoy_addr server;		/* that said so, or was asked last; kind HOY_ADDR_NONE: none was */
	struct hoy__reply reply;	/* when a server answered */
	const uint8_t *message;		/* good until hoy__found_drop */
	size_t len;
	struct hoy__shared *shared;	/* holds the message; counted, others may hold it too */
};

/* NULL for want of memory, or of randomness. */
struct hoy__asker *hoy__asker_new(void);
/* Before the first question: it remembers so many answers at most, and old ones for so long. 0 or -ENOMEM. */
int hoy__asker_remember(struct hoy__asker *a, size_t entries, int64_t stale);
/* Before the first question: its sockets are made by dial, as hoy_resolver_opts has it. */
void hoy__asker_dial_by(struct hoy__asker *a, int (*dial)(const char *network, const hoy_addr *server, void *arg), void *arg);
/* Everything under way and later: HOY_ECLOSED. From any thread, any number of times. */
void hoy__asker_close(struct hoy__asker *a);
/* The owner's last word: closes if open; memory goes when the last call inside has left. */
void hoy__asker_free(struct hoy__asker *a);
/* Of everything under way and later; HOY__NEVER none. From any thread. */
void hoy__asker_set_deadline(struct hoy__asker *a, int64_t deadline);
/* Fills in what is counted here: all but lookups. */
void hoy__asker_get_stats(struct hoy__asker *a, hoy_resolver_stats *stats);

/*
 * Asks for 1 or 2 types of one name at once. Identical questions under way are shared.
 * Waits, in a task or a plain thread. found[i] is filled for each, also on failure; the
 * return value is 0, or why nothing could be tried at all (-EINVAL, -ENOMEM, HOY_ECLOSED …).
 */
int hoy__ask(struct hoy__asker *a, const struct hoy__ask_policy *p, const struct hoy__name *name,
	     const uint16_t *type, unsigned types, struct hoy__found *found);
void hoy__found_drop(struct hoy__found *found);
/* How long one of its records may be used from now on. */
uint32_t hoy__found_ttl(const struct hoy__found *found, uint32_t ttl);

#endif
