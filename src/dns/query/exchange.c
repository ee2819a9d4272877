/*
 * Each question takes turns: turn t asks server t mod n of the order, until an answer
 * settles it or the turns or the packets run out. Questions that are at the same turn
 * share a line, a socket of its own for every turn. All that can happen to a question is
 * to be asked again where it is (without EDNS, over TCP, over a new connection), to move
 * to the next turn, or to settle; and each of these is one function.
 */
#include "dns/query/exchange.h"

#include <errno.h>

#include <hoy/err.h>
#include <hoy/time.h>

#include "base/base.h"
#include "base/moment.h"
#include "dns/msg/case.h"

enum { FAILURES_MOST = 8, SPARE_PACKETS = 4 };

static const int64_t probe_every = 5 * HOY_SECOND;
static const int64_t plain_for = 10 * HOY_MINUTE;

/* ---- what is known about servers ---- */

static void note_alive(struct hoy__exchange *x, struct hoy__line *line, int64_t took)
{
	struct hoy__server_health *health = &x->setup.health[line->server];

	health->failures = 0;
	if (!line->tcp)
		health->rtt = health->rtt ? health->rtt + (took - health->rtt) / 8 : took;
	line->judged = true;
}

/* One line, one judgement: its two questions time out together. */
static void note_failure(struct hoy__exchange *x, struct hoy__line *line, int64_t now)
{
	struct hoy__server_health *health = &x->setup.health[line->server];

	if (line->judged)
		return;
	line->judged = true;
	if (health->failures < FAILURES_MOST)
		health->failures++;
	health->probe_at = hoy__moment_add(now, probe_every);
}

/*
 * Servers that answered last time in their order, then the others. One of those may be
 * tried in its old place every five seconds, on approval: it gets little time.
 */
static void set_order(struct hoy__exchange *x, int64_t now)
{
	unsigned servers = x->setup.servers, count = 0, healthy = 0;

	for (unsigned i = 0; i < servers; i++)
		healthy += !x->setup.health[i].failures;
	for (unsigned failed = 0; failed < 2; failed++)
		for (unsigned i = 0; i < servers; i++) {
			unsigned server = (x->setup.first + i) % servers;
			struct hoy__server_health *health = &x->setup.health[server];
			bool probe = healthy && health->failures && now >= health->probe_at;

			if (x->probes & 1u << server || (!probe && !!health->failures != failed))
				continue;
			if (probe) {
				x->probes |= 1u << server;
				health->probe_at = hoy__moment_add(now, probe_every);
			}
			x->order[count++] = server;
		}
}

static int64_t patience(const struct hoy__exchange *x, unsigned server, unsigned turn)
{
	int64_t rtt = x->setup.health[server].rtt, limit = rtt ? 4 * rtt : 250 * HOY_MILLISECOND;

	if (!(x->probes & 1u << server) || turn >= x->setup.servers)
		return x->setup.timeout;
	if (limit < 50 * HOY_MILLISECOND)
		limit = 50 * HOY_MILLISECOND;
	return limit < x->setup.timeout ? limit : x->setup.timeout;
}

/* ---- actions and lines ---- */

static void act(struct hoy__exchange *x, struct hoy__action action)
{
	if (x->actions < HOY__ACTIONS)
		x->action[x->actions++] = action;
}

/* Takes back what is still to be done on a line; was its opening among it? */
static bool take_back(struct hoy__exchange *x, uint32_t line)
{
	unsigned kept = 0;
	bool opening = false;

	for (unsigned i = 0; i < x->actions; i++) {
		if (x->action[i].line != line)
			x->action[kept++] = x->action[i];
		else
			opening |= x->action[i].kind == HOY__OPEN_UDP || x->action[i].kind == HOY__OPEN_TCP;
	}
	x->actions = kept;
	return opening;
}

static struct hoy__line *find_line(struct hoy__exchange *x, uint32_t handle)
{
	for (unsigned i = 0; handle && i < HOY__ASKS; i++)
		if (x->line[i].handle == handle)
			return &x->line[i];
	return NULL;
}

