/*
 * The addresses of a name: what is written out, the hosts file and the name servers in
 * the order of nsswitch.conf, and localhost, which is never looked up (RFC 6761 section 6.3).
 */
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/lookup.h"
#include "dns/conf/search.h"
#include "ip/resolve.h"

static int add_address(struct hoy__results *results, hoy_ip ip, const char *zone)
{
	struct hoy__result result = { .ip = ip };

	if (zone)
		memcpy(result.zone, zone, sizeof result.zone);
	return hoy__results_add(results, &result);
}

static int add_data(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	return add_address(&l->results, data->ip, NULL);
}

/* The hosts file's names may be too long to be any; they are left out. */
static void put_name(struct hoy__lookup *l, const char *name)
{
	size_t len = strlen(name);

	if (len < sizeof l->answer.name)
		memcpy(l->answer.name, name, len + 1);
}

static int take_literal(struct hoy__lookup *l)
{
	hoy_addr addr = { 0 };

	if (!hoy__resolve_literal(l->name, &addr))
		return 0;
	l->answer.source = HOY_SOURCE_LITERAL;
	return add_address(&l->results, addr.ip, addr.zone);
}

/* RFC 6761 section 6.3. */
static int take_loopback(struct hoy__lookup *l, int family)
{
	hoy_ip ip6 = { .len = 16, .bytes = { [15] = 1 } };
	int code = 0;

	l->answer.source = HOY_SOURCE_LOCAL;
	if (family != 4)
		code = add_address(&l->results, ip6, NULL);
	if (code == 0 && family != 6)
		code = add_address(&l->results, hoy_ipv4(127, 0, 0, 1), NULL);
	return code;
}

static int take_hosts(struct hoy__lookup *l, const void *name)
{
	const struct hoy__host *host;
	size_t n = hoy__hosts_by_name(&l->resolver->conf.hosts, name, &host);
	int code = 0;

	for (size_t i = 0; code == 0 && i < n; i++)
		code = add_address(&l->results, host[i].addr->ip, host[i].addr->zone);
	if (n)
		put_name(l, host->canonical);
	return code;
}

static int ask_servers(struct hoy__lookup *l, int family, bool chain)
{
	struct hoy__want w = { .add = add_data, .chain = chain };
	int code = hoy__lookup_refuse(l);

	if (code == 0 && hoy__fate_of(l->name) == HOY__LOOPBACK)
		return take_loopback(l, family);
	if (family != 6)
		w.type[w.types++] = HOY__A;
	if (family == 6 || (family == 0 && !l->no_aaaa))
		w.type[w.types++] = HOY__AAAA;
	if (code == 0)
		code = hoy__lookup_ask(l, l->name, &w);
	return code;
}

int hoy__lookup_first_addresses(struct hoy__lookup *l, const struct hoy__found *found)
{
	const struct hoy__want w = { .add = add_data };

	return hoy__lookup_read(l, &w, found);
}

/* One source after the other; the first that has something has all. */
static int look_around(struct hoy__lookup *l, int family, bool chain)
{
	int code = HOY_ENOHOST;
	hoy_answer answer = l->answer;

	for (size_t i = 0; i < LEN(l->order) && l->order[i]; i++) {
		if (l->order[i] == HOY__FILES) {
			int hosts = hoy__lookup_hosts(l, take_hosts, l->name);

			if (hosts < 0 || l->results.count)
				return hosts;
			continue;
		}
		code = ask_servers(l, family, chain);
		hoy__lookup_tell(l, (hoy_trace){ .kind = HOY_TRACE_SOURCE, .source = l->answer.source, .code = code,
						 .server = l->answer.server, .rcode = l->answer.rcode });
		if (code == 0 || hoy__lookup_is_final(code))
			return code;
		answer = l->answer;
		hoy__results_clear(&l->results);
		l->answer = hoy__answer_without_reply(HOY_SOURCE_NONE);
	}
	l->answer = answer;
	return code;
}

int hoy__lookup_addresses(struct hoy__lookup *l, int family)
{
	int code = take_literal(l);

	if (code < 0 || l->results.count)
		return code;
	return look_around(l, family, false);
}

/* As names come from servers and the hosts file: those with a dot in them have one at the end. */
static void put_rooted(struct hoy__lookup *l, const char *name)
{
	size_t len = strlen(name);

	put_name(l, name);
	if (strchr(name, '.') && name[len - 1] != '.' && len + 1 < sizeof l->answer.name)
		memcpy(l->answer.name + len, ".", 2);
}

int hoy__lookup_cname(struct hoy__lookup *l)
{
	int code = look_around(l, 0, true);

	if (code == 0 && !l->answer.name[0])
		put_rooted(l, l->name);	/* localhost: it is its own */
	if (code == 0 && !hoy__is_domain_name(l->answer.name, strlen(l->answer.name)))
		return hoy__lookup_badnames(l);
	return code;
}
