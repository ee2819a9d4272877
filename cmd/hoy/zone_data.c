/*
 * The data of a record, from text. Every type is a string of letters, one for each field,
 * and every letter a function: what a type looks like is read off the table. A type that
 * is not in it, and any type on request, is written as RFC 3597 has it: \# length hex.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "zone.h"

static const struct { const char *name; uint16_t type; const char *fields; } types[] = {
	{ "A", 1, "4" }, { "NS", 2, "n" }, { "CNAME", 5, "n" }, { "SOA", 6, "nndtttt" }, { "PTR", 12, "n" },
	{ "HINFO", 13, "ss" }, { "MX", 15, "wn" }, { "TXT", 16, "S" }, { "RP", 17, "nn" }, { "AAAA", 28, "6" },
	{ "SRV", 33, "wwwn" }, { "NAPTR", 35, "wwsssn" }, { "DNAME", 39, "n" }, { "DS", 43, "wbbh" },
	{ "SSHFP", 44, "bbh" }, { "TLSA", 52, "bbbh" }, { "SVCB", 64, "wnp" }, { "HTTPS", 65, "wnp" },
	{ "SPF", 99, "S" }, { "CAA", 257, "bsv" },
};

const char *put_bytes(struct rdata *d, const void *bytes, size_t len)
{
	if (len > sizeof d->data - d->size)
		return "the data is longer than 65535 bytes";
	memcpy(d->data + d->size, bytes, len);
	d->size += len;
	return NULL;
}

const char *put_number(struct rdata *d, uint32_t number, unsigned bytes)
{
	uint8_t be[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };

	return put_bytes(d, be + 4 - bytes, bytes);
}

static bool scan_number(const char *at, size_t len, uint64_t most, uint32_t *number)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(at[i] - '0');
		if (n > most)
			return false;
	}
	*number = (uint32_t)n;
	return len > 0;
}

/* 3600, 1h30m, 2w */
const char *read_ttl(uint32_t *ttl, const struct token *t)
{
	static const struct { char unit; uint32_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
	};
	static const char mistake[] = "a time is seconds, at most 2147483647, or 1h30m";
	const char *at = t->at, *end = at + t->len;
	uint64_t sum = 0;

	if (t->quoted || !t->len)
		return mistake;
	while (at < end) {
		const char *digits = at;
		uint32_t number, seconds = 0;

		while (at < end && *at >= '0' && *at <= '9')
			at++;
		if (!scan_number(digits, (size_t)(at - digits), INT32_MAX, &number))
			return mistake;
		if (at == end && digits == t->at)
			seconds = 1;
		for (size_t i = 0; at < end && i < LEN(units); i++)
			if ((*at | 0x20) == units[i].unit)
				seconds = units[i].seconds;
		sum += (uint64_t)number * seconds;
		if (!seconds || sum > INT32_MAX)
			return mistake;
		at += at < end;
	}
	*ttl = (uint32_t)sum;
	return NULL;
}

/* The labels of a word; *whole: it ended in a dot. */
static const char *read_labels(struct name *name, const struct token *t, bool *whole)
{
	const char *at = t->at, *end = at + t->len;
	uint8_t *length = name->wire;

	name->len = 1;
	*length = 0;
	*whole = false;
	while (at < end) {
		bool dot = *at == '.';
		int c = lex_char(&at, end);

		if (c < 0)
			return "a bad escape: \\DDD up to 255, or \\ and a character";
		if (dot && !*length)
			return "a name has an empty label";
		if (!dot && *length == LABEL_MOST)
			return "a label is longer than 63 bytes";
		if (name->len == NAME_MOST)
			return "a name is longer than 255 bytes";
		*whole = dot;
		if (dot) {
			length = name->wire + name->len;
			*length = 0;
		} else {
			name->wire[name->len] = (uint8_t)c;
			++*length;
		}
		name->len++;
	}
	return NULL;
}

const char *read_name(struct name *name, const struct token *t, const struct name *origin)
{
	const char *mistake;
	bool whole;

	if (t->len == 1 && *t->at == '@' && !t->quoted) {
		*name = *origin;
		return NULL;
	}
	if (t->len == 1 && *t->at == '.') {
		*name = (struct name){ .len = 1 };
		return NULL;
	}
	if (!t->len)
		return "an empty name";
	mistake = read_labels(name, t, &whole);
	if (mistake || whole)
		return mistake;
	if (name->len + origin->len > NAME_MOST)
		return "a name is longer than 255 bytes";
	memcpy(name->wire + name->len, origin->wire, origin->len);
	name->len = (uint8_t)(name->len + origin->len);
	return NULL;
}

static const char *put_ip(struct rdata *d, int len)
{
	char text[HOY_HOST_STRLEN];
	hoy_addr addr;

	if (d->at->len >= sizeof text)
		return "no IP address";
	memcpy(text, d->at->at, d->at->len);
	text[d->at->len] = '\0';
	if (hoy_parse_addr(text, &addr, NULL) < 0 || addr.zone[0] || addr.ip.len != len)
		return len == 4 ? "no IPv4 address" : "no IPv6 address";
	return put_bytes(d, addr.ip.bytes, (size_t)len);
}

