/*
 * What a lookup found becomes the caller's list: items, then their text, then where it
 * all came from, in one block. And what it did not find becomes Go's sentence.
 */
#include <errno.h>
#include <string.h>

#include "dns/resolver.h"
#include "dns/msg/svcb.h"
#include "dns/msg/text.h"
#include "base/fail.h"
#include "ip/resolve.h"
#include "net/net.h"

/* ---- lists ---- */

/* How one kind of list is made of results. */
struct shape {
	size_t size;			/* of an item */
	void (*put)(void *item, const struct hoy__result *result, char *pool);
};

static void put_ip(void *item, const struct hoy__result *result, char *pool)
{
	(void)pool;
	*(hoy_ip *)item = result->ip;
}

static void put_addr(void *item, const struct hoy__result *result, char *pool)
{
	hoy_addr *addr = item;

	(void)pool;
	*addr = (hoy_addr){ .kind = HOY_ADDR_IP, .ip = result->ip };
	memcpy(addr->zone, result->zone, sizeof addr->zone);
}

static void put_text(void *item, const struct hoy__result *result, char *pool)
{
	*(char **)item = pool + result->text;
}

static void put_mx(void *item, const struct hoy__result *result, char *pool)
{
	*(hoy_mx *)item = (hoy_mx){ pool + result->text, result->number[0] };
}

static void put_ns(void *item, const struct hoy__result *result, char *pool)
{
	*(hoy_ns *)item = (hoy_ns){ pool + result->text };
}

static void put_txt(void *item, const struct hoy__result *result, char *pool)
{
	*(hoy_txt *)item = (hoy_txt){ pool + result->text, result->len };
}

static void put_srv(void *item, const struct hoy__result *result, char *pool)
{
	*(hoy_srv *)item = (hoy_srv){ .target = pool + result->text, .priority = result->number[0],
				      .weight = result->number[1], .port = result->number[2] };
}

static void put_svcb(void *item, const struct hoy__result *result, char *pool)
{
	struct hoy__bytes params = { (const uint8_t *)pool + result->data, result->size };

	*(hoy_svcb *)item = (hoy_svcb){ .target = pool + result->text, .priority = result->number[0] };
	hoy__svcb_fill(item, params, pool + result->name);
}

hoy_record hoy__record_of(const struct hoy__result *result, char *pool)
{
	return (hoy_record){
		.name = pool + result->name, .type = result->number[0], .rrclass = result->number[1], .ttl = result->ttl,
		.section = (uint8_t)result->number[2], .data = pool + result->data, .len = result->size,
		.text = pool + result->text,
	};
}

static void put_record(void *item, const struct hoy__result *result, char *pool)
{
	*(hoy_record *)item = hoy__record_of(result, pool);
}

static const struct shape ips = { sizeof(hoy_ip), put_ip }, addrs = { sizeof(hoy_addr), put_addr },
	texts = { sizeof(char *), put_text }, mxs = { sizeof(hoy_mx), put_mx }, nss = { sizeof(hoy_ns), put_ns },
	txts = { sizeof(hoy_txt), put_txt }, srvs = { sizeof(hoy_srv), put_srv },
	svcbs = { sizeof(hoy_svcb), put_svcb }, records = { sizeof(hoy_record), put_record };

/* The count, and the list; texts end in a NULL as well. */
static int make_list(const struct hoy__lookup *l, const struct shape *shape, void **list)
{
	const struct hoy__results *results = &l->results;
	size_t items = results->count * shape->size + sizeof(char *), align = sizeof(uint64_t);
	size_t answer_at = (items + align - 1) / align * align, extra = l->answer.extra ? sizeof l->words : 0;
	size_t size = answer_at + sizeof(hoy_answer) + results->used + extra + l->answer.nsid_len;
	char *block = hoy__block_resize(NULL, size), *pool;
	hoy_answer answer = l->answer;

	if (!block)
		return -ENOMEM;
	pool = block + answer_at + sizeof(hoy_answer);
	if (results->used)
		memcpy(pool, results->pool, results->used);
	for (size_t i = 0; i < results->count; i++)
		shape->put(block + i * shape->size, &results->list[i], pool);
	memset(block + results->count * shape->size, 0, answer_at - results->count * shape->size);
	if (extra)
		answer.extra = memcpy(pool + results->used, l->words, extra);
	if (answer.nsid_len)
		answer.nsid = memcpy(pool + results->used + extra, l->nsid, answer.nsid_len);
	memcpy(block + answer_at, &answer, sizeof answer);
	hoy__block_note(block, block + answer_at);
	*list = block;
	return (int)results->count;
}

