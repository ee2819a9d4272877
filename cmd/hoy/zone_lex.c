/*
 * A master file is lines, but parentheses make one entry of several, a semicolon ends
 * what counts, and quotes keep both out. Words are pointed at where they stand; whoever
 * uses one resolves its escapes, because \. means something else in a name than in text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "zone_read.h"

static bool add(struct entry *e, struct token t)
{
	if (e->count == e->room) {
		size_t room = e->room ? 2 * e->room : 16;
		struct token *more = realloc(e->token, room * sizeof *more);

		if (!more)
			return false;
		e->token = more;
		e->room = room;
	}
	e->token[e->count++] = t;
	return true;
}

/* From an opening quote to behind the closing one; NULL when the line or the text ends first. */
static const char *behind_quote(const char *at, const char *end)
{
	for (at++; at < end && *at != '\n'; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	return NULL;
}

/* A word may have a quoted part: alpn="h2,h3". */
static const char *behind_word(const char *at, const char *end)
{
	while (at && at < end && (!*at || !strchr(" \t\r\n;()", *at))) {
		if (*at == '"')
			at = behind_quote(at, end);
		else
			at += *at == '\\' && at + 1 < end && at[1] != '\n' ? 2 : 1;
	}
	return at;
}

static const char *lex_word(struct lexer *l, struct entry *e)
{
	struct token t = { .at = l->at, .quoted = *l->at == '"' };
	const char *behind = t.quoted ? behind_quote(l->at, l->end) : behind_word(l->at, l->end);

	if (!behind)
		return "a quoted string is not closed on its line";
	l->at = behind;
	t.len = (size_t)(behind - t.at);
	if (t.quoted) {
		t.at++;
		t.len -= 2;
	}
	if (!e->count)
		e->line = l->line;
	return add(e, t) ? NULL : "out of memory";
}

/* True when an entry has ended. */
static bool end_line(struct lexer *l, struct entry *e, int depth)
{
	l->at++;
	l->line++;
	if (depth)
		return false;
	l->start = true;
	if (!e->count)
		e->blank = false;
	return e->count > 0;
}

int lex_entry(struct lexer *l, struct entry *e, const char **mistake)
{
	int depth = 0;

	e->count = 0;
	e->blank = false;
	*mistake = NULL;
	while (l->at < l->end && !*mistake) {
		bool start = l->start;

		l->start = false;
		switch (*l->at) {
		case '\n':
			if (end_line(l, e, depth))
				return 1;
			break;
		case ' ': case '\t': case '\r':
			e->blank = e->blank || start;
			l->at++;
			break;
		case ';':
			while (l->at < l->end && *l->at != '\n')
				l->at++;
			break;
		case '(':
			depth++;
			l->at++;
			break;
		case ')':
			if (--depth < 0)
				*mistake = "a ) without its (";
			l->at++;
			break;
		default:
			*mistake = lex_word(l, e);
		}
	}
	if (*mistake)
		return e->line = l->line, -1;
	if (depth) {	/* the line where its entry began is already in e, unless there is no word */
		*mistake = "a ( is not closed";
		e->line = e->count ? e->line : l->line;
		return -1;
	}
	return e->count > 0;
}

/* What is indented, or begins with a parenthesis, belongs to the entry that went wrong. */
void lex_recover(struct lexer *l)
{
	do {
		const char *end = memchr(l->at, '\n', (size_t)(l->end - l->at));

		l->at = end ? end + 1 : l->end;
		l->line += end != NULL;
	} while (l->at < l->end && strchr(" \t)\r\n", *l->at));
	l->start = true;
}

bool token_is(const struct token *t, const char *word)
{
	return !t->quoted && strlen(word) == t->len && strncasecmp(t->at, word, t->len) == 0;
}
