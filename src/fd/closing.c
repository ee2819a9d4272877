/*
 * close blocks on a socket that lingers (SO_LINGER, whatever the descriptor's mode), on a file of a
 * network file system, which is flushed, and on some devices, such as a serial line that drains.
 * Nothing tells when it no longer would, so it runs on a thread. The record has two owners, the
 * thread and the task that waits; the last one frees it.
 */
#include "fd/closing.h"

#include <stdatomic.h>
#include <sys/socket.h>

#include "base/base.h"
#include "os/os.h"
#include "task/pool.h"
#include "task/worker.h"

struct hoy__closing {
	struct hoy__errand errand;
	int sys;
	struct hoy__task *task;		/* that waits, or NULL */
	atomic_bool done;
	atomic_int owners;
};

static void leave(struct hoy__closing *c)
{
	if (atomic_fetch_sub(&c->owners, 1) == 1)
		hoy__release(c);
}

/* The task may have stopped waiting, or ended: a wake-up that comes late is harmless. */
static void run(struct hoy__errand *e)
{
	struct hoy__closing *c = container_of(e, struct hoy__closing, errand);
	struct hoy__task *task = c->task;

	hoy__os_close(c->sys);
	atomic_store(&c->done, true);
	leave(c);
	if (task)
		hoy__wake(task, 0);
}

static struct hoy__closing *submit(int sys, struct hoy__task *waiter)
{
	struct hoy__closing *c = hoy__alloc(sizeof *c);

	if (!c)
		return NULL;
	c->errand.run = run;
	c->sys = sys;
	c->task = waiter;
	atomic_init(&c->owners, waiter ? 2 : 1);
	if (hoy__pool_submit(HOY__POOL_CLOSE, &c->errand) == 0)
		return c;
	hoy__release(c);
	return NULL;
}

static bool lingers(int sys)
{
	struct linger l = { 0 };
	socklen_t len = sizeof l;

	return hoy__os_getsockopt(sys, SOL_SOCKET, SO_LINGER, &l, &len) == 0 && l.l_onoff && l.l_linger > 0;
}

/* Without a thread it must not block here: the system then sends what is left in the background. */
static void stop_lingering(int sys)
{
	static const struct linger off;

	hoy__os_setsockopt(sys, SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

struct hoy__closing *hoy__closing_begin(int sys, bool is_socket, bool may_block, bool wanted)
{
	bool is_worker = hoy__this && !hoy__this->native;
	struct hoy__closing *c;

	if (may_block && (is_worker || (wanted && !hoy__may_block())) && (!is_socket || lingers(sys))) {
		if ((c = submit(sys, wanted ? hoy__this->current : NULL)))
			return wanted ? c : NULL;
		if (is_socket)
			stop_lingering(sys);
	}
	hoy__os_close(sys);
	return NULL;
}

void hoy__closing_wait(struct hoy__closing *c)
{
	struct hoy__task *me = c->task;
	int code = 0;

	while (code == 0 && !atomic_load(&c->done)) {
		hoy__arm(me);
		if (!atomic_load(&c->done) || !hoy__disarm(me))
			code = hoy__park(HOY__WHY_CLOSE, c, HOY__NEVER);
	}
	leave(c);
}
