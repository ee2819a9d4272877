/*
 * Names: Go's Resolver and its Lookup functions, by hoy's own stub resolver. No thread,
 * no getaddrinfo; a lookup waits like any other call and runs in tasks and in plain
 * threads.
 *
 * Lists come as one block, in the order to use them, and are given back by hoy_free, not
 * by free; a list of texts has a NULL behind the last. The count is returned; a list that
 * would be empty is an error instead: HOY_ENOHOST (no such name), HOY_ENODATA (the name is
 * there, such data is not), HOY_ESERVFAIL, HOY_EREFUSED, HOY_ELAME (a server that knows
 * nothing and asks nobody), HOY_ETIMEOUT, HOY_EMESSAGE (only malformed answers),
 * HOY_EBADNAMES (only records whose names are none), HOY_ECLOSED, HOY_ECANCELED;
 * hoy_is_not_found, hoy_is_timeout and hoy_is_temporary sort them as Go does. err->addr is
 * the server, err->rcode what it said (HOY_RCODE_NONE: nothing), err->extended why, if it said that (RFC 8914).
 * Records whose names are no domain names are left out and counted (hoy_answer_of), and so
 * are services (SVCB, HTTPS) that demand what hoy does not know.
 */
#ifndef HOY_DNS_H
#define HOY_DNS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <hoy/addr.h>
#include <hoy/err.h>
#include <hoy/mem.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HOY_NAME_STRLEN 256	/* a domain name with its final dot, and its NUL */

typedef struct hoy_resolver hoy_resolver;

typedef struct hoy_mx { const char *host; uint16_t pref; } hoy_mx;
typedef struct hoy_ns { const char *host; } hoy_ns;
typedef struct hoy_srv { const char *target; uint16_t port, priority, weight; } hoy_srv;
/* The strings of one TXT record, joined. NUL-terminated, and may hold NULs. */
typedef struct hoy_txt { const char *text; size_t len; } hoy_txt;

/*
 * A way to reach a service (RFC 9460): what an SVCB or HTTPS record says. Where its aliases
 * led comes last, with priority 0 and nothing said of it: to be tried after the others.
 */
typedef struct hoy_svcb {
	const char *target;		/* the host; never "." */
	uint16_t priority;		/* the least first */
	uint16_t port;			/* 0: the one of the service */
	int no_default_alpn;		/* only what alpn has, not what the service speaks anyway */
	const hoy_txt *alpn;		/* "h2", "h3" */
	size_t alpns;
	const hoy_ip *ipv4hint, *ipv6hint;	/* to begin with, until the target's addresses are known */
	size_t ipv4hints, ipv6hints;
	const void *ech;		/* an ECHConfigList, or NULL */
	size_t ech_len;
	const char *dohpath;		/* "/dns-query{?dns}" (RFC 9461), or NULL */
	uint64_t reserved[4];
} hoy_svcb;

/* Any record. data is in wire form, names in it uncompressed; text is the data as zone files have it: hoy_rdata_string. */
typedef struct hoy_record {
	const char *name;	/* with its final dot, escaped as in zone files */
	uint16_t type, rrclass;
	uint32_t ttl;		/* seconds */
	uint8_t section;	/* 1 answer, 2 authority, 3 additional */
	const void *data;
	size_t len;
	const char *text;
} hoy_record;

/*
 * The system's resolver (resolv.conf, hosts, nsswitch.conf, read again when they change):
 * Go's LookupIP, LookupIPAddr, LookupHost, LookupAddr, LookupCNAME, LookupMX, LookupNS,
 * LookupTXT, LookupSRV. Literal addresses are answered without asking. All wait.
 */
int hoy_lookup_ip(const char *name, hoy_ip **list, hoy_err *err);
int hoy_lookup_ip_addr(const char *name, hoy_addr **list, hoy_err *err);	/* HOY_ADDR_IP, with zones */
int hoy_lookup_host(const char *name, char ***list, hoy_err *err);
int hoy_lookup_addr(const char *address, char ***names, hoy_err *err);
int hoy_lookup_cname(const char *name, char cname[HOY_NAME_STRLEN], hoy_err *err);
int hoy_lookup_mx(const char *name, hoy_mx **list, hoy_err *err);		/* by preference, equals shuffled */
int hoy_lookup_ns(const char *name, hoy_ns **list, hoy_err *err);
int hoy_lookup_txt(const char *name, hoy_txt **list, hoy_err *err);
/* _service._proto.name, or name itself when both are ""; ordered as RFC 2782 has it. cname may be NULL. */
int hoy_lookup_srv(const char *service, const char *proto, const char *name, char cname[HOY_NAME_STRLEN],
		   hoy_srv **list, hoy_err *err);

