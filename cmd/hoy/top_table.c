/* Tables of tasks, groups of tasks and connections: one list of columns a view says what is shown, how, and what it can be sorted by. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

enum format { TEXT, NUMBER, COUNT, TIME };

enum { TEXT_MOST = 40, COLUMNS = 16, GAP = 2 };

struct column {
	const char *title;
	enum format format;
	size_t offset;
};

#define GROUP(title, format, member) { title, format, offsetof(struct top_group, member) }
#define TASK(title, format, member) { title, format, offsetof(struct top_task, member) }
#define CONNECTION(title, format, member) { title, format, offsetof(struct top_connection, member) }

static const struct column group_columns[] = {
	GROUP("count", NUMBER, count), GROUP("state", TEXT, state), GROUP("for", TEXT, waits_for), GROUP("longest", TIME, waited_us),
	GROUP("runs/s", COUNT, runs_rate), GROUP("function", TEXT, function), GROUP("name", TEXT, name), { NULL, TEXT, 0 }
};
static const struct column task_columns[] = {
	TASK("id", NUMBER, id), TASK("worker", NUMBER, worker), TASK("state", TEXT, state), TASK("for", TEXT, waits_for),
	TASK("since", TIME, waited_us), TASK("runs/s", COUNT, runs_rate), TASK("stack", COUNT, stack_used),
	TASK("function", TEXT, function), TASK("name", TEXT, name), TASK("detail", TEXT, detail), { NULL, TEXT, 0 }
};
static const struct column connection_columns[] = {
	CONNECTION("descriptor", NUMBER, descriptor), CONNECTION("network", TEXT, network), CONNECTION("in/s", COUNT, in_rate),
	CONNECTION("out/s", COUNT, out_rate), CONNECTION("in", COUNT, received), CONNECTION("out", COUNT, sent),
	CONNECTION("local", TEXT, local), CONNECTION("remote", TEXT, remote), { NULL, TEXT, 0 }
};

static const struct column *const columns_of[TOP_VIEWS] = {
	[TOP_GROUPS] = group_columns, [TOP_TASKS] = task_columns, [TOP_CONNECTIONS] = connection_columns,
};

int top_column(enum top_view view, const char *title)
{
	for (int i = 0; columns_of[view][i].title; i++)
		if (!strcmp(columns_of[view][i].title, title))
			return i;
	return -1;
}

char *top_columns(enum top_view view, char *text, size_t size)
{
	const struct column *c = columns_of[view];
	int at = snprintf(text, size, "%s", c->title);

	while ((++c)->title && at < (int)size)
		at += snprintf(text + at, size - (size_t)at, ", %s", c->title);
	return text;
}

void top_sort_on(struct top_order *order)
{
	int *column = &order->column[order->view];

	if (!columns_of[order->view][++*column].title)
		*column = 0;
}

/* ---- cells ---- */

char *top_count_string(double n, char buf[16])
{
	static const char units[] = "kMGTPE";
	int unit = -1;

	for (; n >= 999.5 && unit < (int)sizeof units - 2; unit++)
		n /= 1000;
	if (unit < 0)
		snprintf(buf, 16, "%.0f", n);
	else
		snprintf(buf, 16, "%.*f%c", n < 9.95 ? 1 : 0, n, units[unit]);
	return buf;
}

static char *time_string(double us, char buf[16])
{
	long s = us < 1e15 ? (long)(us / 1e6) : (long)1e9;

	if (s < 100)
		snprintf(buf, 16, "%.1fs", us / 1e6);
	else if (s < 100 * 60)
		snprintf(buf, 16, "%ldm%02lds", s / 60, s % 60);
	else
		snprintf(buf, 16, "%ldh%02ldm", s / 3600 % 1000000, s / 60 % 60);
	return buf;
}

static double number_at(const void *row, const struct column *c)
{
	return *(const double *)(const void *)((const char *)row + c->offset);
}

static const char *text_at(const void *row, const struct column *c)
{
	const char *text = *(const char *const *)(const void *)((const char *)row + c->offset);

	return text ? text : "-";
}

static const char *cell(const void *row, const struct column *c, char buf[16])
{
	if (c->format == TEXT)
		return text_at(row, c);
	if (isnan(number_at(row, c)))
		return "-";
	if (c->format == TIME)
		return time_string(number_at(row, c), buf);
	if (c->format == COUNT)
		return top_count_string(number_at(row, c), buf);
	snprintf(buf, 16, "%.0f", number_at(row, c));
	return buf;
}

