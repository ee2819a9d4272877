/* Services by SVCB and HTTPS records: what their parameters say, and where their aliases lead (RFC 9460). */
#include <stdarg.h>

#include <hoy.h>

#include "dns/msg/svcb.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

/* What the server knows; params are as in the record. A CNAME has the priority -1. */
static const struct row {
	const char *name;
	int priority;
	const char *target, *params;
	size_t len;
} zone[] = {
#define P(bytes) bytes, sizeof bytes - 1
	{ "plain.test.", 1, ".", P("") },
	{ "full.test.", 2, "b.test.", P("\0\1\0\6\2h2\2h3\0\2\0\0\0\3\0\2\40\373\0\4\0\10\300\0\2\1\300\0\2\2\0\5\0\3\1\2\3"
		"\0\6\0\20\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\0\7\0\6/q{?d}\377\10\0\1x") },
	{ "full.test.", 1, "a.test.", P("\0\3\0\2\0\65") },
	{ "odd.test.", 1, ".", P("\0\1\0\7\3a\0b\2h2") },
	{ "cname.test.", -1, "plain.test.", P("") },
	{ "www.corp.test.", 1, ".", P("\0\1\0\3\2h2") },

	/* mandatory, and what does not go together */
	{ "known.test.", 1, ".", P("\0\0\0\4\0\1\0\3\0\1\0\3\2h2\0\3\0\2\0\1") },
	{ "unknown.test.", 1, ".", P("\0\0\0\2\377\1\377\1\0\0") },
	{ "unknown.test.", 2, "good.test.", P("\377\1\0\0") },
	{ "missing.test.", 1, ".", P("\0\0\0\2\0\3") },
	{ "lonely.test.", 1, ".", P("\0\2\0\0") },
	{ "host.test.", 1, "not\\032a\\032host.test.", P("") },

	/* malformed: the good one beside it does not count */
	{ "bad0.test.", 1, ".", P("\0\0\0\4\0\3\0\3\0\3\0\2\0\1") },
	{ "bad0.test.", 2, ".", P("") },
	{ "bad1.test.", 1, ".", P("\0\0\0\2\0\0") },
	{ "bad2.test.", 1, ".", P("\0\0\0\0") },
	{ "bad3.test.", 1, ".", P("\0\1\0\0") },
	{ "bad4.test.", 1, ".", P("\0\1\0\4\2h2\0") },
	{ "bad5.test.", 1, ".", P("\0\1\0\2\2h") },
	{ "bad6.test.", 1, ".", P("\0\1\0\3\2h2\0\2\0\1x") },
	{ "bad7.test.", 1, ".", P("\0\3\0\1\1") },
	{ "bad8.test.", 1, ".", P("\0\4\0\5\300\0\2\1\1") },
	{ "bad9.test.", 1, ".", P("\0\6\0\4\300\0\2\1") },
	{ "bad10.test.", 1, ".", P("\0\4\0\0") },
	{ "bad11.test.", 1, ".", P("\0\3\0\2\0\1\0\1\0\3\2h2") },
	{ "bad12.test.", 1, ".", P("\0\3\0\2\0\1\0\3\0\2\0\1") },
	{ "bad13.test.", 1, ".", P("\0\3\0\3\0\1") },
	{ "bad14.test.", 1, ".", P("\0\3\0") },

	/* aliases */
	{ "alias.test.", 0, "full.test.", P("") },
	{ "alias.test.", 1, "ignored.test.", P("") },
	{ "odd-alias.test.", 0, "plain.test.", P("\0\3\0\1x") },
	{ "both.test.", 0, "cname.test.", P("") },
	{ "gone.test.", 0, "nobody.test.", P("") },
	{ "useless.test.", 0, "missing.test.", P("") },
	{ "none.test.", 0, ".", P("") },
	{ "later.test.", 0, "none.test.", P("") },
	{ "round.test.", 0, "about.test.", P("") },
	{ "about.test.", 0, "round.test.", P("") },
	{ "tobroken.test.", 0, "broken.test.", P("") },
	{ "hop0.test.", 1, ".", P("") }, { "hop1.test.", 0, "hop0.test.", P("") },
	{ "hop2.test.", 0, "hop1.test.", P("") }, { "hop3.test.", 0, "hop2.test.", P("") },
	{ "hop4.test.", 0, "hop3.test.", P("") }, { "hop5.test.", 0, "hop4.test.", P("") },
	{ "hop6.test.", 0, "hop5.test.", P("") }, { "hop7.test.", 0, "hop6.test.", P("") },
	{ "hop8.test.", 0, "hop7.test.", P("") }, { "hop9.test.", 0, "hop8.test.", P("") },

	{ "equal.test.", 1, "a.test.", P("") }, { "equal.test.", 1, "b.test.", P("") },
	{ "equal.test.", 1, "c.test.", P("") }, { "equal.test.", 2, "d.test.", P("") },
};

