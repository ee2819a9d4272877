/*
 * Both streams in one task, for descriptors that the poller waits for. A stream reads only when nothing that it has
 * read is left, and writes at once: small data through the thread's lent buffer, large data through a pipe of the thread's
 * within the kernel. So a stream that waits for data holds no buffer, and one that waits for room holds what did not fit.
 */
#include <errno.h>
#include <string.h>

#include "base/moment.h"
#include "net/proxy.h"
#include "task/lent.h"
#include "task/pipe.h"

enum {
	SPLICE_MOST = 1 << 20,
	LARGE = 16 << 10,	/* less than this is cheaper to copy than to splice */
	SMALL_MOST = 4		/* so many small reads in a row end the splicing: between large ones there are single small ones */
};

struct stream {
	struct hoy__stream s;
	hoy_err *err;
	char *rest;		/* what was read and not yet written, from at to end; NULL: nothing */
	size_t at, end;
	int pipe[2];		/* while there is something in it: */
	size_t in_pipe;
	bool splices;		/* the next read goes into the pipe */
	bool was_large;		/* the read before */
	unsigned small;		/* how many in a row brought little into the pipe */
	bool can_splice;
	bool ended;
	bool is_cut;		/* its end is not passed on: `from` was broken, not ended */
	uint32_t seen;		/* events of `from` when it was last looked at for an error */
	int begun[2];		/* the calls on `from` and `to` that last as long as the proxying */
};

struct proxying {
	struct stream stream[2];
	int64_t moved_at;	/* when bytes last moved */
	hoy_duration idle;
	hoy_conn *first;	/* named by failures of neither connection */
	hoy_err *err;
};

static int fail_to_write(struct stream *t, const char *call, int code)
{
	return hoy__stream_fail(&t->s, t->s.to, "write", call, code, t->err);
}

/* The second large read in a row begins the splicing, or one that may have left more behind. */
static void note_size(struct stream *t, size_t n)
{
	bool is_large = n >= LARGE;

	if (n == HOY__LENT || (is_large && t->was_large)) {
		t->splices = t->can_splice;
		t->small = 0;
	}
	t->was_large = is_large;
}

/* Below, 1 means that something was done, 0 that the stream must wait, and a negative code that it failed. */

static int keep(struct stream *t, const char *data, size_t len)
{
	t->rest = hoy__alloc(len + 1);	/* an empty datagram is kept, too */
	if (!t->rest)
		return fail_to_write(t, NULL, -ENOMEM);
	memcpy(t->rest, data, len);
	t->at = 0;
	t->end = len;
	return 1;
}

static int pass_on(struct stream *t, const char *data, size_t len)
{
	size_t sent;
	int code = hoy__fd_write_now(t->s.to->fd, data, len, &sent);

	*t->s.moved += (int64_t)sent;
	if (code == -EAGAIN)
		return keep(t, data + sent, len - sent);
	return code < 0 ? fail_to_write(t, "write", code) : 1;
}

static int write_rest(struct stream *t)
{
	size_t sent;
	int code = hoy__fd_write_now(t->s.to->fd, t->rest + t->at, t->end - t->at, &sent);

	*t->s.moved += (int64_t)sent;
	t->at += sent;
	if (code == -EAGAIN)
		return sent > 0;
	if (code < 0)
		return fail_to_write(t, "write", code);
	hoy__release(t->rest);
	t->rest = NULL;
	return 1;
}

static int empty_pipe(struct stream *t)
{
	int done = 0;

	while (t->in_pipe > 0) {
		ssize_t n = hoy__fd_splice_out(t->s.to->fd, t->pipe[0], t->in_pipe, false);

		if (n == -EAGAIN)
			return done;
		if (n <= 0)
			return fail_to_write(t, "splice", n < 0 ? (int)n : -EPIPE);
		*t->s.moved += n;
		t->in_pipe -= (size_t)n;
		done = 1;
	}
	hoy__pipe_give(t->pipe);
	return done;
}

