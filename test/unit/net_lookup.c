/* Every lookup against a name server of the test's own, in tasks and in plain threads. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <hoy.h>

#include "base/fail.h"
#include "os/os.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

/* What the server knows. Numbers come before the target, in octets two by two. */
static const struct row {
	const char *name;
	uint16_t type;
	const char *text;
	unsigned count, number[3];
} zone[] = {
	{ "host.test.", HOY__A, "192.0.2.1", 0, { 0 } },
	{ "host.test.", HOY__AAAA, "2001:db8::1", 0, { 0 } },
	{ "four.test.", HOY__A, "192.0.2.4", 0, { 0 } },
	{ "alias.test.", HOY__CNAME, "middle.test.", 0, { 0 } },
	{ "middle.test.", HOY__CNAME, "host.test.", 0, { 0 } },
	{ "loop.test.", HOY__CNAME, "loop.test.", 0, { 0 } },
	{ "lost.test.", HOY__CNAME, "gone.test.", 0, { 0 } },
	{ "mail.test.", HOY__MX, "b.test.", 1, { 20 } },
	{ "mail.test.", HOY__MX, "a.test.", 1, { 10 } },
	{ "mail.test.", HOY__MX, "not\\032a\\032host.test.", 1, { 5 } },
	{ "mail.test.", HOY__MX, "192.0.2.25.", 1, { 30 } },
	{ "badmail.test.", HOY__MX, "not\\032a\\032host.test.", 1, { 5 } },
	{ "zone.test.", HOY__NS, "ns1.test.", 0, { 0 } },
	{ "zone.test.", HOY__NS, "*.test.", 0, { 0 } },
	{ "_sip._udp.test.", HOY__SRV, "second.test.", 3, { 2, 1, 5061 } },
	{ "_sip._udp.test.", HOY__SRV, "first.test.", 3, { 1, 9, 5060 } },
	{ "1.2.0.192.in-addr.arpa.", HOY__PTR, "host.test.", 0, { 0 } },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", HOY__PTR, "host.test.", 0, { 0 } },
	{ "text.test.", HOY__TXT, "v=spf1 \\ -all", 0, { 0 } },
	{ "www.corp.example.", HOY__A, "192.0.2.80", 0, { 0 } },
};

static void put_row(struct packet *p, const struct row *row)
{
	size_t at = packet_record(p, HOY__ANSWER, row->name, row->type, 300);
	hoy_ip ip;

	for (unsigned i = 0; i < row->count; i++)
		packet_number(p, row->number[i], 2);
	if (row->type == HOY__A || row->type == HOY__AAAA) {
		hoy_parse_ip(row->text, &ip, NULL);
		for (int i = 0; i < ip.len; i++)
			packet_number(p, ip.bytes[i], 1);
	} else if (row->type == HOY__TXT) {	/* as two strings */
		size_t len = strlen(row->text);

		for (size_t i = 0; i < len; i++) {
			if (i == 0 || i == 4)
				packet_number(p, (unsigned)(i ? len - 4 : 4), 1);
			packet_number(p, (uint8_t)row->text[i], 1);
		}
	} else {
		packet_name(p, row->text);
	}
	packet_close(p, at);
}

/* Follows the chain through the zone, a loop four times round. */
static void answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];
	bool known = false, more = true;

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	for (int links = 0; more && links < 4; links++) {
		more = false;
		for (size_t i = 0; i < LEN(zone); i++) {
			if (strcmp(zone[i].name, name) != 0)
				continue;
			known = true;
			if (zone[i].type == q->m.question.type || zone[i].type == HOY__CNAME)
				put_row(p, &zone[i]);
			if (zone[i].type == HOY__CNAME && q->m.question.type != HOY__CNAME) {
				strcpy(name, zone[i].text);
				known = false;
				more = true;
				break;
			}
		}
	}
	p->data[3] |= known ? 0 : HOY__NXDOMAIN;
	ns_send(q, p->data, p->len);
	free(p);
}

struct at {
	hoy_resolver *r;
	char server[HOY_ADDR_STRLEN];
};

static hoy_resolver *resolver_at(struct ns *ns, hoy_resolver_opts opts, char server[HOY_ADDR_STRLEN])
{
	hoy_addr addr = ns_addr(ns);
	const char *const servers[] = { hoy_addr_string(&addr, server), NULL };
	hoy_resolver *r;

	opts.servers = servers;
	if (!opts.resolv_conf)
		opts.resolv_conf = "";
	if (!opts.hosts)
		opts.hosts = "";
	if (!opts.nsswitch)
		opts.nsswitch = "";
	r = hoy_resolver_new(&opts, NULL);
	CHECK(r);
	return r;
}

static void stay_silent(struct ns_query *q, void *arg)
{
	(void)q;
	(void)arg;
}

