/*
 * A descriptor with a life. One 64-bit word holds closed, one lock a direction, their
 * waiter flags and the calls inside; close marks it and wakes everyone, and the number
 * is given back to the system when the last call inside has left. The operations are
 * "try, wait, go on", with absolute deadlines.
 */
#ifndef HOY_FD_FD_H
#define HOY_FD_FD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/list.h"
#include "task/source.h"

struct hoy__aside;

enum hoy__fd_kind {
	/*
	 * A short read means empty: true of TCP and of pipes. Of Unix sockets with one
	 * exception, see hoy__fd_may_hide_data. Not of terminals, which stop at lines.
	 */
	HOY__FD_STREAM = 1,
	HOY__FD_SHARED = 2,	/* others use it too: mode untouched, MSG_DONTWAIT or offload */
	HOY__FD_SOCKET = 4,
	/*
	 * Its calls block: a disk's, and those of a shared pipe, terminal or listener in
	 * blocking mode. Reads, writes and accepts go by aside.c; there are no others.
	 */
	HOY__FD_BLOCKING = 8,
	HOY__FD_NONE = 16,	/* no descriptor at all: only the life and the locks are used */
	HOY__FD_DATAGRAM = 32,	/* each write is one message */
	/*
	 * A Unix socket: connect and sendto return EAGAIN when the queue of the socket they address is full, and no
	 * event follows when it no longer is.
	 */
	HOY__FD_UNIX = 64
};

/*
 * The state word: flags, 20 bits of references, 32 of generation. The first reference
 * is the open descriptor's own, which close gives up; every call inside has one.
 */
#define HOY__FD_CLOSED		(UINT64_C(1) << 0)
#define HOY__FD_LOCK(d)		(UINT64_C(1) << (1 + (d)))
#define HOY__FD_WAITING(d)	(UINT64_C(1) << (3 + (d)))	/* the direction's queue is not empty */
#define HOY__FD_FREED		(UINT64_C(1) << 5)	/* by the owner */
#define HOY__FD_DONE		(UINT64_C(1) << 6)	/* the number is given back */
#define HOY__FD_EXPORTED	(UINT64_C(1) << 7)	/* a duplicate is elsewhere */
#define HOY__FD_REF		(UINT64_C(1) << 8)
#define HOY__FD_REFS		(UINT64_C(0xfffff) << 8)
#define HOY__FD_SLOW_CLOSE	(UINT64_C(1) << 28)	/* close(2) may block; of a socket, only if SO_LINGER is set, which is looked up then */
#define HOY__FD_GENERATION	(UINT64_C(1) << 32)

/* The first line is what a call touches. */
struct hoy__fd {
	_Atomic uint64_t state;
	struct hoy__source source;		/* its kind is of enum hoy__fd_kind */
	_Atomic int64_t deadline[2];		/* monotonic ns, HOY__NEVER or HOY__PAST */
	atomic_uint queue_guard;
	struct hoy__link *queue[2];	/* waiting for the direction's lock, in order */
	struct hoy__aside *aside[2];	/* calls on threads of the pool, guarded by the direction's lock */
	unsigned forks;				/* of this process, before the descriptor */
	void (*released)(void *owner);
	union {
		void *owner;
		struct hoy__fd *next_free;
	};
};

/*
 * Takes the descriptor; NULL for want of memory, and then it is still the caller's.
 * released(owner) is called once, when the record goes: after hoy__fd_free, when the
 * last call inside has left.
 */
struct hoy__fd *hoy__fd_new(int sys, unsigned kind, void (*released)(void *owner), void *owner);
/* 0, or HOY_ECLOSED the second time. Wakes everyone inside. */
int hoy__fd_close(struct hoy__fd *fd);
/* The owner's last word: closes if open. */
void hoy__fd_free(struct hoy__fd *fd);

/*
 * In and out of a call. enter takes the direction's lock, queueing behind others (a
 * queued call obeys the deadline too); hold only keeps the descriptor alive. Both are
 * 0 or HOY_ECLOSED, HOY_ETIMEOUT, HOY_ECANCELED, or -EUSERS with a million calls inside.
 */
int hoy__fd_enter(struct hoy__fd *fd, enum hoy__direction d);
/* The same without waiting: -EAGAIN when another call has the lock. */
int hoy__fd_enter_now(struct hoy__fd *fd, enum hoy__direction d);
void hoy__fd_leave(struct hoy__fd *fd, enum hoy__direction d);
int hoy__fd_hold(struct hoy__fd *fd);
/* The same of a record that may be unused or about to be used: false, unless it is of an open descriptor. */
bool hoy__fd_hold_open(struct hoy__fd *fd);
/* slab.c. Calls fn, which may wait, for each open descriptor, and holds it meanwhile. */
void hoy__fd_each(void (*fn)(struct hoy__fd *fd, void *arg), void *arg);
/*
 * The same for a call that uses the descriptor's owner after it has failed. hoy__fd_begin returns 0, or a code as enter;
 * or that code negated, when it waited for the lock in vain: it then has its reference all the same. The end undoes
 * whatever the beginning came to. HOY__NEITHER only holds.
 */
