/*
 * Identical questions under way are one (RFC 5452 section 5: many copies of a question
 * help whoever forges an answer). The first to ask leads; the others take a seat and wait.
 * A leader that has to go before the answer came leaves the lead to whoever looks first.
 */
#include <errno.h>

#include "base/base.h"
#include "dns/query/asker.h"

struct hoy__link *hoy__flight_bucket(struct hoy__asker *a, const struct hoy__name *name)
{
	return &a->flight[hoy__siphash(&a->key, name->wire, name->len) % HOY__FLIGHT_BUCKETS];
}

static bool is_same(const struct hoy__shared *s, const struct hoy__call *c, const struct hoy__name *name,
		    uint16_t type)
{
	return s->type == type && s->name.len == name->len && memcmp(s->name.wire, name->wire, name->len) == 0 &&
	       s->epoch == c->asker->epoch;
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
	s->backed = hoy__kept_backs(c->asker, name, type);
	return s;
}

/* In a flight under way, or one that begins here. */
static int find_seat(struct hoy__call *c, struct hoy__seat *seat, uint16_t type)
{
	struct hoy__shared *s = find(c, c->bucket, c->name, type);

	seat->joined = s != NULL;
	if (!s && !(s = begin(c, c->bucket, c->name, type)))
		return -ENOMEM;
	seat->shared = s;
	hoy__list_push(&s->seats, &seat->link);
	atomic_fetch_add(&s->refs, 1);
	return 0;
}

int hoy__flight_board(struct hoy__call *c, uint16_t type)
{
	struct hoy__seat *seat = &c->seat[c->seats];
	int code = 0;

	*seat = (struct hoy__seat){ .call = c, .source = HOY_SOURCE_DNS };
	if (!hoy__kept_take(seat, type))
		code = find_seat(c, seat, type);
	c->seats += code == 0;
	return code;
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
	/* alone, with no memory? whoever comes now sees that it is done before waiting */
	if (!c->asker->cache && atomic_load(&s->refs) == 1)
		return;
	hoy__asker_lock(c->asker);
	hoy__kept_keep(c->asker, s);
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

void hoy__shared_drop(struct hoy__shared *s)
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

void hoy__flight_look(const struct hoy__seat *seat, struct hoy__found *found)
{
	struct hoy__shared *s = seat->shared;

	*found = (struct hoy__found){
		.code = s->code, .source = seat->source, .seconds = seat->seconds, .server = s->server,
		.reply = s->reply, .message = s->message, .len = s->len, .shared = s,
	};
	hoy__kept_tell(seat, found);
}

void hoy__flight_leave(struct hoy__call *c, struct hoy__seat *seat, struct hoy__found *found)
{
	struct hoy__shared *s = seat->shared;
	bool done = atomic_load(&s->done);

	hoy__list_remove(&seat->link);
	if (!done)
		give_up(c, s);
	if (done || hoy__list_empty(&s->seats))
		hoy__list_remove(&s->link);
	hoy__kept_stand_in(seat, done ? s->code : c->stop);
	if (done || seat->shared != s) {
		hoy__flight_look(seat, found);
		return;
	}
	found->code = c->stop;
	hoy__shared_drop(s);
}

void hoy__found_drop(struct hoy__found *found)
{
	if (found->shared)
		hoy__shared_drop(found->shared);
	found->shared = NULL;
	found->message = NULL;
}
