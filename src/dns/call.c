/*
 * One exchange with sockets under it: does what the exchange says, waits for its sockets,
 * its timer or a poke, and tells it what came. Whatever happened while it waited is
 * looked at in the same order, so a wake-up needs no reason.
 */
#include <errno.h>

#include <hoy/err.h>

#include "dns/asker.h"
#include "fd/fd.h"
#include "os/os.h"

enum { DATAGRAMS = 32 };	/* at once, before the timers are looked at */

/* ---- telling what happens ---- */

static void note(struct hoy__call *c, hoy_trace event)
{
	atomic_fetch_add_explicit(&c->asker->count[event.kind], 1, memory_order_relaxed);
	if (!c->policy->trace)
		return;
	event.source = HOY_SOURCE_DNS;
	event.when = (hoy_time){ hoy__coarse_now() };
	event.name = c->policy->name;
	c->policy->trace(&event, c->policy->arg);
}

static hoy_trace about(const struct hoy__call *c, enum hoy_trace_kind kind, unsigned server, bool tcp)
{
	return (hoy_trace){ .kind = kind, .server = c->policy->server[server], .tcp = tcp };
}

/* Each question that waits on this line, or (line 0) whose time is up. */
static void note_loss(struct hoy__call *c, enum hoy_trace_kind kind, uint32_t line, int code, int64_t now)
{
	for (unsigned i = 0; i < c->x.setup.types; i++) {
		const struct hoy__ask *ask = &c->x.ask[i];
		hoy_trace event = about(c, kind, ask->server, false);

		if (ask->state != HOY__ASK_SENT || (line ? ask->line != line : now < ask->until))
			continue;
		event.type = ask->question.type;
		event.id = ask->id;
		event.code = code;
		note(c, event);
	}
}

/* ---- the exchange moves on ---- */

static uint16_t draw(void *call)
{
	struct hoy__call *c = call;

	return c->luck[c->drawn++ % HOY__PACKETS_MOST];
}

static void step(struct hoy__call *c, struct hoy__event_in event)
{
	hoy__exchange_step(&c->x, hoy__coarse_now(), &event);
	hoy__health_tell(c);
}

static struct hoy__wire *find_wire(struct hoy__call *c, uint32_t line)
{
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].line == line)
			return &c->wire[i];
	return NULL;
}

static void close_wire(struct hoy__wire *wire)
{
	wire->line = 0;
	hoy__fd_free(wire->udp);
	wire->udp = NULL;
}

static void fail_wire(struct hoy__call *c, uint32_t line, int code)
{
	struct hoy__wire *wire = find_wire(c, line);

	if (wire)
		close_wire(wire);
	note_loss(c, HOY_TRACE_FAILED, line, code, 0);
	step(c, (struct hoy__event_in){ .kind = HOY__LINE_FAILED, .line = line, .code = code });
}

static int open_wire(struct hoy__call *c, const struct hoy__action *action)
{
	struct hoy__wire *wire = find_wire(c, 0);
	int code;

	if (action->kind == HOY__OPEN_TCP)
		return -EOPNOTSUPP;
	wire->udp = hoy__datagram_open(&c->policy->server[action->server], &code);
	if (!wire->udp)
		return code;
	wire->line = action->line;
	return 0;
}

static void note_sent(struct hoy__call *c, const struct hoy__action *action)
{
	hoy_trace event = about(c, HOY_TRACE_SENT, action->server, false);

	for (unsigned i = 0; i < c->x.setup.types; i++)
		if (action->data == c->x.ask[i].query) {
			event.type = c->x.ask[i].question.type;
			event.id = c->x.ask[i].id;
		}
	event.size = action->len;
	note(c, event);
}

static int send_on_wire(struct hoy__call *c, const struct hoy__action *action)
{
	int code = hoy__datagram_send(find_wire(c, action->line)->udp, action->data, action->len);

	if (code == 0)
		note_sent(c, action);
	return code;
}

static int act(struct hoy__call *c, const struct hoy__action *action)
{
	switch (action->kind) {
	case HOY__OPEN_UDP:
	case HOY__OPEN_TCP:
		return open_wire(c, action);
	case HOY__SEND:
		return send_on_wire(c, action);
	default:
		close_wire(find_wire(c, action->line));
		return 0;
	}
}

/* An action that fails is an event, and brings more actions; turns and packets are finite. */
static void do_actions(struct hoy__call *c)
{
	struct hoy__action action;

	while (hoy__exchange_action(&c->x, &action)) {
		int code = act(c, &action);

		if (code < 0)
			fail_wire(c, action.line, code);
	}
}

static void feed(struct hoy__call *c, struct hoy__event_in event)
{
	step(c, event);
	do_actions(c);
}

/* ---- what came ---- */

static unsigned read16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint64_t count_rejected(const struct hoy__call *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->policy->servers; i++)
		sum += c->health[i].rejected;
	return sum;
}

/* Where a question stood before the step, to see what the step has made of it. */
struct stand {
	unsigned server, turn;
	bool plain;
};

/* A reply was taken: what it said, and what the question does next. */
static void note_reply(struct hoy__call *c, const struct hoy__ask *ask, const struct stand *was, hoy_trace event)
{
	bool asks_on = ask->state == HOY__ASK_SENT && ask->turn == was->turn;
	bool falls_back = asks_on && ask->plain != was->plain;

	event.kind = HOY_TRACE_RECEIVED;
	event.type = ask->question.type;
	if (!asks_on || falls_back) {
		event.code = ask->code;
		event.rcode = ask->code == HOY_EMESSAGE ? event.rcode : ask->reply.rcode;
	}
	note(c, event);
	if (!asks_on)
		return;
	event.kind = falls_back ? HOY_TRACE_PLAIN : HOY_TRACE_TRUNCATED;
	note(c, event);
}

