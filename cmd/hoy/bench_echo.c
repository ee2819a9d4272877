/*
 * Echo: what is sent has to come back. Every byte depends on the number of its connection and on its place there, so
 * that one which is lost, changed, doubled or another connection's shows, with the place.
 */
#include <string.h>

#include "bench.h"

/* The bytes 8 * index to 8 * index + 7 of a connection, by the finalizer of SplitMix64. */
static uint64_t word_of(uint64_t conn_number, uint64_t index)
{
	uint64_t x = (conn_number + 1) * UINT64_C(0x9e3779b97f4a7c15) + index;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void compose(const struct client *c, uint64_t offset)
{
	size_t size = (size_t)bench.size;

	for (size_t i = 0, part; i < size; i += part) {
		uint64_t word = word_of((uint64_t)c->conn_number, (offset + i) / 8);
		size_t skipped = (offset + i) % 8;

		part = size - i < 8 - skipped ? size - i : 8 - skipped;
		memcpy(c->message + i, (const char *)&word + skipped, part);
	}
}

/* Are these the bytes of the message from `at` on? */
static bool is_echo(const struct client *c, size_t at, const char *data, size_t len)
{
	if (!memcmp(c->message + at, data, len))
		return true;
	if (!at && len > 5 && !memcmp(data, "HTTP/", 5))
		tally.is_web_server = true;
	for (; c->message[at] == *data; at++)
		data++;
	tally_wrong("connection %lld, byte %llu (message %llu): 0x%02x came back for 0x%02x", c->conn_number,
		    (unsigned long long)(c->offset + at), (unsigned long long)c->offset / (unsigned)bench.size,
		    (unsigned char)*data, (unsigned char)c->message[at]);
	return false;
}

static int send_message(struct client *c, hoy_err *err)
{
	compose(c, c->offset);
	if (hoy_conn_write(c->conn, c->message, (size_t)bench.size, err) < 0)
		return err->code;
	tally_count(c, &tally.sent_bytes, bench.size);
	return 0;
}

static int read_echo(struct client *c, hoy_err *err)
{
	size_t got = 0, size = (size_t)bench.size, len;
	const void *data;

	while (got < size) {
		ssize_t n = hoy_conn_read_lent(c->conn, &data, err);

		if (n <= 0)
			return n ? (int)n : client_cut(c, err);
		tally_count(c, &tally.received_bytes, n);
		len = (size_t)n < size - got ? (size_t)n : size - got;
		if (!is_echo(c, got, data, len))
			return ANSWER_WRONG;
		got += (size_t)n;
	}
	if (got == size)
		return ANSWER_RIGHT;
	tally_wrong("connection %lld, byte %llu: more came back than was sent", c->conn_number, (unsigned long long)c->offset + size);
	return ANSWER_WRONG;
}

static int ask_stream(struct client *c, hoy_err *err)
{
	int code = send_message(c, err);

	if (code == 0)
		code = read_echo(c, err);
	if (code == ANSWER_RIGHT)
		c->offset += (unsigned)bench.size;
	return code;
}

/* The answer to the datagram before, which was answered already. */
static bool is_duplicate(struct client *c, const void *data, size_t len)
{
	bool is_it;

	if (!c->offset || len != (size_t)bench.size || !memcmp(c->message, data, len))
		return false;
	compose(c, c->offset - (unsigned)bench.size);
	is_it = !memcmp(c->message, data, len);
	compose(c, c->offset);
	if (is_it)
		tally_count(c, &tally.duplicates, 1);
	return is_it;
}

static int ask_datagram(struct client *c, hoy_err *err)
{
	int code = send_message(c, err);
	const void *data;
	ssize_t n;

	if (code < 0)
		return code;
	do {
		n = hoy_conn_read_lent(c->conn, &data, err);
		if (n < 0)
			return (int)n;
		tally_count(c, &tally.received_bytes, n);
	} while (is_duplicate(c, data, (size_t)n));
	if (n != bench.size) {
		tally_wrong("connection %lld, datagram %llu: %zd bytes came back for %d", c->conn_number,
			    (unsigned long long)c->offset / (unsigned)bench.size, n, bench.size);
		return ANSWER_WRONG;
	}
	if (!is_echo(c, 0, data, (size_t)n))
		return ANSWER_WRONG;
	c->offset += (unsigned)bench.size;
	return ANSWER_RIGHT;
}

const struct protocol protocol_stream = { .name = "echo", .ask = ask_stream };
const struct protocol protocol_datagram = { .name = "echo", .ask = ask_datagram };