/* The question lets go of its line; the last one to do so closes it. */
static void leave_line(struct hoy__exchange *x, struct hoy__ask *ask)
{
	struct hoy__line *line = find_line(x, ask->line);
	uint32_t handle = ask->line;

	ask->line = 0;
	if (!line)
		return;
	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->ask[i].line == handle)
			return;
	line->handle = 0;
	if (!take_back(x, handle))
		act(x, (struct hoy__action){ .kind = HOY__CLOSE, .line = handle, .server = line->server });
}

static struct hoy__line *open_line(struct hoy__exchange *x, const struct hoy__ask *ask, bool tcp)
{
	struct hoy__line *line = x->line[0].handle ? &x->line[1] : &x->line[0];

	*line = (struct hoy__line){ ++x->handles, ask->server, ask->turn, tcp, false };
	act(x, (struct hoy__action){ .kind = tcp ? HOY__OPEN_TCP : HOY__OPEN_UDP, .line = line->handle,
				     .server = ask->server, .fresh = ask->redialled });
	return line;
}

/* The line of this turn: one the other question opened, or a new one. */
static struct hoy__line *take_line(struct hoy__exchange *x, struct hoy__ask *ask, bool tcp)
{
	struct hoy__line *line = NULL;

	for (unsigned i = 0; i < HOY__ASKS; i++)
		if (x->line[i].handle && x->line[i].turn == ask->turn && x->line[i].tcp == tcp)
			line = &x->line[i];
	if (!line || line->handle != ask->line)
		leave_line(x, ask);
	if (!line)
		line = open_line(x, ask, tcp);
	ask->line = line->handle;
	return line;
}

/* ---- one question ---- */

static void start_waiting(struct hoy__exchange *x, int64_t now);

static void settle(struct hoy__exchange *x, struct hoy__ask *ask, int code, int64_t now)
{
	ask->state = HOY__ASK_SETTLED;
	ask->code = code;
	leave_line(x, ask);
	start_waiting(x, now);
}

/* Out of turns or packets: what the last server did, or failed to do, is the answer. */
static void give_up(struct hoy__exchange *x, struct hoy__ask *ask, int64_t now)
{
	settle(x, ask, ask->code ? ask->code : HOY_ETIMEOUT, now);
}

/* No other question of ours may be waiting for the same number. */
static uint16_t draw_id(struct hoy__exchange *x)
{
	uint16_t id = x->setup.random(x->setup.ctx);

	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->ask[i].state == HOY__ASK_SENT && x->ask[i].id == id)
			return (uint16_t)(id ^ 1 << x->handles % 16);
	return id;
}

static uint64_t draw_bits(struct hoy__exchange *x)
{
	uint64_t bits = 0;

	for (int i = 0; i < HOY__CASE_DRAWS; i++)
		bits = bits << 16 | x->setup.random(x->setup.ctx);
	return bits;
}

/* RFC 7828 section 3.2.1: never over UDP. */
static void write_query(struct hoy__exchange *x, struct hoy__ask *ask, bool tcp)
{
	struct hoy__query query = {
		.id = ask->id,
		.flags = (uint16_t)(HOY__RD | (x->setup.trust_ad ? HOY__AD : 0)),
		.udp_size = ask->plain ? 0 : HOY__UDP_SIZE,
		.keepalive = tcp,
		.nsid = x->setup.nsid,
		.dnssec = x->setup.dnssec,
	};
	struct hoy__question question = ask->question;

	if (x->setup.mixed_case && !tcp)
		hoy__case_mix(&question.name, draw_bits(x));
	ask->query_len = (size_t)hoy__query_write(&query, &question, ask->query, sizeof ask->query);
}

