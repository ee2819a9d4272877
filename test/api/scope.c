/* Scopes: deadlines and cancellation around every call that waits. */
#include <pthread.h>

#include <hoy.h>

#include "t.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };

/* --- every call that waits --------------------------------------------------------------- */

/* What the calls wait on: a pair that is silent and full, a listener that no one dials, a DNS server that is silent. */
static struct {
	hoy_conn *silent, *far, *packets, *a, *b;
	hoy_listener *l;
	hoy_resolver *dns;
	hoy_chan *chan;
	hoy_mutex locked;
	hoy_rwlock written;
} on;

static int sleep_long(void) { return hoy_sleep(20 * HOY_SECOND); }
static int accept_one(void) { hoy_err err; return hoy_listener_accept(on.l, &err) ? 0 : err.code; }
static int read_silent(void) { char byte; return (int)hoy_conn_read(on.silent, &byte, 1, NULL); }
static int read_packet(void) { char byte; return (int)hoy_conn_read_from(on.packets, &byte, 1, NULL, NULL); }
static int read_pipe(void) { char byte; return (int)hoy_conn_read(on.a, &byte, 1, NULL); }
static int read_lent(void) { const void *data; return (int)hoy_conn_read_lent(on.silent, &data, NULL); }
static int copy_silent(void) { return (int)hoy_copy(on.far, on.silent, NULL); }

static int write_full(void)
{
	static const char block[1 << 16];
	ssize_t n;

	while ((n = hoy_conn_write(on.silent, block, sizeof block, NULL)) >= 0)
		;
	return (int)n;
}

static int write_pipe(void) { return (int)hoy_conn_write(on.a, "x", 1, NULL); }

static int look_up(void)
{
	hoy_ip *list;

	return hoy_resolver_lookup_ip(on.dns, "ip", "silent.test", &list, NULL);
}

static int dial_by_name(void)
{
	hoy_dialer d = { .resolver = on.dns };
	hoy_err err;
	hoy_conn *c = hoy_dialer_dial(&d, "tcp", "silent.test:80", &err);

	return c ? 0 : err.code;
}

static int wait_for_signal(void) { return hoy_signal_wait(&(int){ SIGUSR2 }, 1); }

static int receive(void) { return hoy_chan_recv(on.chan, NULL); }
static int send(void) { return hoy_chan_send(on.chan, NULL); }

static int wait_for_permit(void) { return hoy_sem_wait(&(hoy_sem){ 0 }); }
static int wait_for_lock(void) { return hoy_mutex_lock_until(&on.locked, (hoy_time){ 0 }); }
static int wait_for_group(void) { return hoy_wait_group_wait_until(&(hoy_wait_group){ .count = 1 }, (hoy_time){ 0 }); }
static int wait_to_read(void) { return hoy_rwlock_read_lock_until(&on.written, (hoy_time){ 0 }); }
static int wait_to_write(void) { return hoy_rwlock_lock_until(&on.written, (hoy_time){ 0 }); }

static int wait_for_condition(void)
{
	hoy_mutex m = { 0 };
	hoy_cond c = { 0 };
	int code;

	hoy_mutex_lock(&m);
	code = hoy_cond_wait(&c, &m);
	hoy_mutex_unlock(&m);
	return code;
}

static int select_both(void)
{
	hoy_case cases[] = { HOY_RECV(on.chan, NULL), HOY_UNTIL(hoy_in(20 * HOY_SECOND)) };

	return hoy_select(cases, LEN(cases), NULL);
}

static const struct waiting {
	const char *name;
	int (*call)(void);
} calls[] = {
	{ "sleep", sleep_long },	{ "accept", accept_one },	{ "read", read_silent },
	{ "read_from", read_packet },	{ "read of a pipe", read_pipe },	{ "read_lent", read_lent },
	{ "copy", copy_silent },	{ "write", write_full },	{ "write to a pipe", write_pipe },
	{ "receive", receive },		{ "send", send },		{ "select", select_both },
	{ "semaphore", wait_for_permit },	{ "mutex", wait_for_lock },	{ "condition", wait_for_condition },
	{ "wait group", wait_for_group },	{ "read lock", wait_to_read },	{ "write lock", wait_to_write },
	{ "lookup", look_up },		{ "dial", dial_by_name },	{ "signal", wait_for_signal },
};

static void check_code(int got, int want, const char *call, const char *when)
{
	char label[100];

	snprintf(label, sizeof label, "%s, %s", call, when);
	if (got != want)
		CHECK_STR(hoy_strerror(got), hoy_strerror(want), label);
}

