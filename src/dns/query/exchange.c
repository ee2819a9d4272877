/*
 * Each question takes turns: turn t asks server t mod n of the order, until an answer
 * settles it or the turns or the packets run out. Every turn has a new socket, which questions
 * that are at the same turn share. All that can happen to a question is
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
#include "dns/query/report.h"

enum { FAILURES_MOST = 8, SPARE_PACKETS = 4 };

static const int64_t probe_every = 5 * HOY_SECOND;
static const int64_t plain_for = 10 * HOY_MINUTE;

/* ---- what is known about servers ---- */

static void note_alive(struct hoy__exchange *x, struct hoy__exchange_socket *socket, int64_t took)
{
	struct hoy__server_health *health = &x->setup.health[socket->server];

	health->failures = 0;
	if (!socket->tcp)
		health->rtt = health->rtt ? health->rtt + (took - health->rtt) / 8 : took;
	socket->judged = true;
}

/* One socket, one judgement: its two questions time out together. */
static void note_failure(struct hoy__exchange *x, struct hoy__exchange_socket *socket, int64_t now)
{
	struct hoy__server_health *health = &x->setup.health[socket->server];

	if (socket->judged)
		return;
	socket->judged = true;
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

/* ---- actions and sockets ---- */

static void act(struct hoy__exchange *x, struct hoy__action action)
{
	if (x->actions < HOY__ACTIONS)
		x->action[x->actions++] = action;
}

/* Takes back what is still to be done on a socket; was its opening among it? */
static bool take_back(struct hoy__exchange *x, uint32_t handle)
{
	unsigned kept = 0;
	bool opening = false;

	for (unsigned i = 0; i < x->actions; i++) {
		if (x->action[i].handle != handle)
			x->action[kept++] = x->action[i];
		else
			opening |= x->action[i].kind == HOY__OPEN_UDP || x->action[i].kind == HOY__OPEN_TCP;
	}
	x->actions = kept;
	return opening;
}

static struct hoy__exchange_socket *find_socket(struct hoy__exchange *x, uint32_t handle)
{
	for (unsigned i = 0; handle && i < HOY__QUESTIONS; i++)
		if (x->socket[i].handle == handle)
			return &x->socket[i];
	return NULL;
}

/* The question lets go of its socket; the last one to do so closes it. */
static void leave_socket(struct hoy__exchange *x, struct hoy__exchange_question *q)
{
	struct hoy__exchange_socket *socket = find_socket(x, q->handle);
	uint32_t handle = q->handle;

	q->handle = 0;
	if (!socket)
		return;
	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->question[i].handle == handle)
			return;
	socket->handle = 0;
	if (!take_back(x, handle))
		act(x, (struct hoy__action){ .kind = HOY__CLOSE, .handle = handle, .server = socket->server });
}

static struct hoy__exchange_socket *open_socket(struct hoy__exchange *x, const struct hoy__exchange_question *q,
						bool tcp)
{
	struct hoy__exchange_socket *socket = x->socket[0].handle ? &x->socket[1] : &x->socket[0];

	*socket = (struct hoy__exchange_socket){ ++x->handles, q->server, q->turn, tcp, false };
	act(x, (struct hoy__action){ .kind = tcp ? HOY__OPEN_TCP : HOY__OPEN_UDP, .handle = socket->handle,
				     .server = q->server, .fresh = q->redialled });
	return socket;
}

/* The socket of this turn: one that the other question opened, or a new one. */
static struct hoy__exchange_socket *take_socket(struct hoy__exchange *x, struct hoy__exchange_question *q, bool tcp)
{
	struct hoy__exchange_socket *socket = NULL;

	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (x->socket[i].handle && x->socket[i].turn == q->turn && x->socket[i].tcp == tcp)
			socket = &x->socket[i];
	if (!socket || socket->handle != q->handle)
		leave_socket(x, q);
	if (!socket)
		socket = open_socket(x, q, tcp);
	q->handle = socket->handle;
	return socket;
}

/* ---- one question ---- */

static void start_waiting(struct hoy__exchange *x, int64_t now);

static void settle(struct hoy__exchange *x, struct hoy__exchange_question *q, int code, int64_t now)
{
	q->state = HOY__QUESTION_SETTLED;
	q->code = code;
	leave_socket(x, q);
	start_waiting(x, now);
}

/* Out of turns or packets: what the last server did, or failed to do, is the answer. */
static void give_up(struct hoy__exchange *x, struct hoy__exchange_question *q, int64_t now)
{
	settle(x, q, q->code ? q->code : HOY_ETIMEOUT, now);
}