const hoy_answer *hoy_answer_of(const void *list)
{
	return list ? hoy__block_noted(list) : NULL;
}

/* ---- errors ---- */

static int fail(const struct hoy__lookup *l, const char *subject, int code, hoy_err *err)
{
	if (code == HOY_EUNSUITABLE)
		return hoy__addr_fail(code, subject, 0, err);
	hoy__lookup_fail(code, subject, err);
	if (err) {
		err->addr = l->answer.server;
		err->rcode = l->answer.rcode;
		if (l->answer.has_extended)
			hoy__extended_tell(l->answer.extended, l->answer.extra, err);
	}
	return code;
}

/* The end of every lookup: the list is made, or the story told. subject is what Go names in it. */
static int finish(struct hoy__lookup *l, const struct shape *shape, int code, const char *subject, void **list,
		  hoy_err *err)
{
	void *made = NULL;

	if (code == 0 && shape)
		code = make_list(l, shape, &made);
	if (code < 0)
		fail(l, subject, code, err);
	hoy__lookup_end(l, code < 0 ? code : 0);
	if (made)
		*list = made;
	return code;
}

/* ---- addresses ---- */

/* Go hands out IPv4 in IPv6's clothes as what it is. */
static bool is_of(const struct hoy__result *result, int family)
{
	return !family || (hoy_ip_to4(result->ip).len ? 4 : 6) == family;
}

/* Literals and the hosts file know nothing of families. */
static int keep_family(struct hoy__results *results, int family)
{
	size_t kept = 0;

	for (size_t i = 0; i < results->count; i++)
		if (is_of(&results->list[i], family))
			results->list[kept++] = results->list[i];
	results->count = kept;
	return kept ? 0 : HOY_EUNSUITABLE;
}

static int find_addresses(struct hoy__lookup *l, int family)
{
	int code = hoy__lookup_addresses(l, family);

	if (code == 0)
		code = keep_family(&l->results, family);
	if (code == 0)
		hoy__routes_sort(&l->resolver->routes, &l->results);
	return code;
}

/* The addresses of the family that is known first, as a list of the dial's. */
static void take_first(struct hoy__meanwhile *m, const struct hoy__found *found)
{
	struct hoy__early *e = container_of(m, struct hoy__early, meanwhile);
	struct hoy__lookup *l = e->lookup;
	hoy_addr *list = NULL;

	if (hoy__lookup_first_addresses(l, found) == 0 && l->results.count) {
		hoy__routes_sort(&l->resolver->routes, &l->results);
		list = hoy__alloc(l->results.count * sizeof *list);
	}
	for (size_t i = 0; list && i < l->results.count; i++)
		put_addr(&list[i], &l->results.list[i], NULL);
	if (list)
		e->start(e, list, l->results.count);
	hoy__results_clear(&l->results);
}

static int lookup_addresses(hoy_resolver *r, const char *name, int family, int64_t deadline, struct hoy__early *early,
			    const struct shape *shape, void **list, hoy_err *err)
{
	struct hoy__lookup l;
	int code = hoy__lookup_begin(&l, r, name);

	l.policy.deadline = hoy__earlier(l.policy.deadline, deadline);
	if (code >= 0 && early && !(l.resolver->flags & HOY_RESOLVER_STRICT_ERRORS)) {
		early->lookup = &l;
		early->meanwhile.found = take_first;
		l.policy.meanwhile = &early->meanwhile;
	}
	if (code >= 0)
		code = find_addresses(&l, family);
	return finish(&l, shape, code, name, list, early && early->begun ? NULL : err);
}

int hoy_resolver_lookup_ip(hoy_resolver *r, const char *network, const char *name, hoy_ip **list, hoy_err *err)
{
	struct hoy__network net;
	int n = hoy__network_parse(network, &net, err);
	void *found = NULL;

	if (n == 0 && net.kind != HOY_ADDR_IP)
		n = hoy__network_fail(network, err);
	if (n == 0)
		n = lookup_addresses(r, name, net.family, HOY__NEVER, NULL, &ips, &found, err);
	if (n >= 0)
		*list = found;
	return n;
}

