/* Zone transfers from a name server that does it well, badly, or not at all. The zone's name says which. */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

static struct packet p;

static void put_soa(const char *zone, unsigned serial)
{
	size_t at = packet_record(&p, HOY__ANSWER, zone, HOY__SOA, 3600);

	packet_name(&p, "ns.test.");
	packet_name(&p, "host.test.");
	packet_number(&p, serial, 4);
	for (int i = 0; i < 4; i++)
		packet_number(&p, 600, 4);
	packet_close(&p, at);
}

static void begin(const struct ns_query *q, const char *zone)
{
	packet_start(&p, q->m.id, HOY__QR, zone, HOY_TYPE_AXFR);
}

/* The question is left out, as later messages may do. */
static void go_on(const struct ns_query *q)
{
	packet_start(&p, q->m.id, HOY__QR, NULL, 0);
}

static void send_it(const struct ns_query *q)
{
	ns_send(q, p.data, p.len);
}

static void serve_one(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa(zone, 1);
	packet_a(&p, "a.test.", 1);
	packet_target(&p, "mail.test.", HOY__NS, "a.test.");
	put_soa(zone, 1);
	send_it(q);
}

static void serve_many(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa(zone, 1);
	send_it(q);
	for (unsigned i = 0; i < 50; i++) {
		go_on(q);
		for (unsigned k = 0; k < 100; k++)
			packet_a(&p, "a.test.", k);
		packet_opt(&p, 1232, 0);	/* not of the zone */
		send_it(q);
	}
	go_on(q);
	send_it(q);	/* without a record */
	go_on(q);
	put_soa(zone, 1);
	send_it(q);
}

static void serve_empty(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	send_it(q);
}

static void serve_headless(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	packet_a(&p, "a.test.", 1);
	put_soa(zone, 1);
	send_it(q);
}

static void serve_other_soa(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa("elsewhere.test.", 1);
	put_soa(zone, 1);
	send_it(q);
}

static void serve_changed(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa(zone, 1);
	packet_a(&p, "a.test.", 1);
	put_soa(zone, 2);
	send_it(q);
}

static void serve_beyond(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa(zone, 1);
	put_soa(zone, 1);
	packet_a(&p, "a.test.", 1);
	send_it(q);
}

static void serve_start(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	put_soa(zone, 1);
	packet_a(&p, "a.test.", 1);
	send_it(q);
}

static void serve_cut(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
	ns_hang_up(q, false);
}

static void serve_half(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
	ns_send_raw(q, "\0\60half a message", 16);
	ns_hang_up(q, false);
}

static void serve_reset(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
	ns_hang_up(q, true);
}

static void serve_wrong_id(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
	packet_start(&p, q->m.id + 1u, HOY__QR, NULL, 0);
	send_it(q);
}

static void serve_query(const struct ns_query *q, const char *zone)
{
	packet_start(&p, q->m.id, 0, zone, HOY_TYPE_AXFR);
	put_soa(zone, 1);
	send_it(q);
}

static void serve_other_question(const struct ns_query *q, const char *zone)
{
	packet_start(&p, q->m.id, HOY__QR, zone, HOY__A);
	put_soa(zone, 1);
	send_it(q);
}

static void serve_other_class(const struct ns_query *q, const char *zone)
{
	size_t end;

	serve_start(q, zone);
	go_on(q);
	end = p.len;
	packet_a(&p, "a.test.", 1);
	p.data[end + 8 + 3] = 3;	/* behind the name and the type */
	send_it(q);
}

static void serve_malformed(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
	go_on(q);
	packet_a(&p, "a.test.", 1);
	packet_raw(&p, HOY__ANSWER, "a.test.", HOY__A, 1, "abc", 3);
	send_it(q);
}

static void serve_overlong(const struct ns_query *q, const char *zone)
{
	begin(q, zone);
	p.data[7] = 200;	/* records that are not there */
	send_it(q);
}

static void serve_nothing(const struct ns_query *q, const char *zone)
{
	(void)zone;
	ns_send_raw(q, "\0\0", 2);
}

static void refuse(const struct ns_query *q, const char *zone)
{
	ns_rcode(q, (unsigned)zone[0] - 'A');	/* "F.test." 5 */
}

static void stay_silent(const struct ns_query *q, const char *zone)
{
	serve_start(q, zone);
}

