/*
 * Sockets that outlive a process: what a service manager passes and is told, and listeners that go from a server to its successor,
 * also when a successor ends too early, a stranger connects, or the predecessor has gone.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pair.h"

/* ---- passed by a service manager ---- */

static int bound(int type)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, type, 0);

	CHECK(bind(fd, (struct sockaddr *)&any, sizeof any) == 0);
	if (type == SOCK_STREAM)
		CHECK(listen(fd, 5) == 0);
	return fd;
}

/* Descriptors 3 to 6, as systemd passes them. */
static void pass(void)
{
	const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM, SOCK_STREAM };
	int fds[LEN(types)];

	for (size_t i = 0; i < LEN(types); i++) {
		int fd = bound(types[i]);

		fds[i] = fcntl(fd, F_DUPFD, 20);
		close(fd);
	}
	for (size_t i = 0; i < LEN(types); i++)
		CHECK(dup2(fds[i], 3 + (int)i) == 3 + (int)i);
}

static void name_us(const char *fds, const char *names)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

TEST(what_a_manager_passed)
{
	const hoy_proxy_policy bad = { .mode = 9 };
	const hoy_listen_config lc = { .proxy = &bad };
	hoy_listener *web, *first, *second;
	hoy_conn *log;
	hoy_err err;
	char text[HOY_ERR_STRLEN];

	pass();
	name_us("4", "a:log:web:a");
	CHECK_INT(hoy_activation_count(), 4);
	for (int fd = 3; fd < 7; fd++)
		CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK(!hoy_activation_listener(&lc, "web", &err) && err.code == -EINVAL);	/* and is still there */
	web = hoy_activation_listener(NULL, "web", &err);
	must(web, "web", &err);
	CHECK(!hoy_activation_listener(NULL, "web", &err));
	CHECK_STR(hoy_err_string(&err, text), "activation web: no such file or directory", "taken");
	CHECK(!hoy_activation_listener(NULL, "log", &err) && err.code == -ENOENT);	/* it does not listen */
	CHECK(!hoy_activation_conn("a", &err) && err.code == -ENOENT);
	CHECK(!hoy_activation_listener(NULL, "we", &err) && !hoy_activation_listener(NULL, "webs", &err));
	log = hoy_activation_conn("log", &err);
	must(log, "log", &err);
	first = hoy_activation_listener(NULL, NULL, &err);
	second = hoy_activation_listener(NULL, "a", &err);
	must(first && second, "a", &err);
	CHECK(!hoy_activation_listener(NULL, NULL, &err) && !hoy_activation_conn(NULL, &err));
	hoy_conn_free(dial_to(first));
	hoy_conn_free(dial_to(second));
	hoy_listener_free(web);
	hoy_listener_free(first);
	hoy_listener_free(second);
	hoy_conn_free(log);
}

/* The header of a proxy, on a socket from elsewhere. */
TEST(passed_with_a_configuration)
{
	const hoy_proxy_policy required = { 0 };
	const hoy_listen_config lc = { .proxy = &required };
	hoy_listener *l;
	hoy_conn *client, *c;
	char byte;

	pass();
	name_us("1", "");
	l = hoy_activation_listener(&lc, NULL, NULL);
	must(l, "listener", NULL);
	client = dial_to(l);
	c = hoy_listener_accept(l, NULL);
	must(c, "accept", NULL);
	CHECK_INT(hoy_proxy_header_write(client, 1, NULL, NULL, NULL), 0);
	hoy_conn_write(client, "x", 1, NULL);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	CHECK(byte == 'x');
	hoy_conn_free(c);
	hoy_conn_free(client);
	hoy_listener_free(l);
}

TEST(nothing_was_passed)
{
	static const char *const wrong[] = { "", "0", "-1", "x", "1x", "99999999999999999999" };
	hoy_err err;

	CHECK_INT(hoy_activation_count(), 0);
	for (size_t i = 0; i < LEN(wrong); i++) {
		name_us(wrong[i], "a");
		CHECK(hoy_activation_count() == 0 || i == 5);
	}
	name_us("1", "a");
	setenv("LISTEN_PID", "1", 1);	/* another process was meant */
	CHECK_INT(hoy_activation_count(), 0);
	CHECK(!hoy_activation_listener(NULL, NULL, &err) && err.code == -ENOENT);
}

