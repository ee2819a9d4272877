/* Cancelling what waits for connections, and for the end of them: accept, dial, listen, serve, copy, proxy, close, hand-over. */
#define TEST_LIMIT 60

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>

#include "cancel.h"
#include "unix_dir.h"

static struct {
	hoy_listener *l;
	hoy_conn *a, *b, *c, *d;
	char at[HOY_ADDR_STRLEN];
	char *path;
	hoy_handover *old;
	int fd;
} on;

/* An abstract name, of which no file is left. */
static char *name(const char *what)
{
	static char text[60];

	snprintf(text, sizeof text, "@hoy-cancel-%s-%d", what, getpid());
	return on.path = text;
}

static int code_of(hoy_conn *c, const hoy_err *err)
{
	hoy_conn_free(c);
	return c ? 0 : err->code;
}

/* ---- accept ---- */

static void open_listener(void)
{
	on.l = listen_on("tcp", "127.0.0.1:0");
	address_of(on.l, on.at);
}

static int socket_of(hoy_listener *l)
{
	int fd = hoy_listener_fd(l, NULL);

	hoy_listener_free(l);
	fcntl(fd, F_SETFL, 0);
	return fd;
}

/* In blocking mode, which stays. */
static void open_shared_listener(void)
{
	open_listener();
	on.l = hoy_listener_from_fd(socket_of(on.l), HOY_FD_SHARED, NULL);
	must(on.l, "hoy_listener_from_fd", NULL);
}

static int accept_one(void)
{
	hoy_err err;

	return code_of(hoy_listener_accept(on.l, &err), &err);
}

static int select_accept(void)
{
	hoy_conn *c = NULL;
	hoy_case cases[] = { HOY_ACCEPT(on.l, &c), HOY_READABLE(NULL) };
	int at = hoy_select(cases, LEN(cases), NULL);

	CHECK_INT(c != NULL, at == 0);
	hoy_conn_free(c);
	return at;
}

static void feed_dial(void)
{
	hoy_err err;
	hoy_conn *c = hoy_dial("tcp", on.at, &err);

	must(c, "dial", &err);
	hoy_conn_free(c);
}

static void close_listener(void) { hoy_listener_free(on.l); }

static const struct point accepting[] = {
	{ "hoy_listener_accept", open_listener, accept_one, feed_dial, .close = close_listener, .traits = ADDS_UP },
	{ "hoy_listener_accept, of a shared listener", open_shared_listener, accept_one, feed_dial, .close = close_listener },
	{ "hoy_select, to accept", open_listener, select_accept, feed_dial, .close = close_listener, .traits = ADDS_UP },
};

CANCEL(accepting)

/* ---- dial: the listener's queue is full ---- */

static void fill_queue(const char *network, const char *address)
{
	on.l = hoy_listen_config_listen(&(hoy_listen_config){ .backlog = 1 }, network, address, NULL);
	must(on.l, "listen", NULL);
	address_of(on.l, on.at);
	on.a = dial(network, on.at);
	on.b = dial(network, on.at);
}

static void open_full(void) { fill_queue("unix", name("full")); }

/* Here the system drops the SYN, and sends the next after a second: nothing waits for that. */
static void open_full_tcp(void) { fill_queue("tcp", "127.0.0.1:0"); }

static void close_full(void)
{
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
	hoy_listener_free(on.l);
}

static void make_room(void) { hoy_conn_free(accept_from(on.l)); }

static int dial_plainly(const char *network)
{
	hoy_err err;

	return code_of(hoy_dial(network, on.at, &err), &err);
}

static int dial_unix(void) { return dial_plainly("unix"); }
static int dial_tcp(void) { return dial_plainly("tcp"); }

static int dial_timeout(void)
{
	hoy_err err;

	return code_of(hoy_dial_timeout("unix", on.at, HOY_HOUR, &err), &err);
}

