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

/* The data's host name into results, with its numbers; counts it as dropped if it is no name. */
static int add_host(struct hoy__lookup *l, const struct hoy__name *name, struct hoy__result result)
{
	char text[HOY__NAME_STRLEN];
	int code;

	if (!hoy__name_is_domain(name)) {
		l->answer.dropped++;
		return 0;
	}
	hoy__name_text(name, text);
	result.len = strlen(text);
	code = hoy__results_keep(&l->results, text, result.len, &result.text);
	return code < 0 ? code : hoy__results_add(&l->results, &result);
}

/* Some put an address where a host's name belongs; Go lets it pass. */
static int add_mx(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	struct hoy__result result = { .number = { data->mx.preference } };
	char text[HOY__NAME_STRLEN];
	size_t len = strlen(hoy__name_text(&data->mx.host, text));
	hoy_ip ip;
	int code;

	if (hoy__name_is_domain(&data->mx.host))
		return add_host(l, &data->mx.host, result);
	result.len = len;
	text[len - (len && text[len - 1] == '.')] = 0;
	if (hoy_parse_ip(text, &ip, NULL) < 0)
		return add_host(l, &data->mx.host, result);
	text[strlen(text)] = '.';
	code = hoy__results_keep(&l->results, text, len, &result.text);
	return code < 0 ? code : hoy__results_add(&l->results, &result);
}

/* Its strings, joined: put down as they are, then closed up. */
static int add_txt(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	struct hoy__bytes rest = data->txt, string;
	struct hoy__result result = { 0 };
	int code = hoy__results_keep(&l->results, rest.at, rest.len, &result.text);

	if (code < 0)
		return code;
	while (hoy__next_string(&rest, &string)) {
		memcpy(l->results.pool + result.text + result.len, string.at, string.len);
		result.len += string.len;
	}
	l->results.pool[result.text + result.len] = 0;
	return hoy__results_add(&l->results, &result);
}

/* "." is the owner's own name; in an alias it means that there is no service (RFC 9460 section 2.5). */
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
	struct hoy__result result = { .number = { data->svcb.priority }, .size = params.len };
	char text[HOY__NAME_STRLEN];
	const char *target = target_of(l, data, text);
	size_t room;
	int code = hoy__svcb_room(params, &room);

	if (code < 0)
		return code;
	result.len = strlen(target);
	if (code == 0 || !hoy__is_domain_name(target, result.len)) {
		l->answer.dropped++;
		return 0;
	}
	code = hoy__results_keep(&l->results, target, result.len, &result.text);
	if (code == 0)
		code = hoy__results_keep(&l->results, params.at, params.len, &result.data);
	if (code == 0)
		code = hoy__results_room(&l->results, room, &result.name);
	return code == 0 ? hoy__results_add(&l->results, &result) : code;
}

