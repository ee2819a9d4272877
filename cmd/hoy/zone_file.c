/*
 * A master file: entries become records, the owner, the origin and the time to live
 * carried from one to the next. The first mistake ends it and is told with its line:
 * half a zone served is worse than none.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "zone_read.h"

enum { INCLUDES_MOST = 8, FILE_MOST = 256 << 20, PATH_MOST = 4096 };

int wrong(struct reading *r, unsigned line, const char *format, ...)
{
	char what[256];
	va_list args;
	int len;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (line)
		len = snprintf(r->mistake, MISTAKE_STRLEN, "%.120s:%u: %s", r->file, line, what);
	else
		len = snprintf(r->mistake, MISTAKE_STRLEN, "%.120s: %s", r->file, what);
	for (const struct reading *in = r; in->outer && len < MISTAKE_STRLEN; in = in->outer)
		len += snprintf(r->mistake + len, (size_t)(MISTAKE_STRLEN - len), ", included at %.120s:%u",
				in->outer->file, in->outer_line);
	if (r->checking && r->checking->mistakes++ < MISTAKES_MOST)
		r->checking->tell(r->checking->arg, &(struct mistake){ r->file, line, what, r->mistake });
	return -1;
}

bool goes_on(const struct reading *r)
{
	return r->checking && r->checking->mistakes < MISTAKES_MOST;
}

/* ---- records ---- */

int add_record(struct reading *r, unsigned line, int type)
{
	struct zones *z = r->zones;
	struct rr *rr;

	if (z->count == z->room) {
		size_t room = z->room ? 2 * z->room : 64;

		rr = realloc(z->rr, room * sizeof *rr);
		if (!rr)
			return wrong(r, line, "out of memory");
		z->rr = rr;
		z->room = room;
	}
	rr = &z->rr[z->count];
	*rr = (struct rr){ .type = (uint16_t)type, .ttl = r->ttl, .size = (uint16_t)r->size, .file = r->file, .line = line,
			  .order = (uint32_t)z->count };
	key_of(&rr->key, r->owner.wire);
	rr->data = malloc(r->size ? r->size : 1);
	if (!rr->data)
		return wrong(r, line, "out of memory");
	memcpy(rr->data, r->data, r->size);
	z->count++;
	return 0;
}