/* ---- order ---- */

static const struct column *sorted_by;		/* for compare, which qsort gives no more */
static bool reversed;

/* Numbers from the largest on, and those not known last; texts by the alphabet. */
static int compare(const void *a, const void *b)
{
	const void *x = *(const void *const *)a, *y = *(const void *const *)b;
	double m, n;
	int order;

	if (sorted_by->format == TEXT) {
		order = strcmp(text_at(x, sorted_by), text_at(y, sorted_by));
	} else {
		m = number_at(x, sorted_by), n = number_at(y, sorted_by);
		order = isnan(m) || isnan(n) ? isnan(m) - isnan(n) : (n > m) - (n < m);
	}
	if (order == 0)
		return (x > y) - (x < y);	/* as they are */
	return reversed ? -order : order;
}

/* Pointers to the view's rows in order; how many. */
static const void **sorted_rows(const struct top_sample *s, const struct top_order *order, size_t *n)
{
	const void *const first[] = { [TOP_GROUPS] = s->groups, [TOP_TASKS] = s->tasks, [TOP_CONNECTIONS] = s->connections };
	const size_t count[] = { [TOP_GROUPS] = s->n_groups, [TOP_TASKS] = s->n_tasks, [TOP_CONNECTIONS] = s->n_connections };
	const size_t size[] = {
		[TOP_GROUPS] = sizeof *s->groups, [TOP_TASKS] = sizeof *s->tasks, [TOP_CONNECTIONS] = sizeof *s->connections,
	};
	const void **rows = must(calloc(count[order->view] + 1, sizeof *rows));

	*n = count[order->view];
	for (size_t i = 0; i < *n; i++)
		rows[i] = (const char *)first[order->view] + i * size[order->view];
	sorted_by = &columns_of[order->view][order->column[order->view]];
	reversed = order->reverse;
	qsort(rows, *n, sizeof *rows, compare);
	return rows;
}

/* ---- lines ---- */

/* Characters, not bytes, as a terminal counts them. */
static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* The bytes of the first `width` characters. */
static int bytes_of(const char *text, int width)
{
	const char *at = text;

	while (*at && ((*at & 0xc0) == 0x80 || width-- > 0))
		at++;
	return (int)(at - text);
}

/* As wide as the widest of what is shown; texts not over TEXT_MOST, but for the last. */
static void measure(const struct column *c, const void **rows, size_t n, int width[COLUMNS])
{
	char buf[16];

	for (int i = 0; c[i].title; i++) {
		width[i] = width_of(c[i].title);
		for (size_t k = 0; k < n; k++) {
			int w = width_of(cell(rows[k], &c[i], buf));

			width[i] = w > width[i] ? w : width[i];
		}
		if (c[i + 1].title && width[i] > TEXT_MOST)
			width[i] = TEXT_MOST;
	}
}

/* One line of a table: what the columns hold is cell(row), or their titles when there is no row. */
static void put_line(FILE *to, const struct column *c, const void *row, const int width[COLUMNS], int columns)
{
	int used = 0;
	char buf[16];

	for (int i = 0; c[i].title && used < columns; i++) {
		const char *text = row ? cell(row, &c[i], buf) : c[i].title;
		int room = columns - used < width[i] ? columns - used : width[i], w = width_of(text);
		int pad = w < room ? room - w : 0;

		if (c[i].format == TEXT)
			fprintf(to, "%.*s%*s", bytes_of(text, room), text, c[i + 1].title ? pad : 0, "");
		else
			fprintf(to, "%*s%.*s", pad, "", bytes_of(text, room), text);
		used += room;
		if (c[i + 1].title && used < columns)
			used += fprintf(to, "%*s", columns - used < GAP ? columns - used : GAP, "");
	}
	fputc('\n', to);
}

void top_put(FILE *to, struct top_sample *s, const struct top_order *order, int columns, int rows)
{
	const struct column *c = columns_of[order->view];
	int width[COLUMNS];
	size_t n, shown;
	const void **sorted = sorted_rows(s, order, &n);

	shown = rows && (size_t)rows - 1 < n ? (size_t)rows - 1 : n;
	measure(c, sorted, shown, width);
	fputs(ink(stdout, INK_BOLD), to);
	put_line(to, c, NULL, width, columns);
	fputs(ink(stdout, INK_OFF), to);
	for (size_t i = 0; i < shown; i++)
		put_line(to, c, sorted[i], width, columns);
	free(sorted);
}
