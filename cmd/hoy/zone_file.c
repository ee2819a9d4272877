/*
 * A master file: entries become records, the owner, the origin and the time to live
 * carried from one to the next. The first mistake ends it and is told with its line:
 * half a zone served is worse than none.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "zone.h"

enum { INCLUDES_MOST = 8, FILE_MOST = 256 << 20 };

struct reading {
	struct zones *zones;
	const char *file;
	char *mistake;
	struct name origin, owner;
	bool has_owner, has_ttl, has_default;
	uint32_t ttl, default_ttl;
	int depth;
	struct rdata *data;
};

PRINTF(3, 4) static int wrong(struct reading *r, unsigned line, const char *format, ...)
{
	char what[MISTAKE_STRLEN];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (line)
		snprintf(r->mistake, MISTAKE_STRLEN, "%.120s:%u: %.180s", r->file, line, what);
	else
		snprintf(r->mistake, MISTAKE_STRLEN, "%.120s: %.180s", r->file, what);
	return -1;
}

static int add(struct reading *r, const struct entry *e, uint16_t type, uint32_t ttl)
{
	struct zones *z = r->zones;
	struct rr *rr;

	if (z->count == z->room) {
		size_t room = z->room ? 2 * z->room : 64;

		rr = realloc(z->rr, room * sizeof *rr);
		if (!rr)
			return wrong(r, e->line, "out of memory");
		z->rr = rr;
		z->room = room;
	}
	rr = &z->rr[z->count];
	*rr = (struct rr){ .type = type, .ttl = ttl, .size = (uint16_t)r->data->size, .line = e->line };
	key_of(&rr->key, r->owner.wire);
	rr->data = malloc(r->data->size ? r->data->size : 1);
	if (!rr->data)
		return wrong(r, e->line, "out of memory");
	memcpy(rr->data, r->data->data, r->data->size);
	z->count++;
	return 0;
}

static uint32_t soa_minimum(const struct rdata *d)
{
	const uint8_t *p = d->data + d->size - 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A record without a time to live has $TTL's, else that of the one before, else its SOA's minimum. */
static int choose_ttl(struct reading *r, const struct entry *e, uint16_t type, bool given)
{
	if (given)
		return 0;
	if (r->has_default)
		r->ttl = r->default_ttl;
	else if (!r->has_ttl && type == TYPE_SOA)
		r->ttl = soa_minimum(r->data);
	else if (!r->has_ttl)
		return wrong(r, e->line, "no time to live: the record has none, and there is no $TTL");
	return 0;
}

/* [TTL] [class] in either order, from token i on; where the type is, or -1. */
static int read_ttl_and_class(struct reading *r, const struct entry *e, size_t i, bool *has_ttl)
{
	bool has_class = false;

	*has_ttl = false;
	for (; i < e->count; i++) {
		const struct token *t = &e->token[i];
		const char *mistake = NULL;

		if (!has_class && token_is(t, "IN"))
			has_class = true;
		else if (token_is(t, "CH") || token_is(t, "HS") || token_is(t, "CS"))
			mistake = "only class IN is served";
		else if (!*has_ttl && !t->quoted && t->len && *t->at >= '0' && *t->at <= '9')
			*has_ttl = !(mistake = read_ttl(&r->ttl, t));
		else
			return (int)i;
		if (mistake)
			return wrong(r, e->line, "%s", mistake);
	}
	return wrong(r, e->line, "a record needs a type");
}

