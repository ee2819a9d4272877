/* Descriptors and credentials over Unix sockets: what arrives works, and what does not fit is closed and reported. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "pair.h"

static char byte[] = "x";
static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

static void make_unix_pair(int type, hoy_conn **a, hoy_conn **b)
{
	hoy_err err;
	int fd[2];

	must(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd) == 0, "socketpair", NULL);
	*a = hoy_conn_from_fd(fd[0], 0, &err);
	*b = hoy_conn_from_fd(fd[1], 0, &err);
	must(*a && *b, "from_fd", &err);
}

static int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	must(d != NULL, "/proc/self/fd", NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void check_pipe(int in, int out)
{
	char c = 0;

	CHECK_INT(write(out, "p", 1), 1);
	CHECK_INT(read(in, &c, 1), 1);
	CHECK_INT(c, 'p');
}

BOTH(a_pipe_travels)
{
	for (size_t i = 0; i < LEN(types); i++) {
		int p[2], got[4], n = LEN(got);
		hoy_conn *a, *b;
		char buf[8];
		hoy_err err;

		make_unix_pair(types[i], &a, &b);
		CHECK_INT(pipe(p), 0);
		CHECK_INT(hoy_unix_send_fds(a, "both", 4, p, 2, &err), 4);
		CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, got, &n, &err), 4);
		if (CHECK_INT(n, 2)) {
			check_pipe(got[0], p[1]);
			check_pipe(p[0], got[1]);
			CHECK_INT(fcntl(got[0], F_GETFD), FD_CLOEXEC);
			close(got[0]);
			close(got[1]);
		}
		CHECK_INT(hoy_unix_send_fds(a, "none", 4, NULL, 0, &err), 4);
		n = LEN(got);
		CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, got, &n, &err), 4);
		CHECK_INT(n, 0);
		close(p[0]);
		close(p[1]);
		hoy_conn_free(a);
		if (types[i] != SOCK_DGRAM)
			CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, got, &n, &err), 0);
		hoy_conn_free(b);
	}
	return 0;
}

/* Room for 0 to 5 of 5 descriptors, or an ordinary read: all that were not returned are closed. */
BOTH(surplus_descriptors_are_closed)
{
	for (size_t i = 0; i < LEN(types); i++) {
		int five[5], before, got[5], n;
		hoy_conn *a, *b;
		char buf[8];
		hoy_err err = { 0 };

		make_unix_pair(types[i], &a, &b);
		for (int k = 0; k < 5; k++)
			five[k] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		before = open_fds();
		for (unsigned room = 0; room <= 5; room++) {
			hoy_unix_msg m = { .data = buf, .size = sizeof buf, .fds = got, .fds_size = room };

			CHECK_INT(hoy_unix_send_fds(a, "five", 4, five, 5, &err), 4);
			CHECK_INT(hoy_unix_read_msg(b, &m, &err), 4);
			CHECK_INT(m.len, 4);
			CHECK_INT(m.fds_len, room);
			CHECK_INT(m.flags, room < 5 ? HOY_UNIX_FDS_LOST : 0);
			CHECK_INT(open_fds(), before + (int)room);
			for (unsigned k = 0; k < m.fds_len; k++)
				CHECK_INT(close(got[k]), 0);
			CHECK_INT(hoy_unix_send_fds(a, "five", 4, five, 5, &err), 4);
			n = (int)room;
			if (room == 5) {
				CHECK_INT(hoy_conn_read(b, buf, sizeof buf, &err), 4);
			} else {
				CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, got, &n, &err), -EMSGSIZE);
				CHECK_INT(n, room);
				CHECK_INT(err.done, 4);
			}
			CHECK_INT(open_fds(), before);
		}
		CHECK_INT(hoy_unix_send_fds(a, "unread", 6, five, 5, &err), 6);
		for (int k = 0; k < 5; k++)
			close(five[k]);
		hoy_conn_free(a);
		hoy_conn_free(b);
		CHECK_INT(open_fds(), before - 7);
	}
	return 0;
}

