/* Identical questions under way are one; what servers are known for; rotation. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/sync.h>

#include "support/asking.h"
#include "t.h"

static void answer(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_answer(q);
}

static void say_nothing(struct ns_query *q, void *arg)
{
	(void)q;
	(void)arg;
}

static void answer_late(struct ns_query *q, void *arg)
{
	(void)arg;
	usleep(20000);
	ns_answer(q);
}

/* ---- single flight ---- */

struct party {
	struct asking *k;
	hoy_wait_group group;
	int64_t patience;	/* of the first */
	atomic_int arrived, right, late;
	unsigned own_policies;
};

static int join(void *arg)
{
	struct party *party = arg;
	struct asking *mine = malloc(sizeof *mine);
	int number = atomic_fetch_add(&party->arrived, 1);

	*mine = *party->k;
	mine->policy.server = mine->servers;
	mine->policy.arg = mine;
	if (number == 0 && party->patience)
		mine->policy.deadline = hoy_now().ns + party->patience;
	if (party->own_policies)
		mine->policy.timeout += number;
	CHECK_INT(ask_both(mine, "n7.example"), 0);
	if (asking_has(mine, 0, 1) && asking_has(mine, 1, 1))
		atomic_fetch_add(&party->right, 1);
	else if (mine->found[0].code == HOY_ETIMEOUT && mine->found[1].code == HOY_ETIMEOUT)
		atomic_fetch_add(&party->late, 1);
	asking_drop(mine);
	free(mine);
	hoy_wait_group_done(&party->group);
	return 0;
}

enum { GUESTS = 30 };

static int invite(void *arg)
{
	struct party *party = arg;

	hoy_wait_group_add(&party->group, GUESTS);
	for (int i = 0; i < GUESTS; i++)
		CHECK_INT(hoy_go(join, party), 0);
	hoy_wait_group_wait(&party->group);
	return 0;
}

static void *join_in_thread(void *arg)
{
	join(arg);
	return NULL;
}

static void invite_threads(struct party *party)
{
	pthread_t thread[GUESTS];

	hoy_wait_group_add(&party->group, GUESTS);
	for (size_t i = 0; i < LEN(thread); i++)
		pthread_create(&thread[i], NULL, join_in_thread, party);
	for (size_t i = 0; i < LEN(thread); i++)
		pthread_join(thread[i], NULL);
}

static unsigned joined(struct asking *k)
{
	hoy_resolver_stats s = { 0 };

	hoy__client_get_stats(k->client, &s);
	return (unsigned)s.joined;
}

TEST(S3_identical_questions_are_one)
{
	static struct asking k;

	for (int threads = 0; threads < 2; threads++) {
		struct ns *ns = ns_start(answer_late, NULL);
		struct party party = { .k = &k };

		asking_start(&k, ns);
		if (threads)
			invite_threads(&party);
		else
			CHECK_INT(hoy_run(invite, &party), 0);
		CHECK_INT(party.right, GUESTS);
		CHECK_INT(ns_queries(ns) + joined(&k), 2 * GUESTS);
		CHECK(threads || ns_queries(ns) == 2);
		asking_end(&k);
		ns_stop(ns);
	}
}

TEST(S3_who_asks_otherwise_does_not_share)
{
	struct ns *ns = ns_start(answer_late, NULL);
	struct party party = { .own_policies = true };
	static struct asking k;

	asking_start(&k, ns);
	k.policy.timeout = 10 * HOY_SECOND;
	party.k = &k;
	CHECK_INT(hoy_run(invite, &party), 0);
	CHECK_INT(party.right, GUESTS);
	CHECK_INT(joined(&k), 0);
	asking_end(&k);
	ns_stop(ns);
}

/* The first two queries are lost with the one who sent them. */
static void answer_from_the_third(struct ns_query *q, void *arg)
{
	(void)arg;
	if (q->number >= 2)
		ns_answer(q);
}

