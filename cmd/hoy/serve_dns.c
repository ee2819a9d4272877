/*
 * The zone server: one task answers all datagrams, one more per TCP connection, and all
 * of them read the same zones, which never change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"
#include "zone.h"

enum { QUERY_SIZE = 4096, UDP_SIZE = 1232, TCP_SIZE = 65535 };

static struct zones zones;

int dns_load(const char *path, const char *origin)
{
	char mistake[MISTAKE_STRLEN];

	if (zones_read(&zones, path, origin, mistake) == 0)
		return 0;
	say("%s", mistake);
	return -1;
}

/* "example.com. (12 records), example.org. (3 records) and 4 more": which zones are served. */
void dns_zones_string(char *text, size_t size)
{
	size_t len = 0, more = 0;
	char name[KEY_STRLEN];

	text[0] = '\0';
	for (const struct rr *soa = zones_next_soa(&zones, NULL); soa; soa = zones_next_soa(&zones, soa)) {
		size_t records = zones_records(&zones, soa);

		if (len + 300 > size) {
			more++;
			continue;
		}
		len += (size_t)snprintf(text + len, size - len, "%s%.200s (%zu record%s)", len ? ", " : "",
					key_string(&soa->key, name), records, records == 1 ? "" : "s");
	}
	if (more)
		snprintf(text + len, size - len, " and %zu more", more);
}

void dns_zones_json(struct json *j)
{
	char name[KEY_STRLEN];

	json_open(j, "zones", '[');
	for (const struct rr *soa = zones_next_soa(&zones, NULL); soa; soa = zones_next_soa(&zones, soa)) {
		json_open(j, NULL, '{');
		json_text(j, "name", key_string(&soa->key, name));
		json_int(j, "records", (int64_t)zones_records(&zones, soa));
		json_close(j, '}');
	}
	json_close(j, ']');
}

void dns_hint(void)
{
	if (zones.is_root_by_accident)
		say("the file has no $ORIGIN, so that @ is the root; --origin example.com makes it that zone");
}

static void tell_query(const hoy_addr *from, const char *network, const struct asked *asked, size_t len)
{
	char text[HOY_ADDR_STRLEN], rcode[HOY_TYPE_STRLEN];
	struct json j;

	hoy_addr_string(from, text);
	hoy_rcode_string(asked->rcode, rcode);
	if (common.json) {
		json_begin(&j, "query");
		json_text(&j, "remote", text);
		json_text(&j, "network", network);
		json_text(&j, "name", asked->name);
		json_text(&j, "qtype", asked->type);
		json_text(&j, "rcode", rcode);
		json_int(&j, "out_bytes", (int64_t)len);
		json_end(&j);
	}
	if (serving.verbose)
		say("%s %s: %s %s: %s, %zu bytes", network, text, asked->name, asked->type, rcode, len);
}

static size_t answer(const uint8_t *query, size_t len, const hoy_addr *from, uint8_t *reply, size_t size)
{
	bool udp = from->kind == HOY_ADDR_UDP;
	struct asked asked;
	size_t n = zones_answer(&zones, query, len, udp, reply, size, &asked);

	if (n)
		tell_query(from, udp ? "udp" : "tcp", &asked, n);
	return n;
}

/* Ends when the socket is closed. A reply that cannot be sent is lost, as any datagram may be. */
int dns_serve_packets(void *packets)
{
	uint8_t room[QUERY_SIZE], reply[UDP_SIZE];
	hoy_msg query = { .data = room, .size = sizeof room };

	while (udp_receive(packets, &query) == 0) {
		size_t len = answer(room, query.len, &query.addr, reply, sizeof reply);
		struct tally t = { .in = (int64_t)query.len };

		if (len && udp_reply(packets, &query, reply, len) > 0)
			t.out = (int64_t)len;
		served(&t);
	}
	return 0;
}

/* Exactly len bytes: 1; 0 when the client has ended before the first of them. */
static int read_part(hoy_conn *c, uint8_t *at, size_t len, struct tally *t)
{
	hoy_err err = { 0 };
	ssize_t n = hoy_read_full(c, at, len, &err);

	t->in += n < 0 ? (int64_t)err.done : n;
	return n >= 0 ? 1 : n == HOY_EEOF && !err.done ? 0 : (int)n;
}

/* RFC 7766: one query after the other, each with its length before it, until the client ends. */
static int talk(hoy_conn *c, uint8_t *query, uint8_t *reply, struct tally *t, const atomic_int *stop)
{
	hoy_addr from;
	int code;

	hoy_conn_remote_addr(c, &from);
	while (!atomic_load(stop) && (code = read_part(c, query, 2, t)) > 0) {
		size_t len = (size_t)query[0] << 8 | query[1];
		ssize_t n;

		if (len && (code = read_part(c, query, len, t)) <= 0)
			return code ? code : HOY_EEOF;
		len = answer(query, len, &from, reply + 2, TCP_SIZE);
		if (!len)
			return 0;	/* no query: nothing that follows can be trusted to be one */
		reply[0] = (uint8_t)(len >> 8);
		reply[1] = (uint8_t)len;
		if ((n = hoy_conn_write(c, reply, len + 2, NULL)) < 0)
			return (int)n;
		t->out += n;
	}
	return atomic_load(stop) ? 0 : code;
}

int dns_talk(hoy_conn *c, struct tally *t, const atomic_int *stop)
{
	uint8_t *room = malloc(TCP_SIZE + 2 + TCP_SIZE);
	int code = room ? talk(c, room, room + TCP_SIZE, t, stop) : -ENOMEM;

	free(room);
	return code;
}
