/* hoy ip contains, split, merge and range: networks made of networks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ip.h"

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

/* IPv4 in its 16-byte form, and whole networks of that, as IPv4: nothing slips past a check by its form. */
static hoy_prefix unmapped(hoy_prefix p)
{
	return hoy_ip_is_4in6(p.ip) && p.bits >= 96 ? hoy_prefix_from(hoy_ip_unmap(p.ip), p.bits - 96) : p;
}

static void tell_contains(const char *network, const char *address, int in)
{
	struct json j;

	if (!common.json) {
		printf("%s: %s\n", address, in ? "yes" : "no");
		return;
	}
	json_begin(&j, "contains");
	json_text(&j, "network", network);
	json_text(&j, "address", address);
	json_bool(&j, "contains", in);
	json_end(&j);
}

int ip_contains(int argc, char **argv)
{
	hoy_prefix p, q;
	int all = 1;

	if (argc < 3)
		return usage("hoy ip contains NETWORK ADDRESS...");
	if (read_prefix(argv[1], &p) < 0)
		return EXIT_USAGE;
	p = unmapped(p);
	for (int i = 2; i < argc; i++) {
		if (read_prefix(argv[i], &q) < 0)
			return EXIT_USAGE;
		q = unmapped(q);
		int in = hoy_prefix_contains(p, q.ip) && q.bits >= p.bits;

		all &= in;
		tell_contains(argv[1], argv[i], in);
	}
	return out_flush(all ? EXIT_YES : EXIT_NO);
}

/* "26" or "/26"; -1 for anything else. */
static int read_bits(const char *text)
{
	text += *text == '/';
	return *text && strlen(text) <= 3 && text[strspn(text, "0123456789")] == '\0' ? atoi(text) : -1;
}

int ip_split(int argc, char **argv)
{
	hoy_prefix p, part;
	int bits, code;

	if (argc != 3)
		return usage("hoy ip split NETWORK BITS");
	if (read_prefix(argv[1], &p) < 0)
		return EXIT_USAGE;
	bits = read_bits(argv[2]);
	if (bits < p.bits || bits > p.ip.len * 8)
		return usage("'%s' is no length between %d and %d", argv[2], p.bits, p.ip.len * 8);
	for (uint64_t i = 0; (code = hoy_prefix_split(p, bits, i, &part)) == 0; i++)
		tell_prefix(part);
	return code == HOY_ERANGEEND ? EXIT_YES : fail_code(code, "split");
}

/* The networks of all ranges together, as few as they can be. */
int ip_merge(int argc, char **argv)
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
