/*
 * hoy iface: the network interfaces of this machine, with their addresses and the multicast groups that
 * they have joined. Each call of the library asks the kernel anew, so an interface may come or go in between.
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"

static int only4, only6;

static const struct flag flags[] = {
	{ "ipv4", '4', FLAG_BOOL, &only4, NULL, "addresses and groups of IPv4 only", 0, 0 },
	{ "ipv6", '6', FLAG_BOOL, &only6, NULL, "addresses and groups of IPv6 only", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* An address of an interface, or a group that it has joined. */
struct item {
	int index;		/* of the interface */
	bool is_group;
	size_t order;		/* in which the kernel listed them */
	char text[HOY_IPNET_STRLEN];
};

struct items {
	struct item *list;
	size_t n, room;
};

static bool is_wanted(hoy_ip ip)
{
	return only4 == only6 || hoy_ip_is4(ip) == only4;
}

static char *add(struct items *all, int index, bool is_group)
{
	if (all->n == all->room) {
		all->room = 2 * all->room + 16;
		all->list = must(realloc(all->list, all->room * sizeof *all->list));
	}
	all->list[all->n] = (struct item){ .index = index, .is_group = is_group, .order = all->n };
	return all->list[all->n++].text;
}

static int add_addresses(struct items *all, int index, hoy_err *err)
{
	hoy_interface_addr *list = NULL;
	int n = hoy_interface_addrs(index, &list, err);

	for (int i = 0; i < n; i++)
		if (is_wanted(list[i].net.ip))
			hoy_ipnet_string(&list[i].net, add(all, list[i].index, false));
	hoy_free(list);
	return n;
}

static int add_groups(struct items *all, int index, hoy_err *err)
{
	hoy_interface_group *list = NULL;
	int n = hoy_interface_multicast_addrs(index, &list, err);

	for (int i = 0; i < n; i++)
		if (is_wanted(list[i].ip))
			hoy_ip_string(list[i].ip, add(all, list[i].index, true));
	hoy_free(list);
	return n;
}

static int by_index(const void *a, const void *b)
{
	return ((const hoy_interface *)a)->index - ((const hoy_interface *)b)->index;
}

static int by_interface(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->index != y->index ? x->index - y->index : x->order < y->order ? -1 : x->order > y->order;
}

/* ---- showing ---- */

static void tell_text(const hoy_interface *iface, const struct item *item, const struct item *end)
{
	char flags_text[HOY_INTERFACE_FLAGS_STRLEN], mac[HOY_MAC_STRLEN];

	out_print("%s%d: ", ink(stdout, INK_BOLD), iface->index);
	put_foreign(iface->name, strlen(iface->name));
	out_print("%s: %s, mtu %d\n", ink(stdout, INK_OFF), hoy_interface_flags_string(iface->flags, flags_text), iface->mtu);
	if (iface->mac.len)
		out_print("  %shardware%s %s\n", ink(stdout, INK_DIM), ink(stdout, INK_OFF), hoy_mac_string(iface->mac, mac));
	for (; item < end; item++)
		out_print("  %s%-8s%s %s\n", ink(stdout, INK_DIM), item->is_group ? "group" : "address", ink(stdout, INK_OFF),
			  item->text);
}

static void list_json(struct json *j, const char *key, bool groups, const struct item *item, const struct item *end)
{
	json_open(j, key, '[');
	for (; item < end; item++)
		if (item->is_group == groups)
			json_text(j, NULL, item->text);
	json_close(j, ']');
}

static void tell_json(const hoy_interface *iface, const struct item *item, const struct item *end)
{
	char text[HOY_INTERFACE_FLAGS_STRLEN], mac[HOY_MAC_STRLEN], *rest = text;
	struct json j;

	json_begin(&j, "interface");
	json_text(&j, "name", iface->name);
	json_int(&j, "index", iface->index);
	json_open(&j, "flags", '[');
	hoy_interface_flags_string(iface->flags, text);
	for (const char *flag; iface->flags && (flag = strsep(&rest, "|")); )
		json_text(&j, NULL, flag);
	json_close(&j, ']');
	json_int(&j, "mtu_bytes", iface->mtu);
	if (iface->mac.len)
		json_text(&j, "hardware", hoy_mac_string(iface->mac, mac));
	list_json(&j, "addresses", false, item, end);
	list_json(&j, "groups", true, item, end);
	json_end(&j);
}