static int dialer_dial(void)
{
	hoy_err err;

	return code_of(hoy_dialer_dial(&(hoy_dialer){ .timeout = HOY_HOUR }, "unix", on.at, &err), &err);
}

static int dialer_dial_addr(void)
{
	hoy_addr addr;
	hoy_err err;

	hoy_listener_addr(on.l, &addr);
	return code_of(hoy_dialer_dial_addr(NULL, "unix", &addr, &err), &err);
}

static int dial_unix_addr(void)
{
	hoy_addr addr;
	hoy_err err;

	hoy_listener_addr(on.l, &addr);
	return code_of(hoy_dial_unix("unix", NULL, &addr, &err), &err);
}

static int dial_tcp_addr(void)
{
	hoy_addr addr;
	hoy_err err;

	hoy_listener_addr(on.l, &addr);
	return code_of(hoy_dial_tcp("tcp", NULL, &addr, &err), &err);
}

static const struct point dialling[] = {
	{ "hoy_dial", open_full, dial_unix, make_room, .close = close_full },
	{ "hoy_dial, over TCP", open_full_tcp, dial_tcp, NULL, .close = close_full },
	{ "hoy_dial_tcp", open_full_tcp, dial_tcp_addr, NULL, .close = close_full },
	{ "hoy_dial_timeout", open_full, dial_timeout, make_room, .close = close_full },
	{ "hoy_dialer_dial", open_full, dialer_dial, make_room, .close = close_full },
	{ "hoy_dialer_dial_addr", open_full, dialer_dial_addr, make_room, .close = close_full },
	{ "hoy_dial_unix", open_full, dial_unix_addr, make_room, .close = close_full },
};

CANCEL(dialling)

/* ---- the ends of streams ---- */

static void open_pairs(void)
{
	make_pair(&on.a, &on.b);
	make_pair(&on.c, &on.d);
}

static void close_pairs(void)
{
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
	hoy_conn_free(on.c);
	hoy_conn_free(on.d);
}

static void end_streams(void)
{
	hoy_conn_close_write(on.a, NULL);
	hoy_conn_close_write(on.d, NULL);
}

/* b to c, as hoy_proxy, which passes on both ways. */
static int copy(void) { return (int)hoy_copy(on.c, on.b, NULL); }
static int proxy(void) { return hoy_proxy(on.b, on.c, NULL, NULL); }

/* Through the kernel when it need not come here, else through memory. */
static void open_mixed(void)
{
	make_pair(&on.a, &on.b);
	CHECK_INT(hoy_pipe(&on.c, &on.d, NULL), 0);
}

static void end_mixed(void)
{
	hoy_conn_close_write(on.a, NULL);
	hoy_conn_close(on.d, NULL);
}

static int select_readable(void) { return hoy_select((hoy_case[]){ HOY_READABLE(on.b), HOY_ACCEPT(NULL, NULL) }, 2, NULL); }

static const struct point streams[] = {
	{ "hoy_copy", open_pairs, copy, end_streams, .close = close_pairs, .traits = LASTS },
	{ "hoy_copy, into memory", open_mixed, copy, end_mixed, .close = close_pairs, .traits = LASTS },
	{ "hoy_proxy", open_pairs, proxy, end_streams, .close = close_pairs, .traits = LASTS },
	{ "hoy_proxy, with a connection in memory", open_mixed, proxy, end_mixed, .close = close_pairs,
	  .traits = BREAKS | LASTS | IN_TASKS },
	{ "hoy_select, to read", open_pairs, select_readable, end_streams, .close = close_pairs, .traits = LASTS },
};

CANCEL(streams)

/* ---- a close that lingers ---- */

/* Until the receiver reads, or 20 s have passed; cancelled, it goes on aside. */
static void open_lingering(void)
{
	static char block[1 << 20];
	hoy_scope s;

	make_pair(&on.a, &on.b);
	CHECK_INT(hoy_tcp_set_linger(on.a, 20, NULL), 0);
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	while (hoy_conn_write(on.a, block, sizeof block, NULL) > 0)
		;
	hoy_scope_leave(&s);
}

