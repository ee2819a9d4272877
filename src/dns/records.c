/*
 * Records by the name of their owner: MX, NS, SRV, TXT, PTR, SVCB and HTTPS. Host names in
 * them that are none are left out and counted; the order is the one to use them in.
 */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/lookup.h"
#include "dns/order.h"
#include "dns/msg/svcb.h"
#include "os/os.h"

enum { ALIASES = 8 };		/* of a service, at most: each is a question more */

/* The data's host name into hits, with its numbers; counts it as dropped if it is no name. */
static int add_host(struct hoy__lookup *l, const struct hoy__name *name, struct hoy__hit hit)
{
	char text[HOY__NAME_STRLEN];
	int code;

	if (!hoy__name_is_domain(name)) {
		l->answer.dropped++;
		return 0;
	}
	hoy__name_text(name, text);
	hit.len = strlen(text);
	code = hoy__hits_keep(&l->hits, text, hit.len, &hit.text);
	return code < 0 ? code : hoy__hits_add(&l->hits, &hit);
}

/* Some put an address where a host's name belongs; Go lets it pass. */
static int add_mx(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	struct hoy__hit hit = { .number = { data->mx.preference } };
	char text[HOY__NAME_STRLEN];
	size_t len = strlen(hoy__name_text(&data->mx.host, text));
	hoy_ip ip;
	int code;

	if (hoy__name_is_domain(&data->mx.host))
		return add_host(l, &data->mx.host, hit);
	hit.len = len;
	text[len - (len && text[len - 1] == '.')] = 0;
	if (hoy_parse_ip(text, &ip, NULL) < 0)
		return add_host(l, &data->mx.host, hit);
	text[strlen(text)] = '.';
	code = hoy__hits_keep(&l->hits, text, len, &hit.text);
	return code < 0 ? code : hoy__hits_add(&l->hits, &hit);
}

/* Its strings, joined: put down as they are, then closed up. */
static int add_txt(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	struct hoy__bytes rest = data->txt, string;
	struct hoy__hit hit = { 0 };
	int code = hoy__hits_keep(&l->hits, rest.at, rest.len, &hit.text);

	if (code < 0)
		return code;
	while (hoy__next_string(&rest, &string)) {
		memcpy(l->hits.pool + hit.text + hit.len, string.at, string.len);
		hit.len += string.len;
	}
	l->hits.pool[hit.text + hit.len] = 0;
	return hoy__hits_add(&l->hits, &hit);
}

/* "." is the owner's own name; of an alias it says that there is no service (RFC 9460 section 2.5). */
static const char *target_of(struct hoy__lookup *l, const struct hoy__rdata *data, char text[HOY__NAME_STRLEN])
{
	if (data->svcb.priority && data->svcb.target.len == 1)
		return l->answer.name;
	return hoy__name_text(&data->svcb.target, text);
}

/* An alias's parameters are to be ignored (RFC 9460 section 2.4.2). */
static int add_svcb(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	struct hoy__bytes params = data->svcb.priority ? data->svcb.params : (struct hoy__bytes){ 0 };
	struct hoy__hit hit = { .number = { data->svcb.priority }, .size = params.len };
	char text[HOY__NAME_STRLEN];
	const char *target = target_of(l, data, text);
	size_t room;
	int code = hoy__svcb_room(params, &room);

	if (code < 0)
		return code;
	hit.len = strlen(target);
	if (code == 0 || !hoy__is_domain_name(target, hit.len)) {
		l->answer.dropped++;
		return 0;
	}
	code = hoy__hits_keep(&l->hits, target, hit.len, &hit.text);
	if (code == 0)
		code = hoy__hits_keep(&l->hits, params.at, params.len, &hit.data);
	if (code == 0)
		code = hoy__hits_room(&l->hits, room, &hit.name);
	return code == 0 ? hoy__hits_add(&l->hits, &hit) : code;
}

static int add_record(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	switch (data->type) {
	case HOY__MX:
		return add_mx(l, data);
	case HOY__SRV:
		return add_host(l, &data->srv.target, (struct hoy__hit){
				.number = { data->srv.priority, data->srv.weight, data->srv.port } });
	case HOY__TXT:
		return add_txt(l, data);
	case HOY__SVCB:
	case HOY__HTTPS:
		return add_svcb(l, data);
	default:
		return add_host(l, &data->name, (struct hoy__hit){ 0 });
	}
}

static uint32_t draw(void *ctx, uint32_t limit)
{
	uint32_t luck = 0;

	(void)ctx;
	hoy__os_random(&luck, sizeof luck);
	return (uint32_t)((uint64_t)luck * limit >> 32);
}

typedef void orderer(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx);

static orderer *order_of(uint16_t type)
{
	switch (type) {
	case HOY__SRV:
		return hoy__order_srv;
	case HOY__MX:
	case HOY__SVCB:
	case HOY__HTTPS:
		return hoy__order_mx;
	default:
		return NULL;
	}
}

