/* hoy_serve: limits, idle time, drain, trouble, and that it ends when it should. */
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "pair.h"

static void echo(hoy_conn *c, void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

struct server {
	hoy_listener *l;
	void (*fn)(hoy_conn *c, void *arg);
	hoy_serve_opts opts;
	struct started started;
	hoy_err err;
	atomic_int inside, most, ended, trouble;
};

static int serve(void *at)
{
	struct server *s = at;

	return hoy_serve(s->l, s->fn, s, &s->opts, &s->err);
}

static void begin(struct server *s)
{
	s->l = listen_on("tcp", "127.0.0.1:0");
	start(&s->started, serve, s);
}

static int end(struct server *s)
{
	int code;

	hoy_listener_close(s->l, NULL);
	code = finish(&s->started);
	hoy_listener_free(s->l);
	return code;
}

static bool answers(hoy_conn *c)
{
	char buf[4];

	return hoy_conn_write(c, "ping", 4, NULL) == 4 && hoy_read_full(c, buf, 4, NULL) == 4 &&
	       memcmp(buf, "ping", 4) == 0;
}

static int served(void *arg)
{
	enum { CLIENTS = 50 };
	struct server s = { .fn = echo };
	hoy_conn *c[CLIENTS];

	(void)arg;
	in_tasks = true;
	begin(&s);
	for (int i = 0; i < CLIENTS; i++)
		c[i] = dial_to(s.l);
	for (int i = 0; i < CLIENTS; i++)
		CHECK(answers(c[i]));
	for (int i = 0; i < CLIENTS; i++)
		hoy_conn_free(c[i]);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(a_task_for_each_connection)
{
	CHECK_INT(hoy_run(served, NULL), 0);
}

static void hold(hoy_conn *c, void *arg)
{
	struct server *s = arg;
	int inside = atomic_fetch_add(&s->inside, 1) + 1;
	char byte;

	if (inside > atomic_load(&s->most))
		atomic_store(&s->most, inside);
	hoy_conn_read(c, &byte, 1, NULL);
	atomic_fetch_sub(&s->inside, 1);
	atomic_fetch_add(&s->ended, 1);
}

static int wait_for(atomic_int *value, int want)
{
	for (int i = 0; i < 500 && atomic_load(value) != want; i++)
		hoy_sleep(2 * HOY_MILLISECOND);
	return atomic_load(value);
}

static int limited(void *arg)
{
	struct server s = { .fn = hold, .opts.max_conns = 3 };
	hoy_conn *c[8];

	(void)arg;
	in_tasks = true;
	begin(&s);
	for (int i = 0; i < 8; i++)
		c[i] = dial_to(s.l);
	CHECK_INT(wait_for(&s.inside, 3), 3);
	hoy_sleep(10 * HOY_MILLISECOND);
	for (int i = 0; i < 8; i++) {
		hoy_conn_free(c[i]);
		CHECK_INT(wait_for(&s.ended, i + 1), i + 1);
	}
	CHECK_INT(atomic_load(&s.most), 3);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(no_more_than_the_limit)
{
	CHECK_INT(hoy_run(limited, NULL), 0);
}

/* At the limit nothing is accepted, and close must be noticed all the same. */
static int closed_at_the_limit(void *arg)
{
	struct server s = { .fn = hold, .opts = { .max_conns = 1, .drain = 20 * HOY_MILLISECOND } };
	hoy_time began = hoy_now();
	hoy_conn *c;

	(void)arg;
	in_tasks = true;
	begin(&s);
	c = dial_to(s.l);
	wait_for(&s.inside, 1);
	CHECK_INT(end(&s), 0);
	CHECK(since(began) < 2 * HOY_SECOND);
	CHECK_INT(atomic_load(&s.ended), 1);
	hoy_conn_free(c);
	return 0;
}

TEST(close_at_the_limit)
{
	CHECK_INT(hoy_run(closed_at_the_limit, NULL), 0);
}

static int drained(void *arg)
{
	struct server s = { .fn = echo };
	hoy_conn *c;
	char byte;

	(void)arg;
	in_tasks = true;
	begin(&s);
	c = dial_to(s.l);
	CHECK(answers(c));
	hoy_listener_close(s.l, NULL);
	CHECK(!hoy_dial("tcp", "127.0.0.1:1", NULL));
	CHECK(answers(c));			/* the last connection ends in its own time */
	CHECK(answers(c));
	hoy_conn_close_write(c, NULL);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
	CHECK_INT(finish(&s.started), 0);
	hoy_listener_free(s.l);
	hoy_conn_free(c);
	return 0;
}

TEST(drain_lets_the_last_connection_end)
{
	CHECK_INT(hoy_run(drained, NULL), 0);
}

static int drained_with_a_limit(void *arg)
{
	struct server s = { .fn = echo, .opts.drain = 30 * HOY_MILLISECOND };
	hoy_time began;
	hoy_conn *c;
	char byte;

	(void)arg;
	in_tasks = true;
	begin(&s);
	c = dial_to(s.l);
	CHECK(answers(c));
	began = hoy_now();
	CHECK_INT(end(&s), 0);
	CHECK(since(began) >= 30 * HOY_MILLISECOND && since(began) < 5 * HOY_SECOND);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
	hoy_conn_free(c);
	return 0;
}

TEST(drain_ends_what_does_not_end)
{
	CHECK_INT(hoy_run(drained_with_a_limit, NULL), 0);
}

/* --- drain is over: fn is cancelled ------------------------------------------------------------ */

static struct {
	hoy_chan *chan;		/* without a sender */
	hoy_mutex mutex;	/* locked */
	hoy_sem sem;		/* none */
	atomic_int canceled, closed, other;
} stuck;

static void note_code(int code)
{
	atomic_fetch_add(code == HOY_ECANCELED ? &stuck.canceled : code == HOY_ECLOSED ? &stuck.closed : &stuck.other, 1);
}

static int sleep_as_child(void *arg)
{
	(void)arg;
	note_code(hoy_sleep(HOY_HOUR));
	return 0;
}

static void sleep_in_group(void)
{
	hoy_group *g = hoy_group_new();

	CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .place = HOY_PLACE_SPREAD }, sleep_as_child, NULL), 0);
	hoy_group_wait(g);
	hoy_group_free(g);
}

