/*
 * Configuration changes while lookups go on, so each lookup takes, under the lock, what
 * it will need of it: a few servers, numbers, and a copy of the search list.
 */
#include "dns/resolver.h"

#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/probe.h"
#include "os/os.h"

enum { PATHS = 4 };

static const enum hoy__conf_file file_of[PATHS] = {
	HOY__RESOLV_CONF, HOY__HOSTS_FILE, HOY__NSSWITCH_CONF, HOY__SERVICES_FILE
};

/*
 * Suffixes in one block, each with a dot behind it. The root is left out: it adds nothing
 * to a name. *count is how many were kept; NULL for want of memory.
 */
static char **copy_search(char *const *list, size_t n, size_t *count)
{
	size_t size = (n + 1) * sizeof(char *);
	char **copy, *at;

	for (size_t i = 0; i < n; i++)
		size += strlen(list[i]) + 2;
	if (!(copy = hoy__alloc(size)))
		return NULL;
	at = (char *)(copy + n + 1);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		if (!len || strcmp(list[i], ".") == 0)
			continue;
		copy[(*count)++] = memcpy(at, list[i], len);
		at += len;
		if (at[-1] != '.')
			*at++ = '.';
		*at++ = '\0';
	}
	return copy;
}

static int choose_search(hoy_resolver *r, const char *const *search)
{
	size_t n = 0;

	if (!search)
		return 0;
	while (search[n])
		n++;
	r->search = copy_search((char *const *)search, n, &r->searches);
	return r->search ? 0 : -ENOMEM;
}

/* Paths that were given; those that were not stay NULL. */
static int copy_paths(hoy_resolver *r, const hoy_resolver_opts *opts)
{
	const char *const path[PATHS] = { opts->resolv_conf, opts->hosts, opts->nsswitch, opts->services };

	for (size_t i = 0; i < PATHS; i++) {
		size_t size = path[i] ? strlen(path[i]) + 1 : 0;
		char *copy = size ? hoy__alloc(size) : NULL;

		if (size && !copy)
			return -ENOMEM;
		r->conf.path[file_of[i]] = size ? memcpy(copy, path[i], size) : NULL;
	}
	return 0;
}

static void release(hoy_resolver *r)
{
	hoy__client_free(r->client);
	hoy__fork_mutex_end(&r->lock);
	hoy__conf_clear(&r->conf);
	for (size_t i = 0; i < PATHS; i++)
		hoy__release((char *)r->conf.path[file_of[i]]);
	hoy__release(r->search);
	hoy__release(r);
}

hoy_resolver *hoy__resolver_new(const hoy_resolver_opts *opts, const hoy_addr *server, unsigned servers)
{
	hoy_resolver *r = hoy__alloc(sizeof *r);

	if (!r)
		return NULL;
	atomic_init(&r->refs, 1);
	if (hoy__fork_mutex_init(&r->lock) < 0) {
		hoy__release(r);
		return NULL;
	}
	for (unsigned i = 0; i < servers; i++)
		r->server[i] = server[i];
	r->servers = servers;
	r->flags = opts->flags;
	r->timeout = opts->timeout;
	r->total = opts->total;
	r->attempts = opts->attempts;
	r->ndots = opts->ndots;
	r->trace = opts->trace;
	r->arg = opts->arg;
	atomic_store(&r->deadline, HOY__NEVER);
	r->client = hoy__client_new();
	if (r->client)
		hoy__client_dial_by(r->client, opts->dial, opts->arg);
	if (r->client && hoy__client_remember(r->client, opts->cache, opts->stale) == 0 &&
	    choose_search(r, opts->search) == 0 && copy_paths(r, opts) == 0)
		return r;
	release(r);
	return NULL;
}

static void drop(hoy_resolver *r)
{
	if (atomic_fetch_sub(&r->refs, 1) == 1)
		release(r);
}

int hoy__resolver_close(hoy_resolver *r)
{
	if (atomic_exchange(&r->closed, true))
		return HOY_ECLOSED;
	hoy__client_close(r->client);
	return 0;
}

void hoy__resolver_free(hoy_resolver *r)
{
	hoy__resolver_close(r);
	drop(r);
}

int hoy__resolver_set_deadline(hoy_resolver *r, int64_t deadline)
{
	if (atomic_load(&r->closed))
		return HOY_ECLOSED;
	atomic_store(&r->deadline, deadline);
	hoy__client_set_deadline(r->client, deadline);
	return 0;
}

void hoy__resolver_get_stats(hoy_resolver *r, hoy_resolver_stats *stats)
{
	stats->lookups = atomic_load(&r->lookups);
	hoy__client_get_stats(r->client, stats);
}

hoy_resolver *hoy__resolver_system(void)
{
	static _Atomic(hoy_resolver *) the;
	static const hoy_resolver_opts usual;
	hoy_resolver *r = atomic_load(&the), *none = NULL;

	if (r)
		return r;
	r = hoy__resolver_new(&usual, NULL, 0);
	if (!r || atomic_compare_exchange_strong(&the, &none, r))
		return r;
	hoy__resolver_free(r);	/* another was faster */
	return none;
}

/* ---- one lookup ---- */

/* In a child of a fork. What may be half changed is left alone, at the price of its memory, and read again. */
static void begin_anew(hoy_resolver *r, bool torn)
{
	if (torn)
		hoy__conf_forget(&r->conf);
	hoy__routes_clear(&r->routes);
}

void hoy__resolver_lock(hoy_resolver *r)
{
	bool torn;

	hoy_mutex_lock(&r->lock.mutex);
	if (hoy__fork_mutex_inherited(&r->lock, &torn))
		begin_anew(r, torn);
}

