/*
 * What is remembered from one question to the next, against a name server that counts
 * them. The clock of what is remembered is the test's: time passes when it says so.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/sync.h>

#include "dns/cache.h"
#include "os/os.h"
#include "support/asking.h"
#include "support/packet.h"
#include "t.h"

enum { ENTRIES = 100 };

/* ---- the clock ---- */

static _Atomic int64_t ahead;
static struct hoy__os os;

static int64_t shifted(void)
{
	return hoy__os_linux.boottime() + atomic_load(&ahead);
}

static void shift_clock(void)
{
	os = hoy__os_linux;
	os.boottime = shifted;
	hoy__os = &os;
}

static void pass(int64_t seconds)
{
	atomic_fetch_add(&ahead, seconds * HOY_SECOND);
}

/* ---- the server: the first label says what there is ---- */

enum mood { WELL, SILENT, SERVFAIL, REFUSED, LAME, GARBAGE };

static atomic_int mood;
static atomic_bool cut;		/* everything is truncated, even over TCP */

static void put_a(struct packet *p, const char *name, unsigned ttl)
{
	packet_raw(p, HOY__ANSWER, name, HOY__A, ttl, (uint8_t[]){ 192, 0, 2, 1 }, 4);
}

static void put_cname(struct packet *p, const char *name, unsigned ttl)
{
	size_t at = packet_record(p, HOY__ANSWER, name, HOY__CNAME, ttl);

	packet_name(p, "end.example.");
	packet_close(p, at);
}

static void put_soa(struct packet *p, const char *zone, unsigned ttl, unsigned minimum)
{
	size_t at = packet_record(p, HOY__AUTHORITY, zone, HOY__SOA, ttl);

	packet_number(p, 0, 2);
	for (int i = 0; i < 4; i++)
		packet_number(p, 1, 4);
	packet_number(p, minimum, 4);
	packet_close(p, at);
}

static void put_answer(struct packet *p, const char *name)
{
	if (!strncmp(name, "ttl", 3))
		put_a(p, name, (unsigned)strtoul(name + 3, NULL, 10));
	else if (!strncmp(name, "alias", 5))
		put_cname(p, name, 30), put_a(p, "end.example.", 300);
	else if (!strncmp(name, "shortend", 8))
		put_cname(p, name, 300), put_a(p, "end.example.", 20);
	else if (!strncmp(name, "astray", 6))
		put_cname(p, name, 30);
	else if (!strncmp(name, "lost", 4))
		put_cname(p, name, 30), put_soa(p, "example.", 100, 40), p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "nodata", 6))
		put_soa(p, "example.", 100, 40);
	else if (!strncmp(name, "gone", 4))
		put_soa(p, "example.", 40, 100), p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "bare", 4))
		p->data[3] |= HOY__NXDOMAIN;
	else if (!strncmp(name, "foreign", 7))
		put_soa(p, "example.net.", 100, 100), p->data[3] |= HOY__NXDOMAIN;
}

static void answer_well(struct ns_query *q)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	if (q->m.flags & HOY__AD)
		p->data[3] |= HOY__AD;
	if (atomic_load(&cut))
		p->data[2] |= HOY__TC >> 8;
	put_answer(p, name);
	ns_send(q, p->data, p->len);
	free(p);
}

/* Nothing, and no recursion to be had. */
static void refer(struct ns_query *q)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	packet_start(p, q->m.id, HOY__QR | HOY__RD, hoy__name_text(&q->m.question.name, name), q->m.question.type);
	ns_send(q, p->data, p->len);
	free(p);
}

static void answer(struct ns_query *q, void *arg)
{
	(void)arg;
	switch (atomic_load(&mood)) {
	case WELL: answer_well(q); break;
	case SERVFAIL: ns_rcode(q, HOY__SERVFAIL); break;
	case REFUSED: ns_rcode(q, HOY__REFUSED); break;
	case LAME: refer(q); break;
	case GARBAGE: q->data[2] |= 0x80; q->data[11] += 3; ns_send(q, q->data, q->len); break;
	}
}

static struct asking k;
static struct ns *ns;

/* Short when the server is to be silent, else more than a busy machine needs. */
static void begin_with(int64_t stale, int64_t timeout)
{
	shift_clock();
	ns = ns_start(answer, NULL);
	asking_start(&k, ns);
	k.policy.attempts = 1;
	k.policy.timeout = timeout;
	CHECK_INT(hoy__asker_remember(k.asker, ENTRIES, stale), 0);
}

