/*
 * $GENERATE, as BIND has it: a range of numbers, and an owner and data in which $ stands for the number. ${OFFSET},
 * ${OFFSET,WIDTH} and ${OFFSET,WIDTH,BASE} add to it, fill it up with zeros, and choose the base: d, o, x or X, and n
 * or N for hexadecimal digits in reverse with dots between, as names below ip6.arpa have them. $$ and \$ are a $.
 */
#include <stdlib.h>
#include <string.h>

#include "zone_read.h"

enum { GENERATED_MOST = 1 << 20, WIDTH_MOST = 254 };

struct range {
	long start, stop, step;
};

/* The form of one number. */
struct form {
	long offset, width;
	char base;
};

static bool scan_number(const char **at, long *number)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*number = strtol(*at, &end, 10);
	*at = end;
	return *number <= INT32_MAX;
}

/* 1-10, 0-254/2 */
static bool read_range(const char *at, struct range *range)
{
	range->step = 1;
	if (!scan_number(&at, &range->start) || *at++ != '-' || !scan_number(&at, &range->stop))
		return false;
	if (*at == '/' && (at++, !scan_number(&at, &range->step)))
		return false;
	return !*at && range->start <= range->stop && range->step > 0;
}

/* Behind "${" : [-]OFFSET[,WIDTH[,BASE]]} ; NULL when it is anything else. */
static const char *read_form(const char *at, struct form *form)
{
	bool is_negative = *at == '-';

	at += *at == '-' || *at == '+';
	if (!scan_number(&at, &form->offset))
		return NULL;
	form->offset = is_negative ? -form->offset : form->offset;
	if (*at == ',' && (at++, !scan_number(&at, &form->width)))
		return NULL;
	if (*at == ',') {
		if (!at[1] || !strchr("doxXnN", at[1]))
			return NULL;
		form->base = at[1];
		at += 2;
	}
	return *at == '}' && form->width <= WIDTH_MOST ? at + 1 : NULL;
}

/* The lowest digit first; the width counts digits and dots. */
static size_t print_nibbles(unsigned long number, long width, const char *digits, char *text)
{
	char *at = text;

	do {
		*at++ = digits[number & 15];
		number >>= 4;
		width--;
		if (number || width > 0) {
			*at++ = '.';
			width--;
		}
	} while (number || width > 0);
	return (size_t)(at - text);
}

static bool add_number(struct text *out, long number, const struct form *form)
{
	char text[2 * WIDTH_MOST];
	int width = (int)form->width;
	size_t len;

	switch (form->base) {
	case 'd': len = (size_t)snprintf(text, sizeof text, "%0*ld", width, number); break;
	case 'o': len = (size_t)snprintf(text, sizeof text, "%0*lo", width, (unsigned long)number); break;
	case 'x': len = (size_t)snprintf(text, sizeof text, "%0*lx", width, (unsigned long)number); break;
	case 'X': len = (size_t)snprintf(text, sizeof text, "%0*lX", width, (unsigned long)number); break;
	case 'n': len = print_nibbles((unsigned long)number, form->width, "0123456789abcdef", text); break;
	default: len = print_nibbles((unsigned long)number, form->width, "0123456789ABCDEF", text); break;
	}
	return text_add(out, text, len);
}

/* What stands at a $: moves *at behind it. NULL, or what is wrong. */
static const char *expand_number(struct text *out, const char **at, long number)
{
	struct form form = { .base = 'd' };
	const char *behind = *at + 1;

	if (*behind == '$') {
		*at += 2;
		return text_add(out, "$", 1) ? NULL : "out of memory";
	}
	if (*behind == '{' && !(behind = read_form(behind + 1, &form)))
		return "${OFFSET,WIDTH,BASE} has numbers, a width up to 254 and one of d o x X n N";
	number += form.offset;
	if (number < 0 || number > INT32_MAX)
		return "with its offset a number is below 0 or above 2147483647";
	*at = behind;
	return add_number(out, number, &form) ? NULL : "out of memory";
}

/* Only \$ is resolved here; the reader of the generated text resolves the other escapes. */
static const char *expand(struct text *out, const char *at, long number)
{
	const char *mistake = NULL;

	out->len = 0;
	while (*at && !mistake) {
		size_t plain = strcspn(at, "$\\");

		if (!plain && *at == '$') {
			mistake = expand_number(out, &at, number);
			continue;
		}
		if (!plain && at[1] == '$') {
			at++;
			plain = 1;
		} else if (!plain) {
			plain = at[1] ? 2 : 1;
		}
		if (!text_add(out, at, plain))
			mistake = "out of memory";
		at += plain;
	}
	return mistake ? mistake : text_add(out, "", 0) ? NULL : "out of memory";
}

/* The owner and the data as they are written, and room for what becomes of them. */
struct template {
	struct text owner, data, text;
	int type;
};

static int generate_one(struct reading *r, const struct entry *e, struct template *t, long number)
{
	const char *mistake = expand(&t->text, t->owner.at, number);

	if (!mistake)
		mistake = read_name(r, &r->owner, t->text.at);
	if (!mistake)
		mistake = expand(&t->text, t->data.at, number);
	if (!mistake)
		mistake = read_data(r, t->type, t->text.at);
	if (mistake)
		return wrong(r, e->line, "$GENERATE, at %ld: %s", number, mistake);
	return add_record(r, e->line, t->type);
}

static int generate_all(struct reading *r, const struct entry *e, const struct range *range, struct template *t)
{
	bool has_ttl;
	int at = read_front(r, e, 3, &t->type, &has_ttl), code = 0;
	const struct token *first = e->token + at, *end = e->token + e->count;

	if (at < 0)
		return -1;
	if (t->type == HOY_TYPE_SOA)
		return wrong(r, e->line, "$GENERATE: a zone has one SOA");
	/* as in BIND, one quoted word is the whole of the data: MX "10 mail$" */
	if (!text_of_words(&t->owner, &e->token[2], &e->token[3]) ||
	    !(end - first == 1 && first->quoted ? text_add(&t->data, first->at, first->len)
						: text_of_words(&t->data, first, end)))
		return wrong(r, e->line, "out of memory");
	if (choose_ttl(r, e->line, t->type, has_ttl) < 0)
		return -1;
	for (long n = range->start; n <= range->stop && code == 0; n += range->step)
		code = generate_one(r, e, t, n);
	r->has_owner |= code == 0;
	return code;
}

int generate(struct reading *r, const struct entry *e)
{
	struct template t = { .type = 0 };
	struct range range;
	char text[64];
	int code;

	if (e->count < 5)
		return wrong(r, e->line, "$GENERATE needs a range, an owner, a type and data");
	snprintf(text, sizeof text, "%.*s", (int)e->token[1].len, e->token[1].at);
	if (!read_range(text, &range))
		return wrong(r, e->line, "'%s' is no range: START-STOP or START-STOP/STEP", text);
	if ((range.stop - range.start) / range.step >= GENERATED_MOST)
		return wrong(r, e->line, "$GENERATE makes more than %d records", GENERATED_MOST);
	code = generate_all(r, e, &range, &t);
	free(t.owner.at);
	free(t.data.at);
	free(t.text.at);
	return code;
}
