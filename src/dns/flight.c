/*
 * Identical questions under way are one (RFC 5452 section 5: many copies of a question
 * help whoever forges an answer). The first to ask leads; the others take a seat and wait.
 * A leader that has to go before the answer came leaves the lead to whoever looks first.
 */
#include <errno.h>

#include "base/base.h"
#include "dns/asker.h"

static struct hoy__link *bucket_of(struct hoy__asker *a, const struct hoy__name *name)
{
	return &a->flight[hoy__siphash(&a->key, name->wire, name->len) % HOY__FLIGHT_BUCKETS];
}

static bool is_same(const struct hoy__shared *s, const struct hoy__call *c, const struct hoy__name *name,
		    uint16_t type)
{
	const struct hoy__ask_policy *p = c->policy;

	return s->type == type && s->name.len == name->len && memcmp(s->name.wire, name->wire, name->len) == 0 &&
	       s->epoch == c->asker->epoch && s->attempts == p->attempts && s->timeout == p->timeout &&
	       s->use_tcp == p->use_tcp && s->trust_ad == p->trust_ad;
}

static struct hoy__shared *find(const struct hoy__call *c, struct hoy__link *bucket, const struct hoy__name *name,
				uint16_t type)
{
	for (struct hoy__link *l = bucket->next; l != bucket; l = l->next) {
		struct hoy__shared *s = container_of(l, struct hoy__shared, link);

		if (!atomic_load(&s->done) && is_same(s, c, name, type))
			return s;
	}
	return NULL;
}

static struct hoy__shared *begin(struct hoy__call *c, struct hoy__link *bucket, const struct hoy__name *name,
				 uint16_t type)
{
	struct hoy__shared *s = hoy__alloc(sizeof *s);

	if (!s)
		return NULL;
	hoy__list_init(&s->seats);
	hoy__list_push(bucket, &s->link);
	s->name = *name;
	s->type = type;
	s->epoch = c->asker->epoch;
	s->attempts = c->policy->attempts;
	s->timeout = c->policy->timeout;
	s->use_tcp = c->policy->use_tcp;
	s->trust_ad = c->policy->trust_ad;
	return s;
}

int hoy__flight_board(struct hoy__call *c, const struct hoy__name *name, uint16_t type)
{
	struct hoy__link *bucket = bucket_of(c->asker, name);
	struct hoy__seat *seat = &c->seat[c->seats];
	struct hoy__shared *s = find(c, bucket, name, type);

	seat->joined = s != NULL;
	if (!s && !(s = begin(c, bucket, name, type)))
		return -ENOMEM;
	seat->call = c;
	seat->shared = s;
	hoy__list_push(&s->seats, &seat->link);
	atomic_fetch_add(&s->refs, 1);
	c->seats++;
	return 0;
}

unsigned hoy__flight_lead(struct hoy__call *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->seats; i++) {
		struct hoy__shared *s = c->seat[i].shared;

		if (atomic_load(&s->done) || (s->leader && s->leader != c) || (n && c->led[0] == s))
			continue;
		s->leader = c;
		c->led[n++] = s;
	}
	return n;
}

static void poke_others(struct hoy__shared *s, const struct hoy__call *me)
{
	for (struct hoy__link *l = s->seats.next; l != &s->seats; l = l->next) {
		struct hoy__call *other = container_of(l, struct hoy__seat, link)->call;

		if (other != me)
			hoy__call_poke(other);
	}
}

void hoy__flight_land(struct hoy__call *c, unsigned i)
{
	struct hoy__shared *s = c->led[i];
	struct hoy__ask *ask = &c->x.ask[i];

	c->led[i] = NULL;
	s->code = ask->code;
	s->server = c->policy->server[ask->server];
	s->reply = ask->reply;
	s->message = ask->message;
	s->len = ask->len;
	ask->message = NULL;
	atomic_store(&s->done, true);
	/* alone? whoever comes now sees that it is done before waiting */
	if (atomic_load(&s->refs) == 1)
		return;
	hoy__asker_lock(c->asker);
	poke_others(s, c);
	hoy__asker_unlock(c->asker);
}

bool hoy__flight_is_over(const struct hoy__call *c)
{
	for (unsigned i = 0; i < c->seats; i++)
		if (!atomic_load(&c->seat[i].shared->done))
			return false;
	return true;
}

static void drop(struct hoy__shared *s)
{
	if (atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	hoy__release(s->message);
	hoy__release(s);
}

/* Not done: another is to lead, if there is another. */
static void give_up(struct hoy__call *c, struct hoy__shared *s)
{
	if (s->leader != c)
		return;
	s->leader = NULL;
	poke_others(s, c);
}

void hoy__flight_leave(struct hoy__call *c, struct hoy__seat *seat, struct hoy__found *found)
{
	struct hoy__shared *s = seat->shared;

	hoy__list_remove(&seat->link);
	if (atomic_load(&s->done) || hoy__list_empty(&s->seats))
		hoy__list_remove(&s->link);
	if (!atomic_load(&s->done)) {
		give_up(c, s);
		found->code = c->stop;
		drop(s);
		return;
	}
	found->code = s->code;
	found->server = s->server;
	found->reply = s->reply;
	found->message = s->message;
	found->len = s->len;
	found->shared = s;
}

void hoy__found_drop(struct hoy__found *found)
{
	if (found->shared)
		drop(found->shared);
	found->shared = NULL;
	found->message = NULL;
}
