/*
 * Writes JSON, one object per line. A line is put together in memory and leaves in
 * one write, so that lines of several tasks never mix and a reader at the other end
 * of a pipe sees each event when it happens.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

static void put(struct json *j, const char *bytes, size_t len)
{
	if (j->size - j->len < len) {
		j->size = 2 * j->size + len + 256;
		j->text = must(realloc(j->text, j->size));
	}
	memcpy(j->text + j->len, bytes, len);
	j->len += len;
}

static void put_char(struct json *j, char c)
{
	put(j, &c, 1);
}

/* How many bytes the UTF-8 character at p has, or 0 when it is not one (RFC 3629). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	static const struct { unsigned char lead, last, second_low, second_high; } forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf },
		{ 0xe0, 0xe0, 0xa0, 0xbf }, { 0xe1, 0xec, 0x80, 0xbf },
		{ 0xed, 0xed, 0x80, 0x9f }, { 0xee, 0xef, 0x80, 0xbf },
		{ 0xf0, 0xf0, 0x90, 0xbf }, { 0xf1, 0xf3, 0x80, 0xbf }, { 0xf4, 0xf4, 0x80, 0x8f },
	};

	if (*p < 0x80)
		return 1;
	for (size_t i = 0; i < LEN(forms); i++) {
		size_t len = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

		if (*p < forms[i].lead || *p > forms[i].last)
			continue;
		if (left < len || p[1] < forms[i].second_low || p[1] > forms[i].second_high)
			return 0;
		for (size_t k = 2; k < len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return len;
	}
	return 0;
}

static void put_escaped(struct json *j, const unsigned char *p, size_t len)
{
	char code[8];

	if (len == 0)
		put(j, "\xef\xbf\xbd", 3);
	else if (*p == '"' || *p == '\\') {
		put_char(j, '\\');
		put_char(j, (char)*p);
	} else if (*p < 0x20 || *p == 0x7f) {
		snprintf(code, sizeof code, "\\u%04x", *p);
		put(j, code, 6);
	} else
		put(j, (const char *)p, len);
}

static void put_string(struct json *j, const void *bytes, size_t len)
{
	const unsigned char *p = bytes, *end = p + len;

	put_char(j, '"');
	while (p < end) {
		size_t n = utf8_len(p, (size_t)(end - p));

		put_escaped(j, p, n);
		p += n ? n : 1;
	}
	put_char(j, '"');
}

static void put_key(struct json *j, const char *key)
{
	char last = j->text[j->len - 1];

	if (last != '{' && last != '[')
		put_char(j, ',');
	if (key) {
		put_string(j, key, strlen(key));
		put_char(j, ':');
	}
}

void json_begin(struct json *j, const char *type)
{
	struct timespec now;
	struct tm tm;
	char text[64];
	size_t len;

	*j = (struct json){ 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof text - len, ".%09ldZ", now.tv_nsec);
	put_char(j, '{');
	json_int(j, "v", 1);
	json_text(j, "type", type);
	json_text(j, "t", text);
}

void json_bytes(struct json *j, const char *key, const void *bytes, size_t len)
{
	put_key(j, key);
	put_string(j, bytes, len);
}

void json_text(struct json *j, const char *key, const char *text)
{
	json_bytes(j, key, text, strlen(text));
}

void json_number(struct json *j, const char *key, const char *digits)
{
	put_key(j, key);
	put(j, digits, strlen(digits));
}

void json_int(struct json *j, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)n);
	json_number(j, key, text);
}

void json_bool(struct json *j, const char *key, int yes)
{
	put_key(j, key);
	put(j, yes ? "true" : "false", yes ? 4 : 5);
}

void json_open(struct json *j, const char *key, char bracket)
{
	put_key(j, key);
	put_char(j, bracket);
}

void json_close(struct json *j, char bracket)
{
	put_char(j, bracket);
}

void json_end(struct json *j)
{
	put(j, "}\n", 2);
	out_write(j->text, j->len);
	free(j->text);
	*j = (struct json){ 0 };
}
