/* Blocks that the code under test allocates: the same in each execution, none of them used twice. */
#include <string.h>

#include "explorer.h"

enum { ARENA = 1 << 20, BLOCKS = 64, ALIGN = 64 };

static _Alignas(ALIGN) char arena[ARENA];
static struct block {
	char *at;
	size_t size;
	bool used, kept;
} blocks[BLOCKS];
static size_t used[THREADS];

void memory_reset(void)
{
	memset(used, 0, sizeof used);
	memset(blocks, 0, sizeof blocks);
}

/* Each thread has its part, so that no order of the threads changes an address: the first has half. */
static char *take(size_t size)
{
	size_t half = ARENA / 2, part = fibre_self ? half / THREADS : half;
	char *begin = fibre_self ? arena + half + part * (size_t)fibre_self : arena;

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (used[fibre_self] + size > (fibre_self ? part / ALIGN * ALIGN : part))
		return NULL;
	used[fibre_self] += size;
	begin = (char *)(((uintptr_t)begin + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
	return begin + used[fibre_self] - size;
}

static struct block *find(const void *at)
{
	for (struct block *b = blocks; b < blocks + BLOCKS; b++)
		if (b->at == at)
			return b;
	model_fail("no block at %p", at);
}

static void release(void *at)
{
	struct block *b = find(at);

	if (!b->used)
		model_fail("thread %d frees %p twice", fibre_self, at);
	b->used = false;
	race_free(at, b->size);
}

static void *allocate(size_t size)
{
	struct block *b = find(NULL);

	*b = (struct block){ .at = take(size), .size = size, .used = true };
	if (!b->at)
		model_fail("no room for a block of %zu bytes", size);
	return b->at;
}

void *model_realloc(void *block, size_t size)
{
	if (!size) {
		release(block);
		return NULL;
	}
	if (block)
		model_fail("a block is to be resized");
	return allocate(size);
}

void model_keep(const void *block)
{
	find(block)->kept = true;
}

void memory_check(void)
{
	for (struct block *b = blocks; b < blocks + BLOCKS; b++)
		if (b->used && !b->kept)
			model_fail("a block of %zu bytes at %p is left", b->size, (void *)b->at);
}
