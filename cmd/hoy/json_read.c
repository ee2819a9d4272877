#include "json_read.h"

#include <stdlib.h>
#include <string.h>

static char peek(struct json_reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
	return r->bad ? '\0' : *r->at;
}

static bool take(struct json_reader *r, char c)
{
	if (peek(r) != c || !c)
		return false;
	r->at++;
	return true;
}

static void expect(struct json_reader *r, char c)
{
	if (!take(r, c))
		r->bad = true;
}

void json_enter(struct json_reader *r, char bracket)
{
	expect(r, bracket);
}

/* Is there another one? Commas stand between two. */
static bool has_next(struct json_reader *r, char bracket)
{
	if (r->bad || take(r, bracket))
		return false;
	take(r, ',');
	return true;
}

char *json_key(struct json_reader *r)
{
	char *key;

	if (!has_next(r, '}'))
		return NULL;
	key = json_string(r);
	expect(r, ':');
	return r->bad ? NULL : key;
}

bool json_more(struct json_reader *r)
{
	return has_next(r, ']');
}

/* The code point of four hexadecimal digits as UTF-8, at to; surrogates, which are half a character, become '?'. */
static char *put_code(char *to, const char *digits)
{
	char four[5] = { 0 };
	unsigned long code;

	memcpy(four, digits, 4);
	code = strtoul(four, NULL, 16);
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code >= 0xd800 && code < 0xe000) {
		*to++ = '?';
	} else {
		if (code < 0x800)
			*to++ = (char)(0xc0 | code >> 6);
		else {
			*to++ = (char)(0xe0 | code >> 12);
			*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		}
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/* Reads what follows a backslash. */
static char *unescape(struct json_reader *r, char *to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = *r->at ? strchr(names, *r->at) : NULL;

	if (name) {
		*to++ = values[name - names];
		r->at++;
	} else if (*r->at == 'u' && strspn(r->at + 1, "0123456789abcdefABCDEF") >= 4) {
		to = put_code(to, r->at + 1);
		r->at += 5;
	} else {
		r->bad = true;
	}
	return to;
}

char *json_string(struct json_reader *r)
{
	static char none[1];
	char *text, *to;

	if (peek(r) != '"') {
		json_skip(r);
		return none;
	}
	text = to = ++r->at;
	while (!r->bad && *r->at && *r->at != '"')
		if (*r->at++ != '\\')
			*to++ = r->at[-1];
		else
			to = unescape(r, to);
	if (*r->at != '"')
		r->bad = true;
	if (r->bad)
		return none;
	r->at++;
	*to = '\0';
	return text;
}

double json_number_read(struct json_reader *r)
{
	char c = peek(r), *end;
	double n;

	if (c != '-' && (c < '0' || c > '9')) {
		json_skip(r);
		return 0;
	}
	n = strtod(r->at, &end);
	r->at = end;
	return n;
}

static void skip_word(struct json_reader *r)
{
	size_t len = strspn(r->at, "truefalsn");

	if (!len)
		r->bad = true;
	r->at += len;
}

/* Brackets are counted, not called for: the depth is the sender's. */
void json_skip(struct json_reader *r)
{
	int depth = 0;

	do {
		char c = peek(r);

		if (c == '"')
			json_string(r);
		else if (c == '{' || c == '[')
			depth++, r->at++;
		else if (c == '}' || c == ']')
			depth--, r->at++;
		else if (c == ',' || c == ':')
			r->at++;
		else if (c == '-' || (c >= '0' && c <= '9'))
			json_number_read(r);
		else
			skip_word(r);
	} while (!r->bad && depth > 0);
}

bool json_at_end(struct json_reader *r)
{
	return peek(r) == '\0' && !r->bad;
}

bool json_field(struct json_reader *r, const struct json_field *f, const char *key, void *record)
{
	void *at;

	while (f->key && strcmp(f->key, key))
		f++;
	if (!f->key)
		return false;
	at = (char *)record + f->offset;
	if (f->is_number)
		*(double *)at = json_number_read(r);
	else
		*(const char **)at = json_string(r);
	return true;
}

void json_fields(struct json_reader *r, const struct json_field *fields, void *record)
{
	const char *key;

	json_enter(r, '{');
	while ((key = json_key(r)))
		if (!json_field(r, fields, key, record))
			json_skip(r);
}
