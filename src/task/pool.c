/*
 * Threads are started on demand up to a limit, and end after ten idle seconds. Errands may wait for
 * each other, so a limit alone could hang them for ever: a pool whose queue has stood still for a
 * tenth of a second grows beyond it, twofold each time, up to a second limit.
 */
#include "task/pool.h"

#include <errno.h>
#include <pthread.h>

#include "base/base.h"
#include "base/moment.h"
#include "os/os.h"
#include "task/park.h"

enum { THREADS = 64, THREADS_MOST = 1024, STALLS_MOST = 100 };

#define IDLE_FOR (10 * HOY_SECOND)
#define STALL (100 * HOY_MILLISECOND)

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct hoy__link queue;
	int threads, idle, queued;
	int limit, most;
	int64_t moved;		/* when an errand last started or the pool last grew, or tried to */
	int stalls;		/* how often it has grown, or tried to, since an errand last started */
	bool stopping;		/* until the next errand */
};

static struct pool pools[HOY__POOLS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(struct pool *p)
{
	pthread_condattr_t monotonic;

	*p = (struct pool){ .limit = p->limit, .most = p->most };
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->work, &monotonic);
	pthread_cond_init(&p->gone, &monotonic);
	pthread_condattr_destroy(&monotonic);
	hoy__list_init(&p->queue);
}

static void prepare_all(void)
{
	for (int i = 0; i < HOY__POOLS; i++) {
		pools[i].limit = THREADS;
		pools[i].most = THREADS_MOST;
		prepare(&pools[i]);
	}
}

static struct pool *lock(enum hoy__pool which)
{
	pthread_once(&once, prepare_all);
	pthread_mutex_lock(&pools[which].lock);
	return &pools[which];
}

/* The next errand, or NULL after being idle for long or told to stop. With the lock held. */
static struct hoy__errand *next_errand(struct pool *p)
{
	struct timespec until = hoy__moment_timespec(hoy__moment_add(hoy__os_monotonic(), IDLE_FOR));
	struct hoy__link *first;
	int code = 0;

	p->idle++;
	while (hoy__list_empty(&p->queue) && !p->stopping && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&p->work, &p->lock, &until);
	p->idle--;
	if (!(first = hoy__list_pop(&p->queue)))
		return NULL;
	p->queued--;
	p->moved = hoy__os_monotonic();
	p->stalls = 0;
	return container_of(first, struct hoy__errand, link);
}

static void *work(void *pool)
{
	struct pool *p = pool;
	struct hoy__errand *e;

	pthread_mutex_lock(&p->lock);
	while ((e = next_errand(p))) {
		pthread_mutex_unlock(&p->lock);
		e->run(e);
		pthread_mutex_lock(&p->lock);
	}
	p->threads--;
	pthread_cond_signal(&p->gone);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int add_thread(struct pool *p)
{
	pthread_attr_t detached;
	pthread_t thread;
	int code;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	code = pthread_create(&thread, &detached, work, p);
	pthread_attr_destroy(&detached);
	p->threads += code == 0;
	return -code;
}

/* Twice the threads, but no more than there are errands. */
static void grow_if_stuck(struct pool *p)
{
	int64_t now = hoy__os_monotonic();
	int n = p->threads < p->queued ? p->threads : p->queued;

	if (now - p->moved < STALL)
		return;
	p->moved = now;
	p->stalls++;
	while (n-- > 0 && p->threads < p->most && add_thread(p) == 0)
		;
}

int hoy__pool_submit(enum hoy__pool which, struct hoy__errand *e)
{
	struct pool *p = lock(which);
	int code = 0;

	p->stopping = false;
	if (p->queued == 0) {
		p->moved = hoy__os_monotonic();
		p->stalls = 0;
	} else {
		grow_if_stuck(p);
	}
	/* an idle thread may be about to take an errand that is queued already */
	if (p->idle <= p->queued && p->threads < p->limit)
		code = add_thread(p);
	if (p->threads > 0) {
		code = 0;
		hoy__list_push(&p->queue, &e->link);
		p->queued++;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	return code;
}

bool hoy__pool_withdraw(enum hoy__pool which, struct hoy__errand *e)
{
	struct pool *p = lock(which);
	bool queued = hoy__list_holds(&e->link);

	if (queued) {
		hoy__list_remove(&e->link);
		p->queued--;
	}
	pthread_mutex_unlock(&p->lock);
	return queued;
}

int hoy__pool_look(enum hoy__pool which, struct hoy__errand *e, int64_t *again)
{
	struct pool *p = lock(which);
	int code = 0;

	*again = HOY__NEVER;
	if (hoy__list_holds(&e->link)) {
		grow_if_stuck(p);
		*again = hoy__moment_add(hoy__os_monotonic(), STALL);
		code = p->stalls > STALLS_MOST ? -EAGAIN : 0;
	}
	pthread_mutex_unlock(&p->lock);
	return code;
}

void hoy__pool_set_threads(enum hoy__pool which, int threads, int most)
{
	struct pool *p = lock(which);

	p->limit = threads > 0 ? threads : THREADS;
	p->most = most > 0 ? most : THREADS_MOST;
	if (p->most < p->limit)
		p->most = p->limit;
	pthread_mutex_unlock(&p->lock);
}

void hoy__pool_stop(enum hoy__pool which, int64_t until)
{
	struct timespec t = hoy__moment_timespec(until);
	struct pool *p = lock(which);
	int code = 0;

	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	while (p->threads > 0 && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&p->gone, &p->lock, &t);
	pthread_mutex_unlock(&p->lock);
}

int hoy__pools_idle(void)
{
	int idle = 0;
	bool busy = false;

	for (int i = 0; i < HOY__POOLS; i++) {
		struct pool *p = lock((enum hoy__pool)i);

		idle += p->idle;
		busy |= p->idle < p->threads || p->queued > 0;
		pthread_mutex_unlock(&p->lock);
	}
	return busy ? -1 : idle;
}

void hoy__pools_lock(void)
{
	for (int i = 0; i < HOY__POOLS; i++)
		lock((enum hoy__pool)i);
}

void hoy__pools_unlock(void)
{
	for (int i = HOY__POOLS; i-- > 0; )
		pthread_mutex_unlock(&pools[i].lock);
}

void hoy__pools_forget(void)
{
	hoy__pools_unlock();
	for (int i = 0; i < HOY__POOLS; i++)
		prepare(&pools[i]);
}
