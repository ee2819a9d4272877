/*
 * Datagrams have no connections, so the relay makes one to the upstream for each sender, by which the answers are known as
 * its. Such a session ends when nothing was sent either way for as long as --idle says.
 */
#include <errno.h>
#include <stdlib.h>

#include "relay.h"

enum { CHAINS = 256, MOST = 65536 };

struct session {
	struct session *next;
	hoy_msg client;			/* its first datagram, whose ends a reply has the other way round */
	hoy_conn *upstream;
};

static struct {
	hoy_conn *packets;
	hoy_mutex lock;			/* of the chains, and of who is in them */
	struct session *chains[CHAINS];
	int count;
	hoy_wait_group running;
} sessions;

static bool is_same(const hoy_addr *a, const hoy_addr *b)
{
	return a->port == b->port && hoy_ip_equal(a->ip, b->ip);
}

static struct session **place_of(const hoy_addr *client)
{
	struct session **at = &sessions.chains[client->port % CHAINS];

	while (*at && !is_same(&(*at)->client.addr, client))
		at = &(*at)->next;
	return at;
}

static void renew(struct session *s)
{
	hoy_conn_set_read_deadline(s->upstream, serving.idle ? hoy_in(serving.idle) : (hoy_time){ 0 }, NULL);
}

static void end_session(struct session *s)
{
	hoy_mutex_lock(&sessions.lock);
	*place_of(&s->client.addr) = s->next;
	sessions.count--;
	hoy_mutex_unlock(&sessions.lock);
	hoy_conn_free(s->upstream);
	free(s);
	hoy_wait_group_done(&sessions.running);
}

/* A refused datagram is an answer of the upstream's system; the next one may be taken. */
static int pass_answers(void *at)
{
	struct session *s = at;
	char buf[MOST];
	ssize_t n;

	while ((n = hoy_conn_read(s->upstream, buf, sizeof buf, NULL)) >= 0 || n == -ECONNREFUSED) {
		struct tally t = { 0 };

		if (n < 0)
			continue;
		renew(s);
		if (udp_reply(sessions.packets, &s->client, buf, (size_t)n) >= 0)
			t.out = n;
		served(&t);
	}
	end_session(s);
	return 0;
}

/* NULL: the datagram is dropped. */
static struct session *begin_session(struct session **at, const hoy_msg *first)
{
	struct session *s;
	hoy_err err;

	if (serving.max_conns && sessions.count >= serving.max_conns)
		return NULL;
	s = must(calloc(1, sizeof *s));
	s->client = *first;
	s->upstream = relay_dial(&err);
	if (!s->upstream) {
		serve_trouble(&err, 0, NULL);
		free(s);
		return NULL;
	}
	hoy_wait_group_add(&sessions.running, 1);
	renew(s);
	sessions.count++;
	*at = s;
	if (hoy_go(pass_answers, s) == 0)
		return s;
	*at = NULL;
	sessions.count--;
	hoy_conn_free(s->upstream);
	free(s);
	hoy_wait_group_done(&sessions.running);
	return NULL;
}

static void pass_on(const hoy_msg *m)
{
	struct tally t = { 0 };
	struct session **at, *s;

	hoy_mutex_lock(&sessions.lock);
	at = place_of(&m->addr);
	s = *at ? *at : begin_session(at, m);
	if (s) {
		renew(s);
		if (hoy_conn_write(s->upstream, m->data, m->len, NULL) >= 0)
			t.in = (int64_t)m->len;
	}
	hoy_mutex_unlock(&sessions.lock);
	served(&t);
}

static void end_all(void)
{
	hoy_mutex_lock(&sessions.lock);
	for (int i = 0; i < CHAINS; i++)
		for (struct session *s = sessions.chains[i]; s; s = s->next)
			hoy_conn_close(s->upstream, NULL);
	hoy_mutex_unlock(&sessions.lock);
	hoy_wait_group_wait(&sessions.running);
}

long long relay_packets(hoy_conn *packets)
{
	static char room[MOST];
	hoy_msg m = { .data = room, .size = sizeof room };
	long long count = 0;

	sessions.packets = packets;
	for (; udp_receive(packets, &m) == 0; count++)
		pass_on(&m);
	end_all();
	return count;
}
