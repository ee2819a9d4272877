/* The idle worker that takes tasks which others are slow to start. */
#ifndef HOY_TASK_LOOKOUT_H
#define HOY_TASK_LOOKOUT_H

#include <stdbool.h>

struct hoy__worker;

/* w has queued a task that may start anywhere: an idle worker will look whether w starts it soon. */
void hoy__lookout_call(struct hoy__worker *w);
/* Before w sleeps, with w->asleep set: is it to be the lookout? Then it looks, and sleeps until w->look_at. True: it has stolen tasks. */
bool hoy__lookout_steal(struct hoy__worker *w);
/* w, the lookout, has something to do itself. If more looks were asked for, another one becomes the lookout. */
void hoy__lookout_leave(struct hoy__worker *w);

#endif
