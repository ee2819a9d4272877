/*
 * Each kind of lookup has a call of its own in the library, with a list of its own; here
 * all of them become the same plain records, for printing and comparing.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

/* A record of the list, with its data as text. */
static void PRINTF(3, 4) add(struct finding *f, struct item item, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&item.data, format, args);
	va_end(args);
	must(len < 0 ? NULL : item.data);
	if (!item.owner)
		item.owner = f->name;
	if (!item.section)
		item.section = 1;
	f->item = must(realloc(f->item, (f->n + 1) * sizeof item));
	f->item[f->n++] = item;
}

/* All records of a list that shows one time to live have that one. */
static struct item of_list(const struct finding *f, int type)
{
	int from_dns = f->answer.source == HOY_SOURCE_DNS;

	return (struct item){ .type = type, .has_ttl = from_dns, .ttl = f->answer.ttl };
}

/* The list is the finding's now; how much is in it. */
static int keep(struct finding *f, int n, void *list)
{
	if (n < 0)
		return 0;
	f->err.code = 0;
	f->list = list;
	f->answer = *hoy_answer_of(list);
	return n;
}

/* ---- what programs ask for ---- */

static int type_of(hoy_ip ip)
{
	return ip.len == 4 ? HOY_TYPE_A : HOY_TYPE_AAAA;
}

static void find_addresses(hoy_resolver *r, struct finding *f)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr *list = NULL;
	int n = hoy_resolver_lookup_ip_addr(r, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++)
		add(f, of_list(f, type_of(list[i].ip)), "%s", hoy_addr_string(&list[i], text));
}

/* One family; literals lose their zones, which only IPv6 has. */
static void find_family(hoy_resolver *r, struct finding *f, const char *network)
{
	char text[HOY_IP_STRLEN];
	hoy_ip *list = NULL;
	int n = hoy_resolver_lookup_ip(r, network, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++)
		add(f, of_list(f, type_of(list[i])), "%s", hoy_ip_string(list[i], text));
}

static void find_a(hoy_resolver *r, struct finding *f)
{
	find_family(r, f, "ip4");
}

static void find_aaaa(hoy_resolver *r, struct finding *f)
{
	find_family(r, f, "ip6");
}

static void find_mx(hoy_resolver *r, struct finding *f)
{
	hoy_mx *list = NULL;
	int n = hoy_resolver_lookup_mx(r, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, HOY_TYPE_MX);

		item.host = list[i].host;
		item.number[0] = list[i].pref;
		add(f, item, "%d %s", list[i].pref, list[i].host);
	}
}

static void find_ns(hoy_resolver *r, struct finding *f)
{
	hoy_ns *list = NULL;
	int n = hoy_resolver_lookup_ns(r, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, HOY_TYPE_NS);

		item.host = list[i].host;
		add(f, item, "%s", list[i].host);
	}
}

static void find_srv(hoy_resolver *r, struct finding *f)
{
	hoy_srv *list = NULL;
	int n = hoy_resolver_lookup_srv(r, "", "", f->name, NULL, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, HOY_TYPE_SRV);

		item.host = list[i].target;
		memcpy(item.number, (int[]){ list[i].priority, list[i].weight, list[i].port }, sizeof item.number);
		add(f, item, "%d %d %d %s", list[i].priority, list[i].weight, list[i].port, list[i].target);
	}
}

/* As zone files quote: control characters and the quote itself cannot be misread. */
static char *quoted(const char *bytes, size_t len)
{
	char *text = must(malloc(4 * len + 3)), *at = text;

	*at++ = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < ' ' || c == 0x7f) {
			at += sprintf(at, "\\%03d", c);
			continue;
		}
		if (c == '"' || c == '\\')
			*at++ = '\\';
		*at++ = (char)c;
	}
	strcpy(at, "\"");
	return text;
}

static void find_txt(hoy_resolver *r, struct finding *f)
{
	hoy_txt *list = NULL;
	int n = hoy_resolver_lookup_txt(r, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, HOY_TYPE_TXT);
		char *text = quoted(list[i].text, list[i].len);

		item.bytes = list[i].text;
		item.len = list[i].len;
		add(f, item, "%s", text);
		free(text);
	}
}

/* This call returns no list, but its story tells where the name came from. */
static void find_cname(hoy_resolver *r, struct finding *f)
{
	struct item item = { .type = HOY_TYPE_CNAME, .host = f->cname };

	if (hoy_resolver_lookup_cname(r, f->name, f->cname, &f->err) < 0)
		return;
	f->err.code = 0;
	f->answer.source = story.done.source;
	f->answer.server = story.done.server;
	f->answer.rcode = story.done.rcode;
	strcpy(f->answer.name, f->cname);
	add(f, item, "%s", f->cname);
}

/* ---- any other record ---- */

/* The reply is kept whatever it says, so a no has to be told from it. */
static int verdict(const struct finding *f, const hoy_record *list, int n)
{
	if (f->answer.rcode == 3)
		return HOY_ENOHOST;
	for (int i = 0; i < n; i++)
		if (list[i].section == 1 && (list[i].type == f->type || f->type == HOY_TYPE_ANY))
			return 0;
	return HOY_ENODATA;
}

