/* What a resolver asks for in its OPT record, what comes back of it, and over which family it asks. */
#include <errno.h>

#include <hoy.h>

#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

/* What the last query said, and what the server calls itself. */
static struct {
	atomic_bool dnssec, nsid, truncates;
	char name[300];
	atomic_size_t len;	/* set last: the server reads the name after it */
} seen;

/* The OPT record is the last of a query. */
static void look_at(const struct ns_query *q)
{
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__rdata data = { .opt.flags = 0 };
	struct hoy__bytes value;
	uint16_t code;

	seen.nsid = false;
	hoy__message_open(&m, q->data, q->len);
	while (hoy__message_next(&m, &rr) > 0)
		hoy__record_read(&m, &rr, &data);
	seen.dnssec = data.opt.flags & 0x8000;
	while (hoy__next_option(&data.opt.options, &code, &value))
		if (code == HOY__OPTION_NSID && value.len == 0)
			seen.nsid = true;
}

static void introduce(struct ns_query *q, void *arg)
{
	static struct packet p;
	char name[HOY__NAME_STRLEN];

	(void)arg;
	look_at(q);
	hoy__name_text(&q->m.question.name, name);
	packet_start(&p, q->m.id, HOY__QR | HOY__RD | HOY__RA | HOY__AD | (seen.truncates && !q->tcp ? HOY__TC : 0), name,
		     q->m.question.type);
	packet_a(&p, name, 7);
	packet_opt(&p, 1232, 0);
	packet_option(&p, 10, "a cookie", 8);
	if (seen.nsid)
		packet_option(&p, 3, seen.name, seen.len);
	ns_send(q, p.data, p.len);
}

static hoy_resolver *resolver_with(unsigned flags, const char *const *servers, hoy_err *err)
{
	return hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .flags = flags, .attempts = 1,
						      .resolv_conf = "", .hosts = "", .nsswitch = "" }, err);
}

/* Asks once; the answer is good until the next call. */
static const hoy_answer *answer_with(struct ns *ns, unsigned flags, hoy_ip **list)
{
	hoy_addr addr = ns_addr(ns);
	char server[HOY_ADDR_STRLEN];
	hoy_resolver *r = resolver_with(flags, (const char *const[]){ hoy_addr_string(&addr, server), NULL }, NULL);

	*list = NULL;
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "host.test", list, NULL), 1);
	hoy_resolver_free(r);
	return hoy_answer_of(*list);
}

TEST(the_server_is_asked_only_for_what_was_chosen)
{
	static const struct { unsigned flags; bool dnssec, nsid; } cases[] = {
		{ 0, false, false },
		{ HOY_RESOLVER_DNSSEC, true, false },
		{ HOY_RESOLVER_NSID, false, true },
		{ HOY_RESOLVER_DNSSEC | HOY_RESOLVER_NSID | HOY_RESOLVER_TCP, true, true },
	};
	struct ns *ns = ns_start(introduce, NULL);
	hoy_ip *list;

	seen.len = (size_t)sprintf(seen.name, "here");
	for (size_t i = 0; i < LEN(cases); i++) {
		const hoy_answer *a = answer_with(ns, cases[i].flags, &list);

		CHECK_INT(seen.dnssec, cases[i].dnssec);
		CHECK_INT(seen.nsid, cases[i].nsid);
		CHECK_INT(a->nsid_len, cases[i].nsid ? 4 : 0);
		CHECK(cases[i].nsid ? !memcmp(a->nsid, "here", 4) : !a->nsid);
		hoy_free(list);
	}
	ns_stop(ns);
}

TEST(a_servers_name_is_any_octets)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 129, 300 };
	struct ns *ns = ns_start(introduce, NULL);
	hoy_ip *list;

	for (size_t i = 0; i < sizeof seen.name; i++)
		seen.name[i] = (char)(i * 7);
	for (size_t i = 0; i < LEN(lengths); i++) {
		const hoy_answer *a;

		seen.len = lengths[i];
		a = answer_with(ns, HOY_RESOLVER_NSID, &list);
		CHECK_INT(a->nsid_len, lengths[i] < 128 ? lengths[i] : 128);
		CHECK(!a->nsid == !lengths[i]);
		CHECK(!a->nsid || !memcmp(a->nsid, seen.name, a->nsid_len));
		hoy_free(list);
	}
	ns_stop(ns);
}

TEST(and_comes_over_tcp_too)
{
	struct ns *ns = ns_start(introduce, NULL);
	hoy_ip *list;

	seen.truncates = true;
	seen.len = (size_t)sprintf(seen.name, "there");
	CHECK_INT(answer_with(ns, HOY_RESOLVER_NSID, &list)->nsid_len, 5);
	hoy_free(list);
	ns_stop(ns);
}

/* Nothing listens at the address of the other family. */
TEST(one_family_of_servers)
{
	static const struct { unsigned flags; int code; } cases[] = {
		{ 0, 0 }, { HOY_RESOLVER_IPV4_SERVERS, 0 }, { HOY_RESOLVER_IPV6_SERVERS, -ECONNREFUSED },
		{ HOY_RESOLVER_IPV4_SERVERS | HOY_RESOLVER_IPV6_SERVERS, -EDESTADDRREQ },
	};
	struct ns *ns = ns_start(introduce, NULL);
	hoy_addr addr = ns_addr(ns);
	char server[HOY_ADDR_STRLEN];

	hoy_addr_string(&addr, server);
	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_resolver *r = resolver_with(cases[i].flags, (const char *const[]){ "[::1]:9", server, NULL }, NULL);
		hoy_ip *list = NULL;
		hoy_err err = { 0 };

		hoy_resolver_lookup_ip(r, "ip4", "host.test", &list, &err);
		CHECK_INT(err.code == -EADDRNOTAVAIL || err.code == -ENETUNREACH || err.code == -EAFNOSUPPORT ? -ECONNREFUSED
			  : err.code, cases[i].code);	/* without IPv6 on loopback */
		hoy_free(list);
		hoy_resolver_free(r);
	}
	ns_stop(ns);
}