TEST(a_leader_that_has_to_go_leaves_the_lead_to_another)
{
	static struct asking k;

	for (int threads = 0; threads < 2; threads++) {
		struct ns *ns = ns_start(answer_from_the_third, NULL);
		struct party party = { .k = &k, .patience = 30 * HOY_MILLISECOND * t_scale() };

		asking_start(&k, ns);
		k.policy.timeout = 15 * HOY_SECOND;
		if (threads)
			invite_threads(&party);
		else
			CHECK_INT(hoy_run(invite, &party), 0);
		CHECK_INT(party.right + party.late, GUESTS);
		if (!threads) {
			CHECK_INT(party.late, 1);
			CHECK_INT(ns_queries(ns), 4);
		}
		asking_end(&k);
		ns_stop(ns);
	}
}

static int ask_a_while(void *arg)
{
	struct party *party = arg;

	join(party);
	return 0;
}

static int follow_impatiently(void *arg)
{
	struct party *leader = arg, follower = { .k = leader->k, .patience = 10 * HOY_MILLISECOND };
	int64_t start = hoy_now().ns;

	hoy_wait_group_add(&leader->group, 1);
	hoy_wait_group_add(&follower.group, 1);
	CHECK_INT(hoy_go(ask_a_while, leader), 0);
	hoy_sleep(5 * HOY_MILLISECOND);
	join(&follower);
	CHECK_INT(follower.late, 1);
	CHECK(hoy_now().ns - start < 10 * HOY_SECOND);
	hoy__client_close(leader->k->client);
	hoy_wait_group_wait(&leader->group);
	CHECK_INT(leader->late + leader->right, 0);	/* closed */
	return 0;
}

TEST(a_follower_has_its_own_deadline)
{
	struct ns *ns = ns_start(say_nothing, NULL);
	static struct asking k;

	asking_start(&k, ns);
	k.policy.timeout = 15 * HOY_SECOND;
	CHECK_INT(hoy_run(follow_impatiently, &(struct party){ .k = &k }), 0);
	CHECK_INT(joined(&k), 2);
	asking_end(&k);
	ns_stop(ns);
}

static int ask_twice_the_same(void *arg)
{
	struct asking *k = arg;

	CHECK_INT(ask_types(k, "n7.example", (const uint16_t[]){ HOY__A, HOY__A }, 2), 0);
	CHECK(asking_has(k, 0, 1));
	CHECK(asking_has(k, 1, 1));
	CHECK(k->found[0].message == k->found[1].message);
	return 0;
}

TEST(the_same_type_twice_is_one_question)
{
	struct ns *ns = ns_start(answer, NULL);
	static struct asking k;

	asking_start(&k, ns);
	ask_twice_the_same(&k);
	CHECK_INT(ns_queries(ns), 1);
	asking_end(&k);
	ns_stop(ns);
}

TEST(an_answer_outlives_its_client)
{
	struct ns *ns = ns_start(answer, NULL);
	static struct asking k;

	asking_start(&k, ns);
	CHECK_INT(ask_both(&k, "n7.example"), 0);
	hoy__client_free(k.client);
	CHECK(asking_has(&k, 0, 1));
	asking_drop(&k);
	ns_stop(ns);
}

/* ---- servers ---- */

static int ask_with_a_dead_first(void *arg)
{
	struct ns **ns = arg;
	static struct asking k;
	int64_t start;

	asking_start(&k, ns[0]);
	asking_add(&k, ns[1]);
	k.policy.timeout = 200 * HOY_MILLISECOND;
	CHECK_INT(ask_both(&k, "n1.example"), 0);
	CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 2);
	start = hoy_now().ns;
	for (int i = 0; i < 50; i++) {
		CHECK_INT(ask_both(&k, "n1.example"), 0);
		CHECK(asking_has(&k, 0, 1));
		CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 0);
	}
	CHECK(hoy_now().ns - start < 5 * HOY_SECOND);
	asking_end(&k);
	return 0;
}

TEST(a_dead_first_server_costs_one_lookup_its_timeout)
{
	struct ns *ns[] = { ns_start(say_nothing, NULL), ns_start(answer, NULL) };

	CHECK_INT(ask_with_a_dead_first(ns), 0);
	CHECK_INT(hoy_run(ask_with_a_dead_first, ns), 0);
	ns_stop(ns[0]);
	ns_stop(ns[1]);
}

