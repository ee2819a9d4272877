/*
 * A descriptor in blocking mode is waited for in the poller and then called on a thread, which may
 * still block: a disk is slow, a network file system hangs, or another process that shares the pipe
 * was faster. Such a call cannot be interrupted, so it has a buffer of its own and a reference to
 * the descriptor. When its caller gives up, it goes on, and stays with the descriptor until the
 * next call of that direction takes its result.
 */
#include "fd/aside.h"

#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "base/probe.h"
#include "fd/fd.h"
#include "os/fork.h"
#include "os/os.h"
#include "task/pool.h"
#include "task/worker.h"

enum {
	ROOM = 64 << 10,	/* the most one call moves */
	PIPE_ROOM = 4096	/* what a pipe takes without blocking when it is writable, Linux's PIPE_BUF */
};

#define FIRST_LOOK (100 * HOY_MILLISECOND)

struct hoy__aside {
	struct hoy__errand errand;
	struct hoy__fd *fd;
	enum hoy__direction direction;
	unsigned lineage;	/* the process whose thread runs it */
	ssize_t (*call)(int sys, struct hoy__aside *a);
	atomic_bool done;
	ssize_t result;
	socklen_t address_len;	/* of an accept, whose address is in buf */
	size_t taken;		/* of a read, how much has been handed out */
	size_t len;
	_Alignas(struct sockaddr_storage) char buf[];
};

static ssize_t call_read(int sys, struct hoy__aside *a)
{
	return hoy__os_read(sys, a->buf, a->len);
}

static ssize_t call_write(int sys, struct hoy__aside *a)
{
	return hoy__os_write(sys, a->buf, a->len);
}

/* A peer that gave up while it was queued is skipped. */
static ssize_t call_accept(int sys, struct hoy__aside *a)
{
	int got;

	do {
		a->address_len = (socklen_t)a->len;
		got = hoy__os_accept(sys, (struct sockaddr *)a->buf, &a->address_len);
	} while (got == -ECONNABORTED);
	return got;
}

/* Once it is done, a belongs to the direction's next caller, and fd lives only by the reference. */
static void run(struct hoy__errand *e)
{
	struct hoy__aside *a = container_of(e, struct hoy__aside, errand);
	struct hoy__fd *fd = a->fd;
	enum hoy__direction d = a->direction;

	a->result = a->call(fd->source.sys, a);
	atomic_store(&a->done, true);
	hoy__source_kick(&fd->source, d);
	hoy__fd_drop(fd);
}

static void forget(struct hoy__fd *fd, enum hoy__direction d)
{
	hoy__release(fd->aside[d]);
	fd->aside[d] = NULL;
}

/* The call under way or done, if there is one. What runs in the parent of a fork is not this process's. */
static struct hoy__aside *pending(struct hoy__fd *fd, enum hoy__direction d)
{
	struct hoy__aside *a = fd->aside[d];

	if (a && a->lineage != hoy__fork_lineage() && !atomic_load(&a->done)) {
		forget(fd, d);
		hoy__fd_drop(fd);
	}
	return fd->aside[d];
}

static struct hoy__aside *make(struct hoy__fd *fd, enum hoy__direction d, ssize_t (*call)(int, struct hoy__aside *),
			       size_t len)
{
	struct hoy__aside *a = hoy__alloc(sizeof *a + len);

	if (!a)
		return NULL;
	a->errand.run = run;
	a->fd = fd;
	a->direction = d;
	a->lineage = hoy__fork_lineage();
	a->call = call;
	a->len = len;
	return fd->aside[d] = a;
}

/* On the caller's own thread if that may block and the call has no deadline, else on one of the pool. */
static int begin(struct hoy__aside *a)
{
	int code = hoy__fd_hold(a->fd);

	if (code < 0)
		return code;
	if (hoy__may_block() && atomic_load(&a->fd->deadline[a->direction]) == HOY__NEVER)
		run(&a->errand);
	else if ((code = hoy__pool_submit(HOY__POOL_IO, &a->errand)) < 0)
		hoy__fd_drop(a->fd);
	return code;
}

/*
 * 0 when it is done, or why the caller gives up. A cancellation is heeded only after the first
 * look: a cleanup in a cancelled scope can still write its file.
 */
static int wait(struct hoy__aside *a, enum hoy__why why)
{
	struct hoy__fd *fd = a->fd;
	int64_t heed = hoy__moment_add(hoy__os_monotonic(), FIRST_LOOK);

	for (;;) {
		uint32_t seen = hoy__source_look(&fd->source);
		int64_t deadline = atomic_load(&fd->deadline[a->direction]), again;
		int code = hoy__fd_check(fd, a->direction), mortal;

		if (code < 0 || atomic_load(&a->done))
			return code;
		code = hoy__pool_look(HOY__POOL_IO, &a->errand, &again);
		if (code < 0 && deadline == HOY__NEVER)
			return code;
		mortal = hoy__coarse_now() < heed ? HOY__WHY_MORTAL : 0;
		if (mortal)
			again = heed;
		hoy__source_drained(&fd->source, a->direction, seen);
		code = hoy__source_wait_kick(&fd->source, a->direction, (enum hoy__why)((int)why | mortal),
					     hoy__earlier(deadline, again));
		if (code < 0 && code != HOY_ETIMEOUT)
			return code;
	}
}

/* Waits for the direction's call. One that never starts is taken back; any other stays. */
static int finish(struct hoy__fd *fd, enum hoy__direction d, enum hoy__why why)
{
	struct hoy__aside *a = fd->aside[d];
	int code = wait(a, why);

	if (code < 0 && hoy__pool_withdraw(HOY__POOL_IO, &a->errand)) {
		forget(fd, d);
		hoy__fd_drop(fd);
	}
	return code;
}

