/*
 * Linux behind the table: each entry is its system call with the flags hoy always wants,
 * made again after a signal, and its errno as the result. The only place that reads errno.
 */
#include "os/linux.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int linux_socket(int family, int type, int protocol)
{
	return (int)result(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

static int linux_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	return (int)result(bind(fd, sa, len));
}

static int linux_listen(int fd, int backlog)
{
	return (int)result(listen(fd, backlog));
}

/* Interrupted, the attempt goes on by itself: asking again would say EALREADY. */
static int linux_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	int code = connect(fd, sa, len);

	return interrupted(code) ? -EINPROGRESS : (int)result(code);
}

static int linux_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int got;

	do
		got = accept4(fd, sa, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (interrupted(got));
	return (int)result(got);
}

static int linux_shutdown(int fd, int how)
{
	return (int)result(shutdown(fd, how));
}

static int linux_getsockname(int fd, struct sockaddr *sa, socklen_t *len)
{
	return (int)result(getsockname(fd, sa, len));
}

static int linux_getpeername(int fd, struct sockaddr *sa, socklen_t *len)
{
	return (int)result(getpeername(fd, sa, len));
}

static int linux_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	return (int)result(getsockopt(fd, level, name, value, len));
}

static int linux_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return (int)result(setsockopt(fd, level, name, value, len));
}

static ssize_t linux_recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t n;

	do
		n = recv(fd, buf, len, flags);
	while (interrupted(n));
	return result(n);
}

/* By TCP Fast Open, the first send may find that the SYN has to go without data: then it is to be made again later. */
static ssize_t sent(ssize_t n)
{
	ssize_t code = result(n);

	return code == -EINPROGRESS ? -EAGAIN : code;
}

static ssize_t linux_send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t n;

	do
		n = send(fd, buf, len, flags | MSG_NOSIGNAL);
	while (interrupted(n));
	return sent(n);
}

static ssize_t linux_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *sa, socklen_t *sa_len)
{
	ssize_t n;

	do
		n = recvfrom(fd, buf, len, flags, sa, sa_len);
	while (interrupted(n));
	return result(n);
}

static ssize_t linux_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *sa, socklen_t sa_len)
{
	ssize_t n;

	do
		n = sendto(fd, buf, len, flags | MSG_NOSIGNAL, sa, sa_len);
	while (interrupted(n));
	return result(n);
}

static ssize_t linux_recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n;

	do
		n = recvmsg(fd, msg, flags | MSG_CMSG_CLOEXEC);
	while (interrupted(n));
	return result(n);
}

static ssize_t linux_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t n;

	do
		n = sendmsg(fd, msg, flags | MSG_NOSIGNAL);
	while (interrupted(n));
	return sent(n);
}

static int linux_recvmmsg(int fd, struct mmsghdr *msgs, int n, int flags)
{
	int got;

	do
		got = recvmmsg(fd, msgs, (unsigned)n, flags | MSG_CMSG_CLOEXEC, NULL);
	while (interrupted(got));
	return (int)result(got);
}

static int linux_sendmmsg(int fd, struct mmsghdr *msgs, int n, int flags)
{
	int sent;

	do
		sent = sendmmsg(fd, msgs, (unsigned)n, flags | MSG_NOSIGNAL);
	while (interrupted(sent));
	return (int)result(sent);
}

static ssize_t linux_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (interrupted(n));
	return result(n);
}

/*
 * Only sockets' own calls know MSG_NOSIGNAL; into a broken pipe write raises SIGPIPE, and
 * so does splice. It comes to this thread alone, so it can be held back and then taken,
 * without a look at the signal's handler; one that was pending before is somebody else's
 * and stays.
 */
struct held {
	sigset_t broken, before, pending;
	bool ignored;
};

static atomic_int sigpipe_ignored;

void hoy__os_trust_sigpipe_ignored(int ignored)
{
	atomic_store(&sigpipe_ignored, ignored);
}

