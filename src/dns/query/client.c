/*
 * What the queries of one resolver share; and a query from its beginning, when it joins them, to its end.
 */
#include "dns/query/client.h"

#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/query/cache.h"
#include "dns/query/show.h"
#include "dns/query/stream.h"
#include "os/os.h"

enum { TRIES = 200 };

static int draw_bytes(void *room, size_t len)
{
	ssize_t n = hoy__os_random(room, len);

	return n < 0 ? (int)n : (size_t)n < len ? -EIO : 0;
}

int hoy__client_draw_ids(struct hoy__query *q, unsigned types)
{
	struct hoy__client *c = q->client;
	unsigned n = hoy__exchange_packets(types, q->policy->servers, q->policy->attempts);
	int code = 0;

	if (q->policy->mixed_case)
		n *= 1 + HOY__CASE_DRAWS;
	if (c->ids_left < n) {
		code = draw_bytes(c->random_id, sizeof c->random_id);
		c->ids_left = code < 0 ? 0 : HOY__RANDOM_IDS;
	}
	if (code < 0)
		return code;
	c->ids_left -= n;
	memcpy(q->id, c->random_id + c->ids_left, n * sizeof *q->id);
	q->ids = n;
	q->ids_used = 0;
	return 0;
}

static void init_lists(struct hoy__client *c)
{
	hoy__list_init(&c->queries);
	hoy__list_init(&c->streams);
	for (unsigned i = 0; i < HOY__FLIGHT_BUCKETS; i++)
		hoy__list_init(&c->flights[i]);
}

/*
 * In a child of a fork. The queries under way are the parent's, which also reads from the connections, and sends the random
 * ids that were drawn. What may be half changed is left alone, at the price of its memory.
 */
static void begin_anew(struct hoy__client *c, bool torn)
{
	if (torn) {
		c->cache = NULL;
		c->servers = 0;
	} else {
		hoy__streams_close(c);
	}
	init_lists(c);
	c->ids_left = 0;
}

static void take_lock(hoy_mutex *m)
{
	for (int i = 0; i < TRIES; i++)
		if (hoy_mutex_try_lock(m))
			return;
	hoy_mutex_lock(m);
}

void hoy__client_lock(struct hoy__client *c)
{
	bool torn;

	take_lock(&c->lock.mutex);
	if (hoy__fork_mutex_inherited(&c->lock, &torn))
		begin_anew(c, torn);
}

void hoy__client_unlock(struct hoy__client *c)
{
	hoy_mutex_unlock(&c->lock.mutex);
}

struct hoy__client *hoy__client_new(void)
{
	struct hoy__client *c = hoy__alloc(sizeof *c);

	if (!c)
		return NULL;
	hoy__lookups_show();
	if (draw_bytes(&c->key, sizeof c->key) < 0 || hoy__fork_mutex_init(&c->lock) < 0) {
		hoy__release(c);
		return NULL;
	}
	init_lists(c);
	atomic_store(&c->deadline, HOY__NEVER);
	atomic_store(&c->refs, 1);
	return c;
}

void hoy__client_dial_by(struct hoy__client *c, int (*dial)(const char *network, const hoy_addr *server, void *arg), void *arg)
{
	c->dial = dial;
	c->dial_arg = arg;
}