static const char *put_text(struct rdata *d, size_t most)
{
	const char *at = d->at->at, *end = at + d->at->len;

	for (size_t n = 0; at < end; n++) {
		int c = lex_char(&at, end);
		const char *mistake;

		if (c < 0)
			return "a bad escape: \\DDD up to 255, or \\ and a character";
		if (n == most)
			return "a string is longer than 255 bytes";
		if ((mistake = put_number(d, (uint32_t)c, 1)))
			return mistake;
	}
	return NULL;
}

static const char *put_string(struct rdata *d)
{
	size_t before = d->size;
	const char *mistake = put_number(d, 0, 1);

	if (!mistake)
		mistake = put_text(d, 255);
	if (!mistake)
		d->data[before] = (uint8_t)(d->size - before - 1);
	return mistake;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at && (c > '9') == (at - digits > 9) ? (int)(at - digits) : -1;
}

/* To the end, white space where one likes. */
static const char *put_hex(struct rdata *d)
{
	int high = -1;

	for (; d->at < d->end; d->at++) {
		for (size_t i = 0; i < d->at->len; i++) {
			int digit = hex_digit(d->at->at[i]);
			const char *mistake = digit < 0 ? "no hexadecimal digit" : NULL;

			if (!mistake && high >= 0)
				mistake = put_number(d, (uint32_t)(high << 4 | digit), 1);
			if (mistake)
				return mistake;
			high = high >= 0 ? -1 : digit;
		}
	}
	return high >= 0 ? "half a byte of hexadecimal digits" : NULL;
}

static const char *put_wire_name(struct rdata *d)
{
	struct name name;
	const char *mistake = read_name(&name, d->at, d->origin);

	return mistake ? mistake : put_bytes(d, name.wire, name.len);
}

static const char *put_decimal(struct rdata *d, unsigned bytes)
{
	uint32_t number;

	if (!scan_number(d->at->at, d->at->len, (UINT64_C(1) << 8 * bytes) - 1, &number))
		return bytes == 1 ? "a number from 0 to 255 belongs here" :
		       bytes == 2 ? "a number from 0 to 65535 belongs here" : "a number of 32 bits belongs here";
	return put_number(d, number, bytes);
}

static const char *put_ttl(struct rdata *d)
{
	uint32_t ttl;
	const char *mistake = read_ttl(&ttl, d->at);

	return mistake ? mistake : put_number(d, ttl, 4);
}

static const char *put_strings(struct rdata *d)
{
	const char *mistake = NULL;

	for (; d->at < d->end && !mistake; d->at++)
		mistake = put_string(d);
	return mistake;
}

static const char *put_field(struct rdata *d, char field)
{
	const char *mistake;

	if (field == 'p')
		return put_params(d);	/* which may be none */
	if (d->at == d->end)
		return "the record is not complete";
	switch (field) {
	case 'S': return put_strings(d);
	case 'h': return put_hex(d);
	case '4': mistake = put_ip(d, 4); break;
	case '6': mistake = put_ip(d, 16); break;
	case 'n': mistake = put_wire_name(d); break;
	case 'b': mistake = put_decimal(d, 1); break;
	case 'w': mistake = put_decimal(d, 2); break;
	case 'd': mistake = put_decimal(d, 4); break;
	case 't': mistake = put_ttl(d); break;
	case 's': mistake = put_string(d); break;
	default: mistake = put_text(d, sizeof d->data);
	}
	d->at++;
	return mistake;
}

/* \# 3 abcdef; fields NULL: any bytes will do. */
static const char *put_generic(struct rdata *d, const char *fields)
{
	uint32_t length;
	const char *mistake;

	d->at++;
	if (d->at == d->end || !scan_number(d->at->at, d->at->len, 65535, &length))
		return "\\# needs a length";
	d->at++;
	mistake = put_hex(d);
	if (!mistake && d->size != length)
		mistake = "\\# has another length than it says";
	if (!mistake && fields && !data_has_fields(d->data, d->size, fields))
		mistake = "these bytes are no data of this type";
	return mistake;
}

const char *read_data(struct rdata *d, uint16_t type)
{
	const char *mistake = NULL, *fields = NULL;

	d->size = 0;
	for (size_t i = 0; i < LEN(types); i++)
		if (types[i].type == type)
			fields = types[i].fields;
	if (d->at < d->end && token_is(d->at, "\\#"))
		return put_generic(d, fields);
	if (!fields)
		return "data of this type is written as \\# LENGTH HEX";
	for (; *fields && !mistake; fields++)
		mistake = put_field(d, *fields);
	return mistake ? mistake : d->at < d->end ? "there is more than the record takes" : NULL;
}

uint16_t read_type(const struct token *t)
{
	uint32_t number;

	for (size_t i = 0; i < LEN(types); i++)
		if (token_is(t, types[i].name))
			return types[i].type;
	if (t->len > 4 && strncasecmp(t->at, "TYPE", 4) == 0 && scan_number(t->at + 4, t->len - 4, 65535, &number))
		return (uint16_t)number;
	return 0;
}

char *type_name(uint16_t type, char buf[16])
{
	for (size_t i = 0; i < LEN(types); i++)
		if (types[i].type == type)
			return strcpy(buf, types[i].name);
	snprintf(buf, 16, type == TYPE_ANY ? "ANY" : "TYPE%u", type);
	return buf;
}