static int add_record(struct hoy__lookup *l, const struct hoy__rdata *data)
{
	switch (data->type) {
	case HOY__MX:
		return add_mx(l, data);
	case HOY__SRV:
		return add_host(l, &data->srv.target, (struct hoy__result){
				.number = { data->srv.priority, data->srv.weight, data->srv.port } });
	case HOY__TXT:
		return add_txt(l, data);
	case HOY__SVCB:
	case HOY__HTTPS:
		return add_svcb(l, data);
	default:
		return add_host(l, &data->name, (struct hoy__result){ 0 });
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

static int put_in_order(struct hoy__results *results, orderer *order)
{
	size_t n = results->count;
	struct hoy__ranked *ranked;
	struct hoy__result *list;

	if (n < 2 || !order)
		return 0;
	ranked = hoy__alloc(n * sizeof *ranked);
	list = hoy__alloc(n * sizeof *list);
	for (size_t i = 0; ranked && i < n; i++)
		ranked[i] = (struct hoy__ranked){ results->list[i].number[0], results->list[i].number[1], i };
	if (ranked && list) {
		order(ranked, n, draw, NULL);
		for (size_t i = 0; i < n; i++)
			list[i] = results->list[ranked[i].index];
		memcpy(results->list, list, n * sizeof *list);
	}
	hoy__release(ranked);
	hoy__release(list);
	return ranked && list ? 0 : -ENOMEM;
}

static bool is_service(uint16_t type)
{
	return type == HOY__SVCB || type == HOY__HTTPS;
}

/* Records of services that all are unusable count as no data, so the caller goes on without SVCB. */
static int ask_records(struct hoy__lookup *l, const char *name, uint16_t type)
{
	const struct hoy__want w = { .type = { type }, .types = 1, .add = add_record };
	int code = hoy__lookup_ask(l, name, &w);

	if (code == 0 && !l->results.count)
		code = is_service(type) ? HOY_ENODATA : hoy__lookup_badnames(l);
	return code == 0 ? put_in_order(&l->results, order_of(type)) : code;
}

/* ---- aliases of services: RFC 9460 section 3 ---- */

/* Of several one at random, as they are shuffled; services beside them do not count (section 2.4.1). */
static bool is_alias(const struct hoy__results *results)
{
	return results->count && results->list[0].number[0] == 0;
}

static int follow_alias(struct hoy__lookup *l, uint16_t type, char name[HOY_NAME_STRLEN])
{
	const struct hoy__result *alias = &l->results.list[0];
	hoy_answer earlier = l->answer;
	int code;

	memcpy(name, l->results.pool + alias->text, alias->len + 1);
	hoy__results_clear(&l->results);
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
	struct hoy__result end = { 0 };
	char name[HOY_NAME_STRLEN] = "";
	int code = 0;

	for (int hops = 0; code == 0 && is_alias(&l->results); hops++)
		code = hops < ALIASES ? follow_alias(l, type, name) : HOY_EMESSAGE;
	if ((code < 0 && !hoy_is_not_found(code)) || strcmp(name, ".") == 0)
		return code;
	end.len = strlen(name);
	code = hoy__results_keep(&l->results, name, end.len, &end.text);
	return code == 0 ? hoy__results_add(&l->results, &end) : code;
}

int hoy__lookup_records(struct hoy__lookup *l, uint16_t type)
{
	int code = hoy__lookup_refuse(l);

	if (code == 0)
		code = ask_records(l, l->name, type);
	return code == 0 && is_service(type) && is_alias(&l->results) ? follow_aliases(l, type) : code;
}

/* ---- names of an address ---- */

static int take_names(struct hoy__lookup *l, const void *addr)
{
	struct hoy__host *const *host;
	size_t n = hoy__hosts_by_addr(&l->resolver->conf.hosts, addr, &host);
	int code = 0;

	for (size_t i = 0; code == 0 && i < n; i++) {
		struct hoy__result result = { .len = strlen(host[i]->name) };

		if (!hoy__is_domain_name(host[i]->name, result.len)) {
			l->answer.dropped++;
			continue;
		}
		code = hoy__results_keep(&l->results, host[i]->name, result.len, &result.text);
		if (code == 0)
			code = hoy__results_add(&l->results, &result);
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
	return code == 0 && !l->results.count ? hoy__lookup_badnames(l) : code;
}

int hoy__lookup_names(struct hoy__lookup *l, const hoy_addr *addr)
{
	int code = HOY_ENOHOST, hosts;

	for (size_t i = 0; i < LEN(l->order) && l->order[i]; i++) {
		if (l->order[i] == HOY__DNS)
			code = ask_names(l, addr);
		else if ((hosts = hoy__lookup_hosts(l, take_names, addr)) < 0)
			return hosts;
		if (l->results.count)
			return 0;
		if (l->order[i] == HOY__FILES && l->answer.dropped)
			return hoy__lookup_badnames(l);
		if (hoy__lookup_is_final(code))
			break;
	}
	return code;
}