static void hold_sigpipe(struct held *h)
{
	h->ignored = atomic_load_explicit(&sigpipe_ignored, memory_order_relaxed);
	if (h->ignored)
		return;
	sigemptyset(&h->broken);
	sigemptyset(&h->pending);
	sigaddset(&h->broken, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &h->broken, &h->before);
	if (sigismember(&h->before, SIGPIPE))
		sigpending(&h->pending);
}

static ssize_t drop_sigpipe(const struct held *h, ssize_t n)
{
	static const struct timespec now;

	if (h->ignored)
		return n;
	if (n == -EPIPE && !sigismember(&h->pending, SIGPIPE))
		while (interrupted(sigtimedwait(&h->broken, NULL, &now)))
			;
	if (!sigismember(&h->before, SIGPIPE))
		pthread_sigmask(SIG_SETMASK, &h->before, NULL);
	return n;
}

static ssize_t linux_write(int fd, const void *buf, size_t len)
{
	struct held held;
	ssize_t n;

	hold_sigpipe(&held);
	do
		n = write(fd, buf, len);
	while (interrupted(n));
	return drop_sigpipe(&held, result(n));
}

static ssize_t linux_readv(int fd, const struct iovec *iov, int n)
{
	ssize_t got;

	do
		got = readv(fd, iov, n);
	while (interrupted(got));
	return result(got);
}

static ssize_t linux_writev(int fd, const struct iovec *iov, int n)
{
	struct held held;
	ssize_t put;

	hold_sigpipe(&held);
	do
		put = writev(fd, iov, n);
	while (interrupted(put));
	return drop_sigpipe(&held, result(put));
}

static ssize_t splice_some(int from, int to, size_t len)
{
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, len, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (interrupted(n));
	return result(n);
}

static ssize_t linux_splice_in(int from, int pipe, size_t len)
{
	return splice_some(from, pipe, len);
}

static ssize_t linux_splice_out(int pipe, int to, size_t len)
{
	struct held held;

	hold_sigpipe(&held);
	return drop_sigpipe(&held, splice_some(pipe, to, len));
}

static int linux_pipe_widen(int pipe, size_t size)
{
	return (int)result(fcntl(pipe, F_SETPIPE_SZ, (int)size));
}

static int linux_pipe(int fd[2])
{
	return (int)result(pipe2(fd, O_NONBLOCK | O_CLOEXEC));
}

/* A file that is created is the caller's alone, until he says otherwise. */
static int linux_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, 0600);
	while (interrupted(fd));
	return (int)result(fd);
}

static int file_info(int code, const struct stat *st, struct hoy__file_info *info)
{
	if (code < 0)
		return -errno;
	info->mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec;
	info->size = (uint64_t)st->st_size;
	info->is_regular = S_ISREG(st->st_mode);
	info->is_disk = S_ISBLK(st->st_mode);
	info->is_device = S_ISCHR(st->st_mode);
	info->is_socket = S_ISSOCK(st->st_mode);
	info->mode = st->st_mode & 07777;
	info->device = st->st_dev;
	info->inode = st->st_ino;
	return 0;
}

static int linux_stat(int fd, struct hoy__file_info *info)
{
	struct stat st;

	return file_info(fstat(fd, &st), &st, info);
}

static int linux_lstat(const char *path, struct hoy__file_info *info)
{
	struct stat st;

	return file_info(lstat(path, &st), &st, info);
}

static int linux_unlink(const char *path)
{
	return (int)result(unlink(path));
}

/* fchmod refuses a descriptor opened with O_PATH; its name in /proc leads to the same file. */
static int linux_set_mode(int fd, unsigned mode)
{
	char path[32];

	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF)
		return -errno;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return (int)result(chmod(path, mode));
}

static int linux_try_lock(int fd)
{
	return (int)result(flock(fd, LOCK_EX | LOCK_NB));
}

