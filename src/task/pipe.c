/*
 * A pipe is in use only while bytes are in it, and these mostly leave it at once. So the streams of a thread take turns with
 * a few, and only a stream whose receiver is slow holds a pipe of its own, until that is empty.
 */
#include <string.h>

#include "task/pipe.h"
#include "task/worker.h"

enum { SIZE = 1 << 20 };	/* in places of a page, each of which takes a piece of any size */

static int make(int pipe[2])
{
	int code = hoy__os_pipe(pipe);

	if (code == 0)
		hoy__os_pipe_widen(pipe[1], SIZE);	/* else it has 64 KiB */
	return code;
}

int hoy__pipe_take(int pipe[2])
{
	struct hoy__worker *w = hoy__this;

	if (!w || w->spare == 0)
		return make(pipe);
	memcpy(pipe, w->pipes[--w->spare], sizeof w->pipes[0]);
	return 0;
}

void hoy__pipe_give(const int pipe[2])
{
	struct hoy__worker *w = hoy__this;

	if (!w || w->spare == HOY__PIPES)
		hoy__pipe_close(pipe);
	else
		memcpy(w->pipes[w->spare++], pipe, sizeof w->pipes[0]);
}

void hoy__pipe_close(const int pipe[2])
{
	hoy__os_close(pipe[0]);
	hoy__os_close(pipe[1]);
}

void hoy__pipes_close(struct hoy__worker *w)
{
	while (w->spare > 0)
		hoy__pipe_close(w->pipes[--w->spare]);
}
