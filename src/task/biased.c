/* How a lock gets an owner, and loses it. */
#include "task/biased.h"

#include "base/moment.h"
#include "os/os.h"

/* A revocation takes microseconds, and the owner saves nanoseconds with each use. */
enum { OWN_AFTER = 256 };

static atomic_bool can_revoke;

void hoy__biased_prepare(void)
{
	if (!atomic_load(&can_revoke))
		atomic_store(&can_revoke, hoy__os_membarrier_register() == 0);
}

/*
 * For want of memory, or because of a system call filter that was installed after we had registered. Then it is time that makes the owner's
 * store visible: a processor does not hold one back for longer than microseconds.
 */
COLD static void wait_for_stores(void)
{
	int64_t end = hoy__moment_add(hoy__os_monotonic(), 10 * HOY_MILLISECOND);

	while (hoy__os_monotonic() < end)
		sched_yield();
}

/* With the lock of all others held, so there is one revoker. */
COLD static void revoke(struct hoy__biased *l)
{
	atomic_store_explicit(&l->owner, NULL, memory_order_relaxed);
	if (hoy__os_membarrier() < 0)
		wait_for_stores();
	while (atomic_load_explicit(&l->busy, memory_order_acquire))
		sched_yield();
	l->uses = OWN_AFTER;
}

static void count_use(struct hoy__biased *l, struct hoy__worker *w)
{
	if (!w || w != l->user)
		l->uses = 0;
	else if (++l->uses == OWN_AFTER && !w->native && atomic_load_explicit(&can_revoke, memory_order_relaxed))
		atomic_store_explicit(&l->owner, w, memory_order_relaxed);
	l->user = w;
}

bool hoy__biased_lock_shared(struct hoy__biased *l)
{
	bool owned;

	hoy__spin_lock(&l->lock);
	owned = atomic_load_explicit(&l->owner, memory_order_relaxed) != NULL;
	if (owned)
		revoke(l);
	l->by_owner = false;
	if (l->uses < OWN_AFTER)
		count_use(l, hoy__this);
	return owned;
}
