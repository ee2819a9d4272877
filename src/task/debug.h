/* The reports that a run makes, as chosen by hoy_run_opts and $HOY_DEBUG. */
#ifndef HOY_TASK_DEBUG_H
#define HOY_TASK_DEBUG_H

#include <stdbool.h>
#include <stddef.h>

#include <hoy/task.h>

/*
 * Is the word among those of $HOY_DEBUG, which commas separate? A word may have a value, as in "stall=100ms": then *value is
 * that, up to the next comma, and *len its length; else *len is 0. value may be NULL.
 */
bool hoy__debug_word(const char *word, const char **value, size_t *len);

struct hoy__reports {
	bool deadlock, leaks, quit;
	hoy_duration stall;		/* 0: not asked for */
};

struct hoy__reports hoy__reports_asked(const hoy_run_opts *opts);

/* Some of them stop threads by a signal, to see where they are. */
static inline bool hoy__reports_stop_threads(const struct hoy__reports *asked)
{
	return asked->deadlock || asked->quit || asked->stall > 0;
}

#endif
