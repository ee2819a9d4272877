/* hoy connect: standard input to a server, and what it says to standard output. */
#include "talk.h"

static hoy_duration timeout = 5 * HOY_SECOND;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for connecting; 0: none", 0, 0 },
	TALKING_FLAGS,
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static void tell(const hoy_conn *c, const char *network, hoy_duration took)
{
	char addr[HOY_ADDR_STRLEN], text[DURATION_STRLEN];
	struct json j;

	remote_of(c, addr);
	if (common.json) {
		json_begin(&j, "connect");
		json_text(&j, "network", network);
		json_text(&j, "addr", addr);
		json_int(&j, "connect_us", in_us(took));
		json_end(&j);
	}
	if (talking.verbose)
		say("connected to %s %s after %s", network, addr, duration_string(took, text));
}

static int connect_to(int argc, char **argv)
{
	const hoy_dialer dialer = { .timeout = timeout };
	hoy_time start = hoy_now();
	struct endpoint there;
	int used = endpoint_take(&there, argv);
	hoy_conn *c;
	hoy_err err;

	if (!used)
		return EXIT_USAGE;
	if (used < argc)
		return usage("'%s' is one argument too many: hoy connect %s", argv[used], running->args);
	c = hoy_dialer_dial(&dialer, there.network, there.address, &err);
	if (!c)
		return fail(&err, NULL);
	tell(c, there.network, hoy_time_sub(hoy_now(), start));
	talk_with(c, endpoint_has_datagrams(&there), start);
}

static const char *const examples[] = {
	"hoy connect 127.0.0.1:1201", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | hoy connect 127.0.0.1:80",
	"hoy connect unix /run/app.sock < FILE > ANSWER", "hoy connect udp 127.0.0.1:1200 --linger 500ms", NULL
};

const struct verb verb_connect = {
	.name = "connect", .args = "[NETWORK] ADDRESS", .brief = "standard input to a server, its answer to standard output",
	.about = "Connects and moves bytes both ways. The end of standard input is passed on as a half-close,\n"
		 "and the answer is read to its end. NETWORK is tcp (the default), tcp4, tcp6, udp, udp4, udp6,\n"
		 "unix, unixgram or unixpacket. Datagrams take up to 8 KiB of standard input each, from a\n"
		 "terminal a line; they have no end, so answers are waited for as long as --linger says. So is\n"
		 "standard input, unless it is a terminal, when the server ends first. With --json the answer\n"
		 "comes as objects of type data.",
	.exits = "0 both sides have ended\n3 it could not connect, or the connection failed\n4 it may not connect\n"
		 "5 the connection failed after some of the answer, which is shown",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 2, .needs_tasks = 1, .run = connect_to,
};
