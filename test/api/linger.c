/* A close that lingers, in every way to ask for it and every way to close: other tasks of the worker go on. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

enum { LINGER = 1 };	/* seconds */

static const hoy_run_opts one = { .workers = 1 };

static void set_raw(int fd, int seconds)
{
	struct linger l = { .l_onoff = 1, .l_linger = seconds };

	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l), 0);
}

static int control(int fd, const char *network, const hoy_addr *addr, void *arg)
{
	(void)network;
	(void)addr;
	(void)arg;
	set_raw(fd, LINGER);
	return 0;
}

static hoy_conn *dial_with(hoy_listener *l, const hoy_dialer *d)
{
	char at[HOY_ADDR_STRLEN];
	hoy_err err;
	hoy_conn *c = hoy_dialer_dial(d, "tcp", address_of(l, at), &err);

	must(c, "dial", &err);
	return c;
}

/* --- ways to ask for it: each gives a connection and its peer --------------------------- */

static hoy_conn *by_call(hoy_listener *l, hoy_conn **peer)
{
	hoy_conn *c = dial_to(l);

	*peer = hoy_listener_accept(l, NULL);
	CHECK_INT(hoy_tcp_set_linger(c, LINGER, NULL), 0);
	return c;
}

static hoy_conn *by_export(hoy_listener *l, hoy_conn **peer)
{
	hoy_conn *c = dial_to(l);
	int fd = hoy_conn_fd(c, NULL);

	*peer = hoy_listener_accept(l, NULL);
	set_raw(fd, LINGER);
	close(fd);
	return c;
}

static hoy_conn *by_adoption(hoy_listener *l, hoy_conn **peer)
{
	hoy_conn *c = dial_to(l);
	int fd = hoy_conn_fd(c, NULL);

	*peer = hoy_listener_accept(l, NULL);
	set_raw(fd, LINGER);
	hoy_conn_free(c);
	return hoy_conn_from_fd(fd, 0, NULL);
}

static hoy_conn *by_control(hoy_listener *l, hoy_conn **peer)
{
	hoy_conn *c = dial_with(l, &(hoy_dialer){ .control = control });

	*peer = hoy_listener_accept(l, NULL);
	return c;
}

static hoy_conn *by_inheritance(hoy_listener *unused, hoy_conn **peer)
{
	hoy_listener *l = hoy_listen_config_listen(&(hoy_listen_config){ .control = control }, "tcp", "127.0.0.1:0", NULL);
	hoy_conn *c;

	(void)unused;
	*peer = dial_to(l);
	c = hoy_listener_accept(l, NULL);
	hoy_listener_free(l);
	return c;
}

static hoy_conn *by_exported_listener(hoy_listener *l, hoy_conn **peer)
{
	int fd = hoy_listener_fd(l, NULL);

	set_raw(fd, LINGER);
	close(fd);
	*peer = dial_to(l);
	return hoy_listener_accept(l, NULL);
}

static hoy_conn *by_adopted_listener(hoy_listener *l, hoy_conn **peer)
{
	int fd = hoy_listener_fd(l, NULL);
	hoy_listener *adopted = hoy_listener_from_fd(fd, 0, NULL);
	hoy_conn *c;

	set_raw(fd, LINGER);
	*peer = dial_to(l);
	c = hoy_listener_accept(adopted, NULL);
	hoy_listener_free(adopted);
	return c;
}

static hoy_conn *(*const ways[])(hoy_listener *l, hoy_conn **peer) = {
	by_call, by_export, by_adoption, by_control, by_inheritance, by_exported_listener, by_adopted_listener,
};

/* --- what goes on meanwhile ------------------------------------------------------------ */

/* More than the peer's and its own buffers take, so that there is something to linger for. */
static void stuff(hoy_conn *c)
{
	static char block[1 << 20];
	hoy_err err = { .done = 1 };

	do
		hoy_conn_set_write_deadline(c, hoy_in(50 * HOY_MILLISECOND * t_scale()), NULL);
	while (hoy_conn_write(c, block, sizeof block, &err) > 0 || err.done > 0);
}