static void put_row(struct packet *p, const struct row *row, unsigned type)
{
	size_t at = packet_record(p, HOY__ANSWER, row->name, row->priority < 0 ? HOY__CNAME : type,
				  row->priority > 0 ? 300 : 60);
	struct hoy__name_table names = p->names;

	if (row->priority >= 0) {
		packet_number(p, (unsigned)row->priority, 2);
		p->names.count = 0;	/* the target is not compressed */
	}
	packet_name(p, row->target);
	p->names = names;
	memcpy(p->data + p->len, row->params, row->len);
	p->len += row->len;
	packet_close(p, at);
}

static void answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];
	bool known = false;

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	for (size_t i = 0; i < LEN(zone); i++) {
		if (strcmp(zone[i].name, name) != 0)
			continue;
		known = true;
		put_row(p, &zone[i], q->m.question.type);
		if (zone[i].priority < 0)
			strcpy(name, zone[i].target), i = (size_t)-1;
	}
	p->data[3] |= name[0] == 'f' ? 0 : HOY__AD;
	p->data[3] |= strcmp(name, "broken.test.") == 0 ? HOY__SERVFAIL : known ? 0 : HOY__NXDOMAIN;
	ns_send(q, p->data, p->len);
	free(p);
}

/* ---- in words ---- */

static char words[2000];

static void __attribute__((format(printf, 1, 2))) word(const char *format, ...)
{
	size_t len = strlen(words);
	va_list args;

	va_start(args, format);
	vsnprintf(words + len, sizeof words - len, format, args);
	va_end(args);
}

static void tell_hints(const hoy_ip *list, size_t n)
{
	char text[HOY_IP_STRLEN];

	for (size_t i = 0; i < n; i++)
		word(" %s", hoy_ip_string(list[i], text));
}

static const char *tell(const hoy_svcb *list, int n)
{
	words[0] = '\0';
	for (const hoy_svcb *s = list; s < list + n; s++) {
		word("%s%u %s", s == list ? "" : "; ", s->priority, s->target);
		if (s->port)
			word(" port %u", s->port);
		for (size_t i = 0; i < s->alpns; i++) {
			word(" %.*s", (int)s->alpn[i].len, s->alpn[i].text);
			CHECK_INT(s->alpn[i].text[s->alpn[i].len], 0);
			if (strlen(s->alpn[i].text) != s->alpn[i].len)
				word(" of %zu", s->alpn[i].len);
		}
		if (s->no_default_alpn)
			word(" alone");
		tell_hints(s->ipv4hint, s->ipv4hints);
		tell_hints(s->ipv6hint, s->ipv6hints);
		if (s->ech)
			word(" ech %zu: %d", s->ech_len, ((const unsigned char *)s->ech)[0]);
		if (s->dohpath)
			word(" doh %s", s->dohpath);
	}
	return words;
}