static void sleep_in_scope(void)
{
	hoy_scope s;

	hoy_scope_enter(&s, hoy_in(HOY_HOUR));
	sleep_as_child(NULL);
	CHECK_INT(hoy_scope_leave(&s), 0);
}

static void sleep_in_shield(void)
{
	hoy_scope s;

	hoy_shield_enter(&s, 20 * HOY_MILLISECOND);
	sleep_as_child(NULL);
	CHECK_INT(hoy_shield_leave(&s), HOY_ETIMEOUT);
}

enum { WAYS = 7 };

static void wait_in_one_way(int way)
{
	hoy_time never = { 0 };

	switch (way) {
	case 0: sleep_as_child(NULL); break;
	case 1: sleep_in_group(); break;
	case 2: sleep_in_scope(); break;
	case 3: sleep_in_shield(); break;
	case 4: note_code(hoy_chan_recv(stuck.chan, NULL)); break;
	case 5: note_code(hoy_mutex_lock_until(&stuck.mutex, never)); break;
	case 6: note_code(hoy_sem_wait(&stuck.sem)); break;
	}
}

static void wait_for_ever(hoy_conn *c, void *arg)
{
	struct server *s = arg;
	char way = 0;

	CHECK_INT(hoy_conn_read(c, &way, 1, NULL), 1);
	atomic_fetch_add(&s->inside, 1);
	wait_in_one_way(way - '0');
	note_code(hoy_sleep(HOY_HOUR));		/* as often as it waits */
	atomic_fetch_add(&s->ended, 1);
}

/* After many uses by one worker its lock is that worker's, and who waits there can be woken by it alone. */
static hoy_chan *used_chan(void)
{
	hoy_chan *c = hoy_chan_new(0, 0);

	for (int i = 0; i < 1000; i++)
		CHECK_INT(hoy_chan_try_recv(c, NULL), -EAGAIN);
	return c;
}

