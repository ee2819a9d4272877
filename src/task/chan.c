/*
 * A channel is a ring and two queues, of senders that found it full and of receivers that found it empty. Who comes does
 * the work of the other side, too: it copies the item straight to or from the one that waits longest, and wakes it.
 */
#include "task/chan.h"

#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"

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
	return c;
}

void hoy_chan_free(hoy_chan *c)
{
	hoy__release(c);
}

/* ---- the ring ---- */

static char *place(hoy_chan *c, size_t number)
{
	return c->ring + (c->first + number) % c->capacity * c->item;
}

static void copy(const hoy_chan *c, void *to, const void *from)
{
	if (to && c->item)
		memcpy(to, from, c->item);
}

static void push(hoy_chan *c, const void *item)
{
	copy(c, place(c, c->count++), item);
}

static void pop(hoy_chan *c, void *item)
{
	copy(c, item, place(c, 0));
	c->first = (c->first + 1) % c->capacity;
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
		atomic_store(&choice->won, t->number);	/* against arming, which comes before the waiter's last look */
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

/* ---- waiting ---- */

int hoy__choice_wait(struct hoy__choice *choice, enum hoy__why why, const void *object, int64_t until)
{
	int code = 0;

	while (code == 0 && atomic_load(&choice->won) == HOY__NONE_YET) {
		hoy__arm(choice->task);
		if (atomic_load(&choice->won) != HOY__NONE_YET && hoy__disarm(choice->task))
			break;
		code = hoy__park(why, object, until);
	}
	return atomic_load_explicit(&choice->won, memory_order_acquire) == HOY__NONE_YET ? code : 0;
}

/* The turn was in the queue when the wait ended; it may have come since. */
static int give_up(hoy_chan *c, struct hoy__turn *t, int code)
{
	bool queued;

	hoy__spin_lock(&c->lock);
	queued = hoy__list_holds(&t->link);
	hoy__list_remove(&t->link);
	hoy__spin_unlock(&c->lock);
	return queued ? code : t->choice->code;
}

/* Sends or receives; the lock is held, and let go. */
static int wait_for_turn(hoy_chan *c, struct hoy__link *queue, void *item)
{
	struct hoy__choice choice = { .task = hoy__self(), .won = HOY__NONE_YET };
	struct hoy__turn turn = { .choice = &choice, .item = item };
	int code;

	if (!choice.task) {
		hoy__spin_unlock(&c->lock);
		return hoy__self_failure();
	}
	hoy__list_push(queue, &turn.link);
	hoy__spin_unlock(&c->lock);
	code = hoy__choice_wait(&choice, HOY__WHY_CHAN, c, HOY__NEVER);
	return code < 0 ? give_up(c, &turn, code) : choice.code;
}

int hoy_chan_send(hoy_chan *c, const void *item)
{
	int code;

	hoy__spin_lock(&c->lock);
	code = hoy__chan_send_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->senders, (void *)item);
	hoy__spin_unlock(&c->lock);
	hoy__spend();
	return code;
}

int hoy_chan_recv(hoy_chan *c, void *item)
{
	int code;

	hoy__spin_lock(&c->lock);
	code = hoy__chan_recv_now(c, item);
	if (code == -EAGAIN)
		return wait_for_turn(c, &c->receivers, item);
	hoy__spin_unlock(&c->lock);
	hoy__spend();
	return code;
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
