/*
 * An authoritative answer, as RFC 1034 section 4.3.2 finds it: the zone, then the name in
 * it, a cut or a DNAME on the way, a CNAME to follow, a wildcard, or nothing; each ends in writing
 * sets of records into one section or another. A set that does not fit is taken back
 * whole, and the reply says that it is cut short.
 */
#include <string.h>

#include "zone.h"

enum { HEADER = 12, OPT_SIZE = 11, UDP_PLAIN = 512, UDP_MOST = 1232, LINKS_MOST = 16, SEEN_MOST = 24 };
enum { QR = 0x8000, AA = 0x0400, TC = 0x0200, RD = 0x0100 };
enum { NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, BADVERS = 16 };
enum { ANSWER = 1, AUTHORITY, ADDITIONAL };

struct question {
	struct key key;
	uint16_t id, flags, type, class;
	size_t end;			/* of the question in the message */
	bool has_opt, has_version;
	size_t udp_size;
};

struct answer {
	const struct zones *zones;
	const struct question *q;
	uint8_t *at;
	size_t len, room;
	uint16_t flags, count[4];
	unsigned rcode;
	struct key name[LINKS_MOST + 1];	/* the question's, and where CNAMEs and DNAMEs led */
	struct { const struct key *key; size_t at; } seen[SEEN_MOST];	/* names in the message */
	unsigned seen_count;
};

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }
static void set16(uint8_t *p, unsigned n) { p[0] = (uint8_t)(n >> 8); p[1] = (uint8_t)n; }

/* Behind the name at `at`, which may end in a pointer if `pointers`; 0 when it is malformed. */
static size_t skip_name(const uint8_t *m, size_t len, size_t at, bool pointers)
{
	while (at < len && m[at] <= LABEL_MOST) {
		if (!m[at])
			return at + 1;
		at += m[at] + 1u;
	}
	return pointers && at + 2 <= len && m[at] >= 0xc0 ? at + 2 : 0;
}

/* The OPT record among those behind the question. False: malformed. */
static bool read_opt(struct question *q, const uint8_t *m, size_t len)
{
	size_t at = q->end;
	unsigned before = get16(m + 6) + get16(m + 8), records = before + get16(m + 10);

	for (unsigned i = 0; i < records; i++) {
		bool root = at < len && !m[at];

		at = skip_name(m, len, at, true);
		if (!at || len - at < 10 || len - at - 10 < get16(m + at + 8))
			return false;
		if (get16(m + at) == HOY_TYPE_OPT) {
			if (q->has_opt || !root || i < before)
				return false;
			q->has_opt = true;
			q->has_version = m[at + 5] != 0;
			q->udp_size = get16(m + at + 2);
		}
		at += 10 + get16(m + at + 8);
	}
	return true;
}

/* NOERROR, or why there is no answer. The header is there. */
static unsigned read_question(struct question *q, const uint8_t *m, size_t len)
{
	size_t at;

	q->end = HEADER;
	if (q->flags & 0x7800)
		return NOTIMP;
	if (get16(m + 4) != 1)
		return FORMERR;
	at = skip_name(m, len, HEADER, false);
	if (!at || at - HEADER > NAME_MOST || len - at < 4)
		return FORMERR;
	key_of(&q->key, m + HEADER);
	q->type = (uint16_t)get16(m + at);
	q->class = (uint16_t)get16(m + at + 2);
	q->end = at + 4;
	if (!read_opt(q, m, len))
		return FORMERR;
	if (q->has_version)
		return BADVERS;
	if (q->type == HOY_TYPE_AXFR || q->type == HOY_TYPE_IXFR || (q->class != 1 && q->class != 255))
		return REFUSED;
	return NOERROR;
}

static void put(struct answer *a, const void *bytes, size_t len)
{
	if (a->len + len <= a->room)
		memcpy(a->at + a->len, bytes, len);
	a->len += len;		/* beyond the room: the set did not fit */
}

