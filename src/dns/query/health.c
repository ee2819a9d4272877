/*
 * What is known about servers, by address. A call works on a copy, so that no answer is
 * read under the lock, and tells what it has learned at the end, or at once if others
 * should know: the latest word counts, only rejected replies add up. What is remembered is
 * bounded by the servers of the policy used last, so a server that left the configuration
 * is forgotten.
 */
#include <string.h>

#include <hoy/addr.h>

#include "dns/query/asker.h"

static struct hoy__known *find(struct hoy__known *known, unsigned n, const hoy_addr *addr)
{
	for (unsigned i = 0; i < n; i++)
		if (hoy_addr_equal(&known[i].addr, addr))
			return &known[i];
	return NULL;
}

static bool is_usual(const struct hoy__manner *m, const struct hoy__ask_policy *p)
{
	return m->attempts == p->attempts && m->timeout == p->timeout && m->use_tcp == p->use_tcp &&
	       m->trust_ad == p->trust_ad;
}

static bool is_known(const struct hoy__asker *a, const struct hoy__ask_policy *p)
{
	if (!is_usual(&a->manner, p) || a->knowns != p->servers)
		return false;
	for (unsigned i = 0; i < p->servers; i++)
		if (!hoy_addr_equal(&a->known[i].addr, &p->server[i]))
			return false;
	return true;
}

void hoy__health_adopt(struct hoy__asker *a, const struct hoy__ask_policy *p)
{
	struct hoy__known old[HOY__EXCHANGE_SERVERS];
	unsigned n = a->knowns;

	if (is_known(a, p))
		return;
	a->epoch++;
	a->manner = (struct hoy__manner){ p->attempts, p->timeout, p->use_tcp, p->trust_ad };
	if (a->cache)
		hoy__cache_clear(a->cache);
	memcpy(old, a->known, sizeof old);
	a->knowns = p->servers;
	for (unsigned i = 0; i < p->servers; i++) {
		struct hoy__known *was = find(old, n, &p->server[i]);

		a->known[i] = was ? *was : (struct hoy__known){ .addr = p->server[i] };
	}
}

void hoy__health_take(struct hoy__call *c)
{
	static const struct hoy__known unknown;

	for (unsigned i = 0; i < c->policy->servers; i++) {
		const struct hoy__known *known = find(c->asker->known, c->asker->knowns, &c->policy->server[i]);

		c->health[i] = c->before[i] = (known ? known : &unknown)->health;
	}
}

bool hoy__health_is_news(const struct hoy__call *c)
{
	for (unsigned i = 0; i < c->policy->servers; i++) {
		const struct hoy__server_health *now = &c->health[i], *then = &c->before[i];

		if (now->failures != then->failures || now->probe_at != then->probe_at ||
		    now->plain_until != then->plain_until)
			return true;
	}
	return false;
}

void hoy__health_tell(struct hoy__call *c)
{
	for (unsigned i = 0; i < c->policy->servers; i++) {
		struct hoy__known *known = find(c->asker->known, c->asker->knowns, &c->policy->server[i]);

		if (known) {
			uint64_t rejected = known->health.rejected + c->health[i].rejected - c->before[i].rejected;

			known->health = c->health[i];
			known->health.rejected = rejected;
		}
		c->before[i] = c->health[i];
	}
}
