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
struct hoy_conn;
struct hoy_listener;

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

/* One of the things that hoy_select waits for; made by the macros below. All fields are hoy's. */
typedef struct hoy_case {
	int kind, code;
	hoy_chan *chan;
	void *item;
	hoy_time until;
	void *reserved[7];
} hoy_case;

enum hoy_case_kind {
	HOY_CASE_SEND, HOY_CASE_RECV, HOY_CASE_UNTIL, HOY_CASE_DEFAULT,
	HOY_CASE_READABLE, HOY_CASE_WRITABLE, HOY_CASE_ACCEPT, HOY_CASE_TICK
};

/* A case of a channel, connection or listener that is NULL never happens, as with Go's nil channel. */
#define HOY_SEND(chan_, item_) ((hoy_case){ .kind = HOY_CASE_SEND, .chan = (chan_), .item = (void *)(item_) })
#define HOY_RECV(chan_, item_) ((hoy_case){ .kind = HOY_CASE_RECV, .chan = (chan_), .item = (item_) })
/* At a moment; {0}: never. */
#define HOY_UNTIL(time_) ((hoy_case){ .kind = HOY_CASE_UNTIL, .until = (time_) })
/* No other case can happen at once. */
#define HOY_DEFAULT ((hoy_case){ .kind = HOY_CASE_DEFAULT })
/*
 * A read, or a write of a little, need not wait: there is data (a PROXY header that is still to come counts as data), the end
 * of the stream or an error; or room. It takes nothing away, so without that read it happens again. Code 0, or what the call would
 * return: HOY_ECLOSED, HOY_ETIMEOUT past the connection's deadline; HOY_EWRONGKIND for connections of one's own and in memory.
 * Calls of the same direction wait for their turn until hoy_select returns, and it for theirs.
 */
#define HOY_READABLE(conn_) hoy_case_readable(conn_)
#define HOY_WRITABLE(conn_) hoy_case_writable(conn_)
/*
 * A connection is accepted: with code 0 *(hoy_conn **)conn_ is the caller's to free. Else what hoy_listener_accept would fail with; also
 * HOY_EWRONGKIND for listeners of one's own, and for shared ones in blocking mode (HOY_FD_SHARED).
 */
#define HOY_ACCEPT(listener_, conn_) hoy_case_accept((listener_), (conn_))

/* The connections and listeners of hoy/conn.h. */
hoy_case hoy_case_readable(struct hoy_conn *c);
hoy_case hoy_case_writable(struct hoy_conn *c);
hoy_case hoy_case_accept(struct hoy_listener *l, struct hoy_conn **conn);

/*
 * Waits until one of n cases happens, and lets exactly that one happen: of several that could, one chosen at random, each
 * as likely as the others. Returns its index, with its *code: 0, or HOY_ECLOSED for a channel that is closed (and, to receive, empty),
 * or as the case says. A negative value, and *code 0, if none happened: HOY_ECANCELED, or another code when it cannot wait. code
 * may be NULL. The cases may be used again afterwards. Go's select.
 *
 *	hoy_case cases[] = { HOY_RECV(quit, NULL), HOY_ACCEPT(listener, &conn), HOY_UNTIL(deadline) };
 *	int code, i = hoy_select(cases, 3, &code);
 */
int hoy_select(hoy_case *cases, size_t n, int *code);

#ifdef __cplusplus
}
#endif
#endif
