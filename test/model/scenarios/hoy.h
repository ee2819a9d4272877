/*
 * What scenarios of hoy have in common: threads and workers, made before each execution, and a system below them. What is
 * not compiled from src/ is replaced in hoy.c: memory, stacks, the system calls, forks, the thread pool.
 */
#ifndef MODEL_HOY_H
#define MODEL_HOY_H

#include <hoy.h>

#include "model.h"

struct hoy__source;

/* A clock that stands still, or that a thread sets to a later moment. */
enum { EARLY = 1000 * 1000 * 1000, LATE = 2 * EARLY };
void set_clock_late(void);

/* In prepare: these threads of the scenario may wait, as plain threads. */
void prepare_threads(int count);

/* In prepare: this thread is a worker, which runs the tasks that are given to it then; and the thread's function. */
void prepare_worker(int thread);
void prepare_task(int thread, void (*fn)(void));
void run_tasks(void);
/* In prepare: the lock has been used so often by tasks of this thread that it is theirs. */
struct hoy__biased;
void own(struct hoy__biased *l, int thread);

/* Descriptors: the system makes them readable, and counts how often they are closed. */
int file_open(void);
/* In prepare: the worker's poller knows the source, whose descriptor is the file. */
void prepare_home(struct hoy__source *s, int thread);
void file_make_readable(int file);
/* 1, or -EAGAIN. */
int file_read(int file);
int file_closed(int file);

#endif
