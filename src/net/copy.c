/*
 * Copying. Between two stream sockets the bytes go through a pipe of the kernel's and
 * never come here; anything else goes through the thread's buffer. The pipe is empty whenever it
 * is filled, so "try again" from either side speaks of that side's socket alone.
 */
#include <errno.h>

#include "net/net.h"
#include "task/pipe.h"

enum { PIPE = 64 << 10 };

struct copy {
	hoy_conn *dst, *src;
	int64_t done;
	int pipe[2];
	size_t in_pipe;
	hoy_err *err;
};

static int64_t fail(const struct copy *cp, hoy_conn *c, const char *op, const char *call, int code)
{
	hoy__conn_fail(c, op, call, code, cp->err);
	if (cp->err)
		cp->err->done = (size_t)cp->done;
	return code;
}

static ssize_t fill_pipe(struct copy *cp)
{
	int begun = hoy__conn_begin(cp->src, HOY__IN);
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0)
		n = hoy__fd_splice_in(cp->src->fd, cp->pipe[1], PIPE, true);
	return hoy__conn_end(cp->src, HOY__IN, begun, NULL, NULL, n, NULL);
}

static ssize_t drain_pipe(struct copy *cp, size_t len)
{
	int begun = hoy__conn_begin(cp->dst, HOY__OUT);
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0)
		n = hoy__fd_splice_out(cp->dst->fd, cp->pipe[0], len, true);
	return hoy__conn_end(cp->dst, HOY__OUT, begun, NULL, NULL, n, NULL);
}

static int empty_pipe(struct copy *cp)
{
	while (cp->in_pipe > 0) {
		ssize_t n = drain_pipe(cp, cp->in_pipe);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		cp->in_pipe -= (size_t)n;
		cp->done += n;
	}
	return 0;
}

/* A copy that waits for its source holds no buffer. */
static int64_t copy_lent(struct copy *cp)
{
	const void *data;
	size_t done;
	ssize_t n;
	int code = 0;

	while (code == 0 && (n = hoy_conn_read_lent(cp->src, &data, NULL)) > 0) {
		code = hoy__conn_write(cp->dst, data, (size_t)n, &done, NULL);
		cp->done += (int64_t)done;
	}
	if (code < 0)
		return fail(cp, cp->dst, "write", "write", code);
	return n < 0 ? fail(cp, cp->src, "read", "read", (int)n) : cp->done;
}

/* What an error leaves in the pipe goes with the pipe: a part of the source is then lost, as with a buffer. */
static int64_t copy_spliced(struct copy *cp)
{
	ssize_t n = hoy__pipe_take(cp->pipe);
	int code = 0;

	if (n < 0)
		return copy_lent(cp);	/* out of descriptors */
	while (code == 0 && (n = fill_pipe(cp)) > 0) {
		cp->in_pipe = (size_t)n;
		code = empty_pipe(cp);
	}
	if (cp->in_pipe > 0)
		hoy__pipe_close(cp->pipe);
	else
		hoy__pipe_give(cp->pipe);
	if (n == -EINVAL && cp->done == 0)
		return copy_lent(cp);	/* a kind of socket that cannot */
	if (n < 0)
		return fail(cp, cp->src, "read", "splice", (int)n);
	return code < 0 ? fail(cp, cp->dst, "write", "splice", code) : cp->done;
}

bool hoy__can_splice(const hoy_conn *c)
{
	return !c->ops && hoy__fd_is(c->fd, HOY__FD_SOCKET) &&
	       !hoy__fd_is(c->fd, HOY__FD_SHARED | HOY__FD_BLOCKING | HOY__FD_DATAGRAM);
}

int64_t hoy_copy(hoy_conn *dst, hoy_conn *src, hoy_err *err)
{
	struct copy cp = { .dst = dst, .src = src, .err = err };
	int from = hoy__conn_begin(src, HOY__NEITHER), to = hoy__conn_begin(dst, HOY__NEITHER);
	int64_t n;

	/* an end that is closed already is found out, and told, by the first try */
	n = hoy__can_splice(dst) && hoy__can_splice(src) ? copy_spliced(&cp) : copy_lent(&cp);
	hoy__fd_end(src->fd, HOY__NEITHER, from);
	hoy__fd_end(dst->fd, HOY__NEITHER, to);
	return n;
}