/* No other question of ours may be waiting for the same number. */
static uint16_t draw_id(struct hoy__exchange *x)
{
	uint16_t id = x->setup.random(x->setup.ctx);

	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->question[i].state == HOY__QUESTION_SENT && x->question[i].id == id)
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
static void write_query(struct hoy__exchange *x, struct hoy__exchange_question *q, bool tcp)
{
	struct hoy__message_query query = {
		.id = q->id,
		.flags = (uint16_t)(HOY__RD | (x->setup.trust_ad ? HOY__AD : 0)),
		.udp_size = q->plain ? 0 : HOY__UDP_SIZE,
		.keepalive = tcp,
		.nsid = x->setup.nsid,
		.dnssec = x->setup.dnssec,
	};
	struct hoy__question asked = q->asked;

	if (x->setup.mixed_case && !tcp)
		hoy__case_mix(&asked.name, draw_bits(x));
	q->query_len = (size_t)hoy__message_write_query(&query, &asked, q->query, sizeof q->query);
}

/* Asks, at the turn where the question is, with the id and OPT record it should have. */
static void send_query(struct hoy__exchange *x, struct hoy__exchange_question *q, bool tcp, int64_t now)
{
	struct hoy__exchange_socket *socket;

	if (x->packets >= x->setup.budget) {
		give_up(x, q, now);
		return;
	}
	socket = take_socket(x, q, tcp);
	q->id = draw_id(x);
	q->state = HOY__QUESTION_SENT;
	q->sent = now;
	q->until = hoy__moment_add(now, patience(x, q->server, q->turn));
	write_query(x, q, tcp);
	x->packets++;
	act(x, (struct hoy__action){ .kind = HOY__SEND, .handle = socket->handle, .server = q->server,
				     .question = (unsigned)(q - x->question), .data = q->query, .len = q->query_len });
}

/* The server of the question's turn, or the end when there are no more turns. */
static void take_turn(struct hoy__exchange *x, struct hoy__exchange_question *q, int64_t now)
{
	if (q->turn / x->setup.servers >= x->setup.attempts) {
		give_up(x, q, now);
		return;
	}
	q->server = x->order[q->turn % x->setup.servers];
	q->plain = now < x->setup.health[q->server].plain_until;
	q->fell_back = q->redialled = false;
	send_query(x, q, x->setup.use_tcp, now);
}

static void next_turn(struct hoy__exchange *x, struct hoy__exchange_question *q, int code, int64_t now)
{
	q->code = code;
	q->turn++;
	take_turn(x, q, now);
}

/* No reply, or none to believe. The reply of an earlier turn is dropped: it is not the reason. */
static void lose_turn(struct hoy__exchange *x, struct hoy__exchange_question *q, int code, int64_t now)
{
	q->reply = (struct hoy__reply){ 0 };
	next_turn(x, q, code, now);
}

static bool is_asking(const struct hoy__exchange *x)
{
	for (unsigned i = 0; i < x->setup.types; i++)
		if (x->question[i].state == HOY__QUESTION_SENT)
			return true;
	return false;
}

/* Both families at once, or with single-request the second after the first. */
static void start_waiting(struct hoy__exchange *x, int64_t now)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__exchange_question *q = &x->question[i];

		if (q->state != HOY__QUESTION_WAITS || (x->setup.single_request && is_asking(x)))
			continue;
		q->state = HOY__QUESTION_SENT;
		take_turn(x, q, now);
	}
}

/* ---- events ---- */

/* The name octet by octet as it was sent. */
static bool has_our_case(const struct hoy__message *m, const struct hoy__exchange_question *q)
{
	return !memcmp(m->question.name.wire, q->query + HOY__HEADER_SIZE, m->question.name.len);
}

/* The question that waits on this socket for the message's id. */
static struct hoy__exchange_question *find_question(struct hoy__exchange *x, const struct hoy__message *m,
						    const struct hoy__exchange_socket *socket)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__exchange_question *q = &x->question[i];

		if (q->state == HOY__QUESTION_SENT && q->handle == socket->handle && q->id == m->id)
			return q;
	}
	return NULL;
}

static int keep_message(struct hoy__exchange_question *q, const struct hoy__event_in *event)
{
	q->message = hoy__alloc(event->len);
	if (!q->message)
		return -ENOMEM;
	memcpy(q->message, event->data, event->len);
	q->len = event->len;
	return q->reply.code;
}

/* RFC 6891 section 7: what servers that do not know OPT, or not this version, answer. */
static bool chokes_on_edns(const struct hoy__exchange_question *q)
{
	return !q->plain && (q->reply.rcode == HOY__FORMERR || q->reply.rcode == HOY__NOTIMP ||
			       q->reply.rcode == HOY__BADVERS);
}

