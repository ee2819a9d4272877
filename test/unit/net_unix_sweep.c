/*
 * Every system call and every allocation of a listen, dial, exchange and close over each kind of Unix socket, made to
 * fail one after the other. What fails is told as it is, nothing is left open or allocated, and the next run succeeds.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "t.h"
#include "support/sweep.h"

static const char path[] = "hoy-unix-sweep.sock";

static void impatient(hoy_conn *c)
{
	hoy_conn_set_deadline(c, hoy_in(5 * t_scale() * HOY_SECOND), NULL);
}

static int exchange(hoy_conn *a, hoy_conn *b)
{
	char buf[8];
	hoy_err err = { 0 };

	if (hoy_conn_write(a, "there", 5, &err) < 0 || hoy_conn_read(b, buf, sizeof buf, &err) < 0 ||
	    hoy_conn_write(b, "back", 4, &err) < 0 || hoy_conn_read(a, buf, sizeof buf, &err) < 0)
		return told(&err);
	return CHECK(memcmp(buf, "back", 4) == 0) ? 0 : -EBADMSG;
}

/* A descriptor, with credentials beside it. */
static int pass_on(hoy_conn *a, hoy_conn *b)
{
	char buf[8];
	hoy_err err = { 0 };
	hoy_unix_cred cred;
	int fd = 0, got, n = 1;

	if (hoy_unix_set_pass_cred(b, 1, &err) < 0 || hoy_unix_peer_cred(b, &cred, &err) < 0 ||
	    hoy_unix_send_fds(a, "x", 1, &fd, 1, &err) < 0 ||
	    hoy_unix_recv_fds(b, buf, sizeof buf, &got, &n, &err) < 0)
		return told(&err);
	return CHECK_INT(n, 1) && CHECK_INT(close(got), 0) ? 0 : -EBADMSG;
}

/* The system connects without anybody in accept, so one task makes both ends. */
static int connected(const char *network, int (*use)(hoy_conn *a, hoy_conn *b))
{
	hoy_err err = { 0 };
	hoy_listener *l;
	hoy_conn *c, *s = NULL;
	int code;

	unlink(path);		/* an unlink that failed has left it */
	l = hoy_listen(network, path, &err);
	if (!l)
		return told(&err);
	c = hoy_dial(network, path, &err);
	s = c ? hoy_listener_accept(l, &err) : NULL;
	if (s) {
		impatient(c);
		impatient(s);
	}
	code = s ? use(c, s) : told(&err);
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	return code;
}

static int streams(void *unused)
{
	(void)unused;
	return connected("unix", exchange);
}

static int messages(void *unused)
{
	(void)unused;
	return connected("unixpacket", exchange);
}

static int descriptors(void *unused)
{
	(void)unused;
	return connected("unix", pass_on);
}

static int datagrams(void *unused)
{
	char buf[8];
	hoy_err err = { 0 };
	hoy_addr at, from;
	hoy_conn *a, *b;
	int code = 0;

	(void)unused;
	unlink(path);
	a = hoy_listen_packet("unixgram", path, &err);
	b = a ? hoy_listen_packet("unixgram", "", &err) : NULL;
	if (a && b) {
		impatient(a);
		impatient(b);
		hoy_resolve_unix_addr("unixgram", path, &at, NULL);
		if (hoy_conn_write_to(b, "there", 5, &at, &err) < 0 ||
		    hoy_conn_read_from(a, buf, sizeof buf, &from, &err) < 0 ||
		    hoy_conn_write_to(a, "back", 4, &from, &err) < 0 || hoy_conn_read(b, buf, sizeof buf, &err) < 0)
			code = told(&err);
	} else {
		code = told(&err);
	}
	hoy_conn_free(a);
	hoy_conn_free(b);
	unlink(path);
	return code;
}

/* A stale file is replaced, and gets permissions that umask does not leave. */
static int replaced(void *unused)
{
	const hoy_listen_config lc = { .unix_mode = 0666, .unix_replace = 1 };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), code;
	hoy_err err = { 0 };
	hoy_listener *l;

	(void)unused;
	unlink(path);
	umask(077);
	strcpy(sa.sun_path, path);
	CHECK_INT(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	close(fd);
	l = hoy_listen_config_listen(&lc, "unix", path, &err);
	code = l ? 0 : told(&err);
	if (!l && fault_fired_entry() == FAULT_set_mode)
		CHECK(access(path, F_OK) < 0 || fault_calls(FAULT_bind) == 0);
	hoy_listener_free(l);
	unlink(path);
	return code;
}

/* The first bind finds the stale file, the second one makes the file with the socket's permissions. */
TEST(permissions_come_first)
{
	char story[2000], *mode, *bound;

	fault_install();
	CHECK_INT(run(replaced), 0);
	fault_reset();
	CHECK_INT(run(replaced), 0);
	fault_story(story, sizeof story);
	mode = strstr(story, "set_mode(");
	bound = strstr(story, "bind(");
	CHECK(mode && bound && mode < bound);
	CHECK(bound && strstr(bound + 1, "bind(") && strstr(bound, "set_mode("));
}

TEST(streams_system_calls) { sweep(streams, 1, 0, false); }
TEST(streams_out_of_memory) { sweep(streams, 1, -ENOMEM, false); }
TEST(streams_allocations) { sweep(streams, -1, 0, false); }
TEST(messages_system_calls) { sweep(messages, 1, 0, false); }
TEST(messages_allocations) { sweep(messages, -1, 0, false); }
TEST(datagrams_system_calls) { sweep(datagrams, 1, 0, false); }
TEST(datagrams_out_of_memory) { sweep(datagrams, 1, -ENOMEM, false); }
TEST(datagrams_allocations) { sweep(datagrams, -1, 0, false); }
TEST(descriptors_system_calls) { sweep(descriptors, 1, 0, false); }
TEST(descriptors_allocations) { sweep(descriptors, -1, 0, false); }
TEST(replaced_system_calls) { sweep(replaced, 1, -EIO, false); }
TEST(replaced_out_of_memory) { sweep(replaced, 1, -ENOMEM, false); }
TEST(replaced_allocations) { sweep(replaced, -1, 0, false); }
