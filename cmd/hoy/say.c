/*
 * Errors for people: what happened, in Go's words, and what to do about it. The
 * table below is the whole of hoy's advice, by code.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static const char address_advice[] = "an address is HOST:PORT, such as 127.0.0.1:1201, [::1]:1201 or :1201";

static const struct { int code; const char *call; int exit; const char *advice; } table[] = {
	{ -EACCES, "bind", EXIT_FORBIDDEN,
	  "ports below 1024 need root or CAP_NET_BIND_SERVICE: take a higher one" },
	{ -EACCES, NULL, EXIT_FORBIDDEN, "run it as root, or look at the permissions" },
	{ -EPERM, NULL, EXIT_FORBIDDEN, "run it as root, or look at the firewall" },
	{ -ECONNREFUSED, NULL, EXIT_UNASKED, "nothing listens there; start one with: hoy serve echo ADDRESS" },
	{ -EADDRINUSE, NULL, EXIT_UNASKED, "see who listens there with: ss -ltnp; port 0 takes a free one" },
	{ -EADDRNOTAVAIL, NULL, EXIT_UNASKED, "that is no address of this machine; list them with: ip -br addr" },
	{ -ENETUNREACH, NULL, EXIT_UNASKED, "there is no route; look with: ip route" },
	{ -EHOSTUNREACH, NULL, EXIT_UNASKED, "there is no way to that host; look with: ip route" },
	{ -EMFILE, NULL, EXIT_UNASKED, "out of descriptors; raise the limit with: ulimit -n" },
	{ HOY_ETIMEOUT, NULL, EXIT_UNASKED, "give it longer with --timeout" },
	{ -ETIMEDOUT, NULL, EXIT_UNASKED, "the host does not answer; is the address right?" },
	{ -EBADF, NULL, EXIT_UNASKED, "that stream is closed" },
	{ HOY_ECANCELED, NULL, EXIT_INTERRUPTED, NULL },
	{ HOY_EMISSING, NULL, EXIT_USAGE, address_advice },
	{ HOY_ENETWORK, NULL, EXIT_USAGE, "a network is tcp, tcp4 or tcp6" },
	{ HOY_ENOPORT, NULL, EXIT_USAGE, "use the port's number" },
};

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

static size_t row_of(const hoy_err *err)
{
	size_t i = 0;

	for (; i < LEN(table); i++)
		if (table[i].code == err->code &&
		    (!table[i].call || (err->call && !strcmp(table[i].call, err->call))))
			break;
	return i;
}

/* Not the network failed, but the words that were given. */
static int is_about_text(const hoy_err *err)
{
	return err->kind == HOY_ERR_ADDR || err->kind == HOY_ERR_PARSE || err->kind == HOY_ERR_NETIP;
}

int fail(const hoy_err *err, const char *advice)
{
	size_t row = row_of(err);
	int code = row < LEN(table) ? table[row].exit : EXIT_UNASKED;
	char text[HOY_ERR_STRLEN];
	struct json j;

	if (row == LEN(table) && is_about_text(err))
		code = EXIT_USAGE;
	if (!advice)
		advice = row < LEN(table) ? table[row].advice : code == EXIT_USAGE ? address_advice : NULL;
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
	return code;
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