static void begin(int64_t stale)
{
	begin_with(stale, 10 * HOY_SECOND);
}

static void begin_in(enum mood m, int64_t stale)
{
	begin_with(stale, m == SILENT ? 300 * t_scale() * HOY_MILLISECOND : 10 * HOY_SECOND);
}

static void finish(void)
{
	asking_end(&k);
	ns_stop(ns);
}

static unsigned queries(void)
{
	static unsigned before;
	unsigned now = ns_queries(ns), n = now - before;

	before = now;
	return n;
}

/* Asks, and wants this code, this source, so many queries, and this TTL. */
static void want(const char *name, uint16_t type, int code, enum hoy_source source, unsigned packets, uint32_t ttl)
{
	int failures = atomic_load(&t_shared->failures);

	ask_types(&k, name, &type, 1);
	CHECK_INT(k.found[0].code, code);
	CHECK_INT(k.found[0].source, source);
	CHECK_INT(queries(), packets);
	if (ttl)
		CHECK_INT(k.found[0].reply.ttl, ttl);
	if (atomic_load(&t_shared->failures) > failures)
		fprintf(stderr, "asking for %s\n", name);
}

static hoy_resolver_stats stats(void)
{
	hoy_resolver_stats s = { 0 };

	hoy__asker_get_stats(k.asker, &s);
	return s;
}

/* ---- answers ---- */

TEST(an_answer_is_asked_for_once_and_its_time_runs_down)
{
	begin(0);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 60);
	pass(10);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 50);
	CHECK(hoy_addr_equal(&k.found[0].server, &k.servers[0]));
	CHECK_INT(hoy__found_ttl(&k.found[0], 300), 290);
	CHECK_INT(hoy__found_ttl(&k.found[0], 5), 0);
	pass(50);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	CHECK_INT(stats().hits, 2);
	CHECK_INT(stats().misses, 2);
	CHECK_INT(stats().stale, 0);
	CHECK_INT(stats().entries, 1);
	finish();
}

/* How long what the server says of a name is remembered. */
TEST(S10_each_answer_has_its_time)
{
	static const struct { const char *name; int code; int64_t time; } cases[] = {
		{ "ttl60.example", 0, 60 }, { "ttl0.example", 0, 0 },
		{ "ttl2147483647.example", 0, HOY__CACHE_ANSWER_MOST },
		{ "ttl2147483648.example", 0, 0 }, { "ttl4294967295.example", 0, 0 },	/* RFC 2181 section 8 */
		{ "alias.example", 0, 30 }, { "shortend.example", 0, 20 },		/* the least of the chain */
		{ "gone.example", HOY_ENOHOST, 40 }, { "nodata.example", HOY_ENODATA, 40 },
		{ "lost.example", HOY_ENOHOST, 30 },
		{ "bare.example", HOY_ENOHOST, 0 }, { "empty.example", HOY_ENODATA, 0 },	/* no SOA, no memory */
		{ "foreign.example", HOY_ENOHOST, 0 }, { "astray.example", HOY_ENODATA, 0 },
	};

	begin(0);
	for (size_t i = 0; i < LEN(cases); i++) {
		want(cases[i].name, HOY__A, cases[i].code, HOY_SOURCE_DNS, 1, 0);
		if (cases[i].time) {
			pass(cases[i].time - 1);
			want(cases[i].name, HOY__A, cases[i].code, HOY_SOURCE_CACHE, 0, 0);
			pass(1);
		}
		want(cases[i].name, HOY__A, cases[i].code, HOY_SOURCE_DNS, 1, 0);
	}
	finish();
}

TEST(RFC2308_no_such_name_is_for_all_types)
{
	begin(0);
	want("gone.example", HOY__A, HOY_ENOHOST, HOY_SOURCE_DNS, 1, 40);
	want("gone.example", HOY__MX, HOY_ENOHOST, HOY_SOURCE_CACHE, 0, 40);
	CHECK(k.found[0].message != NULL);
	CHECK_INT(k.found[0].reply.rcode, HOY__NXDOMAIN);
	want("nodata.example", HOY__A, HOY_ENODATA, HOY_SOURCE_DNS, 1, 0);
	want("nodata.example", HOY__MX, HOY_ENODATA, HOY_SOURCE_DNS, 1, 0);
	/* where a chain ends says nothing of its beginning */
	want("lost.example", HOY__A, HOY_ENOHOST, HOY_SOURCE_DNS, 1, 0);
	want("lost.example", HOY__MX, HOY_ENOHOST, HOY_SOURCE_DNS, 1, 0);
	finish();
}