/* Each way to wait several times, on all workers. */
static int canceled_after_drain(void *shards)
{
	enum { CLIENTS = 4 * WAYS };
	struct server s = { .fn = wait_for_ever, .opts.drain = 20 * HOY_MILLISECOND };
	hoy_listen_config lc = { .shards = (int16_t)(intptr_t)shards };
	hoy_conn *c[CLIENTS];
	hoy_time began;

	in_tasks = true;
	memset(&stuck, 0, sizeof stuck);
	stuck.chan = used_chan();
	hoy_mutex_lock(&stuck.mutex);
	s.l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	must(s.l, "listen", NULL);
	start(&s.started, serve, &s);
	for (int i = 0; i < CLIENTS; i++) {
		c[i] = dial_to(s.l);
		CHECK_INT(hoy_conn_write(c[i], &(char){ (char)('0' + i % WAYS) }, 1, NULL), 1);
	}
	CHECK_INT(wait_for(&s.inside, CLIENTS), CLIENTS);
	began = hoy_now();
	CHECK_INT(end(&s), 0);
	CHECK(since(began) >= 20 * HOY_MILLISECOND && since(began) < 5 * t_scale() * HOY_SECOND);
	CHECK_INT(atomic_load(&s.ended), CLIENTS);
	CHECK_INT(atomic_load(&stuck.canceled), 2 * CLIENTS);
	for (int i = 0; i < CLIENTS; i++)
		hoy_conn_free(c[i]);
	hoy_mutex_unlock(&stuck.mutex);
	hoy_chan_free(stuck.chan);
	return 0;
}

TEST(after_drain_what_fn_waits_for_is_cancelled)
{
	for (intptr_t shards = 0; shards <= 2; shards += 2)
		for (int workers = 1; workers <= 3; workers++)
			CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = workers }, canceled_after_drain, (void *)shards), 0);
}

/* A read that is cancelled, then, in a shield, a write that succeeds and a read that the close ends. */
static void say_goodbye(hoy_conn *c, void *arg)
{
	struct server *s = arg;
	hoy_scope shield;
	char byte;

	atomic_fetch_add(&s->inside, 1);
	note_code((int)hoy_conn_read(c, &byte, 1, NULL));
	hoy_shield_enter(&shield, HOY_HOUR);
	CHECK_INT(hoy_conn_write(c, "bye", 3, NULL), 3);
	note_code((int)hoy_conn_read(c, &byte, 1, NULL));
	hoy_shield_leave(&shield);
}

static int goodbye(void *arg)
{
	struct server s = { .fn = say_goodbye, .opts = { .drain = -1, .goodbye = 50 * HOY_MILLISECOND } };
	hoy_time began;
	hoy_conn *c;
	char buf[3];

	(void)arg;
	in_tasks = true;
	memset(&stuck, 0, sizeof stuck);
	begin(&s);
	c = dial_to(s.l);
	wait_for(&s.inside, 1);
	began = hoy_now();
	CHECK_INT(end(&s), 0);
	CHECK(since(began) >= 50 * HOY_MILLISECOND && since(began) < 5 * t_scale() * HOY_SECOND);
	CHECK_INT(atomic_load(&stuck.canceled), 1);
	CHECK_INT(atomic_load(&stuck.closed), 1);
	CHECK_INT(hoy_read_full(c, buf, 3, NULL), 3);
	hoy_conn_free(c);
	return 0;
}

TEST(connections_are_closed_after_goodbye)
{
	CHECK_INT(hoy_run(goodbye, NULL), 0);
}

static void read_until_it_fails(hoy_conn *c, void *arg)
{
	struct server *s = arg;
	char buf[16];
	ssize_t n;

	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		;
	atomic_store(&s->ended, (int)n);
}

