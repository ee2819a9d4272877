/* hoy daytime: asks a daytime server (RFC 867) for the time. The guide's first client. */
#include <string.h>

#include "cmd.h"

enum { LIMIT = 4096 };		/* RFC 867 expects one line */

static hoy_duration timeout = 5 * HOY_SECOND;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for the whole question; 0: none", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static void tell(const char *addr, const struct response *a, size_t len)
{
	struct json j;

	if (!common.json) {
		put_foreign(a->text, len);
		out_print("\n");
		return;
	}
	json_begin(&j, "daytime");
	json_text(&j, "addr", addr);
	json_bytes(&j, "text", a->text, len);
	json_int(&j, "connect_us", in_us(a->connect));
	json_int(&j, "total_us", in_us(a->total));
	response_json(&j, a);
	json_end(&j);
}

/* Of a connection all that comes until the server closes, of datagrams the one that answers any other. */
static void ask(hoy_conn *c, struct response *a, hoy_time start)
{
	hoy_addr addr;
	ssize_t n;

	hoy_conn_remote_addr(c, &addr);
	if (addr.kind != HOY_ADDR_UDP && addr.kind != HOY_ADDR_UNIXGRAM) {
		response_read(c, a, LIMIT, NULL, start);
		return;
	}
	if (hoy_conn_write(c, "?\n", 2, &a->err) < 0)
		return;
	n = hoy_conn_read(c, a->text, LIMIT, &a->err);
	a->len = n > 0 ? (size_t)n : 0;
	a->total = hoy_time_sub(hoy_now(), start);
}

static int daytime(int argc, char **argv)
{
	static struct response a;
	char addr[HOY_ADDR_STRLEN];
	hoy_time start = hoy_now();
	const char *network = argc > 1 ? argv[0] : "tcp", *address = address_to_dial(network, argv[argc - 1]);
	int code = EXIT_YES;
	hoy_conn *c;
	size_t len;

	if (!address)
		return EXIT_USAGE;
	c = dial_within(network, address, timeout, &a.connect, &a.err);
	if (!c)
		return fail(&a.err, NULL);
	remote_of(c, addr);
	ask(c, &a, start);
	hoy_conn_free(c);
	for (len = a.len; len > 0 && strchr("\r\n", a.text[len - 1]); len--)
		;
	if (len > 0)
		tell(addr, &a, len);
	else if (!a.err.code)
		say("%s had not a word to say", addr);
	if (a.err.code)
		code = fail(&a.err, NULL);
	if (a.err.code && !len)
		return code;
	return a.err.code ? EXIT_PARTIAL : len ? EXIT_YES : EXIT_NO;
}

static const char *const examples[] = {
	"hoy daytime 127.0.0.1:1200", "hoy daytime udp :1200 --timeout 500ms",
	"hoy daytime unix /tmp/daytime.sock", NULL
};

const struct verb verb_daytime = {
	.name = "daytime", .args = "[NETWORK] ADDRESS", .brief = "ask a daytime server for the time",
	.about = "Connects to a daytime server (RFC 867), such as hoy serve daytime, and prints what it\n"
		 "says until it closes. NETWORK is tcp (the default), tcp4, tcp6, unix, unixpacket, or udp,\n"
		 "udp4, udp6 or unixgram; over these a datagram asks and the one that comes back is printed.",
	.exits = "0 it told the time\n1 it had not a word to say\n3 it could not be asked\n5 a part of the answer came, and is shown",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 2, .needs_tasks = 1, .run = daytime,
};
