/*
 * hoy ip grep: the lines with an address of given networks. An address is a run of the
 * characters that addresses have. Letters and digits that touch such a run belong to some
 * other word, and up to the first colon the run belongs to that too: src:10.0.0.1 has
 * an address, and so has 10.0.0.1:http; 10.0.0.1.example has none.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ip.h"

int ip_invert, ip_count_only;

static bool is_of_address(char c)
{
	return isxdigit((unsigned char)c) || c == '.' || c == ':';
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* All of it, without dots at its ends. */
static bool reads(const char *from, const char *to, hoy_ip *ip)
{
	char text[64];

	while (from < to && *from == '.')
		from++;
	while (to > from && to[-1] == '.')
		to--;
	if ((size_t)(to - from) >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)(to - from), from);
	return hoy_parse_ip(text, ip, NULL) == 0;
}

/* A run as one address, without a colon at its ends, or else as IPv4 between its colons. */
static bool run_has(const hoy_ip_set *set, const char *from, const char *to, hoy_ip *ip)
{
	if (to > from && to[-1] == ':' && !(to - from > 1 && to[-2] == ':'))
		to--;
	if (to > from && from[0] == ':' && !(to - from > 1 && from[1] == ':'))
		from++;
	if (reads(from, to, ip))
		return hoy_ip_set_contains(set, *ip);
	for (const char *stop; from < to; from = stop + (stop < to)) {
		stop = memchr(from, ':', (size_t)(to - from));
		stop = stop ? stop : to;
		if (reads(from, stop, ip) && hoy_ip_set_contains(set, *ip))
			return true;
	}
	return false;
}

/* The first address of the line that is in the set. */
static bool line_has(const hoy_ip_set *set, const char *line, const char *end, hoy_ip *ip)
{
	for (const char *at = line; at < end; at++) {
		const char *from = at, *to;

		while (at < end && is_of_address(*at))
			at++;
		to = at;
		if (from < to && from > line && is_of_word(from[-1])) {
			while (from < to && *from != ':')
				from++;
			from += from < to;
		}
		if (from < to && at < end && is_of_word(*at)) {
			while (to > from && to[-1] != ':')
				to--;
			to -= to > from;
		}
		if (from < to && run_has(set, from, to, ip))
			return true;
	}
	return false;
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

/* How many lines matched. 0, or why standard input cannot be read. */
static int grep_input(const hoy_ip_set *set, long *matched)
{
	long number = 0;
	char *text;
	ssize_t len;

	*matched = 0;
	while ((len = input_line(&text)) > 0) {
		hoy_ip ip;
		bool found = line_has(set, text, text + len, &ip);

		number++;
		if (found == ip_invert)
			continue;
		++*matched;
		if (!ip_count_only)
			tell_line(text, (size_t)len, number, found ? &ip : NULL);
	}
	return (int)len;
}

static void tell_count(long matched)
{
	struct json j;

	if (common.json) {
		json_begin(&j, "count");
		json_int(&j, "lines", matched);
		json_end(&j);
	} else if (ip_count_only) {
		out_print("%ld\n", matched);
	}
}

/* grep's exit codes: 0 found, 1 nothing found, above 1 not asked. */
int ip_grep(int argc, char **argv)
{
	hoy_ip_range *ranges;
	hoy_ip_set *set;
	long matched;
	hoy_err err;
	int code;

	if (argc < 2)
		return usage("hoy ip grep NETWORK|FIRST-LAST...");
	ranges = calloc((size_t)argc, sizeof *ranges);
	if (!ranges)
		return fail_code(-ENOMEM, "grep");
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "-")) {
			free(ranges);
			return usage("standard input is what is searched: hoy ip grep NETWORK|FIRST-LAST... <FILE");
		} else if (read_range(argv[i], &ranges[i - 1]) < 0) {
			free(ranges);
			return EXIT_USAGE;
		}
	set = hoy_ip_set_new(ranges, (size_t)argc - 1, &err);
	free(ranges);
	if (!set)
		return fail(&err, NULL);
	code = grep_input(set, &matched);
	hoy_ip_set_free(set);
	if (code == 0 || matched)
		tell_count(matched);
	if (code < 0)
		return fail_code(code, "read standard input");
	return matched ? EXIT_YES : EXIT_NO;
}
