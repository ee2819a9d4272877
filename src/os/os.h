/*
 * The one door to the kernel. Every system call, both clocks, randomness and the
 * poller are entries of this table; the library calls them through the functions
 * below and nothing else. All return a count or -errno; EINTR is retried inside,
 * except by close, whose descriptor is gone either way.
 */
#ifndef HOY_OS_OS_H
#define HOY_OS_OS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

enum hoy__ready {
	HOY__READABLE = 1,
	HOY__WRITABLE = 2,
	HOY__HANGUP = 4		/* the peer half-closed, an error or urgent data waits: a short read says nothing */
};

struct hoy__event {
	uint64_t key;		/* as registered */
	unsigned ready;		/* of enum hoy__ready */
};

struct hoy__file_info {
	int64_t mtime_ns;
	uint64_t size;
	int is_regular;
	int is_disk;		/* a block device */
	int is_device;		/* a character device, such as a terminal */
	int is_socket;
	unsigned mode;		/* the permissions, 0 to 07777 */
	uint64_t device, inode;	/* which file it is */
};

struct hoy__os {
	/* sockets: non-blocking and close-on-exec from birth */
	int (*socket)(int family, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *sa, socklen_t len);
	int (*listen)(int fd, int backlog);
	int (*connect)(int fd, const struct sockaddr *sa, socklen_t len);	/* interrupted: -EINPROGRESS */
	int (*accept)(int fd, struct sockaddr *sa, socklen_t *len);
	int (*shutdown)(int fd, int how);
	int (*getsockname)(int fd, struct sockaddr *sa, socklen_t *len);
	int (*getpeername)(int fd, struct sockaddr *sa, socklen_t *len);
	int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *len);
	int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
	ssize_t (*recv)(int fd, void *buf, size_t len, int flags);
	ssize_t (*send)(int fd, const void *buf, size_t len, int flags);	/* MSG_NOSIGNAL is added */
	ssize_t (*recvfrom)(int fd, void *buf, size_t len, int flags, struct sockaddr *sa, socklen_t *sa_len);
	ssize_t (*sendto)(int fd, const void *buf, size_t len, int flags, const struct sockaddr *sa, socklen_t sa_len);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);		/* MSG_CMSG_CLOEXEC is added */
	ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);	/* MSG_NOSIGNAL is added */
	int (*recvmmsg)(int fd, struct mmsghdr *msgs, int n, int flags);	/* as recvmsg; the number received */
	int (*sendmmsg)(int fd, struct mmsghdr *msgs, int n, int flags);	/* as sendmsg; the number sent */

	/* descriptors of any kind; a broken pipe is -EPIPE and no signal */
	ssize_t (*read)(int fd, void *buf, size_t len);
	ssize_t (*write)(int fd, const void *buf, size_t len);
	ssize_t (*readv)(int fd, const struct iovec *iov, int n);
	ssize_t (*writev)(int fd, const struct iovec *iov, int n);
	ssize_t (*splice_in)(int from, int pipe, size_t len);	/* never waits for the pipe, which has a reader */
	ssize_t (*splice_out)(int pipe, int to, size_t len);
	int (*pipe_widen)(int pipe, size_t size);		/* F_SETPIPE_SZ, bounded by fs.pipe-max-size and the user's share */
	int (*pipe)(int fd[2]);					/* non-blocking, close-on-exec */
	int (*open)(const char *path, int flags);		/* close-on-exec is added */
	int (*stat)(int fd, struct hoy__file_info *info);
	int (*lstat)(const char *path, struct hoy__file_info *info);	/* of a link, the link's */
	int (*unlink)(const char *path);
	int (*set_mode)(int fd, unsigned mode);			/* the permissions; also of one opened with O_PATH */
	int (*try_lock)(int fd);				/* flock, until it is closed; another has it: -EAGAIN */
	int (*dup)(int fd);					/* close-on-exec */
	int (*close_on_exec)(int fd);				/* from now on */
	int (*get_flags)(int fd);				/* F_GETFL */
	int (*set_flags)(int fd, int flags);			/* F_SETFL */
	int (*ready)(int fd, unsigned ready);			/* of enum hoy__ready, now? 1 or 0; files always are */
	int (*close)(int fd);

	/* the poller: edge-triggered, both directions, registered once */
	int (*poller_open)(void);
	int (*poller_add)(int poller, int fd, uint64_t key);
	int (*poller_add_in)(int poller, int fd, uint64_t key);	/* no event when it becomes writable */
	int (*poller_widen)(int poller, int fd, uint64_t key);	/* after poller_add_in: such events from now on */
	int (*poller_remove)(int poller, int fd);
	/* until: a moment of the monotonic clock; 0 does not wait, HOY__NEVER waits for ever */
	int (*poller_wait)(int poller, struct hoy__event *events, int n, int64_t until);
	int (*waker_open)(int poller, uint64_t key);	/* a descriptor; waking it makes an event with this key */
	int (*waker_wake)(int waker);

	/* memory for stacks */
	int (*map)(size_t len, void **at);		/* private, no reservation, no huge pages */
	int (*map_file)(int fd, size_t len, const void **at);	/* its first len bytes, for reading */
	int (*unmap)(void *at, size_t len);
	int (*guard)(void *at, size_t len);		/* MADV_GUARD_INSTALL */
	int (*protect)(void *at, size_t len);		/* PROT_NONE */
	int (*discard)(void *at, size_t len);		/* MADV_DONTNEED */
	/* copies memory of this process, or what of it there is: the number of bytes; none: -EFAULT */
	ssize_t (*peek)(const void *at, void *buf, size_t len);
	int (*membarrier_register)(void);		/* for PRIVATE_EXPEDITED; slow in a process with several threads */
	int (*membarrier)(void);			/* each running thread of the process executes a memory barrier */

	/* clocks, randomness, the machine */
	int64_t (*monotonic)(void);			/* nanoseconds */
	int64_t (*boottime)(void);			/* the same, and goes on while the machine sleeps */
	int64_t (*realtime)(void);			/* nanoseconds since 1970 */
	ssize_t (*random)(void *buf, size_t len);	/* getrandom, not blocking */
	int (*cpus_allowed)(void);			/* by affinity */
	int (*process)(void);				/* getpid */
	unsigned (*user)(void);				/* the effective user of the process, */
	unsigned (*group)(void);			/* and its group */
};

