/* Errors for people: what happened, in Go's words, and what to do about it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

/* One write, so that lines of several tasks or processes do not mix. */
static void tell(const char *format, va_list args)
{
	char text[2 * HOY_ERR_STRLEN];
	int at = snprintf(text, sizeof text, "%shoy%s%s:%s ", ink(stderr, INK_BAD), running ? " " : "",
			  running ? running->name : "", ink(stderr, INK_OFF));
	int len = vsnprintf(text + at, sizeof text - (size_t)at - 1, format, args);

	if (len < 0)
		return;
	len += at;
	if (len > (int)sizeof text - 2)
		len = (int)sizeof text - 2;
	for (int i = at; i < len; i++)	/* names and addresses may come from anybody, and this goes to a terminal */
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	text[len++] = '\n';
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		return;		/* there is nowhere left to say it */
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args);
	va_end(args);
}

int usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(format, args);
	va_end(args);
	if (running)
		dprintf(STDERR_FILENO, "  see: hoy help %s\n", running->name);
	else
		dprintf(STDERR_FILENO, "  see: hoy help\n");
	return EXIT_USAGE;
}

int fail(const hoy_err *err, const char *advice)
{
	struct advice usual = advice_for(err);
	char text[HOY_ERR_STRLEN];
	struct json j;

	if (!advice)
		advice = usual.text;
	hoy_err_string(err, text);
	if (common.json) {
		json_begin(&j, "error");
		json_int(&j, "code", err->code);
		json_text(&j, "text", text);
		json_end(&j);
	}
	say("%s", text);
	if (advice)
		dprintf(STDERR_FILENO, "  %s\n", advice);
	return usual.exit;
}

void *must(void *room)
{
	if (room)
		return room;
	say("out of memory");
	exit(EXIT_UNASKED);
}

int fail_code(int code, const char *what)
{
	hoy_err err = { .code = code, .kind = HOY_ERR_PLAIN, .call = what };

	return fail(&err, NULL);
}
