/* The heap gives back in order of time, then of arrival, whatever was taken out between. */
#include "base/heap.h"

#include "base/base.h"
#include "../t.h"

enum { NODES = 1000 };

static struct hoy__heap_node nodes[NODES];

static uint32_t random_number(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* Takes all out, checking the order; how many there were. */
static int drain(struct hoy__heap *h)
{
	struct hoy__heap_node last = { INT64_MIN, 0, 0 }, *node;
	int count = 0;

	for (; (node = hoy__heap_first(h)); count++) {
		CHECK(last.when < node->when || (last.when == node->when && (!count || last.seq < node->seq)));
		last = *node;
		hoy__heap_remove(h, node);
		CHECK(!hoy__heap_holds(node));
	}
	return count;
}

TEST(order_by_time_then_arrival)
{
	struct hoy__heap h = { 0 };

	CHECK_INT(hoy__heap_reserve(&h, NODES), 0);
	for (int round = 0; round < 50; round++) {
		int left = NODES;

		for (int i = 0; i < NODES; i++) {
			nodes[i].when = random_number() % (round < 25 ? 20 : 1000000);
			hoy__heap_push(&h, &nodes[i]);
		}
		for (int i = 0; i < NODES / 2; i++) {
			struct hoy__heap_node *node = &nodes[random_number() % NODES];

			left -= hoy__heap_holds(node);
			hoy__heap_remove(&h, node);
			hoy__heap_remove(&h, node);	/* nothing the second time */
		}
		CHECK_INT(drain(&h), left);
	}
	hoy__heap_release(&h);
}

TEST(equal_times_keep_their_order)
{
	struct hoy__heap h = { 0 };

	CHECK_INT(hoy__heap_reserve(&h, NODES), 0);
	for (int i = 0; i < NODES; i++) {
		nodes[i].when = 7;
		hoy__heap_push(&h, &nodes[i]);
	}
	for (int i = 0; i < NODES; i++) {
		CHECK(hoy__heap_first(&h) == &nodes[i]);
		hoy__heap_remove(&h, &nodes[i]);
	}
	hoy__heap_release(&h);
}

TEST(extreme_times)
{
	static const int64_t times[] = { INT64_MAX, INT64_MIN, 0, -1, 1 };
	struct hoy__heap h = { 0 };

	CHECK(hoy__heap_first(&h) == NULL);
	CHECK_INT(hoy__heap_reserve(&h, LEN(times)), 0);
	for (size_t i = 0; i < LEN(times); i++) {
		nodes[i].when = times[i];
		hoy__heap_push(&h, &nodes[i]);
	}
	CHECK(hoy__heap_first(&h)->when == INT64_MIN);
	CHECK_INT(drain(&h), LEN(times));
	hoy__heap_release(&h);
}

static int asked;

static void *no_memory(void *block, size_t size)
{
	asked++;
	free(size ? NULL : block);
	return NULL;
}

TEST(reserved_room_never_fails)
{
	struct hoy__heap h = { 0 };

	CHECK_INT(hoy__heap_reserve(&h, NODES), 0);
	hoy__realloc_hook = no_memory;
	for (int i = 0; i < NODES; i++)
		hoy__heap_push(&h, &nodes[i]);
	CHECK_INT(asked, 0);
	CHECK_INT(hoy__heap_reserve(&h, NODES), 0);
	CHECK_INT(hoy__heap_reserve(&h, 100 * NODES), -ENOMEM);
	CHECK_INT(hoy__heap_reserve(&h, SIZE_MAX), -ENOMEM);
	CHECK_INT(drain(&h), NODES);		/* what was there is still there */
	hoy__heap_release(&h);
}
