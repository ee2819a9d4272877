/* Asking over UDP, from tasks and from plain threads. */
#include <errno.h>
#include <pthread.h>

#include <hoy/err.h>

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

static int64_t now(void)
{
	return hoy_now().ns;
}

/* The same scenario in a task and in the thread as it is. */
static void both_ways(hoy_fn *scenario, void *arg)
{
	CHECK_INT(scenario(arg), 0);
	CHECK_INT(hoy_run(scenario, arg), 0);
}

static int ask_some(void *arg)
{
	struct asking k;

	asking_start(&k, arg);
	for (int i = 0; i < 20; i++) {
		CHECK_INT(ask_both(&k, "host7.example"), 0);
		CHECK(asking_has(&k, 0, 1));
		CHECK(asking_has(&k, 1, 1));
		CHECK(hoy_addr_equal(&k.found[0].server, &k.servers[0]));
		CHECK_INT(asking_count(&k, HOY_TRACE_SENT), 2);
		CHECK_INT(asking_count(&k, HOY_TRACE_RECEIVED), 2);
		CHECK_INT(k.traced, 4);
	}
	CHECK_INT(ask_one(&k, "host7.example"), 0);
	CHECK(asking_has(&k, 0, 1));
	asking_end(&k);
	return 0;
}

TEST(both_families_by_one_socket)
{
	struct ns *ns = ns_start(answer, NULL);

	both_ways(ask_some, ns);
	CHECK_INT(ns_queries(ns), 2 * (20 * 2 + 1));
	ns_stop(ns);
}

static void refuse_kindly(struct ns_query *q, void *arg)
{
	(void)arg;
	switch (ns_address(&q->m.question.name)) {
	case 1: ns_rcode(q, HOY__NXDOMAIN); break;
	case 2: ns_rcode(q, 0); break;
	case 3: ns_rcode(q, HOY__SERVFAIL); break;
	case 4: ns_rcode(q, HOY__REFUSED); break;
	}
}

static int ask_in_vain(void *arg)
{
	static const struct { const char *name; int code; bool message; } cases[] = {
		{ "n1.example", HOY_ENOHOST, true }, { "n2.example", HOY_ENODATA, true },
		{ "n3.example", HOY_ESERVFAIL, false }, { "n4.example", HOY_EREFUSED, false },
		{ "n5.example", HOY_ETIMEOUT, false },
	};
	struct asking k;

	asking_start(&k, arg);
	k.policy.timeout = 20 * HOY_MILLISECOND;
	for (size_t i = 0; i < LEN(cases); i++) {
		CHECK_INT(ask_both(&k, cases[i].name), 0);
		CHECK_INT(k.found[0].code, cases[i].code);
		CHECK_INT(k.found[1].code, cases[i].code);
		CHECK_INT(k.found[0].message != NULL, cases[i].message);
	}
	CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 4);
	asking_end(&k);
	return 0;
}

TEST(every_kind_of_no_is_told_apart)
{
	struct ns *ns = ns_start(refuse_kindly, NULL);

	both_ways(ask_in_vain, ns);
	ns_stop(ns);
}

static int ask_nobody(void *arg)
{
	struct asking k;

	(void)arg;
	asking_start(&k, NULL);
	k.policy.servers = 1;		/* port 9 of loopback: nobody is there */
	k.servers[0] = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 9, .ip = { 4, { 127, 0, 0, 1 } } };
	CHECK_INT(ask_both(&k, "www.example"), 0);
	CHECK_INT(k.found[0].code, -ECONNREFUSED);
	CHECK_INT(k.found[1].code, -ECONNREFUSED);
	asking_end(&k);
	return 0;
}

TEST(a_port_where_nobody_listens_says_so_at_once)
{
	int64_t start = now();

	both_ways(ask_nobody, NULL);
	CHECK(now() - start < HOY_SECOND);
}

TEST(what_cannot_be_asked)
{
	struct asking k;

	asking_start(&k, NULL);
	CHECK_INT(ask_both(&k, "www.example"), -EDESTADDRREQ);
	CHECK_INT(k.found[1].code, -EDESTADDRREQ);
	k.policy.servers = 1;
	k.servers[0] = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 53, .ip = { 16, { 0xfe, 0x80 } }, .zone = "none0" };
	CHECK_INT(ask_both(&k, "www.example"), 0);
	CHECK_INT(k.found[0].code, -ENODEV);
	k.policy.deadline = now() - 1;
	CHECK_INT(ask_both(&k, "www.example"), 0);
	CHECK_INT(k.found[0].code, HOY_ETIMEOUT);
	CHECK_INT(k.traced, 0);
	k.policy.deadline = HOY__NEVER;
	hoy__client_close(k.client);
	CHECK_INT(ask_both(&k, "www.example"), HOY_ECLOSED);
	asking_end(&k);
}

