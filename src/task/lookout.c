/*
 * The lookout is an idle worker, one at most, that takes the tasks which another worker is slow to start.
 *
 * A task starts where it was made: tasks made together often wait for each other, and a wake-up costs a hundredth within a
 * worker of what it costs between two. But a worker may be behind: it has more unstarted tasks than it has switched
 * tasks since the last look. So the lookout looks, sleeps for 50 us and looks again, then after twice that time each, up to a
 * millisecond, and takes half of what is queued at a worker that is behind. It resigns when no task is made any more.
 *
 * rt->looks is how many more looks were asked for. Queueing a task sets it to LOOKS, which is seldom more than a load; each
 * look takes one away. There are two, since a caller that finds LOOKS does nothing: the look under way may not see its task
 * yet, but the next one does.
 */
#include "task/lookout.h"

#include "base/moment.h"
#include "task/runtime.h"

#define PATIENCE (50 * HOY_MICROSECOND)
#define PATIENCE_MOST HOY_MILLISECOND

enum { LOOKS = 2 };

/* False: w is awake, and looks before it sleeps. */
static bool appoint(struct hoy__runtime *rt, struct hoy__worker *w)
{
	struct hoy__worker *none = NULL, *appointed = w;

	if (!atomic_load(&w->asleep))
		return false;
	if (!atomic_compare_exchange_strong(&rt->lookout, &none, w) || hoy__worker_nudge(w))
		return true;
	atomic_compare_exchange_strong(&rt->lookout, &appointed, NULL);	/* it has woken for something else, and may be busy */
	return false;
}

/* w comes last, for it is asleep only if it is just about to sleep. */
static void appoint_one(struct hoy__runtime *rt, struct hoy__worker *w)
{
	for (unsigned i = 1; i <= rt->n; i++)
		if (appoint(rt, rt->workers[(w->index + i) % rt->n]))
			return;
}

void hoy__lookout_call(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);

	if (atomic_load_explicit(&rt->looks, memory_order_relaxed) == LOOKS)
		return;
	atomic_store(&rt->looks, LOOKS);
	/* pairs with the fences in hoy__lookout_leave and prepare_sleep: we see the one that rests, or it sees our call */
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load(&rt->lookout))
		appoint_one(rt, w);
}

void hoy__lookout_leave(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);
	struct hoy__worker *me = w;

	w->look_at = HOY__NEVER;
	atomic_compare_exchange_strong(&rt->lookout, &me, NULL);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&rt->looks))
		appoint_one(rt, w);
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
	hoy__fresh_add(fresh, -(int)*taken);
	return loot;
}

static bool steal_half(struct hoy__worker *w, struct hoy__worker *victim)
{
	struct hoy__fresh *fresh = &victim->fresh;
	struct hoy__slot *slot, *next;
	unsigned taken = 0;

	hoy__spin_lock(&fresh->lock);
	slot = take_some(fresh, (atomic_load_explicit(&fresh->count, memory_order_relaxed) + 1) / 2, &taken);
	hoy__spin_unlock(&fresh->lock);
	for (; slot; slot = next) {
		next = slot->next;
		atomic_store_explicit(&slot->worker, w, memory_order_relaxed);
		hoy__worker_queue(w, slot);
		hoy__count(&w->count.steals);
	}
	return taken > 0;
}

static bool is_behind(struct hoy__worker *w, unsigned unstarted)
{
	uint64_t switches = atomic_load_explicit(&w->count.switches, memory_order_relaxed);
	uint64_t before = atomic_exchange_explicit(&w->switches_seen, switches, memory_order_relaxed);

	return unstarted > switches - before;
}

/*
 * Steals from a worker that is behind, but not at the first look, which only notes how far the others are. *more: another
 * look may find something, too.
 */
static bool look(struct hoy__runtime *rt, struct hoy__worker *w, bool *more)
{
	bool stolen = false, first = w->look_at == HOY__NEVER;

	for (unsigned i = 1; i < rt->n && !stolen; i++) {
		struct hoy__worker *other = rt->workers[(w->index + i) % rt->n];
		unsigned unstarted = atomic_load_explicit(&other->fresh.count, memory_order_relaxed);

		if (is_behind(other, unstarted) && !first)
			stolen = steal_half(w, other);
		else
			*more |= unstarted > 0;
	}
	*more |= stolen;
	return stolen;
}

static bool is_lookout(struct hoy__runtime *rt, struct hoy__worker *w)
{
	struct hoy__worker *none = NULL;

	return atomic_load(&rt->lookout) == w ||
	       (atomic_load(&rt->looks) && atomic_compare_exchange_strong(&rt->lookout, &none, w));
}

/* False: the time has not come, or w is not the lookout. */
static bool is_time(struct hoy__runtime *rt, struct hoy__worker *w, int64_t *now)
{
	if (rt->n == 1 || !is_lookout(rt, w)) {
		w->look_at = HOY__NEVER;
		return false;
	}
	*now = hoy__os_monotonic();
	if (w->look_at == HOY__NEVER)
		w->patience = PATIENCE;
	else if (*now < w->look_at)
		return false;
	return true;
}

bool hoy__lookout_steal(struct hoy__worker *w)
{
	struct hoy__runtime *rt = atomic_load_explicit(&hoy__runtime, memory_order_relaxed);
	bool more = false, stolen;
	int64_t now;
	int looks;

	if (!is_time(rt, w, &now))
		return false;
	looks = atomic_load(&rt->looks);
	if (looks)
		atomic_compare_exchange_strong(&rt->looks, &looks, looks - 1);	/* unless it was set meanwhile */
	stolen = look(rt, w, &more);
	if (more)
		atomic_store(&rt->looks, LOOKS);
	else if (!looks) {
		hoy__lookout_leave(w);
		return false;
	}
	w->look_at = hoy__moment_add(now, w->patience);
	w->patience = hoy__earlier(2 * w->patience, PATIENCE_MOST);
	return stolen;
}
