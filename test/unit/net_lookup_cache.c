/* Lookups of a resolver with a cache: the lists are the same, and say whence and for how long. */
#include <stdlib.h>
#include <unistd.h>

#include <hoy.h>

#include "os/os.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

static int64_t ahead;
static struct hoy__os os;

static int64_t shifted(void)
{
	return hoy__os_linux.monotonic() + ahead;
}

static int64_t shifted_with_sleep(void)
{
	return hoy__os_linux.boottime() + ahead;
}

/* Once, and not when workers are there already. */
static void shift_clocks(void)
{
	if (hoy__os == &os)
		return;
	os = hoy__os_linux;
	os.monotonic = shifted;
	os.boottime = shifted_with_sleep;
	hoy__os = &os;
}

/* ---- a server that knows "host.test" and what belongs to it; it may go out of order ---- */

static atomic_bool broken;

static void put_soa(struct packet *p)
{
	size_t at = packet_record(p, HOY__AUTHORITY, "test.", HOY__SOA, 90);

	packet_number(p, 0, 2);
	for (int i = 0; i < 5; i++)
		packet_number(p, 90, 4);
	packet_close(p, at);
}

static void put_number(struct packet *p, const char *name, unsigned type, unsigned count, const char *target)
{
	size_t at = packet_record(p, HOY__ANSWER, name, type, 60);

	for (unsigned i = 0; i < count; i++)
		packet_number(p, 10 + i, 2);
	packet_name(p, target);
	packet_close(p, at);
}

static void put_answer(struct packet *p, const char *name, unsigned type)
{
	switch (type) {
	case HOY__A: packet_raw(p, HOY__ANSWER, name, type, 60, "\177\0\0\1", 4); break;
	case HOY__AAAA: packet_raw(p, HOY__ANSWER, name, type, 45, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16); break;
	case HOY__TXT: packet_raw(p, HOY__ANSWER, name, type, 60, "\2ab\1c", 5); break;
	case HOY__MX: put_number(p, name, type, 1, "host.test."); break;
	case HOY__SRV: put_number(p, name, type, 3, "host.test."); break;
	case HOY__NS: case HOY__PTR: put_number(p, name, type, 0, "host.test."); break;
	default: put_soa(p);
	}
}

static void answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];
	bool there;

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	there = strstr(name, "host.test.") || strstr(name, ".arpa.");
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	if (atomic_load(&broken)) {
		p->data[3] |= HOY__SERVFAIL;
	} else if (!there) {
		p->data[3] |= HOY__NXDOMAIN;
		put_soa(p);
	} else if (!strncmp(name, "alias", 5)) {
		put_number(p, name, HOY__CNAME, 0, "host.test.");
		put_answer(p, "host.test.", q->m.question.type);
	} else {
		put_answer(p, name, q->m.question.type);
	}
	ns_send(q, p->data, p->len);
	free(p);
}

struct at {
	struct ns *ns;
	hoy_resolver *r;
	unsigned before;
};

static void begin(struct at *at, hoy_resolver_opts opts)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	const char *const servers[] = { text, NULL };

	shift_clocks();
	at->ns = ns_start(answer, NULL);
	addr = ns_addr(at->ns);
	hoy_addr_string(&addr, text);
	opts.servers = opts.resolv_conf ? NULL : servers;
	if (!opts.resolv_conf)
		opts.resolv_conf = "";
	opts.hosts = opts.nsswitch = opts.services = "";
	opts.attempts = 1;
	opts.cache = opts.cache ? opts.cache : 100;
	at->r = hoy_resolver_new(&opts, NULL);
	at->before = 0;
	CHECK(at->r);
}

static void end(struct at *at)
{
	hoy_resolver_free(at->r);
	ns_stop(at->ns);
}

static unsigned queries(struct at *at)
{
	unsigned now = ns_queries(at->ns), n = now - at->before;

	at->before = now;
	return n;
}

/* ---- every kind, asked and remembered ---- */

