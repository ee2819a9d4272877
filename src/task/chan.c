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
	c->end = ring;
	c->small = item == 0 || item == 4 || item == 8 || item == 16;
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

/* Most items are a pointer or a number. */
static void copy_small(const hoy_chan *c, void *to, const void *from)
{
	if (c->item == 8)
		memcpy(to, from, 8);
	else if (c->item == 4)
		memcpy(to, from, 4);
	else if (c->item == 16)
		memcpy(to, from, 16);
}

static void copy(const hoy_chan *c, void *to, const void *from)
{
	if (to && c->small)
		copy_small(c, to, from);
	else if (to)
		memcpy(to, from, c->item);
}

static size_t after(const hoy_chan *c, size_t at)
{
	return at + c->item < c->end ? at + c->item : 0;
}

/* The place of a new item. */
static void *push(hoy_chan *c)
{
	void *place = c->ring + c->next;

	c->next = after(c, c->next);
	c->count++;
	return place;
}

/* The oldest item, which stays where it is until the next push. */
static const void *pop(hoy_chan *c)
{
	const void *item = c->ring + c->first;

	c->first = after(c, c->first);
	c->count--;
	return item;
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
	copy(c, push(c), item);
	return 0;
}

int hoy__chan_recv_now(hoy_chan *c, void *item)
{
	bool held = c->count > 0;
	struct hoy__turn *sender;

	if (held)
		copy(c, item, pop(c));
	if ((sender = next_turn(&c->senders))) {
		if (held)
			copy(c, push(c), sender->item);
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

		if (!choice->many || atomic_load_explicit(&choice->won, memory_order_relaxed) == HOY__NONE_YET)
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

/* Tasks with a scope may be woken by its canceller, from any thread. */
static void arm(const hoy_chan *c, struct hoy__task *task)
{
	if (c->lock.by_owner && !task->scoped)
		hoy__arm_local(task);
	else
		hoy__arm_locked(task);
}

static void share_queue(struct hoy__link *queue)
{
	for (struct hoy__link *l = queue->next; l != queue; l = l->next)
		hoy__share_armed(container_of(l, struct hoy__turn, link)->choice->task);
}

/* The turns of the owner's tasks can be ended by any thread from now on. */
void hoy__chan_lock_shared(hoy_chan *c)
{
	if (!hoy__biased_lock_shared(&c->lock))
		return;
	share_queue(&c->senders);
	share_queue(&c->receivers);
}

/*
 * The wait has ended with this code and not by the turn, which may come at any moment. After a wake-up without a reason it
 * goes on.
 */
COLD static int wait_on(hoy_chan *c, struct hoy__turn *t, int code)
{
	for (;; code = hoy__park(HOY__WHY_CHAN, c, HOY__NEVER)) {
		hoy__chan_lock(c);
		if (!hoy__list_holds(&t->link)) {
			code = t->choice->code;
			break;
		}
		if (code < 0) {
			hoy__list_remove(&t->link);
			break;
		}
		arm(c, t->choice->task);
		hoy__chan_unlock(c);
	}
	hoy__chan_unlock(c);
	return code;
}

/* Sends or receives; the lock is held, and released. */
APART RETURNS_BY_JUMP static int wait_for_turn(hoy_chan *c, struct hoy__link *queue, void *item)
{
	struct hoy__choice choice = { .task = hoy__this->current, .won = HOY__NONE_YET };
	struct hoy__turn turn = { .choice = &choice, .item = item };
	int code;

	hoy__list_push(queue, &turn.link);
	arm(c, choice.task);
	hoy__chan_unlock(c);
	code = hoy__park(HOY__WHY_CHAN, c, HOY__NEVER);
	if (atomic_load_explicit(&choice.won, memory_order_acquire) != HOY__NONE_YET)
		return choice.code;
	return wait_on(c, &turn, code);
}

int hoy_chan_try_send(hoy_chan *c, const void *item)
{
	int code;

	hoy__chan_lock(c);
	code = hoy__chan_send_now(c, item);
	hoy__chan_unlock(c);
	return code;
}

int hoy_chan_try_recv(hoy_chan *c, void *item)
{
	int code;

	hoy__chan_lock(c);
	code = hoy__chan_recv_now(c, item);
	hoy__chan_unlock(c);
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

/* ---- in all cases ---- */

APART static int send_any(hoy_chan *c, const void *item)
{
	int code;

	if (!hoy__this)
		return send_in_thread(c, item);
	hoy__chan_lock(c);
	code = hoy__chan_send_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->senders, (void *)item);
	hoy__chan_unlock(c);
	hoy__spend();
	return code;
}

APART static int recv_any(hoy_chan *c, void *item)
{
	int code;

	if (!hoy__this)
		return recv_in_thread(c, item);
	hoy__chan_lock(c);
	code = hoy__chan_recv_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->receivers, item);
	hoy__chan_unlock(c);
	hoy__spend();
	return code;
}

/* ---- between tasks of the worker that owns the lock ---- */

/*
 * The common cases, without an atomic step, and without a frame: nothing here is a call, except as the last step. All else
 * is left to the functions above.
 */
COLD static int let_others_run(void)
{
	hoy_yield();
	return 0;
}

static inline int finish(hoy_chan *c)
{
	hoy__biased_unlock_owned(&c->lock);
	return hoy__has_spent(hoy__this) ? let_others_run() : 0;
}

/* The turn that has waited longest, if only this worker can end it; its item. */
static inline struct hoy__turn *first_local(struct hoy__link *queue)
{
	struct hoy__turn *t = container_of(queue->next, struct hoy__turn, link);

	return t->item && hoy__is_armed_local(t->choice->task) ? t : NULL;
}

static inline int finish_turn(hoy_chan *c, struct hoy__turn *t)
{
	hoy__list_remove(&t->link);
	t->choice->code = 0;
	atomic_store_explicit(&t->choice->won, t->number, memory_order_relaxed);
	hoy__wake_local(t->choice->task);
	return finish(c);
}

static inline int send_otherwise(hoy_chan *c, const void *item)
{
	hoy__biased_unlock_owned(&c->lock);
	return send_any(c, item);
}

static inline int recv_otherwise(hoy_chan *c, void *item)
{
	hoy__biased_unlock_owned(&c->lock);
	return recv_any(c, item);
}

HOT int hoy_chan_send(hoy_chan *c, const void *item)
{
	struct hoy__turn *receiver;

	if (!c->small || !hoy__biased_lock_owned(&c->lock))
		return send_any(c, item);
	if (c->closed)
		return send_otherwise(c, item);
	if (!hoy__list_empty(&c->receivers)) {
		if (!(receiver = first_local(&c->receivers)))
			return send_otherwise(c, item);
		copy_small(c, receiver->item, item);
		return finish_turn(c, receiver);
	}
	if (c->count == c->capacity)
		return wait_for_turn(c, &c->senders, (void *)item);
	copy_small(c, push(c), item);
	return finish(c);
}

HOT int hoy_chan_recv(hoy_chan *c, void *item)
{
	struct hoy__turn *sender;

	if (!c->small || !item || !hoy__biased_lock_owned(&c->lock))
		return recv_any(c, item);
	if (!hoy__list_empty(&c->senders)) {
		if (c->count || !(sender = first_local(&c->senders)))
			return recv_otherwise(c, item);
		copy_small(c, item, sender->item);
		return finish_turn(c, sender);
	}
	if (!c->count)
		return c->closed ? recv_otherwise(c, item) : wait_for_turn(c, &c->receivers, item);
	copy_small(c, item, pop(c));
	return finish(c);
}

/* ---- the rest ---- */

static void end_all(struct hoy__link *queue)
{
	struct hoy__turn *t;

	while ((t = next_turn(queue)))
		end_turn(t, HOY_ECLOSED);
}

void hoy_chan_close(hoy_chan *c)
{
	hoy__chan_lock(c);
	c->closed = true;
	end_all(&c->receivers);
	end_all(&c->senders);
	hoy__chan_unlock(c);
}

size_t hoy_chan_len(hoy_chan *c)
{
	size_t count;

	hoy__chan_lock(c);
	count = c->count;
	hoy__chan_unlock(c);
	return count;
}

size_t hoy_chan_cap(const hoy_chan *c)
{
	return c->capacity;
}
