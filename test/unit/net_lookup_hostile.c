/*
 * What has gone wrong in other resolvers above the wire, by the numbers of the study's
 * catalogue: names handed to callers (N), records nobody asked for (S), sizes (W), retries
 * and calls from inside (T). Each against a server that does it.
 */
#include <errno.h>
#include <pthread.h>

#include <hoy.h>

#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

static hoy_resolver *resolver_at(struct ns *ns, hoy_resolver_opts opts)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr = ns_addr(ns);
	const char *const servers[] = { hoy_addr_string(&addr, text), NULL };
	hoy_resolver *r;

	opts.servers = servers;
	opts.resolv_conf = opts.hosts = opts.nsswitch = "";
	r = hoy_resolver_new(&opts, NULL);
	CHECK(r);
	return r;
}

/* The scenario in this thread and in a task, with a server behind it. */
static void against(ns_script *script, hoy_fn *scenario, hoy_resolver_opts opts)
{
	struct ns *ns = ns_start(script, NULL);
	hoy_resolver *r = resolver_at(ns, opts);

	CHECK_INT(scenario(r), 0);
	CHECK_INT(hoy_run(scenario, r), 0);
	hoy_resolver_free(r);
	ns_stop(ns);
}

static struct packet *reply_to(const struct ns_query *q, char name[HOY__NAME_STRLEN])
{
	struct packet *p = calloc(1, sizeof *p);

	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, hoy__name_text(&q->m.question.name, name),
		     q->m.question.type);
	return p;
}

static void send_reply(const struct ns_query *q, struct packet *p)
{
	ns_send(q, p->data, p->len);
	free(p);
}

/* N1: NUL, a dot inside a label, a blank, markup, a percent sign, a line's end; and one that is good. */
static const char *const names[] = {
	"nul\\000.example.", "dot\\.inside.example.", "a\\032b.example.", "\\060b\\062.example.", "100\\037.example.",
	"line\\010end.example.", "-dash.example.", "good_name.example."
};

static void answer_with_names(struct ns_query *q, void *arg)
{
	static const unsigned numbers[] = { [HOY__MX] = 1, [HOY__SRV] = 3 };
	unsigned type = q->m.question.type;
	char name[HOY__NAME_STRLEN];
	struct packet *p = reply_to(q, name);

	(void)arg;
	for (size_t i = 0; i < LEN(names); i++) {
		size_t at = packet_record(p, HOY__ANSWER, name, type, 60);

		for (unsigned n = type < LEN(numbers) ? numbers[type] : 0; n > 0; n--)
			packet_number(p, 7, 2);
		packet_name(p, names[i]);
		packet_close(p, at);
	}
	send_reply(q, p);
}

static void check_names(int n, const char *first, const void *list)
{
	CHECK_INT(n, 1);
	if (n <= 0)
		return;
	CHECK_STR(first, "good_name.example.", "the good one");
	CHECK_INT(hoy_answer_of(list)->dropped, LEN(names) - 1);
}

static int look_for_names(void *r)
{
	char **list = NULL;
	hoy_srv *srv = NULL;
	hoy_mx *mx = NULL;
	hoy_ns *ns = NULL;
	int n;

	n = hoy_resolver_lookup_mx(r, "a.example", &mx, NULL);
	check_names(n, n > 0 ? mx[0].host : "", mx);
	n = hoy_resolver_lookup_ns(r, "a.example", &ns, NULL);
	check_names(n, n > 0 ? ns[0].host : "", ns);
	n = hoy_resolver_lookup_srv(r, "x", "tcp", "a.example", NULL, &srv, NULL);
	check_names(n, n > 0 ? srv[0].target : "", srv);
	n = hoy_resolver_lookup_addr(r, "192.0.2.1", &list, NULL);
	check_names(n, n > 0 ? list[0] : "", list);
	hoy_free(mx);
	hoy_free(ns);
	hoy_free(srv);
	hoy_free(list);
	return 0;
}

TEST(n1_names_that_are_none) { against(answer_with_names, look_for_names, (hoy_resolver_opts){ 0 }); }

/* N1: the raw question tells them all, escaped. */
static int tell_names(void *r)
{
	hoy_record *list;

	if (CHECK_INT(hoy_resolver_query(r, "a.example", HOY_TYPE_NS, &list, NULL), LEN(names))) {
		CHECK_STR(list[0].text, "nul\\000.example.", "escaped");
		CHECK_STR(list[1].text, "dot\\.inside.example.", "escaped");
		CHECK(!strpbrk(list[5].text, "\n\r"));
		hoy_free(list);
	}
	return 0;
}

TEST(n1_raw_names_are_escaped) { against(answer_with_names, tell_names, (hoy_resolver_opts){ 0 }); }

static void bad_cname(struct ns_query *q, void *arg)
{
	char name[HOY__NAME_STRLEN];
	struct packet *p = reply_to(q, name);

	(void)arg;
	packet_target(p, name, HOY__CNAME, "a\\032b.example.");
	if (q->m.question.type == HOY__A)
		packet_a(p, "a\\032b.example.", 7);
	send_reply(q, p);
}

