/*
 * Multicast groups from /proc/net, since netlink lists those of IPv4 only from Linux 6.14 on.
 *
 * igmp: a line for each interface that begins with its number, then one for each of its groups,
 * indented: the address as 8 hex digits of a 32-bit number in the byte order of the machine.
 * igmp6: a line for each group: number, name, and the address as 32 hex digits.
 */
#include <errno.h>
#include <string.h>

#include "sock/iface.h"

/* What is left of a text, of which words and lines are taken. */
struct text {
	const char *at, *end;
};

static struct text take_line(struct text *t)
{
	const char *newline = t->at < t->end ? memchr(t->at, '\n', (size_t)(t->end - t->at)) : NULL;
	struct text line = { t->at, newline ? newline : t->end };

	t->at = newline ? newline + 1 : t->end;
	return line;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text take_word(struct text *line)
{
	struct text word;

	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	word.at = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word.end = line->at;
	return word;
}

/* 0 when the word is not an interface's number. */
static int index_of(struct text word)
{
	int64_t n = 0;

	if (word.at == word.end)
		return 0;
	for (; word.at < word.end; word.at++) {
		if (*word.at < '0' || *word.at > '9' || n > INT32_MAX / 10)
			return 0;
		n = n * 10 + (*word.at - '0');
	}
	return n <= INT32_MAX ? (int)n : 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(struct text word, uint8_t *bytes, size_t len)
{
	if ((size_t)(word.end - word.at) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = digit(word.at[2 * i]), low = digit(word.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int add(struct hoy__rows *rows, int index, const uint8_t *bytes, size_t len)
{
	hoy_interface_group *row = hoy__rows_add(rows);

	if (!row)
		return -ENOMEM;
	*row = (hoy_interface_group){ .ip = hoy_ip_from_bytes(bytes, len), .index = index };
	return 0;
}

/* The digits are those of a number; its bytes in memory are the address. */
static bool read_ip4(struct text word, uint8_t bytes[4])
{
	uint8_t big_endian[4];
	uint32_t number;

	if (!read_hex(word, big_endian, sizeof big_endian))
		return false;
	number = (uint32_t)big_endian[0] << 24 | (uint32_t)big_endian[1] << 16 | (uint32_t)big_endian[2] << 8 | big_endian[3];
	memcpy(bytes, &number, sizeof number);
	return true;
}

int hoy__iface_groups4(const char *text, size_t len, int index, struct hoy__rows *rows)
{
	struct text t = { text, len ? text + len : text };
	int current = 0, code = 0;

	while (t.at < t.end && code == 0) {
		struct text line = take_line(&t);
		uint8_t bytes[4];

		if (line.at < line.end && !is_blank(*line.at))
			current = index_of(take_word(&line));
		else if (current && (!index || index == current) && read_ip4(take_word(&line), bytes))
			code = add(rows, current, bytes, sizeof bytes);
	}
	return code;
}

int hoy__iface_groups6(const char *text, size_t len, int index, struct hoy__rows *rows)
{
	struct text t = { text, len ? text + len : text };
	int code = 0;

	while (t.at < t.end && code == 0) {
		struct text line = take_line(&t);
		int current = index_of(take_word(&line));
		uint8_t bytes[16];

		take_word(&line);	/* its name */
		if (current && (!index || index == current) && read_hex(take_word(&line), bytes, sizeof bytes))
			code = add(rows, current, bytes, sizeof bytes);
	}
	return code;
}