/*
 * By priority, equals shuffled; aliases are followed, 8 at most. A service at a port of its own, or
 * with a name for its scheme, has that before its name: _8443._https.name, _dns.name (RFC 9460
 * sections 2.3, 9.1). HOY_ENODATA when there is none that can be used: then name is tried without.
 */
int hoy_lookup_https(const char *name, hoy_svcb **list, hoy_err *err);
int hoy_lookup_svcb(const char *name, hoy_svcb **list, hoy_err *err);

/*
 * IANA's Resource Record TYPEs, each that has a name. Their data has a text of its own, but for NULL, UINFO, UID, GID,
 * UNSPEC, the types that are no data (OPT, and 128 to 255), and every other number: that is \# LENGTH HEX (RFC 3597).
 */
enum hoy_type {
	HOY_TYPE_A = 1, HOY_TYPE_NS, HOY_TYPE_MD, HOY_TYPE_MF, HOY_TYPE_CNAME, HOY_TYPE_SOA, HOY_TYPE_MB, HOY_TYPE_MG,
	HOY_TYPE_MR, HOY_TYPE_NULL, HOY_TYPE_WKS, HOY_TYPE_PTR, HOY_TYPE_HINFO, HOY_TYPE_MINFO, HOY_TYPE_MX,
	HOY_TYPE_TXT, HOY_TYPE_RP, HOY_TYPE_AFSDB, HOY_TYPE_X25, HOY_TYPE_ISDN, HOY_TYPE_RT, HOY_TYPE_NSAP,
	HOY_TYPE_NSAP_PTR, HOY_TYPE_SIG, HOY_TYPE_KEY, HOY_TYPE_PX, HOY_TYPE_GPOS, HOY_TYPE_AAAA, HOY_TYPE_LOC,
	HOY_TYPE_NXT, HOY_TYPE_EID, HOY_TYPE_NIMLOC, HOY_TYPE_SRV, HOY_TYPE_ATMA, HOY_TYPE_NAPTR, HOY_TYPE_KX,
	HOY_TYPE_CERT, HOY_TYPE_A6, HOY_TYPE_DNAME, HOY_TYPE_SINK, HOY_TYPE_OPT, HOY_TYPE_APL, HOY_TYPE_DS,
	HOY_TYPE_SSHFP, HOY_TYPE_IPSECKEY, HOY_TYPE_RRSIG, HOY_TYPE_NSEC, HOY_TYPE_DNSKEY, HOY_TYPE_DHCID,
	HOY_TYPE_NSEC3, HOY_TYPE_NSEC3PARAM, HOY_TYPE_TLSA, HOY_TYPE_SMIMEA,
	HOY_TYPE_HIP = 55, HOY_TYPE_NINFO, HOY_TYPE_RKEY, HOY_TYPE_TALINK, HOY_TYPE_CDS, HOY_TYPE_CDNSKEY,
	HOY_TYPE_OPENPGPKEY, HOY_TYPE_CSYNC, HOY_TYPE_ZONEMD, HOY_TYPE_SVCB, HOY_TYPE_HTTPS, HOY_TYPE_DSYNC,
	HOY_TYPE_HHIT, HOY_TYPE_BRID,
	HOY_TYPE_SPF = 99, HOY_TYPE_UINFO, HOY_TYPE_UID, HOY_TYPE_GID, HOY_TYPE_UNSPEC, HOY_TYPE_NID, HOY_TYPE_L32,
	HOY_TYPE_L64, HOY_TYPE_LP, HOY_TYPE_EUI48, HOY_TYPE_EUI64,
	HOY_TYPE_NXNAME = 128,
	HOY_TYPE_TKEY = 249, HOY_TYPE_TSIG, HOY_TYPE_IXFR, HOY_TYPE_AXFR, HOY_TYPE_MAILB, HOY_TYPE_MAILA, HOY_TYPE_ANY,
	HOY_TYPE_URI, HOY_TYPE_CAA, HOY_TYPE_AVC, HOY_TYPE_DOA, HOY_TYPE_AMTRELAY, HOY_TYPE_RESINFO, HOY_TYPE_WALLET,
	HOY_TYPE_CLA, HOY_TYPE_IPN,
	HOY_TYPE_TA = 32768, HOY_TYPE_DLV
};

