/* Names, times, types and data of records: the words of an entry, given to the library as text. */
#include <stdlib.h>
#include <string.h>

#include "zone_read.h"

bool text_add(struct text *t, const char *bytes, size_t len)
{
	if (len >= t->room - t->len) {
		size_t room = 2 * (t->len + len + 1);
		char *more = realloc(t->at, room);

		if (!more)
			return false;
		t->at = more;
		t->room = room;
	}
	memcpy(t->at + t->len, bytes, len);
	t->len += len;
	t->at[t->len] = '\0';
	return true;
}

static bool add_word(struct text *t, const struct token *word)
{
	const char *quote = word->quoted ? "\"" : "";

	return text_add(t, quote, strlen(quote)) && text_add(t, word->at, word->len) && text_add(t, quote, strlen(quote));
}

bool text_of_words(struct text *t, const struct token *at, const struct token *end)
{
	t->len = 0;
	if (!text_add(t, "", 0))
		return false;
	for (; at < end; at++)
		if (!add_word(t, at) || !text_add(t, " ", 1))
			return false;
	return true;
}

/* A name is what the data of an NS record is. */
const char *read_name(struct reading *r, struct name *name, const char *text)
{
	hoy_err err;
	ssize_t n = hoy_parse_rdata(HOY_TYPE_NS, text, r->origin, name->wire, sizeof name->wire, &err);

	if (n < 0)
		return err.call;
	name->len = (uint8_t)n;
	return NULL;
}

void set_origin(struct reading *r, const struct name *origin)
{
	hoy_rdata_string(HOY_TYPE_NS, origin->wire, origin->len, r->origin, sizeof r->origin);
}

const char *read_ttl(uint32_t *ttl, const struct token *t)
{
	char text[32];
	int seconds = -1;

	if (!t->quoted && t->len < sizeof text) {
		memcpy(text, t->at, t->len);
		text[t->len] = '\0';
		seconds = hoy_parse_ttl(text);
	}
	if (seconds < 0)
		return "a time is seconds, at most 2147483647, or 1h30m";
	*ttl = (uint32_t)seconds;
	return NULL;
}

int read_type(const struct token *t)
{
	char text[16];

	if (t->quoted || t->len >= sizeof text)
		return -1;
	memcpy(text, t->at, t->len);
	text[t->len] = '\0';
	return hoy_parse_type(text);
}

const char *read_data(struct reading *r, int type, const char *text)
{
	hoy_err err;
	ssize_t n = hoy_parse_rdata(type, text, r->origin, r->data, DATA_MOST, &err);

	if (n < 0)
		return err.call;
	r->size = (size_t)n;
	return NULL;
}
