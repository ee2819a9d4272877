/* What holds for all records of a file together: none is there twice, and none where it may not be. */
#include <stdlib.h>
#include <string.h>

#include "zone_read.h"

static int compare_sets(const struct rr *a, const struct rr *b)
{
	int order = key_compare(&a->key, &b->key);

	return order ? order : a->type - b->type;
}

static bool same_set(const struct rr *a, const struct rr *b)
{
	return compare_sets(a, b) == 0;
}

static int compare_data(const struct rr *a, const struct rr *b)
{
	return a->size != b->size ? a->size - b->size : memcmp(a->data, b->data, a->size);
}

/* By name and type, and the records of one set as they came. */
static int by_order(const void *a, const void *b)
{
	const struct rr *x = a, *y = b;
	int order = compare_sets(x, y);

	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static int by_data(const void *a, const void *b)
{
	int order = compare_sets(a, b);

	if (!order)
		order = compare_data(a, b);
	return order ? order : by_order(a, b);
}

/* A record given twice counts once (RFC 2181 section 5): the first. The records are sorted by data. */
static void drop_doubles(struct zones *z)
{
	size_t kept = 0;

	for (size_t i = 0; i < z->count; i++)
		if (kept && same_set(&z->rr[kept - 1], &z->rr[i]) && compare_data(&z->rr[kept - 1], &z->rr[i]) == 0)
			free(z->rr[i].data);
		else
			z->rr[kept++] = z->rr[i];
	z->count = kept;
}

/* Reports a mistake in a record, which may be from an included file. */
static int wrong_record(struct reading *r, const struct rr *rr, const char *mistake)
{
	r->file = rr->file;
	return wrong(r, rr->line, "%s", mistake);
}

/* What may stand beside a CNAME: what signs it, or says that nothing else is there (RFC 4034, RFC 2535). */
static bool is_beside_cname(uint16_t type)
{
	return type == HOY_TYPE_RRSIG || type == HOY_TYPE_NSEC || type == HOY_TYPE_SIG || type == HOY_TYPE_NXT ||
	       type == HOY_TYPE_KEY;
}

static bool is_alone(const struct zones *z, const struct rr *cname)
{
	const struct rr *rr = zones_find(z, &cname->key), *end = z->rr + z->count;

	for (; rr < end && key_equal(&rr->key, &cname->key); rr++)
		if (rr != cname && !is_beside_cname(rr->type))
			return false;
	return true;
}

/* Below a DNAME nothing may be (RFC 6672 section 2.4), up to where another zone begins. */
static const struct rr *below_dname(const struct zones *z, const struct rr *dname)
{
	const struct rr *rr = dname, *end = z->rr + z->count;

	while (rr < end && key_equal(&rr->key, &dname->key))
		rr++;
	for (; rr < end && key_within(&rr->key, &dname->key); rr++)
		if (zones_soa(z, &rr->key) == zones_soa(z, &dname->key))
			return rr;
	return NULL;
}

static int check_dname(struct reading *r, const struct rr *dname)
{
	const struct rr *below = below_dname(r->zones, dname);
	char text[KEY_STRLEN];

	if (below) {
		r->file = below->file;
		return wrong(r, below->line, "nothing may be below %.160s, which has a DNAME in line %u",
			     key_string(&dname->key, text), dname->line);
	}
	if (zones_set(r->zones, zones_find(r->zones, &dname->key), HOY_TYPE_NS) &&
	    !zones_set(r->zones, zones_find(r->zones, &dname->key), HOY_TYPE_SOA))
		return wrong_record(r, dname, "a DNAME may not stand beside NS records, but at the top of a zone");
	return 0;
}

static int check_record(struct reading *r, const struct rr *rr)
{
	const struct zones *z = r->zones;
	bool is_second = rr > z->rr && same_set(rr - 1, rr);

	if (!zones_soa(z, &rr->key))
		return wrong_record(r, rr, "the record lies in no zone: no SOA at its name or above it");
	if (rr->type == HOY_TYPE_SOA && is_second) {
		r->file = rr->file;
		return wrong(r, rr->line, "the zone has a SOA already, in line %u", rr[-1].line);
	}
	if (rr->type == HOY_TYPE_CNAME && !is_alone(z, rr))
		return wrong_record(r, rr, "a CNAME may not stand beside other records of its name");
	if (rr->type == HOY_TYPE_DNAME && is_second)
		return wrong_record(r, rr, "a name has one DNAME at most");
	return rr->type == HOY_TYPE_DNAME ? check_dname(r, rr) : 0;
}

/* Without any SOA, each record would lie in no zone: the first stands for all, unless the SOA is among earlier mistakes. */
static int check_without_soa(struct reading *r)
{
	return r->checking && r->checking->mistakes ? -1 : check_record(r, r->zones->rr);
}

int check_zones(struct reading *r)
{
	struct zones *z = r->zones;
	int code = 0;

	if (!z->count)
		return r->checking && r->checking->mistakes ? -1 : wrong(r, 0, "there are no records in it");
	qsort(z->rr, z->count, sizeof *z->rr, by_data);
	drop_doubles(z);
	qsort(z->rr, z->count, sizeof *z->rr, by_order);
	if (!zones_next_soa(z, NULL))
		return check_without_soa(r);
	for (size_t i = 0; i < z->count && (code == 0 || goes_on(r)); i++)
		code = check_record(r, &z->rr[i]) < 0 ? -1 : code;
	return code;
}