int hoy__lookup_until(hoy_resolver *r, const char *name, int family, int64_t deadline, struct hoy__early *early,
		      hoy_addr **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_addresses(r, name, family, deadline, early, &addrs, &found, err);

	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_lookup_ip_addr(hoy_resolver *r, const char *name, hoy_addr **list, hoy_err *err)
{
	return hoy__lookup_until(r, name, 0, HOY__NEVER, NULL, list, err);
}

/* As Go: a literal stays as it was written, and what is in the hosts file as it is there, order included. */
static int write_addresses(struct hoy__lookup *l)
{
	int code = 0;

	if (l->answer.source == HOY_SOURCE_LITERAL) {
		l->results.count = 1;
		return hoy__results_keep(&l->results, l->name, strlen(l->name), &l->results.list[0].text);
	}
	if (l->answer.source != HOY_SOURCE_HOSTS)
		hoy__routes_sort(&l->resolver->routes, &l->results);
	for (size_t i = 0; code == 0 && i < l->results.count; i++) {
		struct hoy__result *result = &l->results.list[i];
		char text[HOY_ADDR_STRLEN];
		hoy_addr addr;

		put_addr(&addr, result, NULL);
		(l->answer.source == HOY_SOURCE_HOSTS ? hoy_addr_string_4in6 : hoy_addr_string)(&addr, text);
		code = hoy__results_keep(&l->results, text, strlen(text), &result->text);
	}
	return code;
}

int hoy_resolver_lookup_host(hoy_resolver *r, const char *name, char ***list, hoy_err *err)
{
	struct hoy__lookup l;
	int code = hoy__lookup_begin(&l, r, name);
	void *found = NULL;

	if (code >= 0)
		code = hoy__lookup_addresses(&l, 0);
	if (code == 0)
		code = write_addresses(&l);
	code = finish(&l, &texts, code, name, &found, err);
	if (code >= 0)
		*list = found;
	return code;
}

int hoy_resolver_lookup_cname(hoy_resolver *r, const char *name, char cname[HOY_NAME_STRLEN], hoy_err *err)
{
	struct hoy__lookup l;
	int code = hoy__lookup_begin(&l, r, name);

	if (code >= 0)
		code = hoy__lookup_cname(&l);
	code = finish(&l, NULL, code, name, NULL, err);
	if (code >= 0)
		memcpy(cname, l.answer.name, HOY_NAME_STRLEN);
	return code;
}

/* ---- other records ---- */

int hoy_resolver_lookup_addr(hoy_resolver *r, const char *address, char ***names, hoy_err *err)
{
	char reverse[HOY_REVERSE_STRLEN];
	struct hoy__lookup l;
	hoy_addr addr;
	void *found = NULL;
	bool asked;
	int code;

	if (hoy_parse_addr(address, &addr, NULL) < 0)
		return hoy__lookup_fail(HOY_EUNRECOGNIZED, address, err);
	hoy_ip_reverse_name(addr.ip, reverse);
	code = hoy__lookup_begin(&l, r, reverse);
	if (code >= 0)
		code = hoy__lookup_names(&l, &addr);
	/* the name servers, now or before */
	asked = l.answer.source >= HOY_SOURCE_DNS && code != HOY_EBADNAMES && code != HOY_EUNRECOGNIZED;
	code = finish(&l, &texts, code, asked ? reverse : address, &found, err);
	if (code >= 0)
		*names = found;
	return code;
}

/* cname may be NULL. */
static int lookup_records(hoy_resolver *r, const char *name, int type, const struct shape *shape, void **list,
			  char *cname, hoy_err *err)
{
	struct hoy__lookup l;
	int code = hoy__lookup_begin(&l, r, name);

	if (code >= 0)
		code = hoy__lookup_records(&l, (uint16_t)type);
	code = finish(&l, shape, code, name, list, err);
	if (code >= 0 && cname)
		memcpy(cname, l.answer.name, HOY_NAME_STRLEN);
	return code;
}

int hoy_resolver_lookup_mx(hoy_resolver *r, const char *name, hoy_mx **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_records(r, name, HOY_TYPE_MX, &mxs, &found, NULL, err);

	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_lookup_ns(hoy_resolver *r, const char *name, hoy_ns **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_records(r, name, HOY_TYPE_NS, &nss, &found, NULL, err);

	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_lookup_txt(hoy_resolver *r, const char *name, hoy_txt **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_records(r, name, HOY_TYPE_TXT, &txts, &found, NULL, err);

	if (n >= 0)
		*list = found;
	return n;
}

/* "_service._proto.name"; false, and cut, when that is longer than any name. */
static bool service_name(char text[HOY_NAME_STRLEN], const char *service, const char *proto, const char *name)
{
	const char *const parts[] = { "_", service, "._", proto, ".", name };
	size_t first = *service || *proto ? 0 : LEN(parts) - 1, at = 0;

	for (size_t i = first; i < LEN(parts); i++) {
		size_t len = strlen(parts[i]);

		if (len >= HOY_NAME_STRLEN - at) {
			strncpy(text + at, parts[i], HOY_NAME_STRLEN - at);
			text[HOY_NAME_STRLEN - 1] = '\0';
			return false;
		}
		memcpy(text + at, parts[i], len);
		at += len;
	}
	text[at] = '\0';
	return true;
}

int hoy_resolver_lookup_srv(hoy_resolver *r, const char *service, const char *proto, const char *name,
			    char cname[HOY_NAME_STRLEN], hoy_srv **list, hoy_err *err)
{
	char target[HOY_NAME_STRLEN];
	void *found = NULL;
	int n;

	if (!service_name(target, service, proto, name))
		return hoy__lookup_fail(HOY_ENOHOST, target, err);
	n = lookup_records(r, target, HOY_TYPE_SRV, &srvs, &found, cname, err);
	if (n == HOY_EBADNAMES)
		return hoy__lookup_fail(n, name, err);
	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_lookup_svcb(hoy_resolver *r, const char *name, hoy_svcb **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_records(r, name, HOY_TYPE_SVCB, &svcbs, &found, NULL, err);

	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_lookup_https(hoy_resolver *r, const char *name, hoy_svcb **list, hoy_err *err)
{
	void *found = NULL;
	int n = lookup_records(r, name, HOY_TYPE_HTTPS, &svcbs, &found, NULL, err);

	if (n >= 0)
		*list = found;
	return n;
}

int hoy_resolver_query(hoy_resolver *r, const char *name, int type, hoy_record **list, hoy_err *err)
{
	struct hoy__lookup l;
	int code = type < 0 || type > UINT16_MAX ? -EINVAL : 0;
	void *found = NULL;

	if (code < 0)
		return hoy__plain_fail(code, err);
	code = hoy__lookup_begin(&l, r, name);
	if (code >= 0)
		code = hoy__lookup_question(&l, (uint16_t)type);
	code = finish(&l, &records, code, name, &found, err);
	if (code >= 0)
		*list = found;
	return code;
}

/* ---- by the system's resolver ---- */

int hoy_lookup_ip(const char *name, hoy_ip **list, hoy_err *err)
{
	return hoy_resolver_lookup_ip(NULL, "ip", name, list, err);
}

int hoy_lookup_ip_addr(const char *name, hoy_addr **list, hoy_err *err)
{
	return hoy_resolver_lookup_ip_addr(NULL, name, list, err);
}

int hoy_lookup_host(const char *name, char ***list, hoy_err *err)
{
	return hoy_resolver_lookup_host(NULL, name, list, err);
}

int hoy_lookup_addr(const char *address, char ***names, hoy_err *err)
{
	return hoy_resolver_lookup_addr(NULL, address, names, err);
}

int hoy_lookup_cname(const char *name, char cname[HOY_NAME_STRLEN], hoy_err *err)
{
	return hoy_resolver_lookup_cname(NULL, name, cname, err);
}

int hoy_lookup_mx(const char *name, hoy_mx **list, hoy_err *err)
{
	return hoy_resolver_lookup_mx(NULL, name, list, err);
}

int hoy_lookup_ns(const char *name, hoy_ns **list, hoy_err *err)
{
	return hoy_resolver_lookup_ns(NULL, name, list, err);
}

int hoy_lookup_txt(const char *name, hoy_txt **list, hoy_err *err)
{
	return hoy_resolver_lookup_txt(NULL, name, list, err);
}

int hoy_lookup_srv(const char *service, const char *proto, const char *name, char cname[HOY_NAME_STRLEN],
		   hoy_srv **list, hoy_err *err)
{
	return hoy_resolver_lookup_srv(NULL, service, proto, name, cname, list, err);
}

int hoy_lookup_svcb(const char *name, hoy_svcb **list, hoy_err *err)
{
	return hoy_resolver_lookup_svcb(NULL, name, list, err);
}

int hoy_lookup_https(const char *name, hoy_svcb **list, hoy_err *err)
{
	return hoy_resolver_lookup_https(NULL, name, list, err);
}
