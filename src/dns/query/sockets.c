/*
 * The sockets of an exchange: its actions are done, and what comes on them is given to it as events.
 * An action that fails is an event like any other.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/query/stream.h"
#include "fd/fd.h"

enum { DATAGRAMS = 32 };	/* at once, before the timers are looked at */

/* ---- telling what happens ---- */

/* True when somebody wants to hear of it: only then is there a story to put together. */
static bool count(struct hoy__query *q, enum hoy_trace_kind kind)
{
	atomic_fetch_add_explicit(&q->client->count[kind], 1, memory_order_relaxed);
	return q->policy->trace;
}

static void tell_of(struct hoy__query *q, hoy_trace *event)
{
	event->source = HOY_SOURCE_DNS;
	event->when = (hoy_time){ hoy__coarse_now() };
	event->name = q->policy->name;
	q->policy->trace(event, q->policy->arg);
}

void hoy__query_trace(struct hoy__query *q, hoy_trace event)
{
	if (count(q, event.kind))
		tell_of(q, &event);
}

static struct hoy__query_socket *find_socket(struct hoy__query *q, uint32_t handle)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->socket[i].handle == handle)
			return &q->socket[i];
	return NULL;
}

static bool is_tcp(struct hoy__query *q, uint32_t handle)
{
	struct hoy__query_socket *socket = find_socket(q, handle);

	return socket && socket->tcp;
}

static hoy_trace about(const struct hoy__query *q, enum hoy_trace_kind kind, unsigned server, bool tcp)
{
	return (hoy_trace){ .kind = kind, .server = q->policy->server[server], .tcp = tcp };
}

/* Each question that waits on this handle, or (handle 0) whose time is up. */
static void note_loss(struct hoy__query *q, enum hoy_trace_kind kind, uint32_t handle, int code, int64_t now)
{
	for (unsigned i = 0; i < q->x.setup.types; i++) {
		const struct hoy__exchange_question *question = &q->x.question[i];
		hoy_trace event = about(q, kind, question->server, is_tcp(q, question->handle));

		if (question->state != HOY__QUESTION_SENT || (handle ? question->handle != handle : now < question->until))
			continue;
		event.type = question->asked.type;
		event.id = question->id;
		event.code = code;
		hoy__query_trace(q, event);
	}
}

/* ---- the exchange moves on ---- */

static void lock(struct hoy__query *q)
{
	hoy__client_lock(q->client);
}

static void unlock(struct hoy__query *q)
{
	hoy__client_unlock(q->client);
}

/* What has been found out is told at once; having to stop is no finding. */
void hoy__sockets_publish(struct hoy__query *q)
{
	if (hoy__server_has_news(q)) {
		lock(q);
		hoy__server_store(q);
		unlock(q);
	}
	for (unsigned i = 0; !q->stop && i < q->x.setup.types; i++)
		if (q->led[i] && q->x.question[i].state == HOY__QUESTION_SETTLED)
			hoy__flight_finish(q, i);
}

static void step(struct hoy__query *q, struct hoy__event_in event)
{
	hoy__exchange_step(&q->x, hoy__coarse_now(), &event);
	hoy__sockets_publish(q);
}

/* True when the connection had answered before. */
static bool leave_stream(struct hoy__query *q, struct hoy__query_socket *socket)
{
	bool served;

	lock(q);
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->request[i].handle == socket->handle)
			hoy__stream_withdraw(&q->request[i]);
	served = socket->tcp->served;
	hoy__stream_leave(socket->tcp);
	unlock(q);
	return served;
}

static bool close_socket(struct hoy__query *q, struct hoy__query_socket *socket)
{
	bool served = socket->tcp && leave_stream(q, socket);

	if (socket->udp)
		hoy__fd_free(socket->udp);
	*socket = (struct hoy__query_socket){ 0 };
	return served;
}

static void fail_socket(struct hoy__query *q, uint32_t handle, int code)
{
	struct hoy__query_socket *socket = find_socket(q, handle);
	bool kept;

	note_loss(q, HOY_TRACE_FAILED, handle, code, 0);
	kept = socket && close_socket(q, socket);
	step(q, (struct hoy__event_in){ .kind = HOY__SOCKET_FAILED, .handle = handle, .code = code, .kept = kept });
}

static int open_socket(struct hoy__query *q, const struct hoy__action *action)
{
	const hoy_addr *server = &q->policy->server[action->server];
	struct hoy__query_socket *socket = find_socket(q, 0);
	int code = 0;

	if (action->kind == HOY__OPEN_UDP) {
		socket->udp = hoy__datagram_open(q->client, server, &code);
	} else {
		lock(q);
		socket->tcp = hoy__stream_take(q->client, server, action->fresh, &code);
		unlock(q);
	}
	if (!socket->udp && !socket->tcp)
		return code;
	socket->handle = action->handle;
	return 0;
}

