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

/* The pauses are those of hoy_serve: a receive that fails once will often fail again at once. */
ssize_t udp_receive(hoy_conn *packets, void *buf, size_t size, hoy_addr *from)
{
	hoy_duration pause = 5 * HOY_MILLISECOND;
	hoy_err err;
	ssize_t n;

	while ((n = hoy_conn_read_from(packets, buf, size, from, &err)) < 0) {
		if (hoy_is_closed((int)n) || hoy_is_canceled((int)n))
			break;
		serve_trouble(&err, pause, NULL);
		if (hoy_sleep(pause) < 0)
			break;
		pause = 2 * pause < HOY_SECOND ? 2 * pause : HOY_SECOND;
	}
	return n;
}

/* A sender of a Unix socket that is not bound has no address. */
static bool may_be_answered(const hoy_addr *from)
{
	return from->kind == HOY_ADDR_UDP ? from->port >= FIRST_CLIENT_PORT : from->kind != HOY_ADDR_NONE;
}

long long udp_serve(hoy_conn *packets, const struct service *service)
{
	/* any datagram, whole: UDP's have 64 KiB, a Unix socket's as much as net.core.wmem_max, which is 208 KiB */
	static uint8_t query[1 << 20], reply[1 << 20];
	long long count = 0;
	hoy_addr from;
	ssize_t n;

	while ((n = udp_receive(packets, query, sizeof query, &from)) >= 0) {
		struct tally t = { .in = n };
		ssize_t len = NO_ANSWER;

		if (may_be_answered(&from))
			len = service->answer(query, (size_t)n, reply, sizeof reply);
		if (len != NO_ANSWER && hoy_conn_write_to(packets, reply, (size_t)len, &from, NULL) > 0)
			t.out = len;
		served(&t);
		tell_datagram(&from, &t);
		count++;
	}
	return count;
}
