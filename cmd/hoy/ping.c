/* hoy ping: the flags, and a run from its words to its exit code. */
#include <string.h>

#include "ping.h"

struct ping ping = {
	.interval = HOY_SECOND, .timeout = HOY_SECOND, .lookup = 10 * HOY_SECOND, .size = 56, .query = ".",
};

static const struct flag flags[] = {
	{ "count", 'c', FLAG_INT, &ping.count, NULL, "probes of each target; 0: until Ctrl-C, or 1 when there is a NETWORK", 0, 0 },
	{ "interval", 'i', FLAG_DURATION, &ping.interval, NULL, "between two probes of a target", 0, 0 },
	{ "timeout", 't', FLAG_DURATION, &ping.timeout, NULL, "for each reply; a later one still counts", 0, 0 },
	{ "deadline", 'w', FLAG_DURATION, &ping.deadline, NULL, "for the whole run after the lookups; 0: none", 0, 0 },
	{ "lookup", 'l', FLAG_DURATION, &ping.lookup, NULL, "for looking up each name; 0: none", 0, 0 },
	{ "size", 's', FLAG_INT, &ping.size, "BYTES", "of data in an ICMP request", 0, HOY_PING_DATA_MAX },
	{ "ttl", 0, FLAG_INT, &ping.ttl, NULL, "of ICMP requests (IPv6: hop limit); 0: the system's default", 0, 255 },
	{ "ipv4", '4', FLAG_BOOL, &ping.ipv4, NULL, "only IPv4 addresses of names", 0, 0 },
	{ "ipv6", '6', FLAG_BOOL, &ping.ipv6, NULL, "only IPv6 addresses of names", 0, 0 },
	{ "query", 0, FLAG_TEXT, &ping.query, "NAME", "the name in dns queries; the type is NS for . and A for others", 0, 0 },
	{ "need", 0, FLAG_INT, &ping.need, NULL, "exit 0 when at least N targets reply; 0: all", 0, TARGETS_MOST },
	{ "graph", 'g', FLAG_BOOL, &ping.graph, NULL, "a picture of the last probes, live on a terminal", 0, 0 },
	{ "bytes", 'b', FLAG_BOOL, &ping.bytes, NULL, "the guide's Ping: the bytes of one request and of its reply", 0, 0 },
	{ "quiet", 'q', FLAG_BOOL, &ping.quiet, NULL, "only the statistics", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static int check_flags(void)
{
	enum { REMEMBERED = 1000 };	/* a little less than the requests that a pinger remembers */

	if (ping.interval < HOY_MILLISECOND)
		return usage("--interval takes 1ms or more");
	if (ping.timeout < HOY_MILLISECOND || ping.timeout / REMEMBERED > ping.interval)
		return usage("--timeout takes 1ms or more, and at most %d times the --interval", REMEMBERED);
	if (ping.ipv4 && ping.ipv6)
		return usage("-4 and -6 exclude each other");
	if (ping.graph && common.json)
		return usage("--graph is a picture for people; --json has the same times in numbers");
	return EXIT_YES;
}

static int check_targets(void)
{
	if (ping.bytes && (targets.count > 1 || targets.list[0].probe != &probe_icmp))
		return usage("--bytes is for one host, by ICMP");
	if ((size_t)ping.need > targets.count)
		return usage("--need %d is more than the %zu targets", ping.need, targets.count);
	if (!ping.count && targets.network_count)
		ping.count = 1;
	if (!ping.count && targets.count > AT_ONCE)
		return usage("%zu targets are more than the %d that are probed at once; give --count", targets.count, AT_ONCE);
	return EXIT_YES;
}

static int run(void)
{
	const hoy_resolver_opts opts = { .total = ping.lookup };
	hoy_err err;
	int code;

	ping.resolver = hoy_resolver_new(&opts, &err);
	if (!ping.resolver)
		return fail(&err, NULL);
	code = ping.bytes ? exchange_bytes(&targets.list[0]) : run_targets();
	hoy_resolver_free(ping.resolver);
	return code;
}

static int start(int argc, char **argv)
{
	int code = check_flags();

	(void)argc;
	if (code == EXIT_YES)
		code = targets_read(argv);
	if (code == EXIT_YES)
		code = check_targets();
	if (code == EXIT_YES)
		code = run();
	targets_free();
	return code;
}

static const char *const examples[] = {
	"hoy ping 192.0.2.1", "hoy ping -c 5 -i 200ms www.example.com 2001:db8::1", "hoy ping 192.0.2.0/24 --need 1",
	"hoy ping --graph 192.0.2.1 tcp www.example.com:443 dns @192.0.2.53", "hoy ping -c 3 --json - <hosts",
	"hoy ping --bytes 127.0.0.1", NULL
};

const struct verb verb_ping = {
	.name = "ping", .args = "[icmp] HOST|NETWORK... [tcp HOST:PORT...] [dns @SERVER...]",
	.brief = "whether hosts and servers reply, and how fast: by ICMP, TCP or DNS",
	.about = "Sends ICMP echo requests to each HOST, a name or an address, and shows each reply. After the word\n"
		 "tcp the targets are HOST:PORT, and the time is that of connecting. After dns they are name\n"
		 "servers: a probe is one query, and every response counts, whatever its RCODE. icmp switches\n"
		 "back. A host with one of these names is written with a final dot. - reads targets from\n"
		 "standard input.\n"
		 "\n"
		 "A NETWORK, such as 192.0.2.0/24, means each of its addresses, of IPv4 without the first and\n"
		 "the last, and at most 65536. Each gets one request, unless --count says more, and only those\n"
		 "that reply are shown. At most 256 targets are probed at the same time.\n"
		 "\n"
		 "Ctrl-\\ prints the statistics and goes on; Ctrl-C prints them and ends; a second Ctrl-C ends at\n"
		 "once. A probe without a reply is lost after --timeout. Percentiles cover the last 4096 probes.\n"
		 "\n"
		 "With --graph a terminal shows a live picture instead of lines: a bar for each probe, yellow\n"
		 "above the 95th percentile, and a red x for each loss. When standard output is not a terminal,\n"
		 "the picture is printed with the statistics.\n"
		 "\n"
		 "ICMP takes a group within the sysctl net.ipv4.ping_group_range, or CAP_NET_RAW; tcp and dns\n"
		 "take no privilege.",
	.exits = "0 all targets replied, or as many as --need\n1 no reply came in time, or there is no such name\n"
		 "3 unreachable, or refused\n4 ICMP is not permitted\n5 some targets replied",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = -1, .needs_tasks = 1, .run = start,
};
