/* hoy ip split: a network into networks of one length, or into one for each number of hosts. */
#include <stdlib.h>
#include <string.h>

#include "ip.h"

/* ---- by length ---- */

static int split_by_length(hoy_prefix p, const char *text)
{
	const char *digits = text + (*text == '/');
	int bits = -1, code;
	hoy_prefix part;

	if (*digits && strlen(digits) <= 3 && !digits[strspn(digits, "0123456789")])
		bits = atoi(digits);
	else if (strchr(digits, '.'))
		bits = mask_bits(digits, p.ip.len);
	if (bits < p.bits || bits > p.ip.len * 8)
		return usage("'%s' is no length between %d and %d; for that many hosts: hoy ip split --hosts", text, p.bits,
			     p.ip.len * 8);
	for (uint64_t i = 0; (code = hoy_prefix_split(p, bits, i, &part)) == 0; i++)
		tell_prefix(part);
	return code == HOY_ERANGEEND ? EXIT_YES : fail_code(code, "split");
}

/* ---- by hosts ---- */

enum { HOSTS_DIGITS = 18 };

/* Addresses that are no host's: IPv4's network and broadcast; IPv6's first is that of all routers (RFC 4291 section 2.6.1). */
static int reserved(hoy_prefix p)
{
	return p.ip.len == 4 ? 2 : 1;
}

static int64_t parse_hosts(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= HOSTS_DIGITS && strspn(text, "0123456789") == len ? atoll(text) : 0;
}

/* The length of the smallest network for so many hosts. */
static int length_for(hoy_prefix p, int64_t hosts)
{
	int exponent = 0;

	while (((int64_t)1 << exponent) - reserved(p) < hosts)
		exponent++;
	return p.ip.len * 8 - exponent;
}

static int most_first(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

static void tell_part(hoy_prefix part, int64_t hosts)
{
	int64_t room = ((int64_t)1 << (part.ip.len * 8 - part.bits)) - reserved(part);
	char text[HOY_PREFIX_STRLEN];
	struct json j;

	hoy_prefix_string(part, text);
	if (!common.json) {
		out_print("%-18s %lld of %lld hosts\n", text, (long long)hosts, (long long)room);
		return;
	}
	json_begin(&j, "network");
	json_text(&j, "network", text);
	json_int(&j, "hosts_wanted", hosts);
	json_int(&j, "hosts", room);
	json_end(&j);
}

static void tell_left(hoy_prefix part)
{
	char text[HOY_PREFIX_STRLEN], count[COUNT_STRLEN];
	struct json j;

	hoy_prefix_string(part, text);
	power_string(part.ip.len * 8 - part.bits, count);
	if (!common.json) {
		out_print("%-18s left, %s address%s\n", text, count, strcmp(count, "1") ? "es" : "");
		return;
	}
	json_begin(&j, "left");
	json_text(&j, "network", text);
	json_number(&j, "addresses", count);
	json_end(&j);
}

/* From this address on everything is left; no address: nothing is. */
static void tell_rest(hoy_prefix p, hoy_ip next)
{
	hoy_ip_range rest = { next, hoy_prefix_range(p).last };
	hoy_prefix left[HOY_RANGE_PREFIXES];
	int n = next.len && hoy_prefix_contains(p, next) ? hoy_range_prefixes(rest, left, HOY_RANGE_PREFIXES) : 0;

	for (int i = 0; i < n; i++)
		tell_left(left[i]);
}

/*
 * The largest goes first, so that each begins where the one before it ends: no smaller one leaves a gap that a larger
 * one could not use. Nothing is shown unless all fit.
 */
static int place(hoy_prefix p, const int64_t *hosts, int n, hoy_prefix *part, hoy_ip *next)
{
	*next = hoy_prefix_range(p).first;
	for (int i = 0; i < n; i++) {
		int bits = length_for(p, hosts[i]);

		if (bits < p.bits || !next->len || !hoy_prefix_contains(p, *next))
			return i;
		part[i] = hoy_prefix_from(*next, bits);
		*next = hoy_ip_next(hoy_prefix_range(part[i]).last);
	}
	return n;
}

static int split_by_hosts(hoy_prefix p, const int64_t *hosts, int n)
{
	hoy_prefix *part = must(calloc((size_t)n, sizeof *part));
	char text[HOY_PREFIX_STRLEN];
	hoy_ip next;
	int placed = place(p, hosts, n, part, &next);

	for (int i = 0; placed == n && i < n; i++)
		tell_part(part[i], hosts[i]);
	if (placed == n)
		tell_rest(p, next);
	else
		say("%s is too small: %d of the %d networks fit, largest first; there is no room for %lld hosts",
		    hoy_prefix_string(hoy_prefix_masked(p), text), placed, n, (long long)hosts[placed]);
	free(part);
	return placed == n ? EXIT_YES : EXIT_NO;
}

int ip_split(int argc, char **argv)
{
	int n = argc - 2, code;
	int64_t *hosts;
	hoy_prefix p;

	if (n < 1)
		return usage("hoy ip split NETWORK LENGTH|HOSTS...");
	if (read_prefix(argv[1], &p) < 0)
		return EXIT_USAGE;
	if (n == 1 && !ip_flags.hosts)
		return split_by_length(p, argv[2]);
	hosts = must(calloc((size_t)n, sizeof *hosts));
	for (int i = 0; i < n; i++)
		if (!(hosts[i] = parse_hosts(argv[2 + i]))) {
			free(hosts);
			return usage("'%s' is no number of hosts", argv[2 + i]);
		}
	qsort(hosts, (size_t)n, sizeof *hosts, most_first);
	code = split_by_hosts(p, hosts, n);
	free(hosts);
	return code;
}
