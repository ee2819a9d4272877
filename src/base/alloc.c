/*
 * Every block hoy asks for comes through one function pointer with realloc's
 * contract, so a test that replaces it sees, counts and refuses them all.
 */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

static void *system_realloc(void *block, size_t size)
{
	if (size)
		return realloc(block, size);
	free(block);
	return NULL;
}

void *(*hoy__realloc_hook)(void *block, size_t size) = system_realloc;

void *hoy__alloc(size_t size)
{
	void *block = hoy__realloc_hook(NULL, size ? size : 1);

	return block ? memset(block, 0, size) : NULL;
}

void *hoy__realloc(void *block, size_t size)
{
	return hoy__realloc_hook(block, size ? size : 1);
}

void hoy__release(void *block)
{
	if (block)
		hoy__realloc_hook(block, 0);
}
