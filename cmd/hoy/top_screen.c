/*
 * The screen of hoy top. It is the terminal's other one, so that what was there before comes back at the end; the signals that end
 * the program are caught for the same reason.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "top.h"

enum { HEAD = 3, LEAST_ROWS = HEAD + 2, LEAST_COLUMNS = 40 };

static const char keys[] = "g groups  t tasks  c connections  s sort on  r reverse  q quit";

static bool taken;			/* the terminal is */
static struct termios before;
static bool has_keys;			/* standard input is a terminal, whose settings are in before */
static volatile sig_atomic_t ended;

static void end(int signo)
{
	(void)signo;
	ended = 1;
}

static void resized(int signo)
{
	(void)signo;	/* it has interrupted the wait */
}

static void catch(int signo, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(signo, &action, NULL);
}

/* Keys come one by one, and are not shown. */
static void take_keys(void)
{
	struct termios raw;

	has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
	if (!has_keys)
		return;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void top_catch_signals(void)
{
	catch(SIGINT, end);
	catch(SIGTERM, end);
	catch(SIGHUP, end);
}

void top_screen_begin(void)
{
	if (!isatty(STDOUT_FILENO))
		return;
	catch(SIGWINCH, resized);
	atexit(top_screen_end);
	take_keys();
	taken = true;
	out_print("\033[?1049h\033[?25l");	/* the other screen, without a cursor */
	out_flush();
}

void top_screen_end(void)
{
	if (!taken)
		return;
	taken = false;
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	out_print("\033[?25h\033[?1049l");
	out_flush();
}

/* ---- the picture ---- */

static void put_rate(FILE *to, const char *before_it, double rate, const char *unit)
{
	char text[16];

	if (!isnan(rate))
		fprintf(to, "%s%s%s", before_it, top_count_string(rate, text), unit);
}

/* One line, cut at the screen's edge. */
static void put_cut(FILE *to, const char *text, int columns)
{
	fprintf(to, "%.*s\n", columns, text);
}

static void put_head(FILE *to, const struct top_sample *s, const char *program, int columns)
{
	char *line = NULL, count[16];
	size_t size;
	FILE *f = must(open_memstream(&line, &size));

	fprintf(f, "%s %.0f, hoy %s: %s tasks on %.0f workers, ", program, s->pid, s->version,
		top_count_string(s->stats.tasks, count), s->workers);
	fprintf(f, "%s connections, ", top_count_string((double)s->n_connections, count));
	fprintf(f, "%s stalls", top_count_string(s->stats.stalls, count));
	fclose(f);
	put_cut(to, must(line), columns);
	free(line);
	f = must(open_memstream(&line, &size));
	put_rate(f, "runs ", s->switch_rate, "/s");
	put_rate(f, "  new tasks ", s->start_rate, "/s");
	put_rate(f, "  in ", s->in_rate, "B/s");
	put_rate(f, "  out ", s->out_rate, "B/s");
	fclose(f);
	put_cut(to, must(line), columns);
	free(line);
}

static void put_picture(FILE *to, struct top_sample *s, const struct top_order *order, const char *program)
{
	struct term_size size = term_size();

	if (taken && (size.rows < LEAST_ROWS || size.columns < LEAST_COLUMNS)) {
		put_cut(to, "hoy top needs a larger terminal", size.columns);
		return;
	}
	put_head(to, s, program, size.columns);
	if (taken)
		put_cut(to, keys, size.columns);
	top_put(to, s, order, size.columns, taken ? size.rows - HEAD - 1 : 0);
}

/* Each line clears the rest of the one that it is put over. */
static void put_over(FILE *to, const char *picture)
{
	fputs("\033[H", to);
	for (const char *stop; (stop = strchr(picture, '\n')); picture = stop + 1)
		fprintf(to, "%.*s\033[K\n", (int)(stop - picture), picture);
	fputs("\033[J", to);
}

void top_draw(struct top_sample *s, const struct top_order *order, const char *program)
{
	char *picture = NULL, *text = NULL;
	size_t size, len;
	FILE *to = must(open_memstream(&picture, &size));

	put_picture(to, s, order, program);
	fclose(to);
	must(picture);
	if (!taken) {
		out_write(picture, size);
	} else {
		to = must(open_memstream(&text, &len));
		put_over(to, picture);
		fclose(to);
		out_write(must(text), len);
	}
	free(text);
	free(picture);
}

/* ---- keys ---- */

static int read_key(void)
{
	char key;
	ssize_t n = read(STDIN_FILENO, &key, 1);

	if (n == 1)
		return (unsigned char)key;
	if (n == 0)
		has_keys = false;	/* hung up */
	return 0;
}

int top_wait(hoy_time until)
{
	struct pollfd in = { .fd = taken && has_keys ? STDIN_FILENO : -1, .events = POLLIN };
	hoy_duration left = hoy_time_sub(until, hoy_now());
	int n = left > 0 && !ended ? poll(&in, 1, (int)(left / HOY_MILLISECOND) + 1) : 0;

	if (ended)
		return -1;
	return n > 0 ? read_key() : 0;
}
