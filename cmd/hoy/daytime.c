/* hoy daytime: asks a daytime server (RFC 867) for the time. The guide's first client. */
#include <string.h>

#include "cmd.h"

static hoy_duration timeout = 5 * HOY_SECOND;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for the whole question; 0: none", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static void tell(const char *addr, const char *text, size_t len, hoy_duration connect, hoy_duration total)
{
	struct json j;

	if (!common.json) {
		put_foreign(text, len);
		putchar('\n');
		return;
	}
	json_begin(&j, "daytime");
	json_text(&j, "addr", addr);
	json_bytes(&j, "text", text, len);
	json_int(&j, "connect_us", in_us(connect));
	json_int(&j, "total_us", in_us(total));
	json_end(&j);
}

static int daytime(int argc, char **argv)
{
	enum { LIMIT = 4096 };		/* RFC 867 expects one line */
	char addr[HOY_ADDR_STRLEN], *text;
	hoy_time start = hoy_now();
	hoy_duration connect;
	hoy_err err;
	hoy_conn *c = dial_within(argv[0], timeout, &connect, &err);
	ssize_t len;

	(void)argc;
	if (!c)
		return fail(&err, NULL);
	remote_of(c, addr);
	len = hoy_read_all(c, &text, LIMIT, &err);
	hoy_conn_free(c);
	if (len < 0)
		return fail(&err, err.code == HOY_ETOOLONG ? "that is more than a time; is it a daytime server?" : NULL);
	while (len > 0 && strchr("\r\n", text[len - 1]))
		len--;
	if (len > 0)
		tell(addr, text, (size_t)len, connect, hoy_time_sub(hoy_now(), start));
	else
		say("%s closed without a word", addr);
	hoy_free(text);
	return len > 0 ? EXIT_YES : EXIT_NO;
}

static const char *const examples[] = { "hoy daytime 127.0.0.1:1200", "hoy daytime :1200 --timeout 500ms", NULL };

const struct verb verb_daytime = {
	.name = "daytime", .args = "ADDRESS", .brief = "ask a daytime server for the time",
	.about = "Connects to a daytime server (RFC 867), such as hoy serve daytime, and prints what it\n"
		 "says until it closes.",
	.exits = "0 it told the time\n1 it closed without a word\n3 it could not be asked",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 1, .needs_tasks = 1, .run = daytime,
};
