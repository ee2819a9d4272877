/*
 * The asker is what lookups of one resolver share; a call joins it, asks, and leaves.
 */
#include "dns/query/ask.h"

#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/query/show.h"
#include "dns/query/stream.h"
#include "os/os.h"

enum { TRIES = 200 };

static int draw_bytes(void *room, size_t len)
{
	ssize_t n = hoy__os_random(room, len);

	return n < 0 ? (int)n : (size_t)n < len ? -EIO : 0;
}

int hoy__luck_draw(struct hoy__call *c, unsigned types)
{
	struct hoy__asker *a = c->asker;
	unsigned n = hoy__exchange_packets(types, c->policy->servers, c->policy->attempts);
	int code = 0;

	if (c->policy->mixed_case)
		n *= 1 + HOY__CASE_DRAWS;
	if (a->luck_left < n) {
		code = draw_bytes(a->luck, sizeof a->luck);
		a->luck_left = code < 0 ? 0 : HOY__LUCK;
	}
	if (code < 0)
		return code;
	a->luck_left -= n;
	memcpy(c->luck, a->luck + a->luck_left, n * sizeof *c->luck);
	c->lucks = n;
	c->drawn = 0;
	return 0;
}

static void init_lists(struct hoy__asker *a)
{
	hoy__list_init(&a->calls);
	hoy__list_init(&a->streams);
	for (unsigned i = 0; i < HOY__FLIGHT_BUCKETS; i++)
		hoy__list_init(&a->flight[i]);
}

/*
 * In a child of a fork. The calls and what they ask are the parent's; it reads from the connections, and sends the random
 * numbers that were drawn. What may be half changed is left alone, at the price of its memory.
 */
static void begin_anew(struct hoy__asker *a, bool torn)
{
	if (torn) {
		a->cache = NULL;
		a->knowns = 0;
	} else {
		hoy__streams_close(a);
	}
	init_lists(a);
	a->luck_left = 0;
}

static void take_lock(hoy_mutex *m)
{
	for (int i = 0; i < TRIES; i++)
		if (hoy_mutex_try_lock(m))
			return;
	hoy_mutex_lock(m);
}

void hoy__asker_lock(struct hoy__asker *a)
{
	bool torn;

	take_lock(&a->lock.mutex);
	if (hoy__fork_mutex_inherited(&a->lock, &torn))
		begin_anew(a, torn);
}

void hoy__asker_unlock(struct hoy__asker *a)
{
	hoy_mutex_unlock(&a->lock.mutex);
}

struct hoy__asker *hoy__asker_new(void)
{
	struct hoy__asker *a = hoy__alloc(sizeof *a);

	if (!a)
		return NULL;
	if (draw_bytes(&a->key, sizeof a->key) < 0 || hoy__fork_mutex_init(&a->lock) < 0) {
		hoy__release(a);
		return NULL;
	}
	init_lists(a);
	hoy__lookups_show();
	atomic_store(&a->deadline, HOY__NEVER);
	atomic_store(&a->refs, 1);
	return a;
}

void hoy__asker_dial_by(struct hoy__asker *a, int (*dial)(const char *network, const hoy_addr *server, void *arg), void *arg)
{
	a->dial = dial;
	a->dial_arg = arg;
}

static void drop(struct hoy__asker *a)
{
	if (atomic_fetch_sub(&a->refs, 1) != 1)
		return;
	hoy__streams_sweep(a, true);
	hoy__cache_free(a->cache);
	hoy__fork_mutex_end(&a->lock);
	hoy__release(a);
}

static void poke_all(struct hoy__asker *a)
{
	hoy__asker_lock(a);
	for (struct hoy__link *l = a->calls.next; l != &a->calls; l = l->next)
		hoy__call_poke(container_of(l, struct hoy__call, link));
	hoy__asker_unlock(a);
}

void hoy__asker_close(struct hoy__asker *a)
{
	atomic_store(&a->closed, true);
	poke_all(a);
	hoy__asker_lock(a);
	hoy__streams_sweep(a, true);
	hoy__asker_unlock(a);
}

void hoy__asker_free(struct hoy__asker *a)
{
	if (!a)
		return;
	hoy__asker_close(a);
	drop(a);
}

void hoy__asker_set_deadline(struct hoy__asker *a, int64_t deadline)
{
	atomic_store(&a->deadline, deadline);
	poke_all(a);
}

void hoy__asker_get_stats(struct hoy__asker *a, hoy_resolver_stats *stats)
{
	stats->joined = atomic_load(&a->count[HOY_TRACE_JOINED]);
	stats->sent = atomic_load(&a->count[HOY_TRACE_SENT]);
	stats->received = atomic_load(&a->count[HOY_TRACE_RECEIVED]);
	stats->ignored = atomic_load(&a->count[HOY_TRACE_IGNORED]);
	stats->timeouts = atomic_load(&a->count[HOY_TRACE_TIMEOUT]);
	stats->tcp = atomic_load(&a->count[HOY_TRACE_TRUNCATED]);
	stats->plain = atomic_load(&a->count[HOY_TRACE_PLAIN]);
	if (!a->cache)
		return;
	hoy__asker_lock(a);
	stats->hits = a->hits;
	stats->stale = a->stale;
	stats->misses = a->misses;
	stats->entries = hoy__cache_count(a->cache);
	hoy__asker_unlock(a);
}

static unsigned choose_first(struct hoy__call *c)
{
	return c->policy->rotate ? c->asker->rotation++ % c->policy->servers : 0;
}