/* Which question the query is of. */
static unsigned asks(const struct hoy__query *q, const struct hoy__action *action)
{
	return action->data == q->x.question[0].query ? 0 : 1;
}

static void note_sent(struct hoy__query *q, const struct hoy__action *action)
{
	const struct hoy__exchange_question *question = &q->x.question[asks(q, action)];
	hoy_trace event;

	if (!count(q, HOY_TRACE_SENT))
		return;
	event = about(q, HOY_TRACE_SENT, action->server, is_tcp(q, action->handle));
	event.type = question->asked.type;
	event.id = question->id;
	event.size = action->len;
	tell_of(q, &event);
}

static void drop_request(struct hoy__request *r)
{
	hoy__stream_withdraw(r);
	hoy__release(r->message);
	r->message = NULL;
}

static int send_on_stream(struct hoy__query *q, struct hoy__stream *s, const struct hoy__action *action)
{
	const struct hoy__exchange_question *question = &q->x.question[asks(q, action)];
	struct hoy__request *r = &q->request[asks(q, action)];
	int code;

	lock(q);
	drop_request(r);		/* it timed out elsewhere */
	r->query = q;
	r->handle = action->handle;
	r->question = question->asked;
	r->has_opt = !question->plain;
	code = hoy__stream_ask(s, r, action->data, action->len);
	unlock(q);
	return code;
}

static int send_on_socket(struct hoy__query *q, const struct hoy__action *action)
{
	struct hoy__query_socket *socket = find_socket(q, action->handle);
	int code = socket->tcp ? send_on_stream(q, socket->tcp, action)
			     : hoy__datagram_send(socket->udp, action->data, action->len);

	if (code == 0)
		note_sent(q, action);
	return code;
}

static int act(struct hoy__query *q, const struct hoy__action *action)
{
	switch (action->kind) {
	case HOY__OPEN_UDP:
	case HOY__OPEN_TCP:
		return open_socket(q, action);
	case HOY__SEND:
		return send_on_socket(q, action);
	default:
		close_socket(q, find_socket(q, action->handle));
		return 0;
	}
}

/* An action that fails is an event, and brings more actions; turns and packets are finite. */
void hoy__sockets_act(struct hoy__query *q)
{
	struct hoy__action action;

	while (hoy__exchange_action(&q->x, &action)) {
		int code = act(q, &action);

		if (code < 0)
			fail_socket(q, action.handle, code);
	}
}

void hoy__sockets_feed(struct hoy__query *q, struct hoy__event_in event)
{
	step(q, event);
	hoy__sockets_act(q);
}

/* ---- what came ---- */

static unsigned read16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint64_t count_rejected(const struct hoy__query *q)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < q->policy->servers; i++)
		sum += q->health[i].rejected;
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

static hoy_trace about_message(const struct hoy__query *q, enum hoy_trace_kind kind, const struct stand *was,
			       const struct hoy__event_in *event)
{
	hoy_trace told = about(q, kind, was->server, event->kind == HOY__STREAM_MESSAGE);

	told.size = event->len;
	told.id = (uint16_t)id_of(event);
	told.rcode = event->len < 4 ? 0 : event->data[3] & HOY__RCODE;
	return told;
}

/* A reply was taken: what it said, and what the question does next. */
static void note_reply(struct hoy__query *q, const struct hoy__exchange_question *question, const struct stand *was,
		       const struct hoy__event_in *event)
{
	bool asks_on = question->state == HOY__QUESTION_SENT && question->turn == was->turn;
	bool falls_back = asks_on && question->plain != was->plain;
	enum hoy_trace_kind next = falls_back ? HOY_TRACE_PLAIN : HOY_TRACE_TRUNCATED;
	const struct hoy__extended *extended = &question->reply.extended;
	hoy_trace told;

	if (asks_on)
		count(q, next);
	if (!count(q, HOY_TRACE_RECEIVED))
		return;
	told = about_message(q, HOY_TRACE_RECEIVED, was, event);
	told.type = question->asked.type;
	if (!asks_on || falls_back) {
		told.code = question->code;
		told.rcode = question->code == HOY_EMESSAGE ? told.rcode : question->reply.rcode;
		told.has_extended = extended->present;
		told.extended = extended->code;
		told.extra = extended->words[0] ? extended->words : NULL;
	}
	tell_of(q, &told);
	told.kind = next;
	if (asks_on)
		tell_of(q, &told);
}

/* What the server says of the connection that its answer came on. */
static void heed_keepalive(struct hoy__query *q, const struct hoy__exchange_question *question, uint32_t handle)
{
	struct hoy__query_socket *socket = find_socket(q, handle);

	if (!socket || !socket->tcp || !question->reply.has_keepalive)
		return;
	lock(q);
	hoy__stream_keep(socket->tcp, question->reply.keepalive * 100 * HOY_MILLISECOND);
	unlock(q);
}

