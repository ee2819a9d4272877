/*
 * Waiting for each other. All of these are open structs, ready when zero, and work
 * between tasks of any worker and plain threads alike.
 */
#ifndef HOY_SYNC_H
#define HOY_SYNC_H

#include <stdint.h>

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
} hoy_mutex;

/* Waits, for as long as it takes: locks are for cleanup too, so no cancellation. */
void hoy_mutex_lock(hoy_mutex *m);
/* 1 when taken, 0 when somebody has it. */
int hoy_mutex_try_lock(hoy_mutex *m);
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

#ifdef __cplusplus
}
#endif
#endif
