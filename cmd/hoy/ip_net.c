/* hoy ip contains, merge and range: which networks are in others, and which are one. */
#include <stdlib.h>
#include <string.h>

#include "ip.h"

void tell_prefix(hoy_prefix p)
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
		out_print("%s: %s\n", address, in ? "yes" : "no");
		return;
	}
	json_begin(&j, "contains");
	json_text(&j, "network", network);
	json_text(&j, "address", address);
	json_bool(&j, "contains", in);
	json_end(&j);
}

struct network {
	const char *text;
	hoy_prefix prefix;
	int has_all;
};

static int check_inside(void *network, char *text, int is_input)
{
	struct network *n = network;
	hoy_prefix q;
	int in;

	if (read_prefix(text, &q) < 0) {
		n->has_all = 0;
		return is_input ? EXIT_YES : EXIT_USAGE;
	}
	q = unmapped(q);
	in = hoy_prefix_contains(n->prefix, q.ip) && q.bits >= n->prefix.bits;
	n->has_all &= in;
	tell_contains(n->text, text, in);
	return EXIT_YES;
}

int ip_contains(int argc, char **argv)
{
	struct network n = { .has_all = 1 };
	int code;

	if (argc < 3)
		return usage("hoy ip contains NETWORK ADDRESS...|-");
	n.text = argv[1];
	if (read_prefix(argv[1], &n.prefix) < 0)
		return EXIT_USAGE;
	n.prefix = unmapped(n.prefix);
	code = each_word(argv + 2, check_inside, &n);
	return code != EXIT_YES ? code : n.has_all ? EXIT_YES : EXIT_NO;
}

struct networks {
	hoy_prefix *list;
	size_t n, size;
	int wrong;		/* texts that are no range */
};

static int add_range(void *networks, char *text, int is_input)
{
	struct networks *all = networks;
	hoy_ip_range range;
	int more;

	if (all->size - all->n < HOY_RANGE_PREFIXES) {
		all->size = 2 * all->size + HOY_RANGE_PREFIXES;
		all->list = must(realloc(all->list, all->size * sizeof *all->list));
	}
	more = read_range(text, &range);
	if (more == 0)
		more = hoy_range_prefixes(range, all->list + all->n, HOY_RANGE_PREFIXES);
	if (more >= 0) {
		all->n += (size_t)more;
		return EXIT_YES;
	}
	all->wrong++;
	return is_input ? EXIT_YES : EXIT_USAGE;
}

/*
 * The networks of all ranges together, as few as they can be. None are shown when a text is no
 * range: a list with a network missing looks like a whole one.
 */
int ip_merge(int argc, char **argv)
{
	struct networks all = { .n = 0 };
	int code;

	if (argc < 2)
		return usage("hoy ip %s NETWORK|FIRST-LAST...|-", argv[0]);
	code = each_word(argv + 1, add_range, &all);
	if (code == EXIT_YES && all.wrong)
		code = EXIT_NO;
	if (code == EXIT_YES)
		all.n = hoy_prefix_merge(all.list, all.n);
	for (size_t i = 0; code == EXIT_YES && i < all.n; i++)
		tell_prefix(all.list[i]);
	free(all.list);
	return code;
}
