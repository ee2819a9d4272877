/*
 * Identical questions under way are one (RFC 5452 section 5: many copies of a question
 * help an attacker who forges answers). The first query to ask leads; the others join and wait.
 * A leader that ends before the answer has come wakes the others, and the first that looks leads.
 */
#include <errno.h>

#include "base/base.h"
#include "dns/query/flight_cache.h"
#include "dns/query/query.h"

struct hoy__link *hoy__flight_bucket(struct hoy__client *c, const struct hoy__name *name)
{
	return &c->flights[hoy__siphash(&c->key, name->wire, name->len) % HOY__FLIGHT_BUCKETS];
}

static bool is_same(const struct hoy__flight *f, const struct hoy__query *q, const struct hoy__name *name,
		    uint16_t type)
{
	return f->type == type && f->name.len == name->len && memcmp(f->name.wire, name->wire, name->len) == 0 &&
	       f->epoch == q->client->epoch;
}

static struct hoy__flight *find(const struct hoy__query *q, struct hoy__link *bucket, const struct hoy__name *name,
				uint16_t type)
{
	for (struct hoy__link *l = bucket->next; l != bucket; l = l->next) {
		struct hoy__flight *f = container_of(l, struct hoy__flight, link);

		if (!atomic_load(&f->done) && is_same(f, q, name, type))
			return f;
	}
	return NULL;
}

static struct hoy__flight *begin(struct hoy__query *q, struct hoy__link *bucket, const struct hoy__name *name,
				 uint16_t type)
{
	struct hoy__flight *f = hoy__alloc(sizeof *f);

	if (!f)
		return NULL;
	hoy__list_init(&f->members);
	hoy__list_push(bucket, &f->link);
	f->name = *name;
	f->type = type;
	f->epoch = q->client->epoch;
	f->has_stale = hoy__flight_cache_has_stale(q->client, name, type);
	return f;
}

/* In a flight under way, or one that begins here. */
static int find_seat(struct hoy__query *q, struct hoy__flight_member *member, uint16_t type)
{
	struct hoy__flight *f = find(q, q->bucket, q->name, type);

	member->joined = f != NULL;
	if (!f && !(f = begin(q, q->bucket, q->name, type)))
		return -ENOMEM;
	member->flight = f;
	hoy__list_push(&f->members, &member->link);
	atomic_fetch_add(&f->refs, 1);
	return 0;
}

int hoy__flight_join(struct hoy__query *q, uint16_t type)
{
	struct hoy__flight_member *member = &q->member[q->members];
	int code = 0;

	*member = (struct hoy__flight_member){ .query = q, .source = HOY_SOURCE_DNS };
	if (!hoy__flight_cache_take(member, type))
		code = find_seat(q, member, type);
	q->members += code == 0;
	return code;
}

unsigned hoy__flight_elect(struct hoy__query *q)
{
	unsigned n = 0;

	for (unsigned i = 0; i < q->members; i++) {
		struct hoy__flight *f = q->member[i].flight;

		if (atomic_load(&f->done) || (f->leader && f->leader != q) || (n && q->led[0] == f))
			continue;
		f->leader = q;
		q->led[n++] = f;
	}
	return n;
}

static void poke_others(struct hoy__flight *f, const struct hoy__query *me)
{
	for (struct hoy__link *l = f->members.next; l != &f->members; l = l->next) {
		struct hoy__query *other = container_of(l, struct hoy__flight_member, link)->query;

		if (other != me)
			hoy__query_poke(other);
	}
}

void hoy__flight_finish(struct hoy__query *q, unsigned i)
{
	struct hoy__flight *f = q->led[i];
	struct hoy__exchange_question *question = &q->x.question[i];

	q->led[i] = NULL;
	f->code = question->code;
	f->server = q->policy->server[question->server];
	f->reply = question->reply;
	f->message = question->message;
	f->len = question->len;
	question->message = NULL;
	atomic_store(&f->done, true);
	/* No cache and no other member: a query that joins from now on sees `done` before it waits. */
	if (!q->client->cache && atomic_load(&f->refs) == 1)
		return;
	hoy__client_lock(q->client);
	hoy__flight_cache_store(q->client, f);
	poke_others(f, q);
	hoy__client_unlock(q->client);
}

bool hoy__flight_all_done(const struct hoy__query *q)
{
	for (unsigned i = 0; i < q->members; i++)
		if (!atomic_load(&q->member[i].flight->done))
			return false;
	return true;
}

void hoy__flight_release(struct hoy__flight *f)
{
	if (atomic_fetch_sub(&f->refs, 1) != 1)
		return;
	hoy__release(f->message);
	hoy__release(f);
}

/* Not done: another member is to lead, if there is one. */
static void give_up(struct hoy__query *q, struct hoy__flight *f)
{
	if (f->leader != q)
		return;
	f->leader = NULL;
	poke_others(f, q);
}

void hoy__flight_result(const struct hoy__flight_member *member, struct hoy__found *found)
{
	struct hoy__flight *f = member->flight;

	*found = (struct hoy__found){
		.code = f->code, .source = member->source, .seconds = member->seconds, .server = f->server,
		.reply = f->reply, .message = f->message, .len = f->len, .flight = f,
	};
	hoy__flight_cache_age(member, found);
}

void hoy__flight_leave(struct hoy__query *q, struct hoy__flight_member *member, struct hoy__found *found)
{
	struct hoy__flight *f = member->flight;
	bool done = atomic_load(&f->done);

	hoy__list_remove(&member->link);
	if (!done)
		give_up(q, f);
	if (done || hoy__list_empty(&f->members))
		hoy__list_remove(&f->link);
	hoy__flight_cache_serve_stale(member, done ? f->code : q->stop);
	if (done || member->flight != f) {
		hoy__flight_result(member, found);
		return;
	}
	found->code = q->stop;
	hoy__flight_release(f);
}

void hoy__found_drop(struct hoy__found *found)
{
	if (found->flight)
		hoy__flight_release(found->flight);
	found->flight = NULL;
	found->message = NULL;
}