/* The server's reason, which a lookup puts there itself. */
static void add_reason(hoy_err *err, const hoy_answer *answer)
{
	size_t at = strlen(err->subject) + 1;

	err->has_extended = answer->has_extended;
	err->extended = answer->extended;
	if (!answer->extra || strlen(answer->extra) >= sizeof err->subject - at)
		return;
	strcpy(err->subject + at, answer->extra);
	err->extra = (uint32_t)at;
}

static void find_records(hoy_resolver *r, struct finding *f)
{
	char reverse[HOY_REVERSE_STRLEN];
	const char *name = f->name;
	hoy_record *list = NULL;
	hoy_addr addr;
	int n, code;

	if (f->type == HOY_TYPE_PTR && hoy_parse_addr(name, &addr, NULL) == 0)
		name = hoy_ip_reverse_name(addr.ip, reverse);
	n = hoy_resolver_query(r, name, f->type, &list, &f->err);
	if (n < 0)
		return;
	keep(f, n, list);
	for (int i = 0; i < n; i++) {
		struct item item = { .owner = list[i].name, .type = list[i].type, .has_ttl = 1, .ttl = list[i].ttl,
				     .section = list[i].section };

		if (lookup.raw || item.section == 1)
			add(f, item, "%s", list[i].text);
	}
	if ((code = verdict(f, list, n)) < 0) {
		f->err = (hoy_err){ .code = code, .kind = HOY_ERR_LOOKUP, .addr = f->answer.server,
				    .rcode = f->answer.rcode };
		snprintf(f->err.subject, sizeof f->err.subject, "%s", name);
		add_reason(&f->err, &f->answer);
	}
}

/* In words for people, aliases followed; all others want the records. */
static void find_services(hoy_resolver *r, struct finding *f)
{
	hoy_svcb *list = NULL;
	int n;

	if (lookup.brief || lookup.compare || common.json) {
		find_records(r, f);
		return;
	}
	n = (f->type == HOY_TYPE_HTTPS ? hoy_resolver_lookup_https : hoy_resolver_lookup_svcb)(r, f->name, &list, &f->err);
	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, f->type);
		char *text = service_string(&list[i]);

		item.host = list[i].target;
		item.number[0] = list[i].priority;
		add(f, item, "%s", text);
		free(text);
	}
}

/* ---- which of them ---- */

/* The names of an address; PTR of anything else is a question as any other. */
static void find_names(hoy_resolver *r, struct finding *f)
{
	hoy_addr addr;
	char **list = NULL;
	int n;

	if (!lookup.reverse && hoy_parse_addr(f->name, &addr, NULL) < 0) {
		find_records(r, f);
		return;
	}
	n = hoy_resolver_lookup_addr(r, f->name, &list, &f->err);

	for (int i = 0, count = keep(f, n, list); i < count; i++) {
		struct item item = of_list(f, HOY_TYPE_PTR);

		item.host = list[i];
		add(f, item, "%s", list[i]);
	}
}

static void ask(hoy_resolver *r, struct finding *f)
{
	static const struct { int type; void (*find)(hoy_resolver *, struct finding *); } calls[] = {
		{ 0, find_addresses }, { HOY_TYPE_A, find_a }, { HOY_TYPE_AAAA, find_aaaa }, { HOY_TYPE_MX, find_mx },
		{ HOY_TYPE_NS, find_ns }, { HOY_TYPE_SRV, find_srv }, { HOY_TYPE_TXT, find_txt },
		{ HOY_TYPE_CNAME, find_cname }, { HOY_TYPE_PTR, find_names },
		{ HOY_TYPE_HTTPS, find_services }, { HOY_TYPE_SVCB, find_services },
	};

	for (size_t i = 0; i < LEN(calls) && !lookup.raw; i++)
		if (calls[i].type == f->type) {
			calls[i].find(r, f);
			return;
		}
	find_records(r, f);
}

void find(hoy_resolver *r, const char *name, int type, struct finding *f)
{
	*f = (struct finding){ .name = name, .type = type };
	story_begin();
	ask(r, f);
	f->took = hoy_time_sub(hoy_now(), story.start);
	memcpy(f->asked, story.asked, sizeof f->asked);
}

void finding_clear(struct finding *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->item[i].data);
	free(f->item);
	hoy_free(f->list);
}

const char *question_string(int type, char buf[HOY_TYPE_STRLEN])
{
	return type ? hoy_type_string(type, buf) : "A+AAAA";
}

const char *result_word(int code)
{
	static const struct { int code; const char *word; } words[] = {
		{ 0, "ok" }, { HOY_ENOHOST, "nxdomain" }, { HOY_ENODATA, "nodata" }, { HOY_EUNSUITABLE, "nodata" },
		{ HOY_ESERVFAIL, "servfail" }, { HOY_EREFUSED, "refused" }, { HOY_ETIMEOUT, "timeout" },
		{ HOY_ELAME, "lame" }, { HOY_EMESSAGE, "malformed" }, { HOY_EBADNAMES, "malformed" },
	};

	for (size_t i = 0; i < LEN(words); i++)
		if (words[i].code == code)
			return words[i].word;
	return "failed";
}
