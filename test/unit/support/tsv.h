/*
 * Rows of a file of test/vectors, with their escapes undone (test/vectors/README.md).
 *
 *	struct tsv t;
 *
 *	tsv_open(&t, "parse_ip");
 *	while (tsv_next(&t))
 *		check(tsv(&t, "input"), tsv(&t, "canonical"));
 */
#ifndef HOY_TEST_TSV_H
#define HOY_TEST_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TSV_COLUMNS 16

struct tsv {
	FILE *file;
	const char *name;
	char header[1024], line[8192];
	char *names[TSV_COLUMNS], *fields[TSV_COLUMNS];
	size_t lengths[TSV_COLUMNS];	/* a field may hold a NUL */
	int columns, row;		/* rows delivered so far */
};

/* A file that is missing ends the test as failed. */
void tsv_open(struct tsv *t, const char *name);
/* The next row; false at the end, when the file was closed. */
bool tsv_next(struct tsv *t);
/* A field of this row. A column that does not exist, or a short row, ends the test as failed. */
const char *tsv(const struct tsv *t, const char *column);
size_t tsv_len(const struct tsv *t, const char *column);
/* Is the field exactly this? */
bool tsv_is(const struct tsv *t, const char *column, const char *text);
/* The bytes of a field in hex, NIL as none; how many, or -1 when they are more than size. */
int tsv_bytes(const struct tsv *t, const char *column, uint8_t *bytes, size_t size);

#endif
