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
/* The thread's record from before a fork, whose scopes and groups go on in the child. */
static _Thread_local struct hoy__worker *forked;

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
	forked = w;
}

int hoy__self_failure(void)
{
	return failure;
}

int hoy__become_helper(void)
{
	if (!hoy__self())
		return failure;
	atomic_store(&hoy__this->role, HOY__HELPER);
	return 0;
}

/* After a fork the thread goes on in its scopes, and with its groups. */
static struct hoy__worker *take_record(void)
{
	struct hoy__worker *w = forked ? forked : hoy__worker_get();
	struct hoy_scope *scope = forked ? w->stand_in.scope : NULL;
	struct hoy_group *groups = forked ? w->stand_in.groups : NULL;

	if (!w)
		return NULL;
	forked = NULL;
	hoy__worker_reset(w);
	w->stand_in.scope = scope;
	w->stand_in.scoped = scope != NULL;
	w->stand_in.groups = groups;
	return w;
}

static void give_record_back(struct hoy__worker *w)
{
	if (w->stand_in.scope || w->stand_in.groups)
		forked = w;
	else
		hoy__worker_put(w);
}

struct hoy__task *hoy__native_task(void)
{
	struct hoy__worker *w;
	int code;

	failure = -ENOMEM;
	pthread_once(&once, make_key);
	if (no_key || !(w = take_record()))
		return NULL;
	if ((code = hoy__worker_open(w)) < 0) {
		failure = code;
		give_record_back(w);
		return NULL;
	}
	if (pthread_setspecific(key, w)) {
		hoy__worker_close(w);
		give_record_back(w);
		return NULL;
	}
	prepare(w);
	hoy__this = w;
	return w->current;
}
