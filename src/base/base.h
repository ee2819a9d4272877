/* Allocation through one hook, so that tests can make it fail; and what every layer needs. */
#ifndef HOY_BASE_BASE_H
#define HOY_BASE_BASE_H

#include <stddef.h>

#define LEN(array) (sizeof(array) / sizeof(array)[0])
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

/* Off the path that is taken every time: kept out of its frame, which every idle task holds. */
#define COLD __attribute__((noinline, cold))
/* Taken for every message: what it calls becomes part of it, and through all layers when hoy is linked as one. */
#define HOT __attribute__((flatten))
/* Reads what another thread may write at the same time, and checks afterwards that it did not: no sanitizer may watch. */
#define UNWATCHED __attribute__((noinline, no_sanitize("address"), no_sanitize("thread")))
/* Taken often, but not every time: its frame is its own, and ends with the caller's call. */
#define APART __attribute__((noinline, flatten))
/* It asks from where it was called, which must be the user's code even when hoy is linked into it as one. */
#define NOTES_CALLER __attribute__((noinline))

/* realloc's contract; size 0 frees. Tests put a failing one here. */
extern void *(*hoy__realloc_hook)(void *block, size_t size);

void *hoy__alloc(size_t size);			/* zeroed; NULL for want of memory */
void *hoy__realloc(void *block, size_t size);
void hoy__release(void *block);

/*
 * Blocks that callers own and give back by hoy_free. Before the first byte there is room
 * for one pointer: to what else can be told of the block.
 */
void *hoy__block_resize(void *block, size_t size);	/* realloc's contract, but for size 0; NULL block: a new one */
void hoy__block_free(void *block);
void hoy__block_note(void *block, const void *note);
const void *hoy__block_noted(const void *block);

#endif
