#include "task/debug.h"

#include <stdlib.h>
#include <string.h>

#include <hoy/time.h>

/* The rest of `at` behind word, if at is that word; else NULL. */
static const char *behind(const char *at, const char *word)
{
	size_t len = strlen(word);

	return strncmp(at, word, len) == 0 && strchr(",=", at[len]) ? at + len : NULL;
}

bool hoy__debug_word(const char *word, const char **value, size_t *len)
{
	const char *at = secure_getenv("HOY_DEBUG");

	for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		const char *rest = behind(at, word);

		if (!rest)
			continue;
		if (value) {
			*value = rest + (*rest == '=');
			*len = strcspn(*value, ",");
		}
		return true;
	}
	return false;
}

#define STALL (100 * HOY_MILLISECOND)

/* "100ms", "2s"; without a unit, or with another, the default. */
static hoy_duration duration_of(const char *text, size_t len)
{
	char *unit;
	long n = len ? strtol(text, &unit, 10) : 0;

	if (n <= 0 || n > 1000000)
		return STALL;
	if (strncmp(unit, "ms", 2) == 0)
		return n * HOY_MILLISECOND;
	return *unit == 's' ? n * HOY_SECOND : STALL;
}

struct hoy__reports hoy__reports_asked(const hoy_run_opts *opts)
{
	struct hoy__reports asked = {
		.deadlock = opts->report_deadlock || hoy__debug_word("deadlock", NULL, NULL),
		.leaks = opts->report_leaks || hoy__debug_word("leaks", NULL, NULL),
		.quit = opts->dump_on_quit || hoy__debug_word("quit", NULL, NULL),
		.stall = opts->report_stalls,
	};
	const char *text;
	size_t len;

	if (asked.stall <= 0)
		asked.stall = hoy__debug_word("stall", &text, &len) ? duration_of(text, len) : 0;
	return asked;
}
