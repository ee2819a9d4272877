/*
 * A connection has no task of its own. The first query that waits for an answer on it reads for all: it hands each
 * answer to the request it belongs to, and when it leaves, wakes another query to read on. The ids on the wire are the
 * connection's, so two lookups may have chosen the same.
 *
 * A message with another id, or with the question of another id, is skipped: it may be a duplicate, or late. When a
 * question has timed out, the connection takes no new ones, because the server may be stuck.
 */
#include "dns/query/stream.h"

#include <errno.h>
#include <sys/socket.h>

#include <hoy/err.h>

#include "base/base.h"
#include "fd/fd.h"
#include "os/os.h"
#include "sock/sock.h"

enum { CHUNK = 4096 };

static const int64_t idle_usual = 10 * HOY_SECOND;	/* RFC 7766 section 6.2.3: seconds, unless the server sends another limit */
static const int64_t idle_most = HOY_MINUTE;

/* ---- beginning and end ---- */

static struct hoy__request *first_request(struct hoy__stream *s)
{
	return container_of(s->requests.next, struct hoy__request, link);
}

static struct hoy__stream *open_stream(struct hoy__client *c, const hoy_addr *server, int *code)
{
	struct hoy__stream *s = hoy__alloc(sizeof *s);
	int sys;

	*code = -ENOMEM;
	if (!s)
		return NULL;
	sys = hoy__client_connect(c, SOCK_STREAM, server);
	if (sys >= 0 && (s->fd = hoy__fd_new(sys, HOY__FD_SOCKET | HOY__FD_STREAM, NULL, NULL))) {
		s->client = c;
		s->server = *server;
		s->idle_for = idle_usual;
		hoy__list_init(&s->requests);
		hoy__list_push_front(&c->streams, &s->link);
		hoy__fd_expect_event(s->fd, HOY__IN);	/* nothing can have come yet */
		return s;
	}
	if (sys >= 0)
		hoy__os_close(sys);
	else
		*code = sys;
	hoy__release(s);
	return NULL;
}

static void close_stream(struct hoy__stream *s)
{
	hoy__list_remove(&s->link);
	hoy__fd_free(s->fd);
	hoy__release(s->out);
	hoy__release(s->message);
	hoy__release(s);
}

static void fail(struct hoy__stream *s, int code)
{
	if (s->code)
		return;
	s->code = code;
	for (struct hoy__link *l = s->requests.next; l != &s->requests; l = l->next)
		hoy__query_poke(container_of(l, struct hoy__request, link)->query);
}

static bool is_good(const struct hoy__stream *s)
{
	return s->code == 0 && !s->retired && s->idle_for;
}

void hoy__streams_sweep(struct hoy__client *c, bool all)
{
	int64_t now = hoy__coarse_now();
	unsigned kept = 0;

	for (struct hoy__link *l = c->streams.next, *next; next = l->next, l != &c->streams; l = next) {
		struct hoy__stream *s = container_of(l, struct hoy__stream, link);

		if (s->users)
			continue;
		if (all || !is_good(s) || now - s->idle_since >= s->idle_for || kept == HOY__IDLE_STREAMS)
			close_stream(s);
		else
			kept++;
	}
}

void hoy__streams_close(struct hoy__client *c)
{
	while (!hoy__list_empty(&c->streams))
		close_stream(container_of(c->streams.next, struct hoy__stream, link));
}

void hoy__stream_keep(struct hoy__stream *s, int64_t idle_for)
{
	s->idle_for = idle_for < idle_most ? idle_for : idle_most;
}

/* ---- out ---- */

static void send_some(struct hoy__stream *s)
{
	while (s->code == 0 && s->out_len) {
		ssize_t n = hoy__fd_send_now(s->fd, s->out, s->out_len);

		if (n == -EAGAIN)	/* full, or not connected yet */
			return;
		if (n < 0) {
			fail(s, (int)n);
		} else {
			s->out_len -= (size_t)n;
			memmove(s->out, s->out + n, s->out_len);
		}
	}
}

