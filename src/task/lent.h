/*
 * One buffer for each thread that reads, which stays in the cache, and which no waiting task keeps: a task fills it,
 * and uses what is in it until it waits. The next task that reads on this thread overwrites it.
 */
#ifndef HOY_TASK_LENT_H
#define HOY_TASK_LENT_H

#include <stdbool.h>
#include <stddef.h>

enum { HOY__LENT = 64 << 10 };

struct hoy__worker;

/* This thread's buffer of HOY__LENT bytes, or NULL with the reason in *code. */
void *hoy__lent(int *code);
/* Before writing into it: it belongs to the running task until that waits. (ASan reports a use after that.) */
void hoy__lent_open(void);
/* Is data in this thread's buffer? */
bool hoy__is_lent(const void *data);
/* The thread needs it no more. */
void hoy__lent_free(struct hoy__worker *w);

#endif