TEST(a_server_that_left_the_configuration_is_forgotten)
{
	struct ns *silent = ns_start(say_nothing, NULL), *ns = ns_start(answer, NULL);
	static struct asking k;

	asking_start(&k, silent);
	asking_add(&k, ns);
	k.policy.timeout = 200 * t_scale() * HOY_MILLISECOND;
	for (int round = 0; round < 2; round++) {
		CHECK_INT(ask_one(&k, "n1.example"), 0);
		CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 1);
		CHECK_INT(ask_one(&k, "n1.example"), 0);
		CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 0);
		k.policy.server = &k.servers[1];
		k.policy.servers = 1;
		CHECK_INT(ask_one(&k, "n1.example"), 0);
		k.policy.server = k.servers;
		k.policy.servers = 2;
	}
	asking_end(&k);
	ns_stop(silent);
	ns_stop(ns);
}

TEST(rotation_goes_round)
{
	struct ns *ns[3];
	static struct asking k;

	asking_start(&k, NULL);
	k.policy.rotate = true;
	for (size_t i = 0; i < LEN(ns); i++)
		asking_add(&k, ns[i] = ns_start(answer, NULL));
	for (int i = 0; i < 30; i++)
		CHECK_INT(ask_both(&k, "n1.example"), 0);
	for (size_t i = 0; i < LEN(ns); i++) {
		CHECK_INT(ns_queries(ns[i]), 20);
		ns_stop(ns[i]);
	}
	asking_end(&k);
}

/* A and AAAA by ear: the second may not come before the first is answered. */
static void answer_one_at_a_time(struct ns_query *q, void *arg)
{
	(void)arg;
	if (q->number % 2 == 0) {
		usleep(10000);
		CHECK_INT(ns_queries(q->ns), q->number + 1);
	}
	ns_answer(q);
}

TEST(single_request_is_one_at_a_time)
{
	struct ns *ns = ns_start(answer_one_at_a_time, NULL);
	static struct asking k;

	asking_start(&k, ns);
	k.policy.single_request = true;
	for (int i = 0; i < 3; i++) {
		CHECK_INT(ask_both(&k, "n1.example"), 0);
		CHECK(asking_has(&k, 0, 1));
		CHECK(asking_has(&k, 1, 1));
	}
	asking_end(&k);
	ns_stop(ns);
}

static void choke_on_edns(struct ns_query *q, void *arg)
{
	(void)arg;
	if (q->data[11])	/* additional records: the OPT */
		ns_rcode(q, HOY__FORMERR);
	else
		ns_answer(q);
}

TEST(a_server_that_chokes_on_edns_is_remembered)
{
	struct ns *ns = ns_start(choke_on_edns, NULL);
	static struct asking k;

	asking_start(&k, ns);
	CHECK_INT(ask_both(&k, "n1.example"), 0);
	CHECK(asking_has(&k, 0, 1));
	CHECK_INT(asking_count(&k, HOY_TRACE_PLAIN), 2);
	CHECK_INT(ask_both(&k, "n2.example"), 0);
	CHECK_INT(asking_count(&k, HOY_TRACE_PLAIN), 0);
	CHECK_INT(asking_count(&k, HOY_TRACE_SENT), 2);
	asking_end(&k);
	ns_stop(ns);
}

static void fail_server(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_rcode(q, HOY__SERVFAIL);
}

TEST(T9_the_budget_is_counted_in_packets)
{
	struct ns *ns[3];
	unsigned sum = 0;
	static struct asking k;

	asking_start(&k, NULL);
	k.policy.attempts = 1000;
	for (size_t i = 0; i < LEN(ns); i++)
		asking_add(&k, ns[i] = ns_start(fail_server, NULL));
	CHECK_INT(ask_both(&k, "n1.example"), 0);
	CHECK_INT(k.found[0].code, HOY_ESERVFAIL);
	for (size_t i = 0; i < LEN(ns); i++) {
		sum += ns_queries(ns[i]);
		ns_stop(ns[i]);
	}
	CHECK_INT(sum, HOY__PACKETS_MOST);
	asking_end(&k);
}