enum hoy_resolver_flag {
	HOY_RESOLVER_TCP = 1,			/* ask over TCP only */
	HOY_RESOLVER_ROTATE = 2,		/* each lookup begins with the next server */
	HOY_RESOLVER_SINGLE_REQUEST = 4,	/* AAAA after A, not beside it */
	HOY_RESOLVER_TRUST_AD = 8,		/* ask for, and hand on, the authenticated-data bit */
	HOY_RESOLVER_NO_HOSTS = 16,		/* name servers only */
	HOY_RESOLVER_STRICT_ERRORS = 32,	/* one family failed: no partial answer. Go's StrictErrors */
	/*
	 * Over UDP each query has its letters in random case, and a reply without the very same is
	 * ignored, like any other forgery ("0x20"). A server that does not keep the case is as
	 * good as silent; names are told as they were asked for.
	 */
	HOY_RESOLVER_MIXED_CASE = 64,
	HOY_RESOLVER_IPV4_SERVERS = 128,	/* ask over IPv4 only: servers with an IPv6 address are left out */
	HOY_RESOLVER_IPV6_SERVERS = 256,	/* over IPv6 only; no server left: -EDESTADDRREQ */
	HOY_RESOLVER_DNSSEC = 512,		/* ask for signatures too (the DO bit, RFC 3225); nothing is validated */
	HOY_RESOLVER_NSID = 1024		/* ask the server what it calls itself (RFC 5001): hoy_answer.nsid */
};

enum hoy_source {
	HOY_SOURCE_NONE, HOY_SOURCE_LITERAL, HOY_SOURCE_LOCAL, HOY_SOURCE_HOSTS, HOY_SOURCE_DNS,
	HOY_SOURCE_CACHE, HOY_SOURCE_STALE
};

/* Where a list came from. */
typedef struct hoy_answer {
	enum hoy_source source;
	hoy_addr server;		/* kind HOY_ADDR_NONE: none was asked */
	uint32_t ttl;			/* seconds; the least over all records used, as it is now */
	unsigned rcode;			/* of the reply; HOY_RCODE_NONE: no server replied */
	int authenticated;
	unsigned dropped;		/* records left out: their names are no domain names, or see hoy_lookup_https */
	char name[HOY_NAME_STRLEN];	/* at the end of the CNAME chain, with its final dot */
	const char *extra;		/* the server's words to its extended error, UTF-8; NULL: none */
	uint16_t has_extended, extended;	/* it gave a reason (RFC 8914): its info-code */
	int missing;			/* 4 or 6: of both families this one is unknown, no server answered for it; 0 */
	int missing_code;		/* and why: HOY_ETIMEOUT, HOY_ESERVFAIL … */
	const void *nsid;		/* HOY_RESOLVER_NSID: what the server calls itself, its first 128 octets; NULL: nothing */
	size_t nsid_len;
	uint64_t reserved[3];
} hoy_answer;

/* Of a list that a lookup or query returned, for as long as the list lives. */
const hoy_answer *hoy_answer_of(const void *list);

enum hoy_trace_kind {
	HOY_TRACE_SOURCE,	/* `source` answered, or (code) did not; with a type: the cache, that question */
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
	unsigned rcode;		/* received: the reply's; source and done: HOY_RCODE_NONE when no server replied */
	size_t size;
	const char *extra;	/* received: as in hoy_answer, for as long as the event is told */
	uint16_t has_extended, extended;
	uint64_t reserved[6];
} hoy_trace;

/*
 * All-zero, or NULL, is the system's resolver. Text is copied.
 *
 * The cache remembers what servers said of a name and type: data for its TTL, a day at most;
 * that there is none for as long as the zone says (RFC 2308), three hours at most; that no
 * server had an answer for 5 s, and twice as long each time up to 5 minutes (RFC 9520), or to
 * 30 s when servers were silent. A lookup of both families is two questions. The least
 * used go first, beyond `cache` questions or 4 KiB for each (256 KiB in all are always
 * allowed); failures have the same bounds by themselves, and push out no answers. Other
 * servers, or other options on how to ask, and all is forgotten.
 *
 * A stale answer is one whose time is over. It is used only when no server has a new one,
 * which then takes 1.8 s at most and is tried every 30 s at most; its TTL is 30 s, and it
 * is never authenticated.
 */
