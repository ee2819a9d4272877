/*
 * A word ends at white space; a pair of double quotes keeps white space in it, around the whole word or
 * around a part: alpn="h2,h3". Escapes are left in place, because \. means something else in a name
 * than in a string.
 */
#include "dns/msg/words.h"

#include <string.h>

#include "base/base.h"
#include "dns/msg/slice.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void hoy__words_wrong(struct hoy__words *in, const char *mistake)
{
	if (!in->mistake)
		in->mistake = mistake;
	in->at = in->end;
}

bool hoy__words_left(struct hoy__words *in)
{
	while (in->at < in->end && is_blank(*in->at))
		in->at++;
	return in->at < in->end;
}

/* Behind the closing quote, or NULL. */
static const char *behind_quote(const char *at, const char *end)
{
	for (at++; at < end; at++) {
		if (*at == '"')
			return at + 1;
		at += *at == '\\' && at + 1 < end;
	}
	return NULL;
}

static const char *behind_word(const char *at, const char *end)
{
	while (at && at < end && !is_blank(*at))
		if (*at == '"')
			at = behind_quote(at, end);
		else
			at += *at == '\\' && at + 1 < end ? 2 : 1;
	return at;
}

bool hoy__words_next(struct hoy__words *in, struct hoy__word *word)
{
	const char *behind;

	*word = (struct hoy__word){ "", "", false };
	if (!hoy__words_left(in))
		return false;
	word->quoted = *in->at == '"';
	behind = word->quoted ? behind_quote(in->at, in->end) : behind_word(in->at, in->end);
	if (!behind) {
		hoy__words_wrong(in, "a quoted string is not closed");
		return false;
	}
	word->at = in->at + word->quoted;
	word->end = behind - word->quoted;
	in->at = behind;
	return true;
}

struct hoy__word hoy__words_need(struct hoy__words *in)
{
	struct hoy__word word;

	if (!hoy__words_next(in, &word))
		hoy__words_wrong(in, "the record is not complete");
	return word;
}

size_t hoy__word_len(const struct hoy__word *word)
{
	return (size_t)(word->end - word->at);
}

bool hoy__word_is(const struct hoy__word *word, const char *text)
{
	const char *at = word->at;

	if (word->quoted)
		return false;
	while (at < word->end && *text && hoy__lower(*at) == hoy__lower(*text)) {
		at++;
		text++;
	}
	return at == word->end && !*text;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool hoy__word_number(const struct hoy__word *word, uint64_t most, uint64_t *number)
{
	uint64_t n = 0;

	for (const char *at = word->at; at < word->end; at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (!is_digit(*at) || n > (most - digit) / 10 || digit > most)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return word->at < word->end;
}

bool hoy__word_copy(const struct hoy__word *word, char *text, size_t size)
{
	size_t len = hoy__word_len(word);

	if (len >= size || memchr(word->at, 0, len))
		return false;
	memcpy(text, word->at, len);
	text[len] = 0;
	return true;
}

uint64_t hoy__words_number(struct hoy__words *in, unsigned octets)
{
	struct hoy__word word = hoy__words_need(in);
	uint64_t number = 0;

	if (!in->mistake && !hoy__word_number(&word, UINT64_MAX >> (64 - 8 * octets), &number))
		hoy__words_wrong(in, octets == 1 ? "a number from 0 to 255 belongs here" :
				     octets == 2 ? "a number from 0 to 65535 belongs here" :
				     octets == 4 ? "a number of 32 bits belongs here" :
						   "a number of 64 bits belongs here");
	return number;
}

void hoy__words_name(struct hoy__words *in, struct hoy__name *name)
{
	struct hoy__word word = hoy__words_need(in);
	const char *mistake;
	bool is_absolute;

	*name = *in->origin;
	if (in->mistake || hoy__word_is(&word, "@"))
		return;
	mistake = hoy__name_scan(name, word.at, hoy__word_len(&word), &is_absolute);
	if (!mistake && !is_absolute && name->len - 1 + in->origin->len > HOY__NAME_SIZE)
		mistake = "a name is longer than 255 bytes";
	if (mistake)
		hoy__words_wrong(in, mistake);
	if (mistake || is_absolute)
		return;
	memcpy(name->wire + name->len - 1, in->origin->wire, in->origin->len);
	name->len = (uint8_t)(name->len - 1 + in->origin->len);
}

static uint32_t unit_of(char c)
{
	static const struct { char unit; uint32_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
	};

	for (size_t i = 0; i < LEN(units); i++)
		if (units[i].unit == hoy__lower(c))
			return units[i].seconds;
	return 0;
}

const char *hoy__ttl_parse(const char *text, size_t len, uint32_t *ttl)
{
	static const char mistake[] = "a time is seconds, at most 2147483647, or 1h30m";
	const char *at = text, *end = text + len;
	uint64_t sum = 0, number;

	if (!len)
		return mistake;
	while (at < end) {
		struct hoy__word digits = { .at = at };
		uint32_t seconds;

		while (at < end && is_digit(*at))
			at++;
		digits.end = at;
		seconds = at < end ? unit_of(*at) : digits.at == text;	/* one number alone is seconds */
		if (!seconds || !hoy__word_number(&digits, INT32_MAX, &number))
			return mistake;
		sum += number * seconds;
		if (sum > INT32_MAX)
			return mistake;
		at += at < end;
	}
	*ttl = (uint32_t)sum;
	return NULL;
}