static void take_message(struct hoy__call *c, struct hoy__event_in event)
{
	uint64_t rejected = count_rejected(c);
	struct hoy__ask *ask = NULL;
	struct stand was = { 0 };
	hoy_trace told = { .size = event.len, .id = event.len < 4 ? 0 : (uint16_t)read16(event.data) };

	for (unsigned i = 0; i < c->x.setup.types; i++)
		if (c->x.ask[i].state == HOY__ASK_SENT && c->x.ask[i].line == event.line &&
		    (!ask || c->x.ask[i].id == told.id))
			ask = &c->x.ask[i];
	if (!ask)
		return;
	was = (struct stand){ ask->server, ask->turn, ask->plain };
	told.server = c->policy->server[was.server];
	told.rcode = event.len < 4 ? 0 : event.data[3] & HOY__RCODE;
	step(c, event);
	if (count_rejected(c) != rejected) {
		told.kind = HOY_TRACE_IGNORED;
		note(c, told);
	} else {
		note_reply(c, ask, &was, told);
	}
	do_actions(c);
}

/* The wire may have become another one after any message. */
static void read_datagrams(struct hoy__call *c, struct hoy__wire *wire)
{
	for (int i = 0; wire->udp && i < DATAGRAMS; i++) {
		ssize_t n = hoy__datagram_receive(wire->udp, c->datagram, sizeof c->datagram);
		bool cut = n > (ssize_t)sizeof c->datagram;

		if (n == -EAGAIN)
			return;
		hoy__spend();
		if (n < 0) {
			fail_wire(c, wire->line, (int)n);
			do_actions(c);
			continue;
		}
		take_message(c, (struct hoy__event_in){
			.kind = HOY__DATAGRAM, .line = wire->line, .data = c->datagram,
			.len = cut ? sizeof c->datagram : (size_t)n, .cut = cut,
		});
	}
}

/* ---- waiting ---- */

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static int64_t last_moment(const struct hoy__call *c)
{
	return earlier(c->policy->deadline, atomic_load(&c->asker->deadline));
}

/* Why nobody wants to know any more; 0: somebody does. */
static int check(const struct hoy__call *c)
{
	int64_t end = last_moment(c);

	if (atomic_load(&c->asker->closed))
		return HOY_ECLOSED;
	return end && hoy__coarse_now() >= end ? HOY_ETIMEOUT : 0;
}

static int wait_for_news(struct hoy__call *c)
{
	struct hoy__interest on[HOY__ASKS];
	unsigned n = 0;

	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].udp)
			on[n++] = (struct hoy__interest){ &c->wire[i].udp->source, HOY__IN };
	return hoy__source_wait_any(on, n, &c->told, HOY__WHY_LOOKUP, earlier(c->x.until, last_moment(c)));
}

/* A timeout is the exchange's, unless it is everybody's. */
static void look(struct hoy__call *c, int code)
{
	int64_t now;
	int stop;

	atomic_store(&c->told, false);
	for (unsigned i = 0; i < HOY__ASKS; i++)
		read_datagrams(c, &c->wire[i]);
	now = hoy__coarse_now();
	stop = check(c);
	if (stop == 0 && code != HOY_ETIMEOUT)
		stop = code;
	if (stop < 0) {
		feed(c, (struct hoy__event_in){ .kind = HOY__CANCEL, .code = stop });
	} else if (now >= c->x.until) {
		note_loss(c, HOY_TRACE_TIMEOUT, 0, HOY_ETIMEOUT, now);
		feed(c, (struct hoy__event_in){ .kind = HOY__TIMER });
	}
}

void hoy__call_poke(struct hoy__call *c)
{
	atomic_store(&c->told, true);
	hoy__wake(c->task, 0);
}

/* ---- from the beginning to the end ---- */

static unsigned choose_first(struct hoy__call *c)
{
	return c->policy->rotate ? c->asker->rotation++ % c->policy->servers : 0;
}

static void start(struct hoy__call *c, const struct hoy__name *name, const uint16_t *type, unsigned types)
{
	const struct hoy__ask_policy *p = c->policy;
	struct hoy__exchange_setup setup = {
		.name = *name, .types = types,
		.health = c->health, .servers = p->servers,
		.attempts = p->attempts ? p->attempts : 2,
		.timeout = p->timeout ? p->timeout : 5 * HOY_SECOND,
		.use_tcp = p->use_tcp, .single_request = p->single_request, .trust_ad = p->trust_ad,
		.random = draw, .ctx = c,
	};

	memcpy(setup.type, type, types * sizeof *type);
	hoy_mutex_lock(&c->asker->lock);
	hoy__health_take(c);
	setup.first = choose_first(c);
	hoy_mutex_unlock(&c->asker->lock);
	hoy__exchange_start(&c->x, &setup, hoy__coarse_now());
	hoy__health_tell(c);
}

/* All the luck a call can need is drawn at once: later nothing can fail for want of it. */
int hoy__call_run(struct hoy__call *c, const struct hoy__name *name, const uint16_t *type, unsigned types)
{
	ssize_t n = hoy__os_random(c->luck, sizeof c->luck);
	int code = n < 0 ? (int)n : n < (ssize_t)sizeof c->luck ? -EIO : check(c);

	if (code < 0)
		return code;
	start(c, name, type, types);
	do_actions(c);
	while (!c->x.done)
		look(c, wait_for_news(c));
	return 0;
}