static int read_record(struct reading *r, const struct entry *e)
{
	const char *mistake;
	bool has_ttl;
	uint16_t type;
	int at;

	if (!e->blank) {
		mistake = read_name(&r->owner, &e->token[0], &r->origin);
		if (mistake)
			return wrong(r, e->line, "%s", mistake);
		r->has_owner = true;
	}
	if (!r->has_owner)
		return wrong(r, e->line, "the first record needs a name");
	at = read_ttl_and_class(r, e, !e->blank, &has_ttl);
	if (at < 0)
		return -1;
	type = read_type(&e->token[at]);
	if (!type || type == TYPE_OPT || (type >= 128 && type < 256 && type != 128))
		return wrong(r, e->line, "'%.*s' is no type of record", (int)e->token[at].len, e->token[at].at);
	r->data->at = &e->token[at + 1];
	r->data->end = &e->token[e->count];
	r->data->origin = &r->origin;
	mistake = read_data(r->data, type);
	if (mistake)
		return wrong(r, e->line, "%.*s: %s", (int)e->token[at].len, e->token[at].at, mistake);
	if (choose_ttl(r, e, type, has_ttl) < 0)
		return -1;
	r->has_ttl = true;
	return add(r, e, type, r->ttl);
}

static int read_file(struct reading *r, const char *path, char **text, size_t *len)
{
	FILE *f = fopen(path, "r");
	size_t room = 0;
	char *more;

	*text = NULL;
	*len = 0;
	if (!f)
		return wrong(r, 0, "%s", strerror(errno));
	do {
		room = room ? 2 * room : 65536;
		more = room > FILE_MOST ? NULL : realloc(*text, room);
		if (!more)
			break;
		*text = more;
		*len += fread(*text + *len, 1, room - *len, f);
	} while (*len == room);
	if (!more)
		wrong(r, 0, "larger than 256 MiB");
	else if (ferror(f))
		wrong(r, 0, "%s", strerror(errno));
	else
		return fclose(f), 0;
	fclose(f);
	free(*text);
	return -1;
}

static int read_entries(struct reading *r, const char *text, size_t len);

/* An included file has its own origin and its own current owner, and leaves ours as they were. */
static int include(struct reading *r, const struct entry *e)
{
	struct reading inner = *r;
	char path[4096], *text;
	const char *slash = strrchr(r->file, '/'), *mistake = NULL;
	const struct token *file = &e->token[1];
	int folder = slash && *file->at != '/' ? (int)(slash - r->file + 1) : 0, code;
	size_t len;

	if (e->count < 2 || e->count > 3)
		return wrong(r, e->line, "$INCLUDE needs a file, and may have an origin");
	if (r->depth == INCLUDES_MOST)
		return wrong(r, e->line, "$INCLUDE inside $INCLUDE, more than %d deep", INCLUDES_MOST);
	if (e->count == 3 && (mistake = read_name(&inner.origin, &e->token[2], &r->origin)))
		return wrong(r, e->line, "%s", mistake);
	snprintf(path, sizeof path, "%.*s%.*s", folder, r->file, (int)file->len, file->at);
	inner.file = path;
	inner.depth++;
	if (read_file(&inner, path, &text, &len) < 0)
		return -1;
	code = read_entries(&inner, text, len);
	free(text);
	return code;
}

static int read_directive(struct reading *r, const struct entry *e)
{
	const struct token *t = e->token;
	const char *mistake;

	if (token_is(t, "$INCLUDE"))
		return include(r, e);
	if (!token_is(t, "$ORIGIN") && !token_is(t, "$TTL"))
		return wrong(r, e->line, "there is no directive '%.*s'", (int)t->len, t->at);
	if (e->count != 2)
		return wrong(r, e->line, "%.*s takes one argument", (int)t->len, t->at);
	if (token_is(t, "$TTL")) {
		mistake = read_ttl(&r->default_ttl, t + 1);
		r->has_default = true;
	} else {
		struct name origin;

		mistake = read_name(&origin, t + 1, &r->origin);
		if (!mistake)
			r->origin = origin;
	}
	return mistake ? wrong(r, e->line, "%s", mistake) : 0;
}