TEST(the_name_is_told_as_it_was_asked_for)
{
	struct hoy__name name;
	char text[HOY__NAME_STRLEN];

	begin(0);
	want("ttl60.Example", HOY__A, 0, HOY_SOURCE_DNS, 1, 0);
	want("Ttl60.eXample", HOY__A, 0, HOY_SOURCE_CACHE, 0, 0);
	name = k.found[0].reply.name;
	CHECK_STR(hoy__name_text(&name, text), "Ttl60.eXample.", "name");
	want("alias.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 0);
	want("ALIAS.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 0);
	CHECK_STR(hoy__name_text(&k.found[0].reply.name, text), "end.example.", "the chain's end");
	finish();
}

TEST(questions_for_more_than_data_are_not_remembered)
{
	begin(0);
	for (int i = 0; i < 2; i++)
		want("ttl60.example", HOY__ANY, 0, HOY_SOURCE_DNS, 1, 0);
	CHECK_INT(stats().entries, 0);
	finish();
}

/* Any number may be asked for; none of them means all. */
TEST(type_0_is_a_type_like_any_other)
{
	begin(0);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	want("ttl60.example", 0, HOY_ENODATA, HOY_SOURCE_DNS, 1, 0);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 60);
	want("nodata.example", 0, HOY_ENODATA, HOY_SOURCE_DNS, 1, 40);
	want("nodata.example", HOY__A, HOY_ENODATA, HOY_SOURCE_DNS, 1, 40);
	finish();
}

TEST(a_truncated_answer_is_not_remembered)
{
	begin(0);
	atomic_store(&cut, true);
	for (int i = 0; i < 2; i++)
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 2, 60);
	CHECK_INT(ns_connections(ns), 1);
	CHECK_INT(stats().entries, 0);
	finish();
}

TEST(without_a_cache_everything_is_asked)
{
	shift_clock();
	ns = ns_start(answer, NULL);
	asking_start(&k, ns);
	CHECK_INT(hoy__asker_remember(k.asker, 0, HOY_HOUR), 0);
	for (int i = 0; i < 3; i++)
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	CHECK_INT(stats().misses + stats().hits + stats().entries, 0);
	finish();
}

TEST(one_family_may_be_known_and_the_other_not)
{
	begin(0);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	ask_both(&k, "ttl60.example");
	CHECK_INT(queries(), 1);
	CHECK_INT(k.found[0].source, HOY_SOURCE_CACHE);
	CHECK_INT(k.found[1].source, HOY_SOURCE_DNS);
	ask_types(&k, "ttl60.example", (uint16_t[]){ HOY__A, HOY__A }, 2);
	CHECK(k.found[0].message == k.found[1].message);	/* the message itself, no copy */
	finish();
}

TEST(what_was_found_outlives_the_cache)
{
	struct hoy__message m;
	struct hoy__record rr;

	begin(0);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 60);
	hoy__asker_free(k.asker);
	CHECK_INT(hoy__message_open(&m, k.found[0].message, k.found[0].len), 0);
	CHECK_INT(hoy__reply_next(&m, &k.found[0].reply, &rr), 1);
	asking_drop(&k);
	ns_stop(ns);
}

TEST(authenticated_is_as_the_server_said_until_its_time_is_over)
{
	begin(HOY_HOUR);
	k.policy.trust_ad = true;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	CHECK(k.found[0].reply.authenticated);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 60);
	CHECK(k.found[0].reply.authenticated);
	pass(60);
	atomic_store(&mood, SERVFAIL);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, HOY__CACHE_STALE_TTL);
	CHECK(!k.found[0].reply.authenticated);
	atomic_store(&mood, WELL);
	/* who does not trust it asks anew */
	k.policy.trust_ad = false;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	CHECK(!k.found[0].reply.authenticated);
	finish();
}

/* ---- other servers ---- */

TEST(other_servers_are_asked_anew)
{
	struct ns *other;

	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	other = ns_start(answer, NULL);
	k.servers[0] = ns_addr(other);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 0, 60);
	CHECK_INT(ns_queries(other), 1);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 0, 60);
	k.servers[0] = ns_addr(ns);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	CHECK_INT(stats().entries, 1);
	ns_stop(other);
	finish();
}

