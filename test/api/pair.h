/* What the tests of connections share: both ways to run one, and two ends over loopback. */
#ifndef HOY_TEST_PAIR_H
#define HOY_TEST_PAIR_H

#include <pthread.h>

#include <hoy.h>

#include "../t.h"

/* Where the test runs now: in tasks of hoy_run, or in plain threads. */
static bool in_tasks;

/* One body, twice: everything that waits works with the runtime and without it. */
#define BOTH(name) \
	static int name(void *arg); \
	TEST(name##_in_tasks) \
	{ \
		in_tasks = true; \
		CHECK_INT(hoy_run(name, NULL), 0); \
	} \
	TEST(name##_in_threads) \
	{ \
		in_tasks = false; \
		CHECK_INT(name(NULL), 0); \
	} \
	static int name(__attribute__((unused)) void *arg)

struct started {
	hoy_fn *fn;
	void *arg;
	int result;
	hoy_wait_group done;
};

__attribute__((unused)) static int run_started(void *at)
{
	struct started *s = at;

	s->result = s->fn(s->arg);
	hoy_wait_group_done(&s->done);
	return 0;
}

__attribute__((unused)) static void *run_thread(void *at)
{
	run_started(at);
	return NULL;
}

/* Runs fn beside the caller, as a task or a thread. */
__attribute__((unused)) static void start(struct started *s, hoy_fn *fn, void *arg)
{
	pthread_t thread;

	*s = (struct started){ .fn = fn, .arg = arg };
	hoy_wait_group_add(&s->done, 1);
	if (in_tasks) {
		CHECK_INT(hoy_go(run_started, s), 0);
	} else {
		CHECK_INT(pthread_create(&thread, NULL, run_thread, s), 0);
		pthread_detach(thread);
	}
}

__attribute__((unused)) static int finish(struct started *s)
{
	hoy_wait_group_wait(&s->done);
	return s->result;
}

/* Ends the test's process when what it stands on is missing. */
__attribute__((unused)) static void must(bool ok, const char *what, const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	if (ok)
		return;
	t_fail(__FILE__, __LINE__, what, "%s", err ? hoy_err_string(err, text) : "failed");
	_exit(1);
}

__attribute__((unused)) static hoy_listener *listen_on(const char *network, const char *address)
{
	hoy_err err;
	hoy_listener *l = hoy_listen(network, address, &err);

	must(l, "listen", &err);
	return l;
}

/* "127.0.0.1:4321", to dial. */
__attribute__((unused)) static char *address_of(const hoy_listener *l, char text[HOY_ADDR_STRLEN])
{
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	return hoy_addr_string(&addr, text);
}

__attribute__((unused)) static hoy_conn *dial_to(const hoy_listener *l)
{
	char text[HOY_ADDR_STRLEN];
	hoy_err err;
	hoy_conn *c = hoy_dial("tcp", address_of(l, text), &err);

	must(c, "dial", &err);
	return c;
}

/* The kernel connects without anybody in accept, so one task makes both ends. */
__attribute__((unused)) static void make_pair(hoy_conn **a, hoy_conn **b)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_err err;

	*a = dial_to(l);
	*b = hoy_listener_accept(l, &err);
	must(*b, "accept", &err);
	hoy_listener_free(l);
}

/* A moment that is over. */
__attribute__((unused)) static hoy_time past(void)
{
	return hoy_in(-HOY_SECOND);
}

__attribute__((unused)) static hoy_duration since(hoy_time t)
{
	return hoy_time_sub(hoy_now(), t);
}

#endif
