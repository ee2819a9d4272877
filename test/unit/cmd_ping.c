/* The statistics and the graph of hoy ping, of known samples. */
#include "../../cmd/hoy/ping_stats.c"
#include "../../cmd/hoy/ping_graph.c"
#include "../../cmd/hoy/duration.c"
#undef LEN

#include "../t.h"

void *must(void *room)
{
	if (!room)
		abort();
	return room;
}

/* In milliseconds; x is a loss, p is pending. */
static void feed(struct stats *s, const char *samples)
{
	char *end;

	for (; *samples; samples = *end == ' ' ? end + 1 : end) {
		int64_t i = stats_sent(s);

		end = (char *)samples + 1;
		if (*samples == 'x')
			stats_loss(s, i, false);
		else if (*samples != 'p')
			stats_reply(s, i, (hoy_duration)(strtod(samples, &end) * HOY_MILLISECOND));
	}
}

/* ---- statistics ---- */

TEST(sums_are_those_of_the_samples)
{
	struct stats s = { 0 };
	struct percentiles p;

	feed(&s, "2 4 4 4 x 5 5 7 9 p");
	p = stats_percentiles(&s);
	CHECK_INT(s.sent, 10);
	CHECK_INT(s.received, 8);
	CHECK_INT(s.lost, 1);
	CHECK_INT(stats_pending(&s), 1);
	CHECK_INT(s.min, 2 * HOY_MILLISECOND);
	CHECK_INT(s.max, 9 * HOY_MILLISECOND);
	CHECK_INT(s.last, 9 * HOY_MILLISECOND);
	CHECK_INT((int64_t)s.mean, 5 * HOY_MILLISECOND);
	CHECK_INT(stats_deviation(&s), 2 * HOY_MILLISECOND);
	CHECK_INT((int)(stats_loss_percent(&s) * 9 + 0.5), 100);
	CHECK_INT(p.p50, 4 * HOY_MILLISECOND);
	CHECK_INT(p.p95, 9 * HOY_MILLISECOND);
	CHECK_INT(p.p99, 9 * HOY_MILLISECOND);
	free(s.samples);
}

TEST(nothing_and_one_have_statistics_too)
{
	struct stats s = { 0 };

	CHECK_INT(stats_percentiles(&s).p99, 0);
	CHECK_INT(stats_deviation(&s), 0);
	CHECK(stats_loss_percent(&s) == 0);
	CHECK_INT(stats_sample(&s, 1), SAMPLE_PENDING);
	feed(&s, "3");
	CHECK_INT(stats_percentiles(&s).p50, 3 * HOY_MILLISECOND);
	CHECK_INT(stats_deviation(&s), 0);
	CHECK_INT(s.min, s.max);
	free(s.samples);
}

TEST(percentiles_of_1_to_100)
{
	struct stats s = { 0 };

	for (int i = 100; i >= 1; i--)
		stats_reply(&s, stats_sent(&s), i);
	CHECK_INT(stats_percentiles(&s).p50, 50);
	CHECK_INT(stats_percentiles(&s).p95, 95);
	CHECK_INT(stats_percentiles(&s).p99, 99);
	free(s.samples);
}

TEST(a_late_reply_makes_up_for_its_loss)
{
	struct stats s = { 0 };

	feed(&s, "x 1 p");
	stats_reply(&s, 1, 5 * HOY_MILLISECOND);
	CHECK_INT(s.lost, 0);
	CHECK_INT(s.received, 2);
	CHECK_INT(s.disordered, 1);
	CHECK_INT(stats_sample(&s, 1), 5 * HOY_MILLISECOND);
	stats_reply(&s, 3, 1);
	CHECK_INT(s.disordered, 1);
	CHECK_INT(stats_pending(&s), 0);
	free(s.samples);
}

TEST(a_late_error_is_no_second_loss)
{
	struct stats s = { 0 };

	feed(&s, "x 1");
	stats_loss(&s, 1, true);
	stats_loss(&s, 2, true);	/* as from one of several that got a broadcast */
	CHECK_INT(s.lost, 1);
	CHECK_INT(s.errors, 2);
	CHECK_INT(stats_sample(&s, 2), HOY_MILLISECOND);
	free(s.samples);
}

