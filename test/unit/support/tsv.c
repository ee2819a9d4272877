/* See tsv.h. */
#include "unit/support/tsv.h"

#include <stdlib.h>
#include <string.h>

static void die(const struct tsv *t, const char *what, const char *column)
{
	fprintf(stderr, "%s.tsv, row %d: %s %s\n", t->name, t->row, what, column);
	exit(1);
}

/* Cuts a line at its tabs. */
static int cut(char *line, char *parts[TSV_COLUMNS])
{
	int n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = line; p && n < TSV_COLUMNS; n++) {
		parts[n] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	return n;
}

static size_t unescape(char *field)
{
	char *to = field;

	if (strcmp(field, "\\e") == 0) {
		*field = '\0';
		return 0;
	}
	for (const char *p = field; *p; p++) {
		if (*p != '\\') {
			*to++ = *p;
			continue;
		}
		p++;
		if (*p == 'x') {
			char digits[3] = { p[1], p[2], '\0' };

			*to++ = (char)strtol(digits, NULL, 16);
			p += 2;
		} else {
			*to++ = *p == 't' ? '\t' : *p == 'n' ? '\n' : *p == 'r' ? '\r' : *p;
		}
	}
	*to = '\0';
	return to - field;
}

void tsv_open(struct tsv *t, const char *name)
{
	char path[1024];

	memset(t, 0, sizeof *t);
	t->name = name;
	snprintf(path, sizeof path, "%s/%s.tsv", HOY_VECTORS, name);
	t->file = fopen(path, "r");
	if (!t->file || !fgets(t->header, sizeof t->header, t->file))
		die(t, "cannot read", path);
	t->columns = cut(t->header, t->names);
}

bool tsv_next(struct tsv *t)
{
	if (!fgets(t->line, sizeof t->line, t->file)) {
		if (t->row == 0)
			die(t, "no rows", "");
		fclose(t->file);
		return false;
	}
	t->row++;
	if (cut(t->line, t->fields) != t->columns)
		die(t, "another number of columns than the header", "");
	for (int i = 0; i < t->columns; i++)
		t->lengths[i] = unescape(t->fields[i]);
	return true;
}

static int column_of(const struct tsv *t, const char *column)
{
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->names[i], column) == 0)
			return i;
	die(t, "no column", column);
	return -1;
}

const char *tsv(const struct tsv *t, const char *column)
{
	return t->fields[column_of(t, column)];
}

size_t tsv_len(const struct tsv *t, const char *column)
{
	return t->lengths[column_of(t, column)];
}

bool tsv_is(const struct tsv *t, const char *column, const char *text)
{
	return strcmp(tsv(t, column), text) == 0;
}

int tsv_bytes(const struct tsv *t, const char *column, uint8_t *bytes, size_t size)
{
	const char *text = tsv(t, column);
	size_t n = strlen(text) / 2;

	if (strcmp(text, "NIL") == 0)
		return 0;
	if (n > size)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

		bytes[i] = (uint8_t)strtol(digits, NULL, 16);
	}
	return (int)n;
}
