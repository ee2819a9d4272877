/*
 * Drives the exchange machine with a clock and sockets that are only numbers, and holds
 * it to its contract at every action: what is sent goes to an open socket, what is opened
 * is closed once, the budget holds, nothing is open when it is done.
 */
#ifndef HOY_TEST_REPLAY_H
#define HOY_TEST_REPLAY_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <hoy.h>

#include "base/moment.h"
#include "dns/query/exchange.h"
#include "support/packet.h"

enum { REPLAY_SOCKETS = 256 };

struct replay {
	struct hoy__exchange x;
	struct hoy__server_health health[HOY__EXCHANGE_SERVERS];
	int64_t now, started;
	struct { uint32_t handle; unsigned server; bool tcp, open; } sockets[REPLAY_SOCKETS];
	unsigned opened, open, sends, fresh;
	uint64_t random;
	struct packet last;		/* the last reply that was fed, for duplicates */
	uint32_t last_handle;
	const char *broken;		/* the first rule that was broken */
};

static inline void replay_broken(struct replay *r, const char *rule)
{
	if (!r->broken)
		r->broken = rule;
}

static inline uint16_t replay_random(void *ctx)
{
	struct replay *r = ctx;

	r->random = r->random * 6364136223846793005u + 1442695040888963407u;
	return (uint16_t)(r->random >> 40);
}

static inline int replay_find(const struct replay *r, uint32_t handle)
{
	for (unsigned i = 0; i < r->opened; i++)
		if (r->sockets[i].handle == handle)
			return (int)i;
	return -1;
}

static inline void replay_open(struct replay *r, const struct hoy__action *a)
{
	if (replay_find(r, a->handle) >= 0 || !a->handle)
		replay_broken(r, "a handle is used once");
	if (r->opened == REPLAY_SOCKETS) {
		replay_broken(r, "sockets are bounded");
		return;
	}
	r->sockets[r->opened].handle = a->handle;
	r->sockets[r->opened].server = a->server;
	r->sockets[r->opened].tcp = a->kind == HOY__OPEN_TCP;
	r->sockets[r->opened++].open = true;
	r->fresh += a->fresh;
	if (++r->open > HOY__QUESTIONS)
		replay_broken(r, "a socket for each question at most");
}

static inline void replay_send(struct replay *r, const struct hoy__action *a, int i)
{
	struct hoy__message m;
	struct hoy__record rr;

	if (r->sockets[i].server != a->server)
		replay_broken(r, "sent to the server of the socket");
	if (hoy__message_open(&m, a->data, a->len) < 0 || hoy__message_next(&m, &rr) < 0)
		replay_broken(r, "queries are well formed");
	if (!hoy__name_equal(&m.question.name, &r->x.setup.name))
		replay_broken(r, "queries ask for the name");
	if (++r->sends > r->x.setup.budget || r->sends > HOY__PACKETS_MOST)
		replay_broken(r, "the budget holds");
}

static inline void replay_actions(struct replay *r)
{
	struct hoy__action a;

	if (r->x.actions >= HOY__ACTIONS)
		replay_broken(r, "the list of actions is long enough");
	while (hoy__exchange_action(&r->x, &a)) {
		int i = replay_find(r, a.handle);

		if (a.kind == HOY__OPEN_UDP || a.kind == HOY__OPEN_TCP) {
			replay_open(r, &a);
		} else if (i < 0 || !r->sockets[i].open) {
			replay_broken(r, "only open sockets are sent to and closed");
		} else if (a.kind == HOY__SEND) {
			replay_send(r, &a, i);
		} else {
			r->sockets[i].open = false;
			r->open--;
		}
	}
	if (r->x.done != (r->open == 0))
		replay_broken(r, "sockets are open exactly until it is done");
	if (r->x.done != (r->x.until == HOY__NEVER))
		replay_broken(r, "there is a timer until it is done");
	if (!r->x.done && r->x.until > r->now + r->x.setup.timeout)
		replay_broken(r, "no wait is longer than the timeout");
}

/* Knobs of the setup come from the caller; name, health and luck from here. */
static inline void replay_start(struct replay *r, struct hoy__exchange_setup setup)
{
	hoy__name_parse(&setup.name, "www.example", 11);
	setup.health = r->health;
	setup.random = replay_random;
	setup.ctx = r;
	if (!setup.timeout)
		setup.timeout = 5 * HOY_SECOND;
	if (!setup.attempts)
		setup.attempts = 2;
	if (!setup.types) {
		setup.types = 2;
		setup.type[0] = HOY__A;
		setup.type[1] = HOY__AAAA;
	}
	if (!r->now)
		r->now = 1000 * HOY_SECOND;
	r->opened = r->open = r->sends = r->fresh = 0;
	r->started = r->now;
	r->last_handle = 0;
	hoy__exchange_start(&r->x, &setup, r->now);
	replay_actions(r);
}