static hoy_conn *lingering(hoy_conn **peer, size_t way)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_conn *c = ways[way](l, peer);

	CHECK_INT(hoy_conn_set_read_buffer(*peer, 4096, NULL), 0);
	stuff(c);
	hoy_listener_free(l);
	return c;
}

static atomic_bool stop;
static hoy_duration longest;

/* How late is a short sleep of another task of the same worker? */
static int sleeper(void *unused)
{
	(void)unused;
	for (longest = 0; !stop; ) {
		hoy_time t = hoy_now();
		hoy_duration d;

		hoy_sleep(10 * HOY_MILLISECOND);
		d = hoy_time_sub(hoy_now(), t);
		longest = d > longest ? d : longest;
	}
	return 0;
}

static void begin(struct started *s)
{
	stop = false;
	start(s, sleeper, NULL);
	hoy_yield();
}

static void end(struct started *s)
{
	hoy_sleep(30 * HOY_MILLISECOND);
	stop = true;
	finish(s);
	CHECK(longest < LINGER * HOY_SECOND / 2);
}

static void close_fully(hoy_conn *c)
{
	hoy_time t = hoy_now();

	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK(since(t) >= LINGER * HOY_SECOND * 9 / 10);	/* its caller waits */
	hoy_conn_free(c);
}

static void free_only(hoy_conn *c)
{
	hoy_time t = hoy_now();

	hoy_conn_free(c);
	CHECK(since(t) < LINGER * HOY_SECOND / 2);		/* and here no call waits */
}

static int read_code(void *c)
{
	char byte;

	return (int)hoy_conn_read(c, &byte, 1, NULL);
}