static hoy_resolver *silent_server(hoy_conn *packets)
{
	char address[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_conn_local_addr(packets, &addr);
	hoy_addr_string(&addr, address);
	return hoy_resolver_new(&(hoy_resolver_opts){ .servers = (const char *const[]){ address, NULL }, .hosts = "",
						      .timeout = 30 * HOY_SECOND }, NULL);
}

static void open_all(void)
{
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	hoy_addr_string(&addr, address);
	on.silent = hoy_dial("tcp", address, NULL);
	on.far = hoy_listener_accept(l, NULL);
	on.l = l;
	on.chan = hoy_chan_new(0, 0);
	hoy_mutex_lock(&on.locked);
	hoy_rwlock_lock(&on.written);
	on.packets = hoy_listen_packet("udp", "127.0.0.1:0", NULL);
	on.dns = silent_server(on.packets);
	CHECK_INT(hoy_pipe(&on.a, &on.b, NULL), 0);
}

static void close_all(void)
{
	hoy_conn_free(on.silent);
	hoy_conn_free(on.far);
	hoy_conn_free(on.packets);
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
	hoy_listener_free(on.l);
	hoy_resolver_free(on.dns);
	hoy_chan_free(on.chan);
	hoy_mutex_unlock(&on.locked);
	hoy_rwlock_unlock(&on.written);
}

/* From a task that shares the worker, one that has another, and a thread. */
static int cancel_soon(void *scope)
{
	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_scope_cancel(*(hoy_scope **)scope);
	return 0;
}

static void *cancel_in_thread(void *scope)
{
	usleep(5000);
	hoy_scope_cancel(scope);
	return NULL;
}

static void check_canceled_by_task(const struct waiting *w, int place)
{
	hoy_group *g = hoy_group_new();
	hoy_scope s, *at = &s;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .place = place }, cancel_soon, &at), 0);
	check_code(w->call(), HOY_ECANCELED, w->name, "cancelled by a task");
	check_code(w->call(), HOY_ECANCELED, w->name, "called again");
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
}

static void check_canceled_by_thread(const struct waiting *w)
{
	pthread_t thread;
	hoy_scope s;

	hoy_scope_enter(&s, (hoy_time){ 0 });
	CHECK_INT(pthread_create(&thread, NULL, cancel_in_thread, &s), 0);
	check_code(w->call(), HOY_ECANCELED, w->name, "cancelled by a thread");
	pthread_join(thread, NULL);
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
}

static void check_deadline(const struct waiting *w)
{
	hoy_time begin = hoy_now();
	hoy_duration took;
	hoy_scope outer, inner;

	hoy_scope_enter(&outer, hoy_in(30 * HOY_MILLISECOND));
	hoy_scope_enter(&inner, hoy_in(20 * HOY_SECOND));
	check_code(w->call(), HOY_ECANCELED, w->name, "past the outer deadline");
	CHECK_INT(hoy_scope_leave(&inner), 0);
	CHECK_INT(hoy_scope_leave(&outer), HOY_ETIMEOUT);
	took = hoy_time_sub(hoy_now(), begin);
	if (took < 30 * HOY_MILLISECOND || took > t_scale() * 2 * HOY_SECOND)
		CHECK_STR(w->name, "", "took too long, or not long enough");
}

static void check_canceled_before(const struct waiting *w)
{
	hoy_scope s;

	hoy_scope_enter(&s, hoy_in(20 * HOY_SECOND));
	hoy_scope_cancel(&s);
	check_code(w->call(), HOY_ECANCELED, w->name, "cancelled before");
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
}

static int every_call(void *in_run)
{
	open_all();
	for (size_t i = 0; i < LEN(calls); i++) {
		if (in_run) {
			check_canceled_by_task(&calls[i], HOY_PLACE_LOCAL);
			check_canceled_by_task(&calls[i], HOY_PLACE_SPREAD);
		}
		check_canceled_by_thread(&calls[i]);
		check_canceled_before(&calls[i]);
		check_deadline(&calls[i]);
	}
	close_all();
	return 0;
}

TEST(every_call_in_a_task)
{
	static char in_run;

	CHECK_INT(hoy_run_with(&two, every_call, &in_run), 0);
}

TEST(every_call_in_a_thread)
{
	every_call(NULL);
}

/* --- what a scope leaves alone ------------------------------------------------------------- */

static int work_without_waiting(void *arg)
{
	char byte = 0;
	hoy_scope s;

	(void)arg;
	open_all();
	CHECK_INT(hoy_conn_write(on.far, "x", 1, NULL), 1);
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	CHECK_INT(hoy_conn_read(on.silent, &byte, 1, NULL), 1);
	CHECK_INT(byte, 'x');
	CHECK_INT(hoy_conn_write(on.far, "y", 1, NULL), 1);
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
	CHECK_INT(hoy_conn_read(on.silent, &byte, 1, NULL), 1);
	close_all();
	return 0;
}

TEST(what_need_not_wait_is_done)
{
	CHECK_INT(hoy_run_with(&one, work_without_waiting, NULL), 0);
}

static int leave_in_time(void *arg)
{
	hoy_scope s;

	(void)arg;
	hoy_scope_enter(&s, hoy_in(20 * HOY_SECOND));
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	CHECK_INT(hoy_scope_leave(&s), 0);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	return 0;
}