void hoy__resolver_unlock(hoy_resolver *r)
{
	hoy_mutex_unlock(&r->lock.mutex);
}

static bool may_ask(const hoy_resolver *r, const hoy_addr *server)
{
	return !(r->flags & (server->ip.len == 4 ? HOY_RESOLVER_IPV6_SERVERS : HOY_RESOLVER_IPV4_SERVERS));
}

static void take_servers(struct hoy__lookup *l)
{
	const hoy_resolver *r = l->resolver;
	const hoy_addr *from = r->servers ? r->server : r->conf.resolv.server;
	unsigned servers = r->servers ? r->servers : r->conf.resolv.servers;

	l->policy.server = l->server;
	for (unsigned i = 0; i < servers; i++)
		if (may_ask(r, &from[i]))
			l->server[l->policy.servers++] = from[i];
}

static void take_policy(struct hoy__lookup *l)
{
	const hoy_resolver *r = l->resolver;
	const struct hoy__resolv *conf = &r->conf.resolv;
	struct hoy__client_policy *p = &l->policy;

	p->attempts = r->attempts > 0 ? (unsigned)r->attempts : conf->attempts;
	p->timeout = r->timeout ? r->timeout : conf->timeout * HOY_SECOND;
	p->use_tcp = conf->use_tcp || r->flags & HOY_RESOLVER_TCP;
	p->rotate = conf->rotate || r->flags & HOY_RESOLVER_ROTATE;
	p->single_request = conf->single_request || r->flags & HOY_RESOLVER_SINGLE_REQUEST;
	p->trust_ad = conf->trust_ad || r->flags & HOY_RESOLVER_TRUST_AD;
	p->mixed_case = r->flags & HOY_RESOLVER_MIXED_CASE;
	p->dnssec = r->flags & HOY_RESOLVER_DNSSEC;
	p->nsid = r->flags & HOY_RESOLVER_NSID;
	p->deadline = hoy__limit(r->timeout < 0 ? r->timeout : r->total);	/* no time for a query: none for the lookup */
	p->trace = r->trace;
	p->arg = r->arg;
	p->name = l->name;
	l->no_aaaa = conf->no_aaaa;
	l->ndots = r->ndots ? (r->ndots < 0 ? 0 : (unsigned)r->ndots) : conf->ndots;
}

static int take_search(struct hoy__lookup *l)
{
	const hoy_resolver *r = l->resolver;
	size_t len = strlen(l->name);

	if (r->search) {
		l->search = r->search;
		l->searches = r->searches;
	} else if (r->conf.resolv.searches && len && l->name[len - 1] != '.') {
		l->own_search = copy_search(r->conf.resolv.search, r->conf.resolv.searches, &l->searches);
		l->search = l->own_search;
		return l->search ? 0 : -ENOMEM;
	}
	return 0;
}

static int take_conf(struct hoy__lookup *l)
{
	hoy_resolver *r = l->resolver;
	int64_t now = hoy__os_monotonic();
	int code;

	if (atomic_load(&r->closed))
		return HOY_ECLOSED;
	atomic_fetch_add(&r->lookups, 1);
	hoy__resolver_lock(r);
	code = hoy__conf_refresh(&r->conf, HOY__RESOLV_CONF, now);
	if (code >= 0)
		code = hoy__conf_refresh(&r->conf, HOY__NSSWITCH_CONF, now);
	if (code >= 0) {
		take_servers(l);
		take_policy(l);
		memcpy(l->order, r->conf.nsswitch.order, sizeof l->order);
		code = take_search(l);
	}
	hoy__resolver_unlock(r);
	return code;
}

int hoy__lookup_begin(struct hoy__lookup *l, hoy_resolver *resolver, const char *name)
{
	int code;

	memset(l, 0, sizeof *l);
	l->answer = hoy__answer_without_reply(HOY_SOURCE_NONE);
	l->name = name;
	HOY__PROBE(lookup_begin, l, name);
	l->resolver = resolver ? resolver : hoy__resolver_system();
	if (!l->resolver)
		return -ENOMEM;
	atomic_fetch_add(&l->resolver->refs, 1);
	code = take_conf(l);
	hoy__routes_enter(&l->resolver->routes);
	return code;
}

void hoy__lookup_tell(const struct hoy__lookup *l, hoy_trace event)
{
	if (!l->policy.trace)
		return;
	event.when = hoy_now();
	if (!event.name)
		event.name = l->name;
	l->policy.trace(&event, l->policy.arg);
}

void hoy__lookup_end(struct hoy__lookup *l, int code)
{
	hoy__lookup_tell(l, (hoy_trace){ .kind = HOY_TRACE_DONE, .source = l->answer.source, .code = code,
					 .server = l->answer.server, .rcode = l->answer.rcode });
	HOY__PROBE(lookup_end, l, l->name, code);
	hoy__results_clear(&l->results);
	hoy__release(l->own_search);
	l->search = l->own_search = NULL;
	if (l->resolver) {
		hoy__routes_leave(&l->resolver->routes);
		drop(l->resolver);
	}
	hoy__spend();	/* an answer from the cache takes no wait, so give other tasks a turn here */
}

int hoy__resolver_port(hoy_resolver *resolver, const struct hoy__network *net, const char *service)
{
	hoy_resolver *r = resolver ? resolver : hoy__resolver_system();
	int code;

	if (!r)
		return -ENOMEM;
	hoy__resolver_lock(r);
	code = hoy__conf_refresh(&r->conf, HOY__SERVICES_FILE, hoy__os_monotonic());
	if (code >= 0)
		code = hoy__services_port(&r->conf.services, net, service);
	hoy__resolver_unlock(r);
	return code;
}
