/* Pipes for bytes that move within the kernel from one descriptor to another: splice(2). Each thread keeps a few. */
#ifndef HOY_TASK_PIPE_H
#define HOY_TASK_PIPE_H

enum { HOY__PIPES = 8 };	/* that a thread keeps at most */

struct hoy__worker;

/* An empty pipe, the caller's until it gives it back: one of the thread's, or a new one. 0 or a code. */
int hoy__pipe_take(int pipe[2]);
/* Gives an empty pipe back, which the thread keeps or closes. */
void hoy__pipe_give(const int pipe[2]);
void hoy__pipe_close(const int pipe[2]);
/* Closes those that the thread keeps. */
void hoy__pipes_close(struct hoy__worker *w);

#endif
