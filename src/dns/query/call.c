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

static int64_t last_moment(const struct hoy__call *c)
{
	return hoy__earlier(c->policy->deadline, atomic_load(&c->asker->deadline));
}

int hoy__call_check(const struct hoy__call *c)
{
	int64_t end = last_moment(c);

	if (atomic_load(&c->asker->closed))
		return HOY_ECLOSED;
	return hoy__coarse_now() >= end ? HOY_ETIMEOUT : 0;
}

static unsigned wait_for_stream(struct hoy__call *c, struct hoy__stream *s, struct hoy__interest *on)
{
	unsigned n;

	hoy__asker_lock(c->asker);
	hoy__stream_pump(s);
	n = hoy__stream_wait(s, c, on);
	if (s->code)
		atomic_store(&c->told, true);
	hoy__asker_unlock(c->asker);
	return n;
}

/*
 * On a busy worker the answer is often there when the others have had their turn, and
 * then the poller need never hear of the socket. Once for each.
 */
static bool let_others_run(struct hoy__call *c)
{
	bool worth = false;

	if (hoy__others_ready() < CROWD)
		return false;
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].udp && !c->wire[i].looked) {
			hoy__fd_kick(c->wire[i].udp, HOY__IN);
			c->wire[i].looked = worth = true;
		}
	if (worth)
		hoy_yield();
	return worth;
}

/* The sockets of the call: how many interests. */
static unsigned list_wires(struct hoy__call *c, struct hoy__interest on[2 * HOY__ASKS])
{
	unsigned n = 0;

	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].udp)
			on[n++] = hoy__fd_interest(c->wire[i].udp, HOY__IN);
		else if (c->wire[i].tcp)
			n += wait_for_stream(c, c->wire[i].tcp, on + n);
	return n;
}

/* Of two questions one has data, and the other is open. */
static const struct hoy__seat *find_first(const struct hoy__call *c)
{
	const struct hoy__seat *first = NULL;

	for (unsigned i = 0; i < c->seats; i++) {
		const struct hoy__shared *s = c->seat[i].shared;

		if (atomic_load(&s->done) && s->code == 0)
			first = &c->seat[i];
	}
	return first && !hoy__flight_is_over(c) ? first : NULL;
}

/* Apart, because its list of interests is long. */
__attribute__((noinline))
static int wait_meanwhile(struct hoy__call *c)
{
	struct hoy__meanwhile *m = c->policy->meanwhile;
	const struct hoy__seat *first = c->met ? NULL : find_first(c);
	struct hoy__interest on[2 * HOY__ASKS + HOY__MEANWHILE_MOST];
	int64_t until = HOY__NEVER;
	struct hoy__found found;
	unsigned n;
	int code;

	if (first) {
		c->met = true;
		hoy__flight_look(first, &found);
		m->found(m, &found);
	}
	if ((code = m->step(m)) < 0)
		return code;
	if (let_others_run(c))
		return 0;
	n = list_wires(c, on);
	n += m->wait(m, on + n, &until);
	until = hoy__earlier(until, hoy__earlier(c->x.until, last_moment(c)));
	return hoy__source_wait_any(on, n, &c->told, HOY__WHY_LOOKUP, until);
}

static int wait_for_news(struct hoy__call *c)
{
	struct hoy__interest on[2 * HOY__ASKS];
	unsigned n;

	if (c->policy->meanwhile)
		return wait_meanwhile(c);
	if (let_others_run(c))
		return 0;
	n = list_wires(c, on);
	return hoy__source_wait_any(on, n, &c->told, HOY__WHY_LOOKUP, hoy__earlier(c->x.until, last_moment(c)));
}

/* A timeout is the exchange's, unless it is everybody's. */
static int reason_to_stop(const struct hoy__call *c, int code)
{
	int stop = hoy__call_check(c);

	return stop == 0 && code != HOY_ETIMEOUT ? code : stop;
}

static void look(struct hoy__call *c, int code)
{
	int64_t now;

	atomic_store(&c->told, false);
	hoy__wires_read(c);
	now = hoy__coarse_now();
	if ((c->stop = reason_to_stop(c, code)) < 0)
		hoy__wires_feed(c, (struct hoy__event_in){ .kind = HOY__CANCEL, .code = c->stop });
	else if (now >= c->x.until)
		hoy__wires_timeout(c, now);
}

int hoy__call_wait(struct hoy__call *c)
{
	return reason_to_stop(c, wait_for_news(c));
}

void hoy__call_poke(struct hoy__call *c)
{
	atomic_store(&c->told, true);
	hoy__wake(c->task, 0);
}

/* ---- from the beginning to the end ---- */

static uint16_t draw(void *call)
{
	struct hoy__call *c = call;

	return c->luck[c->drawn++ % c->lucks];
}

/*
 * How long each server has. A lookup with a limit of its own leaves some of it, so that silence
 * is found out before the lookup ends, and the next ones need not wait for it again.
 */
static int64_t hurried_limit(const struct hoy__call *c, const struct hoy__exchange_setup *setup)
{
	int64_t turns = setup->servers * (setup->single_request ? setup->types : 1), end = last_moment(c);
	int64_t left = hoy__moment_sub(end, hoy__coarse_now()) / 8 * 7;

	return left < hurried && left / turns >= enough ? left / turns : hurried / turns;
}

/* RFC 8767 section 5: who has an old answer for all that is asked does not wait for long. */
static void hurry(const struct hoy__call *c, struct hoy__exchange_setup *setup)
{
	int64_t limit = hurried_limit(c, setup);

	for (unsigned i = 0; i < setup->types; i++)
		if (!c->led[i]->backed)
			return;
	setup->attempts = 1;
	if (setup->timeout > limit)
		setup->timeout = limit;
}

static void start(struct hoy__call *c, unsigned leads)
{
	const struct hoy__ask_policy *p = c->policy;
	struct hoy__exchange_setup setup = {
		.name = c->led[0]->name, .types = leads,
		.health = c->health, .servers = p->servers, .first = c->first, .attempts = p->attempts, .timeout = p->timeout,
		.use_tcp = p->use_tcp, .single_request = p->single_request, .trust_ad = p->trust_ad,
		.mixed_case = p->mixed_case, .dnssec = p->dnssec, .nsid = p->nsid,
		.random = draw, .ctx = c,
	};

	for (unsigned i = 0; i < leads; i++)
		setup.type[i] = c->led[i]->type;
	hurry(c, &setup);
	hoy__exchange_start(&c->x, &setup, hoy__coarse_now());
	hoy__wires_tell(c);
}

void hoy__call_run(struct hoy__call *c, unsigned leads)
{
	if ((c->stop = hoy__call_check(c)) < 0)
		return;
	start(c, leads);
	hoy__wires_act(c);
	while (!c->x.done)
		look(c, wait_for_news(c));
	hoy__wires_clear(c);
	hoy__exchange_clear(&c->x);
}
