/*
 * The lines of an exchange as sockets: what it says is done, and what comes is told to it.
 * Something done that fails is an event like any other, so there is one way back.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/query/stream.h"
#include "fd/fd.h"

enum { DATAGRAMS = 32 };	/* at once, before the timers are looked at */

/* ---- telling what happens ---- */

/* True when somebody wants to hear of it: only then is there a story to put together. */
static bool count(struct hoy__call *c, enum hoy_trace_kind kind)
{
	atomic_fetch_add_explicit(&c->asker->count[kind], 1, memory_order_relaxed);
	return c->policy->trace;
}

static void tell_of(struct hoy__call *c, hoy_trace *event)
{
	event->source = HOY_SOURCE_DNS;
	event->when = (hoy_time){ hoy__coarse_now() };
	event->name = c->policy->name;
	c->policy->trace(event, c->policy->arg);
}

void hoy__call_note(struct hoy__call *c, hoy_trace event)
{
	if (count(c, event.kind))
		tell_of(c, &event);
}

static struct hoy__wire *find_wire(struct hoy__call *c, uint32_t line)
{
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].line == line)
			return &c->wire[i];
	return NULL;
}

static bool is_tcp(struct hoy__call *c, uint32_t line)
{
	struct hoy__wire *wire = find_wire(c, line);

	return wire && wire->tcp;
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
		hoy_trace event = about(c, kind, ask->server, is_tcp(c, ask->line));

		if (ask->state != HOY__ASK_SENT || (line ? ask->line != line : now < ask->until))
			continue;
		event.type = ask->question.type;
		event.id = ask->id;
		event.code = code;
		hoy__call_note(c, event);
	}
}

/* ---- the exchange moves on ---- */

static void lock(struct hoy__call *c)
{
	hoy__asker_lock(c->asker);
}

static void unlock(struct hoy__call *c)
{
	hoy__asker_unlock(c->asker);
}

/* What has been found out is told at once; having to stop is no finding. */
void hoy__wires_tell(struct hoy__call *c)
{
	if (hoy__health_is_news(c)) {
		lock(c);
		hoy__health_tell(c);
		unlock(c);
	}
	for (unsigned i = 0; !c->stop && i < c->x.setup.types; i++)
		if (c->led[i] && c->x.ask[i].state == HOY__ASK_SETTLED)
			hoy__flight_land(c, i);
}

static void step(struct hoy__call *c, struct hoy__event_in event)
{
	hoy__exchange_step(&c->x, hoy__coarse_now(), &event);
	hoy__wires_tell(c);
}

/* True when the connection had answered before. */
static bool leave_stream(struct hoy__call *c, struct hoy__wire *wire)
{
	bool served;

	lock(c);
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->request[i].line == wire->line)
			hoy__stream_withdraw(&c->request[i]);
	served = wire->tcp->served;
	hoy__stream_leave(wire->tcp);
	unlock(c);
	return served;
}

static bool close_wire(struct hoy__call *c, struct hoy__wire *wire)
{
	bool served = wire->tcp && leave_stream(c, wire);

	if (wire->udp)
		hoy__fd_free(wire->udp);
	*wire = (struct hoy__wire){ 0 };
	return served;
}

static void fail_wire(struct hoy__call *c, uint32_t line, int code)
{
	struct hoy__wire *wire = find_wire(c, line);
	bool kept;

	note_loss(c, HOY_TRACE_FAILED, line, code, 0);
	kept = wire && close_wire(c, wire);
	step(c, (struct hoy__event_in){ .kind = HOY__LINE_FAILED, .line = line, .code = code, .kept = kept });
}

static int open_wire(struct hoy__call *c, const struct hoy__action *action)
{
	const hoy_addr *server = &c->policy->server[action->server];
	struct hoy__wire *wire = find_wire(c, 0);
	int code = 0;

	if (action->kind == HOY__OPEN_UDP) {
		wire->udp = hoy__datagram_open(c->asker, server, &code);
	} else {
		lock(c);
		wire->tcp = hoy__stream_take(c->asker, server, action->fresh, &code);
		unlock(c);
	}
	if (!wire->udp && !wire->tcp)
		return code;
	wire->line = action->line;
	return 0;
}

/* Which question the query is of. */
static unsigned asks(const struct hoy__call *c, const struct hoy__action *action)
{
	return action->data == c->x.ask[0].query ? 0 : 1;
}