static void ask_plainly(struct hoy__exchange *x, struct hoy__exchange_question *q,
			const struct hoy__exchange_socket *socket, int64_t now)
{
	q->plain = q->fell_back = true;
	send_query(x, q, socket->tcp, now);
	hoy__report_retry(x, q, HOY_TRACE_PLAIN);
}

static void ask_over_tcp(struct hoy__exchange *x, struct hoy__exchange_question *q, int64_t now)
{
	send_query(x, q, true, now);
	hoy__report_retry(x, q, HOY_TRACE_TRUNCATED);
}

/* The reply is to this question and whole: what does it mean? */
static void take_reply(struct hoy__exchange *x, struct hoy__exchange_question *q,
		       const struct hoy__exchange_socket *socket, const struct hoy__event_in *event, int64_t now)
{
	int code = q->reply.code;
	bool is_final;

	q->reply.authenticated &= x->setup.trust_ad;
	if (chokes_on_edns(q)) {
		q->code = code;
		hoy__report_reply(x, q, socket, event, code, &q->reply);
		ask_plainly(x, q, socket, now);
		return;
	}
	if (q->fell_back && q->reply.rcode != HOY__FORMERR && q->reply.rcode != HOY__NOTIMP)
		x->setup.health[socket->server].plain_until = hoy__moment_add(now, plain_for);
	if (q->reply.lame)
		code = HOY_ELAME;
	is_final = code != HOY_ELAME && code != HOY_ESERVFAIL && code != HOY_EREFUSED;
	if (is_final)
		code = keep_message(q, event);
	hoy__report_reply(x, q, socket, event, code, &q->reply);
	if (is_final)
		settle(x, q, code, now);
	else
		next_turn(x, q, code, now);
}

static void read_reply(struct hoy__exchange *x, struct hoy__exchange_question *q,
		       const struct hoy__exchange_socket *socket, struct hoy__message *m,
		       const struct hoy__event_in *event, int64_t now)
{
	if (hoy__message_check(m) < 0 || hoy__reply_read(m, &q->reply) < 0) {
		hoy__report_reply(x, q, socket, event, HOY_EMESSAGE, NULL);
		lose_turn(x, q, HOY_EMESSAGE, now);
	} else {
		take_reply(x, q, socket, event, now);
	}
}

/* Gives the names that repeat our question the letters as typed, before the reply is read. */
static void read_mixed(struct hoy__exchange *x, struct hoy__exchange_question *q,
		       const struct hoy__exchange_socket *socket, const struct hoy__event_in *event, int64_t now)
{
	struct hoy__event_in mine = *event;
	uint8_t *copy = hoy__alloc(event->len);
	struct hoy__message m;

	if (!copy) {
		hoy__report_reply(x, q, socket, event, -ENOMEM, NULL);
		settle(x, q, -ENOMEM, now);
		return;
	}
	memcpy(copy, event->data, event->len);
	hoy__case_restore(copy, event->len, &q->asked.name);
	mine.data = copy;
	hoy__message_peek(&m, copy, event->len);
	read_reply(x, q, socket, &m, &mine, now);
	hoy__release(copy);
}

static bool is_answer(const struct hoy__exchange *x, const struct hoy__exchange_question *q,
		      const struct hoy__exchange_socket *socket, const struct hoy__message *m)
{
	bool exact = x->setup.mixed_case && !socket->tcp;

	return hoy__reply_is_to(m, &q->asked) && (!exact || has_our_case(m, q));
}

static void take_answer(struct hoy__exchange *x, struct hoy__exchange_question *q,
			const struct hoy__exchange_socket *socket, struct hoy__message *m,
			const struct hoy__event_in *event, int64_t now)
{
	if (!socket->tcp && (event->cut || m->flags & HOY__TC)) {
		hoy__report_reply(x, q, socket, event, 0, NULL);
		ask_over_tcp(x, q, now);
	} else if (!socket->tcp && x->setup.mixed_case) {
		read_mixed(x, q, socket, event, now);
	} else {
		read_reply(x, q, socket, m, event, now);
	}
}

static bool may_ask_again(const struct hoy__exchange_question *q, const struct hoy__exchange_socket *socket,
			  const struct hoy__message *m)
{
	bool over_tcp = !socket->tcp && hoy__reply_is_bare(m) && m->flags & HOY__TC;

	return over_tcp || (!q->plain && hoy__reply_rejects_edns(m));
}

/*
 * A reply without its question is easier to forge, so it settles nothing and ends no turn: all it can bring
 * about is another query to the same server, over TCP or without the OPT record.
 */