static int look_for_cname(void *r)
{
	char cname[HOY_NAME_STRLEN] = "untouched";
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_cname(r, "a.example", cname, NULL), HOY_EBADNAMES);
	CHECK_STR(cname, "untouched", "cname");
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, NULL), 1);
	hoy_free(ips);
	return 0;
}

TEST(n1_canonical_name_that_is_none) { against(bad_cname, look_for_cname, (hoy_resolver_opts){ 0 }); }

/* N3, N4: names of every length, of digits and dots, of letters, with and without dots. No packet is sent for any. */
static void must_not_be_asked(struct ns_query *q, void *arg)
{
	(void)arg;
	CHECK(q->m.question.name.len <= HOY__NAME_SIZE);
	ns_rcode(q, HOY__NXDOMAIN);
}

static int look_for_lengths(void *r)
{
	static const char *const patterns[] = { "1.", "9", "127.0.0.1.", "256.", "0x7f.", "a", "a.b" };
	char name[700];
	hoy_ip *ips;

	for (size_t i = 0; i < LEN(patterns); i++) {
		size_t width = strlen(patterns[i]);

		for (size_t len = 250; len < sizeof name; len += len < 260 ? 1 : 97) {
			hoy_resolver_stats before, after;
			int n;

			for (size_t at = 0; at < len; at++)
				name[at] = patterns[i][at % width];
			name[len] = '\0';
			hoy_resolver_get_stats(r, &before);
			n = hoy_resolver_lookup_ip(r, "ip", name, &ips, NULL);
			hoy_resolver_get_stats(r, &after);
			CHECK_INT(n, HOY_ENOHOST);
			if (len > 254)
				CHECK_INT(after.sent, before.sent);
		}
	}
	return 0;
}

TEST(n3_n4_names_of_every_length)
{
	against(must_not_be_asked, look_for_lengths, (hoy_resolver_opts){ .search = (const char *const[]){ "x", NULL } });
}

/* N5: no IDNA here. What is not ASCII is no name, and what somebody else has encoded is one as it stands. */
static void answer_the_encoded(struct ns_query *q, void *arg)
{
	char name[HOY__NAME_STRLEN];

	(void)arg;
	CHECK_STR(hoy__name_text(&q->m.question.name, name), "xn--bcher-kva.example.", "asked for");
	ns_answer(q);
}

static int look_for_umlauts(void *r)
{
	static const char *const others[] = {
		"b\303\274cher.example", "b\374cher.example", "\342\200\213a.example", "a\357\274\216example", "\377",
	};
	hoy_ip *ips;

	for (size_t i = 0; i < LEN(others); i++)
		CHECK_INT(hoy_resolver_lookup_ip(r, "ip", others[i], &ips, NULL), HOY_ENOHOST);
	if (CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "xn--bcher-kva.example", &ips, NULL), 2))
		hoy_free(ips);
	return 0;
}

TEST(n5_names_beyond_ascii) { against(answer_the_encoded, look_for_umlauts, (hoy_resolver_opts){ 0 }); }

/* F5: the environment says nothing, in no program: what glibc heeds there is not ours to heed in setuid ones. */
static void answer_the_name_as_typed(struct ns_query *q, void *arg)
{
	char name[HOY__NAME_STRLEN];

	(void)arg;
	CHECK(!q->tcp);
	CHECK_STR(hoy__name_text(&q->m.question.name, name), "host.", "asked for");
	ns_answer(q);
}

static int look_with_environment(void *r)
{
	hoy_ip *ips;

	if (CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "host", &ips, NULL), 2))
		hoy_free(ips);
	return 0;
}

TEST(f5_the_environment_says_nothing)
{
	char aliases[] = "/tmp/hoy-aliases-XXXXXX";
	int fd = mkstemp(aliases);

	CHECK_INT(write(fd, "host other.example\n", 19), 19);
	close(fd);
	setenv("RES_OPTIONS", "ndots:7 use-vc attempts:9", 1);
	setenv("LOCALDOMAIN", "secret.example", 1);
	setenv("HOSTALIASES", aliases, 1);
	against(answer_the_name_as_typed, look_with_environment,
		(hoy_resolver_opts){ .search = (const char *const[]){ NULL } });
	unlink(aliases);
}

/* S5: records of another's name, beside the chain and in the additional section. */
static void answer_for_others(struct ns_query *q, void *arg)
{
	char name[HOY__NAME_STRLEN];
	struct packet *p = reply_to(q, name);

	(void)arg;
	packet_a(p, "bank.example.", 66);
	if (q->m.question.type == HOY__A)
		packet_a(p, name, 1);
	packet_target(p, "other.example.", HOY__CNAME, name);
	packet_raw(p, HOY__ADDITIONAL, name, HOY__A, 60, (uint8_t[]){ 192, 0, 2, 67 }, 4);
	send_reply(q, p);
}

