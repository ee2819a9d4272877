#include "debug/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static void put(struct hoy__json *j, const void *bytes, size_t len)
{
	if (j->code == 0 && len > j->size - j->len) {
		size_t size = 2 * j->size + len + 256;
		char *text = hoy__realloc(j->text, size);

		if (!text) {
			j->code = -ENOMEM;
			return;
		}
		j->text = text;
		j->size = size;
	}
	if (j->code == 0) {
		memcpy(j->text + j->len, bytes, len);
		j->len += len;
	}
}

static void put_char(struct hoy__json *j, char c)
{
	put(j, &c, 1);
}

/* The length of the character that begins there, or 0 when it is none: RFC 3629, section 4. The text ends with a NUL. */
static size_t utf8_len(const unsigned char *p)
{
	static const struct { unsigned char low, high, second_low, second_high, len; } leads[] = {
		{ 0x01, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < LEN(leads); i++) {
		size_t n = 1;

		if (*p < leads[i].low || *p > leads[i].high)
			continue;
		if (leads[i].len > 1 && (p[1] < leads[i].second_low || p[1] > leads[i].second_high))
			return 0;
		while (n < leads[i].len && (n == 1 || (p[n] & 0xc0) == 0x80))
			n++;
		return n == leads[i].len ? n : 0;
	}
	return 0;
}

static void put_string(struct hoy__json *j, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	char escape[8];

	put_char(j, '"');
	for (size_t len; *p; p += len ? len : 1) {
		len = utf8_len(p);
		if (len == 0)
			put(j, "\xef\xbf\xbd", 3);
		else if (*p == '"' || *p == '\\')
			put(j, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", *p));
		else if (*p < 0x20 || *p == 0x7f)
			put(j, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", *p));
		else
			put(j, p, len);
	}
	put_char(j, '"');
}

/* What stands before a value. */
static void put_key(struct hoy__json *j, const char *key)
{
	bool is_first = j->len == 0 || strchr("{[", j->text[j->len - 1]);

	if (!is_first)
		put_char(j, ',');
	if (key) {
		put_string(j, key);
		put_char(j, ':');
	}
}

void hoy__json_text(struct hoy__json *j, const char *key, const char *text)
{
	put_key(j, key);
	put_string(j, text);
}

void hoy__json_number(struct hoy__json *j, const char *key, uint64_t n)
{
	char digits[24];

	put_key(j, key);
	put(j, digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n));
}

void hoy__json_open(struct hoy__json *j, const char *key, char bracket)
{
	put_key(j, key);
	put_char(j, bracket);
}

void hoy__json_close(struct hoy__json *j, char bracket)
{
	put_char(j, bracket);
}

void hoy__json_end(struct hoy__json *j)
{
	put_char(j, '\n');
}