/* A zone's name without ".test.", what the server does, what comes of it, and after how many records. */
static const struct row {
	const char *name;
	void (*serve)(const struct ns_query *q, const char *zone);
	int code, records;
	unsigned rcode;
} rows[] = {
	{ "one", serve_one, 0, 4, 0 },
	{ "many", serve_many, 0, 5002, 0 },
	{ "F", refuse, HOY_EREFUSED, 0, HOY__REFUSED },
	{ "J", refuse, HOY_EREFUSED, 0, 9 },
	{ "D", refuse, HOY_ENOHOST, 0, HOY__NXDOMAIN },
	{ "C", refuse, HOY_ESERVFAIL, 0, HOY__SERVFAIL },
	{ "E", refuse, HOY_ESERVFAIL, 0, HOY__NOTIMP },
	{ "A", refuse, HOY_EMESSAGE, 0, HOY_RCODE_NONE },	/* no error, and no zone */
	{ "empty", serve_empty, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "headless", serve_headless, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "othersoa", serve_other_soa, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "changed", serve_changed, HOY_EMESSAGE, 2, HOY_RCODE_NONE },
	{ "beyond", serve_beyond, HOY_EMESSAGE, 2, HOY_RCODE_NONE },
	{ "cut", serve_cut, HOY_EEOF, 2, HOY_RCODE_NONE },
	{ "half", serve_half, HOY_EEOF, 2, HOY_RCODE_NONE },
	{ "reset", serve_reset, -ECONNRESET, 2, HOY_RCODE_NONE },
	{ "wrongid", serve_wrong_id, HOY_EMESSAGE, 2, HOY_RCODE_NONE },
	{ "query", serve_query, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "otherquestion", serve_other_question, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "otherclass", serve_other_class, HOY_EMESSAGE, 2, HOY_RCODE_NONE },
	{ "malformed", serve_malformed, HOY_EMESSAGE, 3, HOY_RCODE_NONE },
	{ "overlong", serve_overlong, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "nothing", serve_nothing, HOY_EMESSAGE, 0, HOY_RCODE_NONE },
	{ "silent", stay_silent, HOY_ETIMEOUT, 2, HOY_RCODE_NONE },
};

static void serve(struct ns_query *q, void *arg)
{
	char zone[HOY__NAME_STRLEN];
	size_t len;

	(void)arg;
	hoy__name_text(&q->m.question.name, zone);
	len = strcspn(zone, ".");
	CHECK(q->tcp && q->m.question.type == HOY_TYPE_AXFR);
	for (size_t i = 0; i < LEN(rows); i++)
		if (strlen(rows[i].name) == len && !memcmp(rows[i].name, zone, len))
			rows[i].serve(q, zone);
}

/* What has come of a transfer. */
struct arrival {
	hoy_resolver *resolver, *to_close;
	const char *zone;
	int records, stop_at;
	hoy_err err;
	int code;
	char first[300], last[300];
};

static hoy_record_fn take;

static int take(const hoy_record *rr, void *arg)
{
	struct arrival *a = arg;

	snprintf(a->records ? a->last : a->first, sizeof a->last, "%s %u %d %s", rr->name, rr->ttl, rr->type, rr->text);
	CHECK_INT(rr->section, 1);
	a->records++;
	if (a->to_close)
		hoy_resolver_close(a->to_close, NULL);
	return a->stop_at && a->records == a->stop_at ? -EIDRM : 0;
}

static int transfer(void *arg)
{
	struct arrival *a = arg;

	a->records = 0;
	a->err.code = 0;
	a->code = hoy_resolver_transfer(a->resolver, a->zone, take, a, &a->err);
	return 0;
}

static hoy_resolver *resolver_at(const char *const *servers, hoy_duration timeout)
{
	return hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .timeout = timeout, .resolv_conf = "", .hosts = "",
						      .nsswitch = "" }, NULL);
}

TEST(whatever_the_server_does)
{
	struct ns *ns = ns_start(serve, NULL);
	hoy_addr addr = ns_addr(ns);
	char server[HOY_ADDR_STRLEN], zone[300], text[HOY_ERR_STRLEN];
	const char *const servers[] = { hoy_addr_string(&addr, server), NULL };

	for (size_t i = 0; i < 2 * LEN(rows); i++) {
		const struct row *row = &rows[i / 2];
		struct arrival a = { .zone = zone,
			.resolver = resolver_at(servers, row->code == HOY_ETIMEOUT ? 200 * HOY_MILLISECOND * t_scale() : 0) };

		snprintf(zone, sizeof zone, "%s.test", row->name);
		if (i % 2)
			CHECK_INT(hoy_run(transfer, &a), 0);
		else
			transfer(&a);
		if (!CHECK_INT(a.code, row->code) || !CHECK_INT(a.records, row->records))
			fprintf(stderr, "zone %s\n", zone);
		CHECK_INT(a.err.code, row->code);
		if (row->code) {
			CHECK(hoy_addr_equal(&a.err.addr, &addr) || a.err.addr.port == addr.port);
			CHECK_INT(a.err.rcode, row->rcode);
			CHECK(strstr(hoy_err_string(&a.err, text), zone) != NULL);
		}
		hoy_resolver_free(a.resolver);
	}
	ns_stop(ns);
}