static void answer_nothing(struct ns_query *q, void *arg)
{
	(void)q;
	(void)arg;
}

static void answer_late(struct ns_query *q, void *arg)
{
	(void)arg;
	usleep(50000);
	answer_well(q);
}

static hoy_wait_group group;

static int ask_the_late_one(void *arg)
{
	struct asking *mine = arg;

	ask_one(mine, "ttl60.example");
	CHECK_INT(mine->found[0].code, 0);
	hoy_wait_group_done(&group);
	return 0;
}

static int change_servers_meanwhile(void *arg)
{
	struct ns *late = arg;
	static struct asking mine;

	mine = k;
	mine.policy.server = mine.servers;
	mine.policy.arg = &mine;
	mine.servers[0] = ns_addr(late);
	hoy_wait_group_add(&group, 1);
	CHECK_INT(hoy_go(ask_the_late_one, &mine), 0);
	hoy_sleep(10 * HOY_MILLISECOND);
	ask_one(&k, "ttl90.example");	/* of other servers: a new epoch */
	hoy_wait_group_wait(&group);
	asking_drop(&mine);
	ask_one(&k, "ttl60.example");
	CHECK_INT(k.found[0].source, HOY_SOURCE_DNS);
	CHECK_INT(stats().entries, 2);
	return 0;
}

TEST(an_answer_of_the_servers_before_comes_too_late)
{
	struct ns *late = ns_start(answer_late, NULL);

	begin(0);
	CHECK_INT(hoy_run(change_servers_meanwhile, late), 0);
	ns_stop(late);
	finish();
}

static int ask_in_vain(void *arg)
{
	struct asking *mine = arg;

	ask_one(mine, "ttl60.example");
	CHECK_INT(mine->found[0].code, HOY_ETIMEOUT);
	hoy_wait_group_done(&group);
	return 0;
}

static int get_answered_elsewhere(void *arg)
{
	static struct asking mine;
	struct ns *other = arg;

	mine = k;
	mine.policy.server = mine.servers;
	mine.policy.arg = &mine;
	hoy_wait_group_add(&group, 1);
	CHECK_INT(hoy_go(ask_in_vain, &mine), 0);
	while (!ns_queries(ns))
		hoy_sleep(HOY_MILLISECOND);
	k.servers[0] = ns_addr(other);
	ask_one(&k, "ttl60.example");
	CHECK_INT(k.found[0].code, 0);
	hoy_wait_group_wait(&group);
	asking_drop(&mine);
	return 0;
}

TEST(an_answer_of_other_servers_stands_in_for_nobody)
{
	struct ns *other;

	begin_with(HOY_HOUR, 300 * HOY_MILLISECOND);
	ns_stop(ns);
	ns = ns_start(answer_nothing, NULL);
	k.servers[0] = ns_addr(ns);
	other = ns_start(answer, NULL);
	CHECK_INT(hoy_run(get_answered_elsewhere, other), 0);
	ns_stop(other);
	finish();
}

/* ---- one family late ---- */

static void answer_a(struct ns_query *q, void *arg)
{
	if (q->m.question.type == HOY__A)
		answer(q, arg);
}

static int ask_both_families(void *arg)
{
	struct asking *mine = arg;

	ask_both(mine, "ttl60.example");
	CHECK_INT(mine->found[0].code, 0);
	CHECK_INT(mine->found[1].code, HOY_ETIMEOUT);
	hoy_wait_group_done(&group);
	return 0;
}

static int ask_for_one_meanwhile(void *arg)
{
	static struct asking mine;

	(void)arg;
	mine = k;
	mine.policy.server = mine.servers;
	mine.policy.arg = &mine;
	hoy_wait_group_add(&group, 1);
	CHECK_INT(hoy_go(ask_both_families, &mine), 0);
	while (!stats().received)
		hoy_sleep(HOY_MILLISECOND);
	pass(10);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_CACHE, 2, 50);
	hoy_wait_group_wait(&group);
	asking_drop(&mine);
	return 0;
}

TEST(an_answer_is_known_to_all_at_once_and_from_then_on)
{
	begin_with(0, HOY_SECOND);
	ns_stop(ns);
	ns = ns_start(answer_a, NULL);
	k.servers[0] = ns_addr(ns);
	CHECK_INT(hoy_run(ask_for_one_meanwhile, NULL), 0);
	finish();
}