/* The receiver may have one more: the system makes that one, and reports that others are missing. */
TEST(out_of_descriptors)
{
	int fds[3], got[3], n = 3, before;
	struct rlimit files, tight;
	hoy_conn *a, *b;
	char buf[8];
	hoy_err err;

	if (t_under_valgrind())
		SKIP("valgrind has its own idea of the limit of descriptors");
	make_unix_pair(SOCK_STREAM, &a, &b);
	for (int k = 0; k < 3; k++)
		fds[k] = open("/dev/null", O_RDONLY);
	before = open_fds();
	CHECK_INT(hoy_unix_send_fds(a, "x", 1, fds, 3, &err), 1);
	hoy_conn_set_read_deadline(b, hoy_in(10 * HOY_SECOND), NULL);
	getrlimit(RLIMIT_NOFILE, &files);
	tight = files;
	tight.rlim_cur = (rlim_t)fds[2] + 2;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &tight), 0);
	CHECK_INT(hoy_unix_recv_fds(b, buf, sizeof buf, got, &n, &err), -EMSGSIZE);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &files), 0);
	CHECK_INT(open_fds(), before);
	hoy_conn_free(a);
	hoy_conn_free(b);
}

BOTH(what_cannot_be_sent)
{
	int many[300] = { 0 }, bad = 9999;
	hoy_unix_msg m = { .data = byte, .len = 1, .addr = { .kind = HOY_ADDR_UNIX, .path = "elsewhere" } };
	char text[HOY_ERR_STRLEN];
	hoy_conn *a, *b, *tcp, *end;
	hoy_unix_cred cred;
	hoy_err err;

	make_unix_pair(SOCK_STREAM, &a, &b);
	CHECK_INT(hoy_unix_send_fds(a, "x", 1, many, 252, &err), 1);
	CHECK_INT(hoy_unix_send_fds(a, "x", 1, many, 254, &err), -EINVAL);
	CHECK_INT(hoy_unix_send_fds(a, "", 0, many, 1, &err), -EINVAL);
	CHECK_INT(hoy_unix_send_fds(a, "x", 1, &bad, 1, &err), -EBADF);
	CHECK_STR(hoy_err_string(&err, text), "write unix @->@: sendmsg: bad file descriptor", "text");
	CHECK_INT(hoy_unix_write_msg(a, &m, &err), HOY_ECONNECTED);
	CHECK_INT(hoy_conn_close(b, NULL), 0);
	CHECK_INT(hoy_unix_send_fds(a, "x", 1, many, 1, &err), -EPIPE);
	CHECK_INT(hoy_unix_send_fds(b, "x", 1, many, 1, &err), HOY_ECLOSED);
	hoy_conn_free(a);
	hoy_conn_free(b);

	make_pair(&tcp, &end);
	m.addr.kind = HOY_ADDR_NONE;
	CHECK_INT(hoy_unix_write_msg(tcp, &m, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_unix_read_msg(tcp, &m, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_unix_recv_fds(tcp, text, 1, many, &bad, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_unix_peer_cred(tcp, &cred, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_unix_set_pass_cred(tcp, 1, &err), HOY_EWRONGKIND);
	hoy_conn_free(tcp);
	hoy_conn_free(end);
	return 0;
}

/* A large message leaves in parts; the descriptors go with the first. */
enum { LARGE = 1 << 20 };

static int send_large(void *c)
{
	static char data[LARGE];
	int null = open("/dev/null", O_RDONLY), code;

	code = (int)hoy_unix_send_fds(c, data, sizeof data, &null, 1, NULL);
	close(null);
	return code;
}

BOTH(descriptors_with_much_data)
{
	size_t total = 0, fds = 0;
	struct started s;
	char buf[4096];
	hoy_conn *a, *b;

	make_unix_pair(SOCK_STREAM, &a, &b);
	start(&s, send_large, a);
	while (total < LARGE) {
		int fd, n = 1;
		ssize_t got = hoy_unix_recv_fds(b, buf, sizeof buf, &fd, &n, NULL);

		if (!CHECK(got > 0))
			break;
		CHECK(n == 0 || total == 0);
		if (n)
			close(fd);
		fds += (size_t)n;
		total += (size_t)got;
	}
	CHECK_INT(fds, 1);
	CHECK_INT(finish(&s), LARGE);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/*
 * Reads that take no descriptors end behind each message that has some, and are short. What follows is there already, and
 * no event says so: each of them has to find it.
 */
static void check_plain_reads(bool has_creds, ssize_t (*read)(hoy_conn *c, char *buf))
{
	hoy_conn *a, *b;
	char buf[64];
	int fd = 0, got = 0;

	make_unix_pair(SOCK_STREAM, &a, &b);
	CHECK_INT(hoy_unix_set_pass_cred(b, has_creds, NULL), 0);
	CHECK_INT(hoy_conn_write(a, "0", 1, NULL), 1);
	CHECK_INT(read(b, buf), 1);		/* from here on it waits for events */
	for (int i = 0; i < 5; i++)
		CHECK_INT(hoy_unix_send_fds(a, "abc", 3, &fd, i % 2, NULL), 3);
	CHECK_INT(hoy_conn_set_read_deadline(b, hoy_in(t_scale() * HOY_SECOND), NULL), 0);
	while (got < 15) {
		ssize_t n = read(b, buf);

		if (!CHECK(n > 0))
			break;
		got += (int)n;
	}
	hoy_conn_free(a);
	hoy_conn_free(b);
}

static ssize_t read_one(hoy_conn *c, char *buf)
{
	return hoy_conn_read(c, buf, 64, NULL);
}

static ssize_t read_several(hoy_conn *c, char *buf)
{
	const struct iovec iov[2] = { { buf, 32 }, { buf + 32, 32 } };

	return hoy_conn_readv(c, iov, 2, NULL);
}

static ssize_t read_lent(hoy_conn *c, char *buf)
{
	const void *data;

	(void)buf;
	return hoy_conn_read_lent(c, &data, NULL);
}

static ssize_t read_message(hoy_conn *c, char *buf)
{
	hoy_unix_msg m = { .data = buf, .size = 64 };

	return hoy_unix_read_msg(c, &m, NULL);
}

BOTH(reads_that_take_no_descriptors)
{
	for (int has_creds = 0; has_creds < 2; has_creds++) {
		check_plain_reads(has_creds, read_one);
		check_plain_reads(has_creds, read_several);
		check_plain_reads(has_creds, read_lent);
		check_plain_reads(has_creds, read_message);
	}
	return 0;
}

static atomic_int starts;

static int note_start(void *unused)
{
	(void)unused;
	starts++;
	return 0;
}

static int start_behind_descriptors(void *unused)
{
	hoy_conn *a, *b;
	char buf[8];
	int fd = 0;

	(void)unused;
	make_unix_pair(SOCK_STREAM, &a, &b);
	CHECK_INT(hoy_conn_write(a, "0", 1, NULL), 1);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 1);
	CHECK_INT(hoy_unix_send_fds(a, "abc", 3, &fd, 1, NULL), 3);
	CHECK_INT(hoy_conn_write(a, "behind", 6, NULL), 6);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 3);
	CHECK_INT(hoy_when_readable(b, note_start, NULL, NULL), 0);
	for (int i = 0; i < 1000 * t_scale() && !starts; i++)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(starts, 1);
	CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), 6);
	CHECK_INT(hoy_when_readable(b, note_start, NULL, NULL), 0);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(starts, 1);			/* there is nothing now */
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

TEST(started_by_what_is_behind_descriptors) { CHECK_INT(hoy_run(start_behind_descriptors, NULL), 0); }

BOTH(a_read_that_waits)
{
	hoy_unix_msg m = { .data = NULL };
	hoy_conn *a, *b;
	hoy_err err;

	make_unix_pair(SOCK_SEQPACKET, &a, &b);
	CHECK_INT(hoy_conn_set_read_deadline(a, hoy_in(10 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(hoy_unix_read_msg(a, &m, &err), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_set_read_deadline(a, (hoy_time){ 0 }, NULL), 0);
	CHECK_INT(hoy_conn_write(b, "cut", 3, NULL), 3);
	CHECK_INT(hoy_unix_read_msg(a, &m, &err), 0);
	CHECK_INT(m.flags, HOY_UNIX_TRUNCATED);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(datagrams_to_an_address)
{
	hoy_unix_msg m = { .data = byte, .len = 1 }, got = { 0 };
	hoy_conn *a = hoy_listen_packet("unixgram", "", NULL), *b = hoy_listen_packet("unixgram", "", NULL);
	int null = open("/dev/null", O_RDONLY), fd = -1;
	char buf[4];
	hoy_addr from;

	must(a && b, "listen_packet", NULL);
	CHECK_INT(hoy_unix_write_msg(a, &m, NULL), HOY_EMISSING);
	hoy_conn_local_addr(b, &m.addr);
	m.fds = &null;
	m.fds_len = 1;
	CHECK_INT(hoy_unix_write_msg(a, &m, NULL), 1);
	got = (hoy_unix_msg){ .data = buf, .size = sizeof buf, .fds = &fd, .fds_size = 1 };
	CHECK_INT(hoy_unix_read_msg(b, &got, NULL), 1);
	hoy_conn_local_addr(a, &from);
	CHECK(hoy_addr_equal(&from, &got.addr));
	CHECK_INT(got.fds_len, 1);
	CHECK_INT(hoy_unix_write_msg(b, &got, NULL), 1);	/* back as it came */
	close(fd);
	CHECK_INT(hoy_unix_read_msg(a, &got, NULL), 1);
	CHECK_INT(got.fds_len, 1);
	close(fd);
	close(null);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static void check_me(const hoy_unix_cred *cred)
{
	CHECK_INT(cred->pid, getpid());
	CHECK_INT(cred->uid, getuid());
	CHECK_INT(cred->gid, getgid());
}

BOTH(credentials)
{
	hoy_listener *l = listen_on("unix", "");
	char text[HOY_ADDR_STRLEN], buf[4];
	hoy_unix_msg m = { .data = buf, .size = sizeof buf };
	hoy_unix_cred cred = { 0 };
	hoy_conn *c, *s, *alone = hoy_listen_packet("unixgram", "", NULL);
	hoy_err err;

	c = hoy_dial("unix", address_of(l, text), &err);
	must(c && alone, "dial", &err);
	s = hoy_listener_accept(l, &err);
	must(s, "accept", &err);
	CHECK_INT(hoy_unix_peer_cred(s, &cred, &err), 0);
	check_me(&cred);
	cred = (hoy_unix_cred){ 0 };
	CHECK_INT(hoy_unix_peer_cred(c, &cred, &err), 0);
	check_me(&cred);
	CHECK_INT(hoy_unix_peer_cred(alone, &cred, &err), -ENOTCONN);

	CHECK_INT(hoy_conn_write(c, "a", 1, NULL), 1);
	CHECK_INT(hoy_unix_read_msg(s, &m, &err), 1);
	CHECK_INT(m.flags, 0);
	CHECK_INT(hoy_unix_set_pass_cred(s, 1, &err), 0);
	CHECK_INT(hoy_conn_write(c, "b", 1, NULL), 1);
	CHECK_INT(hoy_unix_read_msg(s, &m, &err), 1);
	CHECK_INT(m.flags, HOY_UNIX_CRED);
	check_me(&m.cred);
	m = (hoy_unix_msg){ .data = byte, .len = 1, .flags = HOY_UNIX_CRED, .cred = cred };
	CHECK_INT(hoy_unix_write_msg(c, &m, &err), 1);
	m = (hoy_unix_msg){ .data = buf, .size = sizeof buf };
	CHECK_INT(hoy_unix_read_msg(s, &m, &err), 1);
	check_me(&m.cred);
	hoy_conn_free(alone);
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	return 0;
}
