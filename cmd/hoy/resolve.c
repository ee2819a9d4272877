/*
 * hoy resolve and hoy port: what a program gets when it is told "tcp4" and
 * "mail.example:smtp". The words of the first argument are Go's networks.
 */
#include <string.h>
#include <unistd.h>

#include "names.h"

static hoy_duration timeout = 15 * HOY_SECOND;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for each name that has to be looked up; 0: none", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

typedef int resolve_fn(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr, hoy_err *err);

/* No resolver needed: nobody is asked. */
static int resolve_path(hoy_resolver *r, const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	(void)r;
	return hoy_resolve_unix_addr(network, address, addr, err);
}

static const struct network { const char *name; resolve_fn *resolve; } networks[] = {
	{ "tcp", hoy_resolver_resolve_tcp_addr }, { "tcp4", hoy_resolver_resolve_tcp_addr },
	{ "tcp6", hoy_resolver_resolve_tcp_addr }, { "udp", hoy_resolver_resolve_udp_addr },
	{ "udp4", hoy_resolver_resolve_udp_addr }, { "udp6", hoy_resolver_resolve_udp_addr },
	{ "ip", hoy_resolver_resolve_ip_addr }, { "ip4", hoy_resolver_resolve_ip_addr },
	{ "ip6", hoy_resolver_resolve_ip_addr }, { "unix", resolve_path }, { "unixgram", resolve_path },
	{ "unixpacket", resolve_path }, { NULL, NULL }
};

/* The network that a word names; "ip4:icmp" names ip4. NULL: none. */
static const struct network *find_network(const char *word)
{
	size_t len = strncmp(word, "ip", 2) ? strlen(word) : strcspn(word, ":");

	for (const struct network *n = networks; n->name; n++)
		if (strlen(n->name) == len && !strncmp(n->name, word, len))
			return n;
	return NULL;
}

static int missing(const char *network, const char *what)
{
	return usage("%s is a network, and %s is missing: hoy %s %s", network, what, running->name, running->args);
}

/* Several words, and the first is neither a network nor an address: was it to be a network? */
static void hint_network(const char *word)
{
	const char *meant = strpbrk(word, ".:/%") ? NULL : nearest(word, networks, sizeof networks[0]);

	if (meant)
		dprintf(STDERR_FILENO, "  did you mean the network %s?\n", meant);
}

/* Without a network: a path is unix, what has a port or brackets is tcp, the rest is ip. */
static const char *guess_network(const char *address)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];

	if (*address == '/')
		return "unix";
	return strchr(address, '[') || hoy_split_host_port(address, host, port, NULL) == 0 ? "tcp" : "ip";
}

static void tell_json(const char *network, const char *address, const hoy_addr *addr, const char *text)
{
	char ip[HOY_IP_STRLEN];
	struct json j;

	json_begin(&j, "resolved");
	json_text(&j, "network", network);
	json_text(&j, "address", address);
	json_text(&j, "addr", text);
	if (addr->kind >= HOY_ADDR_UNIX) {
		json_text(&j, "path", addr->path);
	} else {
		json_text(&j, "ip", addr->ip.len ? hoy_ip_string(addr->ip, ip) : "");
		if (addr->kind != HOY_ADDR_IP)
			json_int(&j, "port", addr->port);
		json_text(&j, "zone", addr->zone);
	}
	json_end(&j);
}

/* The question for each word, and the exit code so far. */
struct targets {
	hoy_resolver *resolver;
	const char *network;	/* as given, or NULL */
	const char *suspect;	/* the first of several words, which may have been meant as the network */
	struct outcomes outcomes;
	int (*one)(const struct targets *t, const char *word);
};

static int resolve_one(const struct targets *t, const char *address)
{
	const char *network = t->network ? t->network : guess_network(address);
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	if (!(address = ascii_address(network, address)))
		return EXIT_USAGE;
	if (find_network(network)->resolve(t->resolver, network, address, &addr, &err) < 0)
		return fail_lookup(&err);
	hoy_addr_string(&addr, text);
	if (common.json)
		tell_json(network, address, &addr, text);
	else
		out_print("%s\n", text);
	return EXIT_YES;
}

static int ask_one(void *targets, char *word, int is_input)
{
	struct targets *t = targets;
	int code = refuse_url(word);

	if (code == EXIT_YES)
		code = t->one(t, word);
	if (code == EXIT_USAGE && !is_input)
		return code;
	if (code == EXIT_USAGE)		/* the command line is right, and a word of the input is not */
		code = EXIT_NO;
	if (code != EXIT_YES && word == t->suspect)
		hint_network(word);
	outcomes_add(&t->outcomes, code);
	return EXIT_YES;
}

static int ask_all(struct targets *t, int argc, char **argv)
{
	int code;

	if (!t->network && argc > 1)
		t->suspect = argv[0];
	code = each_word(argv, ask_one, t);
	if (code == EXIT_UNASKED)	/* standard input could not be read */
		outcomes_add(&t->outcomes, code);
	return code == EXIT_USAGE ? code : outcomes_exit(&t->outcomes);
}

