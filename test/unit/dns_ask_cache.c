/* What is remembered from one question to the next, against a name server that counts them. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <hoy/sync.h>

#include "support/remembering.h"

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
	CHECK_INT(hoy__client_remember(k.client, 0, HOY_HOUR), 0);
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
	CHECK_INT(queries(1), 1);
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
	hoy__client_free(k.client);
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

static atomic_bool changed;

static void answer_late(struct ns_query *q, void *arg)
{
	(void)arg;
	while (!changed)
		usleep(1000);
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
	changed = false;
	CHECK_INT(hoy_go(ask_the_late_one, &mine), 0);
	while (!ns_queries(late))
		hoy_sleep(HOY_MILLISECOND);
	ask_one(&k, "ttl90.example");	/* of other servers: a new epoch */
	changed = true;
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
	CHECK_INT(hoy__client_remember(k.client, NAMES, HOY_HOUR), 0);
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
