/*
 * The small services over datagrams: one task, and for each datagram at most one back. Nothing
 * shows that a sender of UDP is the one it says it is, so no answer is much longer than its question,
 * and services, which have ports below 1024, get none: two of them would never stop.
 */
#include <string.h>

#include "serve.h"

enum { FIRST_CLIENT_PORT = 1024 };

static void tell_datagram(const hoy_addr *from, const struct tally *t)
{
	char remote[HOY_ADDR_STRLEN];
	struct json j;

	if (!common.json && !serving.verbose)
		return;
	hoy_addr_string(from, remote);
	if (from->kind == HOY_ADDR_NONE)
		strcpy(remote, "@");		/* as of a connection without a name */
	if (common.json) {
		json_begin(&j, "datagram");
		json_text(&j, "remote", remote);
		json_int(&j, "in_bytes", t->in);
		json_int(&j, "out_bytes", t->out);
		json_end(&j);
	}
	if (serving.verbose)
		say("%s: %lld bytes in, %lld out", remote, (long long)t->in, (long long)t->out);
}

/* A Unix socket tells the sender alone. */
static ssize_t receive(hoy_conn *packets, hoy_msg *query, hoy_err *err)
{
	ssize_t n = hoy_udp_read_msg(packets, query, err);

	if (n != HOY_EWRONGKIND)
		return n;
	n = hoy_conn_read_from(packets, query->data, query->size, &query->addr, err);
	if (n >= 0)
		query->len = (size_t)n;
	return n;
}

/* The pauses are those of hoy_serve: a receive that fails once will often fail again at once. */
int udp_receive(hoy_conn *packets, hoy_msg *query)
{
	hoy_duration pause = 5 * HOY_MILLISECOND;
	hoy_err err;
	ssize_t n;

	while ((n = receive(packets, query, &err)) < 0) {
		if (hoy_is_closed((int)n) || hoy_is_canceled((int)n))
			break;
		serve_trouble(&err, pause, NULL);
		if (hoy_sleep(pause) < 0)
			break;
		pause = 2 * pause < HOY_SECOND ? 2 * pause : HOY_SECOND;
	}
	return n < 0 ? (int)n : 0;
}

ssize_t udp_reply(hoy_conn *packets, const hoy_msg *query, void *reply, size_t len)
{
	const hoy_msg m = { .data = reply, .len = len, .addr = query->addr, .local = query->local };

	if (query->addr.kind == HOY_ADDR_UDP)
		return hoy_udp_write_msg(packets, &m, NULL);
	return hoy_conn_write_to(packets, reply, len, &query->addr, NULL);
}

/* A sender of a Unix socket that is not bound has no address. */
static bool may_be_answered(const hoy_addr *from)
{
	return from->kind == HOY_ADDR_UDP ? from->port >= FIRST_CLIENT_PORT : from->kind != HOY_ADDR_NONE;
}

long long udp_serve(hoy_conn *packets, const struct service *service)
{
	/* any datagram, whole: UDP's have 64 KiB, a Unix socket's as much as net.core.wmem_max, which is 208 KiB */
	static uint8_t room[1 << 20], reply[1 << 20];
	hoy_msg query = { .data = room, .size = sizeof room };
	long long count = 0;

	while (udp_receive(packets, &query) == 0) {
		struct tally t = { .in = (int64_t)query.len };
		ssize_t len = NO_ANSWER;

		if (may_be_answered(&query.addr))
			len = service->answer(room, query.len, reply, sizeof reply);
		if (len != NO_ANSWER && udp_reply(packets, &query, reply, (size_t)len) > 0)
			t.out = len;
		served(&t);
		tell_datagram(&query.addr, &t);
		count++;
	}
	return count;
}
