/* Waiting awake, where that has paid. */
#ifndef HOY_TASK_BUSYWAIT_H
#define HOY_TASK_BUSYWAIT_H

#include <stdbool.h>
#include <stdint.h>

struct hoy__worker;

enum { HOY__BUSYWAIT_PAYS = 8 };	/* the least score with which a worker waits awake */

/* Waits a few microseconds for what other threads send this worker; true when it has come. */
bool hoy__busywait(struct hoy__worker *w);
/* Another thread has ended a sleep, so many ticks after the worker last began to run what was ready. */
void hoy__busywait_learn(struct hoy__worker *w, uint64_t since);

#endif