/* linux.c. The program ignores SIGPIPE, so that a write that would raise it need not hold it back: two system calls less. */
void hoy__os_trust_sigpipe_ignored(int ignored);

/* The table in use. Tests put another one here before any other call. */
extern const struct hoy__os *hoy__os;
extern const struct hoy__os hoy__os_linux;

static inline int hoy__os_socket(int family, int type, int protocol) { return hoy__os->socket(family, type, protocol); }
static inline int hoy__os_bind(int fd, const struct sockaddr *sa, socklen_t len) { return hoy__os->bind(fd, sa, len); }
static inline int hoy__os_listen(int fd, int backlog) { return hoy__os->listen(fd, backlog); }
static inline int hoy__os_connect(int fd, const struct sockaddr *sa, socklen_t len) { return hoy__os->connect(fd, sa, len); }
static inline int hoy__os_accept(int fd, struct sockaddr *sa, socklen_t *len) { return hoy__os->accept(fd, sa, len); }
static inline int hoy__os_shutdown(int fd, int how) { return hoy__os->shutdown(fd, how); }
static inline int hoy__os_getsockname(int fd, struct sockaddr *sa, socklen_t *len) { return hoy__os->getsockname(fd, sa, len); }
static inline int hoy__os_getpeername(int fd, struct sockaddr *sa, socklen_t *len) { return hoy__os->getpeername(fd, sa, len); }
static inline int hoy__os_getsockopt(int fd, int level, int name, void *value, socklen_t *len) { return hoy__os->getsockopt(fd, level, name, value, len); }
static inline int hoy__os_setsockopt(int fd, int level, int name, const void *value, socklen_t len) { return hoy__os->setsockopt(fd, level, name, value, len); }
static inline ssize_t hoy__os_recv(int fd, void *buf, size_t len, int flags) { return hoy__os->recv(fd, buf, len, flags); }
static inline ssize_t hoy__os_send(int fd, const void *buf, size_t len, int flags) { return hoy__os->send(fd, buf, len, flags); }
static inline ssize_t hoy__os_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *sa, socklen_t *sa_len) { return hoy__os->recvfrom(fd, buf, len, flags, sa, sa_len); }
static inline ssize_t hoy__os_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *sa, socklen_t sa_len) { return hoy__os->sendto(fd, buf, len, flags, sa, sa_len); }
static inline ssize_t hoy__os_recvmsg(int fd, struct msghdr *msg, int flags) { return hoy__os->recvmsg(fd, msg, flags); }
static inline ssize_t hoy__os_sendmsg(int fd, const struct msghdr *msg, int flags) { return hoy__os->sendmsg(fd, msg, flags); }
static inline int hoy__os_recvmmsg(int fd, struct mmsghdr *msgs, int n, int flags) { return hoy__os->recvmmsg(fd, msgs, n, flags); }
static inline int hoy__os_sendmmsg(int fd, struct mmsghdr *msgs, int n, int flags) { return hoy__os->sendmmsg(fd, msgs, n, flags); }
static inline ssize_t hoy__os_read(int fd, void *buf, size_t len) { return hoy__os->read(fd, buf, len); }
static inline ssize_t hoy__os_write(int fd, const void *buf, size_t len) { return hoy__os->write(fd, buf, len); }
static inline ssize_t hoy__os_readv(int fd, const struct iovec *iov, int n) { return hoy__os->readv(fd, iov, n); }
static inline ssize_t hoy__os_writev(int fd, const struct iovec *iov, int n) { return hoy__os->writev(fd, iov, n); }
static inline ssize_t hoy__os_splice_in(int from, int pipe, size_t len) { return hoy__os->splice_in(from, pipe, len); }
static inline ssize_t hoy__os_splice_out(int pipe, int to, size_t len) { return hoy__os->splice_out(pipe, to, len); }
static inline int hoy__os_pipe_widen(int pipe, size_t size) { return hoy__os->pipe_widen(pipe, size); }
static inline int hoy__os_pipe(int fd[2]) { return hoy__os->pipe(fd); }
static inline int hoy__os_open(const char *path, int flags) { return hoy__os->open(path, flags); }
static inline int hoy__os_stat(int fd, struct hoy__file_info *info) { return hoy__os->stat(fd, info); }
static inline int hoy__os_lstat(const char *path, struct hoy__file_info *info) { return hoy__os->lstat(path, info); }
static inline int hoy__os_unlink(const char *path) { return hoy__os->unlink(path); }
static inline int hoy__os_set_mode(int fd, unsigned mode) { return hoy__os->set_mode(fd, mode); }
static inline int hoy__os_try_lock(int fd) { return hoy__os->try_lock(fd); }
static inline int hoy__os_dup(int fd) { return hoy__os->dup(fd); }
static inline int hoy__os_close_on_exec(int fd) { return hoy__os->close_on_exec(fd); }
static inline int hoy__os_get_flags(int fd) { return hoy__os->get_flags(fd); }
static inline int hoy__os_set_flags(int fd, int flags) { return hoy__os->set_flags(fd, flags); }
static inline int hoy__os_ready(int fd, unsigned ready) { return hoy__os->ready(fd, ready); }
static inline int hoy__os_close(int fd) { return hoy__os->close(fd); }
static inline int hoy__os_poller_open(void) { return hoy__os->poller_open(); }
static inline int hoy__os_poller_add(int poller, int fd, uint64_t key) { return hoy__os->poller_add(poller, fd, key); }
static inline int hoy__os_poller_add_in(int poller, int fd, uint64_t key) { return hoy__os->poller_add_in(poller, fd, key); }
static inline int hoy__os_poller_widen(int poller, int fd, uint64_t key) { return hoy__os->poller_widen(poller, fd, key); }
static inline int hoy__os_poller_remove(int poller, int fd) { return hoy__os->poller_remove(poller, fd); }
static inline int hoy__os_poller_wait(int poller, struct hoy__event *events, int n, int64_t until) { return hoy__os->poller_wait(poller, events, n, until); }
static inline int hoy__os_waker_open(int poller, uint64_t key) { return hoy__os->waker_open(poller, key); }
static inline int hoy__os_waker_wake(int waker) { return hoy__os->waker_wake(waker); }
static inline int hoy__os_map(size_t len, void **at) { return hoy__os->map(len, at); }
static inline int hoy__os_map_file(int fd, size_t len, const void **at) { return hoy__os->map_file(fd, len, at); }
static inline int hoy__os_unmap(void *at, size_t len) { return hoy__os->unmap(at, len); }
static inline int hoy__os_guard(void *at, size_t len) { return hoy__os->guard(at, len); }
static inline int hoy__os_protect(void *at, size_t len) { return hoy__os->protect(at, len); }
static inline int hoy__os_discard(void *at, size_t len) { return hoy__os->discard(at, len); }
static inline ssize_t hoy__os_peek(const void *at, void *buf, size_t len) { return hoy__os->peek(at, buf, len); }
static inline int hoy__os_membarrier_register(void) { return hoy__os->membarrier_register(); }
static inline int hoy__os_membarrier(void) { return hoy__os->membarrier(); }
static inline int64_t hoy__os_monotonic(void) { return hoy__os->monotonic(); }
static inline int64_t hoy__os_boottime(void) { return hoy__os->boottime(); }
static inline int64_t hoy__os_realtime(void) { return hoy__os->realtime(); }
static inline ssize_t hoy__os_random(void *buf, size_t len) { return hoy__os->random(buf, len); }
static inline int hoy__os_cpus_allowed(void) { return hoy__os->cpus_allowed(); }
static inline int hoy__os_process(void) { return hoy__os->process(); }
static inline unsigned hoy__os_user(void) { return hoy__os->user(); }
static inline unsigned hoy__os_group(void) { return hoy__os->group(); }

#endif
