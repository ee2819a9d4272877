/*
 * hoy top: top.c is the verb, top_sample.c reads what a program says of itself, top_table.c makes tables of it, and
 * top_screen.c shows them.
 */
#ifndef TOP_H
#define TOP_H

#include "cmd.h"

/* Numbers that are not known are NAN, texts NULL. */
struct top_task {
	double id, worker, waited_us, runs, runs_rate, stack_used;
	const char *name, *state, *function, *waits_for, *detail;
};

struct top_connection {
	double descriptor, received, sent, in_rate, out_rate;	/* bytes, and bytes per second */
	const char *network, *local, *remote;
};

/* Tasks that do the same: they have these in common. */
struct top_group {
	double count, waited_us, runs_rate;	/* of the one that has waited longest; of all */
	const char *name, *state, *function, *waits_for;
};

struct top_stats {
	double tasks, started, switches, stalls;
};

/* One picture of a program. What it points to is in text. */
struct top_sample {
	char *text;
	double pid, now_us, workers;
	const char *version;
	struct top_stats stats;
	struct top_task *tasks;
	struct top_connection *connections;
	struct top_group *groups;
	size_t n_tasks, n_connections, n_groups;
	double switch_rate, start_rate, in_rate, out_rate;	/* since the sample before */
};

/* top_sample.c */

/* PATH|PID as the path of a control socket; pid is 0 for a path. EXIT_YES, or the exit code, told. */
int top_find(const char *target, char path[HOY_ADDR_STRLEN], pid_t *pid);
/* Asks the program that listens at path. EXIT_YES, or the exit code, told once the screen is left; `before`: it has answered before. */
int top_read(const char *path, pid_t pid, bool before, struct top_sample *s);
/* Compares it with the one before, and puts tasks that do the same together. before NULL: no rates are known. */
void top_digest(struct top_sample *s, const struct top_sample *before);
void top_free(struct top_sample *s);

/* top_table.c */
enum top_view { TOP_GROUPS, TOP_TASKS, TOP_CONNECTIONS, TOP_VIEWS };

struct top_order {
	enum top_view view;
	int column[TOP_VIEWS];		/* which each view is sorted by */
	bool reverse;
};

/* The column of the view with that title, or -1. */
int top_column(enum top_view view, const char *title);
/* The titles of the view's columns, as "count, state, ...". */
char *top_columns(enum top_view view, char *text, size_t size);
/* The next column. */
void top_sort_on(struct top_order *order);
/* Sorts the view's rows, and appends them, with a line of titles: at most `rows` lines, none wider than `columns`; rows 0: all. */
void top_put(FILE *to, struct top_sample *s, const struct top_order *order, int columns, int rows);
/* 12.3M, 4.5k, 17 */
char *top_count_string(double n, char buf[16]);

/* top_screen.c */

/* From now on those that end a process make top_wait return -1. */
void top_catch_signals(void);
/* If there is a terminal, takes it over, until the process ends or top_screen_end is called. */
void top_screen_begin(void);
void top_screen_end(void);
/* Draws the whole: on a terminal that was taken over in place of what is there, else below it. */
void top_draw(struct top_sample *s, const struct top_order *order, const char *program);
/* Waits that long for a key: the key, 0 when the time is over or the size of the screen has changed, -1: the program is to end. */
int top_wait(hoy_time until);

#endif
