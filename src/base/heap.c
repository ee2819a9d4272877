/*
 * Four children to a node make the heap half as deep as two do, and the four keys to
 * compare lie in one cache line.
 */
#include "base/heap.h"

#include <errno.h>

#include "base/base.h"

int hoy__heap_reserve(struct hoy__heap *h, size_t count)
{
	size_t room = h->room ? h->room : 16;

	if (count <= h->room)
		return 0;
	if (count > UINT32_MAX / 2)
		return -ENOMEM;
	while (room < count)
		room *= 2;
	struct hoy__heap_slot *slots = hoy__realloc(h->slots, room * sizeof *slots);
	if (!slots)
		return -ENOMEM;
	h->slots = slots;
	h->room = (uint32_t)room;
	return 0;
}

void hoy__heap_release(struct hoy__heap *h)
{
	hoy__release(h->slots);
	*h = (struct hoy__heap){ 0 };
}

static bool before(struct hoy__heap_slot a, struct hoy__heap_slot b)
{
	return a.when != b.when ? a.when < b.when : a.node->seq < b.node->seq;
}

static void put(struct hoy__heap *h, uint32_t i, struct hoy__heap_slot slot)
{
	h->slots[i] = slot;
	slot.node->pos = i + 1;
}

/* The hole at i moves up until the slot fits in. */
static void sift_up(struct hoy__heap *h, uint32_t i, struct hoy__heap_slot slot)
{
	while (i) {
		uint32_t parent = (i - 1) / 4;

		if (!before(slot, h->slots[parent]))
			break;
		put(h, i, h->slots[parent]);
		i = parent;
	}
	put(h, i, slot);
}

static uint32_t earliest_child(const struct hoy__heap *h, uint32_t first)
{
	uint32_t best = first, end = h->count - first > 4 ? first + 4 : h->count;

	for (uint32_t i = first + 1; i < end; i++)
		if (before(h->slots[i], h->slots[best]))
			best = i;
	return best;
}

static void sift_down(struct hoy__heap *h, uint32_t i, struct hoy__heap_slot slot)
{
	for (uint32_t first; (first = 4 * i + 1) < h->count; ) {
		uint32_t child = earliest_child(h, first);

		if (!before(h->slots[child], slot))
			break;
		put(h, i, h->slots[child]);
		i = child;
	}
	put(h, i, slot);
}

void hoy__heap_push(struct hoy__heap *h, struct hoy__heap_node *node)
{
	node->seq = h->pushed++;
	sift_up(h, h->count++, (struct hoy__heap_slot){ node->when, node });
}

void hoy__heap_remove(struct hoy__heap *h, struct hoy__heap_node *node)
{
	if (!node->pos)
		return;

	uint32_t hole = node->pos - 1;
	struct hoy__heap_slot last = h->slots[--h->count];

	node->pos = 0;
	if (last.node == node)
		return;
	if (hole && before(last, h->slots[(hole - 1) / 4]))
		sift_up(h, hole, last);
	else
		sift_down(h, hole, last);
}