/* ---- failures ---- */

TEST(T9_RFC9520_a_failure_is_remembered_longer_each_time)
{
	static const struct { enum mood mood; int code; int64_t most; } cases[] = {
		{ SERVFAIL, HOY_ESERVFAIL, 300 }, { REFUSED, HOY_EREFUSED, 300 }, { GARBAGE, HOY_EMESSAGE, 300 },
		{ LAME, HOY_ELAME, 300 }, { SILENT, HOY_ETIMEOUT, 30 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		begin_in(cases[i].mood, 0);
		queries();
		atomic_store(&mood, cases[i].mood);
		for (int64_t time = 5; time < 2 * cases[i].most; time *= 2) {
			want("ttl60.example", HOY__A, cases[i].code, HOY_SOURCE_DNS, 1, 0);
			CHECK(hoy_addr_equal(&k.found[0].server, &k.servers[0]));
			pass((time < cases[i].most ? time : cases[i].most) - 1);
			want("ttl60.example", HOY__A, cases[i].code, HOY_SOURCE_CACHE, 0, 0);
			CHECK(hoy_addr_equal(&k.found[0].server, &k.servers[0]));
			pass(1);
		}
		atomic_store(&mood, WELL);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
		finish();
	}
}

TEST(RFC9520_an_answer_ends_a_row_of_failures)
{
	begin(0);
	for (int i = 0; i < 2; i++) {
		atomic_store(&mood, SERVFAIL);
		want("ttl1.example", HOY__A, HOY_ESERVFAIL, HOY_SOURCE_DNS, 1, 0);
		pass(5);
		atomic_store(&mood, WELL);
		want("ttl1.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 1);
		pass(1);
	}
	finish();
}

TEST(nobody_at_the_port_is_remembered_too)
{
	begin(0);
	ns_stop(ns);		/* its port is free now */
	for (int i = 0; i < 2; i++) {
		ask_one(&k, "ttl60.example");
		CHECK_INT(k.found[0].code, -ECONNREFUSED);
		CHECK_INT(k.found[0].source, i ? HOY_SOURCE_CACHE : HOY_SOURCE_DNS);
	}
	asking_end(&k);
}

/* The caller's own trouble is nobody's answer. */
static int fail_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	(void)fd;
	(void)sa;
	(void)len;
	return -ENETUNREACH;
}

TEST(a_network_that_is_not_there_is_not_remembered)
{
	begin(0);
	os.connect = fail_connect;
	for (int i = 0; i < 2; i++)
		want("ttl60.example", HOY__A, -ENETUNREACH, HOY_SOURCE_DNS, 0, 0);
	CHECK_INT(stats().entries, 0);
	os.connect = hoy__os_linux.connect;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	finish();
}

TEST(an_own_deadline_is_not_remembered)
{
	begin(0);
	atomic_store(&mood, SILENT);
	k.policy.deadline = hoy_now().ns + 200 * t_scale() * HOY_MILLISECOND;
	want("ttl60.example", HOY__A, HOY_ETIMEOUT, HOY_SOURCE_DNS, 1, 0);
	CHECK_INT(stats().entries, 0);
	atomic_store(&mood, WELL);
	k.policy.deadline = HOY__NEVER;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	/* and past it even what is known is not told */
	k.policy.deadline = hoy_now().ns - 1;
	want("ttl60.example", HOY__A, HOY_ETIMEOUT, HOY_SOURCE_DNS, 0, 0);
	finish();
}

static void *close_soon(void *arg)
{
	usleep(200000);
	hoy__asker_close(arg);
	return NULL;
}

TEST(closing_is_not_remembered)
{
	pthread_t thread;

	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	atomic_store(&mood, SILENT);
	pthread_create(&thread, NULL, close_soon, k.asker);
	want("ttl60.example", HOY__A, HOY_ECLOSED, HOY_SOURCE_DNS, 1, 0);
	pthread_join(thread, NULL);
	want("ttl60.example", HOY__A, HOY_ECLOSED, HOY_SOURCE_DNS, 0, 0);
	finish();
}

/* ---- old answers ---- */

TEST(S11_RFC8767_an_old_answer_stands_in_only_when_nobody_answers)
{
	static const enum mood moods[] = { SERVFAIL, REFUSED, LAME, GARBAGE, SILENT };

	for (size_t i = 0; i < LEN(moods); i++) {
		begin_in(moods[i], HOY_HOUR);
		queries();
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
		pass(60);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);	/* there is a fresh one */
		pass(60);
		atomic_store(&mood, moods[i]);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, HOY__CACHE_STALE_TTL);
		CHECK_INT(k.found[0].reply.records, 1);
		CHECK_INT(hoy__found_ttl(&k.found[0], 300), HOY__CACHE_STALE_TTL);
		pass(HOY__CACHE_STALE_RECHECK - 1);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 0, HOY__CACHE_STALE_TTL);
		pass(1);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, HOY__CACHE_STALE_TTL);
		atomic_store(&mood, WELL);
		pass(HOY__CACHE_STALE_RECHECK);
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
		CHECK_INT(stats().stale, 3);
		finish();
	}
}