#define FULL "1 a.test. port 53; 2 b.test. port 8443 h2 h3 alone 192.0.2.1 192.0.2.2 2001:db8::1 ech 3: 1 doh /q{?d}"

static int each_name(void *r)
{
	static const struct {
		const char *name;
		int n;
		const char *want;
		unsigned dropped, ttl;
		const char *end;
	} cases[] = {
		{ "plain.test", 1, "1 plain.test.", 0, 300, "plain.test." },
		{ "full.test", 2, FULL, 0, 300, "full.test." },
		{ "odd.test", 1, "1 odd.test. a of 3 h2", 0, 300, "odd.test." },
		{ "cname.test", 1, "1 plain.test.", 0, 60, "plain.test." },
		{ "www", 1, "1 www.corp.test. h2", 0, 300, "www.corp.test." },
		{ "known.test", 1, "1 known.test. port 1 h2", 0, 300, "known.test." },
		{ "unknown.test", 1, "2 good.test.", 1, 300, "unknown.test." },
		{ "alias.test", 3, FULL "; 0 full.test.", 0, 60, "full.test." },
		{ "odd-alias.test", 2, "1 plain.test.; 0 plain.test.", 0, 60, "plain.test." },
		{ "both.test", 2, "1 plain.test.; 0 cname.test.", 0, 60, "plain.test." },
		{ "gone.test", 1, "0 nobody.test.", 0, 60, "nobody.test." },
		{ "useless.test", 1, "0 missing.test.", 1, 60, "missing.test." },
		{ "hop8.test", 2, "1 hop0.test.; 0 hop0.test.", 0, 60, "hop0.test." },
		{ .name = "missing.test", .n = HOY_ENODATA }, { .name = "lonely.test", .n = HOY_ENODATA },
		{ .name = "host.test", .n = HOY_ENODATA }, { .name = "nobody.test", .n = HOY_ENOHOST },
		{ .name = "none.test", .n = HOY_ENODATA }, { .name = "later.test", .n = HOY_ENODATA },
		{ .name = "round.test", .n = HOY_EMESSAGE }, { .name = "hop9.test", .n = HOY_EMESSAGE },
		{ .name = "tobroken.test", .n = HOY_ESERVFAIL }, { .name = "broken.test", .n = HOY_ESERVFAIL },
		{ .name = "x.invalid", .n = HOY_ENOHOST }, { .name = "a b", .n = HOY_ENOHOST },
	};

	for (size_t i = 0; i < 2 * LEN(cases); i++) {
		const char *name = cases[i / 2].name;
		hoy_svcb *list = NULL;
		hoy_err err = { 0 };
		int n = i % 2 ? hoy_resolver_lookup_svcb(r, name, &list, &err)
			      : hoy_resolver_lookup_https(r, name, &list, &err);

		if (n != cases[i / 2].n)
			fprintf(stderr, "%s\n", name);
		CHECK_INT(n, cases[i / 2].n);
		CHECK_INT(err.code, n < 0 ? n : 0);
		if (n >= 0 && cases[i / 2].n > 0) {
			const hoy_answer *a = hoy_answer_of(list);

			CHECK_STR(tell(list, n), cases[i / 2].want, name);
			CHECK_INT(a->dropped, cases[i / 2].dropped);
			CHECK_INT(a->ttl, cases[i / 2].ttl);
			CHECK_STR(a->name, cases[i / 2].end, name);
		}
		hoy_free(list);
	}
	return 0;
}