static inline uint64_t replay_rejected(const struct replay *r)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < r->x.setup.servers; i++)
		sum += r->health[i].rejected;
	return sum;
}

/* Each message is either taken for a reply or rejected, and what is reported agrees with what has changed. */
static inline void replay_reports(struct replay *r, enum hoy__event_kind event, uint64_t rejected_before)
{
	unsigned received = 0, ignored = 0;

	for (unsigned i = 0; i < r->x.reports; i++) {
		const struct hoy__report *report = &r->x.report[i];

		received += report->kind == HOY_TRACE_RECEIVED;
		ignored += report->kind == HOY_TRACE_IGNORED;
		if (report->server >= r->x.setup.servers)
			replay_broken(r, "reports name a server");
		if ((report->kind == HOY_TRACE_IGNORED) != (report->type == 0))
			replay_broken(r, "what is reported is of a question, but for what is ignored");
	}
	if (ignored != replay_rejected(r) - rejected_before)
		replay_broken(r, "each rejected message is reported");
	if (received + ignored > 1 || (received && event != HOY__DATAGRAM && event != HOY__STREAM_MESSAGE))
		replay_broken(r, "a message is reported once");
}

static inline void replay_step(struct replay *r, struct hoy__event_in event)
{
	uint64_t rejected = replay_rejected(r);

	hoy__exchange_step(&r->x, r->now, &event);
	replay_reports(r, event.kind, rejected);
	replay_actions(r);
}

static inline bool replay_is_tcp(const struct replay *r, uint32_t handle)
{
	int i = replay_find(r, handle);

	return i >= 0 && r->sockets[i].tcp;
}

static inline void replay_feed(struct replay *r, uint32_t handle, const void *data, size_t len)
{
	replay_step(r, (struct hoy__event_in){
		.kind = replay_is_tcp(r, handle) ? HOY__STREAM_MESSAGE : HOY__DATAGRAM,
		.handle = handle, .data = data, .len = len });
}

/* An empty reply to a question: flags beside QR, RD and RA, and what is added to its id. */
static inline void replay_prepare(struct replay *r, unsigned ask, unsigned flags, unsigned id)
{
	struct hoy__exchange_question *a = &r->x.question[ask];

	r->last_handle = a->handle;
	packet_start(&r->last, (a->id + id) & 0xffff, HOY__QR | HOY__RD | HOY__RA | flags, "www.example",
		     a->asked.type);
	if (a->query_len)			/* in the case of the query */
		memcpy(r->last.data + 12, a->query + 12, a->asked.name.len);
}

static inline void replay_deliver(struct replay *r)
{
	replay_feed(r, r->last_handle, r->last.data, r->last.len);
}

/* A reply with an rcode and nothing else. */
static inline void replay_rcode(struct replay *r, unsigned ask, unsigned flags)
{
	replay_prepare(r, ask, flags, 0);
	replay_deliver(r);
}

/* A reply to our question with a letter of its name in the other case. */
static inline void replay_other_case(struct replay *r, unsigned ask)
{
	bool ignored = r->x.setup.mixed_case && !replay_is_tcp(r, r->x.question[ask].handle);
	bool was_sent = r->x.question[ask].state == HOY__QUESTION_SENT;

	replay_prepare(r, ask, 0, 0);
	r->last.data[13] ^= 0x20;
	replay_deliver(r);
	if (ignored && was_sent && r->x.question[ask].state != HOY__QUESTION_SENT)
		replay_broken(r, "the case of a reply matters");
}

/* A reply that is nothing but its header. */
static inline void replay_bare(struct replay *r, unsigned ask, unsigned flags)
{
	replay_prepare(r, ask, flags, 0);
	packet_start(&r->last, r->x.question[ask].id, HOY__QR | flags, NULL, 0);
	replay_deliver(r);
}

/* A bare reply must neither settle a question nor end its turn. */
static inline void replay_checked_bare(struct replay *r, unsigned ask, unsigned flags)
{
	struct hoy__exchange_question *a = &r->x.question[ask];
	bool settled = a->state == HOY__QUESTION_SETTLED, spent = r->x.packets >= r->x.setup.budget;
	unsigned turn = a->turn;

	replay_bare(r, ask, flags);
	if (a->turn != turn || (!spent && (a->state == HOY__QUESTION_SETTLED) != settled))
		replay_broken(r, "a bare reply only asks again");
}