/* Asks, at the turn where the question is, with the id and OPT record it should have. */
static void send_query(struct hoy__exchange *x, struct hoy__ask *ask, bool tcp, int64_t now)
{
	struct hoy__line *line;

	if (x->packets >= x->setup.budget) {
		give_up(x, ask, now);
		return;
	}
	line = take_line(x, ask, tcp);
	ask->id = draw_id(x);
	ask->state = HOY__ASK_SENT;
	ask->sent = now;
	ask->until = hoy__moment_add(now, patience(x, ask->server, ask->turn));
	write_query(x, ask, tcp);
	x->packets++;
	act(x, (struct hoy__action){ .kind = HOY__SEND, .line = line->handle, .server = ask->server,
				     .data = ask->query, .len = ask->query_len });
}

/* The server of the question's turn, or the end when there are no more turns. */
static void take_turn(struct hoy__exchange *x, struct hoy__ask *ask, int64_t now)
{
	if (ask->turn / x->setup.servers >= x->setup.attempts) {
		give_up(x, ask, now);
		return;
	}
	ask->server = x->order[ask->turn % x->setup.servers];
	ask->plain = now < x->setup.health[ask->server].plain_until;
	ask->fell_back = ask->redialled = false;
	send_query(x, ask, x->setup.use_tcp, now);
}

static void next_turn(struct hoy__exchange *x, struct hoy__ask *ask, int code, int64_t now)
{
	ask->code = code;
	ask->turn++;
	take_turn(x, ask, now);
}

/* No reply, or none to believe: what an earlier one said is not why. */
static void lose_turn(struct hoy__exchange *x, struct hoy__ask *ask, int code, int64_t now)
{
	ask->reply = (struct hoy__reply){ 0 };
	next_turn(x, ask, code, now);
}

static bool is_asking(const struct hoy__exchange *x)
{
	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->ask[i].state == HOY__ASK_SENT)
			return true;
	return false;
}

/* Both families at once, or with single-request the second after the first. */
static void start_waiting(struct hoy__exchange *x, int64_t now)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__ask *ask = &x->ask[i];

		if (ask->state != HOY__ASK_WAITS || (x->setup.single_request && is_asking(x)))
			continue;
		ask->state = HOY__ASK_SENT;
		take_turn(x, ask, now);
	}
}

/* ---- events ---- */

/* The name octet by octet as it was sent. */
static bool has_our_case(const struct hoy__message *m, const struct hoy__ask *ask)
{
	return !memcmp(m->question.name.wire, ask->query + HOY__HEADER_SIZE, m->question.name.len);
}

/* The question that waits on this line for the message's id. */
static struct hoy__ask *find_ask(struct hoy__exchange *x, const struct hoy__message *m, const struct hoy__line *line)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__ask *ask = &x->ask[i];

		if (ask->state == HOY__ASK_SENT && ask->line == line->handle && ask->id == m->id)
			return ask;
	}
	return NULL;
}

static int keep_message(struct hoy__ask *ask, const struct hoy__event_in *event)
{
	ask->message = hoy__alloc(event->len);
	if (!ask->message)
		return -ENOMEM;
	memcpy(ask->message, event->data, event->len);
	ask->len = event->len;
	return ask->reply.code;
}

/* RFC 6891 section 7: what servers that do not know OPT, or not this version, answer. */
static bool chokes_on_edns(const struct hoy__ask *ask)
{
	return !ask->plain && (ask->reply.rcode == HOY__FORMERR || ask->reply.rcode == HOY__NOTIMP ||
			       ask->reply.rcode == HOY__BADVERS);
}

static void ask_plainly(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line, int64_t now)
{
	ask->plain = ask->fell_back = true;
	send_query(x, ask, line->tcp, now);
}

/* The reply is to this question and whole: what does it mean? */
static void take_reply(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line,
		       const struct hoy__event_in *event, int64_t now)
{
	int code = ask->reply.code;

	ask->reply.authenticated &= x->setup.trust_ad;
	if (chokes_on_edns(ask)) {
		ask->code = code;
		ask_plainly(x, ask, line, now);
		return;
	}
	if (ask->fell_back && ask->reply.rcode != HOY__FORMERR && ask->reply.rcode != HOY__NOTIMP)
		x->setup.health[line->server].plain_until = hoy__moment_add(now, plain_for);
	if (ask->reply.lame)
		next_turn(x, ask, HOY_ELAME, now);
	else if (code == HOY_ESERVFAIL || code == HOY_EREFUSED)
		next_turn(x, ask, code, now);
	else
		settle(x, ask, keep_message(ask, event), now);
}

