/*
 * A descriptor as a case of hoy_select. The case takes the direction's lock, or its place in the queue, as any call does, and keeps
 * it until the select ends: a source has one waiter for each direction.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "fd/aside.h"
#include "fd/fd.h"
#include "fd/select.h"
#include "os/os.h"

/* In the case's reserved fields. */
struct fd_case {
	const struct hoy__case_ops *ops;
	struct hoy__fd *fd;
	struct hoy__fd_turn turn;
	int failed;		/* it is not inside; the case happens with this code */
	bool watched;		/* the source was watched, since the lock was ours */
};

_Static_assert(sizeof(struct fd_case) <= sizeof ((hoy_case *)0)->reserved, "fits into the case");

static struct fd_case *part_of(hoy_case *a)
{
	return (struct fd_case *)(void *)a->reserved;
}

static enum hoy__direction direction_of(const hoy_case *a)
{
	return a->kind == HOY_CASE_WRITABLE ? HOY__OUT : HOY__IN;
}

struct hoy__fd *hoy__fd_of_case(hoy_case *a)
{
	return part_of(a)->fd;
}

hoy_case hoy__fd_case(int kind, struct hoy__fd *fd, const struct hoy__case_ops *ops)
{
	hoy_case a = { .kind = kind };

	*part_of(&a) = (struct fd_case){ .ops = ops, .fd = fd };
	return a;
}

void hoy__fd_case_fail(hoy_case *a, int code)
{
	part_of(a)->failed = code;
}

void hoy__fd_case_begin(hoy_case *a)
{
	struct fd_case *p = part_of(a);

	p->failed = hoy__fd_join(p->fd, direction_of(a), &p->turn);
}

/* Asks by poll(2): the source may be in no poller, or its latest events may not have been fetched yet. */
int hoy__fd_look(struct hoy__fd *fd, enum hoy__direction d)
{
	uint32_t seen = hoy__source_look(&fd->source);
	int code = hoy__fd_check(fd, d), ready;

	if (code < 0)
		return code;
	if ((ready = hoy__aside_look(fd, d)) == 0)
		ready = hoy__os_ready(fd->source.sys, d == HOY__IN ? HOY__READABLE : HOY__WRITABLE);
	if (ready == 0 || ready == -EAGAIN)
		hoy__source_drained(&fd->source, d, seen);
	else if (!hoy__source_maybe(&fd->source, d, seen))
		hoy__source_kick(&fd->source, d);
	return ready == 0 ? -EAGAIN : ready < 0 ? ready : 0;
}

int hoy__fd_case_look(hoy_case *a)
{
	struct fd_case *p = part_of(a);
	int code;

	if (p->failed < 0)
		return p->failed;
	if (atomic_load(&p->turn.granted))
		return hoy__fd_look(p->fd, direction_of(a));
	code = hoy__fd_check(p->fd, direction_of(a));
	return code < 0 ? code : -EAGAIN;
}

static struct hoy__interest interest_of(hoy_case *a)
{
	return hoy__fd_interest(part_of(a)->fd, direction_of(a));
}

/* a->until is the deadline that the wait takes into account. */
int hoy__fd_case_watch(hoy_case *a, int64_t *until)
{
	struct fd_case *p = part_of(a);
	struct hoy__interest on = interest_of(a);

	a->until.ns = hoy__fd_deadline(p->fd, direction_of(a));
	*until = hoy__earlier(*until, a->until.ns);
	p->watched = atomic_load(&p->turn.granted);
	return p->watched ? hoy__source_watch(&on) : 0;
}

/* A close, and a deadline that is set, wake the task in the queue as an event wakes it when it has the lock. */
bool hoy__fd_case_has_changed(hoy_case *a)
{
	struct fd_case *p = part_of(a);
	struct hoy__interest on = interest_of(a);

	if (p->watched)
		return hoy__source_has_happened(&on);
	return atomic_load(&p->turn.granted) || hoy__fd_check(p->fd, direction_of(a)) < 0 ||
	       hoy__fd_deadline(p->fd, direction_of(a)) != a->until.ns;
}

void hoy__fd_case_unwatch(hoy_case *a)
{
	struct hoy__interest on = interest_of(a);

	if (part_of(a)->watched)
		hoy__source_unwatch(&on);
}

void hoy__fd_case_end(hoy_case *a)
{
	struct fd_case *p = part_of(a);

	if (p->failed == 0)
		hoy__fd_quit(p->fd, direction_of(a), &p->turn);
}