/* The last to leave is the reader. */
static void close_under_a_reader(hoy_conn *c)
{
	hoy_time t = hoy_now();
	struct started s;

	start(&s, read_code, c);
	hoy_sleep(5 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	CHECK(since(t) < LINGER * HOY_SECOND / 2);
	hoy_conn_free(c);
}

static int close_each_way(void *how)
{
	void (*close_it)(hoy_conn *c) = *(void (**)(hoy_conn *))how;

	in_tasks = true;
	for (size_t i = 0; i < LEN(ways); i++) {
		struct started s;
		hoy_conn *peer, *c = lingering(&peer, i);

		begin(&s);
		close_it(c);
		end(&s);
		hoy_conn_free(peer);
	}
	return 0;
}

/* valgrind runs one thread at a time, and does not let another one run while close(2) waits. */
static void need_threads(void)
{
	if (t_emulated())
		SKIP("an emulator runs one thread at a time");
}

static void each_way(void (*close_it)(hoy_conn *c))
{
	need_threads();
	CHECK_INT(hoy_run_with(&one, close_each_way, &close_it), 0);
}

TEST(close_waits_and_others_go_on) { each_way(close_fully); }
TEST(free_does_not_wait) { each_way(free_only); }
TEST(a_reader_does_not_wait) { each_way(close_under_a_reader); }

/* A listener does not linger, whatever its options say: its port is free again when it is closed. */
static int listen_again_and_again(void *unused)
{
	char at[HOY_ADDR_STRLEN] = "127.0.0.1:0";
	hoy_err err;

	(void)unused;
	for (int i = 0; i < 50; i++) {
		hoy_listener *l = hoy_listen_config_listen(&(hoy_listen_config){ .control = control }, "tcp", at, &err);

		must(l, "listen", &err);
		close(hoy_listener_fd(l, NULL));
		address_of(l, at);
		hoy_listener_free(l);
	}
	return 0;
}

TEST(a_listener_does_not_linger)
{
	CHECK_INT(hoy_run_with(&one, listen_again_and_again, NULL), 0);
}

/* --- hoy_serve ------------------------------------------------------------------------- */

static void serve_stuffed(hoy_conn *c, void *stay)
{
	CHECK_INT(hoy_conn_set_write_buffer(c, 4096, NULL), 0);
	stuff(c);
	CHECK_INT(hoy_tcp_set_linger(c, LINGER, NULL), 0);
	if (*(bool *)stay)
		hoy_sleep(200 * HOY_MILLISECOND * t_scale());
}

struct server {
	hoy_listener *l;
	bool stay;
	hoy_serve_opts opts;
};

static int serve(void *at)
{
	struct server *s = at;

	return hoy_serve(s->l, serve_stuffed, &s->stay, &s->opts, NULL);
}

/* Four connections that linger for a second each, freed by the server or closed by its drain. */
static int serve_four(void *stay)
{
	struct server server = { .l = listen_on("tcp", "127.0.0.1:0"), .stay = *(bool *)stay };
	struct started s, served;
	hoy_conn *peers[4];

	in_tasks = true;
	server.opts.drain = HOY_MILLISECOND;
	start(&served, serve, &server);
	for (size_t i = 0; i < LEN(peers); i++) {
		peers[i] = dial_to(server.l);
		CHECK_INT(hoy_conn_set_read_buffer(peers[i], 4096, NULL), 0);
	}
	begin(&s);
	hoy_sleep(150 * HOY_MILLISECOND * t_scale());
	hoy_listener_close(server.l, NULL);
	hoy_time t = hoy_now();
	CHECK_INT(finish(&served), 0);
	CHECK(since(t) < 2 * HOY_SECOND * t_scale());
	end(&s);
	for (size_t i = 0; i < LEN(peers); i++)
		hoy_conn_free(peers[i]);
	hoy_listener_free(server.l);
	return 0;
}

TEST(a_server_is_not_held_up)
{
	bool stay = false;

	need_threads();
	CHECK_INT(hoy_run_with(&one, serve_four, &stay), 0);
}

TEST(a_drain_is_not_held_up)
{
	bool stay = true;

	need_threads();
	CHECK_INT(hoy_run_with(&one, serve_four, &stay), 0);
}

/* --- the end of a run ------------------------------------------------------------------ */

static hoy_conn *left_peer;

static int free_at_the_end(void *seconds)
{
	hoy_conn *c = lingering(&left_peer, 0);

	CHECK_INT(hoy_tcp_set_linger(c, *(int *)seconds, NULL), 0);
	hoy_conn_free(c);
	return 5;
}

static int close_code = 1;

static int close_it(void *c)
{
	close_code = hoy_conn_close(c, NULL);
	hoy_conn_free(c);
	return 0;
}

static int leave_a_close(void *seconds)
{
	hoy_conn *c = lingering(&left_peer, 0);

	CHECK_INT(hoy_tcp_set_linger(c, *(int *)seconds, NULL), 0);
	CHECK_INT(hoy_go(close_it, c), 0);
	hoy_sleep(20 * HOY_MILLISECOND);
	return 5;
}

/* The close is waited for as long as tasks would be, and then goes on by itself. */
TEST(the_end_of_a_run)
{
	static const struct { hoy_fn *fn; int seconds; hoy_duration grace, least, most; } cases[] = {
		{ free_at_the_end, 1, 5 * HOY_SECOND, 900 * HOY_MILLISECOND, 4 * HOY_SECOND },
		{ free_at_the_end, 30, 300 * HOY_MILLISECOND, 200 * HOY_MILLISECOND, 5 * HOY_SECOND },
		{ leave_a_close, 1, 5 * HOY_SECOND, 900 * HOY_MILLISECOND, 4 * HOY_SECOND },
		{ leave_a_close, 30, 300 * HOY_MILLISECOND, 200 * HOY_MILLISECOND, 5 * HOY_SECOND },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_run_opts opts = { .workers = 1, .grace = cases[i].grace };
		int seconds = cases[i].seconds;
		hoy_time t = hoy_now();

		CHECK_INT(hoy_run_with(&opts, cases[i].fn, &seconds), 5);
		CHECK(since(t) >= cases[i].least && since(t) < cases[i].most * t_scale());
		hoy_conn_free(left_peer);	/* which ends what lingers still */
	}
	CHECK_INT(close_code, 0);
}

/* Without a runtime the thread is the caller's own, and may wait. */
TEST(a_plain_thread_waits)
{
	hoy_conn *peer, *c;
	hoy_time t;

	c = lingering(&peer, 0);
	t = hoy_now();
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK(since(t) >= LINGER * HOY_SECOND * 9 / 10);
	hoy_conn_free(c);
	hoy_conn_free(peer);
}
