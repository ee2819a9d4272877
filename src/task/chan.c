/*
 * A channel is a ring and two queues, of senders that found it full and of receivers that found it empty. Who comes does
 * the work of the other side, too: it copies the item straight to or from the one that waits longest, and wakes it.
 */
#include "task/chan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "task/leaks.h"
#include "task/worker.h"

static void describe(const void *object, char *text, size_t size)
{
	const hoy_chan *c = object;

	snprintf(text, size, ", which holds %zu of %zu items", c->count, c->capacity);
}

static const struct hoy__leak_kind leak = { "channel", describe };

hoy_chan *hoy_chan_new(size_t item, size_t capacity)
{
	size_t ring, size;
	hoy_chan *c;

	if (__builtin_mul_overflow(item, capacity, &ring) || __builtin_add_overflow(ring, sizeof *c, &size))
		return NULL;
	if (!(c = hoy__alloc(size)))
		return NULL;
	c->item = item;
	c->capacity = capacity;
	hoy__list_init(&c->senders);
	hoy__list_init(&c->receivers);
	hoy__leak_begin(c, &leak);
	return c;
}

void hoy_chan_free(hoy_chan *c)
{
	hoy__leak_end(c);
	hoy__release(c);
}

/* ---- the ring ---- */

/* The index of the place that many places after the first; a division would cost as much as the rest of a send. */
static size_t index_of(const hoy_chan *c, size_t number)
{
	size_t index = c->first + number;

	return index < c->capacity ? index : index - c->capacity;
}

/* Most items are a pointer or a number: the compiler makes one move of each fixed size. */
static void copy(const hoy_chan *c, void *to, const void *from)
{
	if (!to)
		return;
	switch (c->item) {
	case 0:
		return;
	case 4:
		memcpy(to, from, 4);
		return;
	case 8:
		memcpy(to, from, 8);
		return;
	case 16:
		memcpy(to, from, 16);
		return;
	default:
		memcpy(to, from, c->item);
	}
}

static void push(hoy_chan *c, const void *item)
{
	copy(c, c->ring + index_of(c, c->count++) * c->item, item);
}

static void pop(hoy_chan *c, void *item)
{
	copy(c, item, c->ring + c->first * c->item);
	c->first = index_of(c, 1);
	c->count--;
}

/* ---- the other side ---- */

static bool wins(struct hoy__turn *t)
{
	int none = HOY__NONE_YET;

	return !t->choice->many || atomic_compare_exchange_strong(&t->choice->won, &none, t->number);
}

/* The one that has waited longest and still waits; its wait is over now. */
static struct hoy__turn *next_turn(struct hoy__link *queue)
{
	struct hoy__link *l;

	while ((l = hoy__list_pop(queue)))
		if (wins(container_of(l, struct hoy__turn, link)))
			return container_of(l, struct hoy__turn, link);
	return NULL;
}

/* Afterwards the turn may be gone; a selecting task first waits for the lock that we hold. */
static void end_turn(struct hoy__turn *t, int code)
{
	struct hoy__choice *choice = t->choice;
	struct hoy__task *task = choice->task;

	choice->code = code;
	if (!choice->many)
		atomic_store_explicit(&choice->won, t->number, memory_order_release);
	hoy__wake(task, 0);
}

int hoy__chan_send_now(hoy_chan *c, const void *item)
{
	struct hoy__turn *receiver;

	if (c->closed)
		return HOY_ECLOSED;
	if ((receiver = next_turn(&c->receivers))) {
		copy(c, receiver->item, item);
		end_turn(receiver, 0);
		return 0;
	}
	if (c->count == c->capacity)
		return -EAGAIN;
	push(c, item);
	return 0;
}

int hoy__chan_recv_now(hoy_chan *c, void *item)
{
	bool held = c->count > 0;
	struct hoy__turn *sender;

	if (held)
		pop(c, item);
	if ((sender = next_turn(&c->senders))) {
		if (held)
			push(c, sender->item);
		else
			copy(c, item, sender->item);
		end_turn(sender, 0);
		return 0;
	}
	return held ? 0 : c->closed ? HOY_ECLOSED : -EAGAIN;
}

/* Does a turn in the queue still wait? Others of a select that has ended are dropped. */
static bool has_turn(struct hoy__link *queue)
{
	while (!hoy__list_empty(queue)) {
		struct hoy__choice *choice = container_of(queue->next, struct hoy__turn, link)->choice;

		if (!choice->many || atomic_load(&choice->won) == HOY__NONE_YET)
			return true;
		hoy__list_pop(queue);
	}
	return false;
}

