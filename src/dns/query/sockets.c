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

/* ---- tracing ---- */

/* True when the policy has a trace: only then is an event worth filling in. */
static bool count(struct hoy__query *q, enum hoy_trace_kind kind)
{
	atomic_fetch_add_explicit(&q->client->count[kind], 1, memory_order_relaxed);
	return q->policy->trace;
}

static void trace(struct hoy__query *q, hoy_trace *event)
{
	event->source = HOY_SOURCE_DNS;
	event->when = (hoy_time){ hoy__coarse_now() };
	event->name = q->policy->name;
	q->policy->trace(event, q->policy->arg);
}

void hoy__query_trace(struct hoy__query *q, hoy_trace event)
{
	if (count(q, event.kind))
		trace(q, &event);
}

static struct hoy__query_socket *find_socket(struct hoy__query *q, uint32_t handle)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->socket[i].handle == handle)
			return &q->socket[i];
	return NULL;
}

static hoy_trace event_of(const struct hoy__query *q, const struct hoy__report *r)
{
	const struct hoy__extended *extended = r->reply ? &r->reply->extended : NULL;
	hoy_trace event = { .kind = r->kind, .server = q->policy->server[r->server], .tcp = r->tcp, .type = r->type,
			    .id = r->id, .code = r->code, .rcode = r->rcode, .size = r->size };

	if (extended && extended->present) {
		event.has_extended = true;
		event.extended = extended->code;
		event.extra = extended->words[0] ? extended->words : NULL;
	}
	return event;
}

/* What the last step has made of its event. */
static void trace_reports(struct hoy__query *q)
{
	for (unsigned i = 0; i < q->x.reports; i++)
		if (count(q, q->x.report[i].kind)) {
			hoy_trace event = event_of(q, &q->x.report[i]);

			trace(q, &event);
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

/* A settled question is published at once; one that the query gave up (stop) has no result to publish. */
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
	trace_reports(q);
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

static void trace_sent(struct hoy__query *q, const struct hoy__action *action, bool tcp)
{
	const struct hoy__exchange_question *question = &q->x.question[action->question];

	if (count(q, HOY_TRACE_SENT))
		trace(q, &(hoy_trace){ .kind = HOY_TRACE_SENT, .server = q->policy->server[action->server], .tcp = tcp,
					 .type = question->asked.type, .id = question->id, .size = action->len });
}

static void drop_request(struct hoy__request *r)
{
	hoy__stream_withdraw(r);
	hoy__release(r->message);
	r->message = NULL;
}

static int send_on_stream(struct hoy__query *q, struct hoy__stream *s, const struct hoy__action *action)
{
	const struct hoy__exchange_question *question = &q->x.question[action->question];
	struct hoy__request *r = &q->request[action->question];
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
		trace_sent(q, action, socket->tcp != NULL);
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

/* RFC 7828: the server says how long the connection may be idle. */
static void heed_keepalive(struct hoy__query *q, const struct hoy__reply *reply, uint32_t handle)
{
	struct hoy__query_socket *socket = find_socket(q, handle);

	if (!reply || !reply->has_keepalive || !socket || !socket->tcp)
		return;
	lock(q);
	hoy__stream_keep(socket->tcp, reply->keepalive * 100 * HOY_MILLISECOND);
	unlock(q);
}

static void take_message(struct hoy__query *q, struct hoy__event_in event)
{
	step(q, event);
	for (unsigned i = 0; i < q->x.reports; i++)
		heed_keepalive(q, q->x.report[i].reply, event.handle);
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

/* The stream skipped what answered no question; the first of its users to look traces that. */
static void trace_skipped(struct hoy__query *q, const struct hoy__query_socket *socket)
{
	bool is_first = q->x.question[0].handle == socket->handle;
	const struct hoy__exchange_question *question = &q->x.question[is_first ? 0 : 1];
	hoy_trace event = { .kind = HOY_TRACE_IGNORED, .server = q->policy->server[question->server], .tcp = true };
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
		trace_skipped(q, &q->socket[i]);
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

/* An answer that came after its question was settled is released unread. */
void hoy__sockets_clear(struct hoy__query *q)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		drop_request(&q->request[i]);
}
