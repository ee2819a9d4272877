/*
 * Bars of eighths of a line, from zero to the longest time in view. In plain text a line has three steps. Colours:
 * green up to the 95th percentile, yellow above it, red for a loss.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "ping_graph.h"

enum { AXIS = 10, AXIS_FROM = 30, STEPS = 8 };	/* the axis' width, and the columns that a terminal needs to have one */

/* What all lines of one graph share. */
struct view {
	FILE *to;
	const struct graph *g;
	const struct stats *s;
	struct percentiles p;
	hoy_duration top;	/* the longest time in view */
	int64_t first;		/* the probe in the first column */
	int width;		/* columns of bars */
	const char *colour;	/* the one that is on, or NULL */
};

static const char green[] = "\033[32m", yellow[] = "\033[33m", red[] = "\033[31m", off[] = "\033[0m";

/* ---- the line of figures ---- */

/* Appends the text when the line has room for all of it. The name may be cut. */
static void add(struct view *v, int *used, const char *text)
{
	int len = (int)strlen(text);

	if (*used + len <= v->g->columns) {
		fputs(text, v->to);
		*used += len;
	}
}

static void add_time(struct view *v, int *used, const char *what, hoy_duration d)
{
	char text[64], ms[MS_STRLEN];

	snprintf(text, sizeof text, "  %s %s", what, ms_string(d, ms));
	add(v, used, text);
}

/* The most important first, since a narrow terminal has no room for all. */
static void draw_figures(struct view *v, const char *name)
{
	char text[64];
	int used = 0;

	used = fprintf(v->to, "%.*s", v->g->columns, name);
	snprintf(text, sizeof text, "  loss %.3g%%", stats_loss_percent(v->s));
	add(v, &used, text);
	if (v->s->received) {
		add_time(v, &used, "last", v->s->last);
		add_time(v, &used, "p50", v->p.p50);
		add_time(v, &used, "p95", v->p.p95);
		add_time(v, &used, "p99", v->p.p99);
		add_time(v, &used, "max", v->s->max);
		add(v, &used, " ms");
	}
	fputc('\n', v->to);
}

/* ---- bars ---- */

static void set_colour(struct view *v, const char *colour)
{
	if (!v->g->colour || v->colour == colour)
		return;
	fputs(colour ? colour : off, v->to);
	v->colour = colour;
}

/* One cell of a bar: `steps` of it are filled. */
static const char *cell(const struct view *v, int64_t steps)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const plain[] = { " ", ".", ".", ".", ":", ":", ":", "|", "|" };

	steps = steps < 0 ? 0 : steps > STEPS ? STEPS : steps;
	return (v->g->unicode ? blocks : plain)[steps];
}

/* `below` lines of bars are below this one. */
static void draw_cell(struct view *v, hoy_duration sample, int below)
{
	int64_t height = 0;

	if (sample == SAMPLE_LOST && !below) {
		set_colour(v, red);
		fputs(v->g->unicode ? "×" : "x", v->to);
		return;
	}
	if (sample >= 0 && v->top > 0)
		height = (sample * (v->g->rows - 1) * STEPS + v->top - 1) / v->top;
	if (height > below * STEPS)
		set_colour(v, sample > v->p.p95 ? yellow : green);
	fputs(cell(v, height - below * STEPS), v->to);
}

static void draw_axis(struct view *v, int below)
{
	const char *bar = v->g->unicode ? "│" : "|", *tick = v->g->unicode ? "┤" : "+";
	bool is_top = below == v->g->rows - 2;
	char ms[MS_STRLEN];

	if (v->g->columns < AXIS_FROM)
		return;
	if (is_top || !below)
		fprintf(v->to, "%*s %s", AXIS - 2, ms_string(is_top ? v->top : 0, ms), tick);
	else
		fprintf(v->to, "%*s %s", AXIS - 2, "", bar);
}

static void draw_line(struct view *v, int below)
{
	draw_axis(v, below);
	for (int64_t i = v->first; i <= v->s->sent; i++)
		draw_cell(v, stats_sample(v->s, i), below);
	set_colour(v, NULL);
	fputc('\n', v->to);
}

void graph_draw(FILE *to, const struct graph *g, const char *name, const struct stats *s)
{
	struct view v = { .to = to, .g = g, .s = s, .p = stats_percentiles(s) };

	v.width = g->columns < AXIS_FROM ? g->columns : g->columns - AXIS;
	v.first = s->sent > v.width ? s->sent - v.width + 1 : 1;
	for (int64_t i = v.first; i <= s->sent; i++)
		if (stats_sample(s, i) > v.top)
			v.top = stats_sample(s, i);
	draw_figures(&v, name);
	for (int below = g->rows - 2; below >= 0; below--)
		draw_line(&v, below);
}
