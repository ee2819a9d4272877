/*
 * hoy ip: what an address or a network is, and arithmetic with them. Nothing here asks
 * anybody; a text that is no address is shown with a mark under the wrong character.
 */
#include <string.h>

#include "ip.h"
#include "names.h"

struct ip_flags ip_flags;

static const struct flag flags[] = {
	{ "invert", 'v', FLAG_BOOL, &ip_flags.invert, NULL, "grep: the lines that have no address of the networks", 0, 0 },
	{ "count", 'c', FLAG_BOOL, &ip_flags.count_only, NULL, "grep: only how many lines there are", 0, 0 },
	{ "only-matching", 'o', FLAG_BOOL, &ip_flags.only_matching, NULL, "grep: the addresses alone, each on a line", 0, 0 },
	{ "line-number", 'n', FLAG_BOOL, &ip_flags.number, NULL, "grep: the number of the line before it", 0, 0 },
	{ "which", 'w', FLAG_BOOL, &ip_flags.which, NULL, "grep: before it, the narrowest network that has the address", 0, 0 },
	{ "file", 'f', FLAG_TEXT, &ip_flags.list, "LIST", "grep: networks from a file, or - for standard input", 0, 0 },
	{ "hosts", 'H', FLAG_BOOL, &ip_flags.hosts, NULL, "split: the number is one of hosts, not a length", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static const struct { const char *name; int (*is)(hoy_ip); } classes[] = {
	{ "unspecified", hoy_ip_is_unspecified },
	{ "loopback", hoy_ip_is_loopback },
	{ "private", hoy_ip_is_private },
	{ "multicast", hoy_ip_is_multicast },
	{ "interface-local multicast", hoy_ip_is_interface_local_multicast },
	{ "link-local multicast", hoy_ip_is_link_local_multicast },
	{ "link-local unicast", hoy_ip_is_link_local_unicast },
	{ "global unicast", hoy_ip_is_global_unicast },
};

/* Blocks with a purpose that Go's classes do not tell; RFC 6890 and its successors. */
static const struct { const char *prefix, *purpose; } purposes[] = {
	{ "255.255.255.255/32", "limited broadcast (RFC 919)" },
	{ "0.0.0.0/8", "this network (RFC 1122)" },
	{ "100.64.0.0/10", "shared by carriers (RFC 6598)" },
	{ "192.0.0.0/24", "protocol assignments (RFC 6890)" },
	{ "192.0.2.0/24", "documentation (RFC 5737)" },
	{ "198.51.100.0/24", "documentation (RFC 5737)" },
	{ "203.0.113.0/24", "documentation (RFC 5737)" },
	{ "198.18.0.0/15", "benchmarks (RFC 2544)" },
	{ "240.0.0.0/4", "reserved (RFC 1112)" },
	{ "64:ff9b::/96", "IPv4 translated (RFC 6052)" },
	{ "64:ff9b:1::/48", "IPv4 translated locally (RFC 8215)" },
	{ "2001::/32", "Teredo (RFC 4380)" },
	{ "2001:db8::/32", "documentation (RFC 3849)" },
	{ "3fff::/20", "documentation (RFC 9637)" },
	{ "2002::/16", "6to4 (RFC 3056)" },
	{ "100::/64", "discard only (RFC 6666)" },
};

static const char *purpose_of(hoy_ip ip)
{
	for (size_t i = 0; i < LEN(purposes); i++) {
		hoy_prefix p;

		if (hoy_parse_prefix(purposes[i].prefix, &p, NULL) == 0 && hoy_prefix_contains(p, hoy_ip_unmap(ip)))
			return purposes[i].purpose;
	}
	return NULL;
}

static void line(const char *what, const char *text)
{
	out_print("%s%-10s%s %s\n", ink(stdout, INK_DIM), what, ink(stdout, INK_OFF), text);
}

/* The bits, with a | between those of the network and those of the host. */
static void draw_bits(hoy_prefix p)
{
	int bits = p.ip.len * 8, group = p.ip.len == 4 ? 8 : 16;

	out_print("%s%-10s%s ", ink(stdout, INK_DIM), "bits", ink(stdout, INK_OFF));
	for (int i = 0; i < bits; i++) {
		if (i == p.bits)
			out_print("%s|%s", ink(stdout, INK_WARN), ink(stdout, INK_OFF));
		else if (i > 0 && i % group == 0)
			out_print(group == 8 ? "." : ":");
		out_print(p.ip.bytes[i / 8] & 0x80 >> i % 8 ? "1" : "0");
	}
	if (p.bits == bits)
		out_print("|");
	out_print("\n");
}

/* Everything that follows from address and length. */
struct facts {
	hoy_prefix p;
	int is_default;		/* the length is the class's, not the user's */
	hoy_ip_range range;
	char ip[HOY_IP_STRLEN], mask[HOY_IPMASK_STRLEN], dotted[HOY_IP_STRLEN], network[HOY_PREFIX_STRLEN];
	char first[HOY_IP_STRLEN], last[HOY_IP_STRLEN], reverse[HOY_REVERSE_STRLEN];
	char count[COUNT_STRLEN];	/* of addresses */
};

static void find_facts(struct facts *f)
{
	hoy_ipmask mask = hoy_cidr_mask(f->p.bits, f->p.ip.len * 8);

	f->range = hoy_prefix_range(f->p);
	hoy_ip_string_4in6(f->p.ip, f->ip);
	hoy_ipmask_string(mask, f->mask);
	hoy_ip_string_4in6(hoy_ip_from_bytes(mask.bytes, mask.len), f->dotted);
	hoy_prefix_string(hoy_prefix_masked(f->p), f->network);
	hoy_ip_string_4in6(f->range.first, f->first);
	hoy_ip_string_4in6(f->range.last, f->last);
	hoy_ip_reverse_name(f->p.ip, f->reverse);
	power_string(f->p.ip.len * 8 - f->p.bits, f->count);
}

/* "256 addresses, 254 of them for hosts", "18446744073709551616 addresses = 2^64" */
static void tell_count(const struct facts *f)
{
	int exponent = f->p.ip.len * 8 - f->p.bits;
	char more[40] = "", text[COUNT_STRLEN + 60];

	if (f->p.ip.len == 4 && f->p.bits < 31)
		snprintf(more, sizeof more, ", %llu of them for hosts", (unsigned long long)ipv4_hosts(f->p.bits));
	else if (f->p.ip.len == 16 && exponent)
		snprintf(more, sizeof more, " = 2^%d", exponent);
	snprintf(text, sizeof text, "%s address%s%s", f->count, exponent ? "es" : "", more);
	line("count", text);
}

static void tell_text(const struct facts *f)
{
	const char *purpose = purpose_of(f->p.ip);
	char text[512];
	int len = 0;

	line("address", f->ip);
	for (size_t i = 0; i < LEN(classes); i++)
		if (classes[i].is(f->p.ip))
			len += snprintf(text + len, sizeof text - len, "%s%s", len ? ", " : "", classes[i].name);
	if (purpose)
		len += snprintf(text + len, sizeof text - len, "%s%s", len ? ", " : "", purpose);
	line("class", len ? text : "none");
	snprintf(text, sizeof text, "%s%s%s = /%d%s", f->p.ip.len == 4 ? f->dotted : "", f->p.ip.len == 4 ? " = " : "",
		 f->mask, f->p.bits, f->is_default ? ", the default of its class" : "");
	line("mask", text);
	line("network", f->network);
	snprintf(text, sizeof text, "%s - %s", f->first, f->last);
	line("range", text);
	if (f->p.ip.len == 4 && f->p.bits < 31)
		line("broadcast", f->last);
	tell_count(f);
	line("reverse", f->reverse);
	draw_bits(f->p);
}

static void tell_json(const struct facts *f)
{
	const char *purpose = purpose_of(f->p.ip);
	struct json j;

	json_begin(&j, "address");
	json_text(&j, "ip", f->ip);
	json_int(&j, "family", f->p.ip.len == 4 ? 4 : 6);
	json_open(&j, "class", '[');
	for (size_t i = 0; i < LEN(classes); i++)
		if (classes[i].is(f->p.ip))
			json_text(&j, NULL, classes[i].name);
	json_close(&j, ']');
	if (purpose)
		json_text(&j, "purpose", purpose);
	json_int(&j, "prefix_bits", f->p.bits);
	json_bool(&j, "default_mask", f->is_default);
	json_text(&j, "mask", f->mask);
	json_text(&j, "network", f->network);
	json_text(&j, "first", f->first);
	json_text(&j, "last", f->last);
	if (f->p.ip.len == 4 && f->p.bits < 31)
		json_text(&j, "broadcast", f->last);
	json_number(&j, "addresses", f->count);
	if (f->p.ip.len == 4)
		json_int(&j, "hosts", (int64_t)ipv4_hosts(f->p.bits));
	json_text(&j, "reverse", f->reverse);
	json_end(&j);
}

/* hoy ip ADDRESS[/BITS]...; IPv4 without a length gets its class's. */
static int describe(void *outcomes, char *text, int is_input)
{
	struct outcomes *o = outcomes;
	struct facts f = { .is_default = 0 };

	(void)is_input;
	if (read_prefix(text, &f.p) < 0) {
		outcomes_add(o, EXIT_NO);
		return EXIT_YES;
	}
	if (f.p.ip.len == 4 && !strchr(text, '/')) {
		f.p.bits = (int16_t)hoy_ipmask_size(hoy_ip_default_mask(f.p.ip), NULL);
		f.is_default = 1;
	}
	find_facts(&f);
	if (common.json) {
		tell_json(&f);
	} else {
		out_print(o->yes ? "\n" : "");
		tell_text(&f);
	}
	outcomes_add(o, EXIT_YES);
	return EXIT_YES;
}

/*
 * ADDRESS MASK, as routers and ifconfig print them, become ADDRESS/MASK. Nothing else is meant: no host has an address
 * that begins with 0 or 255. 0.0.0.0 and 255.255.255.255 remain the addresses that they are as well.
 */
static bool is_mask_of(const char *address, const char *mask)
{
	hoy_ip ip;
	int bits;

	if (hoy_parse_ip(address, &ip, NULL) < 0 || ip.len != 4)
		return false;
	bits = mask_bits(mask, 4);
	return bits > 0 && bits < 32;
}

static void join_masks(char **word)
{
	char **to = word, *joined;

	for (; *word; word++)
		if (word[1] && is_mask_of(word[0], word[1])) {
			must(asprintf(&joined, "%s/%s", word[0], word[1]) < 0 ? NULL : joined);
			*to++ = joined;
			word++;
		} else {
			*to++ = *word;
		}
	*to = NULL;
}

static int describe_all(char **argv)
{
	struct outcomes o = { 0 };
	int code;

	join_masks(argv);
	code = each_word(argv, describe, &o);

	return code != EXIT_YES ? code : o.no ? EXIT_NO : EXIT_YES;
}

static int ip(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(int, char **); } words[] = {
		{ "contains", ip_contains }, { "split", ip_split }, { "merge", ip_merge }, { "range", ip_merge },
		{ "grep", ip_grep }, { NULL, NULL },
	};
	const char *meant = nearest(argv[0], words, sizeof words[0]);

	if (strcmp(argv[0], "grep") && (ip_flags.invert || ip_flags.count_only || ip_flags.only_matching || ip_flags.number ||
					ip_flags.which || ip_flags.list))
		return usage("-v, -c, -o, -n, -w and -f are for 'hoy ip grep'");
	if (strcmp(argv[0], "split") && ip_flags.hosts)
		return usage("--hosts is for 'hoy ip split'");
	for (size_t i = 0; words[i].name; i++)
		if (!strcmp(argv[0], words[i].name))
			return words[i].run(argc, argv);
	if (meant && strspn(argv[0], "abcdefghijklmnopqrstuvwxyz") == strlen(argv[0]))
		return usage("there is no 'ip %s'; did you mean 'ip %s'?", argv[0], meant);
	return describe_all(argv);
}

static const char *const examples[] = {
	"hoy ip 192.168.1.3", "hoy ip 2001:db8::1/48", "hoy ip 192.168.1.3/255.255.255.0", "hoy ip 192.168.1.3 0xffffff00",
	"hoy ip contains 10.0.0.0/8 10.1.2.3", "hoy ip split 192.168.1.0/24 26", "hoy ip split 192.168.1.0/24 50 20 10",
	"hoy ip merge 10.0.0.0/25 10.0.0.128/25", "hoy ip merge - <networks", "hoy ip range 10.0.0.1-10.0.0.6",
	"hoy ip grep 10.0.0.0/8 fe80::/10 <access.log", "hoy ip grep -n -w -f blocked access.log access.log.1",
	"hoy ip grep -o 10.0.0.0/8 access.log | sort | uniq -c", NULL
};

const struct verb verb_ip = {
	.name = "ip", .args = "ADDRESS[/BITS|/MASK]...|-|WORD ARGUMENT...", .brief = "what an address is, and arithmetic with networks",
	.about = "Shows class, mask, network, range, number of addresses and reverse name of each address;\n"
		 "IPv4 without a length gets the default mask of its class. The words:\n"
		 "  contains NETWORK ADDRESS...|-       is each of them inside?\n"
		 "  split NETWORK LENGTH                the networks of that length inside it\n"
		 "  split NETWORK HOSTS HOSTS...        a network for each, the largest first, and what is left\n"
		 "  merge NETWORK|FIRST-LAST...|-       the fewest networks that are all of these\n"
		 "  range FIRST-LAST                    the networks that make up a range\n"
		 "  grep NETWORK|FIRST-LAST... [FILE]... the lines with an address inside\n"
		 "IPv4 written as ::ffff:192.0.2.1 is IPv4 to contains and grep.\n"
		 "\n"
		 "A length is also taken as a mask: 255.255.255.0, ffffff00, 0xffffff00 or the wildcard\n"
		 "0.0.0.255; behind an address alone it may follow a blank. Of a network of IPv4 two\n"
		 "addresses are no host's, of IPv6 one (RFC 4291 section 2.6.1).\n"
		 "\n"
		 "grep searches the files, or standard input without any or for -. The first argument that\n"
		 "is no network begins the files: one that is called like a network is written ./10.0.0.1.\n"
		 "A LIST has networks and ranges, with blanks or line ends between them; # and ; begin\n"
		 "comments. With a mistake in it nothing is searched.\n"
		 "\n"
		 "- in place of ADDRESS, or of what contains, merge and range take, reads it from standard\n"
		 "input, in the form of a LIST. merge and range show nothing when one of them is no network;\n"
		 "contains goes on with the next.",
	.exits = "0 yes, or every text was an address\n1 no, or a text was none; grep found nothing; split: too small\n"
		 "2 the command line is wrong, or a text on it or in a LIST is none\n"
		 "3 standard input or a file could not be read\n5 grep: some of the files could not be read",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = -1, .run = ip,
};
