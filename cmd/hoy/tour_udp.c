/* The guide's UDP chapters: a server that answers each datagram, and a client that waits for its answer. */
#include <string.h>

#include "service.h"
#include "tour.h"

/* Sends the bytes and reads what comes back: its length, or -1 with err. */
static ssize_t exchange(hoy_conn *c, const void *query, size_t len, void *reply, size_t size, hoy_err *err)
{
	ssize_t n = -1;

	if (!c)
		return -1;
	hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	if (hoy_conn_write(c, query, len, err) >= 0)
		n = hoy_conn_read(c, reply, size, err);
	hoy_conn_free(c);
	return n < 0 ? -1 : n;
}

static enum verdict daytime(struct step *s)
{
	const hoy_addr any = { .kind = HOY_ADDR_UDP, .ip = hoy_ipv4(127, 0, 0, 1) };
	struct packets server = { .answer = find_service("daytime")->answer };
	char text[DAYTIME_STRLEN + 1];
	hoy_addr addr;
	hoy_err err;
	ssize_t n;

	if (packets_start(&server, hoy_listen_udp("udp", &any, &err), &err) < 0)
		return step_failed(s, &err);
	step_command(s, "hoy serve daytime udp %s & hoy daytime udp %s", server.addr, server.addr);
	hoy_conn_local_addr(server.conn, &addr);
	n = exchange(hoy_dial_udp("udp", NULL, &addr, &err), "anything", 8, text, sizeof text - 1, &err);
	packets_stop(&server);
	if (n < 0)
		return step_failed(s, &err);
	text[n] = '\0';
	step_line(s, "%s", text);
	return is_now(text) ? STEP_OK : step_wrong(s, "that is not the time of now");
}

enum { SOCKETS = 3 };

/* In turn, from the last to the first: each has to answer while the others wait. */
static enum verdict ask_sockets(struct step *s, const struct packets *server)
{
	for (int i = SOCKETS - 1; i >= 0; i--) {
		char text[DAYTIME_STRLEN + 1];
		hoy_err err;
		ssize_t n = exchange(hoy_dial("udp", server[i].addr, &err), "anything", 8, text, sizeof text - 1, &err);

		if (n < 0)
			return step_failed(s, &err);
		text[n] = '\0';
		step_line(s, "%s: %s", server[i].addr, text);
		if (!is_now(text))
			return step_wrong(s, "that is not the time of now");
	}
	return STEP_OK;
}

static enum verdict several_sockets(struct step *s)
{
	struct packets server[SOCKETS] = { 0 };
	enum verdict verdict;
	hoy_err err;
	int n = 0;

	for (; n < SOCKETS; n++) {
		server[n].answer = find_service("daytime")->answer;
		if (packets_start(&server[n], hoy_listen_packet("udp", "127.0.0.1:0", &err), &err) < 0)
			break;
	}
	if (n < SOCKETS) {
		verdict = step_failed(s, &err);
	} else {
		step_command(s, "hoy serve daytime udp %s & hoy serve daytime udp %s & hoy daytime udp %s", server[0].addr,
			     server[1].addr, server[1].addr);
		verdict = ask_sockets(s, server);
	}
	while (n--)
		packets_stop(&server[n]);
	return verdict;
}

static enum verdict listen_packet(struct step *s)
{
	static const uint8_t query[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\6google\3com\0\0\1\0\1";
	struct packets server = { .answer = find_service("qr")->answer };
	uint8_t reply[sizeof query];
	hoy_err err;
	ssize_t n;

	if (packets_start(&server, hoy_listen_packet("udp", "127.0.0.1:0", &err), &err) < 0)
		return step_failed(s, &err);
	step_command(s, "hoy serve qr %s & dig @127.0.0.1 -p %s google.com", server.addr,
		     strrchr(server.addr, ':') + 1);
	n = exchange(hoy_dial("udp", server.addr, &err), query, sizeof query - 1, reply, sizeof reply, &err);
	packets_stop(&server);
	if (n < 0)
		return step_failed(s, &err);
	step_line(s, "sent %zu bytes, the first three %02x %02x %02x", sizeof query - 1, query[0], query[1], query[2]);
	step_line(s, "came %zd bytes, the first three %02x %02x %02x: a response", n, reply[0], reply[1], reply[2]);
	return n == sizeof query - 1 && reply[2] == 0x81 && !memcmp(reply, query, 2) &&
	       !memcmp(reply + 3, query + 3, (size_t)n - 3)
		? STEP_OK : step_wrong(s, "that is not the query with its QR bit set");
}

const struct tour_step tour_udp[] = {
	{ "UDP sockets: daytime", "examples/guide/UDPDaytimeServer.c", daytime },
	{ "Server listening on multiple sockets", "examples/guide/MultiSocketServer.c", several_sockets },
	{ "The PacketConn type", "examples/guide/ListenPacket.c", listen_packet },
	{ NULL, NULL, NULL }
};