TEST(S11_RFC8767_an_old_answer_has_its_end)
{
	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	want("nodata.example", HOY__A, HOY_ENODATA, HOY_SOURCE_DNS, 1, 40);
	atomic_store(&mood, SERVFAIL);
	pass(60 + 3600 - 1);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, 0);
	pass(1);
	want("ttl60.example", HOY__A, HOY_ESERVFAIL, HOY_SOURCE_CACHE, 0, 0);
	want("nodata.example", HOY__A, HOY_ESERVFAIL, HOY_SOURCE_DNS, 1, 0);
	finish();
}

TEST(S11_an_answer_that_there_is_none_stands_in_too)
{
	begin(HOY_HOUR);
	want("nodata.example", HOY__A, HOY_ENODATA, HOY_SOURCE_DNS, 1, 40);
	pass(40);
	atomic_store(&mood, SERVFAIL);
	want("nodata.example", HOY__A, HOY_ENODATA, HOY_SOURCE_STALE, 1, HOY__CACHE_STALE_TTL);
	finish();
}

TEST(RFC8767_with_an_old_answer_nobody_waits_for_long)
{
	struct ns *other;
	hoy_time start;

	begin(HOY_HOUR);
	other = ns_start(answer, NULL);
	asking_add(&k, other);
	k.policy.timeout = 20 * HOY_SECOND;
	k.policy.attempts = 3;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	atomic_store(&mood, SILENT);
	start = hoy_now();
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, 0);
	CHECK_INT(ns_queries(other), 1);	/* each was asked */
	CHECK(hoy_time_sub(hoy_now(), start) < 3 * HOY_SECOND);
	pass(HOY__CACHE_STALE_RECHECK);
	atomic_store(&mood, WELL);
	ask_both(&k, "nodata.example");
	pass(60);
	atomic_store(&mood, SILENT);
	k.policy.single_request = true;		/* one after the other, and no longer all the same */
	start = hoy_now();
	ask_both(&k, "nodata.example");
	CHECK_INT(k.found[1].source, HOY_SOURCE_STALE);
	CHECK(hoy_time_sub(hoy_now(), start) < 3 * HOY_SECOND);
	ns_stop(other);
	finish();
}

TEST(who_has_no_time_left_has_the_old_answer)
{
	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	atomic_store(&mood, SILENT);
	k.policy.deadline = hoy_now().ns + 200 * t_scale() * HOY_MILLISECOND;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 1, HOY__CACHE_STALE_TTL);
	finish();
}

/* As if every lookup had a limit of a second: only the first waits for it. */
TEST(RFC8767_with_little_time_nobody_waits_twice)
{
	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	atomic_store(&mood, SILENT);
	for (int i = 0; i < 3; i++) {
		k.policy.deadline = hoy_now().ns + HOY_SECOND;
		want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, i ? 0 : 1, HOY__CACHE_STALE_TTL);
	}
	finish();
}

TEST(a_network_that_is_not_there_leaves_the_old_answer)
{
	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	os.connect = fail_connect;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_STALE, 0, HOY__CACHE_STALE_TTL);
	os.connect = hoy__os_linux.connect;
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	finish();
}

/* ---- what is told ---- */

