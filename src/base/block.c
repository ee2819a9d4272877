/*
 * What hoy_free gets back: a block whose first bytes, before those the caller sees, hold
 * a pointer. So a list can be told more of later, and callers still keep one pointer.
 */
#include "base/base.h"

union head {
	const void *note;
	max_align_t align;
};

static union head *head_of(const void *block)
{
	return (union head *)block - 1;
}

void *hoy__block_resize(void *block, size_t size)
{
	union head *head;

	if (size > (size_t)-1 - sizeof *head)
		return NULL;
	head = hoy__realloc(block ? head_of(block) : NULL, sizeof *head + size);
	if (!head)
		return NULL;
	if (!block)
		head->note = NULL;
	return head + 1;
}

void hoy__block_free(void *block)
{
	if (block)
		hoy__release(head_of(block));
}

void hoy__block_note(void *block, const void *note)
{
	head_of(block)->note = note;
}

const void *hoy__block_noted(const void *block)
{
	return head_of(block)->note;
}