static void put16(struct answer *a, unsigned n)
{
	uint8_t be[2];

	set16(be, n);
	put(a, be, 2);
}

static size_t shared_prefix(const struct key *a, const struct key *b)
{
	size_t at = 0;

	while (at < a->len && at < b->len && memcmp(a->at + at, b->at + at, a->at[at] + 1u) == 0)
		at += a->at[at] + 1u;
	return at;
}

/*
 * A name, its end a pointer to where that stands already. Only owners are pointed at and
 * written so: they are most of what repeats.
 */
static void put_owner(struct answer *a, const struct key *key)
{
	size_t shared = 0, to = 0, start = a->len;
	struct key rest = *key;

	for (unsigned i = 0; i < a->seen_count; i++) {
		size_t prefix = shared_prefix(key, a->seen[i].key);

		if (prefix > shared) {
			shared = prefix;
			to = a->seen[i].at + a->seen[i].key->len - prefix;
		}
	}
	while (rest.len > shared) {
		rest.len = key_parent(&rest);
		put(a, rest.at + rest.len, rest.at[rest.len] + 1u);
	}
	if (shared)
		put16(a, 0xc000 | (unsigned)to);
	else
		put(a, "", 1);
	if (a->seen_count < SEEN_MOST && key->len > shared && start < 0x3f00 && a->len <= a->room) {
		a->seen[a->seen_count].key = key;
		a->seen[a->seen_count++].at = start;
	}
}

static void put_record(struct answer *a, const struct key *owner, const struct rr *rr, uint32_t ttl)
{
	put_owner(a, owner);
	put16(a, rr->type);
	put16(a, 1);
	put16(a, ttl >> 16);
	put16(a, ttl & 0xffff);
	put16(a, rr->size);
	put(a, rr->data, rr->size);
}

/* The records of one type (or of any) from rr on, under this owner; how many. All, or none and TC. */
static unsigned put_set(struct answer *a, int section, const struct key *owner, const struct rr *rr, uint16_t type)
{
	size_t before = a->len;
	unsigned seen = a->seen_count, count = 0;
	const struct key *key = rr ? &rr->key : NULL;
	const struct rr *end = a->zones->rr + a->zones->count;

	for (; rr && rr < end && key_equal(&rr->key, key); rr++) {
		if (type != rr->type && type != HOY_TYPE_ANY)
			continue;
		put_record(a, owner, rr, rr->ttl);
		count++;
	}
	if (a->len > a->room) {
		a->len = before;
		a->seen_count = seen;
		if (section != ADDITIONAL)
			a->flags |= TC;
	} else {
		a->count[section] = (uint16_t)(a->count[section] + count);
	}
	return count;
}

/* A record that a reply makes no sense without. */
static void put_one(struct answer *a, int section, const struct key *owner, const struct rr *rr, uint32_t ttl)
{
	size_t before = a->len;

	put_record(a, owner, rr, ttl);
	if (a->len > a->room) {
		a->len = before;
		a->flags |= TC;
	} else {
		a->count[section]++;
	}
}

/* The SOA that a negative answer needs, for as long as it may be remembered (RFC 2308 section 3). */
static void put_negative(struct answer *a, const struct rr *soa)
{
	const uint8_t *p = soa->data + soa->size - 4;
	uint32_t minimum = (uint32_t)get16(p) << 16 | get16(p + 2);

	put_one(a, AUTHORITY, &soa->key, soa, minimum < soa->ttl ? minimum : soa->ttl);
}

static void put_glue(struct answer *a, const struct rr *ns)
{
	const struct rr *end = a->zones->rr + a->zones->count;

	for (const struct rr *rr = ns; rr < end && key_equal(&rr->key, &ns->key) && rr->type == HOY_TYPE_NS; rr++) {
		const struct rr *host;
		struct key key;

		key_of(&key, rr->data);
		host = zones_find(a->zones, &key);
		if (!host || !key_within(&key, &ns->key))
			continue;
		put_set(a, ADDITIONAL, &host->key, host, HOY_TYPE_A);
		put_set(a, ADDITIONAL, &host->key, host, HOY_TYPE_AAAA);
	}
}

