/*
 * Channels between tasks of one worker, tasks of several, and plain threads: Go's, with codes where Go panics. What is sent
 * is copied, so neither side needs to keep it.
 */
#ifndef HOY_CHAN_H
#define HOY_CHAN_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hoy_chan hoy_chan;

/*
 * A channel of items of so many bytes, which may be 0; capacity: how many it holds before a send waits; 0: each
 * send waits for its receiver. NULL for want of memory. Go's make(chan T, capacity).
 */
hoy_chan *hoy_chan_new(size_t item, size_t capacity);
/* No task or thread may be in a call on it, nor make one later. NULL does nothing. */
void hoy_chan_free(hoy_chan *c);

/*
 * Waits for room, or for a receiver. 0; HOY_ECLOSED when the channel is closed, also while it waits; HOY_ECANCELED when a scope
 * (hoy/group.h) ended the wait. The item is sent exactly if 0 is returned. item may be NULL if items have 0 bytes.
 */
int hoy_chan_send(hoy_chan *c, const void *item);
/*
 * Waits for an item; they come in the order in which they were sent. 0; HOY_ECLOSED when the channel is closed and empty;
 * HOY_ECANCELED. *item changes exactly if 0 is returned. NULL throws the item away.
 */
int hoy_chan_recv(hoy_chan *c, void *item);
/* The same without waiting: -EAGAIN instead. */
int hoy_chan_try_send(hoy_chan *c, const void *item);
int hoy_chan_try_recv(hoy_chan *c, void *item);

/* No more sends; what the channel holds can still be received. A second close does nothing, where Go panics. */
void hoy_chan_close(hoy_chan *c);
/* How many items it holds, and can hold. Go's len and cap. */
size_t hoy_chan_len(hoy_chan *c);
size_t hoy_chan_cap(const hoy_chan *c);

/* One of the things that hoy_select waits for; made by the macros below. The other fields are hoy's. */
typedef struct hoy_case {
	int kind;
	hoy_chan *chan;		/* NULL: never happens, as with Go's nil channel */
	void *item;
	hoy_time until;
	void *reserved[6];
} hoy_case;

enum hoy_case_kind { HOY_CASE_SEND, HOY_CASE_RECV, HOY_CASE_UNTIL, HOY_CASE_DEFAULT };

#define HOY_SEND(chan_, item_) ((hoy_case){ .kind = HOY_CASE_SEND, .chan = (chan_), .item = (void *)(item_) })
#define HOY_RECV(chan_, item_) ((hoy_case){ .kind = HOY_CASE_RECV, .chan = (chan_), .item = (item_) })
/* At a moment; {0}: never. */
#define HOY_UNTIL(time_) ((hoy_case){ .kind = HOY_CASE_UNTIL, .until = (time_) })
/* Nothing else can happen at once. */
#define HOY_DEFAULT ((hoy_case){ .kind = HOY_CASE_DEFAULT })

/*
 * Waits until one of n cases happens, and lets exactly that one happen: of several that could, one chosen at random.
 * Returns its index, with *code 0, or HOY_ECLOSED for a channel that is closed (and, to receive, empty); or HOY_ECANCELED,
 * or another negative code when nothing happened. code may be NULL. Go's select.
 *
 *	hoy_case cases[] = { HOY_RECV(jobs, &job), HOY_UNTIL(deadline) };
 *	int code, i = hoy_select(cases, 2, &code);
 */
int hoy_select(hoy_case *cases, size_t n, int *code);

#ifdef __cplusplus
}
#endif
#endif