static void drop(struct hoy__client *c)
{
	if (atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	hoy__streams_sweep(c, true);
	hoy__cache_free(c->cache);
	hoy__fork_mutex_end(&c->lock);
	hoy__release(c);
}

static void poke_all(struct hoy__client *c)
{
	hoy__client_lock(c);
	for (struct hoy__link *l = c->queries.next; l != &c->queries; l = l->next)
		hoy__query_poke(container_of(l, struct hoy__query, link));
	hoy__client_unlock(c);
}

void hoy__client_close(struct hoy__client *c)
{
	atomic_store(&c->closed, true);
	poke_all(c);
	hoy__client_lock(c);
	hoy__streams_sweep(c, true);
	hoy__client_unlock(c);
}

void hoy__client_free(struct hoy__client *c)
{
	if (!c)
		return;
	hoy__client_close(c);
	drop(c);
}

void hoy__client_set_deadline(struct hoy__client *c, int64_t deadline)
{
	atomic_store(&c->deadline, deadline);
	poke_all(c);
}

void hoy__client_get_stats(struct hoy__client *c, hoy_resolver_stats *stats)
{
	stats->joined = atomic_load(&c->count[HOY_TRACE_JOINED]);
	stats->sent = atomic_load(&c->count[HOY_TRACE_SENT]);
	stats->received = atomic_load(&c->count[HOY_TRACE_RECEIVED]);
	stats->ignored = atomic_load(&c->count[HOY_TRACE_IGNORED]);
	stats->timeouts = atomic_load(&c->count[HOY_TRACE_TIMEOUT]);
	stats->tcp = atomic_load(&c->count[HOY_TRACE_TRUNCATED]);
	stats->plain = atomic_load(&c->count[HOY_TRACE_PLAIN]);
	if (!c->cache)
		return;
	hoy__client_lock(c);
	stats->hits = c->cache_hits;
	stats->stale = c->stale;
	stats->misses = c->misses;
	stats->entries = hoy__cache_count(c->cache);
	hoy__client_unlock(c);
}

static unsigned choose_first(struct hoy__query *q)
{
	return q->policy->rotate ? q->client->rotation++ % q->policy->servers : 0;
}

/* How many flights the query is to lead, with all it needs for that; or a code. Under the lock. */
static int take_lead(struct hoy__query *q)
{
	unsigned leads = hoy__flight_elect(q);
	int code = leads ? hoy__client_draw_ids(q, leads) : 0;

	if (!leads || code < 0)
		return code;
	hoy__server_load(q);
	q->asked = true;
	q->first = choose_first(q);
	return (int)leads;
}

/* Joins the queries, and a flight for each question: how many it leads, or a code. */
static int enter(struct hoy__query *q, const uint16_t *type, unsigned types)
{
	struct hoy__client *c = q->client;
	int code = 0;

	atomic_fetch_add(&c->refs, 1);
	hoy__client_lock(c);
	hoy__streams_sweep(c, false);
	hoy__server_adopt(c, q->policy);
	hoy__list_push(&c->queries, &q->link);
	for (unsigned i = 0; code == 0 && i < types; i++)
		code = hoy__flight_join(q, type[i]);
	if (code == 0)
		code = take_lead(q);
	hoy__client_unlock(c);
	return code;
}

static void leave(struct hoy__query *q, struct hoy__found *found)
{
	struct hoy__client *c = q->client;

	hoy__client_lock(c);
	if (q->asked)
		hoy__server_store(q);
	for (unsigned i = 0; i < q->members; i++)
		hoy__flight_leave(q, &q->member[i], &found[i]);
	hoy__list_remove(&q->link);
	hoy__client_unlock(c);
	drop(c);
}

static void trace_joined(struct hoy__query *q)
{
	for (unsigned i = 0; i < q->members; i++)
		if (q->member[i].joined)
			hoy__query_trace(q, (hoy_trace){ .kind = HOY_TRACE_JOINED, .type = q->member[i].flight->type });
}

/* Runs the exchange for the flights that it leads; waits for those of other leaders, until it is to lead them too. */
static void find_answers(struct hoy__query *q, int leads)
{
	while (q->stop == 0) {
		if (leads)
			hoy__query_run(q, (unsigned)leads);
		else if (!hoy__flight_all_done(q))
			q->stop = hoy__query_wait(q);
		atomic_store(&q->poked, false);
		if (q->stop < 0 || hoy__flight_all_done(q))
			return;
		hoy__client_lock(q->client);
		leads = take_lead(q);
		hoy__client_unlock(q->client);
		if (leads < 0)
			q->stop = leads;
	}
}

/* The large parts are filled in when they are needed. */
static void prepare(struct hoy__query *q, struct hoy__client *c, const struct hoy__client_policy *p,
		    const struct hoy__name *name)
{
	q->client = c;
	q->policy = p;
	q->name = name;
	q->bucket = hoy__flight_bucket(c, name);
	q->task = hoy__self();
	q->stop = 0;
	q->members = 0;
	q->asked = false;
	q->met = false;
	q->x.until = HOY__NEVER;
	atomic_init(&q->poked, false);
	memset(q->led, 0, sizeof q->led);
	memset(q->socket, 0, sizeof q->socket);
	for (unsigned i = 0; i < HOY__QUESTIONS; i++) {
		q->request[i].stream = NULL;
		q->request[i].handle = 0;
		q->request[i].message = NULL;
	}
}

/* A result of the cache is traced like an answer. The client may be freed by now. */
static void trace_remembered(const struct hoy__client_policy *p, const struct hoy__found *found, uint16_t type)
{
	hoy_trace event = { .kind = HOY_TRACE_SOURCE, .source = found->source, .name = p->name, .type = type,
			    .server = found->server, .code = found->code, .rcode = hoy__reply_rcode(&found->reply) };

	if (!p->trace || (found->source != HOY_SOURCE_CACHE && found->source != HOY_SOURCE_STALE))
		return;
	event.when = (hoy_time){ hoy__coarse_now() };
	p->trace(&event, p->arg);
}

static int ask(struct hoy__query *q, const uint16_t *type, unsigned types, struct hoy__found *found)
{
	int leads = enter(q, type, types);

	if (leads >= 0) {
		trace_joined(q);
		find_answers(q, leads);
	} else {
		q->stop = leads;
	}
	leave(q, found);
	for (unsigned i = 0; i < types; i++)
		trace_remembered(q->policy, &found[i], type[i]);
	return leads < 0 ? leads : 0;
}

int hoy__client_ask(struct hoy__client *c, const struct hoy__client_policy *p, const struct hoy__name *name,
	     const uint16_t *type, unsigned types, struct hoy__found *found)
{
	struct hoy__client_policy policy = *p;
	struct hoy__query q;
	int code = p->servers ? -EINVAL : -EDESTADDRREQ;	/* none is of the family that was chosen */

	policy.attempts = p->attempts ? p->attempts : 2;
	policy.timeout = p->timeout ? p->timeout : 5 * HOY_SECOND;
	for (unsigned i = 0; i < types; i++)
		found[i] = (struct hoy__found){ .source = HOY_SOURCE_DNS };
	if (p->servers && p->servers <= HOY__EXCHANGE_SERVERS && types && types <= HOY__QUESTIONS)
		code = atomic_load(&c->closed) ? HOY_ECLOSED : 0;
	if (code == 0) {
		prepare(&q, c, &policy, name);
		code = !q.task ? hoy__self_failure() : c->cache ? hoy__query_check(&q) : 0;
	}
	if (code == 0)
		code = ask(&q, type, types, found);
	for (unsigned i = 0; code < 0 && i < types; i++)
		found[i].code = code;
	return code;
}