static bool is_taken(struct hoy__stream *s, uint16_t id)
{
	for (struct hoy__link *l = s->requests.next; l != &s->requests; l = l->next)
		if (container_of(l, struct hoy__request, link)->wire_id == id)
			return true;
	return false;
}

static bool make_room(struct hoy__stream *s, size_t len)
{
	size_t room = s->out_room + len + HOY__QUERY_SIZE;
	uint8_t *out;

	if (s->out_room - s->out_len >= len)
		return true;
	if (!(out = hoy__realloc(s->out, room)))
		return false;
	s->out = out;
	s->out_room = room;
	return true;
}

int hoy__stream_ask(struct hoy__stream *s, struct hoy__request *r, const uint8_t *query, size_t len)
{
	uint8_t *at;

	if (!make_room(s, len + 2))
		return -ENOMEM;
	at = s->out + s->out_len;
	r->stream = s;
	r->id = r->wire_id = (uint16_t)(query[0] << 8 | query[1]);
	while (is_taken(s, r->wire_id))
		r->wire_id++;
	at[0] = (uint8_t)(len >> 8);
	at[1] = (uint8_t)len;
	memcpy(at + 2, query, len);
	at[2] = (uint8_t)(r->wire_id >> 8);
	at[3] = (uint8_t)r->wire_id;
	s->out_len += len + 2;
	hoy__list_push(&s->requests, &r->link);
	return 0;
}

/* ---- in ---- */

static void take_out(struct hoy__request *r)
{
	hoy__list_remove(&r->link);
	r->stream = NULL;
}

void hoy__stream_withdraw(struct hoy__request *r)
{
	if (!r->stream)
		return;
	r->stream->retired = true;
	take_out(r);
}

/* The request that the message answers; or NULL. */
static struct hoy__request *find_request(struct hoy__stream *s)
{
	struct hoy__message m;
	bool whole = hoy__message_peek(&m, s->message, s->len) == 0;

	for (struct hoy__link *l = s->requests.next; l != &s->requests; l = l->next) {
		struct hoy__request *r = container_of(l, struct hoy__request, link);

		if (r->wire_id == m.id && ((whole && hoy__reply_is_to(&m, &r->question)) ||
					   (r->has_opt && hoy__reply_rejects_edns(&m))))
			return r;
	}
	return NULL;
}

/* A server that sends nothing else must not keep its reader busy for ever. */
static void skip(struct hoy__stream *s)
{
	struct hoy__message m;

	hoy__message_peek(&m, s->message, s->len);
	s->skipped[s->skips++] = (struct hoy__skipped){ m.id, (uint16_t)s->len };
	hoy__release(s->message);
	s->message = NULL;
	if (s->skips == HOY__STREAM_SKIPPED)
		fail(s, HOY_EMESSAGE);
}

static void deliver(struct hoy__stream *s)
{
	struct hoy__request *r = find_request(s);

	if (!r) {
		skip(s);
		return;
	}
	s->served = true;
	r->message = s->message;
	r->len = s->len;
	s->message = NULL;
	r->message[0] = (uint8_t)(r->id >> 8);
	r->message[1] = (uint8_t)r->id;
	take_out(r);
	hoy__query_poke(r->query);
}

/* The length is known: room for the message. */
static void begin_message(struct hoy__stream *s)
{
	s->len = (size_t)(s->head[0] << 8 | s->head[1]);
	if (!(s->message = hoy__alloc(s->len)))
		fail(s, -ENOMEM);
}

/* Takes some of the bytes: how many. */
static size_t take_some(struct hoy__stream *s, const uint8_t *data, size_t len)
{
	size_t missing = s->len + 2 - s->got, n = len < missing ? len : missing;

	if (s->got < 2) {
		s->head[s->got++] = *data;
		if (s->got == 2)
			begin_message(s);
		return 1;
	}
	memcpy(s->message + s->got - 2, data, n);
	s->got += n;
	return n;
}

static void take_bytes(struct hoy__stream *s, const uint8_t *data, size_t len)
{
	while (s->code == 0 && len) {
		size_t n = take_some(s, data, len);

		data += n;
		len -= n;
		if (s->message && s->got == s->len + 2) {
			s->got = 0;
			deliver(s);
		}
	}
}