/* NOERROR is what a server says; when none says anything, the rcode is unknown. */
static int look_up_without_reply(void *ns)
{
	static const struct { const char *name; int code; } cases[] = {
		{ "host.test", HOY_ETIMEOUT }, { "x.invalid", HOY_ENOHOST }, { "a..b", HOY_ENOHOST },
	};
	static const char *const answered[] = { "192.0.2.1", "localhost" };
	char server[HOY_ADDR_STRLEN], **list;
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .timeout = 50 * HOY_MILLISECOND, .attempts = 1 }, server);
	hoy_record *records;
	hoy_err err;

	for (size_t i = 0; i < LEN(cases); i++) {
		err.rcode = 0;
		CHECK_INT(hoy_resolver_lookup_host(r, cases[i].name, &list, &err), cases[i].code);
		CHECK_INT(err.rcode, HOY_RCODE_NONE);
	}
	for (size_t i = 0; i < LEN(answered); i++)
		if (CHECK(hoy_resolver_lookup_host(r, answered[i], &list, &err) > 0)) {
			CHECK_INT(hoy_answer_of(list)->rcode, HOY_RCODE_NONE);
			hoy_free(list);
		}
	CHECK_INT(hoy_resolver_query(r, "host.test", HOY_TYPE_A, &records, &err), HOY_ETIMEOUT);
	CHECK_INT(err.rcode, HOY_RCODE_NONE);
	hoy_resolver_free(r);
	return 0;
}

TEST(without_a_reply_the_rcode_is_unknown)
{
	struct ns *ns = ns_start(stay_silent, NULL);
	char text[HOY_TYPE_STRLEN];

	CHECK_INT(look_up_without_reply(ns), 0);
	CHECK_INT(hoy_run(look_up_without_reply, ns), 0);
	CHECK_STR(hoy_rcode_string(HOY_RCODE_NONE, text), "unknown", "in text");
	ns_stop(ns);
}

/* A scenario with the zone behind it, in this thread and in a task. */
static void with_zone(hoy_fn *scenario, hoy_resolver_opts opts)
{
	struct ns *ns = ns_start(answer, NULL);
	struct at at;

	at.r = resolver_at(ns, opts, at.server);
	CHECK_INT(scenario(&at), 0);
	CHECK_INT(hoy_run(scenario, &at), 0);
	hoy_resolver_free(at.r);
	ns_stop(ns);
}

static bool server_is(const void *list, const char *server)
{
	char text[HOY_ADDR_STRLEN];
	const hoy_answer *a = hoy_answer_of(list);

	return a && a->source == HOY_SOURCE_DNS && strcmp(hoy_addr_string(&a->server, text), server) == 0;
}

static int look_for_addresses(void *arg)
{
	struct at *at = arg;
	char text[HOY_IP_STRLEN], **names;
	hoy_addr *addrs;
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip", "host.test", &ips, NULL), 2);
	CHECK(server_is(ips, at->server));
	CHECK_INT(hoy_answer_of(ips)->ttl, 300);
	CHECK_STR(hoy_answer_of(ips)->name, "host.test.", "name");
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip6", "host.test.", &ips, NULL), 1);
	CHECK_STR(hoy_ip_string(ips[0], text), "2001:db8::1", "ip6");
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip4", "alias.test", &ips, NULL), 1);
	CHECK_STR(hoy_ip_string(ips[0], text), "192.0.2.1", "ip4");
	CHECK_STR(hoy_answer_of(ips)->name, "host.test.", "the end of the chain");
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip_addr(at->r, "four.test", &addrs, NULL), 1);
	CHECK_INT(addrs[0].kind, HOY_ADDR_IP);
	hoy_free(addrs);
	CHECK_INT(hoy_resolver_lookup_host(at->r, "four.test", &names, NULL), 1);
	CHECK_STR(names[0], "192.0.2.4", "host");
	CHECK(!names[1]);
	hoy_free(names);
	return 0;
}

TEST(addresses) { with_zone(look_for_addresses, (hoy_resolver_opts){ 0 }); }

static int look_for_records(void *arg)
{
	static const char *const hosts[] = { "a.test.", "b.test.", "192.0.2.25." };
	struct at *at = arg;
	char cname[HOY_NAME_STRLEN], **names;
	hoy_srv *srv;
	hoy_txt *txt;
	hoy_mx *mx;
	hoy_ns *ns;

	if (CHECK_INT(hoy_resolver_lookup_mx(at->r, "mail.test", &mx, NULL), 3)) {
		for (int i = 0; i < 3; i++) {
			CHECK_STR(mx[i].host, hosts[i], "mx");
			CHECK_INT(mx[i].pref, 10 * (i + 1));
		}
		CHECK_INT(hoy_answer_of(mx)->dropped, 1);
		hoy_free(mx);
	}
	if (CHECK_INT(hoy_resolver_lookup_ns(at->r, "zone.test", &ns, NULL), 1)) {
		CHECK_STR(ns[0].host, "ns1.test.", "ns");
		hoy_free(ns);
	}
	if (CHECK_INT(hoy_resolver_lookup_txt(at->r, "text.test", &txt, NULL), 1)) {
		CHECK_STR(txt[0].text, "v=spf1 \\ -all", "txt");
		CHECK_INT(txt[0].len, strlen(txt[0].text));
		hoy_free(txt);
	}
	if (CHECK_INT(hoy_resolver_lookup_srv(at->r, "sip", "udp", "test", cname, &srv, NULL), 2)) {
		CHECK_STR(cname, "_sip._udp.test.", "srv");
		CHECK_STR(srv[0].target, "first.test.", "srv");
		CHECK_INT(srv[0].port, 5060);
		CHECK_INT(srv[0].weight, 9);
		CHECK_INT(srv[1].priority, 2);
		hoy_free(srv);
	}
	CHECK_INT(hoy_resolver_lookup_srv(at->r, "", "", "_sip._udp.test", NULL, &srv, NULL), 2);
	hoy_free(srv);
	CHECK_INT(hoy_resolver_lookup_addr(at->r, "192.0.2.1", &names, NULL), 1);
	CHECK_STR(names[0], "host.test.", "ptr");
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_addr(at->r, "2001:db8::1", &names, NULL), 1);
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_cname(at->r, "alias.test", cname, NULL), 0);
	CHECK_STR(cname, "host.test.", "cname");
	CHECK_INT(hoy_resolver_lookup_cname(at->r, "host.test", cname, NULL), 0);
	CHECK_STR(cname, "host.test.", "its own cname");
	CHECK_INT(hoy_resolver_lookup_cname(at->r, "lost.test", cname, NULL), 0);
	CHECK_STR(cname, "gone.test.", "a chain that ends nowhere");
	return 0;
}