/* The items of interfaces that are not in the list are passed over. Both are sorted by index. */
static void tell(const hoy_interface *list, int n, const struct items *all)
{
	const struct item *item = all->list, *last = item + all->n, *end;

	for (int i = 0; i < n; i++) {
		while (item < last && item->index < list[i].index)
			item++;
		for (end = item; end < last && end->index == list[i].index; end++)
			;
		(common.json ? tell_json : tell_text)(&list[i], item, end);
		item = end;
	}
}

/* index 0: the list has all interfaces. */
static int show(hoy_interface *list, int n, int index)
{
	struct items all = { .list = NULL };
	hoy_err err;
	int code = add_addresses(&all, index, &err);

	if (code >= 0)
		code = add_groups(&all, index, &err);
	if (code >= 0) {
		if (all.n)
			qsort(all.list, all.n, sizeof *all.list, by_interface);
		tell(list, n, &all);
	}
	free(all.list);
	return code < 0 ? fail(&err, NULL) : EXIT_YES;
}

static int show_all(void)
{
	hoy_interface *list = NULL;
	hoy_err err;
	int n = hoy_interfaces(&list, &err), code;

	if (n < 0)
		return fail(&err, NULL);
	qsort(list, (size_t)n, sizeof *list, by_index);
	code = show(list, n, 0);
	hoy_free(list);
	return code;
}

/* A name may be a number; else a number is an index. */
static int find(const char *word, hoy_interface *iface, hoy_err *err)
{
	size_t len = strlen(word);
	int code = hoy_interface_by_name(word, iface, err);

	if (code < 0 && len > 0 && len < 10 && strspn(word, "0123456789") == len)
		code = hoy_interface_by_index(atoi(word), iface, err);
	return code;
}

static int fail_find(const char *word, hoy_err *err)
{
	if (err->code == HOY_ENOINTERFACE || err->code == HOY_EINTERFACENAME || err->code == HOY_EINTERFACEINDEX) {
		*err = (hoy_err){ .code = HOY_ENOINTERFACE, .kind = HOY_ERR_LOOKUP };
		snprintf(err->subject, sizeof err->subject, "%s", word);
	}
	return fail(err, NULL);
}

static int show_one(void *outcomes, char *word, int is_input)
{
	hoy_interface iface;
	hoy_err err;

	(void)is_input;
	outcomes_add(outcomes, find(word, &iface, &err) < 0 ? fail_find(word, &err) : show(&iface, 1, iface.index));
	return EXIT_YES;
}

static int iface(int argc, char **argv)
{
	struct outcomes outcomes = { 0 };
	int code = argc ? each_word(argv, show_one, &outcomes) : show_all();

	return code != EXIT_YES || !argc ? code : outcomes_exit(&outcomes);
}

static const char *const examples[] = {
	"hoy iface", "hoy iface lo", "hoy iface 2 eth0 -4", "hoy iface --json | jq -r 'select(.addresses) | .addresses[]'", NULL
};

const struct verb verb_iface = {
	.name = "iface", .args = "[NAME|INDEX|-]...", .brief = "the network interfaces, their addresses and groups",
	.about = "Shows each interface of this machine, or of the network namespace it runs in: its index,\n"
		 "name, flags and largest packet (mtu, bytes), its hardware address, its addresses with the\n"
		 "length of their networks, and the multicast groups that it has joined. Go's net.Interfaces.",
	.exits = "0 all were shown\n1 there is no such interface\n3 the system could not be asked\n5 some were shown, some are not there",
	.flags = flags, .examples = examples, .max_args = -1, .run = iface,
};
