/*
 * Straight-line code, one task per connection: each service reads like its RFC. The
 * time limits are not here; the server sets one for every wait. What arrives is
 * read into a buffer that hoy lends, so an idle connection keeps one page of stack.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "service.h"

static int send_bytes(hoy_conn *c, struct tally *t, const char *bytes, size_t len)
{
	hoy_err err = { 0 };
	ssize_t n = hoy_conn_write(c, bytes, len, &err);

	t->out += n < 0 ? (int64_t)err.done : n;
	return n < 0 ? (int)n : 0;
}

/* Each message comes back whole; one that does not fit ends the connection. */
static int echo_messages(hoy_conn *c, struct tally *t)
{
	enum { LARGEST = 1 << 20 };
	hoy_unix_msg m = { .data = malloc(LARGEST), .size = LARGEST };
	int code = m.data ? 0 : -ENOMEM;
	ssize_t n;

	while (code == 0 && (n = hoy_unix_read_msg(c, &m, NULL)) != 0) {
		t->in += n > 0 ? n : 0;
		code = n < 0 ? (int)n : m.flags & HOY_UNIX_TRUNCATED ? -EMSGSIZE : send_bytes(c, t, m.data, m.len);
	}
	free(m.data);
	return code;
}

/* RFC 862 */
static int echo(hoy_conn *c, struct tally *t, const atomic_int *stop)
{
	const void *data;
	hoy_addr peer;
	ssize_t n;
	int code;

	(void)stop;	/* ends with its client, so that no byte taken is ever not returned */
	hoy_conn_remote_addr(c, &peer);
	if (peer.kind == HOY_ADDR_UNIXPACKET)
		return echo_messages(c, t);
	while ((n = hoy_conn_read_lent(c, &data, NULL)) > 0) {
		t->in += n;
		if ((code = send_bytes(c, t, data, (size_t)n)) < 0)
			return code;
	}
	return (int)n;
}

static ssize_t answer_echo(const uint8_t *query, size_t len, uint8_t *reply, size_t size)
{
	if (len > size)
		return NO_ANSWER;
	memcpy(reply, query, len);
	return (ssize_t)len;
}

/* RFC 863 */
static int discard(hoy_conn *c, struct tally *t, const atomic_int *stop)
{
	const void *data;
	ssize_t n;

	(void)stop;
	while ((n = hoy_conn_read_lent(c, &data, NULL)) > 0)
		t->in += n;
	return (int)n;
}

static ssize_t answer_nothing(const uint8_t *query, size_t len, uint8_t *reply, size_t size)
{
	(void)query;
	(void)len;
	(void)reply;
	(void)size;
	return NO_ANSWER;
}

/*
 * The guide's ListenPacket: a DNS message comes back as a response (RFC 1035 section 4.1.1), and a
 * datagram too short for the QR bit as it was.
 */
static ssize_t answer_qr(const uint8_t *query, size_t len, uint8_t *reply, size_t size)
{
	enum { FLAGS = 2, QR = 0x80 };
	ssize_t n = answer_echo(query, len, reply, size);

	if (n > FLAGS)
		reply[FLAGS] |= QR;
	return n;
}

char *daytime_text(char buf[DAYTIME_STRLEN])
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(buf, DAYTIME_STRLEN, "%F %T", &tm);
	len += (size_t)snprintf(buf + len, DAYTIME_STRLEN - len, ".%09ld", now.tv_nsec);
	strftime(buf + len, DAYTIME_STRLEN - len, " %z %Z", &tm);
	return buf;
}

static ssize_t answer_daytime(const uint8_t *query, size_t len, uint8_t *reply, size_t size)
{
	(void)query;
	(void)len;
	return size < DAYTIME_STRLEN ? NO_ANSWER : (ssize_t)strlen(daytime_text((char *)reply));
}

/*
 * RFC 867. Closing with a client's bytes unread would make the kernel reset the
 * connection, and the reset can overtake the answer: so say the end, then listen
 * a moment for the client's.
 */
static int daytime(hoy_conn *c, struct tally *t, const atomic_int *stop)
{
	char text[DAYTIME_STRLEN + 2], rest[512];
	ssize_t n;
	int code;

	(void)stop;
	daytime_text(text);
	strcat(text, "\r\n");
	code = send_bytes(c, t, text, strlen(text));
	if (code < 0 || (code = hoy_conn_close_write(c, NULL)) < 0)
		return code;
	hoy_conn_set_read_deadline(c, hoy_in(HOY_SECOND), NULL);
	while ((n = hoy_conn_read(c, rest, sizeof rest, NULL)) > 0 && t->in < 65536)
		t->in += n;
	return 0;
}

/* RFC 864: 72 of the 95 printing characters a line, each line starting one further. All lines, many times over. */
enum { FIRST = ' ', COUNT = 95, WIDTH = 72, LINE = WIDTH + 2, TIMES = 9 };

static char pattern[TIMES][COUNT][LINE];

static void fill_pattern(void)
{
	for (int i = 0; i < TIMES * COUNT; i++) {
		char *line = pattern[i / COUNT][i % COUNT];

		for (int k = 0; k < WIDTH; k++)
			line[k] = (char)(FIRST + (i % COUNT + k) % COUNT);
		memcpy(line + WIDTH, "\r\n", 2);
	}
}

static int chargen(hoy_conn *c, struct tally *t, const atomic_int *stop)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int code = 0;

	pthread_once(&once, fill_pattern);
	while (!atomic_load(stop) && (code = send_bytes(c, t, pattern[0][0], sizeof pattern)) == 0)
		;
	return code;
}

const struct service services[] = {
	{ "echo", echo, answer_echo }, { "discard", discard, answer_nothing }, { "daytime", daytime, answer_daytime },
	{ "chargen", chargen, NULL },	/* not over UDP: whoever is named as the sender would be flooded */
	{ "qr", NULL, answer_qr }, { "dns", dns_talk, NULL },
	{ NULL, NULL, NULL }
};

const struct service *find_service(const char *name)
{
	for (const struct service *s = services; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}