/* ---- told to a service manager ---- */

static hoy_conn *be_manager(const char *path)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet("unixgram", path, &err);

	must(c, "listen", &err);
	setenv("NOTIFY_SOCKET", path, 1);
	return c;
}

static void check_told(hoy_conn *manager, const char *want)
{
	char buf[5000];
	ssize_t n;

	hoy_conn_set_read_deadline(manager, hoy_in(5 * HOY_SECOND), NULL);
	n = hoy_conn_read_from(manager, buf, sizeof buf - 1, NULL, NULL);
	buf[n > 0 ? n : 0] = '\0';
	if (strchr(want, '*'))
		*(strstr(buf, "USEC=") ? strstr(buf, "USEC=") + 5 : buf) = '*', buf[strcspn(buf, "*") + 1] = '\0';
	CHECK_STR(buf, want, want);
}

BOTH(a_manager_is_told)
{
	char name[64], text[HOY_ERR_STRLEN], long_state[5000];
	hoy_conn *manager;
	hoy_err err;

	unsetenv("NOTIFY_SOCKET");
	CHECK_INT(hoy_notify("READY=1", &err), 0);
	snprintf(name, sizeof name, "@hoy-notify-%d", getpid());
	manager = be_manager(name);
	CHECK_INT(hoy_notify("READY=1\nMAINPID=4711", &err), 1);
	check_told(manager, "READY=1\nMAINPID=4711");
	CHECK_INT(hoy_notify("STATUS=2 of 3", &err), 1);
	check_told(manager, "STATUS=2 of 3");
	CHECK_INT(hoy_notify("RELOADING=1", &err), 1);
	check_told(manager, "RELOADING=1\nMONOTONIC_USEC=*");
	CHECK_INT(hoy_notify("RELOADING=1\nMONOTONIC_USEC=5", &err), 1);
	check_told(manager, "RELOADING=1\nMONOTONIC_USEC=5");
	memset(long_state, 'x', sizeof long_state - 1);
	long_state[sizeof long_state - 1] = '\0';
	CHECK_INT(hoy_notify(long_state, &err), -EMSGSIZE);
	CHECK_STR(hoy_err_string(&err, text), "notify unixgram: message too long", "too long");
	hoy_conn_free(manager);
	CHECK_INT(hoy_notify("READY=1", &err), -ECONNREFUSED);
	CHECK_INT(hoy_notify("READY=1", NULL), -ECONNREFUSED);
	return 0;
}

/* ---- from a server to its successor ---- */

static char folder[64], path[100];

static void make_folder(void)
{
	snprintf(folder, sizeof folder, "/tmp/hoy-handover-XXXXXX");
	must(mkdtemp(folder), "mkdtemp", NULL);
	snprintf(path, sizeof path, "%s/door", folder);
}

static void remove_folder(void)
{
	CHECK_INT(access(path, F_OK), -1);	/* the last generation has removed it */
	CHECK_INT(rmdir(folder), 0);
}

static hoy_handover *open_door(bool successor)
{
	hoy_err err;
	hoy_handover *h = hoy_handover_open(path, &err);

	must(h, "open", &err);
	CHECK_INT(hoy_handover_is_successor(h), successor);
	return h;
}

static hoy_listener *take(hoy_handover *h, const char *address)
{
	hoy_err err;
	hoy_listener *l = hoy_handover_listen(h, NULL, "tcp", address, &err);

	must(l, "listen", &err);
	return l;
}

static uint16_t port_of(const hoy_listener *l)
{
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	return addr.port;
}

static int wait_in(void *h)
{
	return hoy_handover_wait(h, NULL);
}

