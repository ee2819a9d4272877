/*
 * Where a task starts. Connections live long, so they are spread when they are
 * accepted: of two workers at random, the one with fewer tasks. Everything else starts
 * where it was made, unless that worker is slow to start it (lookout.c); a started task never moves.
 */
#include "task/runtime.h"

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
