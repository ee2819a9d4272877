/*
 * Names: what a lookup by hoy's own stub resolver tells of itself.
 */
#ifndef HOY_DNS_H
#define HOY_DNS_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/addr.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

enum hoy_source {
	HOY_SOURCE_NONE, HOY_SOURCE_LITERAL, HOY_SOURCE_LOCAL, HOY_SOURCE_HOSTS, HOY_SOURCE_DNS,
	HOY_SOURCE_CACHE, HOY_SOURCE_STALE
};

enum hoy_trace_kind {
	HOY_TRACE_SOURCE,	/* `source` answered, or (code) did not */
	HOY_TRACE_NAME,		/* the next name of the search list */
	HOY_TRACE_SENT, HOY_TRACE_RECEIVED,	/* size bytes; received: code and rcode of the reply */
	HOY_TRACE_IGNORED,	/* a packet that was no reply to a question of ours */
	HOY_TRACE_TIMEOUT, HOY_TRACE_FAILED,	/* nothing in time; the socket failed (code) */
	HOY_TRACE_TRUNCATED,	/* goes on over TCP */
	HOY_TRACE_PLAIN,	/* goes on without EDNS */
	HOY_TRACE_JOINED,	/* another lookup is asking the same: its answer is taken */
	HOY_TRACE_DONE		/* code: the lookup's */
};

typedef struct hoy_trace {
	enum hoy_trace_kind kind;
	enum hoy_source source;
	hoy_time when;
	const char *name;
	uint16_t type;
	uint16_t id;
	hoy_addr server;
	int tcp;
	int code;
	unsigned rcode;
	size_t size;
	uint64_t reserved[8];
} hoy_trace;


typedef struct hoy_resolver_stats {
	uint64_t lookups, joined, hits, stale, misses;	/* of names; hits, misses: of the cache */
	uint64_t sent, received, ignored, timeouts, tcp, plain;	/* packets and fallbacks */
	uint64_t entries;				/* in the cache now */
	uint64_t reserved[8];
} hoy_resolver_stats;

#ifdef __cplusplus
}
#endif
#endif
