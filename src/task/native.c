/*
 * A plain thread's worker is made at its first blocking call and given back when the
 * thread ends.
 */
#include <errno.h>
#include <pthread.h>

#include "base/base.h"
#include "task/native.h"
#include "task/worker.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int no_key;
static _Thread_local int failure = -ENOMEM;

static void thread_ends(void *worker)
{
	struct hoy__worker *w = worker;

	hoy__this = NULL;
	hoy__heap_remove(&w->timers, &w->stand_in.timer);
	hoy__worker_close(w);
	hoy__worker_put(w);
}

static void make_key(void)
{
	no_key = pthread_key_create(&key, thread_ends);
}

static void prepare(struct hoy__worker *w)
{
	w->native = w->unusual = true;
	w->ready.at = w->few;
	w->ready.mask = LEN(w->few) - 1;
	w->timers.slots = w->one;
	w->timers.room = LEN(w->one);
	w->current = &w->stand_in;
	w->stand_in.worker = w;
	atomic_store(&w->stand_in.claim, HOY__CLAIM_IDLE);
}

void hoy__native_forget(struct hoy__worker *w)
{
	pthread_setspecific(key, NULL);
	hoy__list_remove(&w->link);
	hoy__lent_free(w);
	hoy__worker_put(w);
}

int hoy__self_failure(void)
{
	return failure;
}

struct hoy__task *hoy__native_task(void)
{
	struct hoy__worker *w;
	int code;

	failure = -ENOMEM;
	pthread_once(&once, make_key);
	if (no_key || !(w = hoy__worker_get()))
		return NULL;
	hoy__worker_reset(w);
	if ((code = hoy__worker_open(w)) < 0) {
		failure = code;
		hoy__worker_put(w);
		return NULL;
	}
	if (pthread_setspecific(key, w)) {
		hoy__worker_close(w);
		hoy__worker_put(w);
		return NULL;
	}
	prepare(w);
	hoy__this = w;
	return w->current;
}
