/*
 * The words are a stranger's, and on their way to terminals and logs: a character stays only
 * if it is one (RFC 3629) and does nothing but look like itself. Every other octet becomes
 * \DDD, as in names.
 */
#include "dns/msg/extended.h"

#include <stdio.h>

#include "base/base.h"

/* How many octets the character at p has; 0: it is none. */
static size_t read_character(const uint8_t *p, size_t left, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf8 ? 4 : 0;

	if (!len || len > left)
		return 0;
	*c = len == 1 ? *p : *p & 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	return *c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff) ? 0 : len;
}

/* Controls, and what ends lines or turns the direction of writing. */
static bool is_plain(uint32_t c)
{
	static const struct { uint32_t first, last; } moves[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};

	for (size_t i = 0; i < LEN(moves); i++)
		if (c >= moves[i].first && c <= moves[i].last)
			return false;
	return c != '\\';
}

/* Octets taken; their text is in out, at most 4 long. */
static size_t show_character(const uint8_t *p, size_t left, char out[5])
{
	uint32_t c;
	size_t len = read_character(p, left, &c);

	if (!len || !is_plain(c)) {
		snprintf(out, 5, "\\%03u", *p);
		return 1;
	}
	memcpy(out, p, len);
	out[len] = '\0';
	return len;
}

static void read_words(struct hoy__bytes text, char words[HOY__WORDS_SIZE])
{
	static const char more[] = "...";
	size_t at = 0, fits = 0;	/* fits: where `more` would go */

	while (text.len && !text.at[text.len - 1])	/* section 2: it may end in a NUL */
		text.len--;
	while (text.len) {
		char shown[5];
		size_t taken = show_character(text.at, text.len, shown), len = strlen(shown);

		if (at + len >= HOY__WORDS_SIZE) {
			memcpy(words + fits, more, sizeof more);
			return;
		}
		memcpy(words + at, shown, len + 1);
		at += len;
		if (at + sizeof more <= HOY__WORDS_SIZE)
			fits = at;
		text.at += taken;
		text.len -= taken;
	}
}

void hoy__extended_read(struct hoy__bytes options, struct hoy__extended *e)
{
	struct hoy__bytes value;
	uint16_t code;

	while (!e->present && hoy__next_option(&options, &code, &value)) {
		if (code != HOY__OPTION_EXTENDED || value.len < 2)
			continue;
		e->present = true;
		e->code = (uint16_t)(value.at[0] << 8 | value.at[1]);
		read_words((struct hoy__bytes){ value.at + 2, value.len - 2 }, e->words);
	}
}
