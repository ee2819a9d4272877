/*
 * Waiting for each other. All of these are open structs, ready when zero, and work
 * between tasks of any worker and plain threads alike.
 */
#ifndef HOY_SYNC_H
#define HOY_SYNC_H

#include <stdint.h>

#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Go's sync.Mutex. The uncontended paths are one atomic exchange each. A task or thread that runs may take an unlocked mutex
 * before a waiter that must wake first. A waiter of a millisecond is handed the mutex at the next unlock, so none starves.
 */
typedef struct hoy_mutex {
	uint32_t state, guard;
	void *head, *tail;
	void *owner;		/* who locked it last, for hoy_dump (hoy/debug.h) */
} hoy_mutex;

/* Waits, for as long as it takes: locks are for cleanup too, so no cancellation. */
void hoy_mutex_lock(hoy_mutex *m);
/* Gives up at the deadline, {0} for none: 0 when locked, HOY_ETIMEOUT, or HOY_ECANCELED by a scope (hoy/group.h). */
int hoy_mutex_lock_until(hoy_mutex *m, hoy_time deadline);
/* 1 when it was unlocked and is now locked, else 0. */
int hoy_mutex_try_lock(hoy_mutex *m);
/* Never waits. A task that unlocks again and again while others wait for the mutex lets other tasks run at times. */
void hoy_mutex_unlock(hoy_mutex *m);

/* Go's sync.WaitGroup. */
typedef struct hoy_wait_group {
	int64_t count;
	uint32_t guard;
	void *head, *tail;
} hoy_wait_group;

/* Adds n, which may be negative; the count may not fall below 0. */
void hoy_wait_group_add(hoy_wait_group *g, int n);
void hoy_wait_group_done(hoy_wait_group *g);
/* Waits until the count is 0. Not cancelled: what is waited for lives on our stack. */
void hoy_wait_group_wait(hoy_wait_group *g);
/*
 * Gives up at the deadline, {0} for none: 0 when the count was 0, HOY_ETIMEOUT, or HOY_ECANCELED by a scope. What the others
 * use must then stay in memory until they are done.
 */
int hoy_wait_group_wait_until(hoy_wait_group *g, hoy_time deadline);

/*
 * Go's sync.RWMutex: many readers or one writer. Who comes first has it first: readers wait behind a writer that waits, so a
 * task that has a read lock may not take another.
 */
typedef struct hoy_rwlock {
	uint32_t guard, readers, writer;
	void *head, *tail;
	void *owner;		/* the last writer */
} hoy_rwlock;

/* As of a mutex: without the deadline for as long as it takes; the try calls return 1 or 0, the others 0 or a code. */
void hoy_rwlock_lock(hoy_rwlock *l);
int hoy_rwlock_lock_until(hoy_rwlock *l, hoy_time deadline);
int hoy_rwlock_try_lock(hoy_rwlock *l);
void hoy_rwlock_unlock(hoy_rwlock *l);
void hoy_rwlock_read_lock(hoy_rwlock *l);
int hoy_rwlock_read_lock_until(hoy_rwlock *l, hoy_time deadline);
int hoy_rwlock_try_read_lock(hoy_rwlock *l);
void hoy_rwlock_read_unlock(hoy_rwlock *l);

/* Go's sync.Cond. */
typedef struct hoy_cond {
	uint32_t guard;
	void *head, *tail;
} hoy_cond;

/*
 * Unlocks m and waits for a signal, then locks m again, also when it fails. 0 after a signal or a broadcast: look at what you
 * wait for again, as another may have been faster. HOY_ECANCELED by a scope, HOY_ETIMEOUT past the deadline.
 */
int hoy_cond_wait(hoy_cond *c, hoy_mutex *m);
int hoy_cond_wait_until(hoy_cond *c, hoy_mutex *m, hoy_time deadline);
/* Wakes the one that has waited longest, or all. With or without the mutex locked. */
void hoy_cond_signal(hoy_cond *c);
void hoy_cond_broadcast(hoy_cond *c);

/* A counting semaphore; start with { .permits = n }. */
typedef struct hoy_sem {
	uint64_t permits;
	uint32_t guard;
	void *head, *tail;
} hoy_sem;

/* Takes a permit, in the order of coming. 0; HOY_ECANCELED or HOY_ETIMEOUT, and no permit is taken. */
int hoy_sem_wait(hoy_sem *s);
int hoy_sem_wait_until(hoy_sem *s, hoy_time deadline);
/* 0, or -EAGAIN when there is none. */
int hoy_sem_try_wait(hoy_sem *s);
/* Gives one back, or a new one. */
void hoy_sem_post(hoy_sem *s);

/* Go's sync.Once. */
typedef struct hoy_once {
	uint32_t done;
	hoy_mutex mutex;
} hoy_once;

/* The first call runs fn(arg), which may wait; every call returns after it has run. fn may not call it for the same o. */
void hoy_once_do(hoy_once *o, void (*fn)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif
#endif
