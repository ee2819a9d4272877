/*
 * The asker is what lookups of one resolver share; a call joins it, asks, and leaves.
 */
#include "dns/ask.h"

#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/stream.h"

struct hoy__shared {
	atomic_uint refs;
	uint8_t *message;
};

struct hoy__asker *hoy__asker_new(void)
{
	struct hoy__asker *a = hoy__alloc(sizeof *a);

	if (!a)
		return NULL;
	hoy__list_init(&a->calls);
	hoy__list_init(&a->streams);
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

static void enter(struct hoy__call *c)
{
	atomic_fetch_add(&c->asker->refs, 1);
	hoy_mutex_lock(&c->asker->lock);
	hoy__streams_sweep(c->asker, false);
	hoy__list_push(&c->asker->calls, &c->link);
	hoy_mutex_unlock(&c->asker->lock);
}

static void leave(struct hoy__call *c)
{
	hoy__exchange_clear(&c->x);
	hoy_mutex_lock(&c->asker->lock);
	hoy__list_remove(&c->link);
	hoy_mutex_unlock(&c->asker->lock);
	drop(c->asker);
}

/* The message goes from the exchange to those who want to read it. */
static void find_out(struct hoy__call *c, unsigned i, struct hoy__found *found)
{
	struct hoy__ask *ask = &c->x.ask[i];

	found->code = ask->code;
	found->server = c->policy->server[ask->server];
	found->reply = ask->reply;
	if (!ask->message)
		return;
	found->shared = hoy__alloc(sizeof *found->shared);
	if (!found->shared) {
		found->code = -ENOMEM;
		return;
	}
	atomic_store(&found->shared->refs, 1);
	found->shared->message = ask->message;
	found->message = ask->message;
	found->len = ask->len;
	ask->message = NULL;
}

int hoy__ask(struct hoy__asker *a, const struct hoy__ask_policy *p, const struct hoy__name *name,
	     const uint16_t *type, unsigned types, struct hoy__found *found)
{
	struct hoy__call c;
	int code = 0;

	c.asker = a;
	c.policy = p;
	c.task = hoy__self();
	c.drawn = 0;
	atomic_init(&c.told, false);
	memset(c.wire, 0, sizeof c.wire);
	memset(c.request, 0, sizeof c.request);
	memset(&c.x, 0, sizeof c.x);
	memset(found, 0, types * sizeof *found);
	if (!c.task)
		code = hoy__self_failure();
	if (code == 0 && (!p->servers || p->servers > HOY__EXCHANGE_SERVERS || !types || types > HOY__ASKS))
		code = -EINVAL;
	if (code == 0) {
		enter(&c);
		code = hoy__call_run(&c, name, type, types);
		for (unsigned i = 0; code == 0 && i < types; i++)
			find_out(&c, i, &found[i]);
		leave(&c);
	}
	for (unsigned i = 0; code < 0 && i < types; i++)
		found[i].code = code;
	return code;
}

void hoy__found_drop(struct hoy__found *found)
{
	struct hoy__shared *shared = found->shared;

	found->shared = NULL;
	found->message = NULL;
	if (shared && atomic_fetch_sub(&shared->refs, 1) == 1) {
		hoy__release(shared->message);
		hoy__release(shared);
	}
}