/* A reply with one address. */
static inline void replay_answer(struct replay *r, unsigned ask)
{
	static const uint8_t address[16] = { 0x20, 1 };
	bool a = r->x.question[ask].asked.type == HOY__A;

	replay_prepare(r, ask, 0, 0);
	packet_raw(&r->last, HOY__ANSWER, "www.example", a ? HOY__A : HOY__AAAA, 60, address, a ? 4 : 16);
	replay_deliver(r);
}

/* The clock goes on to the next timeout, unless that is past. */
static inline void replay_timeout(struct replay *r)
{
	if (r->x.until != HOY__NEVER && r->x.until > r->now)
		r->now = r->x.until;
	replay_step(r, (struct hoy__event_in){ .kind = HOY__TIMER });
}

static inline void replay_socket_failed(struct replay *r, uint32_t handle, int code, bool kept)
{
	int i = replay_find(r, handle);

	if (i >= 0 && r->sockets[i].open) {
		r->sockets[i].open = false;
		r->open--;
	}
	replay_step(r, (struct hoy__event_in){ .kind = HOY__SOCKET_FAILED, .handle = handle, .code = code, .kept = kept });
}

/* Everything that can happen, numbered: what a test enumerates and a fuzzer picks from. */
enum { REPLAY_EVENTS = 22 };

static inline void replay_event(struct replay *r, unsigned number)
{
	unsigned ask = r->x.question[0].state == HOY__QUESTION_SENT ? 0 : 1;
	uint32_t handle = r->x.question[ask].handle;

	r->now += HOY_MILLISECOND;
	switch (number % REPLAY_EVENTS) {
	case 0: replay_answer(r, 0); break;
	case 1: replay_answer(r, 1); break;
	case 2: replay_deliver(r); break;			/* again, on whatever socket it was */
	case 3: replay_feed(r, handle, "garbage", 7); break;
	case 4: replay_feed(r, handle, NULL, 0); break;
	case 5: replay_prepare(r, ask, 0, 1); replay_deliver(r); break;	/* another id */
	case 6: replay_rcode(r, ask, HOY__SERVFAIL); break;
	case 7: replay_rcode(r, ask, HOY__REFUSED); break;
	case 8: replay_rcode(r, ask, HOY__NXDOMAIN); break;
	case 9: replay_rcode(r, ask, HOY__FORMERR); break;
	case 10: replay_rcode(r, ask, HOY__TC); break;
	case 11: replay_rcode(r, ask, 0); break;		/* no data */
	case 12: replay_timeout(r); break;
	case 13: replay_step(r, (struct hoy__event_in){ .kind = HOY__TIMER }); break;	/* too early */
	case 14: replay_socket_failed(r, handle, -ECONNREFUSED, false); break;
	case 15: replay_socket_failed(r, handle, HOY_EEOF, replay_is_tcp(r, handle)); break;
	case 16: replay_socket_failed(r, 9999, -ECONNREFUSED, false); break;
	case 17: replay_step(r, (struct hoy__event_in){ .kind = HOY__CANCEL, .code = HOY_ECANCELED }); break;
	case 18:						/* ours, but its record is broken */
		replay_prepare(r, ask, 0, 0);
		packet_raw(&r->last, HOY__ANSWER, "www.example", HOY__A, 60, "abc", 3);
		replay_deliver(r);
		break;
	case 19:						/* our id with the question of the other family */
		replay_prepare(r, !ask, 0, (unsigned)(r->x.question[ask].id - r->x.question[!ask].id));
		r->last_handle = handle;
		replay_deliver(r);
		break;
	case 20: replay_checked_bare(r, ask, HOY__FORMERR); break;
	case 21: replay_checked_bare(r, ask, HOY__TC); break;
	}
}

/* Timeouts until the end; the time it all took must be in proportion. */
static inline void replay_finish(struct replay *r)
{
	while (!r->x.done && !r->broken)
		replay_timeout(r);
	if (r->now - r->started > (int64_t)(r->x.setup.budget + 2) * r->x.setup.timeout)
		replay_broken(r, "the time is bounded by the packets");
	for (unsigned i = 0; i < r->x.setup.types; i++)
		if ((r->x.question[i].code == 0) > (r->x.question[i].message != NULL))
			replay_broken(r, "success has a message");
	hoy__exchange_clear(&r->x);
}

#endif
