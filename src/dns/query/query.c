/*
 * One exchange from its beginning to its end: it waits for its sockets, its timer or a
 * poke. Whatever happened while it waited is looked at in the same order, so a wake-up
 * needs no reason.
 */
#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "dns/query/stream.h"
#include "fd/fd.h"

enum { CROWD = 4 };	/* so many others take about as long as a server nearby */

static const int64_t hurried = 1800 * HOY_MILLISECOND;	/* for all servers together */
static const int64_t enough = 250 * HOY_MILLISECOND;	/* for a server that is there at all */

/* ---- waiting ---- */

static int64_t last_moment(const struct hoy__query *q)
{
	return hoy__earlier(q->policy->deadline, atomic_load(&q->client->deadline));
}

int hoy__query_check(const struct hoy__query *q)
{
	int64_t end = last_moment(q);

	if (atomic_load(&q->client->closed))
		return HOY_ECLOSED;
	return hoy__coarse_now() >= end ? HOY_ETIMEOUT : 0;
}

static unsigned wait_for_stream(struct hoy__query *q, struct hoy__stream *s, struct hoy__interest *on)
{
	unsigned n;

	hoy__client_lock(q->client);
	hoy__stream_pump(s);
	n = hoy__stream_wait(s, q, on);
	if (s->code)
		atomic_store(&q->poked, true);
	hoy__client_unlock(q->client);
	return n;
}

/*
 * On a busy worker the answer has often come by the time that the other tasks have had their turn, and
 * then the socket need not be added to the poller. Tried once for each socket.
 */
static bool let_others_run(struct hoy__query *q)
{
	bool worth = false;

	if (hoy__others_ready() < CROWD)
		return false;
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->socket[i].udp && !q->socket[i].looked) {
			hoy__fd_kick(q->socket[i].udp, HOY__IN);
			q->socket[i].looked = worth = true;
		}
	if (worth)
		hoy_yield();
	return worth;
}

/* The sockets of the query: how many interests. */
static unsigned list_sockets(struct hoy__query *q, struct hoy__interest on[2 * HOY__QUESTIONS])
{
	unsigned n = 0;

	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->socket[i].udp)
			on[n++] = hoy__fd_interest(q->socket[i].udp, HOY__IN);
		else if (q->socket[i].tcp)
			n += wait_for_stream(q, q->socket[i].tcp, on + n);
	return n;
}

/* Of two questions one has data, and the other is open. */
static const struct hoy__flight_member *find_first(const struct hoy__query *q)
{
	const struct hoy__flight_member *first = NULL;

	for (unsigned i = 0; i < q->members; i++) {
		const struct hoy__flight *f = q->member[i].flight;

		if (atomic_load(&f->done) && f->code == 0)
			first = &q->member[i];
	}
	return first && !hoy__flight_all_done(q) ? first : NULL;
}

/* Apart, because its list of interests is long. */
__attribute__((noinline))
static int wait_meanwhile(struct hoy__query *q)
{
	struct hoy__meanwhile *m = q->policy->meanwhile;
	const struct hoy__flight_member *first = q->met ? NULL : find_first(q);
	struct hoy__interest on[2 * HOY__QUESTIONS + HOY__MEANWHILE_MOST];
	int64_t until = HOY__NEVER;
	struct hoy__found found;
	unsigned n;
	int code;

	if (first) {
		q->met = true;
		hoy__flight_result(first, &found);
		m->found(m, &found);
	}
	if ((code = m->step(m)) < 0)
		return code;
	if (let_others_run(q))
		return 0;
	n = list_sockets(q, on);
	n += m->wait(m, on + n, &until);
	until = hoy__earlier(until, hoy__earlier(q->x.until, last_moment(q)));
	return hoy__source_wait_any(on, n, &q->poked, HOY__WHY_LOOKUP, until);
}

static int wait_for_news(struct hoy__query *q)
{
	struct hoy__interest on[2 * HOY__QUESTIONS];
	unsigned n;

	if (q->policy->meanwhile)
		return wait_meanwhile(q);
	if (let_others_run(q))
		return 0;
	n = list_sockets(q, on);
	return hoy__source_wait_any(on, n, &q->poked, HOY__WHY_LOOKUP, hoy__earlier(q->x.until, last_moment(q)));
}

/* A timeout is the timer of the exchange, unless the whole query's time is up. */
static int reason_to_stop(const struct hoy__query *q, int code)
{
	int stop = hoy__query_check(q);

	return stop == 0 && code != HOY_ETIMEOUT ? code : stop;
}

static void look(struct hoy__query *q, int code)
{
	atomic_store(&q->poked, false);
	hoy__sockets_read(q);
	if ((q->stop = reason_to_stop(q, code)) < 0)
		hoy__sockets_feed(q, (struct hoy__event_in){ .kind = HOY__CANCEL, .code = q->stop });
	else if (hoy__coarse_now() >= q->x.until)
		hoy__sockets_feed(q, (struct hoy__event_in){ .kind = HOY__TIMER });
}

int hoy__query_wait(struct hoy__query *q)
{
	return reason_to_stop(q, wait_for_news(q));
}

void hoy__query_poke(struct hoy__query *q)
{
	atomic_store(&q->poked, true);
	hoy__wake(q->task, 0);
}

/* ---- from the beginning to the end ---- */

static uint16_t draw(void *call)
{
	struct hoy__query *q = call;

	return q->id[q->ids_used++ % q->ids];
}

/*
 * How long each server has. A lookup with a limit of its own leaves some of it, so that silence
 * is found out before the lookup ends, and the next ones need not wait for it again.
 */
static int64_t hurried_limit(const struct hoy__query *q, const struct hoy__exchange_setup *setup)
{
	int64_t turns = setup->servers * (setup->single_request ? setup->types : 1), end = last_moment(q);
	int64_t left = hoy__moment_sub(end, hoy__coarse_now()) / 8 * 7;

	return left < hurried && left / turns >= enough ? left / turns : hurried / turns;
}

/* RFC 8767 section 5: when the cache has an old answer to each question, the servers get little time. */
static void hurry(const struct hoy__query *q, struct hoy__exchange_setup *setup)
{
	int64_t limit = hurried_limit(q, setup);

	for (unsigned i = 0; i < setup->types; i++)
		if (!q->led[i]->has_stale)
			return;
	setup->attempts = 1;
	if (setup->timeout > limit)
		setup->timeout = limit;
}

static void start(struct hoy__query *q, unsigned leads)
{
	const struct hoy__client_policy *p = q->policy;
	struct hoy__exchange_setup setup = {
		.name = q->led[0]->name, .types = leads,
		.health = q->health, .servers = p->servers, .first = q->first, .attempts = p->attempts, .timeout = p->timeout,
		.use_tcp = p->use_tcp, .single_request = p->single_request, .trust_ad = p->trust_ad,
		.mixed_case = p->mixed_case, .dnssec = p->dnssec, .nsid = p->nsid,
		.random = draw, .ctx = q,
	};

	for (unsigned i = 0; i < leads; i++)
		setup.type[i] = q->led[i]->type;
	hurry(q, &setup);
	hoy__exchange_start(&q->x, &setup, hoy__coarse_now());
	hoy__sockets_publish(q);
}

void hoy__query_run(struct hoy__query *q, unsigned leads)
{
	if ((q->stop = hoy__query_check(q)) < 0)
		return;
	start(q, leads);
	hoy__sockets_act(q);
	while (!q->x.done)
		look(q, wait_for_news(q));
	hoy__sockets_clear(q);
	hoy__exchange_clear(&q->x);
}