static int close_lingering(void) { return hoy_conn_close(on.a, NULL); }

static void read_to_end(void)
{
	static char block[1 << 20];

	while (hoy_conn_read(on.b, block, sizeof block, NULL) > 0)
		;
}

static void close_pair(void)
{
	hoy_conn_free(on.a);
	hoy_conn_free(on.b);
}

static const struct point lingering[] = {
	{ "hoy_conn_close", open_lingering, close_lingering, read_to_end, .close = close_pair, .traits = LASTS | SLOW, .is_quiet = true },
};

CANCEL(lingering)

/* ---- serve: its connections are left alone, and waited for ---- */

static hoy_sem served;

static void serve_one(hoy_conn *c, void *arg)
{
	char byte;

	(void)arg;
	hoy_sem_post(&served);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);		/* the scope of hoy_serve is not ours */
}

static int serve(void) { return hoy_serve(on.l, serve_one, NULL, NULL, NULL); }
static void stop_serving(void) { hoy_listener_close(on.l, NULL); }

/* One connection is in the queue already. */
static void open_served(void)
{
	open_listener();
	on.a = dial_to(on.l);
}

static void end_connection(void)
{
	CHECK_INT(hoy_sem_wait(&served), 0);
	hoy_listener_close(on.l, NULL);
	CHECK_INT(hoy_conn_write(on.a, "x", 1, NULL), 1);
}

static void close_served(void)
{
	hoy_conn_free(on.a);
	hoy_listener_free(on.l);
}

static const struct point serving[] = {
	{ "hoy_serve", open_listener, serve, stop_serving, .close = close_listener, .traits = LASTS | IN_TASKS, .is_quiet = true },
	{ "hoy_serve, with a connection", open_served, serve, end_connection, .close = close_served, .traits = HOLDS | IN_TASKS },
};

CANCEL(serving)

/* ---- files of Unix sockets ---- */

/* A file that another process is about to replace. */
static void open_locked(void)
{
	hoy_listener *l;

	on.path = in_dir("stale");
	mkdir(dir, 0700);	/* which the attempt before has removed */
	l = hoy_listen("unix", on.path, NULL);
	must(l, "listen", NULL);
	hoy_listener_set_unlink_on_close(l, 0, NULL);
	hoy_listener_free(l);
	on.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(flock(on.fd, LOCK_EX), 0);
}

static int listen_in_turn(void)
{
	const hoy_listen_config lc = { .unix_replace = 1 };
	hoy_err err;
	hoy_listener *l = hoy_listen_config_listen(&lc, "unix", on.path, &err);

	hoy_listener_free(l);
	return l ? 0 : err.code;
}

static int listen_addr_in_turn(void)
{
	const hoy_listen_config lc = { .unix_replace = 1 };
	hoy_addr addr = { .kind = HOY_ADDR_UNIX };
	hoy_err err;
	hoy_listener *l;

	snprintf(addr.path, sizeof addr.path, "%s", on.path);
	l = hoy_listen_config_listen_addr(&lc, "unix", &addr, &err);
	hoy_listener_free(l);
	return l ? 0 : err.code;
}

static void unlock_folder(void) { CHECK_INT(flock(on.fd, LOCK_UN), 0); }

static void close_locked(void)
{
	close(on.fd);
	unlink(on.path);
	tidy();
}

/* ---- hand-over ---- */

static void open_generation(void)
{
	hoy_err err;

	on.old = hoy_handover_open(name("handover"), &err);
	must(on.old, "hoy_handover_open", &err);
}

static void close_generation(void) { hoy_handover_free(on.old); }

/*
 * A successor, until it serves. One that was cancelled after it had said so has ended the predecessor, whose queue then
 * breaks.
 */
