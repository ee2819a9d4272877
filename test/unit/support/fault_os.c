/*
 * Each entry first asks strike() whether its turn has come. An EAGAIN that lies would
 * hang any edge-triggered program, for no edge follows it; so after one the descriptor
 * is armed again, and the kernel says once more what is ready.
 */
#include "fault_os.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/base.h"
#include "os/os.h"

enum { DESCRIPTORS = 65536, LOG = 256, MAX_IOV = 64 };

static const struct {
	const char *name;
	int code;
} entries[] = {
#define FAULT_ROW(name, code) { #name, -code },
	FAULT_ENTRIES(FAULT_ROW)
#undef FAULT_ROW
};

/* A fault that waits: calls still to come before it strikes; 0 is none. */
struct fuse {
	atomic_long left;
	atomic_int code;
};

static struct fuse any, each[FAULT_COUNT], allocation;
static struct {
	atomic_int period, code;
} storms[FAULT_COUNT];
static atomic_long calls[FAULT_COUNT], all_calls, allocations;
static atomic_size_t most;
static atomic_int fired, fired_code;	/* entry + 1; FAULT_COUNT + 1 is the allocator */

static atomic_bool is_open[DESCRIPTORS];
static struct {
	atomic_int poller;	/* + 1 */
	_Atomic uint64_t key;
} registered[DESCRIPTORS];
static atomic_int open_count;
static atomic_long bad_descriptors, live_blocks, mapped_bytes;

static struct {
	atomic_int entry, fd;
	atomic_long result;
} story[LOG];
static atomic_ulong told;

static void *(*real_realloc)(void *block, size_t size);
static const struct hoy__os *const real = &hoy__os_linux;

/* Is this the call? Exactly one thread is told so. */
static bool burns_down(struct fuse *fuse)
{
	return atomic_load(&fuse->left) > 0 && atomic_fetch_sub(&fuse->left, 1) == 1;
}

/* The code this call is to fail with; 0: it is made. */
static int strike(enum fault_entry entry)
{
	long number = atomic_fetch_add(&calls[entry], 1) + 1;
	int period = atomic_load(&storms[entry].period), code = 0;
	bool now = false;

	atomic_fetch_add(&all_calls, 1);
	if (burns_down(&any)) {
		now = true;
		code = atomic_load(&any.code);
	} else if (burns_down(&each[entry])) {
		now = true;
		code = atomic_load(&each[entry].code);
	} else if (period && number % period == 0) {
		now = true;
		code = atomic_load(&storms[entry].code);
	}
	if (!now)
		return 0;
	if (!code)
		code = entries[entry].code;
	atomic_store(&fired_code, code);
	atomic_store(&fired, (int)entry + 1);
	return code;
}

static void log_call(enum fault_entry entry, int fd, long result)
{
	unsigned long i = atomic_fetch_add(&told, 1) % LOG;

	atomic_store(&story[i].entry, (int)entry);
	atomic_store(&story[i].fd, fd);
	atomic_store(&story[i].result, result);
}

static long tell(enum fault_entry entry, int fd, long result)
{
	log_call(entry, fd, result);
	if (result == -EBADF)
		atomic_fetch_add(&bad_descriptors, 1);
	return result;
}

/* A call that was made to fail; after a lie about being ready the truth is told again. */
static long lie(enum fault_entry entry, int fd, int code)
{
	log_call(entry, fd, code);
	bool not_yet = code == -EAGAIN || (entry == FAULT_getpeername && code == -ENOTCONN);

	if (not_yet && fd >= 0 && fd < DESCRIPTORS) {
		int poller = atomic_load(&registered[fd].poller) - 1;
		struct epoll_event event = {
			.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
			.data.u64 = atomic_load(&registered[fd].key),
		};

		if (poller >= 0)
			epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
	}
	return code;
}