bool hoy__chan_can_send(hoy_chan *c)
{
	return c->closed || c->count < c->capacity || has_turn(&c->receivers);
}

bool hoy__chan_can_recv(hoy_chan *c)
{
	return c->closed || c->count > 0 || has_turn(&c->senders);
}

/* ---- waiting ---- */

/*
 * The wait has ended with this code and not by the turn, which may come at any moment. After a wake-up without a reason it
 * goes on.
 */
COLD static int wait_on(hoy_chan *c, struct hoy__turn *t, int code)
{
	for (;; code = hoy__park(HOY__WHY_CHAN, c, HOY__NEVER)) {
		hoy__spin_lock(&c->lock);
		if (!hoy__list_holds(&t->link)) {
			code = t->choice->code;
			break;
		}
		if (code < 0) {
			hoy__list_remove(&t->link);
			break;
		}
		hoy__arm_locked(t->choice->task);
		hoy__spin_unlock(&c->lock);
	}
	hoy__spin_unlock(&c->lock);
	return code;
}

/* Sends or receives; the lock is held, and released. */
static int wait_for_turn(hoy_chan *c, struct hoy__link *queue, void *item)
{
	struct hoy__choice choice = { .task = hoy__self(), .won = HOY__NONE_YET };
	struct hoy__turn turn = { .choice = &choice, .item = item };
	int code;

	hoy__list_push(queue, &turn.link);
	hoy__arm_locked(choice.task);
	hoy__spin_unlock(&c->lock);
	code = hoy__park(HOY__WHY_CHAN, c, HOY__NEVER);
	if (atomic_load_explicit(&choice.won, memory_order_acquire) != HOY__NONE_YET)
		return choice.code;
	return wait_on(c, &turn, code);
}

int hoy_chan_try_send(hoy_chan *c, const void *item)
{
	int code;

	hoy__spin_lock(&c->lock);
	code = hoy__chan_send_now(c, item);
	hoy__spin_unlock(&c->lock);
	return code;
}

int hoy_chan_try_recv(hoy_chan *c, void *item)
{
	int code;

	hoy__spin_lock(&c->lock);
	code = hoy__chan_recv_now(c, item);
	hoy__spin_unlock(&c->lock);
	return code;
}

/* A thread's first wait allocates and opens what waiting takes, which may fail, and may not happen under a spin lock. */
COLD static int send_in_thread(hoy_chan *c, const void *item)
{
	int code = hoy_chan_try_send(c, item);

	if (code != -EAGAIN)
		return code;
	return hoy__self() ? hoy_chan_send(c, item) : hoy__self_failure();
}

COLD static int recv_in_thread(hoy_chan *c, void *item)
{
	int code = hoy_chan_try_recv(c, item);

	if (code != -EAGAIN)
		return code;
	return hoy__self() ? hoy_chan_recv(c, item) : hoy__self_failure();
}

HOT int hoy_chan_send(hoy_chan *c, const void *item)
{
	int code;

	if (!hoy__this)
		return send_in_thread(c, item);
	hoy__spin_lock(&c->lock);
	code = hoy__chan_send_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->senders, (void *)item);
	hoy__spin_unlock(&c->lock);
	hoy__spend();
	return code;
}

HOT int hoy_chan_recv(hoy_chan *c, void *item)
{
	int code;

	if (!hoy__this)
		return recv_in_thread(c, item);
	hoy__spin_lock(&c->lock);
	code = hoy__chan_recv_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->receivers, item);
	hoy__spin_unlock(&c->lock);
	hoy__spend();
	return code;
}

static void end_all(struct hoy__link *queue)
{
	struct hoy__turn *t;

	while ((t = next_turn(queue)))
		end_turn(t, HOY_ECLOSED);
}

void hoy_chan_close(hoy_chan *c)
{
	hoy__spin_lock(&c->lock);
	c->closed = true;
	end_all(&c->receivers);
	end_all(&c->senders);
	hoy__spin_unlock(&c->lock);
}

size_t hoy_chan_len(hoy_chan *c)
{
	size_t count;

	hoy__spin_lock(&c->lock);
	count = c->count;
	hoy__spin_unlock(&c->lock);
	return count;
}

size_t hoy_chan_cap(const hoy_chan *c)
{
	return c->capacity;
}
