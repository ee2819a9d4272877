/* Plain threads that make blocking calls. */
#ifndef HOY_TASK_NATIVE_H
#define HOY_TASK_NATIVE_H

struct hoy__task;
struct hoy__worker;

/* The stand-in of this thread, made at its first use; NULL for want of memory or descriptors. */
struct hoy__task *hoy__native_task(void);

/* In the child of the fork that this thread made: its first wait makes a worker anew. */
void hoy__native_forget(struct hoy__worker *w);

#endif