/* The peer of `to` is told. Where there is no half-close, it is not, and the other stream goes on as ever. */
static int end_stream(struct stream *t)
{
	t->ended = true;
	if (!t->is_cut)
		hoy_conn_close_write(t->s.to, NULL);
	return 1;
}

/* n is what a read returned in place of data. */
static int read_nothing(struct stream *t, ssize_t n, const char *call)
{
	if (n == 0)
		return end_stream(t);
	return n == -EAGAIN ? 0 : hoy__stream_fail(&t->s, t->s.from, "read", call, (int)n, t->err);
}

static int splice(struct stream *t)
{
	ssize_t n = hoy__pipe_take(t->pipe);
	int code;

	if (n < 0) {	/* no descriptor is left */
		t->splices = false;
		return 1;
	}
	n = hoy__fd_splice_in(t->s.from->fd, t->pipe[1], SPLICE_MOST, false);
	if (n <= 0)
		hoy__pipe_give(t->pipe);
	if (n == -EINVAL) {	/* a kind of socket that cannot */
		t->can_splice = t->splices = false;
		return 1;
	}
	if (n <= 0)
		return read_nothing(t, n, "splice");
	t->small = n < LARGE ? t->small + 1 : 0;
	t->splices = t->small < SMALL_MOST;
	t->in_pipe = (size_t)n;
	code = empty_pipe(t);
	return code < 0 ? code : 1;
}

static int copy(struct stream *t)
{
	const void *data;
	ssize_t n = hoy__fd_read_lent_now(t->s.from->fd, &data);

	if (n < 0 || hoy__stream_is_end(&t->s, n))
		return read_nothing(t, n, "read");
	note_size(t, (size_t)n);
	return pass_on(t, data, (size_t)n);
}

/*
 * Of a connection that is not to be read or written now, only a pending error shows that the peer has broken it, and
 * only its event that there may be one. 0 or a code.
 */
static int look(struct stream *t, hoy_conn *c, uint32_t *seen)
{
	uint32_t now = hoy__fd_seen(c->fd);
	int code;

	if (now == *seen)
		return 0;
	*seen = now;
	code = hoy__fd_error(c->fd);
	return code < 0 ? hoy__stream_fail(&t->s, c, "read", "read", code, t->err) : 0;
}

static int step(struct stream *t)
{
	if (t->rest)
		return write_rest(t);
	if (t->in_pipe > 0)
		return empty_pipe(t);
	if (t->ended)
		return look(t, t->s.from, &t->seen);
	return t->splices ? splice(t) : copy(t);
}

static bool waits_for_room(const struct stream *t)
{
	return t->rest || t->in_pipe > 0;
}

static struct hoy__interest interest_of(struct stream *t)
{
	if (waits_for_room(t))
		return hoy__fd_interest(t->s.to->fd, HOY__OUT);
	if (t->ended)
		return hoy__fd_interest_in_all(t->s.from->fd, t->seen);
	return hoy__fd_interest(t->s.from->fd, HOY__IN);
}

static int64_t deadline_of(struct stream *t)
{
	return waits_for_room(t) ? hoy__fd_deadline(t->s.to->fd, HOY__OUT) : hoy__fd_deadline(t->s.from->fd, HOY__IN);
}

/* Some deadline has passed. That of a connection is found by the stream. */
static int time_out(const struct proxying *p)
{
	return p->idle && hoy__moment_add(p->moved_at, p->idle) <= hoy__coarse_now() ? HOY_ETIMEOUT : 0;
}

/*
 * What to wait for; how many, or a code. When both streams wait for the same connection, the other one may still be
 * closed, or broken by its peer.
 */
static int list_interests(struct proxying *p, struct hoy__interest on[3])
{
	struct stream *t = &p->stream[0];
	int code;

	on[0] = interest_of(&p->stream[0]);
	on[1] = interest_of(&p->stream[1]);
	if (on[0].source != on[1].source)
		return 2;
	if (!waits_for_room(t))
		t = &p->stream[1];
	code = look(t, t->s.from, &t->seen);
	on[2] = hoy__fd_interest_in_all(t->s.from->fd, t->seen);
	return code < 0 ? code : 3;
}

