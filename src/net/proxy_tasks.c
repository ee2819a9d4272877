/*
 * A task for each stream, for connections that are waited for inside a call: user-made ones, files, and shared
 * descriptors in blocking mode. The caller watches both: it ends their calls by closing the connections, which is the
 * one thing that ends a call of every kind of connection.
 */
#include "base/moment.h"
#include "net/proxy.h"

struct both;

struct half {
	struct hoy__stream s;
	struct both *both;
};

struct both {
	struct half half[2];
	hoy_mutex guard;		/* of the failure */
	int code;			/* of the stream that failed first */
	hoy_err *err;
	atomic_int running;		/* streams; the last one to end, or to fail, wakes the watcher */
	atomic_bool failed;
	_Atomic int64_t moved_at;
	hoy_duration idle;
	struct hoy__task *watcher;
};

/* Only the first failure counts: the rest come of closing the connections. */
static void note_failure(struct half *h, hoy_conn *c, const char *op, const char *call, int code)
{
	struct both *b = h->both;

	hoy_mutex_lock(&b->guard);
	if (b->code == 0)
		b->code = hoy__stream_fail(&h->s, c, op, call, code, b->err);
	hoy_mutex_unlock(&b->guard);
	atomic_store(&b->failed, true);
}

static ssize_t read_some(struct half *h, const void **data)
{
	ssize_t n = hoy_conn_read_lent(h->s.from, data, NULL);

	if (n < 0)
		note_failure(h, h->s.from, "read", "read", (int)n);
	else if (hoy__stream_is_end(&h->s, n))
		hoy_conn_close_write(h->s.to, NULL);
	return n;
}

static int write_all(struct half *h, const void *data, size_t len)
{
	size_t done;
	int code = hoy__conn_write(h->s.to, data, len, &done, NULL);

	*h->s.moved += (int64_t)done;
	atomic_store(&h->both->moved_at, hoy__coarse_now());
	if (code < 0)
		note_failure(h, h->s.to, "write", "write", code);
	return code;
}

/* After this stream is counted out, the record may be gone; the memory of tasks stays. */
static void count_out(struct both *b)
{
	struct hoy__task *watcher = b->watcher;
	bool failed = atomic_load(&b->failed);

	if (atomic_fetch_sub(&b->running, 1) == 1 || failed)
		hoy__wake(watcher, 0);
}

static int run_half(void *arg)
{
	struct half *h = arg;
	const void *data;
	ssize_t n;

	while ((n = read_some(h, &data)) >= 0 && !hoy__stream_is_end(&h->s, n))
		if (write_all(h, data, (size_t)n) < 0)
			break;
	count_out(h->both);
	return 0;
}

static bool must_watch(struct both *b, bool closed)
{
	return atomic_load(&b->running) > 0 && (closed || !atomic_load(&b->failed));
}

/* Until both have ended, or one has failed and is still to be followed by a close. 0, HOY_ETIMEOUT or HOY_ECANCELED. */
static int watch(struct both *b, enum hoy__why why)
{
	bool closed = why & HOY__WHY_MORTAL;
	int code = 0;

	while (code == 0 && must_watch(b, closed)) {
		int64_t deadline = b->idle && !closed ? hoy__moment_add(atomic_load(&b->moved_at), b->idle) : HOY__NEVER;

		hoy__arm(b->watcher);
		if (must_watch(b, closed) || !hoy__disarm(b->watcher))
			code = hoy__park(why, b, deadline);
		if (code == HOY_ETIMEOUT && hoy__moment_add(atomic_load(&b->moved_at), b->idle) > hoy_now().ns)
			code = 0;	/* bytes have moved since */
	}
	return code;
}

static void close_both(struct both *b)
{
	hoy_conn_close(b->half[0].s.from, NULL);
	hoy_conn_close(b->half[0].s.to, NULL);
	watch(b, HOY__WHY_PROXY | HOY__WHY_MORTAL);
}

static int start(struct both *b)
{
	const hoy_go_opts opts = { .name = "proxy" };
	int code = b->watcher ? 0 : hoy__self_failure();

	for (int i = 0; i < 2 && code == 0; i++) {
		atomic_fetch_add(&b->running, 1);
		code = hoy_go_with(&opts, run_half, &b->half[i]);
		if (code < 0)
			atomic_fetch_sub(&b->running, 1);
	}
	return code;
}

int hoy__proxy_tasks(const struct hoy__proxy *p)
{
	struct both b = { .err = p->err, .idle = p->idle, .moved_at = hoy_now().ns, .watcher = hoy__self() };
	hoy_conn *first = p->stream[0].from;
	int held[2] = { hoy__conn_begin(first, HOY__NEITHER), hoy__conn_begin(p->stream[0].to, HOY__NEITHER) };
	int code;

	for (int i = 0; i < 2; i++)
		b.half[i] = (struct half){ .s = p->stream[i], .both = &b };
	code = start(&b);
	if (code == 0)
		code = watch(&b, HOY__WHY_PROXY);
	if (code < 0)
		note_failure(&b.half[0], first, "proxy", NULL, code);
	if (atomic_load(&b.failed))
		close_both(&b);
	hoy__fd_end(p->stream[0].to->fd, HOY__NEITHER, held[1]);
	hoy__fd_end(first->fd, HOY__NEITHER, held[0]);
	return b.code;
}