static void note_open(int fd)
{
	if (fd < 0 || fd >= DESCRIPTORS)
		return;
	atomic_store(&registered[fd].poller, 0);
	if (!atomic_exchange(&is_open[fd], true))
		atomic_fetch_add(&open_count, 1);
}

static int opened(enum fault_entry entry, int on, int fd)
{
	note_open(fd);
	return (int)tell(entry, on, fd);
}

static void note_close(int fd)
{
	if (fd < 0 || fd >= DESCRIPTORS)
		return;
	atomic_store(&registered[fd].poller, 0);
	if (atomic_exchange(&is_open[fd], false))
		atomic_fetch_sub(&open_count, 1);
}

static size_t cut(size_t len)
{
	size_t limit = atomic_load(&most);

	return limit && len > limit ? limit : len;
}

/* The same vector, ended after the allowed number of bytes. */
static int cut_vector(const struct iovec *iov, int n, struct iovec out[MAX_IOV])
{
	size_t left = atomic_load(&most);
	int i;

	if (!left)
		left = SIZE_MAX;
	for (i = 0; i < n && i < MAX_IOV && left; i++) {
		out[i] = iov[i];
		if (out[i].iov_len > left)
			out[i].iov_len = left;
		left -= out[i].iov_len;
	}
	return i;
}

static int fault_socket(int family, int type, int protocol)
{
	int code = strike(FAULT_socket);

	return code ? code : opened(FAULT_socket, -1, real->socket(family, type, protocol));
}