static void ask_again(struct hoy__exchange *x, struct hoy__exchange_question *q,
		      const struct hoy__exchange_socket *socket, const struct hoy__message *m,
		      const struct hoy__event_in *event, int64_t now)
{
	bool is_cut = !socket->tcp && m->flags & HOY__TC;

	q->reply = (struct hoy__reply){ .present = true, .rcode = m->flags & HOY__RCODE };
	hoy__report_reply(x, q, socket, event, is_cut ? 0 : q->code, is_cut ? NULL : &q->reply);
	if (is_cut)
		ask_over_tcp(x, q, now);
	else
		ask_plainly(x, q, socket, now);
}

/* A message that is no reply to an open question may be forged, or late: ignore it. */
static void on_message(struct hoy__exchange *x, const struct hoy__event_in *event, int64_t now)
{
	struct hoy__exchange_socket *socket = find_socket(x, event->handle);
	struct hoy__message m;
	bool whole = hoy__message_peek(&m, event->data, event->len) == 0;
	struct hoy__exchange_question *q = socket ? find_question(x, &m, socket) : NULL;

	if (q && whole && is_answer(x, q, socket, &m)) {
		note_alive(x, socket, now - q->sent);
		take_answer(x, q, socket, &m, event, now);
	} else if (q && may_ask_again(q, socket, &m)) {
		note_alive(x, socket, now - q->sent);
		ask_again(x, q, socket, &m, event, now);
	} else if (socket) {
		x->setup.health[socket->server].rejected++;
		hoy__report_ignored(x, socket, event);
	}
}

static bool waits_on(const struct hoy__exchange_question *q, uint32_t handle)
{
	return q->state == HOY__QUESTION_SENT && q->handle == handle;
}

/* The socket is gone. A kept connection that had been closed before we came is just opened anew. */
static void fail_socket(struct hoy__exchange *x, struct hoy__exchange_socket *socket, const struct hoy__event_in *event,
		      int64_t now)
{
	uint32_t handle = socket->handle;

	for (unsigned i = 0; i < x->setup.types; i++)
		if (waits_on(&x->question[i], handle))
			hoy__report_loss(x, HOY_TRACE_FAILED, &x->question[i], socket, event->code);
	if (!event->kept)
		note_failure(x, socket, now);
	socket->handle = 0;	/* its place may be taken from here on */
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__exchange_question *q = &x->question[i];

		if (!waits_on(q, handle))
			continue;
		q->handle = 0;
		if (event->kept && !q->redialled) {
			q->redialled = true;
			send_query(x, q, true, now);
		} else {
			lose_turn(x, q, event->code, now);
		}
	}
}

static void on_socket_failed(struct hoy__exchange *x, const struct hoy__event_in *event, int64_t now)
{
	struct hoy__exchange_socket *socket = find_socket(x, event->handle);

	if (!socket)
		return;
	take_back(x, event->handle);
	fail_socket(x, socket, event, now);
}

static void on_timer(struct hoy__exchange *x, int64_t now)
{
	struct hoy__exchange_socket *socket;

	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__exchange_question *q = &x->question[i];

		if (q->state != HOY__QUESTION_SENT || now < q->until)
			continue;
		socket = find_socket(x, q->handle);
		note_failure(x, socket, now);
		hoy__report_loss(x, HOY_TRACE_TIMEOUT, q, socket, HOY_ETIMEOUT);
		lose_turn(x, q, HOY_ETIMEOUT, now);
	}
}

static void on_cancel(struct hoy__exchange *x, int code)
{
	for (unsigned i = 0; i < x->setup.types; i++) {
		struct hoy__exchange_question *q = &x->question[i];

		if (q->state == HOY__QUESTION_SETTLED)
			continue;
		q->state = HOY__QUESTION_SETTLED;
		q->code = code;
		leave_socket(x, q);
	}
}

static void look_ahead(struct hoy__exchange *x)
{
	x->done = true;
	x->until = HOY__NEVER;
	for (unsigned i = 0; i < x->setup.types; i++) {
		x->done &= x->question[i].state == HOY__QUESTION_SETTLED;
		if (x->question[i].state == HOY__QUESTION_SENT && x->question[i].until < x->until)
			x->until = x->question[i].until;
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
		x->question[i].asked = (struct hoy__question){ setup->name, setup->type[i], HOY__CLASS_IN };
	start_waiting(x, now);
	look_ahead(x);
}

void hoy__exchange_step(struct hoy__exchange *x, int64_t now, const struct hoy__event_in *event)
{
	x->reports = 0;
	switch (event->kind) {
	case HOY__DATAGRAM: case HOY__STREAM_MESSAGE: on_message(x, event, now); break;
	case HOY__SOCKET_FAILED: on_socket_failed(x, event, now); break;
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
	for (unsigned i = 0; i < HOY__QUESTIONS; i++) {
		hoy__release(x->question[i].message);
		x->question[i].message = NULL;
	}
}
