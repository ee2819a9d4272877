/*
 * Where a task starts. Connections live long, so they are spread when they are
 * accepted: of two workers at random, the one with fewer tasks. Everything else starts
 * where it was made, and an idle worker takes half of what has not started yet; what
 * has started never moves.
 */
#include "task/runtime.h"

#define HELP_INTERVAL (1000 * INT64_C(1000))	/* between calls for a single task */

int hoy__workers(void)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	return rt ? (int)rt->n : hoy__worker_count(0, "");
}

static uint64_t draw(struct hoy__worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

struct hoy__worker *hoy__place(struct hoy__worker *here)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);
	unsigned first, second;

	if (rt->n == 1)
		return here;
	first = (unsigned)(draw(here) % rt->n);
	second = (first + 1 + (unsigned)(draw(here) % (rt->n - 1))) % rt->n;
	return hoy__load(rt->workers[second]) < hoy__load(rt->workers[first]) ? rt->workers[second] : rt->workers[first];
}

/* Unlinks at most n tasks that may start anywhere. */
static struct hoy__slot *take_some(struct hoy__fresh *fresh, unsigned n, unsigned *taken)
{
	struct hoy__slot *loot = NULL, **last = &loot, **link = &fresh->first, *slot;

	while (*taken < n && (slot = *link)) {
		if (slot->placed) {
			link = &slot->next;
			continue;
		}
		*link = slot->next;
		*last = slot;
		last = &slot->next;
		++*taken;
	}
	*last = NULL;
	while (*link)
		link = &(*link)->next;
	fresh->last = link;
	atomic_store_explicit(&fresh->count, fresh->count - *taken, memory_order_relaxed);
	return loot;
}

static bool rob(struct hoy__worker *w, struct hoy__worker *victim)
{
	struct hoy__fresh *fresh = &victim->fresh;
	struct hoy__slot *slot, *next;
	unsigned taken = 0;

	if (victim == w || !atomic_load_explicit(&fresh->count, memory_order_relaxed))
		return false;
	hoy__spin_lock(&fresh->lock);
	slot = take_some(fresh, (fresh->count + 1) / 2, &taken);
	hoy__spin_unlock(&fresh->lock);
	for (; slot; slot = next) {
		next = slot->next;
		atomic_store_explicit(&slot->worker, w, memory_order_relaxed);
		hoy__worker_queue(w, slot);
		hoy__count(&w->count.steals);
	}
	return taken > 0;
}

bool hoy__steal(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);
	unsigned first;

	if (rt->n == 1)
		return false;
	first = (unsigned)(draw(w) % rt->n);
	for (unsigned i = 0; i < rt->n; i++)
		if (rob(w, rt->workers[(first + i) % rt->n]))
			return true;
	return false;
}

/*
 * Several queued tasks are worth waking somebody for. A single one will probably run
 * here in a moment; only now and then is somebody sent to see whether it did.
 */
void hoy__call_for_help(struct hoy__worker *w, unsigned queued)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	if (rt->n == 1 || w->nudged_at == w->now || (queued < 2 && w->now - w->nudged_at < HELP_INTERVAL))
		return;
	/* pairs with the fence in prepare_sleep: either it sees our task, or we see it asleep */
	atomic_thread_fence(memory_order_seq_cst);
	for (unsigned i = 1; i < rt->n; i++) {
		struct hoy__worker *other = rt->workers[(w->index + i) % rt->n];

		if (atomic_load(&other->asleep)) {
			w->nudged_at = w->now;
			hoy__worker_nudge(other);
			return;
		}
	}
}
