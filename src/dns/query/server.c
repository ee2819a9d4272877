/*
 * What is known about servers, by address. A query works on a copy, so that no answer is
 * read under the lock, and writes back what it has learned at the end, or at once if others
 * should know: the last to write counts, only rejected replies add up. What is remembered is
 * bounded by the servers of the policy used last, so a server that left the configuration
 * is forgotten.
 */
#include <string.h>

#include <hoy/addr.h>

#include "dns/query/query.h"

static struct hoy__server *find(struct hoy__server *known, unsigned n, const hoy_addr *addr)
{
	for (unsigned i = 0; i < n; i++)
		if (hoy_addr_equal(&known[i].addr, addr))
			return &known[i];
	return NULL;
}

static bool is_usual(const struct hoy__client_settings *m, const struct hoy__client_policy *p)
{
	return m->attempts == p->attempts && m->timeout == p->timeout && m->use_tcp == p->use_tcp &&
	       m->trust_ad == p->trust_ad;
}

static bool is_known(const struct hoy__client *c, const struct hoy__client_policy *p)
{
	if (!is_usual(&c->settings, p) || c->servers != p->servers)
		return false;
	for (unsigned i = 0; i < p->servers; i++)
		if (!hoy_addr_equal(&c->server[i].addr, &p->server[i]))
			return false;
	return true;
}

void hoy__server_adopt(struct hoy__client *c, const struct hoy__client_policy *p)
{
	struct hoy__server old[HOY__EXCHANGE_SERVERS];
	unsigned n = c->servers;

	if (is_known(c, p))
		return;
	c->epoch++;
	c->settings = (struct hoy__client_settings){ p->attempts, p->timeout, p->use_tcp, p->trust_ad };
	if (c->cache)
		hoy__cache_clear(c->cache);
	memcpy(old, c->server, sizeof old);
	c->servers = p->servers;
	for (unsigned i = 0; i < p->servers; i++) {
		struct hoy__server *was = find(old, n, &p->server[i]);

		c->server[i] = was ? *was : (struct hoy__server){ .addr = p->server[i] };
	}
}

void hoy__server_load(struct hoy__query *q)
{
	static const struct hoy__server unknown;

	for (unsigned i = 0; i < q->policy->servers; i++) {
		const struct hoy__server *known = find(q->client->server, q->client->servers, &q->policy->server[i]);

		q->health[i] = q->before[i] = (known ? known : &unknown)->health;
	}
}

bool hoy__server_has_news(const struct hoy__query *q)
{
	for (unsigned i = 0; i < q->policy->servers; i++) {
		const struct hoy__server_health *now = &q->health[i], *then = &q->before[i];

		if (now->failures != then->failures || now->probe_at != then->probe_at ||
		    now->plain_until != then->plain_until)
			return true;
	}
	return false;
}

void hoy__server_store(struct hoy__query *q)
{
	for (unsigned i = 0; i < q->policy->servers; i++) {
		struct hoy__server *known = find(q->client->server, q->client->servers, &q->policy->server[i]);

		if (known) {
			uint64_t rejected = known->health.rejected + q->health[i].rejected - q->before[i].rejected;

			known->health = q->health[i];
			known->health.rejected = rejected;
		}
		q->before[i] = q->health[i];
	}
}