/* How many questions the call is to find out itself, with all it needs for that; or a code. Under the lock. */
static int take_lead(struct hoy__call *c)
{
	unsigned leads = hoy__flight_lead(c);
	int code = leads ? hoy__luck_draw(c, leads) : 0;

	if (!leads || code < 0)
		return code;
	hoy__health_take(c);
	c->asked = true;
	c->first = choose_first(c);
	return (int)leads;
}

/* Among the calls, with a seat for each question: how many it leads, or a code. */
static int enter(struct hoy__call *c, const uint16_t *type, unsigned types)
{
	struct hoy__asker *a = c->asker;
	int code = 0;

	atomic_fetch_add(&a->refs, 1);
	hoy__asker_lock(a);
	hoy__streams_sweep(a, false);
	hoy__health_adopt(a, c->policy);
	hoy__list_push(&a->calls, &c->link);
	for (unsigned i = 0; code == 0 && i < types; i++)
		code = hoy__flight_board(c, type[i]);
	if (code == 0)
		code = take_lead(c);
	hoy__asker_unlock(a);
	return code;
}

static void leave(struct hoy__call *c, struct hoy__found *found)
{
	struct hoy__asker *a = c->asker;

	hoy__asker_lock(a);
	if (c->asked)
		hoy__health_tell(c);
	for (unsigned i = 0; i < c->seats; i++)
		hoy__flight_leave(c, &c->seat[i], &found[i]);
	hoy__list_remove(&c->link);
	hoy__asker_unlock(a);
	drop(a);
}

static void note_joined(struct hoy__call *c)
{
	for (unsigned i = 0; i < c->seats; i++)
		if (c->seat[i].joined)
			hoy__call_note(c, (hoy_trace){ .kind = HOY_TRACE_JOINED, .type = c->seat[i].shared->type });
}

/* Finds out what nobody else does, and waits for what somebody does, until it has to lead there too. */
static void find_out(struct hoy__call *c, int leads)
{
	while (c->stop == 0) {
		if (leads)
			hoy__call_run(c, (unsigned)leads);
		else if (!hoy__flight_is_over(c))
			c->stop = hoy__call_wait(c);
		atomic_store(&c->told, false);
		if (c->stop < 0 || hoy__flight_is_over(c))
			return;
		hoy__asker_lock(c->asker);
		leads = take_lead(c);
		hoy__asker_unlock(c->asker);
		if (leads < 0)
			c->stop = leads;
	}
}

/* The large parts are filled in when they are needed. */
static void prepare(struct hoy__call *c, struct hoy__asker *a, const struct hoy__ask_policy *p,
		    const struct hoy__name *name)
{
	c->asker = a;
	c->policy = p;
	c->name = name;
	c->bucket = hoy__flight_bucket(a, name);
	c->task = hoy__self();
	c->stop = 0;
	c->seats = 0;
	c->asked = false;
	c->met = false;
	c->x.until = HOY__NEVER;
	atomic_init(&c->told, false);
	memset(c->led, 0, sizeof c->led);
	memset(c->wire, 0, sizeof c->wire);
	for (unsigned i = 0; i < HOY__ASKS; i++) {
		c->request[i].stream = NULL;
		c->request[i].line = 0;
		c->request[i].message = NULL;
	}
}

/* What was remembered is told like what was asked. Not by the asker, which may be gone. */
static void tell_kept(const struct hoy__ask_policy *p, const struct hoy__found *found, uint16_t type)
{
	hoy_trace event = { .kind = HOY_TRACE_SOURCE, .source = found->source, .name = p->name, .type = type,
			    .server = found->server, .code = found->code, .rcode = hoy__reply_rcode(&found->reply) };

	if (!p->trace || (found->source != HOY_SOURCE_CACHE && found->source != HOY_SOURCE_STALE))
		return;
	event.when = (hoy_time){ hoy__coarse_now() };
	p->trace(&event, p->arg);
}

static int ask(struct hoy__call *c, const uint16_t *type, unsigned types, struct hoy__found *found)
{
	int leads = enter(c, type, types);

	if (leads >= 0) {
		note_joined(c);
		find_out(c, leads);
	} else {
		c->stop = leads;
	}
	leave(c, found);
	for (unsigned i = 0; i < types; i++)
		tell_kept(c->policy, &found[i], type[i]);
	return leads < 0 ? leads : 0;
}

int hoy__ask(struct hoy__asker *a, const struct hoy__ask_policy *p, const struct hoy__name *name,
	     const uint16_t *type, unsigned types, struct hoy__found *found)
{
	struct hoy__ask_policy policy = *p;
	struct hoy__call c;
	int code = p->servers ? -EINVAL : -EDESTADDRREQ;	/* none is of the family that was chosen */

	policy.attempts = p->attempts ? p->attempts : 2;
	policy.timeout = p->timeout ? p->timeout : 5 * HOY_SECOND;
	for (unsigned i = 0; i < types; i++)
		found[i] = (struct hoy__found){ .source = HOY_SOURCE_DNS };
	if (p->servers && p->servers <= HOY__EXCHANGE_SERVERS && types && types <= HOY__ASKS)
		code = atomic_load(&a->closed) ? HOY_ECLOSED : 0;
	if (code == 0) {
		prepare(&c, a, &policy, name);
		code = !c.task ? hoy__self_failure() : a->cache ? hoy__call_check(&c) : 0;
	}
	if (code == 0)
		code = ask(&c, type, types, found);
	for (unsigned i = 0; code < 0 && i < types; i++)
		found[i].code = code;
	return code;
}
