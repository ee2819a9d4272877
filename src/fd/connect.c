/*
 * Making connections, one side and the other. A connect goes on by itself in the
 * kernel; that the descriptor became writable is no more than a reason to ask how it
 * went.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/probe.h"
#include "fd/aside.h"
#include "fd/fd.h"
#include "os/os.h"

static ssize_t run_accept(int sys, const struct hoy__attempt *a)
{
	struct msghdr *msg = a->at;
	int fd;

	/* The peer gave up while it stood in the queue: that one is gone, the next may not be. */
	do
		fd = hoy__os_accept(sys, msg->msg_name, &msg->msg_namelen);
	while (fd == -ECONNABORTED);
	return fd;
}

static int accepted(struct hoy__fd *fd, int sys, const struct msghdr *msg, socklen_t *len)
{
	if (sys >= 0) {
		if (msg->msg_name)
			*len = msg->msg_namelen;
		hoy__note_accept();
		HOY__PROBE(accept, fd->source.sys, sys);
	}
	return sys;
}

/* Before it finds the queue empty, Linux has made a socket and a file for the connection: ten times the cost of a poll. */
int hoy__fd_accept(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len)
{
	struct msghdr msg = { .msg_name = sa, .msg_namelen = sa ? *len : 0 };
	struct hoy__attempt a = { .run = run_accept, .at = &msg, .why = HOY__WHY_ACCEPT, .asks_first = true };
	int sys;

	if (fd->source.kind & HOY__FD_BLOCKING)
		sys = hoy__aside_accept(fd, sa, &msg.msg_namelen);
	else
		sys = (int)hoy__fd_try(fd, HOY__IN, &a);
	return accepted(fd, sys, &msg, len);
}

int hoy__fd_accept_now(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len)
{
	struct msghdr msg = { .msg_name = sa, .msg_namelen = *len };
	struct hoy__attempt a = { .run = run_accept, .at = &msg, .why = HOY__WHY_ACCEPT, .no_wait = true, .no_yield = true };

	return accepted(fd, (int)hoy__fd_try(fd, HOY__IN, &a), &msg, len);
}

struct target {
	const struct sockaddr *sa;
	socklen_t len;
	bool started;
	bool retry;	/* on EAGAIN */
	int code;
};

static int pending_error(int sys, int *error)
{
	socklen_t size = sizeof *error;

	*error = 0;
	return hoy__os_getsockopt(sys, SOL_SOCKET, SO_ERROR, error, &size);
}

/* 0 connected, -EAGAIN not yet, or what it failed with. */
static int ask_outcome(int sys)
{
	union { struct sockaddr sa; struct sockaddr_storage room; } peer;
	socklen_t len = sizeof peer;
	int error, code = pending_error(sys, &error);

	if (code < 0)
		return code;
	switch (error) {
	case 0:		/* perhaps connected, perhaps woken for nothing */
		code = hoy__os_getpeername(sys, &peer.sa, &len);
		return code == -ENOTCONN ? -EAGAIN : code;
	case EISCONN:
		return 0;
	case EINPROGRESS: case EALREADY: case EINTR:
		return -EAGAIN;
	default:
		return -error;
	}
}

static int start(int sys, struct target *t)
{
	int code = hoy__os_connect(sys, t->sa, t->len);

	t->started = true;
	switch (code) {
	case -EISCONN:
		return 0;
	case -EINPROGRESS: case -EALREADY: case -EINTR:
		return -EAGAIN;
	case -EAGAIN:	/* a Unix listener's queue is full; of TCP, a failure */
		t->started = false;
		t->code = t->retry ? 0 : code;
		return t->retry ? code : 0;
	default:
		return code;
	}
}

static ssize_t run_connect(int sys, const struct hoy__attempt *a)
{
	struct target *t = a->at;

	return t->started ? ask_outcome(sys) : start(sys, t);
}

int hoy__fd_connect(struct hoy__fd *fd, const struct sockaddr *sa, socklen_t len)
{
	bool is_unix = hoy__fd_is(fd, HOY__FD_UNIX);
	struct target t = { .sa = sa, .len = len, .retry = is_unix };
	struct hoy__attempt a = { .run = run_connect, .at = &t, .why = HOY__WHY_CONNECT, .no_event = is_unix };
	int code = hoy__fd_enter(fd, HOY__OUT);

	if (code < 0)
		return code;
	code = (int)hoy__fd_try(fd, HOY__OUT, &a);
	hoy__fd_leave(fd, HOY__OUT);
	return code < 0 ? code : t.code;
}

/* What was learnt of readiness by an answer; 1 for "not yet". */
static int taught(struct hoy__fd *fd, uint32_t seen, int code)
{
	if (code != -EAGAIN)
		return code;
	hoy__source_drained(&fd->source, HOY__OUT, seen);
	return 1;
}

int hoy__fd_connect_start(struct hoy__fd *fd, const struct sockaddr *sa, socklen_t len)
{
	struct target t = { .sa = sa, .len = len };
	uint32_t seen = hoy__source_look(&fd->source);
	int code = start(fd->source.sys, &t);

	return t.code < 0 ? t.code : taught(fd, seen, code);
}

int hoy__fd_connect_look(struct hoy__fd *fd)
{
	uint32_t seen = hoy__source_look(&fd->source);

	return hoy__source_maybe(&fd->source, HOY__OUT, seen) ? taught(fd, seen, ask_outcome(fd->source.sys)) : 1;
}

int hoy__fd_error(struct hoy__fd *fd)
{
	int error = 0, code = 0;

	if (atomic_load(&fd->state) & HOY__FD_CLOSED)
		return HOY_ECLOSED;
	if (hoy__fd_is(fd, HOY__FD_SOCKET) && hoy__source_hung_up(hoy__fd_seen(fd)))
		code = pending_error(hoy__fd_sys(fd), &error);
	return code == 0 ? -error : 0;
}