TEST(records) { with_zone(look_for_records, (hoy_resolver_opts){ 0 }); }

static int ask_questions(void *arg)
{
	struct at *at = arg;
	hoy_record *list;
	char text[HOY_TYPE_STRLEN];

	if (CHECK_INT(hoy_resolver_query(at->r, "alias.test", HOY_TYPE_A, &list, NULL), 3)) {
		CHECK_STR(list[0].name, "alias.test.", "name");
		CHECK_STR(list[0].text, "middle.test.", "text");
		CHECK_INT(list[0].type, HOY_TYPE_CNAME);
		CHECK_INT(list[0].section, 1);
		CHECK_INT(list[0].len, strlen("middle.test.") + 1);
		CHECK(memcmp(list[0].data, "\6middle\4test", 13) == 0);
		CHECK_STR(list[2].text, "192.0.2.1", "text");
		CHECK_INT(list[2].ttl, 300);
		CHECK_INT(list[2].rrclass, 1);
		CHECK_INT(list[2].len, 4);
		hoy_free(list);
	}
	if (CHECK_INT(hoy_resolver_query(at->r, "nobody.test", HOY_TYPE_A, &list, NULL), 0)) {
		CHECK_STR(hoy_rcode_string(hoy_answer_of(list)->rcode, text), "NXDOMAIN", "rcode");
		hoy_free(list);
	}
	if (CHECK_INT(hoy_resolver_query(at->r, "loop.test", HOY_TYPE_A, &list, NULL), 4)) {
		CHECK_STR(list[3].text, "loop.test.", "loop");
		hoy_free(list);
	}
	CHECK_INT(hoy_resolver_query(at->r, "a..b", HOY_TYPE_A, &list, NULL), HOY_ENOHOST);
	CHECK_INT(hoy_resolver_query(at->r, "host.test", 65536, &list, NULL), -EINVAL);
	return 0;
}

TEST(queries) { with_zone(ask_questions, (hoy_resolver_opts){ 0 }); }

TEST(types_by_name)
{
	char text[HOY_TYPE_STRLEN];

	CHECK_INT(hoy_parse_type("mx"), HOY_TYPE_MX);
	CHECK_INT(hoy_parse_type("TYPE65280"), 65280);
	CHECK_INT(hoy_parse_type("nothing"), -EINVAL);
	CHECK_STR(hoy_type_string(HOY_TYPE_AAAA, text), "AAAA", "type");
	CHECK_STR(hoy_type_string(65280, text), "TYPE65280", "type");
}

static int search(void *arg)
{
	struct at *at = arg;
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip", "www", &ips, NULL), 1);
	CHECK_STR(hoy_answer_of(ips)->name, "www.corp.example.", "suffix");
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip", "www.", &ips, NULL), HOY_ENOHOST);
	return 0;
}

TEST(search_list)
{
	with_zone(search, (hoy_resolver_opts){ .search = (const char *const[]){ "nowhere.example", "corp.example", NULL } });
}

/* ---- what goes wrong ---- */

