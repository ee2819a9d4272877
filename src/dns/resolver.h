/*
 * A resolver: the system's files, the options that replace parts of them, and the client that sends its
 * queries. And one lookup on it, from its beginning to its end.
 */
#ifndef HOY_DNS_RESOLVER_H
#define HOY_DNS_RESOLVER_H

#include <stdatomic.h>

#include <hoy/dns.h>
#include <hoy/sync.h>

#include "dns/query/client.h"
#include "dns/conf/conf.h"
#include "dns/route.h"
#include "fd/fork_mutex.h"

enum { HOY__NSID_SIZE = 128 };		/* as much of a server's name as is kept */

struct hoy_resolver {
	struct hoy__fork_mutex lock;	/* of conf; held while waiting only for a file to be read */
	struct hoy__conf conf;
	struct hoy__client *client;
	atomic_uint refs;		/* the owner's, and one of each lookup under way */
	atomic_bool closed;
	_Atomic int64_t deadline;	/* monotonic; HOY__NEVER none */
	atomic_uint_fast64_t lookups;
	struct hoy__routes routes;

	/* As chosen; text lies behind. */
	hoy_addr server[HOY__EXCHANGE_SERVERS];
	unsigned servers;		/* 0: resolv.conf's */
	char **search;			/* NULL: resolv.conf's */
	size_t searches;
	unsigned flags;
	hoy_duration timeout, total;
	int attempts, ndots;
	void (*trace)(const hoy_trace *event, void *arg);
	void *arg;
};

/* NULL for want of memory. The servers are opts's, read by the caller. */
hoy_resolver *hoy__resolver_new(const hoy_resolver_opts *opts, const hoy_addr *server, unsigned servers);
/* 0, or HOY_ECLOSED the second time. */
int hoy__resolver_close(hoy_resolver *r);
void hoy__resolver_free(hoy_resolver *r);
/* 0 or HOY_ECLOSED. */
int hoy__resolver_set_deadline(hoy_resolver *r, int64_t deadline);
void hoy__resolver_get_stats(hoy_resolver *r, hoy_resolver_stats *stats);
/* The system's resolver, for lookups that name none; made at the first call. NULL for want of memory. */
hoy_resolver *hoy__resolver_system(void);

/* Before the configuration is looked at. */
void hoy__resolver_lock(hoy_resolver *r);
void hoy__resolver_unlock(hoy_resolver *r);

/* One lookup under way, on the stack of the calling task. */
struct hoy__lookup {
	hoy_resolver *resolver;
	const char *name;		/* as given */
	struct hoy__client_policy policy;
	hoy_addr server[HOY__EXCHANGE_SERVERS];
	enum hoy__where order[2];
	char **search;
	size_t searches;
	char **own_search;		/* a copy of resolv.conf's, to be released */
	unsigned ndots;
	bool no_aaaa;			/* not unless it is all that is wanted */

	struct hoy__results results;
	hoy_answer answer;		/* on failure too: server, rcode, extended error */
	char words[HOY__WORDS_SIZE];	/* its extra */
	uint8_t nsid[HOY__NSID_SIZE];	/* its nsid */
};

static inline hoy_answer hoy__answer_without_reply(enum hoy_source source)
{
	return (hoy_answer){ .source = source, .rcode = HOY_RCODE_NONE };
}

/*
 * Takes the configuration as it is now. resolver NULL: the system's. 0, HOY_ECLOSED or
 * -ENOMEM; end it in any case.
 */
int hoy__lookup_begin(struct hoy__lookup *l, hoy_resolver *resolver, const char *name);
/* code is what came of it. The answer stays, all else goes. */
void hoy__lookup_end(struct hoy__lookup *l, int code);
/* Gives the event to the resolver's trace, if there is one; fills in what is known here. */
void hoy__lookup_tell(const struct hoy__lookup *l, hoy_trace event);

/*
 * What they find is in results, in the order to use it, and its source in answer. 0 or a code.
 * family: 4, 6, or 0 for both.
 */
int hoy__lookup_addresses(struct hoy__lookup *l, int family);
/* Of l->policy.meanwhile: takes the addresses that were found first into results, which are empty and to be cleared. */
int hoy__lookup_first_addresses(struct hoy__lookup *l, const struct hoy__found *found);
/* The last name of the chain of CNAMEs is answer.name; there may be no results. */
int hoy__lookup_cname(struct hoy__lookup *l);
/* MX, NS, TXT, SRV; SVCB and HTTPS, whose aliases are followed; the last result is the name they led to. */
int hoy__lookup_records(struct hoy__lookup *l, uint16_t type);
/* Names of an address. */
int hoy__lookup_names(struct hoy__lookup *l, const hoy_addr *addr);
/* One question as it stands: results are all records. A negative answer is one too: 0. */
int hoy__lookup_question(struct hoy__lookup *l, uint16_t type);

/* As hoy__services_port, over the file as it is now; -ENOMEM. */
int hoy__resolver_port(hoy_resolver *r, const struct hoy__network *net, const char *service);

#endif
