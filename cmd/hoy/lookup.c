/*
 * hoy lookup: words in any order. What starts with @ is a server, what is the name of a
 * type is a type, everything else is a name; a final dot makes a name of any word.
 */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

enum { TYPES_MOST = 16, SEARCH_MOST = 16, NDOTS_MOST = 15 };

struct lookup_flags lookup = { .timeout = 15 * HOY_SECOND };
static hoy_duration patience;
static int tcp, attempts, only4, only6, port;
static const char *type_word, *search_words, *ndots_word;

static const struct flag flags[] = {
	{ "short", 's', FLAG_BOOL, &lookup.brief, NULL, "the data alone, one line each", 0, 0 },
	{ "explain", 'e', FLAG_BOOL, &lookup.explain, NULL, "every step, on standard error: sources, names, packets, times", 0, 0 },
	{ "compare", 'c', FLAG_BOOL, &lookup.compare, NULL,
	  "beside the C library (getent ahosts) and each @SERVER; exit 1 when they differ", 0, 0 },
	{ "reverse", 'x', FLAG_BOOL, &lookup.reverse, NULL, "the names of addresses; an address alone means that too", 0, 0 },
	{ "raw", 'r', FLAG_BOOL, &lookup.raw, NULL, "one question as it stands: every record of the answer, as zone files have it", 0, 0 },
	{ "type", 0, FLAG_TEXT, &type_word, "TYPE", "this type, and every word is a name", 0, 0 },
	{ "search", 0, FLAG_TEXT, &search_words, "DOMAIN,...", "in place of resolv.conf's search list; '' for none", 0, 0 },
	{ "ndots", 0, FLAG_TEXT, &ndots_word, "N", "a name with so many dots is asked for as it is first; else as resolv.conf says, or 1", 0, 0 },
	{ "ipv4", '4', FLAG_BOOL, &only4, NULL, "asks name servers over IPv4 only (addresses of one family: type a or aaaa)", 0, 0 },
	{ "ipv6", '6', FLAG_BOOL, &only6, NULL, "asks name servers over IPv6 only", 0, 0 },
	{ "port", 'p', FLAG_INT, &port, NULL, "of every @SERVER without one; 0: 53", 0, 65535 },
	{ "dnssec", 0, FLAG_BOOL, &lookup.dnssec, NULL, "asks for signatures too, and shows them as --raw does; hoy does not validate", 0, 0 },
	{ "nsid", 0, FLAG_BOOL, &lookup.nsid, NULL, "asks the server what it calls itself (RFC 5001)", 0, 0 },
	{ "tcp", 0, FLAG_BOOL, &tcp, NULL, "asks over TCP only", 0, 0 },
	{ "timeout", 't', FLAG_DURATION, &lookup.timeout, NULL, "for each name, everything included; 0: none", 0, 0 },
	{ "wait", 'w', FLAG_DURATION, &patience, NULL, "for one answer of one server; 0: as resolv.conf says, or 5s", 0, 0 },
	{ "attempts", 0, FLAG_INT, &attempts, NULL, "rounds over all servers; 0: as resolv.conf says, or 2", 0, 100 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* ---- words ---- */

/* "MX", "TYPE65280" and "15" alike; -1 for what is none. */
static int read_type(const char *word)
{
	char text[16];
	int type = hoy_parse_type(word);

	if (type >= 0 || !*word || strspn(word, "0123456789") != strlen(word) || strlen(word) > 5)
		return type < 0 ? -1 : type;
	snprintf(text, sizeof text, "TYPE%s", word);
	return hoy_parse_type(text);
}

/* dig's habits: +short, +tcp, +json. */
static int plus_word(const char *word)
{
	static const struct { const char *name; int *flag; } habits[] = {
		{ "short", &lookup.brief }, { "tcp", &tcp }, { "json", &common.json }, { NULL, NULL }
	};
	const struct flag *f;

	for (size_t i = 0; habits[i].name; i++)
		if (!strcmp(habits[i].name, word + 1)) {
			*habits[i].flag = 1;
			return EXIT_YES;
		}
	f = flags;
	while (f->name && strcmp(f->name, word + 1))
		f++;
	return f->name ? usage("'%s' is written --%s here", word, f->name)
		       : usage("'%s': of dig's words there are +short, +tcp and +json", word);
}

/* Some types are none of records: they stand in messages, or ask for the changes of a zone. */
static int is_question(int type)
{
	return type && type != HOY_TYPE_OPT && type != HOY_TYPE_NXNAME && (type < HOY_TYPE_TKEY || type > HOY_TYPE_IXFR);
}

static int add_type(struct question *q, int type, const char *word)
{
	char text[HOY_TYPE_STRLEN];

	if (q->types == TYPES_MOST)
		return usage("more than %d types", TYPES_MOST);
	if (!is_question(type))
		return usage("there are no records of type %s to ask for; a host of that name is written '%s.'",
			     hoy_type_string(type, text), word);
	if (!q->types)
		q->type_word = word;
	q->type[q->types++] = type;
	return EXIT_YES;
}

static int read_word(struct question *q, char *word)
{
	int type = type_word ? -1 : read_type(word);

	if (*word == '@')
		return servers_add(&q->servers, word, lookup.timeout);
	if (*word == '+')
		return plus_word(word);
	if (type >= 0)
		return add_type(q, type, word);
	q->name[q->names++] = word;
	return EXIT_YES;
}

/* The guide's way to say it: srv SERVICE tcp|udp NAME is _SERVICE._tcp.NAME. */
static int join_service(struct question *q, char room[HOY_NAME_STRLEN])
{
	char **name = q->name;

	if (q->types != 1 || q->type[0] != HOY_TYPE_SRV || q->names != 3)
		return EXIT_YES;
	if (strcmp(name[1], "tcp") && strcmp(name[1], "udp"))
		return EXIT_YES;
	if (snprintf(room, HOY_NAME_STRLEN, "_%s._%s.%s", name[0], name[1], name[2]) >= HOY_NAME_STRLEN)
		return usage("a name has 255 characters at most");
	name[0] = room;
	q->names = 1;
	return EXIT_YES;
}

static int read_words(struct question *q, int argc, char **argv)
{
	int code = EXIT_YES;

	if (type_word && read_type(type_word) < 0)
		return usage("--type takes a type such as MX, AAAA or TYPE65280, not '%s'", type_word);
	if (type_word)
		code = add_type(q, read_type(type_word), type_word);
	for (int i = 0; code == EXIT_YES && i < argc; i++)
		code = read_word(q, argv[i]);
	if (code != EXIT_YES)
		return code;
	if (lookup.reverse && q->types)
		return usage("-x asks for PTR; leave the type out");
	if (q->names)
		return EXIT_YES;
	if (!q->types)
		return usage("a name is missing");
	return usage("a name is missing: %s is a type of record; a host of that name is written '%s.'", q->type_word,
		     q->type_word);
}

/* ---- asking ---- */

/* The domains of --search, and how many dots of --ndots; both as hoy_resolver_opts takes them. */
static struct {
	const char *list[SEARCH_MOST + 1];
	char *text;		/* of the list */
	int ndots;
} search;

/* Whatever does not fit resolv.conf's own limit of ndots is a mistake. */
static int read_search(void)
{
	size_t n = 0;
	char *rest;

	if (ndots_word && (strlen(ndots_word) > 2 || !*ndots_word || ndots_word[strspn(ndots_word, "0123456789")] ||
			   atoi(ndots_word) > NDOTS_MOST))
		return usage("--ndots takes a number from 0 to %d, not '%s'", NDOTS_MOST, ndots_word);
	if (ndots_word)
		search.ndots = atoi(ndots_word) ? atoi(ndots_word) : -1;
	if (!search_words)
		return EXIT_YES;
	rest = search.text = must(strdup(search_words));
	for (char *domain; (domain = strsep(&rest, ", ")); ) {
		if (!*domain)
			continue;
		if (n == SEARCH_MOST)
			return usage("--search takes %d domains at most", SEARCH_MOST);
		if (!(search.list[n++] = ascii_address("ip", domain)))
			return EXIT_USAGE;
	}
	return EXIT_YES;
}

static unsigned resolver_flags(bool has_servers)
{
	static const struct { const int *given; unsigned flag; } chosen[] = {
		{ &tcp, HOY_RESOLVER_TCP }, { &only4, HOY_RESOLVER_IPV4_SERVERS }, { &only6, HOY_RESOLVER_IPV6_SERVERS },
		{ &lookup.dnssec, HOY_RESOLVER_DNSSEC | HOY_RESOLVER_TRUST_AD }, { &lookup.nsid, HOY_RESOLVER_NSID },
	};
	unsigned bits = has_servers ? HOY_RESOLVER_NO_HOSTS : 0;

	for (size_t i = 0; i < LEN(chosen); i++)
		bits |= *chosen[i].given ? chosen[i].flag : 0;
	return bits;
}

hoy_resolver *lookup_resolver(const char *const *servers, hoy_err *err)
{
	const hoy_resolver_opts opts = {
		.servers = servers, .flags = resolver_flags(servers), .search = search_words ? search.list : NULL,
		.ndots = search.ndots, .timeout = patience, .total = lookup.timeout, .attempts = attempts, .trace = story_event,
	};

	return hoy_resolver_new(&opts, err);
}

static void look_up(struct question *q, const char *name, int type)
{
	struct finding f;
	int code;

	if (type == HOY_TYPE_AXFR) {
		outcomes_add(&q->outcomes, transfer(q->resolver, name));
		return;
	}
	find(q->resolver, name, type, &f);
	code = show(&f);
	finding_clear(&f);
	if (code != EXIT_YES)
		hint(q, name);
	outcomes_add(&q->outcomes, code);
}

/* Without a type: names of addresses; a service's name has no addresses; raw is one question, so not for both kinds. */
static int usual_type(const char *name)
{
	hoy_addr addr;

	if (lookup.reverse || hoy_parse_addr(name, &addr, NULL) == 0)
		return HOY_TYPE_PTR;
	if (*name == '_' && (strstr(name, "._tcp.") || strstr(name, "._udp.")))
		return HOY_TYPE_SRV;
	return lookup.raw ? HOY_TYPE_A : 0;
}

/* Names from a pipe may be a stranger's, and what is said of them goes to a terminal. */
static int is_printable(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return 0;
	return 1;
}

static int each_type(void *question, char *name, int is_input)
{
	struct question *q = question;
	const int usual = usual_type(name), *type = q->types ? q->type : &usual;
	size_t types = q->types ? q->types : 1;
	char room[HOY_HOST_STRLEN];
	const char *ascii;
	int code = EXIT_YES;

	(void)is_input;
	if (!is_printable(name)) {
		say("there are control characters in a name; it is not looked up");
		outcomes_add(&q->outcomes, EXIT_NO);
		return EXIT_YES;
	}
	if (!(ascii = ascii_host(name, room))) {
		outcomes_add(&q->outcomes, EXIT_NO);
		return EXIT_YES;
	}
	for (size_t i = 0; code == EXIT_YES && i < types; i++)
		if (lookup.compare && type[i] == HOY_TYPE_AXFR)
			code = usage("zones are not compared; sort and diff do that");
		else if (lookup.compare)
			code = compare(q, ascii, type[i]);
		else
			look_up(q, ascii, type[i]);
	return code;
}

static int run(struct question *q)
{
	int code;

	for (size_t i = 0; i < q->servers.n; i++)
		if (q->servers.by_name[i])
			story_server(q->servers.by_name[i], q->servers.list[i]);
	q->name[q->names] = NULL;
	code = each_word(q->name, each_type, q);
	if (code == EXIT_UNASKED)	/* standard input could not be read */
		outcomes_add(&q->outcomes, code);
	return code == EXIT_YES || code == EXIT_UNASKED ? outcomes_exit(&q->outcomes) : code;
}

static int start(int argc, char **argv)
{
	int type[TYPES_MOST];
	char room[HOY_NAME_STRLEN];
	struct question q = { .type = type, .name = argv, .servers.port = port };
	int code = read_search();
	hoy_err err;

	if (only4 && only6)
		code = usage("-4 and -6 leave no way to ask");
	lookup.raw |= lookup.dnssec;
	if (code == EXIT_YES)
		code = read_words(&q, argc, argv);
	if (code == EXIT_YES && port && !q.servers.n)
		code = usage("-p is the port of an @SERVER, and none is given");
	if (code == EXIT_YES)
		code = join_service(&q, room);
	if (code != EXIT_YES)
		return code;
	q.resolver = lookup_resolver(q.servers.n && !lookup.compare ? q.servers.list : NULL, &err);
	if (!q.resolver)
		return fail(&err, NULL);
	code = run(&q);
	hoy_resolver_free(q.resolver);
	return code;
}

static const char *const examples[] = {
	"hoy lookup www.example.com", "hoy lookup mx example.com @192.0.2.53", "hoy lookup example.com ns soa --json",
	"hoy lookup 192.0.2.80", "hoy lookup srv xmpp-server tcp example.com", "hoy lookup www --explain",
	"hoy lookup --raw https example.com @[2001:db8::53]:5353",
	"hoy lookup www.example.com --compare", "hoy lookup --compare mx example.com @192.0.2.53 @192.0.2.54",
	"hoy lookup --short - <names", "hoy lookup axfr example.com @192.0.2.53 >example.com.zone", NULL
};

const struct verb verb_lookup = {
	.name = "lookup", .args = "[TYPE...] NAME...|- [@SERVER...]", .brief = "names, addresses and every other DNS record",
	.about = "Without a TYPE: the addresses that a program gets for each NAME, from the hosts file and\n"
		 "the name servers as nsswitch.conf has it, by the search list of resolv.conf, in the order\n"
		 "to try them (RFC 6724). For an address its names; for _service._tcp.name its SRV records.\n"
		 "\n"
		 "Words come in any order. A word is a TYPE when it is the name of one (mx, AAAA, type65280)\n"
		 "or a number; everything else is a NAME, and a final dot makes a name of any word. All types\n"
		 "of IANA's registry have their names, and data of others is shown as \\# LENGTH HEX. With a\n"
		 "TYPE: a and aaaa are the addresses of one family, cname is the name at the end of the\n"
		 "aliases; these, MX, NS, SRV and TXT go by the search list. So do HTTPS and SVCB, in words and\n"
		 "with aliases followed, but for --short, --json and --compare. Every other type, and all of\n"
		 "them with --raw, is one question as it stands.\n"
		 "A NAME with letters that ASCII lacks is asked for in its xn-- form, if hoy was built with\n"
		 "libidn2; else the error says which form that is.\n"
		 "axfr is a transfer of the whole zone NAME, record by record as it comes.\n"
		 "srv SERVICE tcp|udp NAME is short for srv _SERVICE._tcp.NAME. - reads names from standard\n"
		 "input: blanks or line ends part them, and # begins a comment.\n"
		 "\n"
		 "@SERVER is an address with or without a port, or a name that this system can look up;\n"
		 "several stand in for each other. With one the hosts file is not looked into. dig's +short\n"
		 "and +tcp are understood.\n"
		 "\n"
		 "With --compare the answers of hoy, of the C library (getent ahosts) and of each @SERVER are\n"
		 "laid side by side. With a type other than a and aaaa it is this system's server and the\n"
		 "@SERVER, or several @SERVERs, since the C library knows addresses only.",
	.exits = "0 everything was found; --compare: all agree\n1 there is no such name or no such data; --compare: they differ\n"
		 "3 no answer: time-out, SERVFAIL, REFUSED, nonsense, nobody there\n5 some were found, some were not",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = -1, .run = start,
};