/* Three generations. A client in the queue is served by whichever generation accepts it. */
BOTH(generations)
{
	hoy_handover *old, *new;
	hoy_listener *l[3], *other = NULL, *old_other;
	struct started s;
	struct stat st;

	make_folder();
	old = open_door(false);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	l[0] = take(old, "127.0.0.1:0");
	old_other = take(old, "127.0.0.2:0");
	CHECK_INT(hoy_handover_ready(old, NULL), 0);
	for (int i = 1; i < 3; i++) {
		hoy_conn *client, *c;

		start(&s, wait_in, old);
		new = open_door(true);
		l[i] = take(new, "127.0.0.1:0");
		CHECK_INT(port_of(l[i]), port_of(l[i - 1]));
		client = dial_to(l[i - 1]);
		CHECK_INT(hoy_handover_ready(new, NULL), 0);
		CHECK_INT(finish(&s), 0);
		CHECK_INT(hoy_handover_wait(old, NULL), 0);
		hoy_handover_free(old);
		hoy_listener_free(l[i - 1]);
		c = hoy_listener_accept(l[i], NULL);
		CHECK(c);
		hoy_conn_free(c);
		hoy_conn_free(client);
		if (i == 1) {	/* what the successor did not ask for is its predecessor's alone again */
			hoy_listener_free(old_other);
			other = take(new, "127.0.0.2:0");
			hoy_conn_free(dial_to(other));
		}
		old = new;
	}
	hoy_handover_free(old);
	hoy_listener_free(l[2]);
	hoy_listener_free(other);
	remove_folder();
	return 0;
}

/* The files of Unix listeners stay where they are, those of listeners that are not asked for any more go. */
BOTH(files)
{
	char kept[120], unwanted[120];
	hoy_handover *old, *new;
	hoy_listener *l[3];
	struct started s;
	hoy_conn *client;

	make_folder();
	snprintf(kept, sizeof kept, "%s/kept", folder);
	snprintf(unwanted, sizeof unwanted, "%s/unwanted", folder);
	old = open_door(false);
	l[0] = hoy_handover_listen(old, NULL, "unix", kept, NULL);
	l[1] = hoy_handover_listen(old, NULL, "unix", unwanted, NULL);
	must(l[0] && l[1], "listen", NULL);
	start(&s, wait_in, old);
	new = open_door(true);
	l[2] = hoy_handover_listen(new, NULL, "unix", kept, NULL);
	must(l[2], "listen again", NULL);
	CHECK_INT(hoy_handover_ready(new, NULL), 0);
	CHECK_INT(finish(&s), 0);
	hoy_handover_free(old);
	hoy_listener_free(l[0]);
	hoy_listener_free(l[1]);
	client = hoy_dial("unix", kept, NULL);
	CHECK(client);
	CHECK_INT(access(unwanted, F_OK), -1);
	hoy_conn_free(client);
	hoy_handover_free(new);
	hoy_listener_free(l[2]);
	CHECK_INT(access(kept, F_OK), -1);
	remove_folder();
	return 0;
}

/* Those that connect, and then end before they are ready, or are no successors at all. */
BOTH(successors_that_fail)
{
	hoy_handover *old, *new;
	hoy_listener *l, *again;
	struct started s;

	make_folder();
	old = open_door(false);
	l = take(old, "127.0.0.1:0");
	start(&s, wait_in, old);
	new = open_door(true);
	hoy_handover_free(new);			/* it failed to start */
	for (int i = 0; i < 3; i++) {
		hoy_conn *stranger = hoy_dial("unix", path, NULL);

		must(stranger, "dial", NULL);
		hoy_conn_close_write(stranger, NULL);
		hoy_conn_free(stranger);
	}
	new = open_door(true);
	again = take(new, "127.0.0.1:0");
	CHECK_INT(port_of(again), port_of(l));
	CHECK_INT(hoy_handover_ready(new, NULL), 0);
	CHECK_INT(finish(&s), 0);
	hoy_handover_free(old);
	hoy_listener_free(l);
	hoy_handover_free(new);
	hoy_listener_free(again);
	remove_folder();
	return 0;
}

struct answer {
	hoy_listener *door;
	const uint8_t *bytes;
	size_t len;
	int fds;
};

/* A predecessor that sends this and hangs up. */
static int be_wrong(void *at)
{
	const struct answer *a = at;
	hoy_conn *c = hoy_listener_accept(a->door, NULL);
	int fd = hoy_listener_fd(a->door, NULL);

	if (a->len)
		hoy_unix_send_fds(c, a->bytes, a->len, &fd, a->fds, NULL);
	close(fd);
	hoy_conn_free(c);
	return 0;
}