static int say_why(void *arg)
{
	struct at *at = arg;
	char text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN], cname[HOY_NAME_STRLEN], **names;
	static const struct { const char *name; int code; bool asked; } cases[] = {
		{ "nobody.test", HOY_ENOHOST, true },
		{ "mail.test", HOY_ENODATA, true },
		{ "lost.test", HOY_ENOHOST, true },
		{ "", HOY_ENOHOST, false },
		{ "a b", HOY_ENOHOST, false },
		{ "hidden.onion", HOY_ENOHOST, false },
		{ "x.invalid", HOY_ENOHOST, false },
		{ LONG "x.test", HOY_ENOHOST, false },
	};
	hoy_ip *ips;
	hoy_mx *mx;
	hoy_srv *srv;
	hoy_err err;

	for (size_t i = 0; i < LEN(cases); i++) {
		CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip", cases[i].name, &ips, &err), cases[i].code);
		CHECK(hoy_is_not_found(err.code));
		CHECK(!hoy_is_temporary(err.code));
		snprintf(want, sizeof want, "lookup %s%s%s: no such host", cases[i].name, cases[i].asked ? " on " : "",
			 cases[i].asked ? at->server : "");
		CHECK_STR(hoy_err_string(&err, text), want, cases[i].name);
	}
	CHECK_INT(hoy_resolver_lookup_mx(at->r, "badmail.test", &mx, &err), HOY_EBADNAMES);
	CHECK_STR(hoy_err_string(&err, text),
		  "lookup badmail.test: DNS response contained records which contain invalid names", "no host");
	CHECK_INT(hoy_resolver_lookup_srv(at->r, "sip", "tcp", LONG LONG "x.test", cname, &srv, &err), HOY_ENOHOST);
	CHECK(strncmp(err.subject, "_sip._tcp.", 10) == 0);
	CHECK_INT(hoy_resolver_lookup_port(at->r, "tcp6", "nosuch", &err), HOY_ENOPORT);
	CHECK_INT(err.rcode, HOY_RCODE_NONE);		/* no server was asked */
	CHECK_STR(hoy_err_string(&err, text), "lookup tcp/nosuch: unknown port", "port");
	CHECK_INT(hoy_resolver_lookup_port(at->r, "", "nosuch", &err), HOY_ENOPORT);
	CHECK_STR(hoy_err_string(&err, text), "lookup ip/nosuch: unknown port", "port of either");
	CHECK_INT(hoy_resolver_lookup_mx(at->r, "loop.test", &mx, &err), HOY_EMESSAGE);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip", "loop.test", &ips, &err), HOY_EMESSAGE);
	CHECK_INT(hoy_resolver_lookup_cname(at->r, "loop.test", cname, &err), HOY_EMESSAGE);
	CHECK_INT(hoy_resolver_lookup_addr(at->r, "192.0.2.9", &names, &err), HOY_ENOHOST);
	snprintf(want, sizeof want, "lookup 9.2.0.192.in-addr.arpa. on %s: no such host", at->server);
	CHECK_STR(hoy_err_string(&err, text), want, "reverse");
	CHECK_INT(err.rcode, HOY__NXDOMAIN);
	CHECK_INT(hoy_resolver_lookup_addr(at->r, "nonsense", &names, &err), HOY_EUNRECOGNIZED);
	CHECK_STR(hoy_err_string(&err, text), "lookup nonsense: unrecognized address", "no address");
	CHECK_INT(hoy_resolver_lookup_addr(at->r, "fe80::1%lo", &names, &err), HOY_EUNRECOGNIZED);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip5", "host.test", &ips, &err), HOY_ENETWORK);
	CHECK_STR(hoy_err_string(&err, text), "unknown network ip5", "network");
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "tcp", "host.test", &ips, &err), HOY_ENETWORK);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip4:icmp", "192.0.2.1", &ips, &err), 1);
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(at->r, "ip4", "::1", &ips, &err), HOY_EUNSUITABLE);
	CHECK_STR(hoy_err_string(&err, text), "address ::1: no suitable address found", "family");
	CHECK_INT(hoy_resolver_lookup_cname(at->r, "nobody.test", cname, &err), HOY_ENOHOST);
	return 0;
}

TEST(errors) { with_zone(say_why, (hoy_resolver_opts){ 0 }); }

static void misbehave(struct ns_query *q, void *arg)
{
	ns_rcode(q, *(unsigned *)arg);
}

static int lookup_host_test(void *arg)
{
	hoy_ip *ips;
	hoy_err err = { 0 };

	hoy_resolver_lookup_ip(arg, "ip", "host.test", &ips, &err);
	return err.code;
}

TEST(rcodes_are_told_apart)
{
	static const struct { unsigned rcode; int code; } cases[] = {
		{ HOY__SERVFAIL, HOY_ESERVFAIL }, { HOY__REFUSED, HOY_EREFUSED }, { HOY__NOTIMP, HOY_EREFUSED },
	};
	char server[HOY_ADDR_STRLEN];

	for (size_t i = 0; i < LEN(cases); i++) {
		unsigned rcode = cases[i].rcode;
		struct ns *ns = ns_start(misbehave, &rcode);
		hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .attempts = 1 }, server);

		CHECK_INT(lookup_host_test(r), cases[i].code);
		CHECK_INT(hoy_run(lookup_host_test, r), cases[i].code);
		hoy_resolver_free(r);
		ns_stop(ns);
	}
}

/* "bogus.test" fails for a reason, "stale.test" is there with one, all else fails without. */
static void give_reasons(struct ns_query *q, void *arg)
{
	static struct packet p;
	char name[HOY__NAME_STRLEN];
	bool stale = !strcmp(hoy__name_text(&q->m.question.name, name), "stale.test.");

	(void)arg;
	packet_start(&p, q->m.id, HOY__QR | HOY__RD | HOY__RA | (stale ? 0 : HOY__SERVFAIL), name, q->m.question.type);
	if (stale && q->m.question.type == HOY__A)
		packet_a(&p, name, 7);
	if (!strcmp(name, "bogus.test."))
		packet_extended(&p, 6, "no DS for \033[31mtest\377");
	else if (stale)
		packet_extended(&p, 3, "");
	ns_send(q, p.data, p.len);
}