/*
 * Most servers have Nagle's algorithm on: of two answers the second stays with them until
 * they know that the first has arrived.
 */
static void acknowledge(const struct hoy__stream *s)
{
	if (s->code == 0 && !hoy__list_empty(&s->requests))
		hoy__sock_ack_now(hoy__fd_sys(s->fd));
}

static void receive_some(struct hoy__stream *s)
{
	uint8_t chunk[CHUNK];

	while (s->code == 0) {
		ssize_t n = hoy__fd_recv_now(s->fd, chunk, sizeof chunk, 0);

		if (n == -EAGAIN)
			return;
		if (n > 0) {
			take_bytes(s, chunk, (size_t)n);
			acknowledge(s);
		} else {
			fail(s, n ? (int)n : HOY_EEOF);
		}
	}
}

void hoy__stream_pump(struct hoy__stream *s)
{
	send_some(s);
	receive_some(s);
}

/* ---- sharing ---- */

/* The server may have closed an idle connection; the poller's event of that is not waited for. */
static bool is_alive(struct hoy__stream *s)
{
	if (s->users == 0) {
		hoy__fd_kick(s->fd, HOY__IN);
		receive_some(s);
	}
	return is_good(s);
}

static bool is_crowded(const struct hoy__stream *s)
{
	return s->users >= HOY__STREAM_CROWDED;
}

/* The first that is not crowded, else the least crowded, of *n; NULL: there is none. */
static struct hoy__stream *find_stream(struct hoy__client *c, const hoy_addr *server, bool fresh, unsigned *n)
{
	struct hoy__stream *least = NULL;

	for (struct hoy__link *l = c->streams.next; (!least || is_crowded(least)) && l != &c->streams; l = l->next) {
		struct hoy__stream *s = container_of(l, struct hoy__stream, link);

		if (!is_good(s) || (fresh && s->served) || !hoy_addr_equal(&s->server, server) || !is_alive(s))
			continue;
		++*n;
		if (!least || s->users < least->users)
			least = s;
	}
	return least;
}

struct hoy__stream *hoy__stream_take(struct hoy__client *c, const hoy_addr *server, bool fresh, int *code)
{
	unsigned n = 0;
	struct hoy__stream *s = find_stream(c, server, fresh, &n), *opened = NULL;

	if (!s || (is_crowded(s) && n < HOY__SERVER_STREAMS))
		opened = open_stream(c, server, code);
	if (opened)
		s = opened;
	if (s)
		s->users++;
	return s;
}

/* The connection has no reader: the query of its first request is to read for all. */
static void hand_on(struct hoy__stream *s)
{
	if (!s->reader && !hoy__list_empty(&s->requests))
		hoy__query_poke(first_request(s)->query);
}

void hoy__stream_leave(struct hoy__stream *s)
{
	struct hoy__client *c = s->client;

	hand_on(s);
	if (--s->users)
		return;
	s->idle_since = hoy__coarse_now();
	hoy__streams_sweep(c, atomic_load(&c->closed));
}

unsigned hoy__stream_wait(struct hoy__stream *s, struct hoy__query *q, struct hoy__interest *on)
{
	if (s->reader || s->code)
		return 0;
	s->reader = q;
	on[0] = hoy__fd_interest(s->fd, HOY__IN);
	on[1] = hoy__fd_interest(s->fd, HOY__OUT);
	return s->out_len ? 2 : 1;
}

static bool has_request(struct hoy__stream *s, const struct hoy__query *q)
{
	for (unsigned i = 0; i < HOY__QUESTIONS; i++)
		if (q->request[i].stream == s)
			return true;
	return false;
}

void hoy__stream_waited(struct hoy__stream *s, struct hoy__query *q)
{
	if (s->reader == q)
		s->reader = NULL;
	hoy__stream_pump(s);
	if (!has_request(s, q))
		hand_on(s);
}

bool hoy__stream_skipped(struct hoy__stream *s, struct hoy__skipped *skipped)
{
	if (s->noted == s->skips)
		return false;
	*skipped = s->skipped[s->noted++];
	return true;
}