static int idle(void *arg)
{
	struct server s = { .fn = read_until_it_fails, .opts.idle = 400 * HOY_MILLISECOND };
	hoy_conn *c;

	(void)arg;
	in_tasks = true;
	begin(&s);
	c = dial_to(s.l);
	for (int i = 0; i < 8; i++) {		/* busy for longer than that */
		CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
		hoy_sleep(75 * HOY_MILLISECOND);
	}
	CHECK_INT(atomic_load(&s.ended), 0);
	CHECK_INT(wait_for(&s.ended, HOY_ETIMEOUT), HOY_ETIMEOUT);
	hoy_conn_free(c);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(idle_connections_end)
{
	CHECK_INT(hoy_run(idle, NULL), 0);
}

static void own_deadline(hoy_conn *c, void *arg)
{
	hoy_conn_set_read_deadline(c, hoy_in(HOY_HOUR), NULL);
	hold(c, arg);
}

static int idle_and_own(void *arg)
{
	struct server s = { .fn = own_deadline, .opts.idle = 10 * HOY_MILLISECOND };
	hoy_conn *c;

	(void)arg;
	in_tasks = true;
	begin(&s);
	c = dial_to(s.l);
	wait_for(&s.inside, 1);
	hoy_sleep(30 * HOY_MILLISECOND);
	CHECK_INT(atomic_load(&s.inside), 1);
	hoy_conn_free(c);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(a_deadline_of_ones_own_beats_idle)
{
	CHECK_INT(hoy_run(idle_and_own, NULL), 0);
}

static hoy_duration pauses[64];

static void note_trouble(const hoy_err *err, hoy_duration pause, void *arg)
{
	struct server *s = arg;
	int n = atomic_load(&s->trouble);

	CHECK_INT(err->code, -EMFILE);
	CHECK_STR(err->op, "accept", "what failed");
	if (n < (int)LEN(pauses))
		pauses[n] = pause;
	atomic_store(&s->trouble, n + 1);
}

/* A client of its own process, since the limit on descriptors is the server's here. */
static pid_t dial_from_a_child(const hoy_listener *l, const struct rlimit *limit)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char buf[4] = "";
	hoy_addr addr;
	pid_t pid;
	int fd;

	hoy_listener_addr(l, &addr);
	sa.sin_port = htons(addr.port);
	pid = fork();
	if (pid != 0)
		return pid;
	setrlimit(RLIMIT_NOFILE, limit);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	_exit(!(connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0 && write(fd, "ping", 4) == 4 &&
		recv(fd, buf, 4, MSG_WAITALL) == 4 && memcmp(buf, "ping", 4) == 0));
}

/* Out of descriptors: pauses that double, told each time, and then on as before. */
static int out_of_descriptors(void *arg)
{
	struct server s = { .fn = echo, .opts.trouble = note_trouble };
	struct rlimit saved, low;
	hoy_conn *early;
	int status = -1, seen;
	pid_t child;

	(void)arg;
	in_tasks = true;
	begin(&s);
	early = dial_to(s.l);
	CHECK(answers(early));
	getrlimit(RLIMIT_NOFILE, &saved);
	low = (struct rlimit){ 0, saved.rlim_max };
	setrlimit(RLIMIT_NOFILE, &low);
	child = dial_from_a_child(s.l, &saved);
	for (int i = 0; i < 200 && (seen = atomic_load(&s.trouble)) < 4; i++) {
		hoy_sleep(2 * HOY_MILLISECOND);
		CHECK(answers(early));
	}
	setrlimit(RLIMIT_NOFILE, &saved);
	if (CHECK(seen >= 4))
		for (int i = 0; i < 4; i++)
			CHECK_INT(pauses[i], (5 << i) * HOY_MILLISECOND);
	while (waitpid(child, &status, WNOHANG) == 0)
		hoy_sleep(2 * HOY_MILLISECOND);
	CHECK_INT(status, 0);
	hoy_conn_free(early);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(out_of_descriptors_it_pauses_and_goes_on)
{
	if (t_under_valgrind())
		SKIP("valgrind has its own idea of the limit of descriptors");
	CHECK_INT(hoy_run(out_of_descriptors, NULL), 0);
}

/* The end of the runtime ends serving, and its connections. */
static int left_serving(void *arg)
{
	struct server *s = arg;
	hoy_conn *c;

	in_tasks = true;
	begin(s);
	c = dial_to(s->l);
	CHECK(answers(c));
	hoy_conn_free(c);
	return 0;
}

TEST(cancelled_it_returns_0)
{
	static struct server s = { .fn = echo };

	CHECK_INT(hoy_run(left_serving, &s), 0);
	CHECK_INT(s.started.result, 0);
	hoy_listener_free(s.l);
}

/* Its connections are no children of the caller: they go on, as after a close, and as long as drain allows. */
static void check_canceled(int shards, hoy_duration drain)
{
	struct server s = { .fn = echo, .opts.drain = drain };
	hoy_listen_config lc = { .shards = (int16_t)shards };
	hoy_group *g = hoy_group_new();
	hoy_time began;
	hoy_conn *c;
	char byte;

	s.l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	must(s.l, "listen", NULL);
	CHECK_INT(hoy_group_go(g, serve, &s), 0);
	c = dial_to(s.l);
	CHECK(answers(c));
	began = hoy_now();
	hoy_group_cancel(g);
	if (!drain) {
		CHECK(answers(c));
		hoy_conn_close_write(c, NULL);
	}
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK(since(began) >= drain && since(began) < 5 * t_scale() * HOY_SECOND);
	hoy_group_free(g);
	hoy_conn_free(c);
	hoy_listener_free(s.l);
}

static int canceled_by_a_group(void *arg)
{
	(void)arg;
	for (int shards = 0; shards <= 2; shards += 2) {
		check_canceled(shards, 0);
		check_canceled(shards, 30 * HOY_MILLISECOND);
	}
	return 0;
}

TEST(cancelled_by_a_group_it_drains)
{
	CHECK_INT(hoy_run(canceled_by_a_group, NULL), 0);
}

/* The listener is as it was: who dialled meanwhile can be accepted. */
static int accept_after_cancel(void *arg)
{
	struct server s = { .fn = echo, .l = listen_on("tcp", "127.0.0.1:0") };
	hoy_scope scope;
	hoy_conn *c, *accepted;

	(void)arg;
	hoy_scope_enter(&scope, hoy_in(5 * HOY_MILLISECOND));
	CHECK_INT(serve(&s), 0);
	CHECK_INT(hoy_scope_leave(&scope), HOY_ETIMEOUT);
	c = dial_to(s.l);
	accepted = hoy_listener_accept(s.l, NULL);
	must(accepted, "accept", NULL);
	hoy_conn_free(accepted);
	hoy_conn_free(c);
	hoy_listener_free(s.l);
	return 0;
}

TEST(cancelled_it_leaves_its_listener_open)
{
	CHECK_INT(hoy_run(accept_after_cancel, NULL), 0);
}

TEST(outside_a_runtime_it_says_so)
{
	struct server s = { .fn = echo, .l = listen_on("tcp", "127.0.0.1:0") };
	hoy_conn *c = dial_to(s.l);
	char byte, text[HOY_ERR_STRLEN];

	CHECK_INT(serve(&s), HOY_ENORUNTIME);
	CHECK(strstr(hoy_err_string(&s.err, text), "not inside hoy_run"));
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);		/* it was not left waiting */
	hoy_conn_free(c);
	hoy_listener_free(s.l);
}

static int two_at_once(void *arg)
{
	struct server s = { .fn = echo };
	struct started second;
	hoy_conn *c[10];

	(void)arg;
	in_tasks = true;
	begin(&s);
	start(&second, serve, &s);
	for (int i = 0; i < 10; i++)
		c[i] = dial_to(s.l);
	for (int i = 0; i < 10; i++) {
		CHECK(answers(c[i]));
		hoy_conn_free(c[i]);
	}
	hoy_listener_close(s.l, NULL);
	CHECK_INT(finish(&second), 0);
	CHECK_INT(end(&s), 0);
	return 0;
}

TEST(two_may_serve_one_listener)
{
	CHECK_INT(hoy_run(two_at_once, NULL), 0);
}

static int close_soon(void *at)
{
	hoy_sleep(2 * HOY_MILLISECOND);
	hoy_listener_close(at, NULL);
	return 0;
}

/* Whoever closes need not own: the owner frees as soon as serving has ended. */
static int closed_by_another(void *arg)
{
	(void)arg;
	in_tasks = true;
	for (int i = 0; i < 50; i++) {
		hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
		struct started s;

		start(&s, close_soon, l);
		CHECK_INT(hoy_serve(l, echo, NULL, NULL, NULL), 0);
		hoy_listener_free(l);
		finish(&s);
	}
	return 0;
}

TEST(freed_while_another_closes)
{
	CHECK_INT(hoy_run(closed_by_another, NULL), 0);
}