static void read_reply(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line,
		       struct hoy__message *m, const struct hoy__event_in *event, int64_t now)
{
	if (hoy__message_check(m) < 0 || hoy__reply_read(m, &ask->reply) < 0)
		lose_turn(x, ask, HOY_EMESSAGE, now);
	else
		take_reply(x, ask, line, event, now);
}

/* The names that came from our question are as typed before anybody reads them. */
static void read_mixed(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line,
		       const struct hoy__event_in *event, int64_t now)
{
	struct hoy__event_in mine = *event;
	uint8_t *copy = hoy__alloc(event->len);
	struct hoy__message m;

	if (!copy) {
		settle(x, ask, -ENOMEM, now);
		return;
	}
	memcpy(copy, event->data, event->len);
	hoy__case_restore(copy, event->len, &ask->question.name);
	mine.data = copy;
	hoy__message_peek(&m, copy, event->len);
	read_reply(x, ask, line, &m, &mine, now);
	hoy__release(copy);
}

static bool is_answer(const struct hoy__exchange *x, const struct hoy__ask *ask, const struct hoy__line *line,
		      const struct hoy__message *m)
{
	bool exact = x->setup.mixed_case && !line->tcp;

	return hoy__reply_is_to(m, &ask->question) && (!exact || has_our_case(m, ask));
}

static void take_answer(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line,
			struct hoy__message *m, const struct hoy__event_in *event, int64_t now)
{
	if (!line->tcp && (event->cut || m->flags & HOY__TC))
		send_query(x, ask, true, now);
	else if (!line->tcp && x->setup.mixed_case)
		read_mixed(x, ask, line, event, now);
	else
		read_reply(x, ask, line, m, event, now);
}

static bool may_ask_again(const struct hoy__ask *ask, const struct hoy__line *line, const struct hoy__message *m)
{
	bool over_tcp = !line->tcp && hoy__reply_is_bare(m) && m->flags & HOY__TC;

	return over_tcp || (!ask->plain && hoy__reply_rejects_edns(m));
}

/*
 * A reply without its question is easier to forge, so it settles nothing and ends no turn: all it can bring
 * about is another query to the same server, over TCP or without the OPT record.
 */
static void ask_again(struct hoy__exchange *x, struct hoy__ask *ask, const struct hoy__line *line,
		      const struct hoy__message *m, int64_t now)
{
	ask->reply = (struct hoy__reply){ .present = true, .rcode = m->flags & HOY__RCODE };
	if (!line->tcp && m->flags & HOY__TC)
		send_query(x, ask, true, now);
	else
		ask_plainly(x, ask, line, now);
}

/* A message that is no reply to an open question may be forged, or late: ignore it. */
static void on_message(struct hoy__exchange *x, const struct hoy__event_in *event, int64_t now)
{
	struct hoy__line *line = find_line(x, event->line);
	struct hoy__message m;
	bool whole = hoy__message_peek(&m, event->data, event->len) == 0;
	struct hoy__ask *ask = line ? find_ask(x, &m, line) : NULL;

	if (ask && whole && is_answer(x, ask, line, &m)) {
		note_alive(x, line, now - ask->sent);
		take_answer(x, ask, line, &m, event, now);
	} else if (ask && may_ask_again(ask, line, &m)) {
		note_alive(x, line, now - ask->sent);
		ask_again(x, ask, line, &m, now);
	} else if (line) {
		x->setup.health[line->server].rejected++;
	}
}