static int succeed(void)
{
	hoy_err err;
	hoy_handover *h;
	int code;

	while (!(h = hoy_handover_open(on.path, &err)) && err.code == -ECONNRESET)
		;
	code = h ? hoy_handover_ready(h, NULL) : err.code;

	hoy_handover_free(h);
	return code;
}

static int wait_for_successor(void) { return hoy_handover_wait(on.old, NULL); }
static void feed_successor(void) { CHECK_INT(succeed(), 0); }
static void feed_predecessor(void) { CHECK_INT(wait_for_successor(), 0); }

/* A predecessor that keeps its listeners until the test ends it. */
static struct {
	hoy_listener *door;
	hoy_sem may_end;
	struct started started;
} slow;

static int precede(void *arg)
{
	hoy_conn *c = accept_from(slow.door);
	int fd = hoy_listener_fd(slow.door, NULL);
	char byte;

	(void)arg;
	CHECK_INT(hoy_unix_send_fds(c, "\0\0\0", 4, &fd, 1, NULL), 4);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	CHECK_INT(hoy_sem_wait(&slow.may_end), 0);
	hoy_conn_write(c, "K", 1, NULL);
	close(fd);
	hoy_conn_free(c);
	return 0;
}

static void open_successor(void)
{
	hoy_err err;

	slow.door = listen_on("unix", name("slow"));
	start(&slow.started, precede, NULL);
	on.old = hoy_handover_open(on.path, &err);
	must(on.old, "hoy_handover_open", &err);
}

static int be_ready(void) { return hoy_handover_ready(on.old, NULL); }
static void let_go(void) { hoy_sem_post(&slow.may_end); }

static void close_successor(void)
{
	finish(&slow.started);
	close_generation();
	hoy_listener_free(slow.door);
}

static void open_locked_generation(void)
{
	open_generation();
	open_locked();
}

static int listen_for_both(void)
{
	const hoy_listen_config lc = { .unix_replace = 1 };
	hoy_err err;
	hoy_listener *l = hoy_handover_listen(on.old, &lc, "unix", on.path, &err);

	hoy_listener_free(l);
	return l ? 0 : err.code;
}

static void close_locked_generation(void)
{
	close_generation();
	close_locked();
}

/* What sd_notify writes to, full. */
static void open_manager(void)
{
	hoy_scope s;

	on.a = bound(name("notify"));
	setenv("NOTIFY_SOCKET", on.path, 1);
	hoy_scope_enter(&s, (hoy_time){ 0 });
	hoy_scope_cancel(&s);
	while (hoy_notify("READY=1", NULL) == 1)
		;
	hoy_scope_leave(&s);
}

static int notify(void) { return hoy_notify("READY=1", NULL); }

static void read_notification(void)
{
	char text[16];

	CHECK_INT(hoy_conn_read(on.a, text, sizeof text, NULL), 7);
}

static void close_manager(void) { hoy_conn_free(on.a); }

static const struct point files[] = {
	{ "hoy_listen_config_listen, of a Unix file", open_locked, listen_in_turn, unlock_folder, .close = close_locked, .traits = LASTS },
	{ "hoy_listen_config_listen_addr, of a Unix file", open_locked, listen_addr_in_turn, unlock_folder, .close = close_locked,
	  .traits = LASTS },
	{ "hoy_handover_listen, of a Unix file", open_locked_generation, listen_for_both, unlock_folder,
	  .close = close_locked_generation, .traits = LASTS },
	{ "hoy_handover_ready", open_successor, be_ready, let_go, .close = close_successor, .traits = LASTS },
	{ "hoy_handover_open", open_generation, succeed, feed_predecessor, .close = close_generation, .traits = LASTS },
	{ "hoy_handover_wait", open_generation, wait_for_successor, feed_successor, .close = close_generation, .traits = LASTS },
	{ "hoy_notify", open_manager, notify, read_notification, .close = close_manager },
};

CANCEL(files)
