/* Sockets by the table: non-blocking and close-on-exec from birth, never SIGPIPE. */
#include "os/os.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

#include "../t.h"

/* A listener on a free port of the loopback. */
static int listener(struct sockaddr_in *at)
{
	socklen_t len = sizeof *at;
	int fd = hoy__os_socket(AF_INET, SOCK_STREAM, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(fd >= 0);
	CHECK_INT(hoy__os_bind(fd, (struct sockaddr *)at, sizeof *at), 0);
	CHECK_INT(hoy__os_listen(fd, 8), 0);
	CHECK_INT(hoy__os_getsockname(fd, (struct sockaddr *)at, &len), 0);
	return fd;
}

/* Both ends of a connection. */
static void connected(int end[2])
{
	struct sockaddr_in at;
	int l = listener(&at), code;

	end[0] = hoy__os_socket(AF_INET, SOCK_STREAM, 0);
	code = hoy__os_connect(end[0], (struct sockaddr *)&at, sizeof at);
	CHECK(code == 0 || code == -EINPROGRESS);
	while ((end[1] = hoy__os_accept(l, NULL, NULL)) == -EAGAIN)
		continue;
	CHECK(end[1] >= 0);
	CHECK_INT(hoy__os_close(l), 0);
}

static void is_well_born(int fd)
{
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(hoy__os_get_flags(fd) & O_NONBLOCK);
}

TEST(born_nonblocking_and_close_on_exec)
{
	int end[2], p[2], copy;

	connected(end);
	is_well_born(end[0]);
	is_well_born(end[1]);
	CHECK_INT(hoy__os_pipe(p), 0);
	is_well_born(p[0]);
	is_well_born(p[1]);
	copy = hoy__os_dup(end[0]);
	is_well_born(copy);
	CHECK(copy != end[0]);
}

TEST(accept_tells_who)
{
	struct sockaddr_in at, from, peer;
	socklen_t len = sizeof from, peer_len = sizeof peer;
	int l = listener(&at), c = hoy__os_socket(AF_INET, SOCK_STREAM, 0), s;

	CHECK_INT(hoy__os_accept(l, NULL, NULL), -EAGAIN);
	hoy__os_connect(c, (struct sockaddr *)&at, sizeof at);
	while ((s = hoy__os_accept(l, (struct sockaddr *)&from, &len)) == -EAGAIN)
		continue;
	CHECK_INT(hoy__os_getpeername(s, (struct sockaddr *)&peer, &peer_len), 0);
	CHECK_INT(from.sin_port, peer.sin_port);
	CHECK_INT(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
}

TEST(bytes_go_through)
{
	char a[] = "hello ", b[] = "world", buf[32] = "", tail[3];
	struct iovec out[2] = { { a, 6 }, { b, 5 } }, in[2] = { { buf, 4 }, { buf + 4, 28 } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	int end[2];

	connected(end);
	CHECK_INT(hoy__os_recv(end[1], buf, sizeof buf, 0), -EAGAIN);
	CHECK_INT(hoy__os_writev(end[0], out, 2), 11);
	CHECK_INT(hoy__os_readv(end[1], in, 2), 11);
	CHECK_STR(buf, "hello world", "writev, readv");
	CHECK_INT(hoy__os_sendmsg(end[1], &msg, 0), 11);
	CHECK_INT(hoy__os_recv(end[0], buf, 5, MSG_PEEK), 5);
	CHECK_INT(hoy__os_read(end[0], buf, 8), 8);
	msg = (struct msghdr){ .msg_iov = &(struct iovec){ tail, 3 }, .msg_iovlen = 1 };
	CHECK_INT(hoy__os_recvmsg(end[0], &msg, 0), 3);
	CHECK(memcmp(tail, "rld", 3) == 0);
	CHECK_INT(hoy__os_send(end[0], "x", 1, 0), 1);
	CHECK_INT(hoy__os_write(end[0], "y", 1), 1);
	CHECK_INT(hoy__os_shutdown(end[0], SHUT_WR), 0);
	CHECK_INT(hoy__os_recv(end[1], buf, sizeof buf, MSG_WAITALL), 2);
	CHECK_INT(hoy__os_read(end[1], buf, sizeof buf), 0);
}

/* The default action of SIGPIPE would end this process. */
TEST(a_broken_pipe_is_a_code)
{
	struct iovec iov = { &(char){ 'x' }, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int end[2];

	connected(end);
	CHECK_INT(hoy__os_shutdown(end[0], SHUT_WR), 0);
	CHECK_INT(hoy__os_send(end[0], "x", 1, 0), -EPIPE);
	CHECK_INT(hoy__os_sendmsg(end[0], &msg, 0), -EPIPE);
	CHECK_INT(hoy__os_sendto(end[0], "x", 1, 0, NULL, 0), -EPIPE);
}

TEST(options)
{
	int end[2], on = 1, got = 0;
	socklen_t len = sizeof got;

	connected(end);
	CHECK_INT(hoy__os_setsockopt(end[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
	CHECK_INT(hoy__os_getsockopt(end[0], SOL_SOCKET, SO_KEEPALIVE, &got, &len), 0);
	CHECK_INT(got, 1);
	CHECK_INT(hoy__os_setsockopt(end[0], SOL_SOCKET, 9999, &on, sizeof on), -ENOPROTOOPT);
}

TEST(splice_between_pipe_and_socket)
{
	char buf[16];
	int end[2], p[2];

	connected(end);
	CHECK_INT(hoy__os_pipe(p), 0);
	CHECK_INT(hoy__os_pipe_widen(p[1], 128 << 10), 128 << 10);
	CHECK_INT(hoy__os_splice_in(end[1], p[1], 100), -EAGAIN);
	CHECK_INT(hoy__os_write(p[1], "through", 7), 7);
	CHECK_INT(hoy__os_splice_out(p[0], end[0], 100), 7);
	CHECK_INT(hoy__os_read(end[1], buf, sizeof buf), 7);
}

/* Each entry tells the kernel's reason. */
TEST(failures_are_negative_errno)
{
	struct sockaddr sa = { .sa_family = AF_INET };
	struct sockaddr_in closed;
	struct hoy__file_info info;
	struct msghdr msg = { 0 };
	struct iovec iov = { &(char){ 'x' }, 1 };
	socklen_t len = sizeof sa, four = 4;
	int value = 0, fd;

	CHECK_INT(hoy__os_socket(12345, SOCK_STREAM, 0), -EAFNOSUPPORT);
	CHECK_INT(hoy__os_bind(-1, &sa, sizeof sa), -EBADF);
	CHECK_INT(hoy__os_listen(-1, 1), -EBADF);
	CHECK_INT(hoy__os_connect(-1, &sa, sizeof sa), -EBADF);
	CHECK_INT(hoy__os_accept(-1, NULL, NULL), -EBADF);
	CHECK_INT(hoy__os_shutdown(-1, SHUT_RD), -EBADF);
	CHECK_INT(hoy__os_getsockname(-1, &sa, &len), -EBADF);
	CHECK_INT(hoy__os_getpeername(-1, &sa, &len), -EBADF);
	CHECK_INT(hoy__os_getsockopt(-1, SOL_SOCKET, SO_ERROR, &value, &four), -EBADF);
	CHECK_INT(hoy__os_setsockopt(-1, SOL_SOCKET, SO_KEEPALIVE, &value, 4), -EBADF);
	CHECK_INT(hoy__os_recv(-1, &value, 4, 0), -EBADF);
	CHECK_INT(hoy__os_send(-1, &value, 4, 0), -EBADF);
	CHECK_INT(hoy__os_recvfrom(-1, &value, 4, 0, &sa, &len), -EBADF);
	CHECK_INT(hoy__os_sendto(-1, &value, 4, 0, &sa, len), -EBADF);
	CHECK_INT(hoy__os_recvmsg(-1, &msg, 0), -EBADF);
	CHECK_INT(hoy__os_sendmsg(-1, &msg, 0), -EBADF);
	CHECK_INT(hoy__os_read(-1, &value, 4), -EBADF);
	CHECK_INT(hoy__os_write(-1, &value, 4), -EBADF);
	CHECK_INT(hoy__os_readv(-1, &iov, 1), -EBADF);
	CHECK_INT(hoy__os_writev(-1, &iov, 1), -EBADF);
	CHECK_INT(hoy__os_pipe_widen(-1, 65536), -EBADF);
	CHECK_INT(hoy__os_splice_in(-1, -1, 1), -EBADF);
	CHECK_INT(hoy__os_splice_out(-1, -1, 1), -EBADF);
	CHECK_INT(hoy__os_open("/nowhere/at/all", O_RDONLY), -ENOENT);
	CHECK_INT(hoy__os_stat(-1, &info), -EBADF);
	CHECK_INT(hoy__os_dup(-1), -EBADF);
	CHECK_INT(hoy__os_get_flags(-1), -EBADF);
	CHECK_INT(hoy__os_set_flags(-1, 0), -EBADF);
	CHECK_INT(hoy__os_ready(9999, HOY__READABLE), 1);	/* the call itself will tell */
	CHECK_INT(hoy__os_close(-1), -EBADF);

	fd = listener(&closed);
	hoy__os_close(fd);
	fd = hoy__os_socket(AF_INET, SOCK_STREAM, 0);
	CHECK_INT(hoy__os_set_flags(fd, 0), 0);		/* blocking, so that connect knows */
	CHECK_INT(hoy__os_connect(fd, (struct sockaddr *)&closed, sizeof closed), -ECONNREFUSED);
}

TEST(files)
{
	char path[] = "/tmp/hoy-os-XXXXXX";
	struct hoy__file_info info = { 0 };
	int made = mkstemp(path), fd = hoy__os_open(path, O_RDWR);

	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(hoy__os_write(fd, "12345", 5), 5);
	CHECK_INT(hoy__os_stat(fd, &info), 0);
	CHECK_INT(info.size, 5);
	CHECK_INT(info.is_regular, 1);
	CHECK(hoy__os_realtime() - info.mtime_ns < INT64_C(60000000000));
	CHECK_INT(hoy__os_set_flags(fd, O_APPEND), 0);
	CHECK(hoy__os_get_flags(fd) & O_APPEND);
	unlink(path);
	close(made);
	fd = hoy__os_open("/dev/null", O_RDONLY);
	CHECK_INT(hoy__os_stat(fd, &info), 0);
	CHECK_INT(info.is_regular, 0);
}