static int wait(struct proxying *p)
{
	static const atomic_bool told;
	struct hoy__interest on[3];
	int64_t deadline = hoy__earlier(deadline_of(&p->stream[0]), deadline_of(&p->stream[1]));
	int n = list_interests(p, on), code;

	if (n < 0)
		return n;
	if (p->idle)
		deadline = hoy__earlier(deadline, hoy__moment_add(p->moved_at, p->idle));
	code = hoy__source_wait_any(on, (unsigned)n, &told, HOY__WHY_PROXY, deadline);
	if (code == HOY_ETIMEOUT)
		code = time_out(p);
	return code < 0 ? hoy__conn_fail(p->first, "proxy", NULL, code, p->err) : 0;
}

/*
 * A peer that refuses more may have said why before it did: what has arrived from it is passed on, as far as that goes
 * without waiting. The connection is broken, so no more will come.
 */
static int last_words(struct stream *other, int code)
{
	hoy_err *err = other->err;

	if (code != -EPIPE && code != -ECONNRESET)
		return code;
	other->is_cut = true;
	other->err = NULL;	/* the first failure is the one that counts */
	while (!other->ended && step(other) > 0)
		;
	other->err = err;
	return code;
}

/* One step of each. 1, 0 or a code as above. */
static int step_both(struct proxying *p)
{
	int first = step(&p->stream[0]), second;

	if (first < 0)
		return last_words(&p->stream[1], first);
	second = step(&p->stream[1]);
	if (second < 0)
		return last_words(&p->stream[0], second);
	return first | second;
}

static int move(struct proxying *p)
{
	int code = 0;

	p->moved_at = hoy__coarse_now();
	while (code >= 0 && !(p->stream[0].ended && p->stream[1].ended)) {
		code = step_both(p);
		if (code == 0) {
			code = wait(p);
		} else if (code > 0) {
			p->moved_at = hoy__coarse_now();
			hoy__spend();
		}
	}
	return code < 0 ? code : 0;
}

/* No other call reads or writes meanwhile. */
static int begin(struct stream *t)
{
	hoy_conn *from = t->s.from, *to = t->s.to;
	int code;

	t->can_splice = hoy__can_splice(from) && hoy__can_splice(to);
	t->begun[0] = hoy__fd_begin(from->fd, HOY__IN);
	t->begun[1] = hoy__fd_begin(to->fd, HOY__OUT);
	if (t->begun[0] == 0 && (code = hoy__proxy_header_read(from)) < 0)
		return hoy__stream_fail(&t->s, from, "read", "recv", code, t->err);
	if (t->begun[0] != 0)
		return hoy__stream_fail(&t->s, from, "read", "read", hoy__fd_begun(t->begun[0]), t->err);
	if (t->begun[1] != 0)
		return hoy__stream_fail(&t->s, to, "write", "write", hoy__fd_begun(t->begun[1]), t->err);
	return 0;
}

static void end(struct stream *t)
{
	if (t->in_pipe > 0)
		hoy__pipe_close(t->pipe);
	hoy__release(t->rest);
	hoy__fd_end(t->s.to->fd, HOY__OUT, t->begun[1]);
	hoy__fd_end(t->s.from->fd, HOY__IN, t->begun[0]);
}

int hoy__proxy_ready(const struct hoy__proxy *proxy)
{
	struct proxying p = {
		.stream = { { .s = proxy->stream[0], .err = proxy->err }, { .s = proxy->stream[1], .err = proxy->err } },
		.idle = proxy->idle, .first = proxy->stream[0].from, .err = proxy->err,
	};
	int first = begin(&p.stream[0]), second = first < 0 ? first : begin(&p.stream[1]), code;

	code = second < 0 ? second : move(&p);
	if (first == 0)
		end(&p.stream[1]);
	end(&p.stream[0]);
	return code;
}
