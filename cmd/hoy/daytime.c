/* hoy daytime: asks a daytime server (RFC 867) for the time. The guide's first client. */
#include <string.h>

#include "cmd.h"

enum { LIMIT = 4096 };		/* RFC 867 expects one line */

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
		out_print("\n");
		return;
	}
	json_begin(&j, "daytime");
	json_text(&j, "addr", addr);
	json_bytes(&j, "text", text, len);
	json_int(&j, "connect_us", in_us(connect));
	json_int(&j, "total_us", in_us(total));
	json_end(&j);
}

/* Over TCP all that comes until the server closes, over UDP the datagram that answers any other. */
static ssize_t ask(hoy_conn *c, char packet[LIMIT], char **text, hoy_err *err)
{
	hoy_addr addr;

	hoy_conn_remote_addr(c, &addr);
	if (addr.kind != HOY_ADDR_UDP)
		return hoy_read_all(c, text, LIMIT, err);
	*text = packet;
	if (hoy_conn_write(c, "?\n", 2, err) < 0)
		return -1;
	return hoy_conn_read(c, packet, LIMIT, err);
}

static int daytime(int argc, char **argv)
{
	char addr[HOY_ADDR_STRLEN], packet[LIMIT], *text;
	hoy_time start = hoy_now();
	hoy_duration connect;
	hoy_err err;
	hoy_conn *c = dial_within(argc > 1 ? argv[0] : "tcp", argv[argc - 1], timeout, &connect, &err);
	ssize_t len;

	if (!c)
		return fail(&err, NULL);
	remote_of(c, addr);
	len = ask(c, packet, &text, &err);
	hoy_conn_free(c);
	if (len < 0)
		return fail(&err, err.code == HOY_ETOOLONG ? "that is more than a time; is it a daytime server?" : NULL);
	while (len > 0 && strchr("\r\n", text[len - 1]))
		len--;
	if (len > 0)
		tell(addr, text, (size_t)len, connect, hoy_time_sub(hoy_now(), start));
	else
		say("%s had not a word to say", addr);
	if (text != packet)
		hoy_free(text);
	return len > 0 ? EXIT_YES : EXIT_NO;
}

static const char *const examples[] = { "hoy daytime 127.0.0.1:1200", "hoy daytime udp :1200 --timeout 500ms", NULL };

const struct verb verb_daytime = {
	.name = "daytime", .args = "[NETWORK] ADDRESS", .brief = "ask a daytime server for the time",
	.about = "Connects to a daytime server (RFC 867), such as hoy serve daytime, and prints what it\n"
		 "says until it closes. NETWORK is tcp (the default), tcp4, tcp6, udp, udp4 or udp6;\n"
		 "over UDP a datagram asks and the one that comes back is printed.",
	.exits = "0 it told the time\n1 it had not a word to say\n3 it could not be asked",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 2, .needs_tasks = 1, .run = daytime,
};