static void note_sent(struct hoy__call *c, const struct hoy__action *action)
{
	const struct hoy__ask *ask = &c->x.ask[asks(c, action)];
	hoy_trace event;

	if (!count(c, HOY_TRACE_SENT))
		return;
	event = about(c, HOY_TRACE_SENT, action->server, is_tcp(c, action->line));
	event.type = ask->question.type;
	event.id = ask->id;
	event.size = action->len;
	tell_of(c, &event);
}

static void drop_request(struct hoy__request *r)
{
	hoy__stream_withdraw(r);
	hoy__release(r->message);
	r->message = NULL;
}

static int send_on_stream(struct hoy__call *c, struct hoy__stream *s, const struct hoy__action *action)
{
	const struct hoy__ask *ask = &c->x.ask[asks(c, action)];
	struct hoy__request *r = &c->request[asks(c, action)];
	int code;

	lock(c);
	drop_request(r);		/* it timed out elsewhere */
	r->call = c;
	r->line = action->line;
	r->question = ask->question;
	r->has_opt = !ask->plain;
	code = hoy__stream_ask(s, r, action->data, action->len);
	unlock(c);
	return code;
}

static int send_on_wire(struct hoy__call *c, const struct hoy__action *action)
{
	struct hoy__wire *wire = find_wire(c, action->line);
	int code = wire->tcp ? send_on_stream(c, wire->tcp, action)
			     : hoy__datagram_send(wire->udp, action->data, action->len);

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
		close_wire(c, find_wire(c, action->line));
		return 0;
	}
}

/* An action that fails is an event, and brings more actions; turns and packets are finite. */
void hoy__wires_act(struct hoy__call *c)
{
	struct hoy__action action;

	while (hoy__exchange_action(&c->x, &action)) {
		int code = act(c, &action);

		if (code < 0)
			fail_wire(c, action.line, code);
	}
}

void hoy__wires_feed(struct hoy__call *c, struct hoy__event_in event)
{
	step(c, event);
	hoy__wires_act(c);
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

static unsigned id_of(const struct hoy__event_in *event)
{
	return event->len < 4 ? 0 : read16(event->data);
}

static hoy_trace about_message(const struct hoy__call *c, enum hoy_trace_kind kind, const struct stand *was,
			       const struct hoy__event_in *event)
{
	hoy_trace told = about(c, kind, was->server, event->kind == HOY__STREAM_MESSAGE);

	told.size = event->len;
	told.id = (uint16_t)id_of(event);
	told.rcode = event->len < 4 ? 0 : event->data[3] & HOY__RCODE;
	return told;
}

/* A reply was taken: what it said, and what the question does next. */
static void note_reply(struct hoy__call *c, const struct hoy__ask *ask, const struct stand *was,
		       const struct hoy__event_in *event)
{
	bool asks_on = ask->state == HOY__ASK_SENT && ask->turn == was->turn;
	bool falls_back = asks_on && ask->plain != was->plain;
	enum hoy_trace_kind next = falls_back ? HOY_TRACE_PLAIN : HOY_TRACE_TRUNCATED;
	const struct hoy__extended *extended = &ask->reply.extended;
	hoy_trace told;

	if (asks_on)
		count(c, next);
	if (!count(c, HOY_TRACE_RECEIVED))
		return;
	told = about_message(c, HOY_TRACE_RECEIVED, was, event);
	told.type = ask->question.type;
	if (!asks_on || falls_back) {
		told.code = ask->code;
		told.rcode = ask->code == HOY_EMESSAGE ? told.rcode : ask->reply.rcode;
		told.has_extended = extended->present;
		told.extended = extended->code;
		told.extra = extended->words[0] ? extended->words : NULL;
	}
	tell_of(c, &told);
	told.kind = next;
	if (asks_on)
		tell_of(c, &told);
}

/* What the server says of the connection that its answer came on. */
static void heed_keepalive(struct hoy__call *c, const struct hoy__ask *ask, uint32_t line)
{
	struct hoy__wire *wire = find_wire(c, line);

	if (!wire || !wire->tcp || !ask->reply.has_keepalive)
		return;
	lock(c);
	hoy__stream_keep(wire->tcp, ask->reply.keepalive * 100 * HOY_MILLISECOND);
	unlock(c);
}

static void take_message(struct hoy__call *c, struct hoy__event_in event)
{
	uint64_t rejected = count_rejected(c);
	struct hoy__ask *ask = NULL;
	struct stand was;

	for (unsigned i = 0; i < c->x.setup.types; i++)
		if (c->x.ask[i].state == HOY__ASK_SENT && c->x.ask[i].line == event.line &&
		    (!ask || c->x.ask[i].id == id_of(&event)))
			ask = &c->x.ask[i];
	if (!ask)
		return;
	was = (struct stand){ ask->server, ask->turn, ask->plain };
	step(c, event);
	if (count_rejected(c) != rejected) {
		hoy__call_note(c, about_message(c, HOY_TRACE_IGNORED, &was, &event));
	} else {
		note_reply(c, ask, &was, &event);
		heed_keepalive(c, ask, event.line);
	}
	hoy__wires_act(c);
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
			hoy__wires_act(c);
			continue;
		}
		take_message(c, (struct hoy__event_in){
			.kind = HOY__DATAGRAM, .line = wire->line, .data = c->datagram,
			.len = cut ? sizeof c->datagram : (size_t)n, .cut = cut,
		});
	}
}

