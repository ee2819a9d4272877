/*
 * hoy ip grep: the lines with an address of given networks, in files or on standard input. The networks come first,
 * and from a list (-f); the first argument that is none of them begins the files.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ip.h"

struct grep {
	struct labels networks;
	hoy_ip_set *set;
	bool names_files;	/* before each line, as there are several */
	long matched;		/* lines, in all files */
	int read, failed;	/* files */
};

/* The place of a line. */
struct place {
	const char *file;	/* "-": standard input */
	long number;
};

/* ---- showing ---- */

static void put_front(const struct grep *g, const struct place *p, const char *network)
{
	if (g->names_files)
		out_print("%s:", p->file);
	if (ip_flags.number)
		out_print("%ld:", p->number);
	if (ip_flags.which && network)
		out_print("%s ", network);
}

/* An address of the line, or the line itself; found NULL: it has none. */
static void tell_json(const struct grep *g, const struct place *p, const struct found *found, const char *text, size_t len)
{
	char address[HOY_IP_STRLEN];
	struct json j;

	json_begin(&j, ip_flags.only_matching ? "match" : "line");
	if (g->names_files)
		json_text(&j, "file", p->file);
	json_int(&j, "line_number", p->number);
	if (found) {
		json_text(&j, "ip", hoy_ip_string_4in6(found->ip, address));
		json_text(&j, "network", labels_find(&g->networks, found->ip));
	}
	if (!ip_flags.only_matching)
		json_bytes(&j, "line", text, len && text[len - 1] == '\n' ? len - 1 : len);
	json_end(&j);
}

static void tell_line(const struct grep *g, const struct place *p, const struct found *found, const char *text, size_t len)
{
	if (common.json) {
		tell_json(g, p, found, text, len);
		return;
	}
	put_front(g, p, found && ip_flags.which ? labels_find(&g->networks, found->ip) : NULL);
	put_foreign(text, len);
}

/* -o: each address of the line by itself. */
static void tell_addresses(const struct grep *g, const struct place *p, const char *line, const char *end, struct found *found)
{
	do {
		if (common.json) {
			tell_json(g, p, found, NULL, 0);
			continue;
		}
		put_front(g, p, ip_flags.which ? labels_find(&g->networks, found->ip) : NULL);
		out_print("%.*s\n", (int)(found->end - found->at), found->at);
	} while (find_address(g->set, line, found->end, end, found));
}

static void tell_count(const struct grep *g, const char *file, long matched)
{
	struct json j;

	if (!common.json) {
		out_print("%s%s%ld\n", g->names_files ? file : "", g->names_files ? ":" : "", matched);
		return;
	}
	json_begin(&j, "count");
	if (g->names_files)
		json_text(&j, "file", file);
	json_int(&j, "lines", matched);
	json_end(&j);
}

/* ---- searching ---- */

static void grep_line(struct grep *g, const struct place *p, const char *text, size_t len)
{
	struct found found;
	bool has = find_address(g->set, text, text, text + len, &found);

	if (has == ip_flags.invert)
		return;
	g->matched++;
	if (ip_flags.count_only)
		return;
	if (ip_flags.only_matching)
		tell_addresses(g, p, text, text + len, &found);
	else
		tell_line(g, p, has ? &found : NULL, text, len);
}

static void grep_file(struct grep *g, const char *file)
{
	struct place p = { .file = file };
	long before = g->matched;
	ssize_t len = input_open(file);
	char *text;

	while (len >= 0 && (len = input_line(&text)) > 0) {
		p.number++;
		grep_line(g, &p, text, (size_t)len);
	}
	if ((ip_flags.count_only || common.json) && (len >= 0 || g->matched > before))
		tell_count(g, file, g->matched - before);
	g->read += len >= 0;
	g->failed += len < 0;
	if (len < 0)
		fail_code((int)len, strcmp(file, "-") ? file : "read standard input");
}

/* ---- what to search for ---- */

static int add_network(void *grep, char *text, int is_input)
{
	struct grep *g = grep;
	hoy_ip_range range;

	(void)is_input;
	if (read_range(text, &range) < 0)
		return EXIT_USAGE;
	labels_add(&g->networks, range, text);
	return EXIT_YES;
}

/* All mistakes of the list are shown, but none of it is used then: a list with a network missing looks like a whole one. */
static int add_listed(void *grep, char *text, int is_input)
{
	struct grep *g = grep;

	if (add_network(g, text, is_input) != EXIT_YES) {
		say("line %ld of %s", input_line_number(), ip_flags.list);
		g->failed++;
	}
	return EXIT_YES;
}

static int read_list(struct grep *g)
{
	int code = each_word_of(ip_flags.list, add_listed, g);

	return code == EXIT_YES && g->failed ? EXIT_USAGE : code;
}

static int missing_network(const char *arg)
{
	return arg && !strcmp(arg, "-") ? usage("standard input is what is searched: hoy ip grep NETWORK|FIRST-LAST... <FILE")
					: usage("a network is missing: hoy ip grep NETWORK|FIRST-LAST... [FILE...]");
}

/* The networks at the front of the arguments; the rest are files. What is neither is a network with a mistake. */
static int read_networks(struct grep *g, char ***arg)
{
	int code = ip_flags.list ? read_list(g) : EXIT_YES;

	for (; code == EXIT_YES && **arg && strcmp(**arg, "-") && (is_range(**arg) || access(**arg, F_OK) < 0); ++*arg) {
		code = add_network(g, **arg, 0);
		if (code != EXIT_YES && (g->networks.n || ip_flags.list))
			say("nor is there a file of that name");
	}
	if (code == EXIT_YES && !**arg && ip_flags.list && !strcmp(ip_flags.list, "-"))
		return usage("standard input has the networks: name the files to search");
	return code == EXIT_YES && !g->networks.n && !ip_flags.list ? missing_network(**arg) : code;
}

static int make_set(struct grep *g)
{
	hoy_ip_range *ranges = must(calloc(g->networks.n + 1, sizeof *ranges));
	hoy_err err;

	labels_sort(&g->networks);
	for (size_t i = 0; i < g->networks.n; i++)
		ranges[i] = g->networks.list[i].range;
	g->set = hoy_ip_set_new(ranges, g->networks.n, &err);
	free(ranges);
	return g->set ? EXIT_YES : fail(&err, NULL);
}

static int grep_files(struct grep *g, char **file)
{
	static char standard_input[] = "-", *usual[] = { standard_input, NULL };

	file = *file ? file : usual;
	g->names_files = file[1];
	for (; *file; file++)
		grep_file(g, *file);
	if (g->failed)
		return g->read ? EXIT_PARTIAL : EXIT_UNASKED;
	return g->matched ? EXIT_YES : EXIT_NO;
}

/* grep's exit codes: 0 found, 1 nothing found, above 1 not asked. */
int ip_grep(int argc, char **argv)
{
	struct grep g = { .matched = 0 };
	char **arg = argv + 1;
	int code;

	(void)argc;
	if (ip_flags.only_matching && ip_flags.invert)
		return usage("-o shows addresses that match, -v lines without any");
	code = read_networks(&g, &arg);
	if (code == EXIT_YES)
		code = make_set(&g);
	if (code == EXIT_YES)
		code = grep_files(&g, arg);
	hoy_ip_set_free(g.set);
	labels_clear(&g.networks);
	return code;
}