/* An entry that only passes its arguments on. */
#define PASS(type, name, parameters, fd, ...) \
	static type fault_##name parameters \
	{ \
		int code = strike(FAULT_##name); \
 \
		return (type)(code ? lie(FAULT_##name, fd, code) : tell(FAULT_##name, fd, real->name(__VA_ARGS__))); \
	}

PASS(int, bind, (int fd, const struct sockaddr *sa, socklen_t len), fd, fd, sa, len)
PASS(int, listen, (int fd, int backlog), fd, fd, backlog)
PASS(int, connect, (int fd, const struct sockaddr *sa, socklen_t len), fd, fd, sa, len)
PASS(int, shutdown, (int fd, int how), fd, fd, how)
PASS(int, getsockname, (int fd, struct sockaddr *sa, socklen_t *len), fd, fd, sa, len)
PASS(int, getpeername, (int fd, struct sockaddr *sa, socklen_t *len), fd, fd, sa, len)
PASS(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *len), fd, fd, level, name, value, len)
PASS(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len), fd, fd, level, name, value, len)
PASS(ssize_t, recv, (int fd, void *buf, size_t len, int flags), fd, fd, buf, cut(len), flags)
PASS(ssize_t, send, (int fd, const void *buf, size_t len, int flags), fd, fd, buf, cut(len), flags)
PASS(ssize_t, recvfrom, (int fd, void *buf, size_t len, int flags, struct sockaddr *sa, socklen_t *sa_len), fd, fd, buf,
     cut(len), flags, sa, sa_len)
PASS(ssize_t, sendto, (int fd, const void *buf, size_t len, int flags, const struct sockaddr *sa, socklen_t sa_len), fd, fd,
     buf, cut(len), flags, sa, sa_len)
PASS(int, recvmmsg, (int fd, struct mmsghdr *msgs, int n, int flags), fd, fd, msgs, n, flags)
PASS(int, sendmmsg, (int fd, struct mmsghdr *msgs, int n, int flags), fd, fd, msgs, n, flags)
PASS(int, poller_widen, (int poller, int fd, uint64_t key), fd, poller, fd, key)
PASS(ssize_t, read, (int fd, void *buf, size_t len), fd, fd, buf, cut(len))
PASS(ssize_t, write, (int fd, const void *buf, size_t len), fd, fd, buf, cut(len))
PASS(ssize_t, splice_in, (int from, int pipe, size_t len), from, from, pipe, cut(len))
PASS(int, pipe_widen, (int pipe, size_t size), pipe, pipe, size)
PASS(ssize_t, splice_out, (int pipe, int to, size_t len), to, pipe, to, cut(len))
PASS(int, stat, (int fd, struct hoy__file_info *info), fd, fd, info)
PASS(int, lstat, (const char *path, struct hoy__file_info *info), -1, path, info)
PASS(int, unlink, (const char *path), -1, path)
PASS(int, set_mode, (int fd, unsigned mode), fd, fd, mode)
PASS(int, try_lock, (int fd), fd, fd)
PASS(int, close_on_exec, (int fd), fd, fd)
PASS(int, get_flags, (int fd), fd, fd)
PASS(int, set_flags, (int fd, int flags), fd, fd, flags)
PASS(int, ready, (int fd, unsigned ready), fd, fd, ready)
PASS(int, waker_wake, (int waker), waker, waker)
PASS(int, guard, (void *at, size_t len), -1, at, len)
PASS(int, protect, (void *at, size_t len), -1, at, len)
PASS(int, discard, (void *at, size_t len), -1, at, len)
PASS(ssize_t, peek, (const void *at, void *buf, size_t len), -1, at, buf, len)
PASS(int, membarrier_register, (void), -1)
PASS(int, membarrier, (void), -1)
PASS(ssize_t, random, (void *buf, size_t len), -1, buf, len)

static ssize_t fault_readv(int fd, const struct iovec *iov, int n)
{
	struct iovec part[MAX_IOV];
	int code = strike(FAULT_readv);

	return code ? lie(FAULT_readv, fd, code)
		    : tell(FAULT_readv, fd, real->readv(fd, part, cut_vector(iov, n, part)));
}

static ssize_t fault_writev(int fd, const struct iovec *iov, int n)
{
	struct iovec part[MAX_IOV];
	int code = strike(FAULT_writev);

	return code ? lie(FAULT_writev, fd, code)
		    : tell(FAULT_writev, fd, real->writev(fd, part, cut_vector(iov, n, part)));
}

static ssize_t fault_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct iovec part[MAX_IOV];
	struct msghdr shorter = *msg;
	int code = strike(FAULT_recvmsg);

	if (code)
		return lie(FAULT_recvmsg, fd, code);
	shorter.msg_iovlen = (size_t)cut_vector(msg->msg_iov, (int)msg->msg_iovlen, part);
	shorter.msg_iov = part;
	ssize_t n = tell(FAULT_recvmsg, fd, real->recvmsg(fd, &shorter, flags));
	msg->msg_namelen = shorter.msg_namelen;
	msg->msg_controllen = shorter.msg_controllen;
	msg->msg_flags = shorter.msg_flags;
	return n;
}

static ssize_t fault_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct iovec part[MAX_IOV];
	struct msghdr shorter = *msg;
	int code = strike(FAULT_sendmsg);

	if (code)
		return lie(FAULT_sendmsg, fd, code);
	shorter.msg_iovlen = (size_t)cut_vector(msg->msg_iov, (int)msg->msg_iovlen, part);
	shorter.msg_iov = part;
	return tell(FAULT_sendmsg, fd, real->sendmsg(fd, &shorter, flags));
}

/* Out of descriptors the connection stays in the queue; aborted, it is gone. */
static int fault_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int code = strike(FAULT_accept);

	if (!code)
		return opened(FAULT_accept, fd, real->accept(fd, sa, len));
	if (code == -ECONNABORTED) {
		int gone = real->accept(fd, NULL, NULL);

		if (gone < 0)
			return opened(FAULT_accept, fd, gone);
		close(gone);
	}
	return (int)lie(FAULT_accept, fd, code);
}

static int fault_pipe(int fd[2])
{
	int code = strike(FAULT_pipe);

	if (!code && !(code = real->pipe(fd))) {
		note_open(fd[0]);
		note_open(fd[1]);
	}
	return (int)tell(FAULT_pipe, -1, code);
}