static void take_message(struct hoy__query *q, struct hoy__event_in event)
{
	uint64_t rejected = count_rejected(q);
	struct hoy__exchange_question *question = NULL;
	struct stand was;

	for (unsigned i = 0; i < q->x.setup.types; i++)
		if (q->x.question[i].state == HOY__QUESTION_SENT && q->x.question[i].handle == event.handle &&
		    (!question || q->x.question[i].id == id_of(&event)))
			question = &q->x.question[i];
	if (!question)
		return;
	was = (struct stand){ question->server, question->turn, question->plain };
	step(q, event);
	if (count_rejected(q) != rejected) {
		hoy__query_trace(q, about_message(q, HOY_TRACE_IGNORED, &was, &event));
	} else {
		note_reply(q, question, &was, &event);
		heed_keepalive(q, question, event.handle);
	}
	hoy__sockets_act(q);
}

/* After any message the entry may be another socket. */
static void read_datagrams(struct hoy__query *q, struct hoy__query_socket *socket)
{
	for (int i = 0; socket->udp && i < DATAGRAMS; i++) {
		ssize_t n = hoy__datagram_receive(socket->udp, q->datagram, sizeof q->datagram);
		bool cut = n > (ssize_t)sizeof q->datagram;

		if (n == -EAGAIN)
			return;
		hoy__spend();
		if (n < 0) {
			fail_socket(q, socket->handle, (int)n);
			hoy__sockets_act(q);
			continue;
		}
		take_message(q, (struct hoy__event_in){
			.kind = HOY__DATAGRAM, .handle = socket->handle, .data = q->datagram,
			.len = cut ? sizeof q->datagram : (size_t)n, .cut = cut,
		});
	}
}

/* The next answer that was handed to us; its bytes, or NULL. */
static uint8_t *take_answer(struct hoy__query *q, struct hoy__event_in *event)
{
	uint8_t *message = NULL;

	lock(q);
	for (unsigned i = 0; !message && i < HOY__QUESTIONS; i++) {
		struct hoy__request *r = &q->request[i];

		message = r->message;
		r->message = NULL;
		if (message)
			*event = (struct hoy__event_in){ .kind = HOY__STREAM_MESSAGE, .handle = r->handle,
							 .data = message, .len = r->len };
	}
	unlock(q);
	return message;
}

static void read_answers(struct hoy__query *q)
{
	struct hoy__event_in event;
	uint8_t *message;

	while ((message = take_answer(q, &event))) {
		take_message(q, event);
		hoy__release(message);
	}
}

/* The stream skipped what answered no question; the first of its users to look notes that. */
static void note_skipped(struct hoy__query *q, const struct hoy__query_socket *socket)
{
	bool is_first = q->x.question[0].handle == socket->handle;
	const struct hoy__exchange_question *question = &q->x.question[is_first ? 0 : 1];
	hoy_trace event = about(q, HOY_TRACE_IGNORED, question->server, true);
	struct hoy__skipped skipped;
	bool more = socket->tcp;

	while (more) {
		lock(q);
		more = hoy__stream_skipped(socket->tcp, &skipped);
		unlock(q);
		event.id = skipped.id;
		event.size = skipped.len;
		if (more)
			hoy__query_trace(q, event);
	}
}

/* What came before the end counts (RFC 7766 section 6.2.4): so the ends come last. */
static void read_streams(struct hoy__query *q)
{
	int code[HOY__QUESTIONS] = { 0 };
	uint32_t handle[HOY__QUESTIONS] = { 0 };
	bool any = false;

	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		any |= q->socket[i].tcp != NULL;
	if (!any)
		return;
	lock(q);
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->socket[i].tcp) {
			hoy__stream_waited(q->socket[i].tcp, q);
			code[i] = q->socket[i].tcp->code;
			handle[i] = q->socket[i].handle;
		}
	unlock(q);
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		note_skipped(q, &q->socket[i]);
	read_answers(q);
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (code[i] && find_socket(q, handle[i])) {
			fail_socket(q, handle[i], code[i]);
			hoy__sockets_act(q);
		}
}

void hoy__sockets_read(struct hoy__query *q)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		read_datagrams(q, &q->socket[i]);
	read_streams(q);
}

void hoy__sockets_timeout(struct hoy__query *q, int64_t now)
{
	note_loss(q, HOY_TRACE_TIMEOUT, 0, HOY_ETIMEOUT, now);
	hoy__sockets_feed(q, (struct hoy__event_in){ .kind = HOY__TIMER });
}

/* An answer that came too late is nobody's. */
void hoy__sockets_clear(struct hoy__query *q)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		drop_request(&q->request[i]);
}
