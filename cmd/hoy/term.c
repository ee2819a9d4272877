/*
 * The terminal. Colour is a courtesy to people: only where a terminal shows it, never
 * against NO_COLOR, and --color has the last word.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"

static int is_coloured(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(common.color, "auto"))
		return !strcmp(common.color, "always");
	return isatty(fileno(to)) && !(no && *no) && term && strcmp(term, "dumb");
}

const char *ink(FILE *to, enum ink i)
{
	static const char *const escapes[] = {
		[INK_OFF] = "\033[0m", [INK_BOLD] = "\033[1m", [INK_DIM] = "\033[2m",
		[INK_GOOD] = "\033[32m", [INK_BAD] = "\033[31m", [INK_WARN] = "\033[33m",
	};

	return is_coloured(to) ? escapes[i] : "";
}

bool term_is_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < LEN(names) && !(value && *value); i++)
		value = getenv(names[i]);
	return value && (strcasestr(value, "utf-8") || strcasestr(value, "utf8"));
}

void settle_after_key(void)
{
	if (isatty(STDOUT_FILENO))
		hoy_sleep(30 * HOY_MILLISECOND);
}

struct term_size term_size(void)
{
	enum { COLUMNS = 80, ROWS = 24, COLUMNS_MOST = 1024 };
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		return (struct term_size){ COLUMNS, ROWS };
	return (struct term_size){ size.ws_col < COLUMNS_MOST ? size.ws_col : COLUMNS_MOST, size.ws_row };
}

/* The end of the run of bytes from p that a terminal may see as they are. */
static const char *harmless(const char *p, const char *end)
{
	while (p < end && (*p == '\n' || *p == '\t' || !(((unsigned char)*p) < 0x20 || *p == 0x7f)))
		p++;
	return p;
}

void put_foreign(const char *bytes, size_t len)
{
	const char *end = bytes + len, *stop;

	if (!isatty(STDOUT_FILENO)) {
		out_bytes(bytes, len);
		return;
	}
	while (bytes < end) {
		stop = harmless(bytes, end);
		out_bytes(bytes, (size_t)(stop - bytes));
		if (stop < end && *stop != '\r')
			out_print("\\x%02x", (unsigned char)*stop);
		bytes = stop + 1;
	}
}
