/* A channel, and the turns of those who wait for it: what sending, receiving and selecting share. */
#ifndef HOY_TASK_CHAN_H
#define HOY_TASK_CHAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <hoy/chan.h>

#include "base/list.h"
#include "task/biased.h"
#include "task/park.h"

/* A task that waits for one of several things, of which only the first that happens counts. On its stack. */
struct hoy__choice {
	struct hoy__task *task;
	_Atomic int won;	/* the number of the turn that happened; NONE_YET */
	int code;		/* what became of it */
	bool many;		/* several turns: each who would end the wait must win first */
};

enum { HOY__NONE_YET = -1 };

/* One of them, in a queue of its channel. */
struct hoy__turn {
	struct hoy__link link;
	struct hoy__choice *choice;
	void *item;		/* to be sent, or to be filled in */
	int number;
};

struct hoy_chan {
	struct hoy__biased lock;
	bool closed;
	bool small;				/* each item is moved without a call of memcpy */
	size_t item, capacity;
	size_t count;				/* of the items it holds */
	size_t first, next, end;		/* in the ring, in bytes: the oldest, the place of the next, the size */
	struct hoy__link senders, receivers;	/* one of them is empty */
	_Alignas(16) char ring[];
};

/* When this worker is not the lock's owner. */
void hoy__chan_lock_shared(hoy_chan *c);

static inline void hoy__chan_lock(hoy_chan *c)
{
	if (!hoy__biased_lock_owned(&c->lock))
		hoy__chan_lock_shared(c);
}

static inline void hoy__chan_unlock(hoy_chan *c)
{
	hoy__biased_unlock(&c->lock);
}

/*
 * With the channel's lock held: sends or receives at once if that is possible, and wakes the other side.
 * 0 or HOY_ECLOSED; -EAGAIN: it would have to wait.
 */
int hoy__chan_send_now(hoy_chan *c, const void *item);
int hoy__chan_recv_now(hoy_chan *c, void *item);
/* Would they do so? The other side may still find another partner first. */
bool hoy__chan_can_send(hoy_chan *c);
bool hoy__chan_can_recv(hoy_chan *c);

#endif