TEST(each_question_that_was_known_is_traced)
{
	static const struct { const char *name; int code; enum hoy_source source; } cases[] = {
		{ "ttl60.example", 0, HOY_SOURCE_CACHE }, { "ttl1.example", 0, HOY_SOURCE_STALE },
		{ "gone.example", HOY_ENOHOST, HOY_SOURCE_CACHE },
	};

	begin(HOY_HOUR);
	for (size_t i = 0; i < LEN(cases); i++)
		ask_one(&k, cases[i].name);
	pass(1);
	atomic_store(&mood, SERVFAIL);
	for (size_t i = 0; i < LEN(cases); i++) {
		k.policy.name = cases[i].name;
		ask_one(&k, cases[i].name);
		if (!CHECK_INT(asking_count(&k, HOY_TRACE_SOURCE), 1))
			continue;
		hoy_trace event = k.events[k.traced - 1];

		CHECK_INT(event.kind, HOY_TRACE_SOURCE);
		CHECK_INT(event.source, cases[i].source);
		CHECK_INT(event.code, cases[i].code);
		CHECK_INT(event.rcode, cases[i].code ? HOY__NXDOMAIN : HOY__NOERROR);
		CHECK_INT(event.type, HOY__A);
		CHECK_STR(event.name, cases[i].name, "name");
		CHECK(hoy_addr_equal(&event.server, &k.servers[0]) && event.when.ns);
	}
	finish();
}

/* ---- bounds ---- */

static void answer_much(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_answer_many(q, 2000);
}

TEST(F9_large_answers_are_fewer)
{
	char name[30];

	begin(0);
	ns_stop(ns);
	ns = ns_start(answer_much, NULL);
	k.servers[0] = ns_addr(ns);
	k.policy.timeout = 5 * HOY_SECOND;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		ask_one(&k, name);
		CHECK_INT(k.found[0].reply.records, 2000);
	}
	ask_one(&k, name);
	CHECK_INT(k.found[0].source, HOY_SOURCE_CACHE);
	CHECK(asking_has(&k, 0, 2000));
	CHECK(stats().entries > 5 && stats().entries <= ENTRIES * 4096 / (2000 * 16));
	finish();
}

/* ---- many at once ---- */

enum { TASKS = 24, TURNS = 300, NAMES = 30 };

static void ask_often(unsigned seed)
{
	struct asking *mine = malloc(sizeof *mine);

	*mine = k;
	mine->policy.server = mine->servers;
	mine->policy.trace = NULL;
	for (int i = 0; i < SCALED(TURNS); i++) {
		char name[30];

		snprintf(name, sizeof name, "n%d.example", 1 + rand_r(&seed) % NAMES);
		ask_both(mine, name);
		CHECK(asking_has(mine, 0, 1) && asking_has(mine, 1, 1));
		if (rand_r(&seed) % 16 == 0)
			pass(1);
	}
	asking_drop(mine);
	free(mine);
}

static int ask_often_task(void *arg)
{
	ask_often((unsigned)(uintptr_t)arg);
	hoy_wait_group_done(&group);
	return 0;
}

static int ask_in_tasks(void *arg)
{
	(void)arg;
	hoy_wait_group_add(&group, TASKS);
	for (uintptr_t i = 0; i < TASKS; i++)
		CHECK_INT(hoy_go(ask_often_task, (void *)i), 0);
	hoy_wait_group_wait(&group);
	return 0;
}

static void *ask_often_thread(void *arg)
{
	ask_often((unsigned)(uintptr_t)arg);
	return NULL;
}

static void answer_any(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_answer(q);
}

/* Answers that run out, are pushed out and are shared, from tasks and threads together. */
TEST(many_tasks_and_threads_share_what_is_remembered)
{
	pthread_t threads[4];
	const unsigned asked = 2 * (TASKS + LEN(threads)) * SCALED(TURNS);
	hoy_resolver_stats s;

	shift_clock();
	ns = ns_start(answer_any, NULL);
	asking_start(&k, ns);
	k.policy.timeout = 10 * HOY_SECOND * t_scale();
	CHECK_INT(hoy__asker_remember(k.asker, NAMES, HOY_HOUR), 0);
	for (uintptr_t i = 0; i < LEN(threads); i++)
		pthread_create(&threads[i], NULL, ask_often_thread, (void *)(100 + i));
	CHECK_INT(hoy_run(ask_in_tasks, NULL), 0);
	for (size_t i = 0; i < LEN(threads); i++)
		pthread_join(threads[i], NULL);
	s = stats();
	CHECK(s.hits + s.misses <= asked && asked <= s.hits + s.misses + s.stale);
	CHECK(s.hits > 0 && s.misses > 0 && s.entries <= NAMES);
	CHECK_INT(s.misses, ns_queries(ns) + s.joined);
	finish();
}