TEST(reasons_are_in_the_sentence)
{
	struct ns *ns = ns_start(give_reasons, NULL);
	char server[HOY_ADDR_STRLEN], text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .attempts = 1, .cache = 10 }, server);
	hoy_record *records;
	hoy_ip *ips;
	hoy_err err, copy;

	for (int remembered = 0; remembered < 2; remembered++) {
		CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "bogus.test", &ips, &err), HOY_ESERVFAIL);
		copy = err;
		snprintf(want, sizeof want, "lookup bogus.test on %s: server misbehaving"
			 " (DNSSEC Bogus: no DS for \\027[31mtest\\255)", server);
		CHECK_STR(hoy_err_string(&copy, text), want, "bogus");
		CHECK_INT(err.extended, 6);
		CHECK_STR(err.subject, "bogus.test", "subject");
	}
	CHECK_INT(hoy_resolver_query(r, "bogus.test", HOY_TYPE_MX, &records, &err), HOY_ESERVFAIL);
	CHECK_STR(hoy_err_string(&err, text), want, "a query");
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "plain.test", &ips, &err), HOY_ESERVFAIL);
	snprintf(want, sizeof want, "lookup plain.test on %s: server misbehaving", server);
	CHECK_STR(hoy_err_string(&err, text), want, "none");
	CHECK(!err.has_extended && !err.extra);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "stale.test", &ips, &err), 1);
	CHECK(hoy_answer_of(ips)->has_extended && !hoy_answer_of(ips)->extra);
	CHECK_INT(hoy_answer_of(ips)->extended, 3);
	hoy_free(ips);
	hoy_resolver_free(r);
	ns_stop(ns);
}

/* A name that leaves little room: the words are cut between characters. */
TEST(a_reason_behind_the_longest_name)
{
	static char name[HOY_NAME_STRLEN];
	char text[HOY_ERR_STRLEN];

	for (size_t len = 200; len < sizeof name; len++) {
		hoy_err err;

		memset(name, 'a', len);
		hoy__lookup_fail(HOY_ESERVFAIL, name, &err);
		hoy__extended_tell(0, "\303\244\303\266\303\274 and so on, for many more words than there will be room for", &err);
		hoy_err_string(&err, text);
		CHECK_INT(strlen(err.subject), len);
		CHECK(strstr(text, ": server misbehaving (Other Error"));
		CHECK(text[strlen(text) - 1] == ')' && ((unsigned char)text[strlen(text) - 2] != 0xc3));
	}
}

/* ---- letters in random case ---- */

/* How a server treats the case of what it was asked, and the queries it saw. */
struct writer {
	bool folds, spells;	/* answers in small letters; writes the owner out instead of pointing */
	atomic_uint mixed, typed, cut;
};

static void small_letters(uint8_t *name)
{
	for (; *name; name++)
		if (*name >= 'A' && *name <= 'Z')
			*name |= 0x20;
}

/* One address, where "alias" is one of "Host.test". Everything about "big" comes over TCP. */
static void answer_in_case(struct ns_query *q, void *arg)
{
	static struct packet p;
	struct writer *w = arg;
	char name[HOY__NAME_STRLEN], folded[HOY__NAME_STRLEN];
	const char *owner = hoy__name_text(&q->m.question.name, name);
	bool cut;

	strcpy(folded, name);
	small_letters((uint8_t *)folded);
	atomic_fetch_add(strcmp(name, "Host.Test.") && strcmp(name, "alias.Test.") && strcmp(name, "big.Test.") ?
			 &w->mixed : &w->typed, 1);
	cut = !q->tcp && !strcmp(folded, "big.test.");
	packet_start(&p, q->m.id, HOY__QR | HOY__RD | HOY__RA | (cut ? HOY__TC : 0), w->folds ? folded : name,
		     q->m.question.type);
	if (w->spells)
		p.names.count = 0;
	if (!strcmp(folded, "alias.test.")) {
		packet_target(&p, owner, HOY__CNAME, "HOST.test");
		owner = "HOST.test";
	}
	if (!cut && q->m.question.type == HOY__A)
		packet_a(&p, owner, 7);
	ns_send(q, p.data, p.len);
}

static void check_case(hoy_resolver *r, const char *name, const char *told)
{
	char cname[HOY_NAME_STRLEN];
	hoy_record *records;
	hoy_ip *ips;
	int n;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", name, &ips, NULL), 1);
	CHECK_STR(hoy_answer_of(ips)->name, told, name);
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_cname(r, name, cname, NULL), 0);
	CHECK_STR(cname, told, name);
	n = hoy_resolver_query(r, name, HOY_TYPE_A, &records, NULL);
	CHECK(n == 1 || n == 2);
	for (int i = 0; i < n; i++)
		CHECK(!strcmp(records[i].name, told) || !strncmp(records[i].name, name, strlen(name)));
	hoy_free(records);
}

