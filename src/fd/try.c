/*
 * Try, wait, go on: the one loop under every operation. In the steady state it makes
 * one system call for each that does something: what a short read or EAGAIN taught is
 * remembered, and the next call goes straight to waiting.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/probe.h"
#include "fd/fd.h"
#include "os/os.h"

int hoy__fd_check(struct hoy__fd *fd, enum hoy__direction d)
{
	/* after the call took its lock: either it finds a new deadline, or hoy__fd_set_deadline finds the lock taken */
	int64_t deadline = atomic_load(&fd->deadline[d]);

	if (atomic_load_explicit(&fd->state, memory_order_relaxed) & HOY__FD_CLOSED)
		return HOY_ECLOSED;
	if (deadline != HOY__NEVER && deadline <= hoy__coarse_now())
		return HOY_ETIMEOUT;
	return 0;
}

int hoy__fd_waited(struct hoy__fd *fd, enum hoy__direction d, int64_t deadline, int code)
{
	if (code == HOY_ETIMEOUT && atomic_load_explicit(&fd->deadline[d], memory_order_relaxed) != deadline)
		return 0;
	return code;
}

static int wait_ready(struct hoy__fd *fd, enum hoy__direction d, enum hoy__why why)
{
	int64_t deadline = atomic_load_explicit(&fd->deadline[d], memory_order_relaxed);
	int code = hoy__source_wait(&fd->source, d, why, deadline);

	return hoy__fd_waited(fd, d, deadline, code);
}

/* An event is answer enough: after a wait nothing needs to be asked. */
static ssize_t run(int sys, const struct hoy__attempt *a, bool waited)
{
	if (a->asks_first && !waited && hoy__os_ready(sys, HOY__READABLE) == 0)
		return -EAGAIN;
	return a->run(sys, a);
}

enum { FIRST_PAUSE = 50 * HOY_MICROSECOND, LONGEST_PAUSE = 20 * HOY_MILLISECOND };

/* The direction counts as perhaps ready afterwards. Each pause is twice as long as the one before. */
COLD static int wait_a_pause(struct hoy__fd *fd, enum hoy__direction d, enum hoy__why why, hoy_duration *pause)
{
	int64_t deadline = atomic_load_explicit(&fd->deadline[d], memory_order_relaxed), until = hoy_in(*pause).ns;
	int code = hoy__source_wait_kick(&fd->source, d, why, hoy__earlier(deadline, until));

	*pause = *pause < LONGEST_PAUSE ? 2 * *pause : LONGEST_PAUSE;
	return code == HOY_ETIMEOUT && until < deadline ? 0 : hoy__fd_waited(fd, d, deadline, code);
}

/* A short read may have left something. What comes meanwhile ends the wait; after it the next try tells. */
COLD static int wait_to_verify(struct hoy__fd *fd, enum hoy__direction d, enum hoy__why why)
{
	int64_t deadline = atomic_load_explicit(&fd->deadline[d], memory_order_relaxed);
	int64_t until = hoy__moment_add(hoy__coarse_now(), HOY_MILLISECOND);
	int code = hoy__source_wait(&fd->source, d, why, hoy__earlier(deadline, until));

	return code == HOY_ETIMEOUT && until < deadline ? 0 : hoy__fd_waited(fd, d, deadline, code);
}

/* n: bytes, or messages of a batch, or a code. */
static inline void trace(const struct hoy__fd *fd, const struct hoy__attempt *a, ssize_t n)
{
	if (a->why == HOY__WHY_READ)
		HOY__PROBE(read, fd->source.sys, n);
	else if (a->why == HOY__WHY_WRITE)
		HOY__PROBE(write, fd->source.sys, n);
}

/*
 * Readiness is looked at before anything else: a close or a new deadline that comes later
 * changes it as an event does, and then the wait ends at once.
 */
ssize_t hoy__fd_try(struct hoy__fd *fd, enum hoy__direction d, const struct hoy__attempt *a)
{
	hoy_duration pause = FIRST_PAUSE;
	bool waited = false, verified = d == HOY__OUT || !hoy__fd_may_hide_data(fd);

	for (;; waited = true) {
		uint32_t seen = hoy__source_look(&fd->source);
		int code = hoy__fd_check(fd, d);

		if (code == 0 && (hoy__source_maybe(&fd->source, d, seen) || (a->no_wait && !verified))) {
			ssize_t n = run(fd->source.sys, a, waited);
			/* With the end or an error behind the data, no further event would come. */
			bool is_short = n > 0 && (size_t)n < a->full && !hoy__source_hung_up(seen);

			verified |= n == -EAGAIN;
			if (n == -EAGAIN || is_short)
				hoy__source_drained(&fd->source, d, seen);
			if (n != -EAGAIN) {
				trace(fd, a, n);
				if (!waited && !a->no_yield)
					hoy__spend();
				return n;
			}
		}
		if (code == 0 && a->no_wait)
			return -EAGAIN;
		if (code == 0)
			code = a->no_event ? wait_a_pause(fd, d, a->why, &pause)
			     : verified ? wait_ready(fd, d, a->why) : wait_to_verify(fd, d, a->why);
		if (code < 0)
			return code;
	}
}