typedef struct hoy_resolver_opts {
	const char *const *servers;	/* "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; NULL-ended, at most 8;
					   NULL: resolv.conf's */
	const char *const *search;	/* suffixes, NULL-ended; NULL: resolv.conf's */
	unsigned flags;			/* of enum hoy_resolver_flag, beside resolv.conf's options */
	hoy_duration timeout;		/* of one query to one server; 0: resolv.conf's, or 5 s; negative: as in total */
	hoy_duration total;		/* of one lookup, everything included; 0: none; negative: has passed, so no query is sent */
	int attempts;			/* rounds over all servers; 0: resolv.conf's, or 2 */
	int ndots;			/* 0: resolv.conf's, or 1; negative: 0 */
	const char *resolv_conf, *hosts, *nsswitch, *services;	/* other files than the system's; "" for none */
	size_t cache;			/* questions remembered at most, 2^20 in any case; 0: none, every lookup asks */
	hoy_duration stale;		/* how long past its time an answer may stand in (RFC 8767); 0 or negative: never */
	void (*trace)(const hoy_trace *event, void *arg);	/* in the lookup's task; may not wait on this resolver */
	void *arg;			/* for trace and dial */
	/*
	 * Makes the socket on which a server is asked, connected to it or to whatever asks it instead, such as a task that
	 * speaks DNS over TLS. network: "udp" for a datagram socket, "tcp" for a stream one (alone with HOY_RESOLVER_TCP).
	 * Returns the descriptor, which hoy closes, or a negative code. It may not wait, nor use this resolver: a connection
	 * may still be under way, as after a non-blocking connect. NULL: hoy connects. Go's Resolver.Dial.
	 */
	int (*dial)(const char *network, const hoy_addr *server, void *arg);
	uint64_t reserved[7];
} hoy_resolver_opts;

/* NULL on failure, as when a server is no literal address. Every call below takes NULL for the system's resolver. */
hoy_resolver *hoy_resolver_new(const hoy_resolver_opts *opts, hoy_err *err);
/* Lookups under way end with HOY_ECLOSED, and so do later ones. A second close is HOY_ECLOSED. */
int hoy_resolver_close(hoy_resolver *r, hoy_err *err);
/* Closes if still open; once, by the owner. */
void hoy_resolver_free(hoy_resolver *r);
/* For lookups under way and later ones, from any thread; {0} none. */
int hoy_resolver_set_deadline(hoy_resolver *r, hoy_time t, hoy_err *err);

/* network: "ip", "ip4", "ip6". Go's Resolver.LookupIP, and LookupNetIP. */
int hoy_resolver_lookup_ip(hoy_resolver *r, const char *network, const char *name, hoy_ip **list, hoy_err *err);
int hoy_resolver_lookup_ip_addr(hoy_resolver *r, const char *name, hoy_addr **list, hoy_err *err);
int hoy_resolver_lookup_host(hoy_resolver *r, const char *name, char ***list, hoy_err *err);
int hoy_resolver_lookup_addr(hoy_resolver *r, const char *address, char ***names, hoy_err *err);
int hoy_resolver_lookup_cname(hoy_resolver *r, const char *name, char cname[HOY_NAME_STRLEN], hoy_err *err);
int hoy_resolver_lookup_mx(hoy_resolver *r, const char *name, hoy_mx **list, hoy_err *err);
int hoy_resolver_lookup_ns(hoy_resolver *r, const char *name, hoy_ns **list, hoy_err *err);
int hoy_resolver_lookup_txt(hoy_resolver *r, const char *name, hoy_txt **list, hoy_err *err);
int hoy_resolver_lookup_srv(hoy_resolver *r, const char *service, const char *proto, const char *name,
			    char cname[HOY_NAME_STRLEN], hoy_srv **list, hoy_err *err);