/* The line is gone. A kept connection that had been closed before we came is just opened anew. */
static void fail_line(struct hoy__exchange *x, struct hoy__line *line, const struct hoy__event_in *event,
		      int64_t now)
{
	uint32_t handle = line->handle;

	if (!event->kept)
		note_failure(x, line, now);
	line->handle = 0;
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__ask *ask = &x->ask[i];

		if (ask->state != HOY__ASK_SENT || ask->line != handle)
			continue;
		ask->line = 0;
		if (event->kept && !ask->redialled) {
			ask->redialled = true;
			send_query(x, ask, true, now);
		} else {
			lose_turn(x, ask, event->code, now);
		}
	}
}

static void on_line_failed(struct hoy__exchange *x, const struct hoy__event_in *event, int64_t now)
{
	struct hoy__line *line = find_line(x, event->line);

	if (!line)
		return;
	take_back(x, event->line);
	fail_line(x, line, event, now);
}

static void on_timer(struct hoy__exchange *x, int64_t now)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__ask *ask = &x->ask[i];

		if (ask->state != HOY__ASK_SENT || now < ask->until)
			continue;
		note_failure(x, find_line(x, ask->line), now);
		lose_turn(x, ask, HOY_ETIMEOUT, now);
	}
}

static void on_cancel(struct hoy__exchange *x, int code)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__ask *ask = &x->ask[i];

		if (ask->state == HOY__ASK_SETTLED)
			continue;
		ask->state = HOY__ASK_SETTLED;
		ask->code = code;
		leave_line(x, ask);
	}
}

static void look_ahead(struct hoy__exchange *x)
{
	x->done = true;
	x->until = HOY__NEVER;
	for (unsigned i = 0; i < x->setup.types; i++) {
		x->done &= x->ask[i].state == HOY__ASK_SETTLED;
		if (x->ask[i].state == HOY__ASK_SENT && x->ask[i].until < x->until)
			x->until = x->ask[i].until;
	}
}

unsigned hoy__exchange_packets(unsigned types, unsigned servers, unsigned attempts)
{
	uint64_t turns = (uint64_t)servers * attempts, packets = types * (turns + SPARE_PACKETS);

	return packets < HOY__PACKETS_MOST ? (unsigned)packets : HOY__PACKETS_MOST;
}

static unsigned budget_of(const struct hoy__exchange_setup *setup)
{
	if (setup->budget)
		return setup->budget < HOY__PACKETS_MOST ? setup->budget : HOY__PACKETS_MOST;
	return hoy__exchange_packets(setup->types, setup->servers, setup->attempts);
}

void hoy__exchange_start(struct hoy__exchange *x, const struct hoy__exchange_setup *setup, int64_t now)
{
	*x = (struct hoy__exchange){ .setup = *setup };
	x->setup.budget = budget_of(setup);
	set_order(x, now);
	for (unsigned i = 0; i < setup->types; i++)
		x->ask[i].question = (struct hoy__question){ setup->name, setup->type[i], HOY__CLASS_IN };
	start_waiting(x, now);
	look_ahead(x);
}

void hoy__exchange_step(struct hoy__exchange *x, int64_t now, const struct hoy__event_in *event)
{
	switch (event->kind) {
	case HOY__DATAGRAM: case HOY__STREAM_MESSAGE: on_message(x, event, now); break;
	case HOY__LINE_FAILED: on_line_failed(x, event, now); break;
	case HOY__TIMER: on_timer(x, now); break;
	case HOY__CANCEL: on_cancel(x, event->code); break;
	}
	look_ahead(x);
}

bool hoy__exchange_action(struct hoy__exchange *x, struct hoy__action *action)
{
	if (!x->actions)
		return false;
	*action = x->action[0];
	x->actions--;
	memmove(x->action, x->action + 1, x->actions * sizeof *x->action);
	return true;
}

void hoy__exchange_clear(struct hoy__exchange *x)
{
	for (unsigned i = 0; i < HOY__ASKS; i++) {
		hoy__release(x->ask[i].message);
		x->ask[i].message = NULL;
	}
}