static int read_entries(struct reading *r, const char *text, size_t len)
{
	struct lexer l = { .at = text, .end = text + len, .line = 1, .start = true };
	struct entry e = { 0 };
	const char *mistake;
	int code;

	while ((code = lex_entry(&l, &e, &mistake)) > 0) {
		bool directive = !e.blank && !e.token[0].quoted && e.token[0].len && *e.token[0].at == '$';

		if ((directive ? read_directive(r, &e) : read_record(r, &e)) < 0)
			break;
	}
	if (code < 0)
		wrong(r, e.line, "%s", mistake);
	free(e.token);
	return code ? -1 : 0;
}

static int by_place(const void *a, const void *b)
{
	const struct rr *x = a, *y = b;
	int order = key_compare(&x->key, &y->key);

	if (!order)
		order = x->type - y->type;
	return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static bool same_record(const struct rr *a, const struct rr *b)
{
	return key_equal(&a->key, &b->key) && a->type == b->type && a->size == b->size &&
	       memcmp(a->data, b->data, a->size) == 0;
}

/* A record given twice counts once (RFC 2181 section 5). */
static void drop_doubles(struct zones *z)
{
	size_t kept = 0;

	for (size_t i = 0; i < z->count; i++) {
		bool twice = false;

		for (size_t k = kept; k-- && !twice && key_equal(&z->rr[k].key, &z->rr[i].key) &&
				      z->rr[k].type == z->rr[i].type;)
			twice = same_record(&z->rr[k], &z->rr[i]);
		if (twice)
			free(z->rr[i].data);
		else
			z->rr[kept++] = z->rr[i];
	}
	z->count = kept;
}

static int check(struct reading *r)
{
	const struct zones *z = r->zones;

	for (size_t i = 0; i < z->count; i++) {
		const struct rr *rr = &z->rr[i], *first = zones_find(z, &rr->key);

		if (!zones_soa(z, &rr->key))
			return wrong(r, rr->line, "the record lies in no zone: no SOA at its name or above it");
		if (rr->type == TYPE_SOA && i && z->rr[i - 1].type == TYPE_SOA &&
		    key_equal(&z->rr[i - 1].key, &rr->key))
			return wrong(r, rr->line, "the zone has a SOA already, in line %u", z->rr[i - 1].line);
		if (rr->type == TYPE_CNAME && (first != rr || zones_set(z, rr + 1 < z->rr + z->count &&
		    key_equal(&rr[1].key, &rr->key) ? rr + 1 : NULL, TYPE_ANY)))
			return wrong(r, rr->line, "a CNAME may not stand beside other records of its name");
	}
	return z->count ? 0 : wrong(r, 0, "there are no records in it");
}

int zones_parse(struct zones *z, const char *name, const char *text, size_t len, const char *origin,
		char mistake[MISTAKE_STRLEN])
{
	static const struct name root = { .len = 1 };
	struct reading r = { .zones = z, .file = name, .mistake = mistake };
	struct token top = { .at = origin, .len = strlen(origin) };
	const char *why = read_name(&r.origin, &top, &root);
	int code;

	*z = (struct zones){ 0 };
	if (why)
		return snprintf(mistake, MISTAKE_STRLEN, "origin '%.100s': %s", origin, why), -1;
	r.data = malloc(sizeof *r.data);
	code = r.data ? read_entries(&r, text, len) : wrong(&r, 0, "out of memory");
	free(r.data);
	if (code == 0 && z->count) {
		qsort(z->rr, z->count, sizeof *z->rr, by_place);
		drop_doubles(z);
	}
	if (code == 0)
		code = check(&r);
	if (code < 0)
		zones_clear(z);
	return code;
}

int zones_read(struct zones *z, const char *path, const char *origin, char mistake[MISTAKE_STRLEN])
{
	struct reading r = { .file = path, .mistake = mistake };
	char *text;
	size_t len;
	int code;

	if (read_file(&r, path, &text, &len) < 0)
		return -1;
	code = zones_parse(z, path, text, len, origin, mistake);
	free(text);
	return code;
}