int hoy__fd_begin(struct hoy__fd *fd, enum hoy__direction d);
void hoy__fd_end(struct hoy__fd *fd, enum hoy__direction d, int begun);
/*
 * The same for a call that must not wait for the lock alone: it is inside, and in the lock's queue unless it has the lock
 * already, and its task is woken when `granted` is set. 0, or a code, after which it is not inside. quit leaves the queue, or
 * gives the lock back.
 */
struct hoy__fd_turn {
	struct hoy__link link;
	struct hoy__task *task;
	atomic_bool granted;
};
int hoy__fd_join(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *t);
void hoy__fd_quit(struct hoy__fd *fd, enum hoy__direction d, struct hoy__fd_turn *t);
/* What begun means to the call: 0, or the code. */
static inline int hoy__fd_begun(int begun) { return begun > 0 ? -begun : begun; }
void hoy__fd_drop(struct hoy__fd *fd);
/* As drop; if it gives the number back, waits until the system has closed it. The end of a close. */
void hoy__fd_drop_and_wait(struct hoy__fd *fd);

/*
 * Closing the descriptor may block: it is no socket, or others may have set its options. One that
 * was exported is taken for such a one.
 */
void hoy__fd_expect_slow_close(struct hoy__fd *fd);
bool hoy__fd_expects_slow_close(struct hoy__fd *fd);

/* Another process may have a duplicate. */
void hoy__fd_expect_others(struct hoy__fd *fd);
/* May another process have the same file open? */
bool hoy__fd_is_shared(const struct hoy__fd *fd);

/* The descriptor's number, for a caller who is inside. */
static inline int hoy__fd_sys(const struct hoy__fd *fd) { return fd->source.sys; }
/* Has it one of these properties of enum hoy__fd_kind? */
static inline bool hoy__fd_is(const struct hoy__fd *fd, unsigned kinds) { return fd->source.kind & kinds; }
/*
 * A read of a Unix stream also ends behind the bytes that descriptors were sent with, and of what is behind these no event
 * reports. That is rare: after a short read it counts as empty, and who waits for it tries again after a millisecond.
 */
static inline bool hoy__fd_may_hide_data(const struct hoy__fd *fd)
{
	return (fd->source.kind & (HOY__FD_UNIX | HOY__FD_STREAM)) == (HOY__FD_UNIX | HOY__FD_STREAM);
}
/* What a call on the socket must be given: a shared one may be in blocking mode, which is not ours to change. */
static inline int hoy__fd_flags(const struct hoy__fd *fd) { return hoy__fd_is(fd, HOY__FD_SHARED) ? MSG_DONTWAIT : 0; }
/* This direction, to wait for it with others by hoy__source_wait_any. */
static inline struct hoy__interest hoy__fd_interest(struct hoy__fd *fd, enum hoy__direction d)
{
	return (struct hoy__interest){ &fd->source, d, 0 };
}
/* Whatever happens to it after this number of events, a close among others. */
static inline struct hoy__interest hoy__fd_interest_in_all(struct hoy__fd *fd, uint32_t seen)
{
	return (struct hoy__interest){ &fd->source, HOY__NEITHER, seen };
}
/* The number of events so far. */
static inline uint32_t hoy__fd_seen(struct hoy__fd *fd) { return hoy__source_look(&fd->source); }
/* For a new descriptor: the next call waits for an event before its first try, which would most likely find nothing. */
static inline void hoy__fd_expect_event(struct hoy__fd *fd, enum hoy__direction d)
{
	hoy__source_drained(&fd->source, d, hoy__source_look(&fd->source));
}
/* Wakes who waits for this direction; the next try makes its system call. */
static inline void hoy__fd_kick(struct hoy__fd *fd, enum hoy__direction d) { hoy__source_kick(&fd->source, d); }

/* Is a call inside? */
static inline bool hoy__fd_is_in_use(struct hoy__fd *fd)
{
	return (atomic_load(&fd->state) & HOY__FD_REFS) > HOY__FD_REF;
}

/* For pending and future calls; a moment past fails them at once, HOY__NEVER none. 0 or HOY_ECLOSED. */
int hoy__fd_set_deadline(struct hoy__fd *fd, enum hoy__direction d, int64_t deadline);
/* The moment set, to wait until then. */
static inline int64_t hoy__fd_deadline(struct hoy__fd *fd, enum hoy__direction d) { return atomic_load(&fd->deadline[d]); }
/* HOY_ETIMEOUT when past, HOY_ECLOSED when closed, else 0. */
int hoy__fd_check(struct hoy__fd *fd, enum hoy__direction d);
/* Could a call of this direction do something at once? 0; -EAGAIN; or the code that it fails with. The caller has the lock. */
int hoy__fd_look(struct hoy__fd *fd, enum hoy__direction d);
/* What a wait's code means: it timed out on a deadline that has moved since, so look again: 0. */
int hoy__fd_waited(struct hoy__fd *fd, enum hoy__direction d, int64_t deadline, int code);