static uint32_t soa_minimum(const struct reading *r)
{
	const uint8_t *p = r->data + r->size - 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int choose_ttl(struct reading *r, unsigned line, int type, bool given)
{
	if (!given) {
		if (r->has_default)
			r->ttl = r->default_ttl;
		else if (!r->has_ttl && type == HOY_TYPE_SOA)
			r->ttl = soa_minimum(r) > INT32_MAX ? 0 : soa_minimum(r);
		else if (!r->has_ttl) {
			r->has_ttl = true;	/* once is enough */
			return wrong(r, line, "no time to live: the record has none, and there is no $TTL");
		}
	}
	r->has_ttl = true;
	return 0;
}

int read_front(struct reading *r, const struct entry *e, size_t i, int *type, bool *has_ttl)
{
	bool has_class = false;

	*has_ttl = false;
	for (; i < e->count; i++) {
		const struct token *t = &e->token[i];
		const char *mistake = NULL;

		if (!has_class && (token_is(t, "IN") || token_is(t, "CLASS1")))
			has_class = true;
		else if (token_is(t, "CH") || token_is(t, "HS") || token_is(t, "CS"))
			mistake = "only class IN is served";
		else if (!*has_ttl && !t->quoted && t->len && *t->at >= '0' && *t->at <= '9')
			*has_ttl = !(mistake = read_ttl(&r->ttl, t));
		else
			break;
		if (mistake)
			return wrong(r, e->line, "%s", mistake);
	}
	if (i == e->count)
		return wrong(r, e->line, "a record needs a type");
	*type = read_type(&e->token[i]);
	if (*type < 0)
		return wrong(r, e->line, "'%.*s' is no type of record", (int)e->token[i].len, e->token[i].at);
	return (int)i + 1;
}

/* The owner of this record, which stays the same when the line begins with white space. */
static int read_owner(struct reading *r, const struct entry *e)
{
	const char *mistake;

	if (e->blank)
		return r->has_owner ? 0 : wrong(r, e->line, "the first record needs a name");
	if (!text_of_words(r->text, e->token, e->token + 1))
		return wrong(r, e->line, "out of memory");
	mistake = read_name(r, &r->owner, r->text->at);
	r->owner_is_wrong = mistake;
	if (mistake)
		return wrong(r, e->line, "%s", mistake);
	r->has_owner = true;
	return 0;
}

/* Without an origin `@` is the root, which few want to serve. */
static void note_root(struct reading *r, const struct entry *e, int type)
{
	if (type == HOY_TYPE_SOA && r->owner.len == 1 && !r->has_origin && !e->blank && token_is(e->token, "@"))
		r->zones->is_root_by_accident = true;
}

static int read_record(struct reading *r, const struct entry *e)
{
	const char *mistake;
	bool has_ttl;
	int type, at;

	if (e->blank && r->owner_is_wrong)
		return 0;
	if (read_owner(r, e) < 0)
		return -1;
	at = read_front(r, e, !e->blank, &type, &has_ttl);
	if (at < 0)
		return -1;
	if (!text_of_words(r->text, e->token + at, e->token + e->count))
		return wrong(r, e->line, "out of memory");
	mistake = read_data(r, type, r->text->at);
	if (mistake) {
		r->has_ttl |= has_ttl || type == HOY_TYPE_SOA;	/* what follows is not wrong for the same reason */
		return wrong(r, e->line, "%.*s: %s", (int)e->token[at - 1].len, e->token[at - 1].at, mistake);
	}
	note_root(r, e, type);
	return choose_ttl(r, e->line, type, has_ttl) < 0 ? -1 : add_record(r, e->line, type);
}

/* ---- files ---- */

/* All of a file, which is the caller's to free: NULL, or what is wrong. */
static const char *read_file(const char *path, char **text, size_t *len)
{
	const char *mistake = NULL;
	FILE *f = fopen(path, "r");
	size_t room = 0;
	char *more;

	*text = NULL;
	*len = 0;
	if (!f)
		return strerror(errno);
	do {
		room = room ? 2 * room : 65536;
		more = room > FILE_MOST ? NULL : realloc(*text, room);
		if (!more)
			break;
		*text = more;
		*len += fread(*text + *len, 1, room - *len, f);
	} while (*len == room);
	if (!more)
		mistake = "larger than 256 MiB";
	else if (ferror(f))
		mistake = strerror(errno);
	fclose(f);
	if (mistake)
		free(*text);
	return mistake;
}

/* A copy of the name of a file, which records point to. */
static const char *keep_name(struct zones *z, const char *name)
{
	char **more = realloc(z->file, (z->files + 1) * sizeof *more), *copy = strdup(name);

	if (more)
		z->file = more;
	if (!more || !copy)
		return free(copy), NULL;
	return z->file[z->files++] = copy;
}

static int read_text(struct reading *r, const char *text, size_t len);

/* An included file has its own origin and its own current owner, and leaves ours as they were. */
static int include(struct reading *r, const struct entry *e)
{
	const struct token *file = &e->token[1];
	const char *slash = strrchr(r->file, '/'), *mistake;
	struct reading inner = *r;
	char path[PATH_MOST], *text;
	struct name origin;
	int folder, code;
	size_t len;

	if (e->count < 2 || e->count > 3)
		return wrong(r, e->line, "$INCLUDE needs a file, and may have an origin");
	if (r->depth == INCLUDES_MOST)
		return wrong(r, e->line, "$INCLUDE inside $INCLUDE, more than %d deep", INCLUDES_MOST);
	if (e->count == 3) {
		if (!text_of_words(r->text, &e->token[2], &e->token[3]))
			return wrong(r, e->line, "out of memory");
		if ((mistake = read_name(r, &origin, r->text->at)))
			return wrong(r, e->line, "%s", mistake);
		set_origin(&inner, &origin);
		inner.has_origin = true;
	}
	folder = slash && *file->at != '/' ? (int)(slash - r->file + 1) : 0;
	if (snprintf(path, sizeof path, "%.*s%.*s", folder, r->file, (int)file->len, file->at) >= PATH_MOST)
		return wrong(r, e->line, "$INCLUDE: the path is longer than %d bytes", PATH_MOST - 1);
	if ((mistake = read_file(path, &text, &len)))
		return wrong(r, e->line, "$INCLUDE %s: %s", path, mistake);
	inner.outer = r;
	inner.outer_line = e->line;
	inner.depth++;
	inner.file = keep_name(r->zones, path);
	code = inner.file ? read_text(&inner, text, len) : wrong(r, e->line, "out of memory");
	free(text);
	return code;
}

static int directive_origin(struct reading *r, const struct entry *e)
{
	const char *mistake;
	struct name origin;

	if (!text_of_words(r->text, &e->token[1], &e->token[2]))
		return wrong(r, e->line, "out of memory");
	if ((mistake = read_name(r, &origin, r->text->at)))
		return wrong(r, e->line, "%s", mistake);
	set_origin(r, &origin);
	r->has_origin = true;
	return 0;
}

static int directive_ttl(struct reading *r, const struct entry *e)
{
	const char *mistake = read_ttl(&r->default_ttl, &e->token[1]);

	r->has_default = true;
	return mistake ? wrong(r, e->line, "%s", mistake) : 0;
}

static int read_directive(struct reading *r, const struct entry *e)
{
	const struct token *t = e->token;

	if (token_is(t, "$INCLUDE"))
		return include(r, e);
	if (token_is(t, "$GENERATE"))
		return generate(r, e);
	if (!token_is(t, "$ORIGIN") && !token_is(t, "$TTL"))
		return wrong(r, e->line, "there is no directive '%.*s'", (int)t->len, t->at);
	if (e->count != 2)
		return wrong(r, e->line, "%.*s takes one argument", (int)t->len, t->at);
	return token_is(t, "$TTL") ? directive_ttl(r, e) : directive_origin(r, e);
}

/* 1, 0 at the end of the text, or -1. */
static int read_entry(struct reading *r, struct lexer *l, struct entry *e)
{
	const char *mistake;
	int code = lex_entry(l, e, &mistake);
	bool directive;

	if (code < 0) {
		lex_recover(l);
		return wrong(r, e->line, "%s", mistake);
	}
	if (code == 0)
		return 0;
	directive = !e->blank && !e->token[0].quoted && e->token[0].len && *e->token[0].at == '$';
	return (directive ? read_directive(r, e) : read_record(r, e)) < 0 ? -1 : 1;
}

static int read_entries(struct reading *r, const char *text, size_t len)
{
	struct lexer l = { .at = text, .end = text + len, .line = 1, .start = true };
	struct entry e = { 0 };
	int code;

	do
		code = read_entry(r, &l, &e);
	while (code > 0 || (code < 0 && goes_on(r)));
	free(e.token);
	return code;
}

static bool begins(const char *text, size_t len, const char *mark)
{
	return len >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0;
}

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	while ((text = memchr(text, '\n', (size_t)(at - text)))) {
		text++;
		line++;
	}
	return line;
}