static int fault_open(const char *path, int flags)
{
	int code = strike(FAULT_open);

	return code ? code : opened(FAULT_open, -1, real->open(path, flags));
}

static int fault_dup(int fd)
{
	int code = strike(FAULT_dup);

	return code ? code : opened(FAULT_dup, fd, real->dup(fd));
}

/* Whatever close says, the descriptor is gone. */
static int fault_close(int fd)
{
	int code = strike(FAULT_close), truth;

	note_close(fd);
	truth = (int)tell(FAULT_close, fd, real->close(fd));
	return code ? code : truth;
}

static int fault_poller_open(void)
{
	int code = strike(FAULT_poller_open);

	return code ? code : opened(FAULT_poller_open, -1, real->poller_open());
}

static void note_registered(int poller, int fd, uint64_t key)
{
	if (fd < 0 || fd >= DESCRIPTORS)
		return;
	atomic_store(&registered[fd].key, key);
	atomic_store(&registered[fd].poller, poller + 1);
}

static int fault_poller_add(int poller, int fd, uint64_t key)
{
	int code = strike(FAULT_poller_add);

	if (code)
		return (int)lie(FAULT_poller_add, fd, code);
	note_registered(poller, fd, key);
	return (int)tell(FAULT_poller_add, fd, real->poller_add(poller, fd, key));
}

static int fault_poller_add_in(int poller, int fd, uint64_t key)
{
	int code = strike(FAULT_poller_add_in);

	if (code)
		return (int)lie(FAULT_poller_add_in, fd, code);
	note_registered(poller, fd, key);
	return (int)tell(FAULT_poller_add_in, fd, real->poller_add_in(poller, fd, key));
}

static int fault_poller_remove(int poller, int fd)
{
	int code = strike(FAULT_poller_remove);

	if (code)
		return (int)lie(FAULT_poller_remove, fd, code);
	if (fd >= 0 && fd < DESCRIPTORS)
		atomic_store(&registered[fd].poller, 0);
	return (int)tell(FAULT_poller_remove, fd, real->poller_remove(poller, fd));
}

/* Interrupted is "no events", as the contract has it. */
static int fault_poller_wait(int poller, struct hoy__event *events, int n, int64_t until)
{
	int code = strike(FAULT_poller_wait);

	if (code)
		return (int)lie(FAULT_poller_wait, poller, code == -EINTR ? 0 : code);
	return (int)tell(FAULT_poller_wait, poller, real->poller_wait(poller, events, n, until));
}

static int fault_waker_open(int poller, uint64_t key)
{
	int code = strike(FAULT_waker_open);

	return code ? code : opened(FAULT_waker_open, poller, real->waker_open(poller, key));
}

static int fault_map(size_t len, void **at)
{
	int code = strike(FAULT_map);

	if (!code)
		code = real->map(len, at);
	if (!code)
		atomic_fetch_add(&mapped_bytes, (long)len);
	return (int)tell(FAULT_map, -1, code);
}

static int fault_map_file(int fd, size_t len, const void **at)
{
	int code = strike(FAULT_map_file);

	if (!code)
		code = real->map_file(fd, len, at);
	if (!code)
		atomic_fetch_add(&mapped_bytes, (long)len);
	return (int)tell(FAULT_map_file, fd, code);
}

static int fault_unmap(void *at, size_t len)
{
	int code = strike(FAULT_unmap);

	if (!code)
		code = real->unmap(at, len);
	if (!code)
		atomic_fetch_sub(&mapped_bytes, (long)len);
	return (int)tell(FAULT_unmap, -1, code);
}

static int fault_cpus_allowed(void)
{
	int code = strike(FAULT_cpus_allowed);

	return (int)tell(FAULT_cpus_allowed, -1, code ? code : real->cpus_allowed());
}