/* Waits like any other call, although there is no trying: 0 when the call would not block now, or a code. */
static int wait_until_it_may(struct hoy__fd *fd, enum hoy__direction d, enum hoy__why why)
{
	for (;;) {
		int64_t deadline = atomic_load(&fd->deadline[d]);
		uint32_t seen = hoy__source_look(&fd->source);
		int code = hoy__fd_check(fd, d);

		if (code == 0)
			code = hoy__os_ready(fd->source.sys, d == HOY__IN ? HOY__READABLE : HOY__WRITABLE);
		if (code != 0)
			return code < 0 ? code : 0;
		hoy__source_drained(&fd->source, d, seen);
		code = hoy__fd_waited(fd, d, deadline, hoy__source_wait(&fd->source, d, why, deadline));
		if (code < 0)
			return code;
	}
}

/* Starts the direction's call, which the caller has made; without memory it has made none. */
static int start(struct hoy__fd *fd, enum hoy__direction d)
{
	int code = fd->aside[d] ? begin(fd->aside[d]) : -ENOMEM;

	if (code < 0)
		forget(fd, d);
	return code;
}

static size_t total(const struct iovec *iov, int n, size_t most)
{
	size_t sum = 0;

	for (int i = 0; i < n && sum < most; i++)
		sum += iov[i].iov_len < most - sum ? iov[i].iov_len : most - sum;
	return sum;
}

/* Moves len bytes between buf and the pieces. */
static void scatter(const struct iovec *iov, const char *buf, size_t len)
{
	for (; len > 0; iov++) {
		size_t n = iov->iov_len < len ? iov->iov_len : len;

		memcpy(iov->iov_base, buf, n);
		buf += n;
		len -= n;
	}
}

static void gather(char *buf, const struct iovec *iov, size_t len)
{
	for (; len > 0; iov++) {
		size_t n = iov->iov_len < len ? iov->iov_len : len;

		memcpy(buf, iov->iov_base, n);
		buf += n;
		len -= n;
	}
}

static ssize_t hand_out(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	struct hoy__aside *a = fd->aside[HOY__IN];
	ssize_t got = a->result;

	if (got > 0) {
		got = (ssize_t)total(iov, n, (size_t)got - a->taken);
		scatter(iov, a->buf + a->taken, (size_t)got);
		a->taken += (size_t)got;
	}
	HOY__PROBE(read, fd->source.sys, got);
	if (got <= 0 || a->taken == (size_t)a->result)
		forget(fd, HOY__IN);
	return got;
}

COLD ssize_t hoy__aside_read(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	int code = 0;

	if (!pending(fd, HOY__IN) && (code = wait_until_it_may(fd, HOY__IN, HOY__WHY_READ)) == 0) {
		make(fd, HOY__IN, call_read, total(iov, n, ROOM));
		code = start(fd, HOY__IN);
	}
	if (code == 0)
		code = finish(fd, HOY__IN, HOY__WHY_READ);
	return code < 0 ? code : hand_out(fd, iov, n);
}

/* The count of the direction's write, or a code. */
static ssize_t finish_write(struct hoy__fd *fd)
{
	ssize_t n = finish(fd, HOY__OUT, HOY__WHY_WRITE);

	if (n == 0) {
		n = fd->aside[HOY__OUT]->result;
		forget(fd, HOY__OUT);
		HOY__PROBE(write, fd->source.sys, n);
	}
	return n;
}

COLD ssize_t hoy__aside_write(struct hoy__fd *fd, const struct iovec *iov, int n)
{
	size_t len = total(iov, n, fd->source.kind & HOY__FD_SHARED ? PIPE_ROOM : ROOM);
	ssize_t before = pending(fd, HOY__OUT) ? finish_write(fd) : 0;
	int code = before < 0 ? (int)before : wait_until_it_may(fd, HOY__OUT, HOY__WHY_WRITE);

	if (code < 0)
		return code;
	if (make(fd, HOY__OUT, call_write, len))
		gather(fd->aside[HOY__OUT]->buf, iov, len);
	code = start(fd, HOY__OUT);
	return code < 0 ? code : finish_write(fd);
}

static int hand_out_accepted(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len)
{
	struct hoy__aside *a = fd->aside[HOY__IN];
	int sys = (int)a->result;

	if (sys >= 0 && sa) {
		memcpy(sa, a->buf, *len < a->address_len ? *len : a->address_len);
		*len = a->address_len;
	}
	forget(fd, HOY__IN);
	return sys;
}

int hoy__aside_accept(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len)
{
	int code = 0;

	if (!pending(fd, HOY__IN) && (code = wait_until_it_may(fd, HOY__IN, HOY__WHY_ACCEPT)) == 0) {
		make(fd, HOY__IN, call_accept, sizeof(struct sockaddr_storage));
		code = start(fd, HOY__IN);
	}
	if (code == 0)
		code = finish(fd, HOY__IN, HOY__WHY_ACCEPT);
	return code < 0 ? code : hand_out_accepted(fd, sa, len);
}

int hoy__aside_look(struct hoy__fd *fd, enum hoy__direction d)
{
	struct hoy__aside *a = pending(fd, d);

	return !a ? 0 : atomic_load(&a->done) ? 1 : -EAGAIN;
}

void hoy__aside_free(struct hoy__fd *fd)
{
	struct hoy__aside *in = fd->aside[HOY__IN];

	if (in && in->call == call_accept && in->result >= 0)
		hoy__os_close((int)in->result);
	forget(fd, HOY__IN);
	forget(fd, HOY__OUT);
}