BOTH(messages_that_are_wrong)
{
	static const struct { uint8_t bytes[8]; size_t len; int fds, code; } cases[] = {
		{ { 0 }, 0, 0, HOY_EEOF }, { { 0, 0, 0 }, 3, 1, -EBADMSG }, { { 0, 0, 0, 0 }, 4, 0, -EBADMSG },
		{ { 0, 0, 0, 9, 'x' }, 5, 1, HOY_EEOF }, { { 1, 0, 0, 1, 'x' }, 5, 1, -EBADMSG },
		{ { 0, 0, 255, 255, 'x' }, 5, 1, -EBADMSG },
	};

	make_folder();
	for (size_t i = 0; i < LEN(cases); i++) {
		struct answer a = { hoy_listen("unix", path, NULL), cases[i].bytes, cases[i].len, cases[i].fds };
		struct started s;
		hoy_err err = { 0 };

		must(a.door, "listen", NULL);
		start(&s, be_wrong, &a);
		CHECK(!hoy_handover_open(path, &err));
		CHECK_INT(err.code, cases[i].code);
		finish(&s);
		hoy_listener_free(a.door);
	}
	/* one that hangs up before it knows that this process is ready */
	struct answer a = { hoy_listen("unix", path, NULL), (const uint8_t *)"\0\0\0\2x\n", 6, 1 };
	struct started s;
	hoy_handover *h;
	hoy_err err;

	start(&s, be_wrong, &a);
	h = open_door(true);
	finish(&s);
	CHECK_INT(hoy_handover_ready(h, &err), HOY_EEOF);
	hoy_listener_set_unlink_on_close(a.door, 0, NULL);
	hoy_listener_free(a.door);
	hoy_handover_free(h);
	remove_folder();
	return 0;
}

/* A file that a server left behind when it was killed. */
BOTH(a_stale_file)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	hoy_handover *h;

	make_folder();
	strcpy(sa.sun_path, path);
	CHECK(bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
	close(fd);
	h = open_door(false);
	hoy_handover_free(h);
	remove_folder();
	return 0;
}

static int shards(void *unused)
{
	const hoy_listen_config lc = { .shards = 3 };
	hoy_handover *old, *new;
	hoy_listener *l, *again;
	struct started s;

	(void)unused;
	in_tasks = true;
	make_folder();
	old = open_door(false);
	l = hoy_handover_listen(old, &lc, "tcp", "127.0.0.1:0", NULL);
	must(l, "listen", NULL);
	start(&s, wait_in, old);
	new = open_door(true);
	again = hoy_handover_listen(new, &lc, "tcp", "127.0.0.1:0", NULL);
	must(again, "again", NULL);
	CHECK_INT(port_of(again), port_of(l));
	CHECK(!hoy_listener_accept(again, NULL));	/* sharded, as before */
	CHECK_INT(hoy_handover_ready(new, NULL), 0);
	CHECK_INT(finish(&s), 0);
	hoy_handover_free(old);
	hoy_listener_free(l);
	hoy_handover_free(new);
	hoy_listener_free(again);
	remove_folder();
	return 0;
}

TEST(shards_go_on)
{
	CHECK_INT(hoy_run(shards, NULL), 0);
}

BOTH(what_cannot_be)
{
	hoy_handover *h;
	hoy_err err;
	char text[HOY_ERR_STRLEN];

	CHECK(!hoy_handover_open("/nowhere/at/all", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen unix /nowhere/at/all: bind: no such file or directory", "no folder");
	make_folder();
	h = open_door(false);
	CHECK(!hoy_handover_listen(h, NULL, "tcp9", "127.0.0.1:0", &err) && err.code == HOY_ENETWORK);
	CHECK(!hoy_handover_listen(h, NULL, "tcp", "127.0.0.1:0\n", &err) && err.code == -EINVAL);
	hoy_handover_free(h);
	remove_folder();
	return 0;
}

static int wait_and_end(void *h)
{
	struct started *s = h;

	start(s, wait_in, s->arg);
	hoy_sleep(5 * HOY_MILLISECOND);
	return 0;
}

TEST(the_end_of_the_run_ends_the_wait)
{
	struct started s = { 0 };

	in_tasks = true;
	make_folder();
	s.arg = open_door(false);
	CHECK_INT(hoy_run(wait_and_end, &s), 0);
	CHECK_INT(s.result, HOY_ECANCELED);
	hoy_handover_free(s.arg);
	remove_folder();
}