static int put_in_order(struct hoy__hits *hits, orderer *order)
{
	size_t n = hits->count;
	struct hoy__ranked *ranked;
	struct hoy__hit *list;

	if (n < 2 || !order)
		return 0;
	ranked = hoy__alloc(n * sizeof *ranked);
	list = hoy__alloc(n * sizeof *list);
	for (size_t i = 0; ranked && i < n; i++)
		ranked[i] = (struct hoy__ranked){ hits->list[i].number[0], hits->list[i].number[1], i };
	if (ranked && list) {
		order(ranked, n, draw, NULL);
		for (size_t i = 0; i < n; i++)
			list[i] = hits->list[ranked[i].index];
		memcpy(hits->list, list, n * sizeof *list);
	}
	hoy__release(ranked);
	hoy__release(list);
	return ranked && list ? 0 : -ENOMEM;
}

static bool is_service(uint16_t type)
{
	return type == HOY__SVCB || type == HOY__HTTPS;
}

/* Who is left with no service he could use goes on without SVCB: to him there is no such data. */
static int ask_records(struct hoy__lookup *l, const char *name, uint16_t type)
{
	const struct hoy__want w = { .type = { type }, .types = 1, .add = add_record };
	int code = hoy__lookup_ask(l, name, &w);

	if (code == 0 && !l->hits.count)
		code = is_service(type) ? HOY_ENODATA : hoy__lookup_badnames(l);
	return code == 0 ? put_in_order(&l->hits, order_of(type)) : code;
}

/* ---- aliases of services: RFC 9460 section 3 ---- */

/* Of several one at random, as they are shuffled; services beside them do not count (section 2.4.1). */
static bool is_alias(const struct hoy__hits *hits)
{
	return hits->count && hits->list[0].number[0] == 0;
}

static int follow_alias(struct hoy__lookup *l, uint16_t type, char name[HOY_NAME_STRLEN])
{
	const struct hoy__hit *alias = &l->hits.list[0];
	hoy_answer earlier = l->answer;
	int code;

	memcpy(name, l->hits.pool + alias->text, alias->len + 1);
	hoy__hits_clear(&l->hits);
	if (strcmp(name, ".") == 0)
		return HOY_ENODATA;
	l->answer = hoy__answer_without_reply(HOY_SOURCE_NONE);
	code = ask_records(l, name, type);
	if (hoy_is_not_found(code)) {	/* the alias is an answer all the same */
		l->answer.ttl = earlier.ttl;
		l->answer.rcode = earlier.rcode;
		l->answer.authenticated = earlier.authenticated;
		memcpy(l->answer.name, name, HOY_NAME_STRLEN);
	}
	if (code == 0 || hoy_is_not_found(code))
		hoy__lookup_join(&l->answer, &earlier);
	return code;
}

/* Where they lead is to be tried as well, after the services that are there, or instead of any. */
static int follow_aliases(struct hoy__lookup *l, uint16_t type)
{
	struct hoy__hit end = { 0 };
	char name[HOY_NAME_STRLEN] = "";
	int code = 0;

	for (int hops = 0; code == 0 && is_alias(&l->hits); hops++)
		code = hops < ALIASES ? follow_alias(l, type, name) : HOY_EMESSAGE;
	if ((code < 0 && !hoy_is_not_found(code)) || strcmp(name, ".") == 0)
		return code;
	end.len = strlen(name);
	code = hoy__hits_keep(&l->hits, name, end.len, &end.text);
	return code == 0 ? hoy__hits_add(&l->hits, &end) : code;
}

int hoy__lookup_records(struct hoy__lookup *l, uint16_t type)
{
	int code = hoy__lookup_refuse(l);

	if (code == 0)
		code = ask_records(l, l->name, type);
	return code == 0 && is_service(type) && is_alias(&l->hits) ? follow_aliases(l, type) : code;
}

/* ---- names of an address ---- */

static int take_names(struct hoy__lookup *l, const void *addr)
{
	struct hoy__host *const *host;
	size_t n = hoy__hosts_by_addr(&l->resolver->conf.hosts, addr, &host);
	int code = 0;

	for (size_t i = 0; code == 0 && i < n; i++) {
		struct hoy__hit hit = { .len = strlen(host[i]->name) };

		if (!hoy__is_domain_name(host[i]->name, hit.len)) {
			l->answer.dropped++;
			continue;
		}
		code = hoy__hits_keep(&l->hits, host[i]->name, hit.len, &hit.text);
		if (code == 0)
			code = hoy__hits_add(&l->hits, &hit);
	}
	return code;
}

static int ask_names(struct hoy__lookup *l, const hoy_addr *addr)
{
	const struct hoy__want w = { .type = { HOY__PTR }, .types = 1, .add = add_record };
	char name[HOY_REVERSE_STRLEN];
	int code;

	if (addr->zone[0])
		return HOY_EUNRECOGNIZED;
	code = hoy__lookup_ask(l, hoy_ip_reverse_name(addr->ip, name), &w);
	return code == 0 && !l->hits.count ? hoy__lookup_badnames(l) : code;
}

int hoy__lookup_names(struct hoy__lookup *l, const hoy_addr *addr)
{
	int code = HOY_ENOHOST, hosts;

	for (size_t i = 0; i < LEN(l->order) && l->order[i]; i++) {
		if (l->order[i] == HOY__DNS)
			code = ask_names(l, addr);
		else if ((hosts = hoy__lookup_hosts(l, take_names, addr)) < 0)
			return hosts;
		if (l->hits.count)
			return 0;
		if (l->order[i] == HOY__FILES && l->answer.dropped)
			return hoy__lookup_badnames(l);
		if (hoy__lookup_is_final(code))
			break;
	}
	return code;
}