static void ip_text(hoy_resolver *r, char *text)
{
	hoy_ip *ips;
	int n = hoy_resolver_lookup_ip(r, "ip", "alias.host.test", &ips, NULL);

	for (int i = 0; i < n; i++)
		hoy_ip_string(ips[i], text + strlen(text));
	sprintf(text + strlen(text), " %s", n > 0 ? hoy_answer_of(ips)->name : "");
	hoy_free(n > 0 ? ips : NULL);
}

static void cname_text(hoy_resolver *r, char *text)
{
	char cname[HOY_NAME_STRLEN] = "";

	hoy_resolver_lookup_cname(r, "alias.host.test", cname, NULL);
	strcpy(text, cname);
}

static void addr_text(hoy_resolver *r, char *text)
{
	char **names;
	int n = hoy_resolver_lookup_addr(r, "192.0.2.1", &names, NULL);

	for (int i = 0; i < n; i++)
		strcat(text, names[i]);
	hoy_free(n > 0 ? names : NULL);
}

static void mx_text(hoy_resolver *r, char *text)
{
	hoy_mx *mx;
	int n = hoy_resolver_lookup_mx(r, "host.test", &mx, NULL);

	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s %d", mx[i].host, mx[i].pref);
	hoy_free(n > 0 ? mx : NULL);
}

static void txt_text(hoy_resolver *r, char *text)
{
	hoy_txt *txt;
	int n = hoy_resolver_lookup_txt(r, "host.test", &txt, NULL);

	for (int i = 0; i < n; i++)
		strcat(text, txt[i].text);
	hoy_free(n > 0 ? txt : NULL);
}

static void srv_text(hoy_resolver *r, char *text)
{
	hoy_srv *srv;
	int n = hoy_resolver_lookup_srv(r, "x", "tcp", "host.test", NULL, &srv, NULL);

	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s %d %d %d", srv[i].target, srv[i].priority, srv[i].weight, srv[i].port);
	hoy_free(n > 0 ? srv : NULL);
}

static void query_text(hoy_resolver *r, char *text)
{
	hoy_record *records;
	int n = hoy_resolver_query(r, "other.test", HOY_TYPE_MX, &records, NULL);

	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text), "%u %s %s", hoy_answer_of(records)->rcode, records[i].name, records[i].text);
	hoy_free(n > 0 ? records : NULL);
}

static int each_kind(void *arg)
{
	static void (*const kinds[])(hoy_resolver *, char *) = {
		ip_text, cname_text, addr_text, mx_text, txt_text, srv_text, query_text,
	};
	struct at at;

	(void)arg;
	begin(&at, (hoy_resolver_opts){ 0 });
	for (size_t i = 0; i < LEN(kinds); i++) {
		char asked[500] = "", remembered[500] = "";

		kinds[i](at.r, asked);
		CHECK(asked[0]);
		CHECK(queries(&at) > 0 || i == 1);	/* the addresses' alias is known already */
		kinds[i](at.r, remembered);
		CHECK_STR(remembered, asked, "the same list");
		CHECK_INT(queries(&at), 0);
	}
	end(&at);
	return 0;
}

TEST(every_lookup_is_remembered)
{
	CHECK_INT(each_kind(NULL), 0);
	CHECK_INT(hoy_run(each_kind, NULL), 0);
}

/* ---- whence, and for how long ---- */

static void want_answer(struct at *at, const char *network, enum hoy_source source, uint32_t ttl)
{
	hoy_ip *ips;
	int n = hoy_resolver_lookup_ip(at->r, network, "host.test", &ips, NULL);

	if (!CHECK(n > 0))
		return;
	CHECK_INT(hoy_answer_of(ips)->source, source);
	CHECK_INT(hoy_answer_of(ips)->ttl, ttl);
	CHECK_INT(hoy_answer_of(ips)->server.kind, HOY_ADDR_UDP);
	CHECK_STR(hoy_answer_of(ips)->name, "host.test.", "name");
	hoy_free(ips);
}