TEST(the_window_keeps_the_last_samples)
{
	struct stats s = { 0 };

	for (int i = 1; i <= 3 * STATS_WINDOW; i++) {
		int64_t n = stats_sent(&s);

		CHECK_INT(n, i);
		CHECK_INT(stats_sample(&s, n), SAMPLE_PENDING);
		stats_reply(&s, n, i);
		CHECK_INT(stats_sample(&s, i > 16 ? i - 16 : 1), i > 16 ? i - 16 : 1);
	}
	CHECK_INT(s.size, STATS_WINDOW);
	CHECK_INT(stats_sample(&s, 2 * STATS_WINDOW), SAMPLE_PENDING);
	CHECK_INT(stats_sample(&s, 2 * STATS_WINDOW + 1), 2 * STATS_WINDOW + 1);
	CHECK_INT(stats_percentiles(&s).p50, 2 * STATS_WINDOW + STATS_WINDOW / 2);
	CHECK_INT(s.min, 1);
	stats_reply(&s, 5, 7);		/* long forgotten, and counted all the same */
	CHECK_INT(s.received, 3 * STATS_WINDOW + 1);
	free(s.samples);
}

/* ---- the graph ---- */

static char *draw(const struct graph *g, const char *samples)
{
	struct stats s = { 0 };
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	feed(&s, samples);
	graph_draw(to, g, "192.0.2.1", &s);
	fclose(to);
	free(s.samples);
	return text;
}

static void check_graph(struct graph g, const char *samples, const char *want)
{
	char *got = draw(&g, samples);

	CHECK_STR(got, want, samples);
	free(got);
}

TEST(the_usual_picture)
{
	check_graph((struct graph){ .columns = 80, .rows = 4, .unicode = true }, "1 2 3 x 12 6 p 4",
		    "192.0.2.1  loss 14.3%  last 4.00  p50 3.00  p95 12.0  p99 12.0  max 12.0 ms\n"
		    "    12.0 ┤    █   \n"
		    "         │    █▄  \n"
		    "   0.000 ┤▂▄▆×██ █\n");
}

TEST(without_unicode)
{
	check_graph((struct graph){ .columns = 80, .rows = 3 }, "1 2 3 x 12 6 p 4",
		    "192.0.2.1  loss 14.3%  last 4.00  p50 3.00  p95 12.0  p99 12.0  max 12.0 ms\n"
		    "    12.0 +    |   \n"
		    "   0.000 +..:x|| :\n");
}

TEST(with_colours)
{
	check_graph((struct graph){ .columns = 30, .rows = 2, .colour = true, .unicode = true }, "1 1 x 1",
		    "192.0.2.1  loss 25%  last 1.00\n"
		    "    1.00 ┤\033[32m██\033[31m×\033[32m█\033[0m\n");
}

TEST(a_narrow_terminal_has_no_axis_and_the_last_probes)
{
	check_graph((struct graph){ .columns = 5, .rows = 3, .unicode = true }, "9 9 9 1 2 x 4 8",
		    "192.0\n"
		    "    █\n"
		    "▂▄×██\n");
	check_graph((struct graph){ .columns = 1, .rows = 2 }, "1 x", "1\nx\n");
}

TEST(before_anything_was_sent)
{
	check_graph((struct graph){ .columns = 40, .rows = 3, .unicode = true }, "",
		    "192.0.2.1  loss 0%\n"
		    "   0.000 ┤\n"
		    "   0.000 ┤\n");
}

TEST(nothing_but_losses)
{
	check_graph((struct graph){ .columns = 40, .rows = 2 }, "x x x",
		    "192.0.2.1  loss 100%\n"
		    "   0.000 +xxx\n");
}

/* How many columns a terminal uses for a line, without its escapes. */
static int width_of(const char *line)
{
	int width = 0;

	for (; *line != '\n'; line++)
		if (*line == '\033')
			line = strchr(line, 'm');
		else
			width += ((unsigned char)*line & 0xc0) != 0x80;
	return width;
}

TEST(no_line_is_wider_or_more_than_it_should_be)
{
	char samples[600] = "";

	for (int i = 0; i < 120; i++)
		sprintf(samples + strlen(samples), "%s ", i % 7 ? i % 11 ? "3.5" : "700" : "x");
	for (int columns = 1; columns <= 130; columns++)
		for (int rows = 2; rows <= 9; rows++) {
			struct graph g = { .columns = columns, .rows = rows, .unicode = columns % 2, .colour = rows % 2 };
			char *text = draw(&g, samples), *line = text;
			int lines = 0;

			for (; *line; line = strchr(line, '\n') + 1, lines++)
				CHECK(width_of(line) <= columns);
			CHECK_INT(lines, rows);
			free(text);
		}
}