/*
 * The first record on the way down from the top of the zone to the name that hands the rest of the way to others: an NS
 * below the top, where another zone begins, or a DNAME above the name. NULL: there is none.
 */
static const struct rr *find_border(const struct answer *a, const struct rr *soa, const struct key *name)
{
	struct key at = *name;

	for (size_t len = soa->key.len;; len += name->at[len] + 1u) {
		const struct rr *node, *border = NULL;

		at.len = (uint8_t)len;
		node = zones_find(a->zones, &at);
		/* the DS of a cut is this zone's (RFC 4035 section 3.1.4.1) */
		if (len > soa->key.len && (len < name->len || a->q->type != HOY_TYPE_DS))
			border = zones_set(a->zones, node, HOY_TYPE_NS);
		if (!border && len < name->len)
			border = zones_set(a->zones, node, HOY_TYPE_DNAME);
		if (border || len == name->len)
			return border;
	}
}

/* Another server's authority begins at these NS records (RFC 1034 section 4.3.2, 3b). */
static void put_referral(struct answer *a, const struct rr *ns)
{
	a->flags &= (uint16_t)~AA;
	put_set(a, AUTHORITY, &ns->key, ns, HOY_TYPE_NS);
	put_glue(a, ns);
}

/* The labels of the name that lie below the DNAME, and its target behind them. 0: that is too long for a name. */
static size_t substitute(const struct key *name, const struct rr *dname, uint8_t wire[NAME_MOST])
{
	struct key rest = *name;
	size_t len = 0;

	while (rest.len > dname->key.len) {
		rest.len = key_parent(&rest);
		memcpy(wire + len, rest.at + rest.len, rest.at[rest.len] + 1u);
		len += rest.at[rest.len] + 1u;
	}
	if (len + dname->size > NAME_MOST)
		return 0;
	memcpy(wire + len, dname->data, dname->size);
	return len + dname->size;
}

/* The DNAME, and the CNAME that follows from it for this name (RFC 6672 section 3.1). True: it leads to *next. */
static bool put_dname(struct answer *a, const struct key *name, const struct rr *dname, struct key *next)
{
	uint8_t wire[NAME_MOST];
	struct rr cname = { .type = HOY_TYPE_CNAME, .data = wire };

	put_set(a, ANSWER, &dname->key, dname, HOY_TYPE_DNAME);
	cname.size = (uint16_t)substitute(name, dname, wire);
	if (!cname.size) {
		a->rcode = YXDOMAIN;
		return false;
	}
	put_one(a, ANSWER, name, &cname, dname->ttl);
	key_of(next, wire);
	return a->q->type != HOY_TYPE_CNAME && a->q->type != HOY_TYPE_ANY;
}

/*
 * Whose records a name has: its own, or those of * at its closest encloser, which may be there
 * without any (RFC 4592 section 2.2.2). False: there is no such name.
 */
static bool find_source(const struct zones *z, const struct key *name, struct key *source)
{
	*source = *name;
	if (zones_has(z, name))
		return true;
	do
		source->len = key_parent(source);
	while (source->len && !zones_has(z, source));
	if (source->len + 2u > sizeof source->at)
		return false;
	memcpy(source->at + source->len, "\1*", 2);
	source->len = (uint8_t)(source->len + 2);
	return zones_has(z, source);
}

/* The SOA of the zone that answers. The DS of a zone's top is the business of the zone above, if that is here too. */
static const struct rr *zone_of(const struct answer *a, const struct key *name)
{
	const struct rr *soa = zones_soa(a->zones, name), *above = NULL;
	struct key parent = *name;

	if (a->q->type == HOY_TYPE_DS && soa && name->len && key_equal(&soa->key, name)) {
		parent.len = key_parent(name);
		above = zones_soa(a->zones, &parent);
	}
	return above ? above : soa;
}