/* The next answer that was handed to us; its bytes, or NULL. */
static uint8_t *take_answer(struct hoy__call *c, struct hoy__event_in *event)
{
	uint8_t *message = NULL;

	lock(c);
	for (unsigned i = 0; !message && i < HOY__ASKS; i++) {
		struct hoy__request *r = &c->request[i];

		message = r->message;
		r->message = NULL;
		if (message)
			*event = (struct hoy__event_in){ .kind = HOY__STREAM_MESSAGE, .line = r->line,
							 .data = message, .len = r->len };
	}
	unlock(c);
	return message;
}

static void read_answers(struct hoy__call *c)
{
	struct hoy__event_in event;
	uint8_t *message;

	while ((message = take_answer(c, &event))) {
		take_message(c, event);
		hoy__release(message);
	}
}

/* The stream skipped what answered no question; the first of its users to look notes that. */
static void note_skipped(struct hoy__call *c, const struct hoy__wire *wire)
{
	const struct hoy__ask *ask = c->x.ask[0].line == wire->line ? &c->x.ask[0] : &c->x.ask[1];
	hoy_trace event = about(c, HOY_TRACE_IGNORED, ask->server, true);
	struct hoy__skipped skipped;
	bool more = wire->tcp;

	while (more) {
		lock(c);
		more = hoy__stream_skipped(wire->tcp, &skipped);
		unlock(c);
		event.id = skipped.id;
		event.size = skipped.len;
		if (more)
			hoy__call_note(c, event);
	}
}

/* What came before the end counts (RFC 7766 section 6.2.4): so the ends come last. */
static void read_streams(struct hoy__call *c)
{
	int code[HOY__ASKS] = { 0 };
	uint32_t line[HOY__ASKS] = { 0 };
	bool any = false;

	for (unsigned i = 0; i < HOY__ASKS; i++)
		any |= c->wire[i].tcp != NULL;
	if (!any)
		return;
	lock(c);
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (c->wire[i].tcp) {
			hoy__stream_waited(c->wire[i].tcp, c);
			code[i] = c->wire[i].tcp->code;
			line[i] = c->wire[i].line;
		}
	unlock(c);
	for (unsigned i = 0; i < HOY__ASKS; i++)
		note_skipped(c, &c->wire[i]);
	read_answers(c);
	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (code[i] && find_wire(c, line[i])) {
			fail_wire(c, line[i], code[i]);
			hoy__wires_act(c);
		}
}

void hoy__wires_read(struct hoy__call *c)
{
	for (unsigned i = 0; i < HOY__ASKS; i++)
		read_datagrams(c, &c->wire[i]);
	read_streams(c);
}

void hoy__wires_timeout(struct hoy__call *c, int64_t now)
{
	note_loss(c, HOY_TRACE_TIMEOUT, 0, HOY_ETIMEOUT, now);
	hoy__wires_feed(c, (struct hoy__event_in){ .kind = HOY__TIMER });
}

/* An answer that came too late is nobody's. */
void hoy__wires_clear(struct hoy__call *c)
{
	for (unsigned i = 0; i < HOY__ASKS; i++)
		drop_request(&c->request[i]);
}
