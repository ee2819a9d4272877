/*
 * hoy ip: what an address or a network is, and arithmetic with them. Nothing here asks
 * anybody; a text that is no address is shown with a mark under the wrong character.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static int invert, count_only;

static const struct flag flags[] = {
	{ "invert", 'v', FLAG_BOOL, &invert, NULL, "grep: the lines that have no address of the networks", 0, 0 },
	{ "count", 'c', FLAG_BOOL, &count_only, NULL, "grep: only how many lines there are", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* The sentence of a failed parse, and under the text a mark where it went wrong. */
static void point_out(const char *text, const hoy_err *err)
{
	char sentence[HOY_ERR_STRLEN];
	struct json j;

	say("%s", hoy_err_string(err, sentence));
	if (common.json) {
		json_begin(&j, "error");
		json_text(&j, "text", text);
		json_text(&j, "error", sentence);
		json_text(&j, "reason", hoy_strerror(err->code));
		json_int(&j, "offset", err->offset);
		json_end(&j);
		return;
	}
	for (const char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')	/* columns are known for plain characters only */
			return;
	fprintf(stderr, "  %s\n  %*s%s^%s %s\n", text, (int)err->offset, "", ink(stderr, INK_BAD),
		ink(stderr, INK_OFF), hoy_strerror(err->code));
}

/* "192.0.2.1/24", or an address alone, which is a network of one. */
static int read_prefix(const char *text, hoy_prefix *p)
{
	hoy_err err;
	hoy_ip ip;

	if (strchr(text, '/')) {
		if (hoy_parse_prefix(text, p, &err) == 0)
			return 0;
	} else if (hoy_parse_ip(text, &ip, &err) == 0) {
		*p = hoy_prefix_from(ip, ip.len * 8);
		return 0;
	}
	point_out(text, &err);
	return -1;
}

/* A network, or "FIRST-LAST". */
static int read_range(const char *text, hoy_ip_range *range)
{
	const char *dash = strchr(text, '-');
	char first[64];
	hoy_prefix p;
	hoy_err err;

	if (!dash || (size_t)(dash - text) >= sizeof first) {
		if (read_prefix(text, &p) < 0)
			return -1;
		*range = hoy_prefix_range(p);
		return 0;
	}
	snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
	if (hoy_parse_ip(first, &range->first, &err) < 0) {
		point_out(first, &err);
		return -1;
	}
	if (hoy_parse_ip(dash + 1, &range->last, &err) < 0) {
		point_out(dash + 1, &err);
		return -1;
	}
	return 0;
}

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
	{ "100.64.0.0/10", "shared by carriers (RFC 6598)" },
	{ "192.0.2.0/24", "documentation (RFC 5737)" },
	{ "198.51.100.0/24", "documentation (RFC 5737)" },
	{ "203.0.113.0/24", "documentation (RFC 5737)" },
	{ "198.18.0.0/15", "benchmarks (RFC 2544)" },
	{ "240.0.0.0/4", "reserved (RFC 1112)" },
	{ "64:ff9b::/96", "IPv4 translated (RFC 6052)" },
	{ "2001:db8::/32", "documentation (RFC 3849)" },
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
	printf("%s%-10s%s %s\n", ink(stdout, INK_DIM), what, ink(stdout, INK_OFF), text);
}

/* The bits, with a | between those of the network and those of the host. */
static void draw_bits(hoy_prefix p)
{
	int bits = p.ip.len * 8, group = p.ip.len == 4 ? 8 : 16;

	printf("%s%-10s%s ", ink(stdout, INK_DIM), "bits", ink(stdout, INK_OFF));
	for (int i = 0; i < bits; i++) {
		if (i == p.bits)
			printf("%s|%s", ink(stdout, INK_WARN), ink(stdout, INK_OFF));
		else if (i > 0 && i % group == 0)
			putchar(group == 8 ? '.' : ':');
		putchar(p.ip.bytes[i / 8] & 0x80 >> i % 8 ? '1' : '0');
	}
	if (p.bits == bits)
		putchar('|');
	putchar('\n');
}

/* Everything that follows from address and length. */
struct facts {
	hoy_prefix p;
	int is_default;		/* the length is the class's, not the user's */
	hoy_ip_range range;
	char ip[HOY_IP_STRLEN], mask[HOY_IPMASK_STRLEN], dotted[HOY_IP_STRLEN], network[HOY_PREFIX_STRLEN];
	char first[HOY_IP_STRLEN], last[HOY_IP_STRLEN], reverse[HOY_REVERSE_STRLEN];
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
	json_text(&j, "reverse", f->reverse);
	json_end(&j);
}