TEST(the_answer_says_whence_and_for_how_long)
{
	struct at at;

	begin(&at, (hoy_resolver_opts){ .stale = HOY_HOUR });
	want_answer(&at, "ip4", HOY_SOURCE_DNS, 60);
	want_answer(&at, "ip4", HOY_SOURCE_CACHE, 60);
	ahead += 20 * HOY_SECOND;
	want_answer(&at, "ip4", HOY_SOURCE_CACHE, 40);
	want_answer(&at, "ip", HOY_SOURCE_DNS, 40);	/* AAAA had to be asked for */
	want_answer(&at, "ip", HOY_SOURCE_CACHE, 40);
	atomic_store(&broken, true);
	ahead += 40 * HOY_SECOND;
	want_answer(&at, "ip", HOY_SOURCE_STALE, 5);	/* the A record is old, AAAA has five seconds */
	want_answer(&at, "ip6", HOY_SOURCE_CACHE, 5);
	ahead += 5 * HOY_SECOND;
	want_answer(&at, "ip", HOY_SOURCE_STALE, 30);
	end(&at);
}

TEST(records_count_down_too)
{
	static const struct { int64_t pass; bool broken; enum hoy_source source; uint32_t ttl; } cases[] = {
		{ 0, false, HOY_SOURCE_DNS, 60 }, { 13, false, HOY_SOURCE_CACHE, 47 }, { 46, false, HOY_SOURCE_CACHE, 1 },
		{ 1, true, HOY_SOURCE_STALE, 30 }, { 40, false, HOY_SOURCE_DNS, 60 },
	};
	hoy_record *records;
	struct at at;

	begin(&at, (hoy_resolver_opts){ .stale = HOY_HOUR });
	for (size_t i = 0; i < LEN(cases); i++) {
		ahead += cases[i].pass * HOY_SECOND;
		atomic_store(&broken, cases[i].broken);
		if (!CHECK_INT(hoy_resolver_query(at.r, "host.test", HOY_TYPE_A, &records, NULL), 1))
			continue;
		CHECK_INT(records[0].ttl, cases[i].ttl);
		CHECK_INT(hoy_answer_of(records)->ttl, cases[i].ttl);
		CHECK_INT(hoy_answer_of(records)->source, cases[i].source);
		hoy_free(records);
	}
	end(&at);
}

/* The same words, and the same server, the second time; and not one packet. */
TEST(T9_a_failure_costs_its_packets_once)
{
	char first[HOY_ERR_STRLEN], second[HOY_ERR_STRLEN];
	struct at at;
	hoy_err err;
	hoy_ip *ips;

	begin(&at, (hoy_resolver_opts){ .search = (const char *const[]){ "x.test", "y.test", NULL } });
	atomic_store(&broken, true);
	CHECK_INT(hoy_resolver_lookup_ip(at.r, "ip", "host", &ips, &err), HOY_ESERVFAIL);
	hoy_err_string(&err, first);
	CHECK_INT(queries(&at), 3 * 2);
	CHECK_INT(hoy_resolver_lookup_ip(at.r, "ip", "host", &ips, &err), HOY_ESERVFAIL);
	CHECK_STR(hoy_err_string(&err, second), first, "error");
	CHECK_INT(err.rcode, HOY__SERVFAIL);
	CHECK_INT(queries(&at), 0);
	end(&at);
}

TEST(a_failure_is_told_in_the_same_words)
{
	static const char *const addresses[] = { "192.0.2.1", "2001:db8::1" };
	char first[HOY_ERR_STRLEN], second[HOY_ERR_STRLEN];
	struct at at;
	hoy_err err;
	char **names;

	begin(&at, (hoy_resolver_opts){ 0 });
	atomic_store(&broken, true);
	for (size_t i = 0; i < LEN(addresses); i++) {
		CHECK_INT(hoy_resolver_lookup_addr(at.r, addresses[i], &names, &err), HOY_ESERVFAIL);
		hoy_err_string(&err, first);
		CHECK_INT(hoy_resolver_lookup_addr(at.r, addresses[i], &names, &err), HOY_ESERVFAIL);
		CHECK_STR(hoy_err_string(&err, second), first, addresses[i]);
	}
	end(&at);
}

