/* Asking scripted name servers, for the tests of those who ask. */
#ifndef HOY_TEST_ASKING_H
#define HOY_TEST_ASKING_H

#include <hoy/task.h>
#include <hoy/time.h>

#include "base/base.h"
#include "dns/query/client.h"
#include "support/name_server.h"

enum { ASKING_EVENTS = 100 };

struct asking {
	struct hoy__client *client;
	struct hoy__client_policy policy;
	hoy_addr servers[HOY__EXCHANGE_SERVERS];
	struct hoy__found found[2];
	unsigned types;
	int code;
	hoy_trace events[ASKING_EVENTS];
	unsigned traced;
};

static inline void asking_trace(const hoy_trace *event, void *arg)
{
	struct asking *k = arg;

	if (k->traced < ASKING_EVENTS)
		k->events[k->traced++] = *event;
}

/* One server; more by asking_add. */
static inline void asking_start(struct asking *k, const struct ns *ns)
{
	*k = (struct asking){ .client = hoy__client_new() };
	k->policy = (struct hoy__client_policy){ .server = k->servers, .deadline = HOY__NEVER, .attempts = 2, .timeout = HOY_SECOND,
					      .trace = asking_trace, .arg = k };
	if (ns)
		k->servers[k->policy.servers++] = ns_addr(ns);
}

static inline void asking_add(struct asking *k, const struct ns *ns)
{
	k->servers[k->policy.servers++] = ns_addr(ns);
}

static inline void asking_drop(struct asking *k)
{
	for (unsigned i = 0; i < k->types; i++)
		hoy__found_drop(&k->found[i]);
	k->types = 0;
}

static inline void asking_end(struct asking *k)
{
	asking_drop(k);
	hoy__client_free(k->client);
}

static inline int ask_types(struct asking *k, const char *text, const uint16_t *type, unsigned types)
{
	struct hoy__name name;

	asking_drop(k);
	k->traced = 0;
	hoy__name_parse(&name, text, strlen(text));
	k->code = hoy__client_ask(k->client, &k->policy, &name, type, types, k->found);
	k->types = types;
	return k->code;
}

/* Both families. */
static inline int ask_both(struct asking *k, const char *name)
{
	return ask_types(k, name, (const uint16_t[]){ HOY__A, HOY__AAAA }, 2);
}

static inline int ask_one(struct asking *k, const char *name)
{
	return ask_types(k, name, (const uint16_t[]){ HOY__A }, 1);
}

static inline unsigned asking_count(const struct asking *k, enum hoy_trace_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < k->traced; i++)
		n += k->events[i].kind == kind;
	return n;
}

/* Does found[i] hold so many addresses, the first of them the one of its name? */
static inline bool asking_has(const struct asking *k, unsigned i, unsigned records)
{
	struct hoy__message m;
	struct hoy__reply reply;
	struct hoy__record rr;
	struct hoy__rdata data;
	const struct hoy__found *f = &k->found[i];

	if (f->code != 0 || !f->message || f->reply.records != records)
		return false;
	if (hoy__message_open(&m, f->message, f->len) < 0 || hoy__reply_read(&m, &reply) < 0)
		return false;
	hoy__message_rewind(&m);
	if (hoy__reply_next(&m, &reply, &rr) != 1 || hoy__record_read(&m, &rr, &data) < 0)
		return false;
	return (data.ip.bytes[data.ip.len - 1] & 0xff) == (ns_address(&m.question.name) & 0xff);
}

#endif