int hoy_resolver_lookup_https(hoy_resolver *r, const char *name, hoy_svcb **list, hoy_err *err);
int hoy_resolver_lookup_svcb(hoy_resolver *r, const char *name, hoy_svcb **list, hoy_err *err);
int hoy_resolver_lookup_port(hoy_resolver *r, const char *network, const char *service, hoy_err *err);
/* hoy_resolve_tcp_addr and the others of addr.h, where this resolver answers for names and services. */
int hoy_resolver_resolve_tcp_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				  hoy_err *err);
int hoy_resolver_resolve_udp_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				  hoy_err *err);
int hoy_resolver_resolve_ip_addr(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr,
				 hoy_err *err);

/*
 * One question exactly as it stands, no search list, no hosts file: the records of all
 * sections (the OPT record left out), also of a negative answer, whose rcode is in
 * hoy_answer_of, and of CNAMEs in a loop; 0 records is a list too, to be freed. type: HOY_TYPE_… or any number.
 */
int hoy_resolver_query(hoy_resolver *r, const char *name, int type, hoy_record **list, hoy_err *err);

/*
 * A whole zone (AXFR, RFC 5936), over a TCP connection of its own: each record is given to take as it comes, first and last the
 * zone's SOA, and is good until take returns; rr->section is 1. take returns 0 to go on; another value, negative,
 * ends the transfer and is returned. The servers are tried in order until one of them sends a record. Each step, connecting
 * and each message, has the resolver's timeout, and everything together its total.
 * 0 when the zone is complete. Otherwise a code, and what was given to take is a part of the zone: HOY_EREFUSED
 * (no transfer to this address, or not that zone; err->rcode says which), HOY_ENOHOST, HOY_ESERVFAIL, HOY_EMESSAGE (malformed, or the
 * zone changed meanwhile), HOY_EEOF, HOY_ETIMEOUT, or of the connection. Waits.
 */
typedef int hoy_record_fn(const hoy_record *rr, void *arg);
int hoy_resolver_transfer(hoy_resolver *r, const char *zone, hoy_record_fn *take, void *arg, hoy_err *err);

/* "MX", "AAAA", "TYPE65280" in any case to the number; -EINVAL. And back: the text is put into buf. */
int hoy_parse_type(const char *text);
#define HOY_TYPE_STRLEN 12
char *hoy_type_string(int type, char buf[HOY_TYPE_STRLEN]);
/* The next type above this one that has a name, beginning with hoy_type_next(0); 0 after the last. */
int hoy_type_next(int type);
/* "NXDOMAIN"; of HOY_RCODE_NONE "unknown". */
char *hoy_rcode_string(unsigned rcode, char buf[HOY_TYPE_STRLEN]);

/*
 * The data of a record, from its text to wire form. The text is what master files have behind the type (RFC 1035
 * section 5.1), in the type's own form or as \# LENGTH HEX (RFC 3597), without comments and parentheses. Names that do
 * not end in a dot belong to origin (NULL: the root). Returns the length of the data; HOY_ETOOLONG when it is longer
 * than size (65535 bytes are always enough); -EINVAL when the text is not of the type's form, or the type is not one
 * of data: then err->call says why, for people, and err->net is the type. Waits for nothing.
 */
ssize_t hoy_parse_rdata(int type, const char *text, const char *origin, void *data, size_t size, hoy_err *err);
/*
 * And back, names with their final dot: the same text as hoy_record has and as dig +nosplit prints. Returns the length
 * of the text without its NUL, of which buf gets as much as fits into size bytes, as snprintf does; HOY_EMESSAGE when
 * the data is not of the type's form. buf may be NULL when size is 0.
 */
ssize_t hoy_rdata_string(int type, const void *data, size_t len, char *buf, size_t size);
/* A time to live of a master file in seconds, from "3600" or "1h30m" (units s m h d w); -EINVAL, also above 2^31 - 1. */
int hoy_parse_ttl(const char *text);

typedef struct hoy_resolver_stats {
	uint64_t lookups;				/* of names; what follows counts questions */
	uint64_t joined, hits, stale, misses;		/* from the cache in time, from it too late, not from it */
	uint64_t sent, received, ignored, timeouts, tcp, plain;	/* packets and fallbacks */
	uint64_t entries;				/* in the cache now */
	uint64_t reserved[8];
} hoy_resolver_stats;
void hoy_resolver_get_stats(hoy_resolver *r, hoy_resolver_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
