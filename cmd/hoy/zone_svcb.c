/*
 * The parameters of SVCB and HTTPS (RFC 9460 section 2.1): key=value in any order in the
 * text, by ascending number in the record. Each is written behind the others as it is
 * met; sorting moves whole parameters.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "zone.h"

enum { MOST = 64 };

enum value { VALUE_NONE, VALUE_KEYS, VALUE_LIST, VALUE_PORT, VALUE_IP4, VALUE_IP6, VALUE_BASE64, VALUE_TEXT };

static const struct { const char *name; uint16_t key; enum value value; } keys[] = {
	{ "mandatory", 0, VALUE_KEYS }, { "alpn", 1, VALUE_LIST }, { "no-default-alpn", 2, VALUE_NONE },
	{ "port", 3, VALUE_PORT }, { "ipv4hint", 4, VALUE_IP4 }, { "ech", 5, VALUE_BASE64 },
	{ "ipv6hint", 6, VALUE_IP6 }, { "dohpath", 7, VALUE_TEXT },
};

struct param {
	uint16_t key;
	size_t at, len;		/* of its bytes: number, length, value */
};

/* keyNNNNN has the value's bytes as they are, also when the key has a name (RFC 9460 section 2.1). */
static int find_key(const char *text, size_t len, enum value *value)
{
	unsigned long number;
	char *end;
	char copy[16];

	for (size_t i = 0; i < LEN(keys); i++) {
		if (strlen(keys[i].name) == len && strncasecmp(text, keys[i].name, len) == 0) {
			*value = keys[i].value;
			return keys[i].key;
		}
	}
	if (len < 4 || len >= sizeof copy || strncasecmp(text, "key", 3) != 0 || text[3] < '0' || text[3] > '9')
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	number = strtoul(copy + 3, &end, 10);
	*value = VALUE_TEXT;
	return *end || number > 65534 ? -1 : (int)number;
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static const char *put_keys(struct rdata *d, const char *at, const char *end)
{
	uint16_t list[MOST];
	size_t count = 0;
	const char *mistake = NULL;

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		enum value value;
		int key;

		if (!comma)
			comma = end;
		key = find_key(at, (size_t)(comma - at), &value);
		if (key <= 0 || count == MOST)
			return "mandatory is a list of other keys";
		list[count++] = (uint16_t)key;
		at = comma + (comma < end);
	}
	qsort(list, count, sizeof *list, by_number);
	for (size_t i = 0; i < count && !mistake; i++)
		mistake = put_number(d, list[i], 2);
	return mistake;
}

static const char *put_ips(struct rdata *d, const char *at, const char *end, int len)
{
	const char *mistake = NULL;

	while (at < end && !mistake) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		char text[HOY_IP_STRLEN];
		hoy_ip ip;

		if (!comma)
			comma = end;
		if ((size_t)(comma - at) >= sizeof text)
			return "a hint is no IP address";
		memcpy(text, at, (size_t)(comma - at));
		text[comma - at] = '\0';
		if (hoy_parse_ip(text, &ip, NULL) < 0)
			return "a hint is no IP address";
		ip = len == 4 ? hoy_ip_to4(ip) : ip;
		if (ip.len != len)
			return "a hint is of the other family";
		mistake = put_bytes(d, ip.bytes, (size_t)len);
		at = comma + (comma < end);
	}
	return mistake;
}

/* Names of protocols, each with its length before it; \\, is a comma inside one. */
static const char *put_list(struct rdata *d, const char *at, const char *end)
{
	const char *mistake = put_number(d, 0, 1);
	size_t length = d->size - 1;

	while (at < end && !mistake) {
		bool comma = *at == ',';
		int c;

		if (end - at > 2 && at[0] == '\\' && at[1] == '\\' && (at[2] == ',' || at[2] == '\\'))
			at += 2;
		c = lex_char(&at, end);
		if (c < 0)
			return "a bad escape: \\DDD up to 255, or \\ and a character";
		if (comma) {
			length = d->size;
			c = 0;
		} else if (++d->data[length] == 0) {
			return "a string is longer than 255 bytes";
		}
		mistake = put_number(d, (uint32_t)c, 1);
	}
	return mistake;
}

