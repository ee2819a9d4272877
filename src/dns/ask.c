/*
 * The asker is what lookups of one resolver share; a call joins it, asks, and leaves.
 */
#include "dns/ask.h"

#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/stream.h"
#include "os/os.h"

static const int64_t timeout_most = HOY_HOUR;	/* what is added to the clock does not overflow */

struct hoy__asker *hoy__asker_new(void)
{
	struct hoy__asker *a = hoy__alloc(sizeof *a);

	if (!a)
		return NULL;
	if (hoy__os_random(&a->key, sizeof a->key) < (ssize_t)sizeof a->key) {
		hoy__release(a);
		return NULL;
	}
	hoy__list_init(&a->calls);
	hoy__list_init(&a->streams);
	for (unsigned i = 0; i < HOY__FLIGHT_BUCKETS; i++)
		hoy__list_init(&a->flight[i]);
	atomic_store(&a->refs, 1);
	return a;
}

static void drop(struct hoy__asker *a)
{
	if (atomic_fetch_sub(&a->refs, 1) != 1)
		return;
	hoy__streams_sweep(a, true);
	hoy__release(a);
}

static void poke_all(struct hoy__asker *a)
{
	hoy_mutex_lock(&a->lock);
	for (struct hoy__link *l = a->calls.next; l != &a->calls; l = l->next)
		hoy__call_poke(container_of(l, struct hoy__call, link));
	hoy_mutex_unlock(&a->lock);
}

void hoy__asker_close(struct hoy__asker *a)
{
	atomic_store(&a->closed, true);
	poke_all(a);
	hoy_mutex_lock(&a->lock);
	hoy__streams_sweep(a, true);
	hoy_mutex_unlock(&a->lock);
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
}

/* Among the calls, with a seat for each question: 0 or -ENOMEM. */
static int enter(struct hoy__call *c, const struct hoy__name *name, const uint16_t *type, unsigned types)
{
	struct hoy__asker *a = c->asker;
	int code = 0;

	atomic_fetch_add(&a->refs, 1);
	hoy_mutex_lock(&a->lock);
	hoy__streams_sweep(a, false);
	hoy__health_adopt(a, c->policy);
	hoy__list_push(&a->calls, &c->link);
	for (unsigned i = 0; code == 0 && i < types; i++)
		code = hoy__flight_board(c, name, type[i]);
	hoy_mutex_unlock(&a->lock);
	return code;
}

static void leave(struct hoy__call *c, struct hoy__found *found)
{
	hoy_mutex_lock(&c->asker->lock);
	for (unsigned i = 0; i < c->seats; i++)
		hoy__flight_leave(c, &c->seat[i], &found[i]);
	hoy__list_remove(&c->link);
	hoy_mutex_unlock(&c->asker->lock);
	drop(c->asker);
}

static void note_joined(struct hoy__call *c)
{
	for (unsigned i = 0; i < c->seats; i++)
		if (c->seat[i].joined)
			hoy__call_note(c, (hoy_trace){ .kind = HOY_TRACE_JOINED, .type = c->seat[i].shared->type });
}

/* Finds out what nobody else does, and waits for what somebody does. */
static void find_out(struct hoy__call *c)
{
	for (;;) {
		unsigned leads;

		atomic_store(&c->told, false);
		if (hoy__flight_is_over(c))
			return;
		hoy_mutex_lock(&c->asker->lock);
		leads = hoy__flight_lead(c);
		hoy_mutex_unlock(&c->asker->lock);
		if (leads)
			hoy__call_run(c, leads);
		else
			c->stop = hoy__call_wait(c);
		if (c->stop < 0)
			return;
	}
}

/* The large parts are filled in when they are needed. */
static void prepare(struct hoy__call *c, struct hoy__asker *a, const struct hoy__ask_policy *p)
{
	c->asker = a;
	c->policy = p;
	c->task = hoy__self();
	c->stop = 0;
	c->seats = 0;
	c->x.until = HOY__NEVER;
	atomic_init(&c->told, false);
	memset(c->led, 0, sizeof c->led);
	memset(c->wire, 0, sizeof c->wire);
	memset(c->request, 0, sizeof c->request);
}

static int ask(struct hoy__call *c, const struct hoy__name *name, const uint16_t *type, unsigned types,
	       struct hoy__found *found)
{
	int code = enter(c, name, type, types);

	if (code == 0) {
		note_joined(c);
		find_out(c);
	} else {
		c->stop = code;
	}
	leave(c, found);
	return code;
}

int hoy__ask(struct hoy__asker *a, const struct hoy__ask_policy *p, const struct hoy__name *name,
	     const uint16_t *type, unsigned types, struct hoy__found *found)
{
	struct hoy__ask_policy policy = *p;
	struct hoy__call c;
	int code = -EINVAL;

	policy.attempts = p->attempts ? p->attempts : 2;
	policy.timeout = p->timeout ? p->timeout : 5 * HOY_SECOND;
	if (policy.timeout > timeout_most)
		policy.timeout = timeout_most;
	memset(found, 0, types * sizeof *found);
	if (p->servers && p->servers <= HOY__EXCHANGE_SERVERS && types && types <= HOY__ASKS)
		code = atomic_load(&a->closed) ? HOY_ECLOSED : 0;
	if (code == 0) {
		prepare(&c, a, &policy);
		code = c.task ? ask(&c, name, type, types, found) : hoy__self_failure();
	}
	for (unsigned i = 0; code < 0 && i < types; i++)
		found[i].code = code;
	return code;
}
