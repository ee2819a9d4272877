/* What the arguments of hoy ping name: addresses, names, networks, and words that choose the kind of probe. */
#include <stdlib.h>
#include <string.h>

#include "ping.h"

struct targets targets;

struct target *target_add(const struct probe *probe, const char *word)
{
	struct target *t;

	if (targets.count == targets.size) {
		targets.size = 2 * targets.size + 16;
		targets.list = must(realloc(targets.list, targets.size * sizeof *targets.list));
	}
	t = &targets.list[targets.count++];
	*t = (struct target){ .probe = probe, .word = word ? must(strdup(word)) : NULL };
	return t;
}

char *target_string(const struct target *t, char buf[WHO_STRLEN])
{
	char addr[HOY_ADDR_STRLEN];

	hoy_addr_string(&t->addr, addr);
	if (!t->word || !strcmp(t->word, addr) || (*t->word == '@' && !strcmp(t->word + 1, addr)))
		return strcpy(buf, addr);
	snprintf(buf, WHO_STRLEN, *addr ? "%.255s (%s)" : "%.255s", t->word, addr);
	return buf;
}

/* ---- networks ---- */

static hoy_ip_range hosts_of(hoy_prefix p)
{
	hoy_ip_range r = hoy_prefix_range(hoy_prefix_masked(p));

	if (p.ip.len == 4 && p.bits < 31) {	/* the network's own address and the broadcast address are no hosts */
		r.first = hoy_ip_next(r.first);
		r.last = hoy_ip_prev(r.last);
	}
	return r;
}

int targets_add_network(const char *word, hoy_prefix p)
{
	hoy_ip_range r = hosts_of(p);
	struct network *n;

	if (8 * p.ip.len - p.bits > 16 || targets.count + (UINT64_C(1) << (8 * p.ip.len - p.bits)) > TARGETS_MOST)
		return usage("with '%s' there are more than %d targets", word, TARGETS_MOST);
	targets.networks = must(realloc(targets.networks, (targets.network_count + 1) * sizeof *n));
	n = &targets.networks[targets.network_count++];
	*n = (struct network){ .word = must(strdup(word)), .first = targets.count };
	for (hoy_ip ip = r.first; ip.len && hoy_ip_compare(ip, r.last) <= 0; ip = hoy_ip_next(ip))
		target_add(&probe_icmp, NULL)->addr = (hoy_addr){ .kind = HOY_ADDR_IP, .ip = ip };
	n->count = targets.count - n->first;
	return EXIT_YES;
}

void targets_free(void)
{
	for (size_t i = 0; i < targets.count; i++) {
		free(targets.list[i].word);
		free(targets.list[i].stats.samples);
	}
	for (size_t i = 0; i < targets.network_count; i++)
		free(targets.networks[i].word);
	free(targets.networks);
	free(targets.list);
}

/* ---- addresses of names ---- */

static bool is_wanted(const hoy_addr *addr)
{
	bool is4 = hoy_ip_to4(addr->ip).len == 4;

	return is4 ? ping.ipv4 || !ping.ipv6 : ping.ipv6 || !ping.ipv4;
}

int find_host(const char *host, hoy_addr *addr, hoy_err *err)
{
	hoy_addr *list;
	int n = hoy_resolver_lookup_ip_addr(ping.resolver, host, &list, err), i = 0;

	if (n < 0)
		return n;
	while (i < n && !is_wanted(&list[i]))
		i++;
	if (i < n)
		*addr = list[i];
	hoy_free(list);
	if (i < n)
		return 0;
	*err = (hoy_err){ .code = HOY_EUNSUITABLE, .kind = HOY_ERR_ADDR };
	snprintf(err->subject, sizeof err->subject, "%s", host);
	return err->code;
}

/* ---- words ---- */

static const struct probe *const probes[] = { &probe_icmp, &probe_tcp, &probe_dns };

static const struct probe *find_probe(const char *word)
{
	for (size_t i = 0; i < LEN(probes); i++)
		if (!strcmp(probes[i]->name, word))
			return probes[i];
	return NULL;
}

static int read_target(const struct probe *probe, const char *word)
{
	const char *ascii = ascii_address("ip", word);

	return ascii ? probe->read(ascii) : EXIT_USAGE;
}

static int take(void *probe, char *word, int is_input)
{
	const struct probe **current = probe, *named = find_probe(word);

	(void)is_input;
	if (!named && targets.count >= TARGETS_MOST)
		return usage("more than %d targets", TARGETS_MOST);
	if (!named)
		return read_target(*current, word);
	*current = named;
	return EXIT_YES;
}

int targets_read(char **words)
{
	const struct probe *probe = &probe_icmp;
	int code = each_word(words, take, &probe);

	if (code == EXIT_YES && !targets.count)
		return usage("a target is missing: a host, a network, tcp HOST:PORT or dns @SERVER");
	return code;
}