static int ask_in_mixed_case(void *arg)
{
	struct writer *w = arg;
	struct ns *ns = ns_start(answer_in_case, w);
	char server[HOY_ADDR_STRLEN];
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .flags = HOY_RESOLVER_MIXED_CASE }, server);
	hoy_resolver_stats stats;

	for (int i = 0; i < 20; i++) {
		check_case(r, "Host.Test", "Host.Test.");
		/* the server's word, and its tail, which points to the question's or the owner's */
		check_case(r, "alias.Test", "HOST.Test.");
		check_case(r, "big.Test", "big.Test.");
	}
	hoy_resolver_get_stats(r, &stats);
	CHECK_INT(stats.ignored, 0);
	CHECK_INT(stats.timeouts, 0);
	hoy_resolver_free(r);
	ns_stop(ns);
	return 0;
}

TEST(mixed_case_is_nobodys_to_see)
{
	for (int spells = 0; spells < 2; spells++) {
		struct writer w = { .spells = spells };

		CHECK_INT(ask_in_mixed_case(&w), 0);
		CHECK_INT(hoy_run(ask_in_mixed_case, &w), 0);
		/* by chance one in 256 is as typed; all of TCP is */
		CHECK(atomic_load(&w.mixed) > 500 && atomic_load(&w.typed) >= 200);
	}
}

/* A server that folds the case is as good as silent: what it says cannot be told from a forgery. */
TEST(a_server_that_folds_the_case)
{
	struct writer w = { .folds = true };
	struct ns *ns = ns_start(answer_in_case, &w);
	char server[HOY_ADDR_STRLEN];
	hoy_resolver_opts opts = { .flags = HOY_RESOLVER_MIXED_CASE, .attempts = 1, .timeout = 200 * HOY_MILLISECOND };
	hoy_resolver *r = resolver_at(ns, opts, server), *usual;
	hoy_resolver_stats stats;
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "a-long-name-for-which-chance-is-small.Test", &ips, NULL), HOY_ETIMEOUT);
	hoy_resolver_get_stats(r, &stats);
	CHECK_INT(stats.ignored, 1);
	CHECK_INT(stats.received, 0);
	hoy_resolver_free(r);
	opts.flags = 0;
	usual = resolver_at(ns, opts, server);
	CHECK_INT(hoy_resolver_lookup_ip(usual, "ip4", "a-long-name-for-which-chance-is-small.Test", &ips, NULL), 1);
	hoy_free(ips);
	hoy_resolver_free(usual);
	ns_stop(ns);
}

/* A answers, AAAA fails. */
static void half(struct ns_query *q, void *arg)
{
	(void)arg;
	if (q->m.question.type == HOY__A)
		ns_answer(q);
	else
		ns_rcode(q, HOY__SERVFAIL);
}

TEST(one_family_fails)
{
	struct ns *ns = ns_start(half, NULL);
	char server[HOY_ADDR_STRLEN];
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .attempts = 1 }, server);
	hoy_resolver *strict = resolver_at(ns, (hoy_resolver_opts){ .attempts = 1, .flags = HOY_RESOLVER_STRICT_ERRORS },
					   server);
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "host7.test", &ips, NULL), 1);
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(strict, "ip", "host7.test", &ips, NULL), HOY_ESERVFAIL);
	CHECK_INT(hoy_resolver_lookup_ip(strict, "ip4", "host7.test", &ips, NULL), 1);
	hoy_free(ips);
	hoy_resolver_free(r);
	hoy_resolver_free(strict);
	ns_stop(ns);
}

/* ---- the end from outside ---- */

static void say_nothing(struct ns_query *q, void *arg)
{
	(void)q;
	(void)arg;
}

struct ending {
	hoy_resolver *r;
	struct ns *ns;
	int code;
	hoy_wait_group done;
};

static int look_in_vain(void *arg)
{
	struct ending *e = arg;

	e->code = lookup_host_test(e->r);
	hoy_wait_group_done(&e->done);
	return 0;
}

/* Until it waits for the server. */
static void begin_looking(struct ending *e)
{
	hoy_wait_group_add(&e->done, 1);
	CHECK_INT(hoy_go(look_in_vain, e), 0);
	while (!ns_queries(e->ns))
		hoy_sleep(HOY_MILLISECOND);
}

static int close_while_looking(void *arg)
{
	struct ending *e = arg;

	begin_looking(e);
	CHECK_INT(hoy_resolver_close(e->r, NULL), 0);
	CHECK_INT(hoy_resolver_close(e->r, NULL), HOY_ECLOSED);
	hoy_wait_group_wait(&e->done);
	CHECK_INT(e->code, HOY_ECLOSED);
	CHECK_INT(lookup_host_test(e->r), HOY_ECLOSED);
	CHECK_INT(hoy_resolver_set_deadline(e->r, hoy_now(), NULL), HOY_ECLOSED);
	return 0;
}

static int deadline_while_looking(void *arg)
{
	struct ending *e = arg;

	hoy_wait_group_add(&e->done, 1);
	CHECK_INT(hoy_go(look_in_vain, e), 0);
	hoy_sleep(50 * HOY_MILLISECOND);
	CHECK_INT(hoy_resolver_set_deadline(e->r, hoy_now(), NULL), 0);
	hoy_wait_group_wait(&e->done);
	CHECK_INT(e->code, HOY_ETIMEOUT);
	return 0;
}

