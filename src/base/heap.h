/*
 * A 4-ary min-heap of nodes that live inside other records, ordered by `when` and,
 * among equals, by the order in which they came. Room is reserved when a record is
 * made, where failing is possible; pushing never fails.
 */
#ifndef HOY_BASE_HEAP_H
#define HOY_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hoy__heap_node {
	int64_t when;
	uint64_t seq;		/* the heap's: nodes pushed before */
	uint32_t pos;		/* the heap's: its place, counted from 1; 0 when not in a heap */
};

/* The key lies beside the pointer: sifting reads four neighbours, not four records. */
struct hoy__heap_slot {
	int64_t when;
	struct hoy__heap_node *node;
};

struct hoy__heap {
	struct hoy__heap_slot *slots;
	uint32_t count, room;
	uint64_t pushed;
};

/* Room for so many nodes in all; 0 or -ENOMEM. All-zero is an empty heap without room. */
int hoy__heap_reserve(struct hoy__heap *h, size_t count);
/* Gives the room back; nodes still in it are forgotten. */
void hoy__heap_release(struct hoy__heap *h);

/* With node->when set, within the room reserved, not in a heap yet. */
void hoy__heap_push(struct hoy__heap *h, struct hoy__heap_node *node);
/* Nothing when it is not in the heap. */
void hoy__heap_remove(struct hoy__heap *h, struct hoy__heap_node *node);

/* The earliest, or NULL. */
static inline struct hoy__heap_node *hoy__heap_first(const struct hoy__heap *h)
{
	return h->count ? h->slots[0].node : NULL;
}

static inline bool hoy__heap_holds(const struct hoy__heap_node *node)
{
	return node->pos != 0;
}

#endif
