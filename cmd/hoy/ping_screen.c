/*
 * Where the graph goes. On a terminal each picture is drawn over the last one, so that what was on the screen before
 * stays; elsewhere it is printed with the statistics, without any escapes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ping.h"
#include "ping_graph.h"

#define PAUSE (50 * HOY_MILLISECOND)	/* between two pictures: more cannot be seen */

enum { ROWS_MOST = 9 };

static int drawn;		/* lines of the last picture, which the next one replaces; 0: none */

bool screen_is_live(void)
{
	return ping.graph && isatty(STDOUT_FILENO);
}

/* As many targets as the screen has room for, each of equal height, and how many there are besides. */
static int draw_targets(FILE *to, const struct term_size *size)
{
	int room = size->rows > 4 ? size->rows - 2 : 2, shown = 0, lines = 0;
	int most = (size_t)(room / 2) < targets.count ? room / 2 : (int)targets.count;
	struct graph g = {
		.columns = size->columns, .colour = *ink(stdout, INK_OFF), .unicode = term_is_unicode(),
		.rows = most && room / most < ROWS_MOST ? room / most : ROWS_MOST,
	};
	char who[WHO_STRLEN];

	for (; shown < most; shown++, lines += g.rows)
		graph_draw(to, &g, target_string(&targets.list[shown], who), &targets.list[shown].stats);
	if ((size_t)shown < targets.count) {
		fprintf(to, "%.*s\n", g.columns, "and more, for which there is no room");
		lines++;
	}
	return lines;
}

/* Room below the cursor for a picture, at whose top the terminal saves the cursor's place. */
static void make_room(FILE *to, int lines)
{
	fputc('\r', to);
	for (int i = 0; i < lines; i++)
		fputc('\n', to);
	fprintf(to, "\033[%dA\0337", lines);
}

/*
 * From the saved place on, so that it does not matter when the terminal has discarded a picture, as it does when
 * Ctrl-C is typed. Each line clears what the last picture had there.
 */
static void put_over(FILE *to, const char *picture)
{
	fputs("\0338", to);
	for (const char *end; (end = strchr(picture, '\n')); picture = end + 1)
		fprintf(to, "%.*s\033[K\n", (int)(end - picture), picture);
	fputs("\033[J", to);
}

void screen_draw(void)
{
	char *picture = NULL, *text = NULL;
	size_t size;
	struct term_size screen = term_size();
	FILE *to = must(open_memstream(&picture, &size));
	int lines = draw_targets(to, &screen);

	fclose(to);
	to = must(open_memstream(&text, &size));
	if (screen_is_live() && drawn != lines)
		make_room(to, drawn = lines);
	if (screen_is_live())
		put_over(to, picture);
	else
		fputs(picture, to);
	fclose(to);
	out_write(text, size);
	free(text);
	free(picture);
}

void screen_update(void)
{
	static hoy_time last;
	hoy_time now = hoy_now();

	if (!screen_is_live() || (last.ns && hoy_time_sub(now, last) < PAUSE))
		return;
	last = now;
	screen_draw();
}

void screen_release(void)
{
	drawn = 0;
}