TEST(nothing_ended)
{
	CHECK_INT(hoy_run_with(&one, leave_in_time, NULL), 0);
	leave_in_time(NULL);
}

/* --- what waits for more than one thing ------------------------------------------------------ */

static void serve_nothing(hoy_conn *c, void *arg)
{
	(void)c;
	(void)arg;
}

static int serve_shards(void *shards)
{
	hoy_listen_config lc = { .shards = (int16_t)*(int *)shards };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	hoy_scope s;

	hoy_scope_enter(&s, hoy_in(20 * HOY_MILLISECOND));
	CHECK_INT(hoy_serve(l, serve_nothing, NULL, NULL, NULL), 0);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	hoy_listener_free(l);
	return 0;
}

TEST(a_scope_ends_every_shard)
{
	for (int shards = -1; shards < 3; shards++)
		CHECK_INT(hoy_run_with(&two, serve_shards, &shards), 0);
}

static int block(void *unused)
{
	(void)unused;
	return usleep(50000);
}

static int hold_the_thread(void *unused)
{
	(void)unused;
	return hoy_offload(block, NULL);
}

static int seven(void *unused)
{
	(void)unused;
	return 7;
}

static int queue_behind(void *unused)
{
	(void)unused;
	CHECK_INT(hoy_offload(seven, NULL), 7);
	return 0;
}

/* A thread comes free within the 100 ms for which a queued call is not cancelled. */
static int cancel_while_queued(void *unused)
{
	hoy_group *holding = hoy_group_new(), *queued = hoy_group_new();

	(void)unused;
	CHECK_INT(hoy_group_go(holding, hold_the_thread, NULL), 0);
	hoy_yield();
	CHECK_INT(hoy_group_go(queued, queue_behind, NULL), 0);
	hoy_sleep(5 * HOY_MILLISECOND);
	hoy_group_cancel(queued);
	hoy_group_free(queued);
	hoy_group_free(holding);
	return 0;
}

TEST(a_queued_call_is_not_cancelled_early)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1, .offload_threads = 1, .offload_most = 1 },
			       cancel_while_queued, NULL), 0);
}

/* A plain thread's scopes and groups go on in a child that it forks. */
static void use_after_fork(hoy_scope *s, hoy_group *g)
{
	CHECK_INT(hoy_sleep(20 * HOY_SECOND), HOY_ECANCELED);
	hoy_group_free(g);
	CHECK_INT(hoy_scope_leave(s), HOY_ETIMEOUT);
}

TEST(a_scope_goes_on_after_fork)
{
	hoy_group *g;
	hoy_scope s;
	int status;
	pid_t child;

	hoy_scope_enter(&s, hoy_in(50 * HOY_MILLISECOND));
	g = hoy_group_new();
	if (CHECK((child = fork()) >= 0) && child == 0) {
		use_after_fork(&s, g);
		_exit(0);
	}
	use_after_fork(&s, g);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
}

/* --- shields --------------------------------------------------------------------------------- */

static int say_goodbye(void *arg)
{
	hoy_scope s, shield;

	(void)arg;
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), HOY_ECANCELED);
	hoy_shield_enter(&shield, 20 * HOY_SECOND);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), 0);
	CHECK_INT(hoy_shield_leave(&shield), 0);
	hoy_shield_enter(&shield, 10 * HOY_MILLISECOND);
	CHECK_INT(hoy_sleep(20 * HOY_SECOND), HOY_ECANCELED);
	CHECK_INT(hoy_shield_leave(&shield), HOY_ETIMEOUT);
	hoy_shield_enter(&shield, 0);
	CHECK_INT(hoy_sleep(HOY_MILLISECOND), HOY_ECANCELED);
	CHECK_INT(hoy_shield_leave(&shield), HOY_ETIMEOUT);
	CHECK_INT(hoy_scope_leave(&s), HOY_ECANCELED);
	return 0;
}

TEST(a_shield_holds_back_a_cancellation)
{
	CHECK_INT(hoy_run_with(&one, say_goodbye, NULL), 0);
	say_goodbye(NULL);
}

static atomic_int at_end;

/* hoy_run ends while it waits in the shield. */
static int outlive_main(void *arg)
{
	hoy_scope shield;

	(void)arg;
	hoy_shield_enter(&shield, 20 * HOY_SECOND);
	at_end = hoy_sleep(20 * HOY_MILLISECOND);
	hoy_shield_leave(&shield);
	CHECK_INT(hoy_sleep(20 * HOY_MILLISECOND), HOY_ECANCELED);
	return 0;
}

static int end_at_once(void *arg)
{
	(void)arg;
	at_end = 1;
	CHECK_INT(hoy_go(outlive_main, NULL), 0);
	return hoy_sleep(HOY_MILLISECOND);
}

TEST(a_shield_holds_back_the_end_of_the_run)
{
	CHECK_INT(hoy_run_with(&one, end_at_once, NULL), 0);
	CHECK_INT(at_end, 0);
}