static int64_t fault_monotonic(void) { return real->monotonic(); }
static int64_t fault_boottime(void) { return real->boottime(); }
static int fault_process(void) { return real->process(); }
static int64_t fault_realtime(void) { return real->realtime(); }
static unsigned fault_user(void) { return real->user(); }

static unsigned fault_group(void) { return real->group(); }

static const struct hoy__os fault_table = {
#define FAULT_ENTRY(name, code) .name = fault_##name,
	FAULT_ENTRIES(FAULT_ENTRY)
#undef FAULT_ENTRY
	.monotonic = fault_monotonic,
	.boottime = fault_boottime,
	.realtime = fault_realtime,
	.process = fault_process,
	.user = fault_user,
	.group = fault_group,
};

static void *fault_realloc(void *block, size_t size)
{
	if (!size) {
		atomic_fetch_sub(&live_blocks, block != NULL);
		return real_realloc(block, 0);
	}
	atomic_fetch_add(&allocations, 1);
	if (burns_down(&allocation)) {
		atomic_store(&fired_code, -ENOMEM);
		atomic_store(&fired, FAULT_COUNT + 1);
		return NULL;
	}
	void *got = real_realloc(block, size);
	atomic_fetch_add(&live_blocks, got && !block);
	return got;
}

void fault_install(void)
{
	real_realloc = hoy__realloc_hook;
	hoy__realloc_hook = fault_realloc;
	hoy__os = &fault_table;
}

void fault_reset(void)
{
	atomic_store(&any.left, 0);
	atomic_store(&allocation.left, 0);
	for (int i = 0; i < FAULT_COUNT; i++) {
		atomic_store(&each[i].left, 0);
		atomic_store(&storms[i].period, 0);
		atomic_store(&calls[i], 0);
	}
	atomic_store(&all_calls, 0);
	atomic_store(&allocations, 0);
	atomic_store(&most, 0);
	atomic_store(&fired, 0);
	atomic_store(&told, 0);
	atomic_store(&bad_descriptors, 0);
}

static void light(struct fuse *fuse, long n, int code)
{
	atomic_store(&fuse->code, code);
	atomic_store(&fuse->left, n);
}

void fault_at(long n, int code) { light(&any, n, code); }
void fault_entry_at(enum fault_entry entry, long n, int code) { light(&each[entry], n, code); }
void fault_alloc_at(long n) { light(&allocation, n, 0); }
void fault_cut(size_t limit) { atomic_store(&most, limit); }

void fault_storm(enum fault_entry entry, int period, int code)
{
	atomic_store(&storms[entry].code, code);
	atomic_store(&storms[entry].period, period);
}

bool fault_fired(void) { return atomic_load(&fired) != 0; }
enum fault_entry fault_fired_entry(void) { return (enum fault_entry)(atomic_load(&fired) - 1); }
int fault_fired_code(void) { return atomic_load(&fired_code); }
long fault_calls(enum fault_entry entry) { return atomic_load(&calls[entry]); }
long fault_calls_all(void) { return atomic_load(&all_calls); }
long fault_allocs(void) { return atomic_load(&allocations); }
int fault_open_descriptors(void) { return atomic_load(&open_count); }
long fault_bad_descriptors(void) { return atomic_load(&bad_descriptors); }
long fault_live_blocks(void) { return atomic_load(&live_blocks); }
long fault_mapped_bytes(void) { return atomic_load(&mapped_bytes); }

const char *fault_name(enum fault_entry entry)
{
	return (int)entry >= 0 && entry < FAULT_COUNT ? entries[entry].name : "allocation";
}

char *fault_story(char *buf, size_t size)
{
	unsigned long end = atomic_load(&told), i = end > LOG ? end - LOG : 0;
	size_t len = 0;

	buf[0] = 0;
	for (; i < end && len + 1 < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s(%d)=%ld ",
					fault_name((enum fault_entry)atomic_load(&story[i % LOG].entry)),
					atomic_load(&story[i % LOG].fd), atomic_load(&story[i % LOG].result));
	return buf;
}