TEST(names_of_the_search_list_that_do_not_exist_are_asked_for_once)
{
	struct at at;
	hoy_ip *ips;

	begin(&at, (hoy_resolver_opts){ .search = (const char *const[]){ "x.test", "y.test", NULL }, .ndots = 3 });
	for (int i = 0; i < 3; i++) {
		CHECK_INT(hoy_resolver_lookup_ip(at.r, "ip4", "host.test", &ips, NULL), 1);
		hoy_free(ips);
		CHECK_INT(queries(&at), i ? 0 : 1);	/* host.test.x.test is there as well */
	}
	for (int i = 0; i < 3; i++) {
		CHECK_INT(hoy_resolver_lookup_ip(at.r, "ip4", "none.test", &ips, NULL), HOY_ENOHOST);
		CHECK_INT(queries(&at), i ? 0 : 3);
	}
	end(&at);
}

/* Another list of servers, or options that change how they are asked: nothing of before counts. */
TEST(a_changed_resolv_conf_drops_the_cache)
{
	static const char *const texts[] = {
		"nameserver 127.0.0.1\n", "nameserver 127.0.0.2\n", "nameserver 127.0.0.2\noptions use-vc\n",
		"nameserver 127.0.0.2\noptions use-vc trust-ad\n",
	};
	char path[] = "/tmp/hoy-resolv-XXXXXX";
	struct at at;
	hoy_ip *ips;

	close(mkstemp(path));
	begin(&at, (hoy_resolver_opts){ .resolv_conf = path, .timeout = 50 * HOY_MILLISECOND });
	for (size_t i = 0; i < LEN(texts); i++) {
		hoy_resolver_stats first, second;
		FILE *f = fopen(path, "w");

		fputs(texts[i], f);
		fclose(f);
		/* nobody listens there; the second time that is remembered for longer than the file is not looked at */
		for (int turn = 0; turn < 2; turn++) {
			ahead += 6 * HOY_SECOND;
			CHECK(hoy_resolver_lookup_ip(at.r, "ip4", "host.test", &ips, NULL) < 0);
		}
		hoy_resolver_get_stats(at.r, &first);
		CHECK(hoy_resolver_lookup_ip(at.r, "ip4", "host.test", &ips, NULL) < 0);
		hoy_resolver_get_stats(at.r, &second);
		CHECK_INT(first.misses, 2 * (i + 1));
		CHECK_INT(second.hits, i + 1);
		CHECK_INT(second.entries, 1);
	}
	end(&at);
	unlink(path);
}

/* ---- others have their turn ---- */

static atomic_bool had_its_turn;

static int take_a_turn(void *arg)
{
	(void)arg;
	atomic_store(&had_its_turn, true);
	return 0;
}

static int look_up_without_end(void *r)
{
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "host.test", &ips, NULL), 1);
	hoy_free(ips);
	CHECK_INT(hoy_go(take_a_turn, NULL), 0);
	for (int i = 0; i < 1000 && !atomic_load(&had_its_turn); i++) {
		CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "host.test", &ips, NULL), 1);
		hoy_free(ips);
	}
	CHECK(atomic_load(&had_its_turn));
	return 0;
}

TEST(whoever_asks_for_what_is_known_lets_others_run)
{
	const hoy_run_opts one = { .workers = 1 };
	struct at at;

	begin(&at, (hoy_resolver_opts){ 0 });
	CHECK_INT(hoy_run_with(&one, look_up_without_end, at.r), 0);
	end(&at);
}

/* ---- dialling ---- */

static int dial_twice(void *arg)
{
	hoy_resolver *r = arg;
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_dialer d = { .resolver = r };
	char at[HOY_ADDR_STRLEN];
	hoy_addr addr;

	if (!CHECK(l))
		return 0;
	hoy_listener_addr(l, &addr);
	snprintf(at, sizeof at, "host.test:%d", addr.port);
	for (int i = 0; i < 2; i++) {
		hoy_conn *c = hoy_dialer_dial(&d, "tcp4", at, NULL);

		CHECK(c);
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return 0;
}

TEST(dialling_asks_once)
{
	struct at at;

	begin(&at, (hoy_resolver_opts){ 0 });
	CHECK_INT(hoy_run(dial_twice, at.r), 0);
	CHECK(queries(&at) <= 2);
	end(&at);
}
