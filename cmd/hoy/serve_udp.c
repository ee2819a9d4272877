/*
 * The small services over UDP: one task, and for each datagram at most one back. Nothing
 * shows that a sender is the one it says it is, so no answer is much longer than its question,
 * and services, which have ports below 1024, get none: two of them would never stop.
 */
#include "serve.h"

enum { FIRST_CLIENT_PORT = 1024 };

static void tell_datagram(const hoy_addr *from, const struct tally *t)
{
	char remote[HOY_ADDR_STRLEN];
	struct json j;

	hoy_addr_string(from, remote);
	if (common.json) {
		json_begin(&j, "datagram");
		json_text(&j, "remote", remote);
		json_int(&j, "in_bytes", t->in);
		json_int(&j, "out_bytes", t->out);
		json_end(&j);
	}
	if (serve_verbose)
		say("%s: %lld bytes in, %lld out", remote, (long long)t->in, (long long)t->out);
}

long long udp_serve(hoy_conn *packets, const struct service *service)
{
	static uint8_t query[65536], reply[65536];	/* any datagram, whole */
	long long count = 0;
	hoy_addr from;
	ssize_t n;

	while (!hoy_is_closed((int)(n = hoy_conn_read_from(packets, query, sizeof query, &from, NULL))) &&
	       n != HOY_ECANCELED) {
		struct tally t = { .in = n };
		size_t len;

		if (n < 0)
			continue;
		len = from.port < FIRST_CLIENT_PORT ? 0 : service->answer(query, (size_t)n, reply, sizeof reply);
		if (len && hoy_conn_write_to(packets, reply, len, &from, NULL) > 0)
			t.out = (int64_t)len;
		served(&t);
		tell_datagram(&from, &t);
		count++;
	}
	return count;
}