/* Takes the @SERVER words out of the arguments; how many are left, or minus an exit code. */
static int take_servers(struct servers *s, int argc, char **argv)
{
	int n = 0;

	for (int i = 0; i < argc; i++) {
		int code = *argv[i] == '@' ? servers_add(s, argv[i], timeout) : EXIT_YES;

		if (code != EXIT_YES)
			return -code;
		if (*argv[i] != '@')
			argv[n++] = argv[i];
	}
	argv[n] = NULL;
	return n ? n : -usage("something is missing: hoy resolve %s", running->args);
}

static int resolve_with(const struct servers *servers, int argc, char **argv)
{
	struct targets t = { .network = argc > 1 && find_network(argv[0]) ? *argv++ : NULL, .one = resolve_one };
	hoy_resolver_opts opts = { .total = timeout };
	hoy_err err;
	int code;

	if (servers->n) {
		opts.servers = servers->list;
		opts.flags = HOY_RESOLVER_NO_HOSTS;
	}
	if (!(t.resolver = hoy_resolver_new(&opts, &err)))
		return fail(&err, NULL);
	code = ask_all(&t, argc - (t.network != NULL), argv);
	hoy_resolver_free(t.resolver);
	return code;
}

static int resolve(int argc, char **argv)
{
	const struct network *net = find_network(argv[0]);
	struct servers servers = { .n = 0 };

	/* "@name" on a Unix network is a socket without a file */
	if ((!net || net->resolve != resolve_path) && (argc = take_servers(&servers, argc, argv)) < 0)
		return -argc;
	if (argc == 1 && find_network(argv[0]))
		return missing(argv[0], "an address");
	return resolve_with(&servers, argc, argv);
}

static int port_one(const struct targets *t, const char *service)
{
	const char *network = t->network ? t->network : "";
	struct json j;
	hoy_err err;
	int port = hoy_lookup_port(network, service, &err);

	if (port < 0)
		return fail_lookup(&err);
	if (!common.json) {
		out_print("%d\n", port);
		return EXIT_YES;
	}
	json_begin(&j, "port");
	json_text(&j, "network", *network ? network : "ip");
	json_text(&j, "service", service);
	json_int(&j, "port", port);
	json_end(&j);
	return EXIT_YES;
}

static int port(int argc, char **argv)
{
	struct targets t = { .network = argc > 1 && find_network(argv[0]) ? *argv++ : NULL, .one = port_one };

	if (argc == 1 && !t.network && find_network(argv[0]))
		return missing(argv[0], "a service");
	return ask_all(&t, argc - (t.network != NULL), argv);
}

static const char *const resolve_examples[] = {
	"hoy resolve localhost:http", "hoy resolve tcp4 www.example.com:80", "hoy resolve ip6 www.example.com",
	"hoy resolve udp [fe80::1%eth0]:53", "hoy resolve tcp www.example.com:80 @192.0.2.53", NULL
};

const struct verb verb_resolve = {
	.name = "resolve", .args = "[NETWORK] ADDRESS...|- [@SERVER]",
	.brief = "the one address that a program would get for it",
	.about = "Prints the address that Go's ResolveTCPAddr, ResolveUDPAddr, ResolveIPAddr or\n"
		 "ResolveUnixAddr, and hoy's, make of a text; names of hosts and services are looked up.\n"
		 "NETWORK is tcp, tcp4, tcp6, udp, udp4, udp6, ip, ip4, ip6, ip4:icmp and the like,\n"
		 "unix, unixgram or unixpacket. Without it a text with a port is tcp, one that starts\n"
		 "with / is unix, any other is ip. All addresses of a name: hoy lookup. With @SERVER\n"
		 "that name server is asked, and the hosts file is not. - reads addresses from standard\n"
		 "input: blanks or line ends part them, and # begins a comment.",
	.exits = "0 each has its address\n1 none has: no such host, or no such service\n3 the name server could not be asked\n"
		 "5 some have, some have not",
	.flags = flags, .examples = resolve_examples, .min_args = 1, .max_args = -1, .run = resolve,
};

static const char *const port_examples[] = { "hoy port telnet", "hoy port udp domain ntp", "hoy port --json tcp https", NULL };

const struct verb verb_port = {
	.name = "port", .args = "[NETWORK] SERVICE...|-", .brief = "the port number of a service",
	.about = "Prints the number that Go's LookupPort, and hoy's, find for a service's name: from\n"
		 "/etc/services, else from a short list of their own. NETWORK is tcp, udp or ip for\n"
		 "either, which is the default. A number is its own. - reads services from standard input:\n"
		 "blanks or line ends part them, and # begins a comment.",
	.exits = "0 each has its number\n1 there is no such service, or no such port\n5 some have, some have not",
	.examples = port_examples, .min_args = 1, .max_args = -1, .run = port,
};