static int linux_dup(int fd)
{
	return (int)result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

static int linux_close_on_exec(int fd)
{
	return (int)result(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static int linux_get_flags(int fd)
{
	return (int)result(fcntl(fd, F_GETFL));
}

static int linux_set_flags(int fd, int flags)
{
	return (int)result(fcntl(fd, F_SETFL, flags));
}

static int linux_ready(int fd, unsigned ready)
{
	short events = (short)((ready & HOY__READABLE ? POLLIN : 0) | (ready & HOY__WRITABLE ? POLLOUT : 0) |
			       (ready & HOY__HANGUP ? POLLRDHUP : 0));
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	while ((n = poll(&p, 1, 0)) < 0 && errno == EINTR)
		;
	return (int)result(n);
}

/* Interrupted, the number is free all the same and may be another thread's by now. */
static int linux_close(int fd)
{
	int code = close(fd);

	return interrupted(code) ? 0 : (int)result(code);
}

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t linux_monotonic(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

static int64_t linux_boottime(void)
{
	return nanoseconds(CLOCK_BOOTTIME);
}

static int64_t linux_realtime(void)
{
	return nanoseconds(CLOCK_REALTIME);
}

static ssize_t linux_random(void *buf, size_t len)
{
	ssize_t n;

	do
		n = getrandom(buf, len, GRND_NONBLOCK);
	while (interrupted(n));
	return result(n);
}

/* Room for 65,536 CPUs: the kernel refuses a mask shorter than its own. */
static int linux_cpus_allowed(void)
{
	cpu_set_t mask[65536 / CPU_SETSIZE];

	if (sched_getaffinity(0, sizeof mask, mask) < 0)
		return -errno;
	return CPU_COUNT_S(sizeof mask, mask);
}

static unsigned linux_user(void)
{
	return geteuid();
}

static unsigned linux_group(void)
{
	return getegid();
}

const struct hoy__os hoy__os_linux = {
	.socket = linux_socket,
	.bind = linux_bind,
	.listen = linux_listen,
	.connect = linux_connect,
	.accept = linux_accept,
	.shutdown = linux_shutdown,
	.getsockname = linux_getsockname,
	.getpeername = linux_getpeername,
	.getsockopt = linux_getsockopt,
	.setsockopt = linux_setsockopt,
	.recv = linux_recv,
	.send = linux_send,
	.recvfrom = linux_recvfrom,
	.sendto = linux_sendto,
	.recvmsg = linux_recvmsg,
	.sendmsg = linux_sendmsg,
	.recvmmsg = linux_recvmmsg,
	.sendmmsg = linux_sendmmsg,

	.read = linux_read,
	.write = linux_write,
	.readv = linux_readv,
	.writev = linux_writev,
	.splice_in = linux_splice_in,
	.splice_out = linux_splice_out,
	.pipe_widen = linux_pipe_widen,
	.pipe = linux_pipe,
	.open = linux_open,
	.stat = linux_stat,
	.lstat = linux_lstat,
	.unlink = linux_unlink,
	.set_mode = linux_set_mode,
	.try_lock = linux_try_lock,
	.dup = linux_dup,
	.close_on_exec = linux_close_on_exec,
	.get_flags = linux_get_flags,
	.set_flags = linux_set_flags,
	.ready = linux_ready,
	.close = linux_close,

	.poller_open = hoy__epoll_open,
	.poller_add = hoy__epoll_add,
	.poller_add_in = hoy__epoll_add_in,
	.poller_widen = hoy__epoll_widen,
	.poller_remove = hoy__epoll_remove,
	.poller_wait = hoy__epoll_wait,
	.waker_open = hoy__waker_open,
	.waker_wake = hoy__waker_wake,

	.map = hoy__memory_map,
	.map_file = hoy__memory_map_file,
	.unmap = hoy__memory_unmap,
	.guard = hoy__memory_guard,
	.protect = hoy__memory_protect,
	.discard = hoy__memory_discard,
	.peek = hoy__memory_peek,
	.membarrier_register = hoy__membarrier_register,
	.membarrier = hoy__membarrier,

	.monotonic = linux_monotonic,
	.boottime = linux_boottime,
	.realtime = linux_realtime,
	.random = linux_random,
	.cpus_allowed = linux_cpus_allowed,
	.process = getpid,
	.user = linux_user,
	.group = linux_group,
};

const struct hoy__os *hoy__os = &hoy__os_linux;
