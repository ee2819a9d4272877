/*
 * A client with a cache, and a name server that counts what it is asked. The clock of what is
 * remembered is the test's: time passes when it says so.
 */
#ifndef HOY_TEST_REMEMBERING_H
#define HOY_TEST_REMEMBERING_H

#include <stdlib.h>

#include <hoy/err.h>

#include "dns/query/cache.h"
#include "os/os.h"
#include "support/asking.h"
#include "support/packet.h"
#include "t.h"

enum { ENTRIES = 100 };

/* ---- the clock ---- */

static _Atomic int64_t ahead;
static struct hoy__os os;

static inline int64_t shifted(void)
{
	return hoy__os_linux.boottime() + atomic_load(&ahead);
}

static inline void shift_clock(void)
{
	os = hoy__os_linux;
	os.boottime = shifted;
	hoy__os = &os;
}

static inline void pass(int64_t seconds)
{
	atomic_fetch_add(&ahead, seconds * HOY_SECOND);
}

/* ---- the server: the first label says what there is ---- */

enum mood { WELL, SILENT, SERVFAIL, REFUSED, LAME, GARBAGE };

static atomic_int mood;
static atomic_bool cut;		/* everything is truncated, even over TCP */

static inline void put_a(struct packet *p, const char *name, unsigned ttl)
{
	packet_raw(p, HOY__ANSWER, name, HOY__A, ttl, (uint8_t[]){ 192, 0, 2, 1 }, 4);
}

static inline void put_cname(struct packet *p, const char *name, unsigned ttl)
{
	size_t at = packet_record(p, HOY__ANSWER, name, HOY__CNAME, ttl);

	packet_name(p, "end.example.");
	packet_close(p, at);
}

static inline void put_soa(struct packet *p, const char *zone, unsigned ttl, unsigned minimum)
{
	size_t at = packet_record(p, HOY__AUTHORITY, zone, HOY__SOA, ttl);

	packet_number(p, 0, 2);
	for (int i = 0; i < 4; i++)
		packet_number(p, 1, 4);
	packet_number(p, minimum, 4);
	packet_close(p, at);
}

static inline void put_answer(struct packet *p, const char *name)
{
	if (!strncmp(name, "ttl", 3))
		put_a(p, name, (unsigned)strtoul(name + 3, NULL, 10));
	else if (!strncmp(name, "alias", 5))
		put_cname(p, name, 30), put_a(p, "end.example.", 300);
	else if (!strncmp(name, "shortend", 8))
		put_cname(p, name, 300), put_a(p, "end.example.", 20);
	else if (!strncmp(name, "astray", 6))
		put_cname(p, name, 30);
	else if (!strncmp(name, "lost", 4))
		put_cname(p, name, 30), put_soa(p, "example.", 100, 40), p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "nodata", 6))
		put_soa(p, "example.", 100, 40);
	else if (!strncmp(name, "gone", 4))
		put_soa(p, "example.", 40, 100), p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "bare", 4))
		p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "foreign", 7))
		put_soa(p, "example.net.", 100, 100), p->data[3] |= HOY__NXDOMAIN;
}

static inline void answer_well(struct ns_query *q)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	if (q->m.flags & HOY__AD)
		p->data[3] |= HOY__AD;
	if (atomic_load(&cut))
		p->data[2] |= HOY__TC >> 8;
	put_answer(p, name);
	ns_send(q, p->data, p->len);
	free(p);
}

/* Nothing, and no recursion to be had. */
static inline void refer(struct ns_query *q)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	packet_start(p, q->m.id, HOY__QR | HOY__RD, hoy__name_text(&q->m.question.name, name), q->m.question.type);
	ns_send(q, p->data, p->len);
	free(p);
}

static inline void answer(struct ns_query *q, void *arg)
{
	(void)arg;
	switch (atomic_load(&mood)) {
	case WELL: answer_well(q); break;
	case SERVFAIL: ns_rcode(q, HOY__SERVFAIL); break;
	case REFUSED: ns_rcode(q, HOY__REFUSED); break;
	case LAME: refer(q); break;
	case GARBAGE: q->data[2] |= 0x80; q->data[11] += 3; ns_send(q, q->data, q->len); break;
	}
}

static struct asking k;
static struct ns *ns;

/* Short when the server is to be silent, else more than a busy machine needs. */
static inline void begin_with(int64_t stale, int64_t timeout)
{
	shift_clock();
	ns = ns_start(answer, NULL);
	asking_start(&k, ns);
	k.policy.attempts = 1;
	k.policy.timeout = timeout;
	CHECK_INT(hoy__client_remember(k.client, ENTRIES, stale), 0);
}

static inline void begin(int64_t stale)
{
	begin_with(stale, 10 * HOY_SECOND);
}

static inline void begin_in(enum mood m, int64_t stale)
{
	begin_with(stale, m == SILENT ? 300 * t_scale() * HOY_MILLISECOND : 10 * HOY_SECOND);
}

static inline void finish(void)
{
	asking_end(&k);
	ns_stop(ns);
}

/* Since the last time. A server whose silence ended the wait may not have looked yet: so many are waited for. */
static inline unsigned queries(unsigned least)
{
	static unsigned before;
	unsigned n;

	for (int tries = 0; (n = ns_queries(ns) - before) < least && tries < 200; tries++)
		hoy_sleep(5 * HOY_MILLISECOND);
	before += n;
	return n;
}

/* Asks, and wants this code, this source, so many queries, and this TTL. */
static inline void want(const char *name, uint16_t type, int code, enum hoy_source source, unsigned packets,
			uint32_t ttl)
{
	int failures = atomic_load(&t_shared->failures);

	ask_types(&k, name, &type, 1);
	CHECK_INT(k.found[0].code, code);
	CHECK_INT(k.found[0].source, source);
	CHECK_INT(queries(packets), packets);
	if (ttl)
		CHECK_INT(k.found[0].reply.ttl, ttl);
	if (atomic_load(&t_shared->failures) > failures)
		fprintf(stderr, "asking for %s\n", name);
}

static inline hoy_resolver_stats stats(void)
{
	hoy_resolver_stats s = { 0 };

	hoy__client_get_stats(k.client, &s);
	return s;
}

#endif