/*
 * One operation as data: what to run, on what, and how its result is to be read. The
 * loop around it is the only one, so that another way to wait has one place to go.
 */
struct hoy__attempt {
	ssize_t (*run)(int sys, const struct hoy__attempt *a);	/* -EAGAIN: wait */
	void *at;
	size_t len;
	int flags;
	enum hoy__why why;
	size_t full;		/* a smaller count than this means empty; 0: no count does */
	bool no_yield;		/* does not let other tasks run after it */
	bool no_wait;		/* -EAGAIN instead of waiting */
	bool asks_first;	/* finding nothing costs more than the question whether there is something to read */
	bool no_event;		/* the poller does not report when the next try may succeed: try again after a pause */
};

/* Tries until the answer is another than -EAGAIN; the caller is inside, with d's lock. Not for HOY__FD_BLOCKING. */
ssize_t hoy__fd_try(struct hoy__fd *fd, enum hoy__direction d, const struct hoy__attempt *a);

/*
 * One try that neither waits nor yields: -EAGAIN when nothing has come, or there is no room. For sockets whose owner
 * is alone with the direction.
 */
ssize_t hoy__fd_recv_now(struct hoy__fd *fd, void *buf, size_t len, int flags);
ssize_t hoy__fd_send_now(struct hoy__fd *fd, const void *buf, size_t len);
/* Starts a task when there is something to read; the caller has the lock of HOY__IN. site: where the user asked. */
int hoy__fd_start_when(struct hoy__fd *fd, hoy_fn *fn, void *arg, const void *site);

/* The caller is inside, with the direction's lock. Counts or codes; 0 from reads is the end of the stream. */
ssize_t hoy__fd_read(struct hoy__fd *fd, void *buf, size_t len);
ssize_t hoy__fd_readv(struct hoy__fd *fd, const struct iovec *iov, int n);
/* One datagram, and who sent it: *sa_len is the room for sa, then its length. */
ssize_t hoy__fd_recvfrom(struct hoy__fd *fd, void *buf, size_t len, struct sockaddr *sa, socklen_t *sa_len);
/* All or a code; *done is what went out, also on success. */
int hoy__fd_write(struct hoy__fd *fd, const void *buf, size_t len, size_t *done);
/*
 * lent.c. Reads into the thread's lent buffer, of a descriptor that does not block; *data is in it, and valid until the
 * task waits. The write takes such data, and moves what it cannot write at once; the data is invalid afterwards.
 */
ssize_t hoy__fd_read_lent(struct hoy__fd *fd, const void **data);
int hoy__fd_write_lent(struct hoy__fd *fd, const void *data, size_t len, size_t *done);
/* The same without waiting, and any data: -EAGAIN when nothing has come, or when not all was written; *sent was. */
ssize_t hoy__fd_read_lent_now(struct hoy__fd *fd, const void **data);
int hoy__fd_write_now(struct hoy__fd *fd, const void *data, size_t len, size_t *sent);
/* splice.c. From a socket into a pipe, and out of one; -EINVAL is a kind of socket that cannot. wait false: or -EAGAIN. */
ssize_t hoy__fd_splice_in(struct hoy__fd *fd, int pipe, size_t len, bool wait);
ssize_t hoy__fd_splice_out(struct hoy__fd *fd, int pipe, size_t len, bool wait);
int hoy__fd_writev(struct hoy__fd *fd, const struct iovec *iov, int n, size_t *done);
ssize_t hoy__fd_sendto(struct hoy__fd *fd, const void *buf, size_t len, const struct sockaddr *sa, socklen_t sa_len);
/* The new descriptor, non-blocking and close-on-exec. */
int hoy__fd_accept(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len);
/* The same without waiting, after hoy__fd_look: -EAGAIN. Not for HOY__FD_BLOCKING. */
int hoy__fd_accept_now(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len);
/*
 * Starts or finishes a connect, and enters and leaves by itself; the code is the attempt's. The deadline is OUT's. While
 * the queue of a Unix listener is full, it waits.
 */
int hoy__fd_connect(struct hoy__fd *fd, const struct sockaddr *sa, socklen_t len);
/*
 * The same for whoever is alone with the descriptor and waits by itself, for OUT: 0
 * connected, 1 not yet, or the attempt's code.
 */
int hoy__fd_connect_start(struct hoy__fd *fd, const struct sockaddr *sa, socklen_t len);
int hoy__fd_connect_look(struct hoy__fd *fd);
/* HOY_ECLOSED, or the error that a socket's peer has broken it with, after its event and before a call has returned it; 0: none. */
int hoy__fd_error(struct hoy__fd *fd);
/* A duplicate of the descriptor for somebody else, close-on-exec, or a code. */
int hoy__fd_export(struct hoy__fd *fd);

#endif
