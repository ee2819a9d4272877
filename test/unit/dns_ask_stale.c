/* What is remembered when nobody answers: that nobody does, and what was said before. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "support/remembering.h"

/* ---- failures ---- */

TEST(T9_RFC9520_a_failure_is_remembered_longer_each_time)
{
	static const struct { enum mood mood; int code; int64_t most; } cases[] = {
		{ SERVFAIL, HOY_ESERVFAIL, 300 }, { REFUSED, HOY_EREFUSED, 300 }, { GARBAGE, HOY_EMESSAGE, 300 },
		{ LAME, HOY_ELAME, 300 }, { SILENT, HOY_ETIMEOUT, 30 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		begin_in(cases[i].mood, 0);
		queries(0);
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
	hoy__client_close(arg);
	return NULL;
}

TEST(closing_is_not_remembered)
{
	pthread_t thread;

	begin(HOY_HOUR);
	want("ttl60.example", HOY__A, 0, HOY_SOURCE_DNS, 1, 60);
	pass(60);
	atomic_store(&mood, SILENT);
	pthread_create(&thread, NULL, close_soon, k.client);
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
		queries(0);
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