TEST(records_as_they_come)
{
	struct ns *ns = ns_start(serve, NULL);
	hoy_addr addr = ns_addr(ns);
	char server[HOY_ADDR_STRLEN];
	const char *const servers[] = { hoy_addr_string(&addr, server), NULL };
	struct arrival a = { .zone = "one.test.", .resolver = resolver_at(servers, 0) };

	transfer(&a);
	CHECK_STR(a.first, "one.test. 3600 6 ns.test. host.test. 1 600 600 600 600", "first");
	CHECK_STR(a.last, a.first, "last");
	a.stop_at = 3;
	transfer(&a);
	CHECK_INT(a.code, -EIDRM);
	CHECK_INT(a.records, 3);
	CHECK_STR(a.last, "mail.test. 60 2 a.test.", "names in full");
	a.stop_at = 0;
	CHECK_INT(hoy_resolver_transfer(a.resolver, "headless.test", take, &a, NULL), HOY_EMESSAGE);
	a.to_close = a.resolver;
	a.zone = "many.test";
	transfer(&a);
	CHECK_INT(a.code, HOY_ECLOSED);
	CHECK_INT(a.records, 1);
	transfer(&a);
	CHECK_INT(a.code, HOY_ECLOSED);
	CHECK_INT(a.records, 0);
	hoy_resolver_free(a.resolver);
	ns_stop(ns);
}

TEST(other_servers_are_tried_until_a_record_has_come)
{
	struct ns *ns = ns_start(serve, NULL), *closed = ns_start(serve, NULL);
	hoy_addr addr = ns_addr(ns), other = ns_addr(closed);
	char server[HOY_ADDR_STRLEN], nobody[HOY_ADDR_STRLEN];
	const char *const servers[] = { hoy_addr_string(&other, nobody), hoy_addr_string(&addr, server), NULL };
	struct arrival a = { .zone = "one.test.", .resolver = resolver_at(servers, 0) };

	ns_close_tcp(closed);
	transfer(&a);
	CHECK_INT(a.code, 0);
	CHECK_INT(a.records, 4);
	a.zone = "cut.test";
	transfer(&a);
	CHECK_INT(a.code, HOY_EEOF);
	CHECK_INT(a.records, 2);
	CHECK_INT(ns_queries(ns), 2);
	a.zone = "a..b";
	transfer(&a);
	CHECK_INT(a.code, HOY_ENOHOST);
	CHECK_INT(ns_queries(ns), 2);
	hoy_resolver_free(a.resolver);
	a.resolver = hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .flags = HOY_RESOLVER_IPV6_SERVERS }, NULL);
	a.zone = "one.test";
	transfer(&a);
	CHECK_INT(a.code, -EDESTADDRREQ);
	hoy_resolver_free(a.resolver);
	ns_stop(ns);
	ns_stop(closed);
}

/* ---- every system call and every allocation fails once ---- */

static bool fail_one(struct arrival *a, long n)
{
	int open;
	long blocks;
	bool fired;

	fault_reset();
	open = fault_open_descriptors();
	blocks = fault_live_blocks();
	fault_at(n > 0 ? n : 0, 0);
	fault_alloc_at(n < 0 ? -n : 0);
	transfer(a);
	fired = fault_fired();
	if (a->code < 0)
		CHECK_INT(a->err.code, a->code);
	else
		CHECK_INT(a->records, 4);
	fault_reset();
	transfer(a);
	CHECK_INT(a->code, 0);
	CHECK_INT(a->records, 4);
	CHECK_INT(fault_open_descriptors(), open);
	CHECK_INT(fault_live_blocks(), blocks);
	CHECK_INT(fault_bad_descriptors(), 0);
	return fired;
}

static void sweep(long sign)
{
	struct ns *ns = ns_start(serve, NULL);
	hoy_addr addr = ns_addr(ns);
	char server[HOY_ADDR_STRLEN];
	const char *const servers[] = { hoy_addr_string(&addr, server), NULL };
	struct arrival a = { .zone = "one.test" };
	long n = 1;

	fault_install();
	a.resolver = resolver_at(servers, 0);
	transfer(&a);
	while (n < 300 && fail_one(&a, sign * n))
		n++;
	CHECK(n > 5 && n < 300);
	hoy_resolver_free(a.resolver);
	ns_stop(ns);
}

TEST(each_call) { sweep(1); }
TEST(each_allocation) { sweep(-1); }
