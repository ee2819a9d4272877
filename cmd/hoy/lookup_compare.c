/*
 * Answers side by side: what hoy finds, what the C library finds, what each server says.
 * Each side becomes a list of texts, and the union of them is printed with a sign for
 * what all have and one for what some have not.
 */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

enum { SIDES_MOST = SERVERS_MOST + 2 };

struct side {
	const char *label;
	int is_getent;
	int is_unasked;			/* a server, and localhost: no server is asked for it */
	hoy_err err;
	char **data;
	size_t n;
	hoy_duration took;
};

static int same_data(const char *a, const char *b)
{
	return *a == '"' ? !strcmp(a, b) : !strcasecmp(a, b);
}

static int holds(const struct side *s, const char *data)
{
	for (size_t i = 0; i < s->n; i++)
		if (same_data(s->data[i], data))
			return 1;
	return 0;
}

static void add(void *side, const char *data)
{
	struct side *s = side;

	if (holds(s, data))
		return;
	s->data = must(realloc(s->data, (s->n + 1) * sizeof *s->data));
	s->data[s->n++] = must(strdup(data));
}

static int is_no(int code)
{
	return code == HOY_ENOHOST || code == HOY_ENODATA || code == HOY_EUNSUITABLE;
}

/* ---- asking the sides ---- */

static void ask_resolver(struct side *s, hoy_resolver *r, const char *name, int type)
{
	struct finding f;

	find(r, name, type, &f);
	s->err = f.err;
	s->took = f.took;
	s->is_unasked = f.answer.source == HOY_SOURCE_LOCAL || f.answer.source == HOY_SOURCE_LITERAL;
	for (size_t i = 0; i < f.n; i++)
		if (f.item[i].section == 1 && !f.err.code)
			add(s, f.item[i].data);
	finding_clear(&f);
}

static void ask_getent(struct side *s, const char *name, int type)
{
	hoy_time start = hoy_now();

	s->label = "getent";
	s->is_getent = 1;
	/* it does not tell why it has found nothing */
	if (getent(name, type, add, s, &s->err) == 0 && !s->n)
		s->err.code = HOY_ENOHOST;
	s->took = hoy_time_sub(hoy_now(), start);
}

static int ask_server(struct side *s, const char *server, const char *name, int type)
{
	const char *const list[] = { server, NULL };
	hoy_resolver *r = lookup_resolver(list, &s->err);

	s->label = server;
	if (!r)
		return fail(&s->err, NULL);
	ask_resolver(s, r, name, type);
	hoy_resolver_free(r);
	return EXIT_YES;
}

static int is_of_addresses(int type)
{
	return type == 0 || ((type == HOY_TYPE_A || type == HOY_TYPE_AAAA) && !lookup.raw);
}

/* How many sides there are, or minus an exit code. */
static int ask_all(struct question *q, const char *name, int type, struct side *side)
{
	int n = 0, code, addresses = is_of_addresses(type);

	if (!addresses && !q->servers.n)
		return -usage("the C library knows addresses only: what is %s to be compared with? @SERVER", name);
	/* two servers are compared with each other, not with this system */
	if (addresses || q->servers.n == 1) {
		side[n].label = "hoy";
		ask_resolver(&side[n], q->resolver, name, type);
		side[n++].is_unasked = 0;	/* what this system says without asking is an answer too */
	}
	if (addresses)
		ask_getent(&side[n++], name, type);
	for (size_t i = 0; i < q->servers.n; i++)
		if ((code = ask_server(&side[n++], q->servers.list[i], name, type)) != EXIT_YES)
			return -code;
	return n;
}

/* ---- comparing ---- */

/* Could not be asked. */
static int is_silent(const struct side *s)
{
	return s->err.code && !is_no(s->err.code);
}

/* Can neither agree nor differ. */
static int is_out(const struct side *s)
{
	return is_silent(s) || s->is_unasked;
}

/* No such name is another answer than no such data, but getent does not tell which. */
static int agree(const struct side *a, const struct side *b)
{
	if (a->n != b->n)
		return 0;
	for (size_t i = 0; i < a->n; i++)
		if (!holds(b, a->data[i]))
			return 0;
	return a->err.code == b->err.code || a->is_getent || b->is_getent;
}