/* hoy ip ADDRESS[/BITS]...; IPv4 without a length gets its class's. */
static int describe(int argc, char **argv)
{
	int code = EXIT_YES;

	for (int i = 0; i < argc; i++) {
		struct facts f = { .is_default = 0 };

		if (read_prefix(argv[i], &f.p) < 0) {
			code = EXIT_NO;
			continue;
		}
		if (f.p.ip.len == 4 && !strchr(argv[i], '/')) {
			f.p.bits = (int16_t)hoy_ipmask_size(hoy_ip_default_mask(f.p.ip), NULL);
			f.is_default = 1;
		}
		find_facts(&f);
		if (common.json) {
			tell_json(&f);
			continue;
		}
		if (i > 0)
			putchar('\n');
		tell_text(&f);
	}
	return out_flush(code);
}

/* One network of a result. */
static void tell_prefix(hoy_prefix p)
{
	char text[HOY_PREFIX_STRLEN + 1];
	struct json j;

	hoy_prefix_string(p, text);
	if (common.json) {
		json_begin(&j, "network");
		json_text(&j, "network", text);
		json_end(&j);
		return;
	}
	strcat(text, "\n");
	out_write(text, strlen(text));
}

static int contains(int argc, char **argv)
{
	hoy_prefix p;
	int all = 1;

	if (argc < 3)
		return usage("hoy ip contains NETWORK ADDRESS...");
	if (read_prefix(argv[1], &p) < 0)
		return EXIT_USAGE;
	for (int i = 2; i < argc; i++) {
		hoy_prefix q;
		struct json j;
		int in;

		if (read_prefix(argv[i], &q) < 0)
			return EXIT_USAGE;
		in = hoy_prefix_contains(p, q.ip) && q.bits >= p.bits;
		all &= in;
		if (common.json) {
			json_begin(&j, "contains");
			json_text(&j, "network", argv[1]);
			json_text(&j, "address", argv[i]);
			json_bool(&j, "contains", in);
			json_end(&j);
		} else {
			printf("%s: %s\n", argv[i], in ? "yes" : "no");
		}
	}
	return out_flush(all ? EXIT_YES : EXIT_NO);
}

static int split(int argc, char **argv)
{
	hoy_prefix p, part;
	char *end;
	long bits;
	int code;

	if (argc != 3)
		return usage("hoy ip split NETWORK BITS");
	if (read_prefix(argv[1], &p) < 0)
		return EXIT_USAGE;
	bits = strtol(argv[2] + (argv[2][0] == '/'), &end, 10);
	if (*end || bits < p.bits || bits > p.ip.len * 8)
		return usage("'%s' is no length between %d and %d", argv[2], p.bits, p.ip.len * 8);
	for (uint64_t i = 0; (code = hoy_prefix_split(p, (int)bits, i, &part)) == 0; i++)
		tell_prefix(part);
	return code == HOY_ERANGEEND ? EXIT_YES : fail_code(code, "split");
}

/* The networks of all ranges together, as few as they can be. */
static int merge(int argc, char **argv)
{
	hoy_prefix *list = NULL;
	size_t n = 0;

	if (argc < 2)
		return usage("hoy ip %s NETWORK|FIRST-LAST...", argv[0]);
	list = calloc((size_t)argc, HOY_RANGE_PREFIXES * sizeof *list);
	if (!list)
		return fail_code(-ENOMEM, "merge");
	for (int i = 1; i < argc; i++) {
		hoy_ip_range range;
		int more;

		if (read_range(argv[i], &range) < 0)
			goto bad;
		more = hoy_range_prefixes(range, list + n, HOY_RANGE_PREFIXES);
		if (more < 0) {
			usage("'%s' is no range: the first address comes first, and both are of one family", argv[i]);
			goto bad;
		}
		n += (size_t)more;
	}
	n = hoy_prefix_merge(list, n);
	for (size_t i = 0; i < n; i++)
		tell_prefix(list[i]);
	free(list);
	return EXIT_YES;
bad:
	free(list);
	return EXIT_USAGE;
}

static const char address_characters[] = "0123456789abcdefABCDEF:.";

/* Reads one word of a line as an address: all of it, without a final dot or colon, or before a port. */
static int word_ip(const char *word, size_t len, hoy_ip *ip)
{
	char text[64], *colon;

	while (len > 0 && (word[len - 1] == '.' || (word[len - 1] == ':' && !(len > 1 && word[len - 2] == ':'))))
		len--;
	if (len == 0 || len >= sizeof text)
		return 0;
	memcpy(text, word, len);
	text[len] = '\0';
	if (hoy_parse_ip(text, ip, NULL) == 0)
		return 1;
	colon = strchr(text, ':');
	if (!colon || !strchr(text, '.'))
		return 0;
	*colon = '\0';
	return hoy_parse_ip(text, ip, NULL) == 0;
}