static const char *put_base64(struct rdata *d, const char *at, const char *end)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	const char *mistake = NULL;

	while (end > at && end[-1] == '=')
		end--;
	for (size_t n = 0; at < end && !mistake; at++, n++) {
		const char *digit = *at ? strchr(digits, *at) : NULL;

		if (!digit)
			return "no base64";
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (n % 4)
			mistake = put_number(d, bits >> (6 - 2 * (n % 4)), 1);
	}
	return mistake;
}

static const char *put_port(struct rdata *d, const char *at, const char *end)
{
	uint32_t port = 0;

	if (at == end)
		return "port needs a number";
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return "port needs a number";
		port = port * 10 + (uint32_t)(*at - '0');
		if (port > 65535)
			return "port needs a number up to 65535";
	}
	return put_number(d, port, 2);
}

static const char *put_plain(struct rdata *d, const char *at, const char *end)
{
	const char *mistake = NULL;

	while (at < end && !mistake) {
		int c = lex_char(&at, end);

		mistake = c < 0 ? "a bad escape: \\DDD up to 255, or \\ and a character"
				: put_number(d, (uint32_t)c, 1);
	}
	return mistake;
}

static const char *put_value(struct rdata *d, enum value kind, const char *at, const char *end)
{
	if (at == end && kind != VALUE_NONE && kind != VALUE_TEXT)
		return "this parameter needs a value";
	switch (kind) {
	case VALUE_NONE: return at < end ? "this parameter takes no value" : NULL;
	case VALUE_KEYS: return put_keys(d, at, end);
	case VALUE_LIST: return put_list(d, at, end);
	case VALUE_PORT: return put_port(d, at, end);
	case VALUE_IP4: return put_ips(d, at, end, 4);
	case VALUE_IP6: return put_ips(d, at, end, 16);
	case VALUE_BASE64: return put_base64(d, at, end);
	default: return put_plain(d, at, end);
	}
}

static const char *put_param(struct rdata *d, struct param *p)
{
	const char *at = d->at->at, *end = at + d->at->len, *equals = memchr(at, '=', (size_t)(end - at));
	enum value kind = VALUE_TEXT;
	int key = find_key(at, equals ? (size_t)(equals - at) : (size_t)(end - at), &kind);
	const char *mistake;

	if (key < 0 || d->at->quoted)
		return "no key of a service parameter";
	p->key = (uint16_t)key;
	p->at = d->size;
	at = equals ? equals + 1 : end;
	if (end - at >= 2 && *at == '"' && end[-1] == '"') {
		at++;
		end--;
	}
	mistake = put_number(d, (uint32_t)key << 16, 4);
	if (!mistake)
		mistake = put_value(d, kind, at, end);
	if (mistake)
		return mistake;
	p->len = d->size - p->at;
	d->data[p->at + 2] = (uint8_t)((p->len - 4) >> 8);
	d->data[p->at + 3] = (uint8_t)(p->len - 4);
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	return ((const struct param *)a)->key - ((const struct param *)b)->key;
}

const char *put_params(struct rdata *d)
{
	struct param param[MOST];
	size_t count = 0, start = d->size, len = 0;
	const char *mistake = NULL;
	uint8_t *copy;

	for (; d->at < d->end && !mistake; d->at++) {
		if (count == MOST)
			return "more parameters than 64";
		mistake = put_param(d, &param[count++]);
	}
	if (mistake || count < 2)
		return mistake;
	copy = malloc(d->size - start);
	if (!copy)
		return "out of memory";
	memcpy(copy, d->data + start, d->size - start);
	qsort(param, count, sizeof *param, by_key);
	for (size_t i = 0; i < count; i++) {
		if (i && param[i].key == param[i - 1].key)
			mistake = "a parameter stands there twice";
		memcpy(d->data + start + len, copy + (param[i].at - start), param[i].len);
		len += param[i].len;
	}
	free(copy);
	return mistake;
}
