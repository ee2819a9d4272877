/*
 * Reads a command line by the verb's table. Written by hand rather than on
 * getopt_long, because that accepts abbreviations, which turn into errors the day a
 * second flag starts with the same letters, and cannot say what was meant.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

struct common common = { .color = "auto" };

static const struct flag common_flags[] = {
	{ "json", 0, FLAG_BOOL, &common.json, NULL, "one JSON object per line; see hoy help json", 0, 0 },
	{ "color", 0, FLAG_CHOICE, &common.color, "auto|always|never",
	  "colours; auto: on a terminal and without NO_COLOR", 0, 0 },
	{ "help", 'h', FLAG_BOOL, &common.help, NULL, "this text", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* Letters to insert, drop, change or swap with a neighbour to make b of a. */
static int distance(const char *a, const char *b)
{
	enum { MOST = 32 };
	int rows[MOST + 1][MOST + 1];
	int n = (int)strlen(a), m = (int)strlen(b);

	if (n > MOST || m > MOST)
		return MOST;
	for (int i = 0; i <= n; i++)
		for (int j = 0; j <= m; j++) {
			int best = i + j;

			if (i && j) {
				best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
				if (rows[i - 1][j] + 1 < best)
					best = rows[i - 1][j] + 1;
				if (rows[i][j - 1] + 1 < best)
					best = rows[i][j - 1] + 1;
			}
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
		}
	return rows[n][m];
}

const char *nearest(const char *word, const void *table, size_t stride)
{
	const char *name, *found = NULL;
	int best = (int)strlen(word) / 3 + 2;

	for (const char *at = table; (name = *(const char *const *)(const void *)at); at += stride) {
		int d = distance(word, name);

		/* a word that shares nothing with what was typed is no help */
		if (d < best && d < (int)strlen(name)) {
			best = d;
			found = name;
		}
	}
	return found;
}

const struct flag *flag_at(const struct verb *v, size_t i)
{
	size_t own = 0;

	if (v->flags)
		while (v->flags[own].name)
			own++;
	if (i < own)
		return &v->flags[i];
	i -= own;
	return i < LEN(common_flags) - 1 ? &common_flags[i] : NULL;
}

const char *flag_arg(const struct flag *f)
{
	static const char *const by_kind[] = {
		[FLAG_BOOL] = "", [FLAG_INT] = "N", [FLAG_DURATION] = "DURATION", [FLAG_TEXT] = "TEXT",
	};

	return f->arg ? f->arg : by_kind[f->kind];
}

char *flag_default(const struct flag *f, char *buf, size_t size)
{
	char text[DURATION_STRLEN];
	const char *word;

	buf[0] = '\0';
	switch (f->kind) {
	case FLAG_BOOL:
		break;
	case FLAG_INT:
		snprintf(buf, size, "%d", *(const int *)f->value);
		break;
	case FLAG_DURATION:
		snprintf(buf, size, "%s", duration_string(*(const hoy_duration *)f->value, text));
		break;
	case FLAG_TEXT:
	case FLAG_CHOICE:
		word = *(const char *const *)f->value;
		snprintf(buf, size, "%s", word ? word : "");
		break;
	}
	return buf;
}

static int is_choice(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (len && !strncmp(at, word, len) && (at[len] == '|' || !at[len]))
			return 1;
	return 0;
}

static int parse_int(const struct flag *f, const char *text)
{
	int high = f->low || f->high ? f->high : INT_MAX;
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end || errno || n < f->low || n > high) {
		usage("--%s takes a number from %d to %d, not '%s'", f->name, f->low, high, text);
		return -1;
	}
	*(int *)f->value = (int)n;
	return 0;
}

static int set_flag(const struct flag *f, const char *text)
{
	switch (f->kind) {
	case FLAG_BOOL:
		*(int *)f->value = 1;
		return 0;
	case FLAG_INT:
		return parse_int(f, text);
	case FLAG_DURATION:
		if (!parse_duration(text, f->value))
			return 0;
		usage("--%s takes a duration such as 5s, 200ms or 1m30s, not '%s'", f->name, text);
		return -1;
	case FLAG_CHOICE:
		if (!is_choice(f->arg, text)) {
			usage("--%s takes %s, not '%s'", f->name, f->arg, text);
			return -1;
		}
		/* fall through */
	case FLAG_TEXT:
		*(const char **)f->value = text;
		return 0;
	}
	return -1;
}

static int unknown_flag(const struct verb *v, const char *name, size_t len)
{
	struct { const char *name; } names[64];
	char word[64];
	const char *meant;
	size_t n = 0;

	for (const struct flag *f; n < LEN(names) - 1 && (f = flag_at(v, n)); n++)
		names[n].name = f->name;
	names[n].name = NULL;
	snprintf(word, sizeof word, "%.*s", (int)len, name);
	meant = nearest(word, names, sizeof names[0]);
	if (meant)
		usage("unknown flag --%s; did you mean --%s?", word, meant);
	else
		usage("unknown flag --%s", word);
	return -1;
}

/* --name, --name=value or --name value; *next is the argument after it. */
static int long_flag(const struct verb *v, const char *text, char ***next, char **end)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text), i = 0;
	const struct flag *f;

	while ((f = flag_at(v, i++)) && (strlen(f->name) != len || strncmp(f->name, text, len)))
		;
	if (!f)
		return unknown_flag(v, text, len);
	if (f->kind == FLAG_BOOL && equals) {
		usage("--%s takes no value", f->name);
		return -1;
	}
	if (f->kind == FLAG_BOOL || equals)
		return set_flag(f, equals ? equals + 1 : NULL);
	if (*next == end) {
		usage("--%s needs a value: --%s %s", f->name, f->name, flag_arg(f));
		return -1;
	}
	return set_flag(f, *(*next)++);
}

/* -a, -ab, -n5 or -n 5 */
static int short_flags(const struct verb *v, const char *text, char ***next, char **end)
{
	for (; *text; text++) {
		const struct flag *f;
		size_t i = 0;

		while ((f = flag_at(v, i++)) && f->letter != *text)
			;
		if (!f) {
			usage("unknown flag -%c", *text);
			return -1;
		}
		if (f->kind == FLAG_BOOL) {
			set_flag(f, NULL);
			continue;
		}
		if (!text[1] && *next == end) {
			usage("-%c needs a value: -%c %s", *text, *text, flag_arg(f));
			return -1;
		}
		return set_flag(f, text[1] ? text + 1 : *(*next)++);
	}
	return 0;
}

int flags_parse(const struct verb *v, int argc, char **argv)
{
	char **next = argv, **end = argv + argc;
	int n = 0, flags = 1;

	while (next < end) {
		char *arg = *next++;
		int code = 0;

		if (!flags || arg[0] != '-' || !arg[1])
			argv[n++] = arg;
		else if (!strcmp(arg, "--"))
			flags = 0;
		else if (arg[1] == '-')
			code = long_flag(v, arg + 2, &next, end);
		else
			code = short_flags(v, arg + 1, &next, end);
		if (code < 0)
			return -1;
	}
	argv[n] = NULL;
	return n;
}