static int ask_with_deadline(void *arg)
{
	struct asking k;
	int64_t start = now();

	asking_start(&k, arg);
	k.policy.timeout = 10 * HOY_SECOND;
	k.policy.deadline = start + 50 * HOY_MILLISECOND;
	CHECK_INT(ask_both(&k, "www.example"), 0);
	CHECK_INT(k.found[0].code, HOY_ETIMEOUT);
	CHECK(now() - start >= 50 * HOY_MILLISECOND);
	CHECK(now() - start < 5 * HOY_SECOND);
	asking_end(&k);
	return 0;
}

TEST(T10_the_deadline_bounds_it_all)
{
	struct ns *ns = ns_start(say_nothing, NULL);

	both_ways(ask_with_deadline, ns);
	ns_stop(ns);
}

/* ---- from another thread ---- */

struct meddler {
	struct asking *k;
	struct ns *ns;
	bool by_deadline;
};

static void *meddle(void *arg)
{
	struct meddler *m = arg;

	while (ns_queries(m->ns) % 2 || !ns_queries(m->ns))	/* both questions are out */
		sched_yield();
	hoy_sleep(10 * HOY_MILLISECOND);
	if (m->by_deadline)
		hoy__client_set_deadline(m->k->client, hoy_now().ns + 10 * HOY_MILLISECOND);
	else
		hoy__client_close(m->k->client);
	return NULL;
}

static int ask_and_be_stopped(void *arg)
{
	struct meddler *m = arg;
	pthread_t thread;

	m->ns = ns_start(say_nothing, NULL);
	asking_start(m->k, m->ns);
	m->k->policy.timeout = 15 * HOY_SECOND;
	pthread_create(&thread, NULL, meddle, m);
	CHECK_INT(ask_both(m->k, "www.example"), 0);
	CHECK_INT(m->k->found[0].code, m->by_deadline ? HOY_ETIMEOUT : HOY_ECLOSED);
	CHECK_INT(m->k->found[1].code, m->by_deadline ? HOY_ETIMEOUT : HOY_ECLOSED);
	pthread_join(thread, NULL);
	asking_end(m->k);
	ns_stop(m->ns);
	return 0;
}

TEST(a_close_from_another_thread_ends_it)
{
	static struct asking k;

	both_ways(ask_and_be_stopped, &(struct meddler){ .k = &k });
}

TEST(a_deadline_from_another_thread_ends_it)
{
	static struct asking k;

	both_ways(ask_and_be_stopped, &(struct meddler){ .k = &k, .by_deadline = true });
}

static struct ns *silent;

static int wait_for_cancel(void *arg)
{
	struct asking *k = arg;

	ask_both(k, "www.example");
	return 0;
}

static int return_early(void *arg)
{
	CHECK_INT(hoy_go(wait_for_cancel, arg), 0);
	while (ns_queries(silent) < 2)
		hoy_sleep(HOY_MILLISECOND);
	return 0;
}

TEST(cancelling_ends_it)
{
	static struct asking k;

	silent = ns_start(say_nothing, NULL);
	asking_start(&k, silent);
	k.policy.timeout = 15 * HOY_SECOND;
	CHECK_INT(hoy_run(return_early, &k), 0);
	CHECK_INT(k.code, 0);
	CHECK_INT(k.found[0].code, HOY_ECANCELED);
	asking_end(&k);
	ns_stop(silent);
}

/* ---- many at once ---- */

static int ask_a_name(void *arg)
{
	struct asking *k = arg, mine = *k;
	static atomic_uint number;
	char name[32];

	mine.policy.server = mine.servers;
	mine.policy.arg = &mine;
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "n%u.example", atomic_fetch_add(&number, 1));
		CHECK_INT(ask_both(&mine, name), 0);
		CHECK(asking_has(&mine, 0, 1));
		CHECK(asking_has(&mine, 1, 1));
	}
	asking_drop(&mine);
	return 0;
}

static int ask_many(void *arg)
{
	for (int i = 0; i < 50; i++)
		CHECK_INT(hoy_go(ask_a_name, arg), 0);
	return 0;
}

static int ask_many_and_wait(void *arg)
{
	ask_many(arg);
	for (int i = 0; i < 1000; i++) {
		hoy_resolver_stats s = { 0 };

		hoy__client_get_stats(((struct asking *)arg)->client, &s);
		if (s.received == 1000)
			return 0;
		hoy_sleep(10 * HOY_MILLISECOND);
	}
	return 1;
}

static void *ask_in_thread(void *arg)
{
	ask_a_name(arg);
	return NULL;
}

TEST(tasks_and_threads_ask_at_once)
{
	struct ns *ns = ns_start(answer, NULL);
	static struct asking k;
	pthread_t thread[4];

	asking_start(&k, ns);
	CHECK_INT(hoy_run(ask_many_and_wait, &k), 0);
	for (size_t i = 0; i < LEN(thread); i++)
		pthread_create(&thread[i], NULL, ask_in_thread, &k);
	for (size_t i = 0; i < LEN(thread); i++)
		pthread_join(thread[i], NULL);
	asking_end(&k);
	ns_stop(ns);
}