/* The records of the name itself, or of the wildcard that stands for it. True: a CNAME leads on, to *next. */
static bool put_node(struct answer *a, const struct rr *soa, const struct key *name, struct key *next)
{
	const struct rr *node = NULL, *cname;
	struct key source;

	if (find_source(a->zones, name, &source))
		node = zones_find(a->zones, &source);
	else
		a->rcode = NXDOMAIN;
	if (put_set(a, ANSWER, name, node, a->q->type))
		return false;
	cname = zones_set(a->zones, node, HOY_TYPE_CNAME);
	if (!cname) {
		put_negative(a, soa);
		return false;
	}
	put_set(a, ANSWER, name, cname, HOY_TYPE_CNAME);
	key_of(next, cname->data);
	return true;
}

/* One name. True: a CNAME or DNAME leads on, to *next. */
static bool answer_name(struct answer *a, const struct key *name, struct key *next)
{
	const struct rr *soa = zone_of(a, name), *border;

	if (!soa) {
		if (name == a->name)
			a->rcode = REFUSED;
		return false;
	}
	a->flags |= name == a->name ? AA : 0;
	border = find_border(a, soa, name);
	if (!border)
		return put_node(a, soa, name, next);
	if (border->type == HOY_TYPE_DNAME)
		return put_dname(a, name, border, next);
	put_referral(a, border);
	return false;
}

/* Has the chain of CNAMEs been at its last name before? */
static bool turns_back(const struct answer *a, unsigned last)
{
	for (unsigned i = 0; i < last; i++)
		if (key_equal(&a->name[i], &a->name[last]))
			return true;
	return false;
}

static void answer_question(struct answer *a)
{
	unsigned i = 0;

	a->name[0] = a->q->key;
	a->seen[a->seen_count].key = &a->name[0];
	a->seen[a->seen_count++].at = HEADER;
	while (answer_name(a, &a->name[i], &a->name[i + 1]))
		if (++i == LINKS_MOST || turns_back(a, i))
			break;
}

static void put_opt(struct answer *a)
{
	uint8_t opt[OPT_SIZE] = { 0, 0, HOY_TYPE_OPT };

	set16(opt + 3, UDP_MOST);
	opt[5] = (uint8_t)(a->rcode >> 4);
	a->room += OPT_SIZE;
	put(a, opt, sizeof opt);
	a->count[ADDITIONAL]++;
}

static void tell(struct asked *asked, const struct question *q, unsigned rcode)
{
	key_string(&q->key, asked->name);
	hoy_type_string(q->type, asked->type);
	asked->rcode = rcode;
}

size_t zones_answer(const struct zones *z, const uint8_t *query, size_t len, bool udp, uint8_t *reply, size_t size,
		    struct asked *asked)
{
	struct question q = { .id = 0 };
	struct answer a = { .zones = z, .q = &q, .at = reply, .room = size };

	if (len < HEADER || get16(query + 2) & QR)
		return 0;
	q.id = (uint16_t)get16(query);
	q.flags = (uint16_t)get16(query + 2);
	a.rcode = read_question(&q, query, len);
	if (udp && a.room > UDP_PLAIN) {
		size_t most = q.udp_size < UDP_PLAIN ? UDP_PLAIN : q.udp_size > UDP_MOST ? UDP_MOST : q.udp_size;

		a.room = most < a.room ? most : a.room;
	}
	a.room -= q.has_opt ? OPT_SIZE : 0;
	put(&a, query, q.end);
	a.count[0] = q.end > HEADER;
	if (a.rcode == NOERROR)
		answer_question(&a);
	if (q.has_opt)
		put_opt(&a);
	set16(reply + 2, QR | (q.flags & (0x7800 | RD)) | a.flags | (a.rcode & 15));
	for (int i = 0; i < 4; i++)
		set16(reply + 4 + 2 * i, a.count[i]);
	tell(asked, &q, a.rcode);
	return a.len;
}