/* The first address of the line that is in the set. */
static int find_in_line(const hoy_ip_set *set, const char *text, hoy_ip *ip)
{
	while (*text) {
		size_t len = strspn(text, address_characters);

		if (len == 0) {
			text++;
			continue;
		}
		if (word_ip(text, len, ip) && hoy_ip_set_contains(set, *ip))
			return 1;
		text += len;
	}
	return 0;
}

static void tell_line(const char *text, size_t len, long number, const hoy_ip *ip)
{
	char address[HOY_IP_STRLEN];
	struct json j;

	if (!common.json) {
		put_foreign(text, len);
		return;
	}
	json_begin(&j, "line");
	json_int(&j, "line_number", number);
	if (ip)
		json_text(&j, "ip", hoy_ip_string_4in6(*ip, address));
	json_bytes(&j, "line", text, len && text[len - 1] == '\n' ? len - 1 : len);
	json_end(&j);
}

static long grep_input(const hoy_ip_set *set)
{
	char *text = NULL;
	size_t size = 0;
	long number = 0, matched = 0;
	ssize_t len;

	while ((len = getline(&text, &size, stdin)) > 0) {
		hoy_ip ip;
		int found = find_in_line(set, text, &ip);

		number++;
		if (found == invert)
			continue;
		matched++;
		if (!count_only)
			tell_line(text, (size_t)len, number, found ? &ip : NULL);
	}
	free(text);
	return matched;
}

static void tell_count(long matched)
{
	struct json j;

	if (common.json) {
		json_begin(&j, "count");
		json_int(&j, "lines", matched);
		json_end(&j);
	} else if (count_only) {
		printf("%ld\n", matched);
	}
}

/* grep's exit codes: 0 found, 1 nothing found, 2 not asked. */
static int grep(int argc, char **argv)
{
	hoy_ip_range *ranges;
	hoy_ip_set *set;
	long matched;
	hoy_err err;

	if (argc < 2)
		return usage("hoy ip grep NETWORK|FIRST-LAST...");
	ranges = calloc((size_t)argc, sizeof *ranges);
	if (!ranges)
		return fail_code(-ENOMEM, "grep");
	for (int i = 1; i < argc; i++)
		if (read_range(argv[i], &ranges[i - 1]) < 0) {
			free(ranges);
			return EXIT_USAGE;
		}
	set = hoy_ip_set_new(ranges, (size_t)argc - 1, &err);
	free(ranges);
	if (!set)
		return err.code == HOY_EUNSUITABLE ? usage("'%s' is no range", argv[err.offset + 1]) : fail(&err, NULL);
	matched = grep_input(set);
	hoy_ip_set_free(set);
	tell_count(matched);
	return out_flush(matched ? EXIT_YES : EXIT_NO);
}

static int ip(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(int, char **); } words[] = {
		{ "contains", contains }, { "split", split }, { "merge", merge }, { "range", merge }, { "grep", grep },
	};

	for (size_t i = 0; i < LEN(words); i++)
		if (!strcmp(argv[0], words[i].name))
			return words[i].run(argc, argv);
	return describe(argc, argv);
}

static const char *const examples[] = {
	"hoy ip 192.168.1.3", "hoy ip 2001:db8::1/48", "hoy ip contains 10.0.0.0/8 10.1.2.3",
	"hoy ip split 192.168.1.0/24 26", "hoy ip merge 10.0.0.0/25 10.0.0.128/25",
	"hoy ip range 10.0.0.1-10.0.0.6", "hoy ip grep 10.0.0.0/8 fe80::/10 <access.log", NULL
};

const struct verb verb_ip = {
	.name = "ip", .args = "ADDRESS[/BITS]...|WORD ARGUMENT...", .brief = "what an address is, and arithmetic with networks",
	.about = "Shows class, mask, network, range and reverse name of each address; IPv4 without a\n"
		 "length gets the default mask of its class. The words:\n"
		 "  contains NETWORK ADDRESS...     is each of them inside?\n"
		 "  split NETWORK BITS              the networks of that length inside it\n"
		 "  merge NETWORK|FIRST-LAST...     the fewest networks that are all of these\n"
		 "  range FIRST-LAST                the networks that make up a range\n"
		 "  grep NETWORK|FIRST-LAST...      the lines of standard input with an address inside",
	.exits = "0 yes, or every text was an address\n1 no, or a text was none; grep found nothing",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = -1, .run = ip,
};