/* The byte order mark that some editors write is skipped; what is no text is not read at all. */
static int read_text(struct reading *r, const char *text, size_t len)
{
	const char *nul;
	size_t mark = begins(text, len, "\xef\xbb\xbf") ? 3 : 0;

	if (begins(text, len, "\xff\xfe") || begins(text, len, "\xfe\xff"))
		return wrong(r, 1, "this is UTF-16; a zone file is ASCII or UTF-8 (iconv -f UTF-16 -t UTF-8)");
	if (len && (nul = memchr(text, 0, len)))
		return wrong(r, line_of(text, nul), "a NUL byte: this is no text");
	return read_entries(r, text + mark, len - mark);
}

static int parse(struct zones *z, const char *name, const char *text, size_t len, const char *origin,
		 struct checking *checking, char mistake[MISTAKE_STRLEN])
{
	struct text words = { .at = NULL };
	struct reading r = { .zones = z, .mistake = mistake, .checking = checking, .text = &words, .origin = "." };
	struct name top;
	const char *why = read_name(&r, &top, origin);
	int code;

	*z = (struct zones){ .rr = NULL };
	if (why)
		return snprintf(mistake, MISTAKE_STRLEN, "origin '%.100s': %s", origin, why), -1;
	set_origin(&r, &top);
	r.has_origin = top.len > 1;
	r.data = malloc(DATA_MOST);
	r.file = keep_name(z, name);
	if (!r.data || !r.file) {
		r.file = name;
		code = wrong(&r, 0, "out of memory");
	} else {
		code = read_text(&r, text, len);
	}
	free(r.data);
	free(words.at);
	if (code == 0)
		code = check_zones(&r);
	return code;
}

int zones_parse(struct zones *z, const char *name, const char *text, size_t len, const char *origin,
		char mistake[MISTAKE_STRLEN])
{
	int code = parse(z, name, text, len, origin, NULL, mistake);

	if (code < 0)
		zones_clear(z);
	return code;
}

static int cannot_read(const char *path, const char *why, char mistake[MISTAKE_STRLEN])
{
	snprintf(mistake, MISTAKE_STRLEN, "%.120s: %s", path, why);
	return -1;
}

int zones_read(struct zones *z, const char *path, const char *origin, char mistake[MISTAKE_STRLEN])
{
	const char *why;
	char *text;
	size_t len;
	int code;

	*z = (struct zones){ .rr = NULL };
	if ((why = read_file(path, &text, &len)))
		return cannot_read(path, why, mistake);
	code = zones_parse(z, path, text, len, origin, mistake);
	free(text);
	return code;
}

int zones_check(struct zones *z, const char *path, const char *origin, mistake_fn *tell, void *arg, char *why)
{
	struct checking checking = { tell, arg, 0 };
	const char *mistake;
	char *text;
	size_t len;

	*z = (struct zones){ .rr = NULL };
	if ((mistake = read_file(path, &text, &len)))
		return cannot_read(path, mistake, why);
	parse(z, path, text, len, origin, &checking, why);
	free(text);
	return checking.mistakes;
}