/* The function of hoy_run returns while a task is still looking. */
static int leave_while_looking(void *arg)
{
	struct ending *e = arg;

	hoy_wait_group_add(&e->done, 1);
	CHECK_INT(hoy_go(look_in_vain, e), 0);
	hoy_sleep(50 * HOY_MILLISECOND);
	return 0;
}

TEST(ended_from_outside)
{
	static hoy_fn *const ways[] = { close_while_looking, deadline_while_looking, leave_while_looking };
	static const int codes[] = { HOY_ECLOSED, HOY_ETIMEOUT, HOY_ECANCELED };
	char server[HOY_ADDR_STRLEN];

	for (size_t i = 0; i < LEN(ways); i++) {
		struct ns *ns = ns_start(say_nothing, NULL);
		struct ending e = { .r = resolver_at(ns, (hoy_resolver_opts){ 0 }, server), .ns = ns };

		CHECK_INT(hoy_run(ways[i], &e), 0);
		CHECK_INT(e.code, codes[i]);
		hoy_resolver_free(e.r);
		ns_stop(ns);
	}
}

static void *close_later(void *arg)
{
	usleep(50000);
	hoy_resolver_close(arg, NULL);
	return NULL;
}

TEST(closed_under_a_plain_thread)
{
	struct ns *ns = ns_start(say_nothing, NULL);
	char server[HOY_ADDR_STRLEN];
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ 0 }, server);
	pthread_t thread;

	pthread_create(&thread, NULL, close_later, r);
	CHECK_INT(lookup_host_test(r), HOY_ECLOSED);
	pthread_join(thread, NULL);
	hoy_resolver_free(r);
	ns_stop(ns);
}

TEST(total_is_for_everything)
{
	struct ns *ns = ns_start(say_nothing, NULL);
	char server[HOY_ADDR_STRLEN], text[HOY_ERR_STRLEN];
	const char *const suffixes[] = { "a.example", "b.example", "c.example", NULL };
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .total = 100 * HOY_MILLISECOND, .search = suffixes },
				      server);
	hoy_time begun = hoy_now();
	hoy_ip *ips;
	hoy_err err;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "host", &ips, &err), HOY_ETIMEOUT);
	CHECK_STR(hoy_err_string(&err, text), "lookup host: i/o timeout", "nobody's fault");
	CHECK(hoy_is_timeout(err.code));
	CHECK(hoy_is_temporary(err.code));
	CHECK(hoy_time_sub(hoy_now(), begun) < HOY_SECOND * t_scale());
	hoy_resolver_free(r);
	ns_stop(ns);
}

/* The resolver goes when the last lookup inside has left. */
static int free_while_looking(void *arg)
{
	struct ending *e = arg;

	begin_looking(e);
	hoy_resolver_free(e->r);
	hoy_wait_group_wait(&e->done);
	CHECK_INT(e->code, HOY_ECLOSED);
	return 0;
}

TEST(freed_while_looking)
{
	struct ns *ns = ns_start(say_nothing, NULL);
	char server[HOY_ADDR_STRLEN];
	struct ending e = { .r = resolver_at(ns, (hoy_resolver_opts){ 0 }, server), .ns = ns };

	CHECK_INT(hoy_run(free_while_looking, &e), 0);
	ns_stop(ns);
}

static void *deadline_later(void *arg)
{
	usleep(50000);
	hoy_resolver_set_deadline(arg, hoy_now(), NULL);
	return NULL;
}

TEST(deadline_of_another_thread)
{
	struct ns *ns = ns_start(say_nothing, NULL);
	char server[HOY_ADDR_STRLEN], text[HOY_ERR_STRLEN];
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ 0 }, server);
	pthread_t thread;
	hoy_ip *ips;
	hoy_err err;

	pthread_create(&thread, NULL, deadline_later, r);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "host.test", &ips, &err), HOY_ETIMEOUT);
	CHECK_STR(hoy_err_string(&err, text), "lookup host.test: i/o timeout", "no server's fault");
	pthread_join(thread, NULL);
	hoy_resolver_free(r);
	ns_stop(ns);
}

/* ---- many, and for long ---- */

enum { THREADS = 4, TASKS = 40, TURNS = 20 };

static int look_often(void *arg)
{
	static const char *const names[] = { "host.test", "alias.test", "four.test", "1.test.localhost" };
	struct at *at = arg;
	hoy_ip *ips;

	for (int i = 0; i < TURNS; i++) {
		CHECK(hoy_resolver_lookup_ip(at->r, "ip", names[i % LEN(names)], &ips, NULL) > 0);
		hoy_free(ips);
	}
	return 0;
}

static void *look_often_thread(void *arg)
{
	look_often(arg);
	return NULL;
}

TEST(many_at_once)
{
	struct ns *ns = ns_start(answer, NULL);
	pthread_t threads[THREADS];
	hoy_resolver_stats stats;
	struct at at;

	at.r = resolver_at(ns, (hoy_resolver_opts){ 0 }, at.server);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, look_often_thread, &at);
	CHECK_INT(look_often(&at), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	hoy_resolver_get_stats(at.r, &stats);
	CHECK_INT(stats.lookups, (THREADS + 1) * TURNS);
	hoy_resolver_free(at.r);
	ns_stop(ns);
}

static hoy_wait_group tasks;

