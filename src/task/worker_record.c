/*
 * The records of workers: opened and closed with their descriptors, recycled, and what a fork does to them. They are
 * never freed, since a late event or wake-up may still look at one.
 */
#include <string.h>

#include "base/moment.h"
#include "task/fork.h"
#include "task/native.h"
#include "task/switch.h"
#include "task/worker.h"

static struct {
	atomic_uint lock;
	struct hoy__worker *free;
	struct hoy__link open;
} pool = { .open = { &pool.open, &pool.open } };

struct hoy__worker *hoy__worker_get(void)
{
	struct hoy__worker *w;

	hoy__spin_lock(&pool.lock);
	if ((w = pool.free))
		pool.free = w->next_free;
	hoy__spin_unlock(&pool.lock);
	return w ? w : hoy__alloc(sizeof *w);
}

void hoy__worker_put(struct hoy__worker *w)
{
	hoy__spin_lock(&pool.lock);
	w->next_free = pool.free;
	pool.free = w;
	hoy__spin_unlock(&pool.lock);
}

void hoy__worker_reset(struct hoy__worker *w)
{
	memset(w, 0, sizeof *w);
}

int hoy__worker_open(struct hoy__worker *w)
{
	int code = hoy__task_watch_forks();

	if (code < 0 || (code = hoy__os_poller_open()) < 0)
		return code;
	w->poller = code;
	if ((code = hoy__os_waker_open(w->poller, 0)) < 0) {
		hoy__os_close(w->poller);
		return code;
	}
	w->waker = code;
	w->now = w->calibrated_at = hoy__os_monotonic();
	w->calibrated_tick = hoy__ticks();
	w->slice = 100 * 1000;		/* right within a small factor, until it is measured */
	w->sweep_at = w->look_at = HOY__NEVER;
	w->fresh.last = &w->fresh.first;
	w->random = (uint64_t)w->now | 1;
	hoy__spin_lock(&pool.lock);
	hoy__list_push(&pool.open, &w->link);
	hoy__spin_unlock(&pool.lock);
	return 0;
}

/*
 * A thread that has ended a sleep of this worker writes to the waker, and may not have done so yet: after the close, the number
 * could be another file's.
 */
static void await_nudges(struct hoy__worker *w)
{
	uint64_t count;

	for (int tries = 0; w->nudged && tries < 100; tries++)
		if (hoy__os_read(w->waker, &count, sizeof count) == sizeof count)
			w->nudged -= count < w->nudged ? count : w->nudged;
		else
			hoy__os_poller_wait(w->poller, w->events, HOY__EVENTS,
					    hoy__moment_add(hoy__os_monotonic(), 10 * HOY_MILLISECOND));
}

void hoy__worker_close(struct hoy__worker *w)
{
	await_nudges(w);
	hoy__slot_give_all(w->free);
	hoy__lent_free(w);
	hoy__pipes_close(w);
	hoy__spin_lock(&pool.lock);
	hoy__list_remove(&w->link);
	hoy__spin_unlock(&pool.lock);
	hoy__os_close(w->waker);
	hoy__os_close(w->poller);
}

void hoy__workers_lock(void)
{
	hoy__spin_lock(&pool.lock);
}

void hoy__workers_unlock(void)
{
	hoy__spin_unlock(&pool.lock);
}

unsigned hoy__workers_native(struct hoy__worker **list, unsigned most, unsigned *helpers)
{
	unsigned n = 0, others = 0;

	hoy__spin_lock(&pool.lock);
	for (struct hoy__link *l = pool.open.next; l != &pool.open && n < most; l = l->next) {
		struct hoy__worker *w = container_of(l, struct hoy__worker, link);

		if (!w->home && atomic_load(&w->role) == HOY__PLAIN)
			list[n++] = w;
		others += !w->home && atomic_load(&w->role) == HOY__HELPER;
	}
	hoy__spin_unlock(&pool.lock);
	if (helpers)
		*helpers = others;
	return n;
}

/*
 * The wakers are not read: that would take away what the parent's threads wrote to each other. The records stay linked, where
 * leak checkers find them.
 */
void hoy__workers_forget(void)
{
	for (struct hoy__link *l = pool.open.next; l != &pool.open; l = l->next) {
		struct hoy__worker *w = container_of(l, struct hoy__worker, link);

		atomic_store(&w->asleep, false);	/* no wake-up is needed while this worker runs */
		if (w->poller < 0)
			continue;
		hoy__os_close(w->waker);
		hoy__os_close(w->poller);
		hoy__pipes_close(w);
		w->poller = -1;
	}
	hoy__workers_unlock();
	if (hoy__this && hoy__this->native)
		hoy__native_forget(hoy__this);
	hoy__this = NULL;
}