static int verdict(const struct side *side, int n)
{
	int silent = 0;

	for (int i = 0; i < n; i++) {
		silent += is_silent(&side[i]);
		for (int k = 0; k < i; k++)
			if (!is_out(&side[i]) && !is_out(&side[k]) && !agree(&side[i], &side[k]))
				return EXIT_NO;
	}
	return silent ? EXIT_UNASKED : EXIT_YES;
}

/* ---- telling ---- */

/* "hoy, 192.0.2.53:53": the sides that have it, or those that have not. */
static void list_sides(const struct side *side, int n, const char *data, int having, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < n && len < size; i++)
		if (!is_out(&side[i]) && holds(&side[i], data) == having)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? ", " : "", side[i].label);
}

static void show_row(const struct side *side, int n, const char *name, const char *data)
{
	char with[512], without[512];

	list_sides(side, n, data, 1, with, sizeof with);
	list_sides(side, n, data, 0, without, sizeof without);
	out_print("%s%c %s  ", ink(stdout, *without ? INK_BAD : INK_GOOD), *without ? '!' : '=', name);
	put_foreign(data, strlen(data));
	if (*without)
		out_print("  in %s; not in %s", with, without);
	out_print("%s\n", ink(stdout, INK_OFF));
}

/* What each side has, once, in the order of the first that has it. */
static void show_rows(const struct side *side, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < side[i].n && !is_out(&side[i]); k++) {
			int told = 0;

			for (int before = 0; before < i; before++)
				told |= !is_out(&side[before]) && holds(&side[before], side[i].data[k]);
			if (!told)
				show_row(side, n, name, side[i].data[k]);
		}
}

static const char *side_word(const struct side *s)
{
	return s->is_getent && s->err.code == HOY_ENOHOST ? "nothing" : result_word(s->err.code);
}

static void show_text(const struct side *side, int n, const char *name, int type, int code)
{
	static const char *const verdicts[] = { "they agree", "they differ" };
	char text[HOY_ERR_STRLEN], took[DURATION_STRLEN], word[HOY_TYPE_STRLEN];
	size_t len = 0;

	show_rows(side, n, name);
	for (int i = 0; i < n && len < sizeof text; i++) {
		duration_string(side[i].took / HOY_MICROSECOND * HOY_MICROSECOND, took);
		if (side[i].err.code)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s %s, ", side[i].label, side_word(&side[i]));
		else if (side[i].is_unasked)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s not asked for it, ", side[i].label);
		else
			len += (size_t)snprintf(text + len, sizeof text - len, "%s %zu in %s, ", side[i].label, side[i].n, took);
	}
	say("%s %s: %s%s", name, question_string(type, word), text,
	    code == EXIT_UNASKED ? "which is no comparison" : verdicts[code]);
}

static void show_json(const struct side *side, int n, const char *name, int type, int code)
{
	char word[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "compare");
	json_text(&j, "name", name);
	json_text(&j, "qtype", question_string(type, word));
	json_text(&j, "verdict", code == EXIT_YES ? "same" : code == EXIT_NO ? "differ" : "incomplete");
	json_open(&j, "sides", '[');
	for (int i = 0; i < n; i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "from", side[i].label);
		json_text(&j, "result", side[i].is_unasked ? "unasked" : side_word(&side[i]));
		json_open(&j, "data", '[');
		for (size_t k = 0; k < side[i].n; k++)
			json_text(&j, NULL, side[i].data[k]);
		json_close(&j, ']');
		json_int(&j, "took_us", in_us(side[i].took));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_end(&j);
}

int compare(struct question *q, const char *name, int type)
{
	struct side side[SIDES_MOST] = { { .n = 0 } };
	int n = ask_all(q, name, type, side), code = n < 0 ? -n : verdict(side, n);

	if (n > 0)
		(common.json ? show_json : show_text)(side, n, name, type, code);
	for (int i = 0; i < n; i++)
		if (is_silent(&side[i]) && side[i].is_getent)
			fail(&side[i].err, "getent asks the C library; libc-bin or musl-utils has it");
		else if (is_silent(&side[i]))
			fail_lookup(&side[i].err);
	for (size_t i = 0; i < LEN(side); i++) {
		for (size_t k = 0; k < side[i].n; k++)
			free(side[i].data[k]);
		free(side[i].data);
	}
	if (n < 0)
		return code;
	outcomes_add(&q->outcomes, code);
	return EXIT_YES;
}