static int look_often_task(void *arg)
{
	look_often(arg);
	hoy_wait_group_done(&tasks);
	return 0;
}

static int look_in_tasks(void *arg)
{
	hoy_wait_group_add(&tasks, TASKS);
	for (int i = 0; i < TASKS; i++)
		CHECK_INT(hoy_go(look_often_task, arg), 0);
	hoy_wait_group_wait(&tasks);
	return 0;
}

TEST(many_tasks_at_once)
{
	struct ns *ns = ns_start(answer, NULL);
	struct at at;

	at.r = resolver_at(ns, (hoy_resolver_opts){ 0 }, at.server);
	CHECK_INT(hoy_run(look_in_tasks, &at), 0);
	hoy_resolver_free(at.r);
	ns_stop(ns);
}

/* The clock goes on by five seconds whenever the test says so. */
static int64_t ahead;

static int64_t shifted(void)
{
	return hoy__os_linux.monotonic() + ahead;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static bool host_is(hoy_resolver *r, const char *want)
{
	char **list;
	bool is = false;

	if (hoy_resolver_lookup_host(r, "moving.example", &list, NULL) > 0) {
		is = strcmp(list[0], want) == 0;
		hoy_free(list);
	}
	return is;
}

TEST(hosts_are_read_again)
{
	static struct hoy__os os;
	char hosts[] = "/tmp/hoy-hosts-XXXXXX";
	hoy_resolver *r;

	os = hoy__os_linux;
	os.monotonic = shifted;
	hoy__os = &os;
	close(mkstemp(hosts));
	write_text(hosts, "192.0.2.1 moving.example\n");
	r = hoy_resolver_new(&(hoy_resolver_opts){ .hosts = hosts, .resolv_conf = "", .nsswitch = "" }, NULL);
	CHECK(host_is(r, "192.0.2.1"));
	write_text(hosts, "192.0.2.22 moving.example\n");
	CHECK(host_is(r, "192.0.2.1"));
	ahead += 6 * HOY_SECOND;
	CHECK(host_is(r, "192.0.2.22"));
	hoy_resolver_free(r);
	unlink(hosts);
}

/* resolv.conf names a server where nobody listens; how often and for how long is asked is its options' to say. */
TEST(options_of_resolv_conf)
{
	char conf[] = "/tmp/hoy-resolv-XXXXXX";
	struct ns *ns = ns_start(say_nothing, NULL);
	hoy_resolver_stats stats;
	hoy_resolver *r;
	char server[HOY_ADDR_STRLEN];
	hoy_time begun = hoy_now();
	hoy_ip *ips;

	close(mkstemp(conf));
	write_text(conf, "search one.example two.example\noptions timeout:1 attempts:1 ndots:3 no-aaaa\n");
	r = resolver_at(ns, (hoy_resolver_opts){ .resolv_conf = conf, .total = 3500 * HOY_MILLISECOND }, server);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.b", &ips, NULL), HOY_ETIMEOUT);
	hoy_resolver_get_stats(r, &stats);
	CHECK_INT(stats.sent, 3);	/* three names, one type, once */
	CHECK(hoy_time_sub(hoy_now(), begun) < 3400 * HOY_MILLISECOND * t_scale());
	hoy_resolver_free(r);
	ns_stop(ns);
	unlink(conf);
}

/* ---- the trace ---- */

struct traced {
	unsigned count[HOY_TRACE_DONE + 1];
	char names[8][HOY_NAME_STRLEN];
	unsigned named;
	int code;
};

static void note(const hoy_trace *event, void *arg)
{
	struct traced *t = arg;

	t->count[event->kind]++;
	if (event->kind == HOY_TRACE_NAME && t->named < LEN(t->names))
		strcpy(t->names[t->named++], event->name);
	if (event->kind == HOY_TRACE_DONE)
		t->code = event->code;
}

TEST(tells_what_it_does)
{
	struct ns *ns = ns_start(answer, NULL);
	struct traced t = { .code = 1 };
	char server[HOY_ADDR_STRLEN];
	const char *const suffixes[] = { "nowhere.example", "corp.example", NULL };
	hoy_resolver *r = resolver_at(ns, (hoy_resolver_opts){ .trace = note, .arg = &t, .search = suffixes }, server);
	hoy_resolver_stats stats;
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "www", &ips, NULL), 1);
	hoy_free(ips);
	CHECK_INT(t.count[HOY_TRACE_NAME], 2);
	CHECK_STR(t.names[0], "www.nowhere.example.", "first");
	CHECK_STR(t.names[1], "www.corp.example.", "second");
	CHECK_INT(t.count[HOY_TRACE_SOURCE], 2);
	CHECK_INT(t.count[HOY_TRACE_SENT], 4);
	CHECK_INT(t.count[HOY_TRACE_RECEIVED], 4);
	CHECK_INT(t.count[HOY_TRACE_DONE], 1);
	CHECK_INT(t.code, 0);
	hoy_resolver_get_stats(r, &stats);
	CHECK_INT(stats.lookups, 1);
	CHECK_INT(stats.sent, 4);
	CHECK_INT(stats.received, 4);
	hoy_resolver_free(r);
	ns_stop(ns);
}