/* An alias and the service it leads to are two answers: remembered if both are, trusted if both are. */
static int each_twice(void *r)
{
	static const struct { const char *name; int n, authenticated; enum hoy_source source; } cases[] = {
		{ "plain.test", 1, 1, HOY_SOURCE_CACHE }, { "full.test", 2, 0, HOY_SOURCE_CACHE },
		{ "alias.test", 3, 0, HOY_SOURCE_CACHE }, { "odd-alias.test", 2, 1, HOY_SOURCE_CACHE },
		{ "gone.test", 1, 1, HOY_SOURCE_DNS },	/* no SOA says for how long nobody is there */
	};
	hoy_svcb *list;

	for (size_t i = 0; i < 2 * LEN(cases); i++) {
		if (!CHECK_INT(hoy_resolver_lookup_https(r, cases[i / 2].name, &list, NULL), cases[i / 2].n))
			continue;
		CHECK_INT(hoy_answer_of(list)->authenticated, cases[i / 2].authenticated);
		if (i % 2)
			CHECK_INT(hoy_answer_of(list)->source, cases[i / 2].source);
		hoy_free(list);
	}
	return 0;
}

static int each_malformed(void *r)
{
	hoy_svcb *list = NULL;
	char name[20];

	for (int i = 0; i < 15; i++) {
		snprintf(name, sizeof name, "bad%d.test", i);
		if (!CHECK_INT(hoy_resolver_lookup_https(r, name, &list, NULL), HOY_EMESSAGE))
			fprintf(stderr, "%s\n", name);
	}
	return 0;
}

static int any_equal_first(void *r)
{
	int first[128] = { 0 };
	hoy_svcb *list;

	for (int i = 0; i < 200; i++) {
		if (!CHECK_INT(hoy_resolver_lookup_svcb(r, "equal.test", &list, NULL), 4))
			return 0;
		first[(int)list[0].target[0]]++;
		CHECK_STR(list[3].target, "d.test.", "the last");
		hoy_free(list);
	}
	CHECK(first['a'] && first['b'] && first['c'] && !first['d']);
	return 0;
}

/* In this thread and in a task. */
static void with_zone(hoy_fn *scenario, unsigned flags, size_t cache)
{
	struct ns *ns = ns_start(answer, NULL);
	hoy_addr addr = ns_addr(ns);
	char text[HOY_ADDR_STRLEN];
	hoy_resolver *r = hoy_resolver_new(&(hoy_resolver_opts){
		.servers = (const char *const[]){ hoy_addr_string(&addr, text), NULL }, .attempts = 1, .flags = flags, .cache = cache,
		.search = (const char *const[]){ "corp.test", NULL }, .resolv_conf = "", .hosts = "", .nsswitch = "",
	}, NULL);

	CHECK_INT(scenario(r), 0);
	CHECK_INT(hoy_run(scenario, r), 0);
	hoy_resolver_free(r);
	ns_stop(ns);
}

TEST(services_and_aliases) { with_zone(each_name, 0, 0); }
TEST(two_answers_in_one) { with_zone(each_twice, HOY_RESOLVER_TRUST_AD, 100); }
TEST(malformed_parameters) { with_zone(each_malformed, 0, 0); }
TEST(equals_are_shuffled) { with_zone(any_equal_first, 0, 0); }

/* Whatever the octets, the lists are inside the room that was asked for, and what is told is what was there. */
TEST(parameters_with_a_mistake)
{
	const struct row *full = &zone[1];
	uint32_t luck = 1;

	for (int i = 0; i < 50000; i++) {
		uint8_t *bytes = malloc(full->len), *at = bytes;
		struct hoy__bytes params = { bytes, full->len }, rest = params, value;
		uint16_t key;
		size_t room;

		memcpy(bytes, full->params, full->len);
		for (int k = 0; k < 1 + i % 3; k++) {
			luck = luck * 1664525 + 1013904223;
			at[(luck >> 8) % full->len] = (uint8_t)(luck >> 24);
		}
		while (rest.len && hoy__next_option(&rest, &key, &value))
			;
		if (!rest.len && hoy__svcb_room(params, &room) == 1) {
			hoy_svcb s = { .target = "" };
			void *lists = malloc(room + !room);

			hoy__svcb_fill(&s, params, lists);
			tell(&s, 1);
			CHECK(!s.no_default_alpn || s.alpns);
			free(lists);
		}
		free(bytes);
	}
}
