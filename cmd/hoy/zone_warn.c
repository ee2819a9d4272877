/*
 * What makes a zone useless to others although it can be served: no name servers at its top (RFC 1035 section 5.2), and
 * hosts of NS, MX and SRV records that are aliases (RFC 2181 section 10.3) or have no address, as far as the file knows.
 */
#include <string.h>

#include "zone.h"

struct warning {
	const struct zones *zones;
	mistake_fn *tell;
	void *arg;
	int count;
};

static void warn(struct warning *w, const struct rr *rr, const char *format, const char *name)
{
	char what[KEY_STRLEN + 80], text[KEY_STRLEN + 400];

	snprintf(what, sizeof what, format, name);
	snprintf(text, sizeof text, "%.200s:%u: %s", rr->file, rr->line, what);
	w->tell(w->arg, &(struct mistake){ rr->file, rr->line, what, text });
	w->count++;
}

/* Where the host begins in the data of a type; -1: there is none. */
static int host_offset(uint16_t type)
{
	return type == HOY_TYPE_NS ? 0 : type == HOY_TYPE_MX ? 2 : type == HOY_TYPE_SRV ? 6 : -1;
}

/* Is the name below a delegation? Then another zone knows. */
static bool is_delegated(const struct zones *z, const struct key *key, const struct rr *soa)
{
	struct key cut = *key;

	for (; cut.len > soa->key.len; cut.len = key_parent(&cut)) {
		const struct rr *node = zones_find(z, &cut);

		if (zones_set(z, node, HOY_TYPE_NS) || zones_set(z, node, HOY_TYPE_DNAME))
			return true;
	}
	return false;
}

static bool has_wildcard(const struct zones *z, const struct key *key, const struct rr *soa)
{
	struct key above = *key;

	while (above.len > soa->key.len) {
		struct key star;

		above.len = key_parent(&above);
		star = above;
		if (star.len + 2u > sizeof star.at)
			continue;
		star.at[star.len++] = 1;
		star.at[star.len++] = '*';
		if (zones_find(z, &star))
			return true;
	}
	return false;
}

/*
 * A name server whose name lies below its own delegation needs an address record (glue) in this zone: no resolver finds
 * it otherwise.
 */
static bool needs_glue(const struct rr *rr, const struct key *host, const struct rr *soa)
{
	return rr->type == HOY_TYPE_NS && rr->key.len > soa->key.len && key_within(host, &rr->key);
}

static void check_host(struct warning *w, const struct rr *rr, const struct rr *soa)
{
	int at = host_offset(rr->type);
	const struct rr *node;
	char name[KEY_STRLEN];
	struct key host;

	if (at < 0 || rr->data[at] == 0)	/* the root: no such service */
		return;
	key_of(&host, rr->data + at);
	if (zones_soa(w->zones, &host) != soa || (is_delegated(w->zones, &host, soa) && !needs_glue(rr, &host, soa)))
		return;
	node = zones_find(w->zones, &host);
	if (zones_set(w->zones, node, HOY_TYPE_CNAME))
		warn(w, rr, "%s is an alias, which may not stand here", key_string(&host, name));
	else if (!zones_set(w->zones, node, HOY_TYPE_A) && !zones_set(w->zones, node, HOY_TYPE_AAAA) &&
		 !has_wildcard(w->zones, &host, soa))
		warn(w, rr, "%s has no address", key_string(&host, name));
}

int zones_warn(const struct zones *z, mistake_fn *tell, void *arg)
{
	struct warning w = { z, tell, arg, 0 };
	char name[KEY_STRLEN];

	for (const struct rr *soa = zones_next_soa(z, NULL); soa; soa = zones_next_soa(z, soa))
		if (!zones_set(z, zones_find(z, &soa->key), HOY_TYPE_NS))
			warn(&w, soa, "%s has no NS records", key_string(&soa->key, name));
	for (const struct rr *rr = z->rr; rr < z->rr + z->count; rr++)
		check_host(&w, rr, zones_soa(z, &rr->key));
	return w.count;
}