static int look_for_own(void *r)
{
	char text[HOY_IP_STRLEN];
	hoy_ip *ips;

	if (CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, NULL), 1)) {
		CHECK_STR(hoy_ip_string(ips[0], text), "192.0.2.1", "its own");
		hoy_free(ips);
	}
	return 0;
}

TEST(s5_records_of_others) { against(answer_for_others, look_for_own, (hoy_resolver_opts){ 0 }); }

/* W13: as many addresses as a message holds; the list is on the heap and complete. */
static void answer_with_thousands(struct ns_query *q, void *arg)
{
	(void)arg;
	if (q->tcp)
		ns_answer_many(q, q->m.question.type == HOY__A ? 4000 : 2000);
	else
		ns_rcode(q, HOY__TC);
}

static int look_for_thousands(void *r)
{
	hoy_addr *addrs;
	char **texts;

	CHECK_INT(hoy_resolver_lookup_host(r, "n1.example", &texts, NULL), 6000);
	hoy_free(texts);
	CHECK_INT(hoy_resolver_lookup_ip_addr(r, "n1.example", &addrs, NULL), 6000);
	hoy_free(addrs);
	return 0;
}

TEST(w13_thousands_of_addresses) { against(answer_with_thousands, look_for_thousands, (hoy_resolver_opts){ 0 }); }

/* T8: a chain that goes round. */
static void answer_in_circles(struct ns_query *q, void *arg)
{
	char name[HOY__NAME_STRLEN];
	struct packet *p = reply_to(q, name);

	(void)arg;
	packet_target(p, name, HOY__CNAME, "b.example.");
	packet_target(p, "b.example.", HOY__CNAME, name);
	send_reply(q, p);
}

static int look_in_circles(void *r)
{
	char cname[HOY_NAME_STRLEN];
	hoy_mx *mx;
	hoy_ip *ips;

	CHECK(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, NULL) < 0);
	CHECK(hoy_resolver_lookup_mx(r, "a.example", &mx, NULL) < 0);
	CHECK(hoy_resolver_lookup_cname(r, "a.example", cname, NULL) < 0);
	return 0;
}

TEST(t8_chain_that_goes_round)
{
	against(answer_in_circles, look_in_circles, (hoy_resolver_opts){ .attempts = 1, .timeout = 100 * HOY_MILLISECOND });
}

/* T9: one SERVFAIL costs names x types x attempts, and not one packet more. */
static void fail_always(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_rcode(q, HOY__SERVFAIL);
}

static int count_packets(void *r)
{
	hoy_resolver_stats before, after;
	hoy_ip *ips;
	hoy_mx *mx;

	hoy_resolver_get_stats(r, &before);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a", &ips, NULL), HOY_ESERVFAIL);
	hoy_resolver_get_stats(r, &after);
	CHECK_INT(after.sent - before.sent, 3 * 2 * 2);
	before = after;
	CHECK_INT(hoy_resolver_lookup_mx(r, "a", &mx, NULL), HOY_ESERVFAIL);
	hoy_resolver_get_stats(r, &after);
	CHECK_INT(after.sent - before.sent, 3 * 2);
	return 0;
}

TEST(t9_packets_are_counted)
{
	against(fail_always, count_packets,
		(hoy_resolver_opts){ .attempts = 2, .search = (const char *const[]){ "x.example", "y.example", NULL } });
}

/* T6: closed from inside the lookup itself, at each kind of event. */
struct closer {
	hoy_resolver *r;
	int kind;
};

static void close_inside(const hoy_trace *event, void *arg)
{
	struct closer *c = arg;

	if ((int)event->kind == c->kind)
		hoy_resolver_close(c->r, NULL);
}

static void answer_simply(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_answer(q);
}

static int look_and_close(void *arg)
{
	struct closer *c = arg;
	hoy_ip *ips;
	int n = hoy_resolver_lookup_ip(c->r, "ip", "n1.example", &ips, NULL);

	CHECK(n == 2 || n == HOY_ECLOSED);
	if (n > 0)
		hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(c->r, "ip", "n1.example", &ips, NULL), HOY_ECLOSED);
	return 0;
}

TEST(t6_closed_from_inside)
{
	static const int kinds[] = { HOY_TRACE_SOURCE, HOY_TRACE_NAME, HOY_TRACE_SENT, HOY_TRACE_RECEIVED, HOY_TRACE_DONE };

	for (size_t i = 0; i < 2 * LEN(kinds); i++) {
		struct ns *ns = ns_start(answer_simply, NULL);
		struct closer c = { .kind = kinds[i / 2] };

		c.r = resolver_at(ns, (hoy_resolver_opts){ .trace = close_inside, .arg = &c });
		CHECK_INT(i % 2 ? hoy_run(look_and_close, &c) : look_and_close(&c), 0);
		hoy_resolver_free(c.r);
		ns_stop(ns);
	}
}
