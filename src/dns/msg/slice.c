/* Every function takes from the front of a piece and leaves the rest: no state, no copies. */
#include "dns/msg/slice.h"

#include <string.h>

struct hoy__slice hoy__slice(const char *text)
{
	return (struct hoy__slice){ text, strlen(text) };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void drop(struct hoy__slice *s, size_t len)
{
	s->at += len;
	s->len -= len;
}

static size_t find(struct hoy__slice s, char c)
{
	const char *at = s.len ? memchr(s.at, c, s.len) : NULL;

	return at ? (size_t)(at - s.at) : s.len;
}

bool hoy__next_line(struct hoy__slice *rest, struct hoy__slice *line)
{
	if (!rest->len)
		return false;
	*line = (struct hoy__slice){ rest->at, find(*rest, '\n') };
	drop(rest, line->len + (line->len < rest->len));
	return true;
}

bool hoy__next_word(struct hoy__slice *rest, struct hoy__slice *word)
{
	while (rest->len && is_space(*rest->at))
		drop(rest, 1);
	*word = (struct hoy__slice){ rest->at, 0 };
	while (rest->len && !is_space(*rest->at)) {
		word->len++;
		drop(rest, 1);
	}
	return word->len > 0;
}

struct hoy__slice hoy__before_comment(struct hoy__slice line)
{
	return (struct hoy__slice){ line.at, find(line, '#') };
}

struct hoy__slice hoy__trimmed(struct hoy__slice s)
{
	while (s.len && is_space(*s.at))
		drop(&s, 1);
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

bool hoy__slice_is(struct hoy__slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

bool hoy__slice_after(struct hoy__slice *s, const char *head)
{
	size_t len = strlen(head);

	if (s->len < len || memcmp(s->at, head, len))
		return false;
	drop(s, len);
	return true;
}

unsigned hoy__slice_number(struct hoy__slice s, unsigned limit, size_t *digits)
{
	unsigned long long number = 0;
	size_t i;

	for (i = 0; i < s.len && s.at[i] >= '0' && s.at[i] <= '9'; i++) {
		number = number * 10 + (unsigned)(s.at[i] - '0');
		if (number > limit)
			number = limit;
	}
	*digits = i;
	return (unsigned)number;
}

bool hoy__slice_addr(struct hoy__slice s, hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];

	if (!s.len || s.len >= sizeof text || memchr(s.at, 0, s.len))
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = 0;
	return hoy_parse_addr(text, addr, NULL) == 0;
}

char hoy__lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
